//! The table of recipients under the numbers of a live page.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use service::campaigns::{Place, RecipientFilter, RecipientPage, RecipientRow};

use super::live_again::other_try;
use super::live_cards::as_of;
use super::reasons::{left_out_words, reason_label};
use super::recipient_words::recipient_state;
use super::snapshot::Snapshot;
use super::times::Times;
use crate::ui::avatar::Hue;
use crate::ui::button::{ButtonLink, Size};
use crate::ui::card::Card;
use crate::ui::chip::Chip;
use crate::ui::empty::{Empty, NoMatch};
use crate::ui::format::{count, people};
use crate::ui::icon::Icon;
use crate::ui::pager::Pager;
use crate::ui::table::{PersonCell, Table};
use crate::ui::tabs::{FilterPills, TabLink};

/// Where the rows are on the page: the value of its `data-live`.
pub(super) const PLACE: &str = "recipients";

/// Which recipients the address of the page asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Shown {
    pub(super) filter: RecipientFilter,
    pub(super) reason: Option<String>,
    /// Position after which the page starts.
    pub(super) after: Place,
    /// How many who match stand before the page; only for the words of the pager.
    before: u64,
}

impl Shown {
    /// Reads the query of the page; what it does not understand shows everybody.
    pub(super) fn of(query: &ParamsMap) -> Self {
        let before = query.get("before").and_then(|text| text.parse().ok()).unwrap_or(0);
        let asked = query.get("show").unwrap_or_default();
        let filter = RecipientFilter::ALL.into_iter().find(|filter| filter.as_str() == asked);
        let reason = query.get("reason").filter(|reason| is_word(reason));
        Self {
            filter: filter.unwrap_or_default(),
            // A reason belongs to a state; without one there is nothing to narrow.
            reason: filter.and(reason),
            after: query.get("after").and_then(|text| place(&text)).unwrap_or_default(),
            before,
        }
    }

