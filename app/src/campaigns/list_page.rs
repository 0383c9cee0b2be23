//! The list of campaigns: find one, compare them.

use domain::campaign::CampaignState;
use domain::ids::CampaignId;
use domain::workspace::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use service::access::Read;
use service::campaigns::{self, CampaignPage, CampaignQuery, FIGURES_DAYS, Figures, ListPlace};

use super::compose_forms::NEW_PATH;
use super::list_rows;
use super::times::Times;
use crate::page::{Screen, signed_in};
use crate::shell::Section;
use crate::ui::button::{Button, ButtonLink, Size, Variant};
use crate::ui::card::Card;
use crate::ui::dialog::{Dialog, DialogFoot};
use crate::ui::empty::{Empty, NoMatch};
use crate::ui::field::SearchField;
use crate::ui::format::{count, percent};
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead};
use crate::ui::pager::Pager;
use crate::ui::stats::{Kpi, Kpis};
use crate::ui::tabs::{FilterPills, TabLink};
use crate::ui::tone::Fill;

const PATH: &str = "/campaigns";

/// States in the order of the pills, with their words there.
const STATES: [(&str, &str); 6] = [
    ("running", "Sending"),
    ("scheduled", "Scheduled"),
    ("paused", "Paused"),
    ("draft", "Drafts"),
    ("finished", "Finished"),
    ("cancelled", "Cancelled"),
];

/// What the address of the page asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Asked {
    state: Option<&'static str>,
    search: String,
    place: ListPlace,
}

impl Asked {
    fn of(query: &ParamsMap) -> Self {
        let state = query.get("state").and_then(|asked| STATES.into_iter().find(|(word, _)| *word == asked));
        let id = |name: &str| query.get(name).and_then(|text| text.parse::<CampaignId>().ok());
        let place = match (id("before"), id("after")) {
            (Some(id), _) => ListPlace::Before(id),
            (None, Some(id)) => ListPlace::After(id),
            (None, None) => ListPlace::Newest,
        };
        Self {
            state: state.map(|(word, _)| word),
            search: query.get("q").unwrap_or_default().trim().chars().take(100).collect(),
            place,
        }
    }

    fn is_narrowed(&self) -> bool {
        self.state.is_some() || !self.search.is_empty()
    }

    fn href(&self, state: Option<&str>, place: ListPlace) -> String {
        let mut query = Vec::new();
        query.extend(state.map(|state| format!("state={state}")));
        if !self.search.is_empty() {
            query.push(format!("q={}", encode(&self.search)));
        }
        match place {
            ListPlace::Newest => {}
            ListPlace::Before(id) => query.push(format!("before={id}")),
            ListPlace::After(id) => query.push(format!("after={id}")),
        }
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{}", query.join("&")) }
    }
}

/// A text as a value in a query.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The list.
#[component]
pub fn CampaignsPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let asked = Asked::of(&query);
    let asked_to_delete = query.get("delete").and_then(|id| id.parse::<CampaignId>().ok());
    signed_in(move |request| async move {
        let access = request.workspace_access::<Read>().await?;
        let services = &request.services;
        let times = Times::of(&request, &access).await?;
        let search = Some(asked.search.as_str()).filter(|search| !search.is_empty());
        let wanted = CampaignQuery { state: asked.state, search, place: asked.place };
        let found = campaigns::list(services, &access, &wanted).await?;
        let figures = campaigns::figures(services, &access).await?;
        let may_send = access.role().may(Permission::Send);
        let draft = match asked_to_delete.filter(|_| may_send) {
            Some(id) => campaigns::get(services, &access, id).await?,
            None => None,
        };
        let question = draft.filter(|draft| draft.state == CampaignState::Draft).map(|draft| {
            delete_question(draft.id, draft.name.as_str(), asked.href(asked.state, asked.place))
        });
        let view = view! {
            {page(&asked, found, &figures, times, may_send)}
            {question}
        };
        Ok(Screen::new(Section::Campaigns, "Campaigns", view))
    })
}

