//! The zone in which a workspace sees its times.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDateTime;
use chrono_tz::{TZ_VARIANTS, Tz};
use domain::Timestamp;

/// A zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeZone(Tz);

/// A text that is not the name of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such time zone; choose one from the list")]
pub struct UnknownTimeZone;

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// Names to choose from: one per region and city, without the aliases that old systems know.
    pub fn names() -> impl Iterator<Item = &'static str> {
        const REGIONS: [&str; 9] = [
            "Africa",
            "America",
            "Antarctica",
            "Asia",
            "Atlantic",
            "Australia",
            "Europe",
            "Indian",
            "Pacific",
        ];
        let zones = TZ_VARIANTS.iter().map(|zone| zone.name());
        let cities =
            zones.filter(|name| name.split_once('/').is_some_and(|(region, _)| REGIONS.contains(&region)));
        std::iter::once("UTC").chain(cities)
    }

    /// Its IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What clocks there show at this instant.
    pub fn local(self, at: Timestamp) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(text: &str) -> Result<Self, UnknownTimeZone> {
        text.parse().map(Self).map_err(|_| UnknownTimeZone)
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_follow_the_zone() {
        let noon: Timestamp = "2026-07-01T12:00:00Z".parse().expect("an instant");
        let lisbon: TimeZone = "Europe/Lisbon".parse().expect("a zone");
        assert_eq!(lisbon.local(noon).to_string(), "2026-07-01 13:00:00");
        assert_eq!("Europe/Atlantis".parse::<TimeZone>(), Err(UnknownTimeZone));
    }

    #[test]
    fn every_name_on_the_list_is_a_zone() {
        assert!(TimeZone::names().count() > 300);
        assert!(TimeZone::names().all(|name| name.parse::<TimeZone>().is_ok()));
    }
}
