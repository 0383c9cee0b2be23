//! What an import did.

use domain::ids::ImportId;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use service::access::Read;
use service::imports::{self, Import, ImportProblem, ProblemPage};
use service::lists;

use super::IMPORT_PATH;
use super::forms::problems_path;
use crate::channels::state::Moments;
use crate::contacts::places::{IMPORTS_PATH, PEOPLE_PATH, Place, list_path, sub_pages};
use crate::error::AppError;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::bar::LedgerSum;
use crate::ui::button::{ButtonLink, Size, Variant};
use crate::ui::card::{Card, CardFoot};
use crate::ui::empty::Empty;
use crate::ui::format::{bytes, count, plural};
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead};
use crate::ui::pager::Pager;
use crate::ui::stats::{Stat, Stats};
use crate::ui::table::Table;
use crate::ui::tone::Fill;

pub(super) fn report_path(id: ImportId) -> String {
    format!("{IMPORTS_PATH}/{id}")
}

/// A stored field as people read it.
pub(super) fn field_word(field: &str) -> String {
    match field {
        "(row)" => "Row".to_owned(),
        "(consent)" => "Consent".to_owned(),
        key => key.parse::<domain::contact::AttributeKey>().map_or_else(
            |_| {
                let mut characters = key.chars();
                let first = characters.next().map(|first| first.to_uppercase().collect::<String>());
                format!("{}{}", first.unwrap_or_default(), characters.as_str())
            },
            |key| key.heading(),
        ),
    }
}

/// A stored reason as a sentence.
pub(super) fn reason_sentence(reason: &str) -> String {
    let mut characters = reason.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

struct Report {
    import: Import,
    list: Option<(String, String)>,
    problems: ProblemPage,
    kept: u64,
    is_first_page: bool,
    moments: Moments,
}

/// The result of an import.
#[component]
pub fn ReportPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let after = use_query_map().get_untracked().get("after");
    signed_in(move |request| async move {
        let access = request.workspace_access::<Read>().await?;
        let id: ImportId = id.parse().map_err(|_| AppError::not_found())?;
        let services = &request.services;
        let (import, kept) = imports::get(services, &access, id).await?.ok_or_else(AppError::not_found)?;
        let after = after.as_deref().and_then(|after| after.split_once(' '));
        let after = after.and_then(|(line, field)| Some((line.parse::<i32>().ok()?, field)));
        let list = match import.list {
            Some(id) => lists::get(services, &access, id).await?,
            None => None,
        };
        let report = Report {
            problems: imports::problems(services, &access, id, after).await?,
            kept: u64::try_from(kept).unwrap_or(0),
            list: list.map(|list| (list.name.to_string(), list_path(list.id))),
            is_first_page: after.is_none(),
            moments: Moments::of(&request, &access).await?,
            import,
        };
        let crumbs = vec![
            Crumb::link("Contacts", PEOPLE_PATH),
            Crumb::link("Imports", IMPORTS_PATH),
            Crumb::here(report.import.file_name.clone()),
        ];
        let screen = Screen::new(Section::Contacts, report.import.file_name.clone(), report.view());
        Ok(screen.with_sub_pages(sub_pages(Place::Imports)).with_crumbs(crumbs))
    })
}

impl Report {
    fn view(self) -> AnyView {
        let import = &self.import;
        let mut facts = vec![
            self.moments.date_time(import.finished_at).into_any(),
            bytes(u64::try_from(import.file_bytes).unwrap_or(0)).into_any(),
        ];
        if let Some(country) = import.default_country {
            facts.push(format!("numbers without + taken for {}", country.name()).into_any());
        }
        if let Some((name, href)) = self.list.clone() {
            facts.push(view! { "on the list " <a href=href>{name}</a> }.into_any());
        }
        let people = self.list.as_ref().map_or_else(|| PEOPLE_PATH.to_owned(), |(_, href)| href.clone());
        let actions = view! {
            <ButtonLink href=IMPORT_PATH icon=Icon::Upload class="grow-s">
                "Import another file"
            </ButtonLink>
            <ButtonLink href=people variant=Variant::Primary icon=Icon::People class="grow-s">
                "See the people"
            </ButtonLink>
        };
        let title = import.file_name.clone();
        let (figures, problems) = (figures(import), self.problems_card());
        view! {
            <Page>
                <PageHead title=title facts=facts actions=actions.into_any()/>
                {figures}
                {problems}
            </Page>
        }
        .into_any()
    }

    fn problems_card(&self) -> AnyView {
        if self.kept == 0 {
            return view! {
                <Card id="problems" title="Problems">
                    <Empty
                        icon=Icon::Check
                        title="Nothing to correct"
                        text="Every row became a contact, with every field that was mapped."
                        small=true
                    />
                </Card>
            }
            .into_any();
        }
        let id = self.import.id;
        let rows = self.problems.problems.iter().map(row).collect_view();
        let older = self.problems.problems.last().filter(|_| self.problems.has_more);
        let older = older.map(|last| {
            let after = crate::page::percent_encode(&format!("{} {}", last.line, last.field));
            format!("{}?after={after}#problems", report_path(id))
        });
        let newer = (!self.is_first_page).then(|| format!("{}#problems", report_path(id)));
        let range = plural(self.kept, "problem", "problems");
        let pager = (older.is_some() || newer.is_some()).then(|| {
            view! {
                <Pager
                    range=format!("{} of {range}", self.problems.problems.len())
                    newer=newer
                    older=older
                    newer_label="First"
                    older_label="Next"
                />
            }
        });
        let download = view! {
            <ButtonLink href=problems_path(id) icon=Icon::Download size=Size::S attr:download="">
                "Download as CSV"
            </ButtonLink>
        };
        view! {
            <Card id="problems" title="Problems" count=self.kept end=download.into_any()>
                <Table label="Problems">
                    <thead>
                        <tr>
                            <th scope="col" class="end">
                                "Line"
                            </th>
                            <th scope="col">"Field"</th>
                            <th scope="col">"What is wrong"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
                {pager}
            </Card>
        }
        .into_any()
    }
}

fn figures(import: &Import) -> AnyView {
    let number = |figure: i32| u64::try_from(figure).unwrap_or(0);
    let (created, known) = (number(import.contacts_created), number(import.contacts_updated));
    let (repeated, rejected) = (number(import.rows_repeated), number(import.rows_rejected));
    let stats = vec![
        Stat::new("New contacts", count(created)).swatch(Fill::Positive),
        Stat::new("Already known", count(known)).swatch(Fill::Data3),
        Stat::new("Same person again", count(repeated)).swatch(Fill::Neutral),
        Stat::new("Skipped", count(rejected)).swatch(Fill::Danger),
    ];
    let (sum, rows) = (created + known + repeated + rejected, number(import.rows_read));
    view! {
        <Card id="figures" title="Rows" untitled=true>
            <Stats stats=stats/>
            <CardFoot>
                <LedgerSum sum=sum audience=rows/>
                <span class="s-12 t-3">"rows in the file"</span>
            </CardFoot>
        </Card>
    }
    .into_any()
}

fn row(problem: &ImportProblem) -> impl IntoView + use<> {
    view! {
        <tr>
            <td class="end num">{problem.line}</td>
            <td class="nowrap">{field_word(&problem.field)}</td>
            <td>{reason_sentence(&problem.reason)}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_are_read_as_headings() {
        assert_eq!(field_word("(row)"), "Row");
        assert_eq!(field_word("phone"), "Phone");
        assert_eq!(field_word("last_exam"), "Last exam");
        assert_eq!(reason_sentence("it is empty"), "It is empty");
    }
}
