//! What providers answer, in words that every channel shares.
//!
//! A channel turns its provider's codes into these at its edge ([`SendError`]); nothing behind it knows a code. Reasons
//! are closed sets with a stable word for the database and words for the screen.

mod hold;
mod reasons;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use hold::Hold;
pub use reasons::{FailureReason, PauseFix, PauseReach, PauseReason, SkipReason, UnknownReason, WaitReason};

/// The provider's name for a message: WhatsApp's `wamid`, or our own `Message-ID` for mail.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderMessageId(String);

impl ProviderMessageId {
    /// Takes the id as the provider wrote it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as the provider wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the text back without copying it.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for ProviderMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A `wamid` carries the person's number in base64, so only its end is shown.
impl fmt::Debug for ProviderMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.0.char_indices().rev().nth(5).map_or(0, |(index, _)| index);
        write!(f, "ProviderMessageId(…{})", &self.0[skipped..])
    }
}

/// The number a provider gives an error, for whoever has to look it up. No decision is made on it outside `channels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderCode(i32);

impl ProviderCode {
    /// Takes the number as the provider wrote it.
    pub const fn new(code: i32) -> Self {
        Self(code)
    }

    /// The number.
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for ProviderCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the provider does with a message it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pacing {
    /// It goes out now.
    #[default]
    Normal,
    /// It waits until the provider has seen how people react to the first ones of this template. It is released, or
    /// reported as failed, later.
    HeldForQuality,
    /// The provider paused the template while taking the message.
    TemplatePaused,
}

/// The reason of somebody whose message the provider took and holds until it has seen how people react to the first ones.
pub const HELD_FOR_QUALITY: &str = "held_for_quality";

/// The provider took the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's name for it.
    pub provider_message_id: ProviderMessageId,
    /// What happens to it next.
    pub pacing: Pacing,
}

/// The provider did not take the message, or we cannot tell. Each variant is a decision, not a description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It was certainly not taken, and the same request may succeed later.
    #[error("not taken; may be tried again")]
    RetryLater {
        /// The provider's wish, if it has one.
        after: Option<Duration>,
        /// The provider's code.
        code: Option<ProviderCode>,
    },
    /// No connection was made, so nothing was written. Says nothing about the recipient.
    #[error("the provider is not reached")]
    Unreachable,
    /// It was certainly not taken because this person is held back for now.
    #[error("not taken; the person is held back for now")]
    HoldBack {
        /// What for.
        hold: Hold,
        /// The provider's code.
        code: ProviderCode,
    },
    /// It was certainly not taken because this sender is too fast. Says nothing about the recipient.
    #[error("not taken; the sender is too fast")]
    SlowDown {
        /// The provider's wish, if it has one.
        after: Option<Duration>,
        /// The provider's code.
        code: ProviderCode,
    },
    /// It was not taken and never will be, for this person.
    #[error("refused for this recipient: {reason}")]
    Recipient {
        /// Why.
        reason: FailureReason,
        /// The provider's code; none when we refused it ourselves.
        code: Option<ProviderCode>,
    },
    /// It was certainly not taken, and one more try is all that is worth it.
    #[error("not taken; may be tried once more")]
    RetryOnce {
        /// Why the recipient fails when that try is answered the same way.
        otherwise: FailureReason,
        /// The provider's code.
        code: ProviderCode,
    },
    /// The person stopped marketing messages from this business: final, and to be remembered for the address.
    #[error("refused: the person opted out")]
    OptedOut {
        /// The provider's code.
        code: ProviderCode,
    },
    /// What is sent is wrong for everybody: a person has to correct the template or the campaign.
    #[error("the dispatch cannot go on: {reason}")]
    PauseDispatch {
        /// Why.
        reason: PauseReason,
        /// The provider's code.
        code: ProviderCode,
    },
    /// The sender may not send: token, permission, payment, restriction. The reason knows how far that reaches.
    #[error("the sender cannot go on: {reason}")]
    PauseSender {
        /// Why.
        reason: PauseReason,
        /// The provider's code.
        code: ProviderCode,
    },
    /// The request left and no usable answer came: the message may exist. Never sent again by the machine.
    #[error("no usable answer; the message may exist")]
    Ambiguous,
}

/// What a provider reports about a message it took earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// The provider's servers hold it for the person.
    Sent,
    /// It reached the person's device.
    Delivered,
    /// The person opened it.
    Read,
    /// It will not arrive.
    Failed,
}

/// A word that is not a kind of delivery event that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such kind of delivery event")]
pub struct UnknownDeliveryKind;

impl DeliveryKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Sent, Self::Delivered, Self::Read, Self::Failed];

    /// The word the database holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }

    /// How far along the way to the person this is. Failure stands beside `Sent`: both are overtaken by proof of arrival.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Sent | Self::Failed => 1,
            Self::Delivered => 2,
            Self::Read => 3,
        }
    }

    /// What is known after both were reported, whatever the order in which they came and however often.
    ///
    /// Arrival outranks everything, a failure outranks `Sent`.
    pub fn furthest(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed, Self::Sent) | (Self::Sent, Self::Failed) => Self::Failed,
            _ if other.rank() > self.rank() => other,
            _ => self,
        }
    }
}

impl FromStr for DeliveryKind {
    type Err = UnknownDeliveryKind;

    fn from_str(word: &str) -> Result<Self, UnknownDeliveryKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(UnknownDeliveryKind)
    }
}

impl fmt::Display for DeliveryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
