//! The ledger's words for reasons, as the screen says them.

use std::time::Duration;

use domain::delivery::{FailureReason, PauseReason, SkipReason, WaitReason};
use service::campaigns::{LeftOutReason, ReasonCount, Settlement};

use super::retry_page::left_out_label;
use super::snapshot::{Group, GroupKind, Pause};
use super::times::Times;
use crate::ui::format::{count, plural};

/// What is said where the ledger holds a word that this version does not know.
const UNKNOWN_REASON: &str = "For a reason that this version does not know";

const HELD_LABEL: &str = "Held by WhatsApp for now";
const HELD_SENTENCE: &str = "WhatsApp took these messages and first watches how people react to the ones before them. It lets them go, \
                             normally within an hour, or pauses the template; then they count as failed.";

/// Why a campaign is paused: `kind` and `detail` as the ledger holds them, `by` the name of the person.
pub(super) fn pause(kind: Option<&str>, detail: Option<&str>, by: Option<&str>) -> Pause {
    match kind.and_then(|kind| kind.parse::<PauseReason>().ok()) {
        Some(reason) => {
            let label = match reason {
                PauseReason::SignedOut => "Paused, sender signed out",
                PauseReason::PaymentIssue => "Paused, payment problem",
                PauseReason::RefusedForAll => "Paused, refused for everybody",
                PauseReason::CanaryFailed => "Paused, first messages failed",
                _ => "Paused by WhatsApp",
            };
            // A detail that is more than a label tells what happened; otherwise the reason does.
            let detail = detail.filter(|detail| detail.ends_with('.'));
            let sentence = detail.unwrap_or_else(|| reason.sentence()).to_owned();
            Pause { label: label.to_owned(), sentence, by_provider: true, remedy: None }
        }
        None => Pause {
            label: by.map_or_else(|| "Paused".to_owned(), |name| format!("Paused by {}", first_name(name))),
            sentence: "Nothing more is handed over until somebody resumes it.".to_owned(),
            by_provider: false,
            remedy: None,
        },
    }
}

impl Pause {
    /// Also says how many could not be held back: those who went out since the pause, and those still on their way.
    pub(super) fn after(mut self, went_out: u32, on_their_way: u32) -> Self {
        let verb = |people: u32| if people == 1 { "was" } else { "were" };
        let said = match (went_out, on_their_way) {
            (0, 0) => return self,
            (0, flying) => {
                let is = if flying == 1 { "is" } else { "are" };
                format!(" {} {is} still on the way and cannot be stopped.", count(flying.into()))
            }
            (gone, 0) => format!(" {} {} already on the way and went out.", count(gone.into()), verb(gone)),
            (gone, flying) => format!(
                " {} {} already on the way and went out; {} still on the way.",
                count(gone.into()),
                verb(gone),
                plural(flying.into(), "is", "are")
            ),
        };
        self.sentence.push_str(&said);
        self
    }
}

