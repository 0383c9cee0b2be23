//! The ledger's words for reasons, as the screen says them.

use domain::delivery::{FailureReason, PauseReason, SkipReason};
use service::campaigns::ReasonCount;

use super::snapshot::{Group, Pause};

/// What is said where the ledger holds a word that this version does not know.
const UNKNOWN_REASON: &str = "For a reason that this version does not know";

/// Why a campaign is paused: `kind` and `detail` as the ledger holds them, `by` the name of the person.
pub(super) fn pause(kind: Option<&str>, detail: Option<&str>, by: Option<&str>) -> Pause {
    match kind.and_then(|kind| kind.parse::<PauseReason>().ok()) {
        Some(reason) => {
            let label = match reason {
                PauseReason::SignedOut => "Paused, sender signed out",
                PauseReason::PaymentIssue => "Paused, payment problem",
                _ => "Paused by WhatsApp",
            };
            // A detail that is more than a label tells what happened; otherwise the reason does.
            let detail = detail.filter(|detail| detail.ends_with('.'));
            let sentence = detail.unwrap_or_else(|| reason.sentence()).to_owned();
            Pause { label: label.to_owned(), sentence, by_provider: true }
        }
        None => Pause {
            label: by.map_or_else(|| "Paused".to_owned(), |name| format!("Paused by {}", first_name(name))),
            sentence: "Nothing more is handed over until somebody resumes it.".to_owned(),
            by_provider: false,
        },
    }
}

/// The name up to the first space.
pub(super) fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// Who was tried without a certain success, by reason, most people first.
pub(super) fn groups(reasons: &[ReasonCount]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for counted in reasons.iter().filter(|counted| counted.state != "skipped") {
        let unknown = counted.state == "unknown";
        // How it came about does not matter to the people: whatever is unknown is one group.
        let reason = if unknown { "unknown" } else { counted.reason.as_str() };
        let people = u32::try_from(counted.recipients).unwrap_or(0);
        let codes = Some(counted.provider_code).filter(|code| *code != 0);
        if let Some(group) = groups.iter_mut().find(|group| group.reason == reason) {
            group.people += people;
            group.codes.extend(codes);
        } else {
            let (label, sentence) = if unknown { unknown_words() } else { failure_words(reason) };
            groups.push(Group {
                unknown,
                reason: reason.to_owned(),
                label: label.to_owned(),
                sentence: sentence.to_owned(),
                codes: codes.into_iter().collect(),
                people,
            });
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.people));
    groups
}

fn failure_words(word: &str) -> (&'static str, &'static str) {
    match word.parse::<FailureReason>() {
        Ok(reason) => (reason.label(), reason.sentence()),
        Err(_) => ("Failed", UNKNOWN_REASON),
    }
}

const fn unknown_words() -> (&'static str, &'static str) {
    (
        "Unknown – waiting for WhatsApp",
        "The line broke after hand-over, so these people may have it. A receipt from WhatsApp settles them; nothing is \
         sent twice by itself.",
    )
}

/// The reason of one recipient, by the state it is in.
pub(super) fn reason_label(state: &str, word: &str) -> &'static str {
    match state {
        "skipped" => word.parse::<SkipReason>().map_or(UNKNOWN_REASON, SkipReason::label),
        "failed" => failure_words(word).0,
        _ => "May have it; waiting for WhatsApp",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(state: &str, reason: &str, provider_code: i32, recipients: i32) -> ReasonCount {
        ReasonCount { state: state.to_owned(), reason: reason.to_owned(), provider_code, recipients }
    }

    #[test]
    fn codes_of_one_reason_are_one_group_and_skipped_people_none() {
        let groups = groups(&[
            counted("failed", "not_reachable", 131_026, 60),
            counted("unknown", "no_answer", 0, 3),
            counted("unknown", "worker_lost", 0, 90),
            counted("failed", "not_reachable", 131_000, 36),
            counted("skipped", "no_consent", 0, 500),
        ]);
        let said: Vec<_> =
            groups.iter().map(|group| (group.label.as_str(), group.people, group.codes.len())).collect();
        assert_eq!(said, [("Not reachable on WhatsApp", 96, 2), ("Unknown – waiting for WhatsApp", 93, 0)]);
    }

    #[test]
    fn a_pause_names_who_did_it() {
        assert_eq!(pause(Some("person"), None, Some("Inês Duarte")).label, "Paused by Inês");
        let signed_out = pause(Some("signed_out"), Some("Sender signed out"), None);
        assert_eq!(signed_out.label, "Paused, sender signed out");
        assert!(signed_out.sentence.starts_with("Meta no longer accepts"));
        assert!(pause(Some("template_paused"), None, None).by_provider);
    }

    #[test]
    fn a_word_from_a_newer_version_is_still_a_reason() {
        assert_eq!(reason_label("failed", "not_reachable"), "Not reachable on WhatsApp");
        assert_eq!(reason_label("skipped", "invented"), UNKNOWN_REASON);
    }
}
