//! The list of templates.

use domain::Timestamp;
use domain::template::TemplateState;
use domain::workspace::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use service::access::Read;
use service::channel_accounts;
use service::templates::{self, Template, TemplateCursor, TemplateQuery};

use super::detail::template_path;
use super::forms::SYNC_PATH;
use super::state::{quality, state_chip};
use crate::channels::connect::CONNECT_PATH;
use crate::channels::state::Moments;
use crate::forms::FormState;
use crate::page::{Screen, percent_encode, signed_in};
use crate::shell::Section;
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::empty::{Empty, NoMatch};
use crate::ui::field::SearchField;
use crate::ui::format::plural;
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead};
use crate::ui::pager::Pager;
use crate::ui::table::{Rows, Table};
use crate::ui::tabs::{FilterPills, TabLink};
use crate::ui::tone::Tone;

const PATH: &str = "/templates";
const TEMPLATES_PER_PAGE: usize = 50;

/// What the address asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Filter {
    state: Option<TemplateState>,
    search: Option<String>,
    after: Option<TemplateCursor>,
}

impl Filter {
    fn of(query: &ParamsMap) -> Self {
        let text = |name| query.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let after = text("after").and_then(|after| {
            let mut parts = after.splitn(3, ' ');
            let (language, waba_id, name) = (parts.next()?, parts.next()?, parts.next()?);
            Some(TemplateCursor {
                name: name.to_owned(),
                language: language.to_owned(),
                waba_id: waba_id.to_owned(),
            })
        });
        Self { state: text("state").map(TemplateState::from), search: text("q"), after }
    }

    fn query(&self) -> TemplateQuery {
        TemplateQuery {
            waba_id: None,
            state: self.state.clone(),
            search: self.search.clone(),
            after: self.after.clone(),
            // One more than is shown says whether there is a next page.
            templates_max: TEMPLATES_PER_PAGE as i64 + 1,
        }
    }

    /// The list from its start, with this state and the same search.
    fn href(&self, state: Option<&TemplateState>, after: Option<&Template>) -> String {
        let state = state.map(|state| format!("state={}", percent_encode(state.as_str())));
        let search = self.search.as_ref().map(|search| format!("q={}", percent_encode(search)));
        let after = after.map(|last| {
            format!("after={}", percent_encode(&format!("{} {} {}", last.language, last.waba_id, last.name)))
        });
        let query: Vec<String> = [state, search, after].into_iter().flatten().collect();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{}", query.join("&")) }
    }
}

/// What the page shows.
struct Listing {
    filter: Filter,
    templates: Vec<Template>,
    counts: Vec<(TemplateState, i64)>,
    synced_at: Option<Timestamp>,
    has_sender: bool,
    may_sync: bool,
    may_connect: bool,
    moments: Moments,
}

/// The templates of the workspace.
#[component]
pub fn TemplatesPage() -> impl IntoView {
    let filter = Filter::of(&use_query_map().get_untracked());
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let services = &request.services;
        let senders = channel_accounts::list(services, &access).await?;
        let listing = Listing {
            templates: templates::list(services, &access, &filter.query()).await?,
            counts: templates::count_by_state(services, &access).await?,
            synced_at: templates::last_synced(services, &access).await?,
            has_sender: senders.iter().any(|sender| sender.state.cannot_send().is_none()),
            may_sync: access.role().may(Permission::Send),
            may_connect: access.role().may(Permission::Administer),
            moments: Moments::of(&request, &access).await?,
            filter,
        };
        Ok(Screen::new(Section::Templates, "Templates", listing.view()))
    })
}

impl Listing {
    fn total(&self) -> u64 {
        self.counts.iter().map(|(_, templates)| u64::try_from(*templates).unwrap_or(0)).sum()
    }

    fn view(self) -> AnyView {
        let refused = FormState::of(SYNC_PATH).errors().into_iter().map(|error| {
            view! {
                <Banner tone=Tone::Danger alert=true>
                    {error.message}
                </Banner>
            }
        });
        let refused = refused.collect_view();
        let mut facts = Vec::new();
        if self.total() > 0 {
            facts.push(plural(self.total(), "template", "templates").into_any());
        }
        if let Some(synced_at) = self.synced_at {
            facts.push(format!("read from Meta {}", self.moments.ago(synced_at)).into_any());
        }
        let actions = (self.may_sync && self.has_sender).then(|| {
            view! {
                <form method="post" action=SYNC_PATH>
                    <Button icon=Icon::Refresh class="grow-s">"Sync now"</Button>
                </form>
            }
            .into_any()
        });
        view! {
            <Page>
                <PageHead title="Templates" facts=facts actions=actions/>
                {refused}
                {self.content()}
            </Page>
        }
        .into_any()
    }

    fn content(self) -> AnyView {
        if self.total() == 0 {
            return self.empty();
        }
        let (pills, search) = (self.pills(), self.search());
        let rows = if self.templates.is_empty() {
            view! { <NoMatch text="No template matches." clear_href=PATH/> }.into_any()
        } else {
            self.table()
        };
        view! {
            {pills}
            <Card id="templates" title="Templates" untitled=true>
                {search}
                {rows}
            </Card>
        }
        .into_any()
    }

