//! Ways to send, and how fast a sender may.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::PauseReason;

/// A way to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// WhatsApp Cloud API.
    WhatsApp,
    /// A Google mailbox.
    Gmail,
    /// A mail server.
    Smtp,
}

impl Channel {
    /// The word the database holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Gmail => "gmail",
            Self::Smtp => "smtp",
        }
    }
}

/// A word that is not a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such channel")]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        [Self::WhatsApp, Self::Gmail, Self::Smtp]
            .into_iter()
            .find(|c| c.as_str() == text)
            .ok_or(UnknownChannel)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How fast a sender may send, and how many recipients a batch of it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatePlan {
    /// Messages a second.
    pub rate_per_second: NonZeroU32,
    /// Recipients in a batch.
    pub batch_size: NonZeroU32,
}

const fn plan(rate_per_second: u32, batch_size: u32) -> RatePlan {
    match (NonZeroU32::new(rate_per_second), NonZeroU32::new(batch_size)) {
        (Some(rate_per_second), Some(batch_size)) => RatePlan { rate_per_second, batch_size },
        _ => panic!("a plan has a rate and a batch size"),
    }
}

impl RatePlan {
    /// What every WhatsApp number may do, and what is assumed when Graph cannot be asked.
    pub const STANDARD: Self = plan(80, 20);
    /// An upgraded WhatsApp number.
    pub const HIGH: Self = plan(1_000, 100);
    /// A number that is also used in the WhatsApp Business app.
    pub const COEXISTENCE: Self = plan(20, 20);

    /// The plan of a WhatsApp number from what Graph says about it: its `throughput.level`, an open set of words, and
    /// whether it is also in the Business app, which caps it whatever the level.
    pub fn of_whatsapp_number(throughput_level: Option<&str>, on_business_app: bool) -> Self {
        match (on_business_app, throughput_level) {
            (true, _) => Self::COEXISTENCE,
            (false, Some("HIGH" | "1000")) => Self::HIGH,
            (false, _) => Self::STANDARD,
        }
    }

    /// The plan to go on with when Graph cannot be asked about a number that had this one: the standard plan, but never a
    /// faster one than was known. A number in the Business app stays at its speed.
    #[must_use]
    pub fn without_word(self) -> Self {
        if self.rate_per_second > Self::STANDARD.rate_per_second { Self::STANDARD } else { self }
    }
}

/// Whether a sender can send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AccountState {
    /// It can send.
    Connected,
    /// It must not send until a person acts.
    Paused {
        /// What it was paused for, if that is known.
        kind: Option<PauseReason>,
        /// In words, why; a sentence.
        reason: String,
    },
    /// A person disconnected it; its credential is gone.
    Disconnected,
}

impl AccountState {
    /// The word the database holds.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Paused { .. } => "paused",
            Self::Disconnected => "disconnected",
        }
    }

    /// From the database: the word, and the kind and words of the reason beside it. `None` for a word that is not a state.
    pub fn from_words(word: &str, kind: Option<&str>, reason: Option<String>) -> Option<Self> {
        match word {
            "connected" => Some(Self::Connected),
            "paused" => Some(Self::Paused {
                kind: kind.and_then(|kind| kind.parse().ok()),
                reason: reason.unwrap_or_default(),
            }),
            "disconnected" => Some(Self::Disconnected),
            _ => None,
        }
    }

    /// A sentence that says why it cannot send now; `None` if it can.
    pub fn cannot_send(&self) -> Option<String> {
        match self {
            Self::Connected => None,
            Self::Paused { reason, .. } if reason.is_empty() => {
                Some("It was paused. Reconnect it.".to_owned())
            }
            // A label with the provider's code behind is no sentence.
            Self::Paused { kind: Some(kind), reason } if !reason.ends_with('.') => {
                Some(kind.sentence().to_owned())
            }
            Self::Paused { reason, .. } => Some(reason.clone()),
            Self::Disconnected => Some("It is disconnected. Connect it again.".to_owned()),
        }
    }
}

/// How many people a business may write to first within 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DailyLimit {
    /// This many.
    People(u32),
    /// As many as it likes.
    Unlimited,
}

impl DailyLimit {
    /// Reads Meta's word, `TIER_250`, `TIER_10K`, `TIER_UNLIMITED`, or a bare number; `None` if it says nothing.
    pub fn of_whatsapp_tier(word: &str) -> Option<Self> {
        let size = word.strip_prefix("TIER_").unwrap_or(word);
        if size == "UNLIMITED" || size == "-1" {
            return Some(Self::Unlimited);
        }
        let people = match size.strip_suffix('K') {
            Some(thousands) => thousands.parse::<u32>().ok()?.checked_mul(1_000)?,
            None => size.parse().ok()?,
        };
        Some(Self::People(people))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_follows_what_graph_says() {
        assert_eq!(RatePlan::of_whatsapp_number(Some("STANDARD"), false), RatePlan::STANDARD);
        assert_eq!(RatePlan::of_whatsapp_number(Some("HIGH"), false), RatePlan::HIGH);
        assert_eq!(RatePlan::of_whatsapp_number(Some("HIGH"), true), RatePlan::COEXISTENCE);
        assert_eq!(RatePlan::of_whatsapp_number(None, false), RatePlan::STANDARD);
        assert_eq!(RatePlan::of_whatsapp_number(Some("SOMETHING_NEW"), false), RatePlan::STANDARD);
    }

    #[test]
    fn without_word_from_graph_nothing_gets_faster() {
        assert_eq!(RatePlan::HIGH.without_word(), RatePlan::STANDARD);
        assert_eq!(RatePlan::STANDARD.without_word(), RatePlan::STANDARD);
        assert_eq!(RatePlan::COEXISTENCE.without_word(), RatePlan::COEXISTENCE);
    }

    #[test]
    fn a_state_says_why_it_cannot_send() {
        assert_eq!(AccountState::Connected.cannot_send(), None);
        let paused = AccountState::from_words("paused", None, Some("Signed out.".to_owned()));
        assert_eq!(paused.and_then(|state| state.cannot_send()), Some("Signed out.".to_owned()));
        for state in [AccountState::Connected, AccountState::Disconnected] {
            assert_eq!(AccountState::from_words(state.as_str(), None, None), Some(state));
        }
        assert_eq!(AccountState::from_words("asleep", None, None), None);
    }

    #[test]
    fn a_tier_is_a_number_of_people() {
        for (word, limit) in [
            ("TIER_250", Some(DailyLimit::People(250))),
            ("TIER_2K", Some(DailyLimit::People(2_000))),
            ("TIER_100K", Some(DailyLimit::People(100_000))),
            ("TIER_UNLIMITED", Some(DailyLimit::Unlimited)),
            ("2000", Some(DailyLimit::People(2_000))),
            ("TIER_NOT_SET", None),
            ("TIER_99999999K", None),
            ("", None),
        ] {
            assert_eq!(DailyLimit::of_whatsapp_tier(word), limit, "{word}");
        }
    }
}
