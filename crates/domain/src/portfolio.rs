//! The limit of a business portfolio: how many people it may write to in a rolling day, and what that means for a send.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::TimeDelta;

use crate::Timestamp;

/// How long a person counts after their last handover: Meta's day, the minute in which they are counted, and time for what
/// was handed over and left a little later.
pub const COUNTED_FOR: Duration = Duration::from_secs(24 * 3_600 + 5 * 60);

/// A limit and how much of it is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowance {
    /// People who may be written to in 24 hours; `None` without a limit, and while none is known.
    pub people_max: Option<u32>,
    /// The people counted, by when they count no more, the earliest first.
    pub leaving: Vec<(Timestamp, u64)>,
    /// Connected numbers of the workspace that share it.
    pub numbers: u64,
}

/// How a send goes under a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// People for whom there is a place at once.
    pub at_once: u64,
    /// The others, and when the first of them have a place; `None` if there are none. The moment is missing where no place
    /// comes free.
    pub rest: Option<(u64, Option<Timestamp>)>,
    /// When the last one is sent to; `None` if never.
    pub ends: Option<Timestamp>,
}

impl Allowance {
    /// People counted now.
    pub fn used(&self) -> u64 {
        self.leaving.iter().map(|(_, people)| people).sum()
    }

    /// People for whom there is a place now; `None` without a limit.
    pub fn left(&self) -> Option<u64> {
        self.people_max.map(|most| u64::from(most).saturating_sub(self.used()))
    }

    /// How a send to so many people goes that would take this long without a limit, if nobody else sends and nobody among them
    /// was counted before: those need no place, so it may only go faster.
    pub fn forecast(&self, people: u64, takes: Duration, now: Timestamp) -> Forecast {
        let ends_of = |start: Timestamp, sent: u64| start + share(takes, sent, people);
        let Some(most) = self.people_max.map(u64::from) else {
            return Forecast { at_once: people, rest: None, ends: Some(ends_of(now, people)) };
        };
        let mut leaving: VecDeque<(Timestamp, u64)> = self.leaving.iter().copied().collect();
        let mut counted = self.used();
        let (mut at, mut left) = (now, people);
        let (mut at_once, mut rest) = (0, None);
        loop {
            let sent = left.min(most.saturating_sub(counted));
            if sent > 0 {
                if let Some((_, from @ None)) = &mut rest {
                    *from = Some(at);
                }
                at = ends_of(at, sent);
                left -= sent;
                counted += sent;
                leaving.push_back((at + TimeDelta::from_std(COUNTED_FOR).unwrap_or_default(), sent));
                at_once += if rest.is_none() { sent } else { 0 };
            }
            if left == 0 {
                return Forecast { at_once, rest, ends: Some(at) };
            }
            let Some((next, people)) = leaving.pop_front().filter(|_| most > 0) else {
                return Forecast { at_once, rest: rest.or(Some((left, None))), ends: None };
            };
            counted -= people;
            if next > at {
                at = next;
                rest = rest.or(Some((left, None)));
            }
        }
    }
}

/// The part of a length of time that some of its people take.
fn share(takes: Duration, some: u64, people: u64) -> TimeDelta {
    let milliseconds = takes.as_millis().saturating_mul(u128::from(some)) / u128::from(people.max(1));
    TimeDelta::milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64, minutes: i64) -> Timestamp {
        let start = Timestamp::from_timestamp(1_795_000_000, 0).expect("a valid instant");
        start + TimeDelta::hours(hours) + TimeDelta::minutes(minutes)
    }

    fn limit(most: u32, leaving: &[(Timestamp, u64)]) -> Allowance {
        Allowance { people_max: Some(most), leaving: leaving.to_vec(), numbers: 1 }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn within_the_limit_nobody_waits() {
        let forecast = limit(250, &[(at(5, 0), 50)]).forecast(200, MINUTE, at(0, 0));
        assert_eq!(forecast, Forecast { at_once: 200, rest: None, ends: Some(at(0, 1)) });
        let unlimited = Allowance::default().forecast(1_000_000, MINUTE, at(0, 0));
        assert_eq!((unlimited.at_once, unlimited.rest, unlimited.ends), (1_000_000, None, Some(at(0, 1))));
    }

    #[test]
    fn the_rest_waits_until_those_of_today_count_no_more() {
        // 2,000 take two minutes; a day and five minutes later the next 2,000, and the last 1,000 after them.
        let forecast = limit(2_000, &[]).forecast(5_000, 5 * MINUTE, at(0, 0));
        assert_eq!((forecast.at_once, forecast.rest), (2_000, Some((3_000, Some(at(24, 7))))));
        assert_eq!(forecast.ends, Some(at(48, 15)));
    }

    #[test]
    fn places_of_others_come_free_before() {
        let allowance = limit(100, &[(at(1, 0), 30), (at(2, 0), 70)]);
        let forecast = allowance.forecast(60, MINUTE, at(0, 0));
        assert_eq!((forecast.at_once, forecast.rest), (0, Some((60, Some(at(1, 0))))));
        assert!(forecast.ends.is_some_and(|ends| ends > at(2, 0) && ends < at(2, 1)), "{forecast:?}");
        assert_eq!((allowance.used(), allowance.left()), (100, Some(0)));
    }

    #[test]
    fn a_limit_that_shrank_waits_for_more_to_leave() {
        let forecast = limit(50, &[(at(1, 0), 30), (at(2, 0), 70)]).forecast(10, MINUTE, at(0, 0));
        assert_eq!(forecast.rest, Some((10, Some(at(2, 0)))));
    }

    #[test]
    fn a_limit_of_nobody_never_ends() {
        let forecast = limit(0, &[]).forecast(10, MINUTE, at(0, 0));
        assert_eq!(forecast, Forecast { at_once: 0, rest: Some((10, None)), ends: None });
    }
}
