//! The page of an uploaded file: what it holds under a mapping, and the form that imports it. The way without script.

use domain::address::country::CountryCode;
use domain::ids::UploadId;
use domain::import::{Check, ColumnMapping, FileProblem, GuessReason, Mapping, Target};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use service::access::Send;
use service::accounts::workspaces;
use service::imports::{self, ImportError, Preview};
use service::{contacts, lists};

use super::drawing::{Shown, columns_card, country_note, import_label, rows_card, rows_table, tally_card};
use super::fields::list_name;
use super::forms::run_path;
use super::page::upload_path;
use super::rules::Rules;
use super::wizard::steps_of;
use super::{COLUMNS_MAX, IMPORT_PATH, heading_field, target_field};
use crate::contacts::places::{IMPORTS_PATH, PEOPLE_PATH, Place, sub_pages};
use crate::error::AppError;
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::form_errors::FormErrors;
use crate::ui::format::{bytes, plural};
use crate::ui::icon::Icon;
use crate::ui::page_head::{PageHead, WizardFoot};
use crate::ui::steps::Steps;
use crate::ui::tabs::{FilterPills, TabLink};
use crate::ui::tone::Tone;

/// What the address asks for: another mapping than the guess, another country, other rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Asked {
    columns: Vec<ColumnMapping>,
    country: Option<String>,
    shown: Shown,
    /// The other rules, as they were when the file was checked again.
    rules: Vec<(String, String)>,
}

/// The fields of the rules that the page repeats.
const RULES: [&str; 5] = ["list", "list_name", "consent", "source", "wording"];

impl Asked {
    fn of(query: &ParamsMap) -> Self {
        let column = |index: usize| {
            Some(ColumnMapping {
                heading: query.get(&heading_field(index))?,
                target: query.get(&target_field(index))?.parse().ok()?,
            })
        };
        Self {
            columns: (0..COLUMNS_MAX).map_while(column).collect(),
            country: query.get("country"),
            shown: Shown::ALL
                .into_iter()
                .find(|shown| query.get("show").as_deref() == Some(shown.as_str()))
                .unwrap_or_default(),
            rules: RULES.into_iter().filter_map(|name| Some((name.to_owned(), query.get(name)?))).collect(),
        }
    }
}

struct Uploaded {
    preview: Preview,
    rules: Rules,
    known: Vec<String>,
    asked: Asked,
    /// The mapping that was asked for cannot be used.
    misfit: Option<String>,
}

/// What an uploaded file holds.
#[component]
pub fn UploadedPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("upload").unwrap_or_default();
    let asked = Asked::of(&use_query_map().get_untracked());
    signed_in(move |request| async move {
        let access = request.workspace_access::<Send>().await?;
        let id: UploadId = id.parse().map_err(|_| AppError::not_found())?;
        let services = &request.services;
        let workspace =
            workspaces::get(services, &access.require()?).await?.ok_or_else(AppError::not_found)?;
        let country = match &asked.country {
            Some(country) => country.parse::<CountryCode>().ok(),
            None => workspace.default_country,
        };
        let mapping = (!asked.columns.is_empty()).then(|| Mapping::new(asked.columns.clone())).transpose();
        let (mapping, misfit) = match mapping {
            Ok(mapping) => (mapping, None),
            Err(error) => (None, Some(super::fields::sentence(&error))),
        };
        let preview = match imports::preview(services, &access, id, mapping, country).await {
            Ok(preview) => preview,
            Err(ImportError::NoSuchUpload) => return Err(AppError::not_found()),
            Err(error) => return Err(super::forms::app_error(error)),
        };
        let uploaded = Uploaded {
            rules: Rules {
                country,
                lists: lists::all(services, &access.require()?).await?,
                list_name: list_name(&preview.upload.file_name),
            },
            known: contacts::attribute_keys(services, &access.require()?).await?,
            preview,
            asked,
            misfit,
        };
        let crumbs = vec![
            Crumb::link("Contacts", PEOPLE_PATH),
            Crumb::link("Imports", IMPORTS_PATH),
            Crumb::here(uploaded.preview.upload.file_name.clone()),
        ];
        let screen = Screen::new(Section::Contacts, "Import contacts", uploaded.view());
        Ok(screen.with_sub_pages(sub_pages(Place::Imports)).with_crumbs(crumbs))
    })
}

