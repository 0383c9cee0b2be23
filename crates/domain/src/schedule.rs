//! When a campaign goes out: what a person chose in the composer.

mod canary;
mod quiet_hours;
mod waves;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::time_zone::TimeZone;

pub use self::canary::{Canary, InvalidCanary};
pub use self::quiet_hours::{InvalidQuietHours, QuietHours};
pub use self::waves::{Wave, ends};

/// The years in which a campaign can start.
const YEARS: std::ops::RangeInclusive<i32> = 2020..=2199;

/// When a campaign goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// When it is launched.
    pub start: Start,
    /// Whether a start at a moment is meant by each person's own clocks.
    pub local_time: bool,
    /// When nobody is written to, by their own clocks.
    pub quiet_hours: Option<QuietHours>,
    /// Who goes first, and when the others follow.
    pub canary: Option<Canary>,
    /// Whoever was not sent to by then is left out.
    pub not_after: Option<LocalMoment>,
    /// How long the launch can be taken back before the first message leaves.
    pub undo: Undo,
}

/// When a campaign is launched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Start {
    /// With the click.
    #[default]
    Now,
    /// At a moment.
    At(LocalMoment),
}

/// A moment as a person names it: what clocks show, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalMoment {
    /// What clocks show.
    pub local: NaiveDateTime,
    /// Where they hang.
    pub zone: TimeZone,
}

/// Why a date and a time are not a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoment {
    /// The date cannot be read.
    #[error("Give the day as year, month and day: 2026-11-28.")]
    Date,
    /// The time cannot be read.
    #[error("Give the time as hours and minutes: 09:00.")]
    Time,
}

impl LocalMoment {
    /// Reads what the date and time fields of a browser send: `2026-11-28` and `09:00`.
    pub fn parse(date: &str, time: &str, zone: TimeZone) -> Result<Self, InvalidMoment> {
        let date: NaiveDate = date.parse().map_err(|_| InvalidMoment::Date)?;
        if !YEARS.contains(&chrono::Datelike::year(&date)) {
            return Err(InvalidMoment::Date);
        }
        let time = NaiveTime::parse_from_str(time, "%H:%M")
            .or_else(|_| NaiveTime::parse_from_str(time, "%H:%M:%S"))
            .map_err(|_| InvalidMoment::Time)?;
        Ok(Self { local: date.and_time(time), zone })
    }

    /// The instant.
    pub fn instant(self) -> Timestamp {
        self.zone.instant(self.local)
    }
}

/// How long a launch can be taken back before the first message leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Undo {
    /// Not at all: the first message leaves at once.
    #[default]
    None,
    /// Ten seconds.
    Ten,
    /// Thirty seconds.
    Thirty,
    /// A minute.
    Minute,
}

/// A number of seconds that is none of the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Choose one of the list.")]
pub struct UnknownUndo;

impl Undo {
    /// Every choice, from the shortest.
    pub const ALL: [Self; 4] = [Self::None, Self::Ten, Self::Thirty, Self::Minute];

    /// In seconds; 0 for none.
    pub const fn seconds(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Ten => 10,
            Self::Thirty => 30,
            Self::Minute => 60,
        }
    }
}

impl From<Undo> for u8 {
    fn from(undo: Undo) -> Self {
        undo.seconds()
    }
}

impl TryFrom<u8> for Undo {
    type Error = UnknownUndo;

    fn try_from(seconds: u8) -> Result<Self, UnknownUndo> {
        Self::ALL.into_iter().find(|undo| undo.seconds() == seconds).ok_or(UnknownUndo)
    }
}

impl std::str::FromStr for Undo {
    type Err = UnknownUndo;

    fn from_str(text: &str) -> Result<Self, UnknownUndo> {
        text.parse::<u8>().map_err(|_| UnknownUndo)?.try_into()
    }
}

/// What of a launch depends on where people are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timing {
    /// Nobody is written to before their clocks show this.
    pub local_start: Option<NaiveDateTime>,
    /// Nor in these hours of their day.
    pub quiet_hours: Option<QuietHours>,
}

impl Timing {
    /// Whether it does depend on that.
    pub const fn goes_by_zone(&self) -> bool {
        self.local_start.is_some() || self.quiet_hours.is_some()
    }
}

/// Somebody whom the provider holds back is tried again a day later; a window that ends sooner than so many hours after
/// the launch leaves no room for that.
const HOLD_HOURS: i64 = 25;

impl Schedule {
    /// The end of the window; `None` without one.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.not_after.map(LocalMoment::instant)
    }

    /// Whether people whom the provider holds back for a day can be tried again within the window of a launch.
    pub fn allows_holds(&self, launched_at: Timestamp) -> bool {
        self.ends_at().is_none_or(|ends| ends - launched_at >= chrono::TimeDelta::hours(HOLD_HOURS))
    }

    /// What its launch at the start it was planned for, or at a click, goes by.
    pub fn timing(&self, is_planned: bool) -> Timing {
        let local_start = match self.start {
            Start::At(moment) if is_planned && self.local_time => Some(moment.local),
            _ => None,
        };
        Timing { local_start, quiet_hours: self.quiet_hours }
    }

    /// When it is to start; `None` for at once.
    pub fn starts_at(&self) -> Option<Timestamp> {
        match self.start {
            Start::Now => None,
            Start::At(moment) => Some(moment.instant()),
        }
    }
}

#[cfg(test)]
mod tests;
