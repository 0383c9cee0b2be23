//! What the live page says about people who are tried again.

use domain::dispatch::TryAgain;
use leptos::prelude::*;
use service::campaigns::{LaterTry, OtherTry};

use super::reasons::reason_label;
use super::retry_page::retry_href;
use super::snapshot::{PartLine, Snapshot, Standing};
use super::times::Times;
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::format::{count, people};
use crate::ui::icon::Icon;

/// The ways to try people of a finished campaign again, each with its exact number. Nothing where there is nobody.
pub(super) fn offers(campaign: &str, snapshot: &Snapshot) -> Option<AnyView> {
    if snapshot.standing != Standing::Finished || snapshot.retry_failed + snapshot.resend_unknown == 0 {
        return None;
    }
    let failed = (snapshot.retry_failed > 0).then(|| {
        let label = format!("Retry failed ({})", count(snapshot.retry_failed.into()));
        view! {
            <ButtonLink href=retry_href(campaign, TryAgain::Failed) icon=Icon::Refresh class="grow-s">
                {label}
            </ButtonLink>
        }
    });
    let unknown = (snapshot.resend_unknown > 0).then(|| {
        let label = format!("Resend unknown ({})", count(snapshot.resend_unknown.into()));
        view! {
            <ButtonLink href=retry_href(campaign, TryAgain::Unknown) variant=Variant::Ghost class="grow-s">
                {label}
            </ButtonLink>
        }
    });
    Some(view! { {unknown} {failed} }.into_any())
}

fn what_words(what: &str) -> &'static str {
    if what == TryAgain::Unknown.as_str() { "unknown" } else { "failed" }
}

/// Whom a part tries again: `Retry of failed, 40 people`.
pub(super) fn part_words(part: &PartLine) -> Option<String> {
    let (what, number) = part.tries_again.as_ref()?;
    Some(format!("Retry of {}, {}", what_words(what), people((*number).into())))
}

/// A click that tried people again, for the activity of a campaign: headline and detail.
pub(super) fn activity_words(later: &LaterTry) -> (String, String) {
    let by = later.by.clone().unwrap_or_else(|| "Somebody".to_owned());
    let number = people(u64::try_from(later.people).unwrap_or(0));
    let verb = if later.what == TryAgain::Unknown.as_str() { "resent to unknown" } else { "retried failed" };
    (format!("{by} {verb}"), format!("{number} tried again."))
}

/// Another try of the same person, below the state of the one that counts.
pub(super) fn other_try(other: &OtherTry, times: Times) -> impl IntoView + use<> {
    let word = other.reason.as_deref().unwrap_or_default();
    let state = match other.state.as_str() {
        "failed" => format!("failed, {}", reason_label("failed", word)),
        "skipped" => format!("skipped, {}", reason_label("skipped", word)),
        "unknown" => "unknown".to_owned(),
        _ => "sent as well".to_owned(),
    };
    let code = other.provider_code.map(|code| format!(" ({code})"));
    let at = other.settled_at.map(|at| format!(", {}", times.moment(at)));
    view! {
        <br/>
        <a href="#parts">{format!("Part {}", other.slice)}</a>
        ": "
        {state}
        {code}
        {at}
    }
}
