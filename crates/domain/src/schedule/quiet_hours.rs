//! The hours of a day in which nobody is written to.

use chrono::{NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

/// What remains of a day must be at least so long, so that everybody's turn can come.
const DAY_HOURS_MIN: i64 = 1;

/// Hours of each person's own day in which they are not written to; over midnight where they begin later than they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Hours", into = "Hours")]
pub struct QuietHours {
    from: NaiveTime,
    until: NaiveTime,
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Hours {
    from: NaiveTime,
    until: NaiveTime,
}

/// Why two times are no quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuietHours {
    /// The first cannot be read.
    #[error("Give the time as hours and minutes: 21:00.")]
    From,
    /// The second cannot be read.
    #[error("Give the time as hours and minutes: 08:00.")]
    Until,
    /// Nothing is left of the day.
    #[error("Leave at least an hour of the day in which people can be written to.")]
    NoDay,
}

impl QuietHours {
    /// From a time of the day until another one, maybe of the next.
    pub fn new(from: NaiveTime, until: NaiveTime) -> Result<Self, InvalidQuietHours> {
        let day = from.signed_duration_since(until).num_minutes().rem_euclid(24 * 60);
        if from == until || day < TimeDelta::hours(DAY_HOURS_MIN).num_minutes() {
            return Err(InvalidQuietHours::NoDay);
        }
        Ok(Self { from, until })
    }

    /// Reads what the time fields of a browser send: `21:00` and `08:00`.
    pub fn parse(from: &str, until: &str) -> Result<Self, InvalidQuietHours> {
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M");
        let from = time(from).map_err(|_| InvalidQuietHours::From)?;
        let until = time(until).map_err(|_| InvalidQuietHours::Until)?;
        Self::new(from, until)
    }

    /// When they begin.
    pub const fn from(self) -> NaiveTime {
        self.from
    }

    /// When they end.
    pub const fn until(self) -> NaiveTime {
        self.until
    }
}

/// At night, as most people would have it.
impl Default for QuietHours {
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        Self { from: hour(21), until: hour(8) }
    }
}

impl From<QuietHours> for Hours {
    fn from(hours: QuietHours) -> Self {
        Self { from: hours.from, until: hours.until }
    }
}

impl TryFrom<Hours> for QuietHours {
    type Error = InvalidQuietHours;

    fn try_from(hours: Hours) -> Result<Self, InvalidQuietHours> {
        Self::new(hours.from, hours.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_to_be_left() {
        let words = |from, until| {
            QuietHours::parse(from, until).map(|hours| format!("{}-{}", hours.from(), hours.until()))
        };
        assert_eq!(words("21:00", "08:00"), Ok("21:00:00-08:00:00".to_owned()));
        assert_eq!(words("12:30", "14:00"), Ok("12:30:00-14:00:00".to_owned()));
        assert_eq!(words("09:00", "08:00"), Ok("09:00:00-08:00:00".to_owned()), "an hour is enough");
        assert_eq!(words("08:59", "08:00"), Err(InvalidQuietHours::NoDay));
        assert_eq!(words("08:00", "08:00"), Err(InvalidQuietHours::NoDay));
        assert_eq!(words("8 pm", "08:00"), Err(InvalidQuietHours::From));
        assert_eq!(words("21:00", "24:30"), Err(InvalidQuietHours::Until));
    }

    #[test]
    fn they_survive_the_database() {
        let kept = serde_json::to_string(&QuietHours::default()).expect("JSON");
        assert_eq!(kept, r#"{"from":"21:00:00","until":"08:00:00"}"#);
        assert_eq!(serde_json::from_str::<QuietHours>(&kept).expect("quiet hours"), QuietHours::default());
        let no_day = r#"{"from":"08:00:00","until":"08:00:00"}"#;
        assert!(serde_json::from_str::<QuietHours>(no_day).is_err());
    }
}
