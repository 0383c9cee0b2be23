//! One launch of a campaign, and where each of its recipients stands.
//!
//! [`Recipient::apply`] is the law. The bulk statements in `storage::dispatches` must agree with it; a property
//! test there drives both with the same events.

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use again::{TryAgain, UnknownTryAgain, reached};

use crate::Timestamp;
use crate::delivery::{FailureReason, Hold, ProviderMessageId, SkipReason, WaitReason};

/// A wait with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// How long from now.
    pub after: Duration,
    /// What for.
    pub reason: WaitReason,
}

impl Wait {
    /// No wait: whoever was taken back goes again at once.
    pub const NONE: Self = Self { after: Duration::ZERO, reason: WaitReason::Retry };

    /// The one that ends first.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        if other.after < self.after { other } else { self }
    }
}

/// How far a sent message is known to have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Receipt {
    /// The provider took it; nothing more is known.
    Submitted,
    /// It reached the person's phone.
    Delivered,
    /// The person opened it.
    Read,
}

/// Where one recipient stands in one dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientState {
    /// Not handed over. With `not_before`, it waits for another try.
    Pending {
        /// When it may be tried again.
        not_before: Option<Timestamp>,
    },
    /// Named by an open handover: the first byte may have left.
    Sending,
    /// The provider has it.
    Sent {
        /// The provider's id; unknown until our own answer is recorded if a webhook came first without it.
        provider_message_id: Option<ProviderMessageId>,
        /// How far it came.
        receipt: Receipt,
    },
    /// Tried, and will not arrive.
    Failed {
        /// Why.
        reason: FailureReason,
        /// Set when the provider had taken the message before it reported the failure.
        provider_message_id: Option<ProviderMessageId>,
    },
    /// Never tried, on purpose.
    Skipped {
        /// Why.
        reason: SkipReason,
    },
    /// The provider may have it. Never sent again by us.
    Unknown(Doubt),
}

/// Why it is not known whether the provider has a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// The request left, and no usable answer came: nobody knows.
    NoAnswer,
    /// Its worker was lost with the handover open. If that worker is only slow, it still knows, and may say so.
    WorkerLost,
}

impl Doubt {
    /// The word the database holds as the reason.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::WorkerLost => "worker_lost",
        }
    }
}

/// Something that happened to a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientEvent {
    /// A handover naming it was committed.
    HandedOver,
    /// It was taken back from a handover before a byte of it left.
    Released,
    /// The provider took it.
    Accepted(ProviderMessageId),
    /// The provider certainly did not take it, and it may be tried again.
    RetryLater(Timestamp),
    /// It will not be tried again.
    Refused(FailureReason),
    /// The request left and no usable answer came.
    NoAnswer,
    /// The worker died, or its lease ran out, with the handover open.
    WorkerLost,
    /// The provider reported how far it came.
    Reported(ProviderMessageId, Receipt),
    /// The provider reported that it could not be delivered.
    ReportedFailed(ProviderMessageId, FailureReason),
    /// The provider reported that it dropped the message for now, and there is time to try again then.
    ReportedDropped(ProviderMessageId, Hold, Timestamp),
    /// The campaign was cancelled.
    Cancelled,
    /// The time in which the campaign made sense is over.
    WindowOver,
    /// Another row of the same person counts instead.
    Superseded,
    /// It counts again, because it turned out that the provider has its message.
    CountsAgain,
    /// Another try turned out to have reached the person.
    ReachedMeanwhile,
}

/// An event that cannot happen to a recipient in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cannot happen to a recipient in this state")]
pub struct InvalidTransition;

/// One recipient: where it stands, and what is known of messages that are past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where it stands.
    pub state: RecipientState,
    /// Messages that the provider took and dropped for now. What it repeats about them is old, unless one arrived after
    /// all.
    pub dropped: Vec<ProviderMessageId>,
    /// What the person was last held back for, and until when.
    pub held: Option<(Hold, Timestamp)>,
    /// The person has another row that counts instead of this one. It never waits again.
    pub superseded: bool,
}

impl Recipient {
    /// Somebody who was not tried yet.
    pub const fn new(state: RecipientState) -> Self {
        Self { state, dropped: Vec::new(), held: None, superseded: false }
    }

