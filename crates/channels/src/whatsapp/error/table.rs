//! Every code of Meta's that can answer a send or come with the report of a failure, and what is decided on it.

use domain::delivery::{FailureReason, Hold, PauseReason};

/// What a code asks for when it answers a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not taken; the same request later, after this many seconds at least.
    Retry(u64),
    /// Not taken, and only one more try is worth it: after that the recipient fails for this reason.
    RetryOnce(FailureReason),
    /// Not taken; the sender, or the whole account, is too fast. Wait this many seconds at least.
    Slow(u64),
    /// Not taken; the person is held back for now.
    HoldBack(Hold),
    /// Final for this recipient.
    Fail(FailureReason),
    /// Final, and the person wants no more marketing.
    OptOut,
    /// Something stands still until someone acts; the reason knows how far it reaches.
    Pause(PauseReason),
}

/// What a code means when it comes with a message that Meta had taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::whatsapp) enum Reported {
    /// The person failed. Nothing is tried again, whatever the code would ask for on the spot.
    Failed(FailureReason),
    /// Meta dropped the message for now: the person waits and is tried again.
    Dropped(Hold),
}

/// What is decided on a code, or on each of a run of codes.
#[derive(Debug, Clone, Copy)]
pub(in crate::whatsapp) struct Decision {
    /// First code, and the last one.
    codes: (i32, i32),
    /// When it answers a send.
    pub(super) answered: Verdict,
    /// When it comes later, with a message that Meta had taken. A code that pauses when it answers a send pauses then, too.
    pub(in crate::whatsapp) reported: Reported,
}

impl Decision {
    /// What stands still when the code comes with a message that Meta had taken.
    pub(in crate::whatsapp) const fn stops(&'static self) -> Option<PauseReason> {
        match self.answered {
            Pause(reason) => Some(reason),
            _ => None,
        }
    }
}

/// The decision on a code; `None` for one that this version does not know, or that has no place in an answer to a send.
pub(in crate::whatsapp) fn decision(code: i32) -> Option<&'static Decision> {
    DECISIONS.iter().find(|decision| decision.codes.0 <= code && code <= decision.codes.1)
}

const fn one(code: i32, answered: Verdict, reported: Reported) -> Decision {
    span(code, code, answered, reported)
}

const fn span(first: i32, last: i32, answered: Verdict, reported: Reported) -> Decision {
    Decision { codes: (first, last), answered, reported }
}

use FailureReason as F;
use PauseReason as P;
use Reported::{Dropped, Failed};
use Verdict::{Fail, HoldBack, OptOut, Pause, Retry, RetryOnce, Slow};

