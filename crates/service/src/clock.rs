//! Where the time and new ids come from.

use chrono::TimeDelta;
use domain::Timestamp;

/// Tells the time. Tests hold it still; everything else reads the machine's.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still.
    Fixed(Timestamp),
}

impl Clock {
    /// The present time, in whole microseconds, as Postgres keeps it.
    pub fn now(&self) -> Timestamp {
        let now = match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
            Self::System => chrono::Utc::now(),
            Self::Fixed(at) => *at,
        };
        now - TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos() % 1_000))
    }
}

/// Ten random bytes for a new id.
pub fn id_entropy() -> [u8; 10] {
    rand::random()
}