    /// Applies an event: the law.
    pub fn apply(mut self, event: RecipientEvent) -> Result<Self, InvalidTransition> {
        use RecipientEvent as E;
        use RecipientState as S;
        let is_past = |id: &ProviderMessageId| self.dropped.contains(id);
        match event {
            E::Reported(id, Receipt::Submitted) | E::ReportedFailed(id, _) | E::ReportedDropped(id, ..)
                if is_past(&id) =>
            {
                Ok(self)
            }
            // The report was faster than our own answer, and said already how long the person waits.
            E::Accepted(id) if is_past(&id) && self.state == S::Sending => {
                self.state = S::Pending { not_before: self.held.map(|(_, until)| until) };
                Ok(self)
            }
            E::Accepted(id) if is_past(&id) && matches!(self.state, S::Unknown(_)) => {
                let reason = self.held.map_or(FailureReason::Throttled, |(hold, _)| hold.failure());
                self.state = S::Failed { reason, provider_message_id: Some(id) };
                Ok(self)
            }
            E::ReportedDropped(id, hold, until) => Ok(self.dropped_until(id, hold, until)),
            E::Superseded | E::CountsAgain => self.replaced(&event),
            // Who has another row does not wait with this one, whatever its worker knows.
            E::Released | E::RetryLater(_) if self.superseded => Ok(self),
            event => {
                self.state = self.state.apply(event)?;
                Ok(self)
            }
        }
    }

    fn dropped_until(mut self, id: ProviderMessageId, hold: Hold, until: Timestamp) -> Self {
        use RecipientState as S;
        let not_before = Some(until);
        self.state = match self.state {
            // Who has another row does not wait with this one.
            S::Unknown(_) if self.superseded => {
                self.state = S::Failed { reason: hold.failure(), provider_message_id: Some(id) };
                return self;
            }
            S::Pending { .. } | S::Unknown(_) => S::Pending { not_before },
            // Which message is in the air is known when it is answered.
            S::Sending => S::Sending,
            S::Sent { receipt: Receipt::Submitted, provider_message_id } => {
                if provider_message_id.as_ref().is_some_and(|known| *known != id) {
                    self.state = S::Sent { receipt: Receipt::Submitted, provider_message_id };
                    return self;
                }
                if self.superseded {
                    self.state = S::Failed { reason: hold.failure(), provider_message_id: Some(id) };
                    return self;
                }
                S::Pending { not_before }
            }
            S::Failed { reason, provider_message_id } => {
                self.state = S::Failed { reason, provider_message_id: provider_message_id.or(Some(id)) };
                return self;
            }
            settled @ (S::Sent { .. } | S::Skipped { .. }) => {
                self.state = settled;
                return self;
            }
        };
        self.dropped.push(id);
        self.held = Some((hold, until));
        self
    }
}

impl RecipientState {
    /// Whether nothing more is done for this recipient. A terminal state may still be corrected by what the provider
    /// reports: unknown becomes sent or failed, and sent becomes failed until it was delivered. Both wait again when the
    /// provider dropped the message for now. What a lost worker left unknown waits again if that worker turns out to live
    /// and to know that the provider does not have it.
    pub const fn is_terminal(&self) -> bool {
        !matches!(self, Self::Pending { .. } | Self::Sending)
    }

    /// Applies an event that is not about a message of the past.
    ///
    /// Reports of the provider are monotone: they repeat, come in any order, and come before our own answer is
    /// recorded. They always apply and never take back what is known.
    fn apply(self, event: RecipientEvent) -> Result<Self, InvalidTransition> {
        use RecipientEvent as E;
        match event {
            E::Reported(id, receipt) => Ok(self.reported(id, receipt)),
            E::ReportedFailed(id, reason) => Ok(self.reported_failed(id, reason)),
            E::ReportedDropped(..) | E::Superseded | E::CountsAgain => Err(InvalidTransition),
            E::HandedOver => match self {
                Self::Pending { .. } => Ok(Self::Sending),
                _ => Err(InvalidTransition),
            },
            E::Cancelled => match self {
                Self::Pending { .. } => Ok(Self::Skipped { reason: SkipReason::Cancelled }),
                other => Ok(other),
            },
            E::WindowOver => match self {
                Self::Pending { .. } => Ok(Self::Skipped { reason: SkipReason::WindowOver }),
                other => Ok(other),
            },
            E::ReachedMeanwhile => match self {
                Self::Pending { .. } => Ok(Self::Skipped { reason: SkipReason::ReachedMeanwhile }),
                other => Ok(other),
            },
            E::NoAnswer => match self {
                Self::Sending | Self::Unknown(Doubt::WorkerLost) => Ok(Self::Unknown(Doubt::NoAnswer)),
                settled if settled.is_terminal() => Ok(settled),
                _ => Err(InvalidTransition),
            },
            E::WorkerLost => match self {
                Self::Sending => Ok(Self::Unknown(Doubt::WorkerLost)),
                settled if settled.is_terminal() => Ok(settled),
                _ => Err(InvalidTransition),
            },
            E::Accepted(id) => self.accepted(id),
            E::Released | E::RetryLater(_) | E::Refused(_) => self.answered_without_a_message(event),
        }
    }

