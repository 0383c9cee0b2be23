//! The first people of a campaign, whose messages are watched before the others get theirs.

use serde::{Deserialize, Serialize};

/// How many people go first, and how many of them may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Canary {
    people: u32,
    percent_max: u8,
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    people: u32,
    percent_max: u8,
}

/// Why two numbers are no canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCanary {
    /// Too few people to tell anything, or so many that nothing is left to protect.
    #[error("Between {} and 10,000 people can go first.", Canary::PEOPLE_MIN)]
    People,
    /// Not a share that can be exceeded.
    #[error("Give a share between 0 and {} %.", Canary::PERCENT_MAX)]
    Percent,
}

impl Canary {
    /// Fewer tell nothing.
    pub const PEOPLE_MIN: u32 = 5;
    /// More are not looked through every second.
    pub const PEOPLE_MAX: u32 = 10_000;
    /// More than all cannot fail.
    pub const PERCENT_MAX: u8 = 99;

    /// So many people, of whom at most such a share may fail.
    pub const fn new(people: u32, percent_max: u8) -> Result<Self, InvalidCanary> {
        if people < Self::PEOPLE_MIN || people > Self::PEOPLE_MAX {
            return Err(InvalidCanary::People);
        }
        if percent_max > Self::PERCENT_MAX {
            return Err(InvalidCanary::Percent);
        }
        Ok(Self { people, percent_max })
    }

    /// Reads what people write.
    pub fn parse(people: &str, percent_max: &str) -> Result<Self, InvalidCanary> {
        let people = people.parse().map_err(|_| InvalidCanary::People)?;
        let percent_max = percent_max.parse().map_err(|_| InvalidCanary::Percent)?;
        Self::new(people, percent_max)
    }

    /// How many go first.
    pub const fn people(self) -> u32 {
        self.people
    }

    /// The share of them in percent that may fail.
    pub const fn percent_max(self) -> u8 {
        self.percent_max
    }

    /// Whether so many failures are more than such a share of those who were tried.
    pub fn is_exceeded(percent_max: u8, failed: u32, tried: u32) -> bool {
        u64::from(failed) * 100 > u64::from(percent_max) * u64::from(tried)
    }
}

/// Enough people for a share to mean something, and no more failures than a good list has.
impl Default for Canary {
    fn default() -> Self {
        Self { people: 50, percent_max: 10 }
    }
}

impl From<Canary> for Kept {
    fn from(canary: Canary) -> Self {
        Self { people: canary.people, percent_max: canary.percent_max }
    }
}

impl TryFrom<Kept> for Canary {
    type Error = InvalidCanary;

    fn try_from(kept: Kept) -> Result<Self, InvalidCanary> {
        Self::new(kept.people, kept.percent_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_more_than_the_share_is_too_much() {
        assert!(!Canary::is_exceeded(10, 5, 50));
        assert!(Canary::is_exceeded(10, 6, 50));
        assert!(!Canary::is_exceeded(0, 0, 50));
        assert!(Canary::is_exceeded(0, 1, 50));
        assert!(!Canary::is_exceeded(10, 0, 0), "nobody was tried");
    }

    #[test]
    fn numbers_that_make_sense() {
        assert_eq!(Canary::parse("50", "10"), Ok(Canary::default()));
        assert_eq!(Canary::parse("4", "10"), Err(InvalidCanary::People));
        assert_eq!(Canary::parse("10001", "10"), Err(InvalidCanary::People));
        assert_eq!(Canary::parse("-5", "10"), Err(InvalidCanary::People));
        assert_eq!(Canary::parse("50", "100"), Err(InvalidCanary::Percent));
        assert_eq!(Canary::parse("50", "ten"), Err(InvalidCanary::Percent));
    }

    #[test]
    fn it_survives_the_database() {
        let kept = serde_json::to_string(&Canary::default()).expect("JSON");
        assert_eq!(kept, r#"{"people":50,"percent_max":10}"#);
        assert_eq!(serde_json::from_str::<Canary>(&kept).expect("a canary"), Canary::default());
        assert!(serde_json::from_str::<Canary>(r#"{"people":0,"percent_max":10}"#).is_err());
    }
}
