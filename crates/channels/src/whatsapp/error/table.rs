//! Every code of Meta's that can answer a send or come with the report of a failure, and what is decided on it.

use domain::delivery::{FailureReason, PauseReason};

/// What a code asks for when it answers a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not taken; the same request later, after this many seconds at least.
    Retry(u64),
    /// Not taken, and only one more try is worth it: after that the recipient fails for this reason.
    RetryOnce(FailureReason),
    /// Not taken; the sender, or the whole account, is too fast. Wait this many seconds at least.
    Slow(u64),
    /// Final for this recipient.
    Fail(FailureReason),
    /// Final, and the person wants no more marketing.
    OptOut,
    /// Something stands still until someone acts; the reason knows how far it reaches.
    Pause(PauseReason),
}

/// What is decided on a code, or on each of a run of codes.
#[derive(Debug, Clone, Copy)]
pub(in crate::whatsapp) struct Decision {
    /// First code, and the last one.
    codes: (i32, i32),
    /// When it answers a send.
    pub(super) answered: Verdict,
    /// When it comes later, with a message that Meta had taken: why that message failed. A code that pauses when it
    /// answers a send pauses then, too.
    pub(in crate::whatsapp) reported: FailureReason,
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

const fn one(code: i32, answered: Verdict, reported: FailureReason) -> Decision {
    span(code, code, answered, reported)
}

const fn span(first: i32, last: i32, answered: Verdict, reported: FailureReason) -> Decision {
    Decision { codes: (first, last), answered, reported }
}

use FailureReason as F;
use PauseReason as P;
use Verdict::{Fail, OptOut, Pause, Retry, RetryOnce, Slow};

#[rustfmt::skip]
const DECISIONS: &[Decision] = &[
    // Authorisation and integrity.
    one(0, Pause(P::SignedOut), F::Sender),
    one(3, Pause(P::PermissionMissing), F::Sender),
    one(10, Pause(P::PermissionMissing), F::Sender),
    one(102, Pause(P::SignedOut), F::Sender),
    one(104, Pause(P::SignedOut), F::Sender),
    one(190, Pause(P::SignedOut), F::Sender),
    span(200, 299, Pause(P::PermissionMissing), F::Sender),
    one(368, Pause(P::Restricted), F::Sender),
    one(130_497, Fail(F::Country), F::Country),
    one(131_005, Pause(P::PermissionMissing), F::Sender),
    one(131_031, Pause(P::Restricted), F::Sender),
    // Throttling. The calls of the whole app or account are counted over minutes.
    one(4, Slow(60), F::Throttled),
    one(17, Slow(60), F::Throttled),
    one(32, Slow(60), F::Throttled),
    one(613, Slow(60), F::Throttled),
    one(80_007, Slow(60), F::Throttled),
    one(80_008, Slow(300), F::Throttled),
    one(130_429, Slow(0), F::Throttled),
    one(131_048, Pause(P::SpamLimit), F::Sender),
    one(131_056, Retry(16), F::Throttled),
    one(131_064, Pause(P::Misclassified), F::Sender),
    // Sending.
    span(1, 2, Retry(0), F::ProviderTrouble),
    one(33, Pause(P::NumberMissing), F::Sender),
    one(100, Fail(F::InvalidValue), F::InvalidValue),
    one(130_403, Fail(F::BlockedByYou), F::BlockedByYou),
    one(130_472, Fail(F::Experiment), F::Experiment),
    one(131_000, Retry(0), F::ProviderTrouble),
    span(131_008, 131_009, Fail(F::InvalidValue), F::InvalidValue),
    one(131_016, Retry(0), F::ProviderTrouble),
    one(131_021, Fail(F::OwnNumber), F::OwnNumber),
    one(131_026, Fail(F::NotReachable), F::NotReachable),
    one(131_030, Fail(F::NotOnTestList), F::NotOnTestList),
    one(131_037, Pause(P::DisplayName), F::Sender),
    one(131_042, Pause(P::PaymentIssue), F::Sender),
    one(131_045, Pause(P::NumberNotRegistered), F::Sender),
    one(131_047, Fail(F::WindowClosed), F::WindowClosed),
    one(131_049, Fail(F::MarketingLimit), F::MarketingLimit),
    one(131_050, OptOut, F::OptedOut),
    one(131_051, Pause(P::WrongKind), F::Unsupported),
    one(131_053, Fail(F::Media), F::Media),
    one(131_055, Pause(P::WrongKind), F::Unsupported),
    one(131_057, Retry(45), F::ProviderTrouble),
    one(131_062, Fail(F::Unsupported), F::Unsupported),
    one(131_063, Pause(P::MarketingDisabled), F::Sender),
    one(133_004, Retry(0), F::ProviderTrouble),
    one(133_010, Pause(P::NumberNotRegistered), F::Sender),
    one(134_011, Pause(P::PaymentIssue), F::Sender),
    one(135_000, RetryOnce(F::InvalidValue), F::InvalidValue),
    one(137_000, Fail(F::IdentityChanged), F::IdentityChanged),
    // Templates, Flows, the marketing endpoint.
    one(132_000, Pause(P::ParameterMismatch), F::InvalidValue),
    one(132_001, Pause(P::TemplateMissing), F::Template),
    one(132_005, Fail(F::TextTooLong), F::TextTooLong),
    one(132_007, Pause(P::TemplatePolicy), F::Template),
    one(132_008, Fail(F::InvalidValue), F::InvalidValue),
    one(132_012, Fail(F::InvalidValue), F::InvalidValue),
    one(132_015, Pause(P::TemplatePaused), F::Template),
    one(132_016, Pause(P::TemplateDisabled), F::Template),
    one(132_018, Fail(F::InvalidValue), F::InvalidValue),
    one(132_021, Pause(P::WrongKind), F::Unsupported),
    span(132_068, 132_069, Pause(P::Flow), F::Template),
    one(134_100, Pause(P::WrongKind), F::Unsupported),
    one(134_101, Retry(600), F::ProviderTrouble),
    one(134_102, Pause(P::WrongKind), F::Unsupported),
];

#[cfg(test)]
mod tests;