impl Uploaded {
    fn view(mut self) -> AnyView {
        let id = self.preview.upload.id;
        let action = run_path(id);
        let form = FormState::of(&action).or_repeated(std::mem::take(&mut self.asked.rules));
        let size = u64::try_from(self.preview.upload.file_bytes).unwrap_or(0);
        let facts = vec![
            self.preview.upload.file_name.clone().into_any(),
            bytes(size).into_any(),
            "uploaded, nothing saved yet".into_any(),
        ];
        let steps = view! { <Steps steps=steps_of(true, false)/> }.into_any();
        self.take_over_mapping();
        let rules = std::mem::take(&mut self.rules).cards(&form);
        let (tally, main, label, ready) = match &self.preview.check {
            Ok(check) => self.checked(check),
            Err(problem) => (().into_any(), problem_banner(problem), String::new(), false),
        };
        let columns = columns_card(&self.preview.look, &self.known);
        let reason = (!ready).then_some("Nothing in this file can be imported as it is mapped.");
        let label = if ready { label } else { "Import".to_owned() };
        let back = view! { <ButtonLink href=IMPORT_PATH>"Another file"</ButtonLink> }.into_any();
        let forward = view! {
            <Button attr:formmethod="get" attr:formaction=upload_path(id) icon=Icon::Refresh>
                "Check again"
            </Button>
            <Button variant=Variant::Primary icon=Icon::Upload reason=reason>
                {label}
            </Button>
        }
        .into_any();
        let errors = form.errors();
        let misfit =
            self.misfit.take().map(|misfit| view! { <Banner tone=Tone::Danger alert=true>{misfit}</Banner> });
        view! {
            <form class="page" method="post" action=action>
                <PageHead title="Import contacts" facts=facts actions=steps bare=true/>
                <FormErrors errors=errors/>
                {misfit}
                {tally}
                <div class="split">
                    <div class="stack">{columns} {main}</div>
                    <aside class="stack" aria-label="Rules for this import">
                        {rules}
                    </aside>
                </div>
                <WizardFoot back=back note="Nothing is saved yet. The file is kept for a day." forward=forward/>
            </form>
        }
        .into_any()
    }

    /// The selects show what was asked for, not what was guessed.
    fn take_over_mapping(&mut self) {
        for (guess, column) in self.preview.look.guesses.iter_mut().zip(&self.asked.columns) {
            if guess.target != column.target {
                guess.target = column.target.clone();
                guess.reason = match column.target {
                    Target::Ignore => GuessReason::LeftOut,
                    _ => GuessReason::OwnField,
                };
            }
        }
    }

    fn checked(&self, check: &Check) -> (AnyView, AnyView, String, bool) {
        let partial = self.preview.is_partial.then(|| {
            let rows = plural(check.tally.rows.into(), "row", "rows");
            view! {
                <Banner tone=Tone::Accent>
                    "The file is long: this is what its first "{rows}" hold. The import reads all of it."
                </Banner>
            }
        });
        let table = rows_table(check, self.asked.shown);
        let main = view! {
            {partial}
            {country_note(&check.tally)}
            {rows_card(self.filters(check), table)}
        };
        let label = if self.preview.is_partial {
            "Import all contacts".to_owned()
        } else {
            import_label(&check.tally)
        };
        (tally_card(&check.tally), main.into_any(), label, check.tally.people() > 0)
    }

    fn filters(&self, check: &Check) -> AnyView {
        let path = upload_path(self.preview.upload.id);
        let pills = Shown::ALL.map(|shown| {
            let mut query = vec![format!("show={}", shown.as_str())];
            if let Some(country) = &self.asked.country {
                query.push(format!("country={}", crate::page::percent_encode(country)));
            }
            for (index, column) in self.asked.columns.iter().enumerate() {
                let encode = crate::page::percent_encode;
                query.push(format!("{}={}", heading_field(index), encode(&column.heading)));
                query.push(format!("{}={}", target_field(index), encode(&column.target.to_string())));
            }
            let href = format!("{path}?{}#preview", query.join("&"));
            TabLink::new(shown.label(), href)
                .count(shown.count(&check.tally))
                .current(shown == self.asked.shown)
        });
        view! { <FilterPills label="Show rows" pills=pills.to_vec()/> }.into_any()
    }
}

fn problem_banner(problem: &FileProblem) -> AnyView {
    let sentence = problem.to_string();
    view! {
        <Banner tone=Tone::Danger alert=true>
            {sentence}
        </Banner>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_mapping() {
        let query = [
            ("heading-0", "Tel"),
            ("target-0", "phone"),
            ("heading-1", "City"),
            ("target-1", "attribute:city"),
            ("heading-3", "left"),
            ("target-3", "name"),
            ("country", ""),
            ("show", "skipped"),
        ];
        let asked =
            Asked::of(&query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        assert_eq!(
            asked.columns.iter().map(|column| column.target.to_string()).collect::<Vec<_>>(),
            ["phone", "attribute:city"]
        );
        assert_eq!((asked.country.as_deref(), asked.shown), (Some(""), Shown::Skipped));
    }
}