fn page(
    asked: &Asked,
    found: CampaignPage,
    figures: &Figures,
    times: Times,
    may_send: bool,
) -> impl IntoView + use<> {
    let has_any = found.counts.iter().any(|(_, count)| *count > 0) || asked.is_narrowed();
    // An empty list has the button in its middle.
    let actions = (may_send && has_any).then(|| {
        view! {
            <ButtonLink href=NEW_PATH variant=Variant::Primary icon=Icon::Plus class="grow-s">
                "New campaign"
            </ButtonLink>
        }
        .into_any()
    });
    let content =
        if has_any { listing(asked, found, figures, times, may_send) } else { nothing_yet(may_send) };
    view! {
        <Page>
            <PageHead title="Campaigns" actions=actions/>
            {content}
        </Page>
    }
}

fn nothing_yet(may_send: bool) -> AnyView {
    let actions = may_send.then(|| {
        view! {
            <ButtonLink href=NEW_PATH variant=Variant::Primary icon=Icon::Plus>
                "New campaign"
            </ButtonLink>
        }
        .into_any()
    });
    view! {
        <Card id="list" title="Campaigns" untitled=true>
            <Empty
                icon=Icon::Horn
                title="Send your first campaign"
                text="One message to the people of a list. You see who gets it, who does not and why, before anything leaves."
                actions=actions
            />
        </Card>
    }
    .into_any()
}

fn listing(asked: &Asked, found: CampaignPage, figures: &Figures, times: Times, may_send: bool) -> AnyView {
    let pills = pills(asked, &found.counts);
    let pager = pager(asked, &found);
    let kpis = figures_card(figures);
    let rows = if found.campaigns.is_empty() {
        view! { <NoMatch text="No campaign matches." clear_href=PATH/> }.into_any()
    } else {
        list_rows::table(found.campaigns, times, may_send)
    };
    let zone = format!("Times in {}", times.zone_words());
    let (state, search) = (asked.state, asked.search.clone());
    view! {
        {kpis}
        <FilterPills label="Filter by state" pills=pills/>
        <Card id="list" title="All campaigns" untitled=true>
            <form class="table-tools" role="search" aria-label="Search campaigns">
                {state.map(|state| view! { <input type="hidden" name="state" value=state/> })}
                <SearchField
                    label="Search campaigns"
                    name="q"
                    value=search
                    placeholder="Name, template or sender"
                    class="w-xl"
                />
                <Button size=Size::S class="hide-c">"Search"</Button>
                <span class="push s-12 t-3 hide-c">{zone}</span>
            </form>
            {rows}
            {pager}
        </Card>
    }
    .into_any()
}

fn pills(asked: &Asked, counts: &[(String, i64)]) -> Vec<TabLink> {
    let in_state = |word: &str| {
        let counted = counts.iter().find(|(state, _)| state == word).map_or(0, |(_, count)| *count);
        u64::try_from(counted).unwrap_or(0)
    };
    let all = STATES.into_iter().map(|(word, _)| in_state(word)).sum();
    let mut pills = vec![
        TabLink::new("All", asked.href(None, ListPlace::Newest)).count(all).current(asked.state.is_none()),
    ];
    for (word, label) in STATES {
        let (count, current) = (in_state(word), asked.state == Some(word));
        if count > 0 || current {
            let href = asked.href(Some(word), ListPlace::Newest);
            pills.push(TabLink::new(label, href).count(count).current(current));
        }
    }
    pills
}

fn pager(asked: &Asked, found: &CampaignPage) -> Option<AnyView> {
    let (first, last) = (found.campaigns.first()?, found.campaigns.last()?);
    let newer = found.has_newer.then(|| asked.href(asked.state, ListPlace::After(first.id)));
    let older = found.has_older.then(|| asked.href(asked.state, ListPlace::Before(last.id)));
    let shown = found.campaigns.len() as u64;
    let total: i64 = found
        .counts
        .iter()
        .filter(|(state, _)| asked.state.is_none_or(|asked| asked == state))
        .map(|(_, count)| *count)
        .sum();
    let range = format!("{} of {}", count(shown), count(u64::try_from(total).unwrap_or(shown)));
    Some(view! { <Pager range=range newer=newer older=older/> }.into_any())
}

