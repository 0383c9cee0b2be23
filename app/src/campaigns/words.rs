//! What a snapshot says: the words of the state, the facts beside the lead figure, why it is as fast as it is, and what
//! a screen reader is told. The words are those of the domain's states everywhere in the product.

use super::snapshot::{Snapshot, Standing};
use crate::ui::chip::Mark;
use crate::ui::format::{clock_of, clock_seconds_of, count, duration, people, percent_floor, time_left};
use crate::ui::icon::Icon;
use crate::ui::stats::SmallFact;
use crate::ui::tone::Tone;

/// A state as its chip shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateWords {
    /// What it means.
    pub tone: Tone,
    /// Its shape.
    pub mark: Mark,
    /// The words.
    pub words: String,
}

impl StateWords {
    pub(super) fn new(tone: Tone, mark: Mark, words: impl Into<String>) -> Self {
        Self { tone, mark, words: words.into() }
    }

    pub(super) fn sending() -> Self {
        Self::new(Tone::Accent, Mark::Pulse, "Sending")
    }

    pub(super) fn paused(label: impl Into<String>, by_provider: bool) -> Self {
        let tone = if by_provider { Tone::Danger } else { Tone::Neutral };
        Self::new(tone, Mark::Icon(Icon::Pause), label)
    }

    pub(super) fn finished(failed: u64) -> Self {
        let words =
            if failed > 0 { format!("Finished, {} failed", count(failed)) } else { "Finished".to_owned() };
        Self::new(Tone::Positive, Mark::Icon(Icon::Check), words)
    }

    pub(super) fn cancelled() -> Self {
        Self::new(Tone::Neutral, Mark::Icon(Icon::Stop), "Cancelled")
    }
}

/// The chip of a launched campaign.
pub fn state(snapshot: &Snapshot) -> StateWords {
    if let Some(left) = snapshot.undo_left_s().filter(|_| snapshot.standing == Standing::Running) {
        return StateWords::new(Tone::Accent, Mark::Icon(Icon::Clock), format!("Starts in {left} s"));
    }
    match snapshot.standing {
        Standing::Running if snapshot.waits_for_retry() => {
            StateWords::new(Tone::Caution, Mark::Icon(Icon::Clock), "Waiting to try again")
        }
        Standing::Running if snapshot.everybody_waits() => {
            StateWords::new(Tone::Accent, Mark::Icon(Icon::Clock), "Waiting")
        }
        Standing::Running if snapshot.is_preparing() => {
            StateWords::new(Tone::Accent, Mark::Pulse, "Preparing")
        }
        Standing::Running => StateWords::sending(),
        Standing::Paused => match &snapshot.pause {
            Some(pause) => StateWords::paused(pause.label.clone(), pause.by_provider),
            None => StateWords::paused("Paused", false),
        },
        Standing::Finished => StateWords::finished(snapshot.failed.into()),
        Standing::Cancelled => StateWords::cancelled(),
    }
}

/// The lead figure: how many are handled, and out of how many.
pub fn lead(snapshot: &Snapshot) -> (String, String) {
    (count(snapshot.handled().into()), format!("of {} handled", count(snapshot.reachable().into())))
}

/// What stands beside the lead figure.
pub fn facts(snapshot: &Snapshot) -> Vec<SmallFact> {
    let fact =
        |label: &str, value: String, remark: String| SmallFact { label: label.to_owned(), value, remark };
    let running = duration(snapshot.running_s().into());
    if let Some(ended) = snapshot.ended_at_s {
        let average = per_second(average_tenths(snapshot));
        return vec![
            fact("Average rate", average, "/s".to_owned()),
            fact("Took", running, String::new()),
            fact("Ended", clock_of(snapshot.local_s(ended)), String::new()),
        ];
    }
    let left = match (snapshot.left_s(), snapshot.next_try_s) {
        (Some(left), _) => {
            let until = clock_of(snapshot.local_s(snapshot.as_of_s + i64::from(left)));
            fact("Time left", time_left(left.into()), format!("until {until}"))
        }
        (None, Some(at)) => fact("Next try", clock_of(snapshot.local_s(at)), String::new()),
        (None, None) => fact("Time left", "–".to_owned(), String::new()),
    };
    vec![
        fact("Rate now", per_second(snapshot.rate_tenths), "/s".to_owned()),
        left,
        fact("Running for", running, String::new()),
    ]
}