    fn accepted(self, id: ProviderMessageId) -> Result<Self, InvalidTransition> {
        match self {
            Self::Sending | Self::Unknown(_) => {
                Ok(Self::Sent { provider_message_id: Some(id), receipt: Receipt::Submitted })
            }
            Self::Sent { provider_message_id, receipt } => {
                Ok(Self::Sent { provider_message_id: provider_message_id.or(Some(id)), receipt })
            }
            Self::Failed { reason, provider_message_id } => {
                Ok(Self::Failed { reason, provider_message_id: provider_message_id.or(Some(id)) })
            }
            Self::Pending { .. } | Self::Skipped { .. } => Err(InvalidTransition),
        }
    }

    fn answered_without_a_message(self, event: RecipientEvent) -> Result<Self, InvalidTransition> {
        match (self, event) {
            // A lost worker's own word, too: the handover it speaks of was the last one, because what is unknown is never
            // handed over again.
            (Self::Sending | Self::Unknown(Doubt::WorkerLost), RecipientEvent::Released) => {
                Ok(Self::Pending { not_before: None })
            }
            (Self::Sending | Self::Unknown(Doubt::WorkerLost), RecipientEvent::RetryLater(at)) => {
                Ok(Self::Pending { not_before: Some(at) })
            }
            (Self::Sending | Self::Unknown(_), RecipientEvent::Refused(reason)) => {
                Ok(Self::Failed { reason, provider_message_id: None })
            }
            // A webhook was faster, or a sweep took the handover away: what is known stays.
            (settled @ (Self::Sent { .. } | Self::Failed { .. } | Self::Unknown(_)), _) => Ok(settled),
            _ => Err(InvalidTransition),
        }
    }

    fn reported(self, id: ProviderMessageId, receipt: Receipt) -> Self {
        match self {
            Self::Sent { provider_message_id, receipt: known } => Self::Sent {
                provider_message_id: provider_message_id.or(Some(id)),
                receipt: known.max(receipt),
            },
            // The provider's own failure is final, unless another message to the same person arrived. Ours is corrected by
            // proof that the message exists.
            Self::Failed { provider_message_id: Some(known), reason }
                if known == id || receipt == Receipt::Submitted =>
            {
                Self::Failed { provider_message_id: Some(known), reason }
            }
            // Never handed over by us, so the report is about something else.
            Self::Skipped { reason } => Self::Skipped { reason },
            Self::Pending { .. } | Self::Sending | Self::Unknown(_) | Self::Failed { .. } => {
                Self::Sent { provider_message_id: Some(id), receipt }
            }
        }
    }

    fn reported_failed(self, id: ProviderMessageId, reason: FailureReason) -> Self {
        match self {
            Self::Sent { receipt: Receipt::Submitted, provider_message_id } => {
                Self::Failed { reason, provider_message_id: provider_message_id.or(Some(id)) }
            }
            Self::Pending { .. } | Self::Sending | Self::Unknown(_) => {
                Self::Failed { reason, provider_message_id: Some(id) }
            }
            Self::Failed { reason, provider_message_id } => {
                Self::Failed { reason, provider_message_id: provider_message_id.or(Some(id)) }
            }
            settled @ (Self::Sent { .. } | Self::Skipped { .. }) => settled,
        }
    }
}

mod again;
#[cfg(test)]
mod tests;