/// The figures of the last thirty days; nothing before something was sent.
pub(super) fn figures_card(figures: &Figures) -> Option<AnyView> {
    (!figures.days.is_empty()).then(|| {
        let kpis = kpis(figures);
        view! {
            <Card id="figures" title="Last 30 days" untitled=true>
                <Kpis kpis=kpis/>
            </Card>
        }
        .into_any()
    })
}

/// The four figures of the last thirty days with their courses.
fn kpis(figures: &Figures) -> Vec<Kpi> {
    let number = |value: i64| u64::try_from(value).unwrap_or(0);
    let sum = |of: fn(&campaigns::DayFigures) -> i64| number(figures.days.iter().map(of).sum());
    let course = |of: fn(&campaigns::DayFigures) -> i64| {
        let mut course = vec![0.0; usize::try_from(FIGURES_DAYS).unwrap_or(0) + 1];
        for day in &figures.days {
            if let Some(slot) = usize::try_from(day.day).ok().and_then(|day| course.get_mut(day)) {
                *slot = i32::try_from(of(day)).map_or(f64::MAX, f64::from);
            }
        }
        course
    };
    let (sent, delivered) = (sum(|day| day.sent), sum(|day| day.delivered));
    let (replied, failed) = (sum(|day| day.replied), sum(|day| day.failed));
    let kpi = |label: &str, value: String, remark: String, course: Vec<f64>, fill| Kpi {
        label: label.to_owned(),
        value,
        remark,
        course,
        fill,
    };
    vec![
        kpi("Submitted", count(sent), "in 30 days".to_owned(), course(|day| day.sent), Fill::Data3),
        kpi("Delivered", percent(delivered, sent), String::new(), course(|day| day.delivered), Fill::Data3),
        kpi("Replied", count(replied), percent(replied, sent), course(|day| day.replied), Fill::Data3),
        kpi("Failed", count(failed), percent(failed, sent + failed), course(|day| day.failed), Fill::Neutral),
    ]
}

fn delete_question(id: CampaignId, name: &str, way_back: String) -> impl IntoView + use<> {
    let action = format!("/campaigns/{id}/delete");
    view! {
        <Dialog
            id="delete"
            title=format!("Delete the draft {name}?")
            text="Nothing of it was sent. A draft that is deleted cannot be brought back."
            open_with_way_back=way_back.clone()
        >
            <form method="post" action=action>
                <DialogFoot way_back=way_back cancel="Keep it">
                    <Button variant=Variant::DangerFill>"Delete draft"</Button>
                </DialogFoot>
            </form>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_shown() {
        let asked = Asked { search: "café & co".to_owned(), ..Asked::default() };
        assert_eq!(
            asked.href(Some("draft"), ListPlace::Newest),
            "/campaigns?state=draft&q=caf%C3%A9%20%26%20co"
        );
        assert_eq!(Asked::default().href(None, ListPlace::Newest), "/campaigns");
        assert!(!Asked::default().is_narrowed());
    }

    #[test]
    fn states_without_a_campaign_have_no_pill_unless_they_are_asked_for() {
        let counts = [("draft".to_owned(), 3), ("finished".to_owned(), 39)];
        let asked = Asked { state: Some("paused"), ..Asked::default() };
        let words: Vec<String> = pills(&asked, &counts)
            .into_iter()
            .map(|pill| format!("{} {:?}", pill.label, pill.count))
            .collect();
        assert_eq!(words, ["All Some(42)", "Paused Some(0)", "Drafts Some(3)", "Finished Some(39)"]);
    }
}