/// Answers in ten seconds over the whole sending.
fn average_tenths(snapshot: &Snapshot) -> u32 {
    // What came back later than the last answer is not part of the sending.
    let stretches = snapshot.answers.iter().rposition(|answers| *answers > 0).map_or(0, |last| last + 1);
    let seconds = u32::try_from(stretches).unwrap_or(u32::MAX).saturating_mul(snapshot.stretch_s).max(1);
    let seconds = seconds.min(snapshot.running_s().max(1));
    snapshot.answers.iter().sum::<u32>().saturating_mul(10).div_ceil(seconds)
}

/// `20`, and with one decimal below ten: `0.4`.
fn per_second(tenths: u32) -> String {
    match tenths {
        0 => "0".to_owned(),
        1..=99 if !tenths.is_multiple_of(10) => format!("{}.{}", tenths / 10, tenths % 10),
        _ => count(((tenths + 5) / 10).into()),
    }
}

/// Why it is as fast as it is: the first words stand out, the rest explains.
pub fn why(snapshot: &Snapshot) -> (String, String) {
    let whose = if snapshot.has_several_senders() {
        "these numbers may send together"
    } else {
        "this number may send"
    };
    let most = format!("{} a second is the most {whose}.", count(snapshot.rate_max.into()));
    let shared = if snapshot.shared_with_app { " It is shared with the WhatsApp Business app." } else { "" };
    if let (Some(_), Some(until)) = (snapshot.undo_left_s(), snapshot.undo_until_s) {
        let until = clock_seconds_of(snapshot.local_s(until));
        return (
            "Nothing has left yet.".to_owned(),
            format!(" The first message leaves at {until}; until then you can take the send back."),
        );
    }
    match snapshot.standing {
        Standing::Running => (most, shared.to_owned()),
        Standing::Paused => match &snapshot.pause {
            Some(pause) => (format!("{}.", pause.label), format!(" {}", pause.sentence)),
            None => {
                ("Paused.".to_owned(), " Nothing more is handed over until somebody resumes it.".to_owned())
            }
        },
        Standing::Finished if snapshot.withheld > 0 => (
            format!("{} did not get it.", people(snapshot.withheld.into())),
            " The time until which it was to be sent was over before their turn came.".to_owned(),
        ),
        Standing::Finished => {
            ("Nobody is left to send to.".to_owned(), format!(" {most} Receipts and replies go on counting."))
        }
        Standing::Cancelled => (
            format!("{} did not get it.", people(snapshot.withheld.into())),
            format!(" {} had been handed over before.", people(snapshot.handled().into())),
        ),
    }
}

/// What a screen reader is told about the progress when it is asked.
pub fn progress_text(snapshot: &Snapshot) -> String {
    format!("{} of {} handled", count(snapshot.handled().into()), count(snapshot.reachable().into()))
}

