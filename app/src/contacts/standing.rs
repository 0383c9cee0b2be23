//! Whether a campaign would reach a person, and what stops it.

use domain::contact::{Consent, SuppressionReason};
use service::contacts::ContactAddress;

use super::words::reason_word;
use crate::channels::state::Moments;

/// Whether marketing may go to somebody on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Reachable,
    NoAddress,
    NotAgreed,
    Stopped(SuppressionReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepState {
    Passed,
    Stopped,
    NotReached,
}

impl Standing {
    /// In the order in which a launch checks.
    pub(super) fn of(address: Option<&ContactAddress>) -> Self {
        match address {
            None => Self::NoAddress,
            Some(address) => match (&address.suppression, address.consent) {
                (Some((reason, ..)), _) => Self::Stopped(*reason),
                (None, Consent::Withdrawn) => Self::Stopped(SuppressionReason::Unsubscribed),
                (None, Consent::Confirmed) => Self::Reachable,
                (None, Consent::None | Consent::Pending) => Self::NotAgreed,
            },
        }
    }

    pub(super) fn sentence(self, name: &str, address: Option<&ContactAddress>, moments: Moments) -> String {
        let stopped_at = address.and_then(|address| {
            address.suppression.as_ref().map(|(.., at)| *at).or(address.consent_changed_at)
        });
        let since = stopped_at.map(|at| format!(" on {}", moments.date_time(at))).unwrap_or_default();
        match self {
            Self::Reachable => format!("Yes. {name} has a number and agreed to marketing there."),
            Self::NoAddress => format!("No. We know no phone number of {name}."),
            Self::NotAgreed => format!(
                "No. {name} has not agreed to marketing on WhatsApp. Campaigns skip this number until consent is recorded."
            ),
            Self::Stopped(SuppressionReason::Unsubscribed) => {
                format!("No. {name} opted out{since}. Campaigns skip this number, and nothing is sent.")
            }
            Self::Stopped(SuppressionReason::Complaint) => {
                format!("No. {name} reported a message as unwanted{since}. Campaigns skip this number.")
            }
            Self::Stopped(SuppressionReason::HardBounce) => {
                format!("No. The last message came back for good{since}. Campaigns skip this address.")
            }
            Self::Stopped(SuppressionReason::Manual) => {
                format!("No. A member of the workspace put this number under suppressions{since}.")
            }
        }
    }

    pub(super) fn steps(self) -> [(StepState, &'static str, &'static str); 4] {
        use StepState::{NotReached, Passed, Stopped};
        let states = match self {
            Self::NoAddress => [Stopped, NotReached, NotReached, NotReached],
            Self::Stopped(_) => [Passed, Stopped, NotReached, NotReached],
            Self::NotAgreed => [Passed, Passed, Stopped, NotReached],
            Self::Reachable => [Passed, Passed, Passed, Passed],
        };
        let words = match self {
            Self::NoAddress => {
                [("No number", "nothing to send to"), ("Not suppressed", ""), ("Agreed", ""), ("Gets it", "")]
            }
            Self::Stopped(reason) => [
                ("Usable number", "valid in its country"),
                (reason_word(reason), "suppressed"),
                ("Agreed", ""),
                ("Gets it", ""),
            ],
            Self::NotAgreed => [
                ("Usable number", "valid in its country"),
                ("Not suppressed", "no opt-out is known"),
                ("Not agreed", "no consent is recorded"),
                ("Gets it", ""),
            ],
            Self::Reachable => [
                ("Usable number", "valid in its country"),
                ("Not suppressed", "no opt-out is known"),
                ("Agreed", "with proof, see beside"),
                ("Gets it", "if the campaign’s audience includes this person"),
            ],
        };
        std::array::from_fn(|step| {
            let detail = if states[step] == NotReached { "not reached" } else { words[step].1 };
            (states[step], words[step].0, detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::address::Address;

    use super::*;

    fn address(consent: Consent, reason: Option<SuppressionReason>) -> ContactAddress {
        let at = Timestamp::from_timestamp(1_795_000_000, 0).expect("a valid instant");
        ContactAddress {
            address: Address::Phone("+351912345678".parse().expect("a number")),
            region: None,
            consent,
            consent_source: None,
            consent_wording: None,
            consent_changed_at: None,
            suppression: reason.map(|reason| (reason, "import".to_owned(), at)),
            created_at: at,
        }
    }

    #[test]
    fn a_suppression_stops_before_consent_is_asked() {
        let manual = Some(SuppressionReason::Manual);
        assert_eq!(
            Standing::of(Some(&address(Consent::Confirmed, manual))),
            Standing::Stopped(SuppressionReason::Manual)
        );
        assert_eq!(
            Standing::of(Some(&address(Consent::Withdrawn, None))),
            Standing::Stopped(SuppressionReason::Unsubscribed)
        );
        assert_eq!(Standing::of(Some(&address(Consent::Pending, None))), Standing::NotAgreed);
        assert_eq!(Standing::of(Some(&address(Consent::Confirmed, None))), Standing::Reachable);
        assert_eq!(Standing::of(None), Standing::NoAddress);
    }

    #[test]
    fn exactly_one_step_stops_unless_all_pass() {
        let stopped = Standing::Stopped(SuppressionReason::Complaint);
        for standing in [Standing::NoAddress, Standing::NotAgreed, stopped, Standing::Reachable] {
            let steps = standing.steps();
            let stops = steps.iter().filter(|step| step.0 == StepState::Stopped).count();
            assert_eq!(stops, usize::from(standing != Standing::Reachable));
        }
    }
}