    fn empty(self) -> AnyView {
        let (title, text, actions) = if self.has_sender {
            (
                "No templates yet",
                "WhatsApp approves the words before they are sent. Write a template in WhatsApp Manager, then sync.",
                None,
            )
        } else {
            let connect = self.may_connect.then(|| {
                view! {
                    <ButtonLink href=CONNECT_PATH variant=Variant::Primary icon=Icon::Plus>
                        "Connect a WhatsApp number"
                    </ButtonLink>
                }
                .into_any()
            });
            (
                "Templates come with a sender",
                "Connect a WhatsApp number, and the templates of its business account are read from Meta.",
                connect,
            )
        };
        view! {
            <Card id="no-templates" title="Templates" untitled=true>
                <CardBody>
                    <Empty icon=Icon::Document title=title text=text actions=actions/>
                </CardBody>
            </Card>
        }
        .into_any()
    }

    fn pills(&self) -> impl IntoView + use<> {
        let all = TabLink::new("All", self.filter.href(None, None))
            .count(self.total())
            .current(self.filter.state.is_none());
        let states = self.counts.iter().map(|(state, templates)| {
            TabLink::new(state.label(), self.filter.href(Some(state), None))
                .count(u64::try_from(*templates).unwrap_or(0))
                .current(self.filter.state.as_ref() == Some(state))
        });
        let pills = std::iter::once(all).chain(states).collect();
        view! { <FilterPills label="Filter by state" pills=pills/> }
    }

    fn search(&self) -> impl IntoView + use<> {
        let state = self.filter.state.as_ref().map(|state| {
            view! { <input type="hidden" name="state" value=state.as_str().to_owned()/> }
        });
        view! {
            <form method="get" action=PATH class="table-tools" role="search" aria-label="Search templates">
                {state}
                <SearchField
                    label="Search templates by name"
                    name="q"
                    value=self.filter.search.clone().unwrap_or_default()
                    placeholder="Name"
                    class="w-xl"
                />
                <Button>"Search"</Button>
            </form>
        }
    }

    fn table(mut self) -> AnyView {
        let more = self.templates.len() > TEMPLATES_PER_PAGE;
        self.templates.truncate(TEMPLATES_PER_PAGE);
        let state = self.filter.state.as_ref();
        let older = more.then(|| self.filter.href(state, self.templates.last()));
        let newer = self.filter.after.is_some().then(|| self.filter.href(state, None));
        let range = plural(self.templates.len() as u64, "template", "templates");
        let pager = (older.is_some() || newer.is_some()).then(|| {
            view! { <Pager range=range newer=newer older=older newer_label="First" older_label="Next"/> }
        });
        let rows = self.templates.iter().map(row).collect_view();
        view! {
            <Table label="Templates" rows=Rows::Tall cards=true>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Category"</th>
                        <th scope="col" class="col-2">
                            "Quality"
                        </th>
                        <th scope="col" class="end">
                            "Values"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {pager}
        }
        .into_any()
    }
}

fn row(template: &Template) -> impl IntoView + use<> {
    let content = template.as_listed();
    let obstacle = content.obstacles.first().map(ToString::to_string);
    let detail = match &obstacle {
        Some(_) if template.state == TemplateState::Approved => {
            view! { <small class="t-caution">"Cannot be used here yet"</small> }.into_any()
        }
        _ => view! { <small class="num">{template.language.clone()}</small> }.into_any(),
    };
    let values = content.variables().len();
    view! {
        <tr>
            <td class="cell-top">
                <a class="main" href=template_path(template.id)>
                    {template.name.clone()}
                </a>
                {detail}
            </td>
            <td class="cell-top">{state_chip(&template.state)}</td>
            <td class="cell-full">{template.category.label().to_owned()}</td>
            <td class="col-2 cell-hide">
                {quality(template.quality.as_deref()).to_owned()}
            </td>
            <td class="end cell-hide">
                {values}
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &[(&str, &str)]) -> Filter {
        Filter::of(&query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_address_holds_the_filter() {
        let filter =
            filter(&[("state", "APPROVED"), ("q", " spring "), ("after", "pt_BR 2000 spring offer")]);
        assert_eq!(filter.state, Some(TemplateState::Approved));
        assert_eq!(filter.search.as_deref(), Some("spring"));
        let after = filter.after.as_ref().expect("a place");
        assert_eq!(
            (after.language.as_str(), after.waba_id.as_str(), after.name.as_str()),
            ("pt_BR", "2000", "spring offer")
        );
        assert_eq!(filter.href(Some(&TemplateState::Paused), None), "/templates?state=PAUSED&q=spring");
        assert_eq!(Filter::default().href(None, None), "/templates");
    }

    #[test]
    fn nonsense_in_the_address_is_no_filter() {
        assert_eq!(filter(&[("state", " "), ("after", "x")]), Filter::default());
    }
}
