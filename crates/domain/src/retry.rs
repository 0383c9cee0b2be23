//! Whether and when a message is tried again.

use std::num::NonZeroU16;
use std::time::Duration;

use crate::delivery::{FailureReason, Hold, PauseReason, ProviderCode, SendError};
use crate::dispatch::Wait;

/// How often and how patiently a recipient is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first one included.
    pub attempts_max: NonZeroU16,
    /// Wait after the first try; doubles with each further one.
    pub delay_base: Duration,
    /// The wait never grows beyond this, unless the provider asks for more.
    pub delay_max: Duration,
}

/// A network that is down is seldom up again at once, and each try costs a write.
const UNREACHABLE_WAIT: Duration = Duration::from_secs(10);

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts_max: NonZeroU16::new(3).unwrap_or(NonZeroU16::MIN),
            delay_base: Duration::from_secs(2),
            delay_max: Duration::from_secs(60),
        }
    }
}

/// What is done with a recipient whose message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Tried again. Counts as an attempt.
    Retry {
        /// Not before this much time has passed.
        after: Duration,
        /// The provider's code.
        code: Option<ProviderCode>,
    },
    /// Tried again by a slower sender. Does not count as an attempt: neither throttling nor a network that is down becomes a
    /// failed recipient.
    RetrySlower {
        /// Not before this much time has passed.
        after: Duration,
    },
    /// The person waits, and is tried again if that is still in time. Does not count as an attempt.
    Hold {
        /// What for.
        hold: Hold,
        /// The wait.
        wait: Wait,
        /// The provider's code.
        code: ProviderCode,
    },
    /// Final. [`FailureReason::is_opt_out`] says whether the address is also suppressed.
    Fail {
        /// Why.
        reason: FailureReason,
        /// The provider's code; none when we refused it ourselves.
        code: Option<ProviderCode>,
    },
    /// Goes back to waiting, uncounted; the whole dispatch stops.
    PauseDispatch {
        /// Why.
        reason: PauseReason,
        /// The provider's code.
        code: ProviderCode,
    },
    /// Goes back to waiting, uncounted; every dispatch of the sender stops.
    PauseSender {
        /// Why.
        reason: PauseReason,
        /// The provider's code.
        code: ProviderCode,
    },
    /// May exist at the provider: `unknown`, and never sent again by the machine.
    Unknown,
}

impl RetryPolicy {
    /// Decides what becomes of a recipient.
    ///
    /// `attempts` is the number of tries that were answered, this one included, without those that were throttled;
    /// `holds` is how often the person was held back before.
    /// `random` spreads retries out; any uniformly distributed value will do.
    pub fn decide(&self, attempts: u16, holds: u16, error: &SendError, random: u32) -> Decision {
        match *error {
            SendError::RetryLater { code, .. } if attempts >= self.attempts_max.get() => {
                Decision::Fail { reason: FailureReason::RetriesExhausted, code }
            }
            SendError::RetryLater { after, code } => {
                Decision::Retry { after: self.delay(attempts, after, random), code }
            }
            SendError::RetryOnce { otherwise, code } if attempts > 1 => {
                Decision::Fail { reason: otherwise, code: Some(code) }
            }
            SendError::RetryOnce { code, .. } => {
                Decision::Retry { after: self.delay(attempts, None, random), code: Some(code) }
            }
            SendError::SlowDown { after, .. } => {
                Decision::RetrySlower { after: self.delay(1, after, random) }
            }
            SendError::Unreachable => {
                Decision::RetrySlower { after: self.delay(1, Some(UNREACHABLE_WAIT), random) }
            }
            SendError::HoldBack { hold, code } => Decision::Hold { hold, wait: hold.wait(holds), code },
            SendError::Recipient { reason, code } => Decision::Fail { reason, code },
            SendError::OptedOut { code } => {
                Decision::Fail { reason: FailureReason::OptedOut, code: Some(code) }
            }
            SendError::PauseDispatch { reason, code } => Decision::PauseDispatch { reason, code },
            SendError::PauseSender { reason, code } => Decision::PauseSender { reason, code },
            SendError::Ambiguous => Decision::Unknown,
        }
    }

