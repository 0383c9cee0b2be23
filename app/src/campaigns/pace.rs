//! Why a running campaign is as fast as it is, line by line.

use domain::delivery::WaitReason;
use service::campaigns::{Bottleneck, CanaryStanding};

use super::snapshot::PaceLine;
use super::times::Times;
use crate::ui::format::{count, plural};

/// One line for each thing that keeps the campaign from being faster.
pub(super) fn lines(bottlenecks: &[Bottleneck], times: Times) -> Vec<PaceLine> {
    let names_limit = bottlenecks.iter().any(|found| matches!(found, Bottleneck::PortfolioLimit { .. }));
    let is_said = |found: &&Bottleneck| {
        let repeats = matches!(found, Bottleneck::Waiting { reason: WaitReason::PortfolioLimit, .. });
        !(names_limit && repeats)
    };
    bottlenecks.iter().filter(is_said).map(|found| line(found, times)).collect()
}

fn line(found: &Bottleneck, times: Times) -> PaceLine {
    let plain = |head: String, rest: &str| PaceLine { head, rest: rest.to_owned(), people: 0, reason: None };
    match found {
        Bottleneck::SenderCannotSend { sender, reason } => {
            plain(format!("{sender} cannot send."), &format!(" {reason} See it under Channels."))
        }
        Bottleneck::NoWorker { sender } => plain(
            format!("No worker sends through {sender}."),
            " Whoever runs this installation should look whether the worker runs; nobody is lost meanwhile.",
        ),
        Bottleneck::Unreachable { sender, since } => plain(
            format!("{sender} does not reach WhatsApp."),
            &format!(
                " No connection since {}. It tries again by itself, and nobody is lost; whoever runs this installation should \
                 look at its network.",
                times.near(*since)
            ),
        ),
        Bottleneck::PortfolioLimit { until } => plain(
            "WhatsApp’s limit of people in 24 hours is used up.".to_owned(),
            &format!(" The next can be written to {}.", at(*until, times)),
        ),
        Bottleneck::SlowedDown { sender, now, plan } => plain(
            format!("WhatsApp asked {sender} to be slower."),
            &format!(
                " It sends {} a second instead of {} and speeds up again by itself.",
                whole(*now),
                whole(*plan)
            ),
        ),
        Bottleneck::SharedSender { sender, campaigns } => plain(
            format!("{sender} takes turns."),
            &format!(
                " {} on it as well; each gets its share.",
                plural(u64::try_from(*campaigns).unwrap_or(0), "other campaign runs", "other campaigns run")
            ),
        ),
        Bottleneck::Canary { people, standing } => canary_line(*people, standing),
        Bottleneck::Waiting { reason, people, until } => {
            let people = u32::try_from(*people).unwrap_or(0);
            let waiting = plural(people.into(), "person waits", "people wait");
            let (what, first) = (waited_for(*reason), at(*until, times));
            let rest = if people == 1 {
                format!(" It is due {first}.")
            } else {
                format!(" The first is due {first}.")
            };
            PaceLine {
                head: format!("{waiting} {what}."),
                rest,
                people,
                reason: Some(reason.as_str().to_owned()),
            }
        }
    }
}

/// The others wait for something that has no moment.
fn canary_line(people: i32, standing: &CanaryStanding) -> PaceLine {
    let gone = match (standing.open, standing.unreported) {
        (0, unreported) if unreported > 0 => format!(
            "All have gone, {} failed; receipts are waited for, a minute at most.",
            whole(standing.failed)
        ),
        _ => format!("{} of them have gone, {} failed.", whole(standing.tried), whole(standing.failed)),
    };
    let follow = plural(u64::try_from(people).unwrap_or(0), "other follows", "others follow");
    PaceLine {
        head: format!("The first {} are watched.", whole(standing.people)),
        rest: format!(" {gone} The {follow} if no more than {} % of the first fail.", standing.percent_max),
        people: u32::try_from(people).unwrap_or(0),
        reason: Some(WaitReason::Canary.as_str().to_owned()),
    }
}

const fn waited_for(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Retry => "for another try",
        WaitReason::PairLimit => "because WhatsApp limits how often one number writes to one person",
        WaitReason::MarketingLimit => "because WhatsApp limits how much marketing a person gets",
        WaitReason::PortfolioLimit => "for WhatsApp’s limit of people in 24 hours",
        WaitReason::QuietHours => "because of quiet hours where they live",
        WaitReason::NotStarted => "for their start time",
        WaitReason::Canary => "until it is known how the first messages went",
    }
}

fn at(moment: domain::Timestamp, times: Times) -> String {
    format!("at {}", times.near(moment))
}

fn whole(number: i32) -> String {
    count(u64::try_from(number).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use domain::time_zone::TimeZone;

    use super::*;

    fn said(found: &[Bottleneck]) -> Vec<String> {
        let now = domain::Timestamp::from_timestamp(1_763_634_600, 0).expect("a moment");
        let lines = lines(found, Times { zone: TimeZone::UTC, now });
        lines.into_iter().map(|line| format!("{}{}", line.head, line.rest)).collect()
    }

    #[test]
    fn the_first_messages_are_told_about() {
        let standing = |tried, open, unreported| CanaryStanding {
            people: 50,
            tried,
            failed: 1,
            percent_max: 10,
            open,
            unreported,
            last_at: None,
        };
        let canary = |standing| Bottleneck::Canary { people: 950, standing };
        assert_eq!(
            said(&[canary(standing(32, 18, 5)), canary(standing(50, 0, 7))]),
            [
                "The first 50 are watched. 32 of them have gone, 1 failed. The 950 others follow if no more than 10 % of the first fail.",
                "The first 50 are watched. All have gone, 1 failed; receipts are waited for, a minute at most. \
                 The 950 others follow if no more than 10 % of the first fail.",
            ]
        );
    }

    #[test]
    fn each_line_says_what_and_until_when() {
        let later = domain::Timestamp::from_timestamp(1_763_634_600 + 3_600, 0).expect("a moment");
        let waiting = |reason, people| Bottleneck::Waiting { reason, people, until: later };
        assert_eq!(
            said(&[waiting(WaitReason::QuietHours, 212), waiting(WaitReason::PairLimit, 1)]),
            [
                "212 people wait because of quiet hours where they live. The first is due at 11:30.",
                "1 person waits because WhatsApp limits how often one number writes to one person. It is due at 11:30.",
            ]
        );
        assert_eq!(
            said(&[
                Bottleneck::PortfolioLimit { until: later },
                waiting(WaitReason::PortfolioLimit, 150),
                Bottleneck::SlowedDown { sender: "Shop".to_owned(), now: 56, plan: 80 },
            ]),
            [
                "WhatsApp’s limit of people in 24 hours is used up. The next can be written to at 11:30.",
                "WhatsApp asked Shop to be slower. It sends 56 a second instead of 80 and speeds up again by itself.",
            ]
        );
    }
}
