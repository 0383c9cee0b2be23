//! People whom the provider holds back for now.

use std::time::Duration;

use super::{FailureReason, WaitReason};
use crate::dispatch::Wait;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Why the provider does not take a message to one person now, or dropped it after it had taken it. It says nothing about
/// the message and nothing about the sender, so the person waits and no attempt is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hold {
    /// This sender wrote to this person too often in a short time.
    Pair,
    /// The person gets enough marketing from all businesses.
    Marketing,
    /// Taken, and then dropped because the sender was too fast.
    Throughput,
}

impl Hold {
    /// What the person waits for.
    pub const fn reason(self) -> WaitReason {
        match self {
            Self::Pair => WaitReason::PairLimit,
            Self::Marketing => WaitReason::MarketingLimit,
            Self::Throughput => WaitReason::Retry,
        }
    }

    /// Why the person fails when waiting is over.
    pub const fn failure(self) -> FailureReason {
        match self {
            Self::Marketing => FailureReason::MarketingLimit,
            Self::Pair | Self::Throughput => FailureReason::Throttled,
        }
    }

    /// The first wait. Each further one is four times as long, up to [`Hold::longest_wait`].
    pub const fn first_wait(self) -> Duration {
        match self {
            Self::Pair => Duration::from_secs(1),
            Self::Throughput => Duration::from_secs(16),
            Self::Marketing => DAY,
        }
    }

    /// The wait that is never exceeded.
    pub const fn longest_wait(self) -> Duration {
        match self {
            Self::Pair | Self::Throughput => Duration::from_secs(4_096),
            Self::Marketing => DAY,
        }
    }

    /// How long a person waits who was held back so many times before.
    pub fn wait(self, holds: u16) -> Wait {
        let growth = 4_u32.saturating_pow(u32::from(holds));
        let after = self.first_wait().saturating_mul(growth).min(self.longest_wait());
        Wait { after, reason: self.reason() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_the_pair_limit_grow_fourfold_up_to_about_an_hour() {
        let seconds = |hold: Hold| [0, 1, 2, 3, 6, 7, u16::MAX].map(|holds| hold.wait(holds).after.as_secs());
        assert_eq!(seconds(Hold::Pair), [1, 4, 16, 64, 4_096, 4_096, 4_096]);
        assert_eq!(seconds(Hold::Throughput), [16, 64, 256, 1_024, 4_096, 4_096, 4_096]);
        assert_eq!(seconds(Hold::Marketing), [86_400; 7]);
    }
}
