//! What is said about one recipient of a campaign.

use domain::delivery::WaitReason;
use service::campaigns::{RecipientRow, Settlement, WaitingRun};

use super::reasons::{reason_label, unknown_reason};
use super::review_zones::{cities, first_zone, source_words};
use super::times::Times;
use super::words::StateWords;
use crate::ui::chip::Mark;
use crate::ui::format::clock;
use crate::ui::icon::Icon;
use crate::ui::tone::Tone;

/// The state of one recipient, why, and since when.
pub(super) fn recipient_state(
    row: &RecipientRow,
    settlement: Option<Settlement>,
    waits: Option<&WaitingRun>,
    times: Times,
) -> (StateWords, String, Option<domain::Timestamp>) {
    let icon = Mark::Icon;
    let words = StateWords::new;
    if row.replied_at.is_some() {
        return (words(Tone::Accent, icon(Icon::Reply), "Replied"), String::new(), row.replied_at);
    }
    let reason = row.reason.as_deref().unwrap_or_default();
    match row.state.as_str() {
        "sent" => match (row.read_at, row.delivered_at) {
            (Some(at), _) => (words(Tone::Accent, icon(Icon::Checks), "Read"), String::new(), Some(at)),
            (None, Some(at)) => {
                (words(Tone::Positive, icon(Icon::Checks), "Delivered"), String::new(), Some(at))
            }
            (None, None) => {
                let why = if reason.is_empty() {
                    "WhatsApp has it, no receipt yet"
                } else {
                    reason_label("submitted", reason)
                };
                (words(Tone::Neutral, icon(Icon::Check), "Submitted"), why.to_owned(), row.settled_at)
            }
        },
        "failed" => {
            let why = match row.provider_code {
                Some(code) => format!("{} ({code})", reason_label("failed", reason)),
                None => reason_label("failed", reason).to_owned(),
            };
            (words(Tone::Danger, icon(Icon::Cross), "Failed"), why, row.settled_at)
        }
        "skipped" => {
            let why = reason_label("skipped", reason).to_owned();
            (words(Tone::Neutral, icon(Icon::Skip), "Skipped"), why, row.settled_at)
        }
        "unknown" => {
            let why = settlement.map(|settlement| unknown_reason(settlement, times)).unwrap_or_default();
            (words(Tone::Unknown, icon(Icon::Ask), "Unknown"), why, row.settled_at)
        }
        _ if row.in_the_air => (words(Tone::Accent, Mark::Pulse, "Being handed over"), String::new(), None),
        _ => match row.not_before {
            Some(at) if row.attempt > 0 => {
                let again = format!("Trying again {}", times.clock(at));
                let why = "WhatsApp could not take it at the first try".to_owned();
                (words(Tone::Caution, icon(Icon::Clock), &again), why, None)
            }
            _ => match waits.and_then(|run| waiting_words(row, run, times)) {
                Some((label, why)) => (words(Tone::Neutral, icon(Icon::Clock), &label), why, None),
                None => (words(Tone::Neutral, Mark::Ring, "Waiting"), String::new(), None),
            },
        },
    }
}

/// What somebody waits for who was not tried yet: a label, and why, with where they are and how that is known.
fn waiting_words(row: &RecipientRow, run: &WaitingRun, times: Times) -> Option<(String, String)> {
    let reason: WaitReason = run.reason.parse().ok()?;
    if reason == WaitReason::Canary {
        return Some(("Waiting".to_owned(), "The first messages are watched".to_owned()));
    }
    let label = format!("Due {}", times.near(run.until));
    let why = match (&row.time_zone, &row.zone_source) {
        (Some(zones), Some(source)) => {
            let (cities, there) = (cities(zones), clock(first_zone(zones).local(run.until).time()));
            let (label, source) = (reason.label(), source_words(source));
            match reason {
                WaitReason::QuietHours => format!("{label} in {cities} until {there} there, {source}"),
                _ => format!("{label}: {there} in {cities}, {source}"),
            }
        }
        _ => reason.label().to_owned(),
    };
    Some((label, why))
}
