use proptest::prelude::*;

use super::*;

fn id() -> ProviderMessageId {
    ProviderMessageId::new("wamid.1")
}

fn at() -> Timestamp {
    Timestamp::from_timestamp(1_763_700_000, 0).expect("a valid instant")
}

fn states() -> Vec<RecipientState> {
    use RecipientState as S;
    vec![
        S::Pending { not_before: None },
        S::Pending { not_before: Some(at()) },
        S::Sending,
        S::Sent { provider_message_id: None, receipt: Receipt::Submitted },
        S::Sent { provider_message_id: Some(id()), receipt: Receipt::Delivered },
        S::Sent { provider_message_id: Some(id()), receipt: Receipt::Read },
        S::Failed { reason: FailureReason::NotReachable, provider_message_id: None },
        S::Failed { reason: FailureReason::NotReachable, provider_message_id: Some(id()) },
        S::Skipped { reason: SkipReason::NoConsent },
        S::Unknown(Doubt::NoAnswer),
        S::Unknown(Doubt::WorkerLost),
    ]
}

fn events() -> Vec<RecipientEvent> {
    use RecipientEvent as E;
    vec![
        E::HandedOver,
        E::Released,
        E::Accepted(id()),
        E::RetryLater(at()),
        E::Refused(FailureReason::NotReachable),
        E::NoAnswer,
        E::WorkerLost,
        E::Reported(id(), Receipt::Submitted),
        E::Reported(id(), Receipt::Delivered),
        E::Reported(id(), Receipt::Read),
        E::ReportedFailed(id(), FailureReason::NotReachable),
        E::Cancelled,
        E::WindowOver,
    ]
}

/// Every pair, written out: which are refused, and for the rest whether the recipient may still be sent to afterwards.
#[test]
fn every_state_and_event() {
    for state in states() {
        for event in events() {
            let before = state.clone();
            let result = state.clone().apply(event.clone());
            let refused = match (&before, &event) {
                (RecipientState::Pending { .. }, RecipientEvent::HandedOver) => false,
                (_, RecipientEvent::HandedOver) => true,
                (
                    _,
                    RecipientEvent::Reported(..)
                    | RecipientEvent::ReportedFailed(..)
                    | RecipientEvent::Cancelled
                    | RecipientEvent::WindowOver,
                ) => false,
                (RecipientState::Pending { .. }, _) => true,
                (RecipientState::Skipped { .. }, RecipientEvent::NoAnswer | RecipientEvent::WorkerLost) => {
                    false
                }
                (RecipientState::Skipped { .. }, _) => true,
                _ => false,
            };
            assert_eq!(result.is_err(), refused, "{before:?} with {event:?}");
        }
    }
}

#[test]
fn only_a_pending_recipient_is_ever_handed_over() {
    for state in states() {
        let was_pending = matches!(state, RecipientState::Pending { .. });
        assert_eq!(state.apply(RecipientEvent::HandedOver).is_ok(), was_pending);
    }
}

#[test]
fn what_was_delivered_cannot_fail() {
    let delivered = RecipientState::Sent { provider_message_id: Some(id()), receipt: Receipt::Delivered };
    let after = delivered.clone().apply(RecipientEvent::ReportedFailed(id(), FailureReason::NotReachable));
    assert_eq!(after, Ok(delivered));
}

proptest! {
    /// A recipient that the provider may have can never become pending again by anything but an answer that proves it does not.
    #[test]
    fn nothing_that_may_have_been_sent_is_sent_again(choices in prop::collection::vec(0usize..12, 1..40)) {
        let events = events();
        let mut state = RecipientState::Pending { not_before: None };
        let (mut may_exist, mut lost) = (false, false);
        for choice in choices {
            let event = events[choice].clone();
            let Ok(next) = state.clone().apply(event.clone()) else { continue };
            may_exist |= matches!(
                event,
                RecipientEvent::Accepted(_) | RecipientEvent::NoAnswer | RecipientEvent::Reported(..)
            ) && !matches!(next, RecipientState::Skipped { .. });
            // Only the lost worker itself can say that it gave nothing to the provider.
            lost = match event {
                RecipientEvent::WorkerLost => true,
                RecipientEvent::Released | RecipientEvent::RetryLater(_) => false,
                _ => lost,
            };
            if may_exist || lost {
                prop_assert!(next.is_terminal(), "{state:?} with {event:?} gave {next:?}");
            }
            state = next;
        }
    }

    /// The order in which the provider's reports come does not change where they lead.
    #[test]
    fn reports_commute(order in Just(vec![0usize, 1, 2]).prop_shuffle()) {
        let receipts = [Receipt::Submitted, Receipt::Delivered, Receipt::Read];
        let mut state = RecipientState::Sending;
        for index in order {
            state = state.apply(RecipientEvent::Reported(id(), receipts[index])).expect("reports always apply");
        }
        prop_assert_eq!(state, RecipientState::Sent { provider_message_id: Some(id()), receipt: Receipt::Read });
    }
}