#[rustfmt::skip]
const DECISIONS: &[Decision] = &[
    // Authorisation and integrity.
    one(0, Pause(P::SignedOut), Failed(F::Sender)),
    one(3, Pause(P::PermissionMissing), Failed(F::Sender)),
    one(10, Pause(P::PermissionMissing), Failed(F::Sender)),
    one(102, Pause(P::SignedOut), Failed(F::Sender)),
    one(104, Pause(P::SignedOut), Failed(F::Sender)),
    one(190, Pause(P::SignedOut), Failed(F::Sender)),
    span(200, 299, Pause(P::PermissionMissing), Failed(F::Sender)),
    one(368, Pause(P::Restricted), Failed(F::Sender)),
    one(130_497, Fail(F::Country), Failed(F::Country)),
    one(131_005, Pause(P::PermissionMissing), Failed(F::Sender)),
    one(131_031, Pause(P::Restricted), Failed(F::Sender)),
    // Throttling. The calls of the whole app or account are counted over minutes.
    one(4, Slow(60), Failed(F::Throttled)),
    one(17, Slow(60), Failed(F::Throttled)),
    one(32, Slow(60), Failed(F::Throttled)),
    one(613, Slow(60), Failed(F::Throttled)),
    one(80_007, Slow(60), Failed(F::Throttled)),
    one(80_008, Slow(300), Failed(F::Throttled)),
    one(130_429, Slow(0), Dropped(Hold::Throughput)),
    one(131_048, Pause(P::SpamLimit), Failed(F::Sender)),
    one(131_056, HoldBack(Hold::Pair), Dropped(Hold::Pair)),
    one(131_064, Pause(P::Misclassified), Failed(F::Sender)),
    // Sending.
    span(1, 2, Retry(0), Failed(F::ProviderTrouble)),
    one(33, Pause(P::NumberMissing), Failed(F::Sender)),
    one(100, Fail(F::InvalidValue), Failed(F::InvalidValue)),
    one(130_403, Fail(F::BlockedByYou), Failed(F::BlockedByYou)),
    one(130_472, Fail(F::Experiment), Failed(F::Experiment)),
    one(131_000, Retry(0), Failed(F::ProviderTrouble)),
    span(131_008, 131_009, Fail(F::InvalidValue), Failed(F::InvalidValue)),
    one(131_016, Retry(0), Failed(F::ProviderTrouble)),
    one(131_021, Fail(F::OwnNumber), Failed(F::OwnNumber)),
    one(131_026, Fail(F::NotReachable), Failed(F::NotReachable)),
    one(131_030, Fail(F::NotOnTestList), Failed(F::NotOnTestList)),
    one(131_037, Pause(P::DisplayName), Failed(F::Sender)),
    one(131_042, Pause(P::PaymentIssue), Failed(F::Sender)),
    one(131_045, Pause(P::NumberNotRegistered), Failed(F::Sender)),
    one(131_047, Fail(F::WindowClosed), Failed(F::WindowClosed)),
    one(131_049, HoldBack(Hold::Marketing), Dropped(Hold::Marketing)),
    one(131_050, OptOut, Failed(F::OptedOut)),
    one(131_051, Pause(P::WrongKind), Failed(F::Unsupported)),
    one(131_053, Fail(F::Media), Failed(F::Media)),
    one(131_055, Pause(P::WrongKind), Failed(F::Unsupported)),
    one(131_057, Retry(45), Failed(F::ProviderTrouble)),
    one(131_062, Fail(F::Unsupported), Failed(F::Unsupported)),
    one(131_063, Pause(P::MarketingDisabled), Failed(F::Sender)),
    one(133_004, Retry(0), Failed(F::ProviderTrouble)),
    one(133_010, Pause(P::NumberNotRegistered), Failed(F::Sender)),
    one(134_011, Pause(P::PaymentIssue), Failed(F::Sender)),
    one(135_000, RetryOnce(F::InvalidValue), Failed(F::InvalidValue)),
    one(137_000, Fail(F::IdentityChanged), Failed(F::IdentityChanged)),
    // Templates, Flows, the marketing endpoint.
    one(132_000, Pause(P::ParameterMismatch), Failed(F::InvalidValue)),
    one(132_001, Pause(P::TemplateMissing), Failed(F::Template)),
    one(132_005, Fail(F::TextTooLong), Failed(F::TextTooLong)),
    one(132_007, Pause(P::TemplatePolicy), Failed(F::Template)),
    one(132_008, Fail(F::InvalidValue), Failed(F::InvalidValue)),
    one(132_012, Fail(F::InvalidValue), Failed(F::InvalidValue)),
    one(132_015, Pause(P::TemplatePaused), Failed(F::Template)),
    one(132_016, Pause(P::TemplateDisabled), Failed(F::Template)),
    one(132_018, Fail(F::InvalidValue), Failed(F::InvalidValue)),
    one(132_021, Pause(P::WrongKind), Failed(F::Unsupported)),
    span(132_068, 132_069, Pause(P::Flow), Failed(F::Template)),
    one(134_100, Pause(P::WrongKind), Failed(F::Unsupported)),
    one(134_101, Retry(600), Failed(F::ProviderTrouble)),
    one(134_102, Pause(P::WrongKind), Failed(F::Unsupported)),
];

#[cfg(test)]
mod tests;