    /// Reads what [`Self::query`] wrote.
    pub(super) fn of_query(query: &str) -> Self {
        let pairs = query.split('&').filter_map(|part| part.split_once('='));
        Self::of(&pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// As the query of an address; also how an open page says what it shows.
    pub(super) fn query(&self) -> String {
        let mut query = format!("show={}", self.filter.as_str());
        if let Some(reason) = &self.reason {
            query.push_str(&format!("&reason={reason}"));
        }
        if self.after > Place::default() {
            let Place { slice, ordinal } = self.after;
            query.push_str(&format!("&after={slice}.{ordinal}&before={}", self.before));
        }
        query
    }

    fn href(&self, campaign: &str, after: Place, before: u64) -> String {
        let query = Self { after, before, ..self.clone() }.query();
        format!("/campaigns/{campaign}?{query}#recipients")
    }
}

/// A position as an address holds it: part and place in it.
fn place(text: &str) -> Option<Place> {
    let (slice, ordinal) = text.split_once('.')?;
    Some(Place { slice: slice.parse().ok()?, ordinal: ordinal.parse().ok()? })
        .filter(|place| place.slice >= 0 && place.ordinal >= 0)
}

/// Reasons are words of ours; anything else in an address narrows nothing.
fn is_word(reason: &str) -> bool {
    !reason.is_empty()
        && reason.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The card with filters, rows and pager.
pub(super) fn card(
    campaign: &str,
    snapshot: &Snapshot,
    page: &RecipientPage,
    shown: &Shown,
    times: Times,
) -> AnyView {
    // While no line is open, the people here are those of the moment the page was made.
    let since = format!("As of {}", as_of(snapshot));
    let refresh = view! {
        <div class="row when-served">
            <span class="t-3 s-13 num">{since}</span>
            <ButtonLink href=shown.href(campaign, shown.after, shown.before) size=Size::S icon=Icon::Refresh>
                "Refresh"
            </ButtonLink>
        </div>
    }
    .into_any();
    let (people, audience) =
        (people_shown(campaign, snapshot, page, shown, times), u64::from(snapshot.audience));
    view! {
        <Card id="recipients" title="Recipients" count=audience end=refresh>
            <div data-live=PLACE>{people}</div>
        </Card>
    }
    .into_any()
}

/// What of the card changes while the campaign goes on.
pub(super) fn people_shown(
    campaign: &str,
    snapshot: &Snapshot,
    page: &RecipientPage,
    shown: &Shown,
    times: Times,
) -> AnyView {
    let total = total(snapshot, shown);
    let pills = pills(campaign, snapshot, shown);
    let content = if page.recipients.is_empty() {
        nobody(campaign, snapshot, shown)
    } else {
        let pager = pager(campaign, page, shown, total);
        let rows = page.recipients.iter().map(|row| row_view(row, page, times)).collect_view();
        view! {
            {table(rows.into_any())}
            {pager}
        }
        .into_any()
    };
    view! {
        <div class="table-tools">
            <FilterPills label="Filter recipients" pills=pills/>
        </div>
        {content}
    }
    .into_any()
}

fn table(rows: AnyView) -> impl IntoView {
    view! {
        <Table label="Recipients" cards=true>
            <thead>
                <tr>
                    <th scope="col">"Person"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Why"</th>
                    <th scope="col" class="end">
                        "Changed"
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// How many people a filter shows, cumulative as the funnel counts.
fn people_of(filter: RecipientFilter, snapshot: &Snapshot) -> u32 {
    match filter {
        RecipientFilter::All => snapshot.audience,
        RecipientFilter::Waiting => snapshot.pending,
        RecipientFilter::Submitted => snapshot.sent,
        RecipientFilter::NoReceipt => snapshot.sent.saturating_sub(snapshot.delivered),
        RecipientFilter::Delivered => snapshot.delivered,
        RecipientFilter::Read => snapshot.read,
        RecipientFilter::Replied => snapshot.replied,
        RecipientFilter::Failed => snapshot.failed,
        RecipientFilter::Skipped => snapshot.skipped,
        RecipientFilter::Unknown => snapshot.unknown,
        RecipientFilter::FailedAgain => snapshot.retry_failed,
        RecipientFilter::UnknownAgain => snapshot.resend_unknown,
    }
}

/// How many people the page is one of; `None` for a reason that is not counted here.
fn total(snapshot: &Snapshot, shown: &Shown) -> Option<u64> {
    match &shown.reason {
        None => Some(people_of(shown.filter, snapshot).into()),
        // Counted on the page that leads here.
        Some(_) if shown.filter.tries_again().is_some() => None,
        Some(reason) if shown.filter == RecipientFilter::Waiting => {
            let line = snapshot.pace.iter().find(|line| line.reason.as_deref() == Some(reason));
            line.map(|line| line.people.into())
        }
        Some(reason) => {
            snapshot.groups.iter().find(|group| group.reason == *reason).map(|group| group.people.into())
        }
    }
}

const fn label(filter: RecipientFilter) -> &'static str {
    match filter {
        RecipientFilter::All => "All",
        RecipientFilter::Waiting => "Waiting",
        RecipientFilter::Submitted => "Submitted",
        RecipientFilter::NoReceipt => "Submitted, no receipt yet",
        RecipientFilter::Delivered => "Delivered",
        RecipientFilter::Read => "Read",
        RecipientFilter::Replied => "Replied",
        RecipientFilter::Failed => "Failed",
        RecipientFilter::Skipped => "Skipped",
        RecipientFilter::Unknown => "Unknown",
        RecipientFilter::FailedAgain => "Failed, can be retried",
        RecipientFilter::UnknownAgain => "Unknown, can be resent",
    }
}

/// The filters in the order of the mock: outcomes from the best to the worst.
const PILLS: [RecipientFilter; 12] = [
    RecipientFilter::All,
    RecipientFilter::Replied,
    RecipientFilter::Read,
    RecipientFilter::Delivered,
    RecipientFilter::Submitted,
    RecipientFilter::NoReceipt,
    RecipientFilter::Failed,
    RecipientFilter::Unknown,
    RecipientFilter::Waiting,
    RecipientFilter::Skipped,
    RecipientFilter::FailedAgain,
    RecipientFilter::UnknownAgain,
];

fn pills(campaign: &str, snapshot: &Snapshot, shown: &Shown) -> Vec<TabLink> {
    let mut pills = Vec::with_capacity(PILLS.len() + 1);
    for filter in PILLS {
        let current = filter == shown.filter && shown.reason.is_none();
        let people = people_of(filter, snapshot);
        // These have a pill only for whoever comes from where they are counted.
        let is_asked_for = filter == RecipientFilter::NoReceipt || filter.tries_again().is_some();
        let offered = people > 0 && !is_asked_for;
        if offered || current || filter == RecipientFilter::All {
            let href = Shown { filter, ..Shown::default() }.href(campaign, Place::default(), 0);
            pills.push(TabLink::new(label(filter), href).count(people.into()).current(current));
        }
        if filter == shown.filter
            && let Some(reason) = &shown.reason
        {
            let words = match filter.tries_again() {
                Some(_) => left_out_words(reason),
                None => reason_label(filter.as_str(), reason),
            };
            let pill = TabLink::new(words, shown.href(campaign, Place::default(), 0)).current(true);
            pills.push(match total(snapshot, shown) {
                Some(total) => pill.count(total),
                None => pill,
            });
        }
    }
    pills
}

fn nobody(campaign: &str, snapshot: &Snapshot, shown: &Shown) -> AnyView {
    if shown.filter == RecipientFilter::All && snapshot.audience == 0 {
        return view! {
            <Empty small=true icon=Icon::People title="Nobody" text="The lists of this campaign were empty at its launch."/>
        }
        .into_any();
    }
    let clear = format!("/campaigns/{campaign}#recipients");
    view! { <NoMatch text="Nobody here at the moment." clear_href=clear/> }.into_any()
}

fn pager(campaign: &str, page: &RecipientPage, shown: &Shown, total: Option<u64>) -> impl IntoView + use<> {
    let rows = page.recipients.len() as u64;
    let before = if shown.after > Place::default() { shown.before } else { 0 };
    let range = match total {
        Some(total) => {
            format!("{}–{} of {}", count(before + 1), count(before + rows), count(total.max(before + rows)))
        }
        None => people(rows),
    };
    let previous = page.previous_after.map(|after| shown.href(campaign, after, before.saturating_sub(50)));
    let next = page.next_after.map(|after| shown.href(campaign, after, before + rows));
    view! { <Pager range=range newer=previous older=next newer_label="Previous" older_label="Next"/> }
}

fn row_view(row: &RecipientRow, page: &RecipientPage, times: Times) -> impl IntoView + use<> {
    let (state, why, changed) = recipient_state(row, page.settlement(row), page.waits(row), times);
    let other_tries = page.other_tries(row).map(|other| other_try(other, times)).collect_view();
    let id = row.contact.to_string();
    let address = row.address.clone().unwrap_or_default();
    let name = row.name.clone().filter(|name| !name.is_empty());
    let (name, detail) = match name {
        Some(name) => (name, address),
        None if address.is_empty() => ("Somebody without a name".to_owned(), String::new()),
        None => (address, String::new()),
    };
    let changed = match changed {
        Some(at) => view! { <time datetime=at.to_rfc3339()>{times.moment(at)}</time> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <tr>
            <td class="c-person">
                <PersonCell name=name href=format!("/contacts/{id}") detail=detail hue=Hue::of(&id)/>
            </td>
            <td class="cell-top">
                <Chip tone=state.tone mark=state.mark>
                    {state.words}
                </Chip>
            </td>
            <td class="t-2 cell-full c-why">{why} {other_tries}</td>
            <td class="end t-2 cell-hide nowrap">{changed}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_survives_its_query() {
        for query in ["show=all", "show=failed&reason=not_reachable", "show=read&after=2.100&before=100"] {
            assert_eq!(Shown::of_query(query).query(), query);
        }
        assert_eq!(Shown::of_query("show=failed&reason=%22%3E").query(), "show=failed");
        assert_eq!(Shown::of_query("").query(), "show=all");
    }
}
