//! How fast a number may send, and how often one person may be written to.
//!
//! Both limits are token buckets. A number's bucket holds one second's worth of messages, so that a burst of a
//! full second is fine while a sustained excess is caught exactly. The ledger keeps the peaks for whoever wants
//! to assert more strictly.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::world::Number;

/// Messages a second that every number may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimit {
    /// As documented: 80, 1,000 when the throughput level is `HIGH`, 20 when the number is on the business app.
    Documented,
    /// This many a second for every number.
    PerSecond(u32),
    /// No limit.
    Unlimited,
}

impl RateLimit {
    /// What holds for one number; none is unlimited.
    pub fn per_second(self, number: &Number) -> Option<u32> {
        match self {
            Self::Unlimited => None,
            Self::PerSecond(limit) => Some(limit),
            Self::Documented if number.is_on_biz_app => Some(20),
            Self::Documented if number.throughput_level == "HIGH" => Some(1_000),
            Self::Documented => Some(80),
        }
    }
}

/// Pair limit: one message per six seconds to the same person, with a burst of 45.
const PAIR_BURST: f64 = 45.0;
const PAIR_PER_SECOND: f64 = 1.0 / 6.0;
/// Above this many remembered pairs, those that owe nothing are forgotten.
const PAIRS_MAX: usize = 200_000;

/// The buckets of all numbers and pairs.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    numbers: HashMap<String, Bucket>,
    pairs: HashMap<(String, String), Bucket>,
}

impl Rates {
    /// Takes one message from a number's bucket. False is 130429.
    pub(crate) fn take_for_number(&mut self, id: &str, per_second: u32, now: Instant) -> bool {
        let (capacity, rate) = (f64::from(per_second), f64::from(per_second));
        match self.numbers.get_mut(id) {
            Some(bucket) => bucket.take(capacity, rate, now),
            None => {
                let mut bucket = Bucket { tokens: capacity, at: now };
                let taken = bucket.take(capacity, rate, now);
                self.numbers.insert(id.to_owned(), bucket);
                taken
            }
        }
    }

    /// Takes one message from a pair's bucket. False is 131056.
    pub(crate) fn take_for_pair(&mut self, number_id: &str, recipient: &str, now: Instant) -> bool {
        if self.pairs.len() >= PAIRS_MAX {
            self.pairs.retain(|_, bucket| bucket.filled(PAIR_BURST, PAIR_PER_SECOND, now) < PAIR_BURST);
        }
        self.pairs
            .entry((number_id.to_owned(), recipient.to_owned()))
            .or_insert(Bucket { tokens: PAIR_BURST, at: now })
            .take(PAIR_BURST, PAIR_PER_SECOND, now)
    }

    /// Forgets everything.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn filled(&self, capacity: f64, per_second: f64, now: Instant) -> f64 {
        let elapsed: Duration = now.saturating_duration_since(self.at);
        (self.tokens + elapsed.as_secs_f64() * per_second).min(capacity)
    }

    fn take(&mut self, capacity: f64, per_second: f64, now: Instant) -> bool {
        self.tokens = self.filled(capacity, per_second, now);
        self.at = now;
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Rates;

    #[test]
    fn a_second_holds_the_limit_and_refills_at_it() {
        let (mut rates, start) = (Rates::default(), Instant::now());
        let taken = |rates: &mut Rates, at: Instant, tries: u32| {
            (0..tries).filter(|_| rates.take_for_number("n", 80, at)).count()
        };
        assert_eq!(taken(&mut rates, start, 200), 80);
        assert_eq!(taken(&mut rates, start + Duration::from_millis(500), 200), 40);
        assert_eq!(taken(&mut rates, start + Duration::from_secs(60), 200), 80);
    }

    #[test]
    fn a_pair_has_a_burst_and_then_one_message_in_six_seconds() {
        let (mut rates, start) = (Rates::default(), Instant::now());
        let burst = (0..60).filter(|_| rates.take_for_pair("n", "351910000001", start)).count();
        assert_eq!(burst, 45);
        assert!(!rates.take_for_pair("n", "351910000001", start + Duration::from_secs(5)));
        assert!(rates.take_for_pair("n", "351910000001", start + Duration::from_secs(7)));
        assert!(rates.take_for_pair("n", "351910000002", start), "another person is another pair");
    }
}