/// The name up to the first space.
pub(super) fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// Who was tried without a certain success, by reason, most people first. `settlement` is what is to be expected for the
/// unknown among them.
pub(super) fn groups(reasons: &[ReasonCount], settlement: Option<Settlement>, times: Times) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for counted in reasons.iter().filter(|counted| counted.state != "skipped") {
        let kind = match counted.state.as_str() {
            "unknown" => GroupKind::Unknown,
            "sent" => GroupKind::Held,
            _ => GroupKind::Failed,
        };
        // How it came about does not matter to the people: whatever is unknown is one group.
        let reason = if kind == GroupKind::Unknown { "unknown" } else { counted.reason.as_str() };
        let people = u32::try_from(counted.recipients).unwrap_or(0);
        let codes = Some(counted.provider_code).filter(|code| *code != 0);
        if let Some(group) = groups.iter_mut().find(|group| group.reason == reason) {
            group.people += people;
            group.codes.extend(codes);
        } else {
            let (label, sentence) = match kind {
                GroupKind::Unknown => unknown_words(settlement, times),
                GroupKind::Held => (HELD_LABEL, HELD_SENTENCE.to_owned()),
                GroupKind::Failed => {
                    let (label, sentence) = failure_words(reason);
                    (label, sentence.to_owned())
                }
            };
            groups.push(Group {
                kind,
                reason: reason.to_owned(),
                label: label.to_owned(),
                sentence,
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

fn unknown_words(settlement: Option<Settlement>, times: Times) -> (&'static str, String) {
    match settlement {
        Some(Settlement::Missed { waited }) => (
            "Unknown – yours to decide",
            format!(
                "The line broke after hand-over, and WhatsApp has not reported on these people within {}. They may have \
                 the message or not. Nothing is sent twice by itself; whether to write to them again is yours to decide.",
                hours(waited)
            ),
        ),
        Some(Settlement::Expected { until }) => (
            "Unknown – waiting for WhatsApp",
            format!(
                "The line broke after hand-over, so these people may have it. A status from WhatsApp may still settle \
                 them until {}; nothing is sent twice by itself.",
                times.date_time(until)
            ),
        ),
        None => (
            "Unknown – waiting for WhatsApp",
            "The line broke after hand-over, so these people may have it. A status from WhatsApp settles them; nothing is \
             sent twice by itself."
                .to_owned(),
        ),
    }
}

fn hours(waited: Duration) -> String {
    plural(waited.as_secs() / 3_600, "hour", "hours")
}

/// Why one recipient is unknown, and what is to be expected.
pub(super) fn unknown_reason(settlement: Settlement, times: Times) -> String {
    match settlement {
        Settlement::Expected { until } => {
            format!("May have it; WhatsApp may still report until {}", times.date_time(until))
        }
        Settlement::Missed { .. } => "May have it; no report came, yours to decide".to_owned(),
    }
}

/// Why somebody who failed or is unknown is not tried again.
pub(super) fn left_out_words(word: &str) -> &'static str {
    LeftOutReason::of(word).map_or(UNKNOWN_REASON, left_out_label)
}

/// The reason of one recipient that failed, was skipped or waits.
pub(super) fn reason_label(state: &str, word: &str) -> &'static str {
    match state {
        "waiting" => word.parse::<WaitReason>().map_or(UNKNOWN_REASON, WaitReason::label),
        "submitted" => HELD_LABEL,
        "skipped" => word.parse::<SkipReason>().map_or(UNKNOWN_REASON, SkipReason::label),
        _ => failure_words(word).0,
    }
}

#[cfg(test)]
mod tests {
    use domain::time_zone::TimeZone;

    use super::*;

    fn counted(state: &str, reason: &str, provider_code: i32, recipients: i32) -> ReasonCount {
        ReasonCount { state: state.to_owned(), reason: reason.to_owned(), provider_code, recipients }
    }

    fn times() -> Times {
        let now = domain::Timestamp::from_timestamp(1_795_000_000, 0).expect("a valid instant");
        Times { zone: TimeZone::UTC, now }
    }

    #[test]
    fn who_is_unknown_is_waited_for_and_then_a_person_decides() {
        let unknown = [counted("unknown", "no_answer", 0, 3)];
        let until = times().now + chrono::TimeDelta::hours(3);
        let expected = Settlement::Expected { until };
        let waiting = groups(&unknown, Some(expected), times()).remove(0);
        assert_eq!(waiting.label, "Unknown – waiting for WhatsApp");
        let clock = times().date_time(until);
        assert!(waiting.sentence.contains(&format!("may still settle them until {clock};")), "{waiting:?}");
        assert!(unknown_reason(expected, times()).ends_with(&clock));

        let missed = Settlement::Missed { waited: Duration::from_secs(24 * 3_600) };
        let decided = groups(&unknown, Some(missed), times()).remove(0);
        assert_eq!(decided.label, "Unknown – yours to decide");
        assert!(decided.sentence.contains("within 24 hours"), "{decided:?}");
        assert!(unknown_reason(missed, times()).ends_with("no report came, yours to decide"));
    }

    #[test]
    fn codes_of_one_reason_are_one_group_and_skipped_people_none() {
        let counted_all = [
            counted("failed", "not_reachable", 131_026, 60),
            counted("unknown", "no_answer", 0, 3),
            counted("unknown", "worker_lost", 0, 90),
            counted("failed", "not_reachable", 131_000, 36),
            counted("skipped", "no_consent", 0, 500),
            counted("sent", "held_for_quality", 0, 12),
        ];
        let groups = groups(&counted_all, None, times());
        let said: Vec<_> =
            groups.iter().map(|group| (group.label.as_str(), group.people, group.codes.len())).collect();
        assert_eq!(
            said,
            [
                ("Not reachable on WhatsApp", 96, 2),
                ("Unknown – waiting for WhatsApp", 93, 0),
                (HELD_LABEL, 12, 0)
            ]
        );
    }

    #[test]
    fn a_pause_says_how_many_could_not_be_held_back() {
        let said = |gone, flying| pause(Some("person"), None, None).after(gone, flying).sentence;
        let still = "Nothing more is handed over until somebody resumes it.";
        assert_eq!(said(0, 0), still);
        assert_eq!(said(31, 0), format!("{still} 31 were already on the way and went out."));
        assert_eq!(said(1, 0), format!("{still} 1 was already on the way and went out."));
        assert_eq!(said(0, 1), format!("{still} 1 is still on the way and cannot be stopped."));
        assert_eq!(
            said(1_204, 12),
            format!("{still} 1,204 were already on the way and went out; 12 are still on the way.")
        );
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
