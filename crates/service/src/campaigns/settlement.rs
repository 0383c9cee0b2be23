//! How long what is unknown may still settle by itself.

use std::time::Duration;

use chrono::TimeDelta;
use domain::Timestamp;

/// What is to be expected for somebody of whom it is not known whether they got the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// A report of the provider may still tell.
    Expected {
        /// Until then; one that comes later settles it all the same.
        until: Timestamp,
    },
    /// None came, and none is to be expected: a person decides.
    Missed {
        /// How long it was waited for.
        waited: Duration,
    },
}

impl Settlement {
    /// What is to be expected at a moment for what became unknown at another.
    pub fn at(now: Timestamp, unknown_since: Timestamp, window: Duration) -> Self {
        let until = unknown_since + TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX);
        if now < until { Self::Expected { until } } else { Self::Missed { waited: window } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_expected_until_the_window_has_passed() {
        let since = Timestamp::from_timestamp(1_795_000_000, 0).expect("a valid instant");
        let window = Duration::from_secs(24 * 3_600);
        let until = since + TimeDelta::hours(24);
        let at = |now| Settlement::at(now, since, window);
        assert_eq!(at(since), Settlement::Expected { until });
        assert_eq!(at(until - TimeDelta::seconds(1)), Settlement::Expected { until });
        assert_eq!(at(until), Settlement::Missed { waited: window });
    }
}