    /// Between half and the whole of the exponential delay; never less than what the provider asked for.
    fn delay(&self, attempts: u16, asked: Option<Duration>, random: u32) -> Duration {
        let doublings = u32::from(attempts.saturating_sub(1)).min(31);
        let whole = self.delay_base.saturating_mul(1 << doublings).min(self.delay_max);
        let half = whole / 2;
        let jittered = half + half.mul_f64(f64::from(random) / f64::from(u32::MAX));
        match asked {
            // A fleet told to wait ten minutes does not come back in the same instant either.
            Some(asked) => jittered.max(asked + (asked / 8).mul_f64(f64::from(random) / f64::from(u32::MAX))),
            None => jittered,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn retry_later(after: Option<Duration>) -> SendError {
        SendError::RetryLater { after, code: Some(ProviderCode::new(2)) }
    }

    fn wait(decision: Decision) -> Duration {
        match decision {
            Decision::Retry { after, .. } | Decision::RetrySlower { after } => after,
            other => panic!("expected a retry, got {other:?}"),
        }
    }

    #[test]
    fn the_third_answer_is_the_last() {
        let policy = RetryPolicy::default();
        assert!(matches!(policy.decide(1, 0, &retry_later(None), 0), Decision::Retry { .. }));
        assert!(matches!(policy.decide(2, 0, &retry_later(None), 0), Decision::Retry { .. }));
        assert_eq!(
            policy.decide(3, 0, &retry_later(None), 0),
            Decision::Fail { reason: FailureReason::RetriesExhausted, code: Some(ProviderCode::new(2)) }
        );
    }

    #[test]
    fn what_is_worth_one_more_try_gets_one() {
        let code = ProviderCode::new(135_000);
        let error = SendError::RetryOnce { otherwise: FailureReason::InvalidValue, code };
        assert!(matches!(RetryPolicy::default().decide(1, 0, &error, 0), Decision::Retry { .. }));
        assert_eq!(
            RetryPolicy::default().decide(2, 0, &error, 0),
            Decision::Fail { reason: FailureReason::InvalidValue, code: Some(code) }
        );
    }

    #[test]
    fn waits_double_from_two_seconds_and_stop_at_sixty() {
        let policy =
            RetryPolicy { attempts_max: NonZeroU16::new(100).expect("not zero"), ..RetryPolicy::default() };
        let longest = |attempts| wait(policy.decide(attempts, 0, &retry_later(None), u32::MAX)).as_secs();
        assert_eq!([1, 2, 3, 4, 5, 6, 99].map(longest), [2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn what_may_exist_is_unknown_however_often_it_was_tried() {
        for attempts in [0, 1, 3, u16::MAX] {
            assert_eq!(
                RetryPolicy::default().decide(attempts, 0, &SendError::Ambiguous, 7),
                Decision::Unknown
            );
        }
    }

    #[test]
    fn an_opt_out_is_final_and_known_as_such() {
        let code = ProviderCode::new(131_050);
        let decision = RetryPolicy::default().decide(1, 0, &SendError::OptedOut { code }, 0);
        let Decision::Fail { reason, .. } = decision else { panic!("{decision:?}") };
        assert!(reason.is_opt_out());
    }

    proptest! {
        #[test]
        fn a_limit_per_person_never_fails_a_recipient_and_counts_holds(attempts in 0u16.., holds in 0u16..) {
            let error = SendError::HoldBack { hold: Hold::Pair, code: ProviderCode::new(131_056) };
            let decision = RetryPolicy::default().decide(attempts, holds, &error, 7);
            let held = matches!(decision, Decision::Hold { wait, .. } if wait == Hold::Pair.wait(holds));
            prop_assert!(held, "{:?}", decision);
        }

        #[test]
        fn throttling_never_fails_a_recipient(attempts in 0u16.., random in any::<u32>()) {
            let error = SendError::SlowDown { after: None, code: ProviderCode::new(130_429) };
            let decision = RetryPolicy::default().decide(attempts, 0, &error, random);
            let retried = matches!(decision, Decision::RetrySlower { .. });
            prop_assert!(retried, "{:?}", decision);
        }

        #[test]
        fn a_network_that_is_down_never_fails_a_recipient(attempts in 0u16.., random in any::<u32>()) {
            let decision = RetryPolicy::default().decide(attempts, 0, &SendError::Unreachable, random);
            prop_assert!(wait(decision) >= UNREACHABLE_WAIT);
        }

        #[test]
        fn a_wait_is_within_its_bounds(attempts in 1u16..3, random in any::<u32>()) {
            let policy = RetryPolicy::default();
            let after = wait(policy.decide(attempts, 0, &retry_later(None), random));
            let whole = policy.delay_base * (1 << (attempts - 1));
            prop_assert!(after >= whole / 2 && after <= whole);
        }

        #[test]
        fn nobody_is_tried_before_the_provider_said(asked_s in 0u64..7200, attempts in 1u16..3, random in any::<u32>()) {
            let asked = Duration::from_secs(asked_s);
            let after = wait(RetryPolicy::default().decide(attempts, 0, &retry_later(Some(asked)), random));
            prop_assert!(after >= asked);
            prop_assert!(after <= asked.mul_f64(1.125) + Duration::from_secs(60));
        }

        #[test]
        fn no_recipient_is_tried_without_end(attempts in 3u16.., asked in prop::option::of(0u64..7200), random in any::<u32>()) {
            let decision = RetryPolicy::default().decide(attempts, 0, &retry_later(asked.map(Duration::from_secs)), random);
            let failed = matches!(decision, Decision::Fail { .. });
            prop_assert!(failed, "{:?}", decision);
        }
    }
}