/// What is worth saying aloud about the way from one snapshot to the next: a change of state, each quarter, a reason
/// that passes one in a hundred.
pub fn announcement(name: &str, before: &Snapshot, after: &Snapshot) -> Option<String> {
    if before.standing != after.standing || before.waits_for_retry() != after.waits_for_retry() {
        return Some(format!("{name}: {}. {}.", state(after).words, progress_text(after)));
    }
    let quarter = |snapshot: &Snapshot| snapshot.handled() * 4 / snapshot.reachable().max(1);
    if quarter(after) > quarter(before) {
        let left = after.left_s().map_or(String::new(), |left| format!(", {} left", time_left(left.into())));
        let share = percent_floor(after.handled().into(), after.reachable().into());
        return Some(format!("{name}: {share} handled{left}."));
    }
    let loud = |people: u32| people * 100 > after.reachable();
    let known = |reason: &str| {
        before.groups.iter().find(|group| group.reason == reason).map_or(0, |group| group.people)
    };
    let group = after.groups.iter().find(|group| loud(group.people) && !loud(known(&group.reason)))?;
    Some(format!("{name}: {} {}.", people(group.people.into()), crate::ui::format::lower_first(&group.label)))
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::tests::sending;
    use super::super::snapshot::{Group, GroupKind, Pause};
    use super::*;

    #[test]
    fn a_state_has_one_name() {
        let words = |snapshot: &Snapshot| state(snapshot).words;
        assert_eq!(words(&sending()), "Sending");
        let fresh = Snapshot { sent: 0, failed: 0, unknown: 0, in_the_air: 0, pending: 9_873, ..sending() };
        assert_eq!(words(&fresh), "Preparing");
        let held = Snapshot { undo_until_s: Some(fresh.as_of_s + 8), ..fresh };
        assert_eq!(words(&held), "Starts in 8 s");
        assert_eq!(why(&held).0, "Nothing has left yet.");
        assert_eq!(words(&Snapshot { retrying: 3_498, ..sending() }), "Waiting to try again");
        let pause = Pause {
            label: "Paused by Inês".to_owned(),
            sentence: String::new(),
            by_provider: false,
            remedy: None,
        };
        let paused = Snapshot { standing: Standing::Paused, pause: Some(pause), ..sending() };
        assert_eq!(words(&paused), "Paused by Inês");
        assert_eq!(state(&paused).tone, Tone::Neutral);
        assert_eq!(words(&Snapshot { standing: Standing::Finished, ..sending() }), "Finished, 131 failed");
        assert_eq!(words(&Snapshot { standing: Standing::Finished, failed: 0, ..sending() }), "Finished");
        assert_eq!(words(&Snapshot { standing: Standing::Cancelled, ..sending() }), "Cancelled");
    }

    #[test]
    fn the_facts_of_a_running_campaign() {
        let said: Vec<String> = facts(&sending())
            .into_iter()
            .map(|fact| format!("{} {} {}", fact.label, fact.value, fact.remark))
            .collect();
        assert_eq!(said, ["Rate now 20 /s", "Time left 3 min until 10:43", "Running for 10 min 40 s "]);
    }

    #[test]
    fn the_facts_of_one_that_ended() {
        let ended =
            Snapshot { standing: Standing::Finished, ended_at_s: Some(1_763_634_600 + 640), ..sending() };
        let said: Vec<String> =
            facts(&ended).into_iter().map(|fact| format!("{} {}", fact.label, fact.value)).collect();
        assert_eq!(said, ["Average rate 20", "Took 10 min 40 s", "Ended 10:40"]);
    }

    #[test]
    fn a_slow_rate_keeps_its_decimal() {
        assert_eq!([0, 4, 10, 95, 100, 123, 799].map(per_second), ["0", "0.4", "1", "9.5", "10", "12", "80"]);
    }

    #[test]
    fn each_quarter_is_said_once() {
        let at = |sent| Snapshot { sent, failed: 0, unknown: 0, ..sending() };
        assert_eq!(announcement("Winter", &at(4_900), &at(4_930)), None);
        let half = announcement("Winter", &at(4_930), &at(4_940)).expect("half of 9,873 is passed");
        assert_eq!(half, "Winter: 50% handled, 3 min left.");
        assert_eq!(announcement("Winter", &at(4_940), &at(4_950)), None);
    }

    #[test]
    fn an_end_and_a_loud_reason_are_said() {
        let done = Snapshot { standing: Standing::Finished, ..sending() };
        let said = announcement("Winter", &sending(), &done).expect("it ended");
        assert_eq!(said, "Winter: Finished, 131 failed. 6,375 of 9,873 handled.");
        let group = |people| Group {
            kind: GroupKind::Failed,
            reason: "not_reachable".to_owned(),
            label: "Not reachable on WhatsApp".to_owned(),
            sentence: String::new(),
            codes: vec![131_026],
            people,
        };
        let with = |people| Snapshot { groups: vec![group(people)], ..sending() };
        assert_eq!(announcement("Winter", &with(96), &with(98)), None);
        let said = announcement("Winter", &with(98), &with(99)).expect("one in a hundred");
        assert_eq!(said, "Winter: 99 people not reachable on WhatsApp.");
        assert_eq!(announcement("Winter", &with(99), &with(120)), None);
    }
}
