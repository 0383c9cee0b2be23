//! Time zones: what clocks show where, and which instant a clock's time is. The rules for clocks that are moved are here
//! and nowhere else.

use std::fmt;
use std::str::FromStr;

use chrono::{LocalResult, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Timestamp;

/// The longest stretch that clocks were ever moved ahead by is a day (Samoa, 2011), in steps of this many minutes at least.
const GAP_STEP_MINUTES: i64 = 15;
/// Steps in the longest gap.
const GAP_STEPS_MAX: i64 = 24 * 60 / GAP_STEP_MINUTES;

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

    /// The instant at which clocks there show this. When they show it twice, because they are set back, the first time;
    /// when they never do, because they are set ahead over it, the moment of that.
    pub fn instant(self, local: NaiveDateTime) -> Timestamp {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
            LocalResult::None => self.after_gap(local),
        }
    }

    /// The first instant after clocks were set ahead over a local time.
    fn after_gap(self, local: NaiveDateTime) -> Timestamp {
        let step = TimeDelta::minutes(GAP_STEP_MINUTES);
        // Clocks are moved at whole quarters of an hour.
        let since = local.and_utc().timestamp().rem_euclid(GAP_STEP_MINUTES * 60);
        let whole = local - TimeDelta::seconds(since);
        let reached =
            (1..=GAP_STEPS_MAX).map(|steps| whole + step * i32::try_from(steps).unwrap_or(i32::MAX));
        let mut known = reached.filter_map(|local| self.0.from_local_datetime(&local).earliest());
        known.next().map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
    }
}

impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clocks_follow_the_zone() {
        let noon: Timestamp = "2026-07-01T12:00:00Z".parse().expect("an instant");
        let lisbon: TimeZone = "Europe/Lisbon".parse().expect("a zone");
        assert_eq!(lisbon.local(noon).to_string(), "2026-07-01 13:00:00");
        assert_eq!("Europe/Atlantis".parse::<TimeZone>(), Err(UnknownTimeZone));
    }

    fn instant(zone: &str, local: &str) -> String {
        let zone: TimeZone = zone.parse().expect("a zone");
        zone.instant(local.parse().expect("a local time")).to_rfc3339()
    }

    #[test]
    fn an_hour_that_is_skipped_is_the_moment_after_it() {
        assert_eq!(instant("Europe/Lisbon", "2026-03-29T01:30:00"), "2026-03-29T01:00:00+00:00");
        assert_eq!(instant("Europe/Lisbon", "2026-03-29T02:00:00"), "2026-03-29T01:00:00+00:00");
        // Half an hour, and a whole day.
        assert_eq!(instant("Australia/Lord_Howe", "2026-10-04T02:10:00"), "2026-10-03T15:30:00+00:00");
        assert_eq!(instant("Pacific/Apia", "2011-12-30T09:00:00"), "2011-12-30T10:00:00+00:00");
    }

    #[test]
    fn an_hour_that_comes_twice_is_the_first() {
        assert_eq!(instant("Europe/Lisbon", "2026-10-25T01:30:00"), "2026-10-25T00:30:00+00:00");
        assert_eq!(instant("America/New_York", "2026-11-01T01:30:00"), "2026-11-01T05:30:00+00:00");
    }

    proptest! {
        #[test]
        fn an_instant_is_never_before_what_clocks_show(zone in 0..TZ_VARIANTS.len(), minute in 0_i64..60 * 24 * 365 * 20) {
            let zone = TimeZone(TZ_VARIANTS[zone]);
            let local = chrono::DateTime::from_timestamp(1_577_836_800 + minute * 60, 0).expect("a time").naive_utc();
            let shown = zone.local(zone.instant(local));
            prop_assert!(shown >= local);
            prop_assert!(shown - local <= TimeDelta::days(1));
            // From an instant and back, unless clocks show the same twice.
            let again = zone.instant(shown);
            prop_assert_eq!(zone.local(again), shown);
        }
    }

    #[test]
    fn every_name_on_the_list_is_a_zone() {
        assert!(TimeZone::names().count() > 300);
        assert!(TimeZone::names().all(|name| name.parse::<TimeZone>().is_ok()));
    }
}
