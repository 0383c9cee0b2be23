//! People of a finished campaign who are tried again: which of their rows counts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{InvalidTransition, Recipient, RecipientEvent, RecipientState};

/// Who of a finished campaign is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TryAgain {
    /// Who failed for a reason that another try may change.
    Failed,
    /// Of whom nobody knows whether they have the message. They may get it twice.
    Unknown,
}

/// A word that names nobody who could be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody of this kind is tried again")]
pub struct UnknownTryAgain;

impl TryAgain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Failed, Self::Unknown];

    /// The word of addresses and of the database: the state of whoever is tried again.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for TryAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TryAgain {
    type Err = UnknownTryAgain;

    fn from_str(word: &str) -> Result<Self, UnknownTryAgain> {
        Self::ALL.into_iter().find(|what| what.as_str() == word).ok_or(UnknownTryAgain)
    }
}

impl Recipient {
    /// Another row takes the place of this one, or it takes its place back.
    pub(super) fn replaced(mut self, event: &RecipientEvent) -> Result<Self, InvalidTransition> {
        use RecipientState as S;
        self.superseded = match (event, &self.state, self.superseded) {
            (RecipientEvent::Superseded, S::Failed { .. } | S::Unknown(_) | S::Skipped { .. }, false) => true,
            (RecipientEvent::CountsAgain, S::Sent { .. }, true) => false,
            _ => return Err(InvalidTransition),
        };
        Ok(self)
    }
}

/// What becomes of the row that counts for a person when it turns out that the provider has the message of an earlier one,
/// which had been superseded: the earlier one counts again, and a later one that still waits is not sent. Unless the
/// later one was sent too, or is on its way; then nothing can be changed any more.
pub fn reached(earlier: Recipient, later: Recipient) -> Result<(Recipient, Recipient), InvalidTransition> {
    use RecipientState as S;
    let is_sent = matches!(earlier.state, S::Sent { .. });
    if !earlier.superseded || !is_sent || matches!(later.state, S::Sent { .. } | S::Sending) {
        return Ok((earlier, later));
    }
    let later = later.apply(RecipientEvent::ReachedMeanwhile)?.apply(RecipientEvent::Superseded)?;
    Ok((earlier.apply(RecipientEvent::CountsAgain)?, later))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::delivery::{FailureReason, Hold, ProviderMessageId, SkipReason};
    use crate::dispatch::{Doubt, Receipt, RecipientEvent as E};

    const WAITING: RecipientState = RecipientState::Pending { not_before: None };

    fn id() -> ProviderMessageId {
        ProviderMessageId::new("wamid.1")
    }

    fn unknown() -> Recipient {
        let unknown = Recipient::new(RecipientState::Unknown(Doubt::WorkerLost));
        unknown.apply(E::Superseded).expect("unknown people can be tried again")
    }

    #[test]
    fn only_who_was_not_reached_is_superseded_and_once() {
        assert!(Recipient::new(WAITING).apply(E::Superseded).is_err());
        let sent = RecipientState::Sent { provider_message_id: None, receipt: Receipt::Submitted };
        assert!(Recipient::new(sent).apply(E::Superseded).is_err());
        assert!(unknown().apply(E::Superseded).is_err());
        assert!(unknown().apply(E::CountsAgain).is_err(), "it was not sent");
    }

    #[test]
    fn a_superseded_row_never_waits_again() {
        let at = Timestamp::from_timestamp(1_795_000_000, 0).expect("a valid instant");
        for event in [E::Released, E::RetryLater(at)] {
            assert_eq!(unknown().apply(event), Ok(unknown()));
        }
        let dropped =
            unknown().apply(E::ReportedDropped(id(), Hold::Marketing, at)).expect("a report applies");
        assert!(matches!(
            dropped.state,
            RecipientState::Failed { reason: FailureReason::MarketingLimit, .. }
        ));
    }

    #[test]
    fn who_was_reached_after_all_is_not_sent_to_again() {
        let earlier = unknown().apply(E::Accepted(id())).expect("a late answer");
        let (counts, later) = reached(earlier.clone(), Recipient::new(WAITING)).expect("a valid pair");
        assert!(!counts.superseded && later.superseded);
        assert_eq!(later.state, RecipientState::Skipped { reason: SkipReason::ReachedMeanwhile });

        let flying = Recipient::new(RecipientState::Sending);
        assert_eq!(reached(earlier.clone(), flying.clone()), Ok((earlier, flying)));
        let waiting = Recipient::new(WAITING);
        assert_eq!(reached(unknown(), waiting.clone()), Ok((unknown(), waiting)));
    }
}
