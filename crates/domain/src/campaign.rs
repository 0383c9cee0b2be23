//! What a user plans: audience, template, sender, and the state of it all.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::ListId;

/// The longest name of a campaign, in characters.
pub const NAME_CHARS_MAX: usize = 120;

/// The most recipients one dispatch carries; a larger campaign is cut into several.
pub const DISPATCH_RECIPIENTS_MAX: u32 = 50_000;

/// The most people one campaign is sent to.
pub const CAMPAIGN_RECIPIENTS_MAX: u32 = 10_000_000;

/// Name of a campaign: 1 to 120 characters, without surrounding white space or control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CampaignName(String);

/// Why a text cannot name a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CampaignNameError {
    /// Nothing is left after trimming.
    #[error("Give the campaign a name.")]
    Empty,
    /// Longer than [`NAME_CHARS_MAX`].
    #[error("A name has at most {NAME_CHARS_MAX} characters.")]
    TooLong,
}

impl CampaignName {
    /// Trims and checks.
    pub fn parse(text: &str) -> Result<Self, CampaignNameError> {
        let name: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        match name.chars().count() {
            0 => Err(CampaignNameError::Empty),
            1..=NAME_CHARS_MAX => Ok(Self(name)),
            _ => Err(CampaignNameError::TooLong),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CampaignName {
    type Error = CampaignNameError;

    fn try_from(text: String) -> Result<Self, CampaignNameError> {
        Self::parse(&text)
    }
}

impl From<CampaignName> for String {
    fn from(name: CampaignName) -> Self {
        name.0
    }
}

impl fmt::Display for CampaignName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whom a campaign is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Audience {
    /// The members of these lists, each person once.
    pub lists: Vec<ListId>,
}

/// Where a campaign stands, as far as its own life goes. Its dispatches hold the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum CampaignState {
    /// Being written.
    Draft,
    /// Starts at a time.
    Scheduled {
        /// When.
        at: Timestamp,
    },
    /// Its dispatches send.
    Running,
    /// A person or the provider stopped it; it may go on.
    Paused,
    /// Every recipient is settled.
    Finished {
        /// When the last one was.
        at: Timestamp,
    },
    /// A person ended it early.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// Something a person or the worker does to a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignEvent {
    /// Makes the first dispatch.
    Launch,
    /// Stops it for now.
    Pause,
    /// Lets it go on.
    Resume,
    /// The last recipient was settled.
    Finish,
    /// Somebody of it waits again, because the provider dropped their message for now.
    Reopen,
    /// Some of its people are tried again, by explicit choice.
    TryAgain,
    /// Ends it early.
    Cancel,
}

/// This cannot be done to a campaign in its present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a campaign that is {state} cannot do this")]
pub struct InvalidCampaignTransition {
    /// The word of its state.
    pub state: &'static str,
}

impl CampaignState {
    /// The word the database holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled { .. } => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished { .. } => "finished",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Applies an event, or refuses it.
    pub const fn apply(
        self,
        event: CampaignEvent,
        now: Timestamp,
    ) -> Result<Self, InvalidCampaignTransition> {
        use CampaignEvent as E;
        match (self, event) {
            (Self::Draft | Self::Scheduled { .. }, E::Launch)
            | (Self::Paused, E::Resume)
            | (Self::Finished { .. }, E::Reopen | E::TryAgain) => Ok(Self::Running),
            (Self::Running, E::Pause) => Ok(Self::Paused),
            (Self::Running | Self::Paused, E::Finish) => Ok(Self::Finished { at: now }),
            // What was never launched reached nobody: it is deleted, not cancelled.
            (Self::Running | Self::Paused, E::Cancel) => Ok(Self::Cancelled { at: now }),
            (state, _) => Err(InvalidCampaignTransition { state: state.as_str() }),
        }
    }

    /// Whether the plan may still be changed.
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Scheduled { .. })
    }
}

/// The caller's key for a launch: 8 to 200 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// A text that cannot be an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("An idempotency key has 8 to 200 visible ASCII characters.")]
pub struct InvalidIdempotencyKey;

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        if (8..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidIdempotencyKey)
        }
    }
}

impl IdempotencyKey {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [CampaignEvent; 7] = [
        CampaignEvent::Launch,
        CampaignEvent::Pause,
        CampaignEvent::Resume,
        CampaignEvent::Finish,
        CampaignEvent::Cancel,
        CampaignEvent::Reopen,
        CampaignEvent::TryAgain,
    ];

    fn at() -> Timestamp {
        Timestamp::from_timestamp(1_763_700_000, 0).expect("a valid instant")
    }

    #[test]
    fn every_state_and_event() {
        let reached = |state: CampaignState| {
            EVENTS.map(|event| state.apply(event, at()).map_or("-", CampaignState::as_str))
        };
        assert_eq!(reached(CampaignState::Draft), ["running", "-", "-", "-", "-", "-", "-"]);
        assert_eq!(reached(CampaignState::Scheduled { at: at() }), ["running", "-", "-", "-", "-", "-", "-"]);
        assert_eq!(reached(CampaignState::Running), ["-", "paused", "-", "finished", "cancelled", "-", "-"]);
        assert_eq!(reached(CampaignState::Paused), ["-", "-", "running", "finished", "cancelled", "-", "-"]);
        assert_eq!(
            reached(CampaignState::Finished { at: at() }),
            ["-", "-", "-", "-", "-", "running", "running"]
        );
        assert_eq!(reached(CampaignState::Cancelled { at: at() }), ["-"; 7]);
    }

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        assert_eq!(
            CampaignName::parse("  Winter \n harvest ").map(String::from),
            Ok("Winter   harvest".to_owned())
        );
        assert_eq!(CampaignName::parse(" \t "), Err(CampaignNameError::Empty));
        assert_eq!(CampaignName::parse(&"ä".repeat(120)).map(|_| ()), Ok(()));
        assert_eq!(CampaignName::parse(&"a".repeat(121)), Err(CampaignNameError::TooLong));
    }

    #[test]
    fn a_key_is_bounded_and_visible() {
        assert!("launch-2026-11-21".parse::<IdempotencyKey>().is_ok());
        assert!("short".parse::<IdempotencyKey>().is_err());
        assert!("with a space".parse::<IdempotencyKey>().is_err());
    }
}
