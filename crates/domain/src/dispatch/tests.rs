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
        E::ReportedDropped(id(), Hold::Marketing, at()),
        E::Cancelled,
        E::WindowOver,
        E::ReachedMeanwhile,
        E::Superseded,
        E::CountsAgain,
    ]
}

/// Every pair, written out: which are refused, and for the rest whether the recipient may still be sent to afterwards.
#[test]
fn every_state_and_event() {
    for state in states() {
        for event in events() {
            let before = state.clone();
            let result = Recipient::new(state.clone()).apply(event.clone());
            let refused = match (&before, &event) {
                (RecipientState::Pending { .. }, RecipientEvent::HandedOver) => false,
                (_, RecipientEvent::HandedOver) => true,
                (
                    _,
                    RecipientEvent::Reported(..)
                    | RecipientEvent::ReportedFailed(..)
                    | RecipientEvent::ReportedDropped(..)
                    | RecipientEvent::Cancelled
                    | RecipientEvent::WindowOver
                    | RecipientEvent::ReachedMeanwhile,
                ) => false,
                // Who was not reached may be tried again with another row.
                (
                    RecipientState::Failed { .. }
                    | RecipientState::Unknown(_)
                    | RecipientState::Skipped { .. },
                    RecipientEvent::Superseded,
                ) => false,
                (_, RecipientEvent::Superseded | RecipientEvent::CountsAgain) => true,
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
    let failed = delivered.clone().apply(RecipientEvent::ReportedFailed(id(), FailureReason::NotReachable));
    assert_eq!(failed, Ok(delivered.clone()));
    let dropped =
        Recipient::new(delivered.clone()).apply(RecipientEvent::ReportedDropped(id(), Hold::Marketing, at()));
    assert_eq!(dropped.map(|person| person.state), Ok(delivered));
}

proptest! {
    /// A recipient that the provider may have can never become pending again by anything but an answer that proves it does not.
    #[test]
    fn nothing_that_may_have_been_sent_is_sent_again(choices in prop::collection::vec(0usize..17, 1..40)) {
        let events = events();
        let mut person = Recipient::new(RecipientState::Pending { not_before: None });
        let (mut may_exist, mut lost) = (false, false);
        for choice in choices {
            let event = events[choice].clone();
            let Ok(next) = person.clone().apply(event.clone()) else { continue };
            let skipped = matches!(next.state, RecipientState::Skipped { .. });
            may_exist = match event {
                // The one message of this test is known not to exist, whatever is repeated about it.
                _ if !next.dropped.is_empty() => {
                    matches!(next.state, RecipientState::Sent { .. } | RecipientState::Unknown(_))
                }
                RecipientEvent::Accepted(_) | RecipientEvent::NoAnswer | RecipientEvent::Reported(..) => {
                    may_exist || !skipped
                }
                _ => may_exist,
            };
            // Only the lost worker itself can say that it gave nothing to the provider.
            lost = match event {
                RecipientEvent::WorkerLost => true,
                RecipientEvent::Released
                | RecipientEvent::RetryLater(_)
                | RecipientEvent::ReportedDropped(..) => false,
                _ => lost,
            };
            if may_exist || lost {
                prop_assert!(next.state.is_terminal(), "{person:?} with {event:?} gave {next:?}");
            }
            person = next;
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

fn other() -> ProviderMessageId {
    ProviderMessageId::new("wamid.2")
}

fn after(state: RecipientState, events: impl IntoIterator<Item = RecipientEvent>) -> Recipient {
    events
        .into_iter()
        .fold(Recipient::new(state), |person, event| person.apply(event).expect("it can happen"))
}

const WAITING: RecipientState = RecipientState::Pending { not_before: None };

/// In whatever order our answer, the report that it was sent and the report that it was dropped come.
#[test]
fn who_is_held_back_waits_again_in_any_order() {
    use RecipientEvent as E;
    let (taken, sent) = (E::Accepted(id()), E::Reported(id(), Receipt::Submitted));
    let dropped = E::ReportedDropped(id(), Hold::Marketing, at());
    for order in [
        [taken.clone(), sent.clone(), dropped.clone()],
        [taken.clone(), dropped.clone(), sent.clone()],
        [dropped.clone(), taken.clone(), sent.clone()],
        [dropped.clone(), sent.clone(), taken.clone()],
    ] {
        let events = [E::HandedOver].into_iter().chain(order.clone());
        let person = after(WAITING, events);
        assert_eq!(person.state, RecipientState::Pending { not_before: Some(at()) }, "{order:?}");
    }
    // A report that was faster than the answer, twice: our answer then finds somebody who waits already.
    let person = after(WAITING, [E::HandedOver, sent, dropped]);
    assert_eq!(person.state, RecipientState::Pending { not_before: Some(at()) });
    assert_eq!(person.apply(taken), Err(InvalidTransition));
}

#[test]
fn what_is_repeated_about_a_dropped_message_is_old() {
    use RecipientEvent as E;
    let held = [E::HandedOver, E::Accepted(id()), E::ReportedDropped(id(), Hold::Marketing, at())];
    let again = [E::HandedOver, E::Accepted(other())];
    let person = after(WAITING, held.into_iter().chain(again));
    let sent = RecipientState::Sent { provider_message_id: Some(other()), receipt: Receipt::Submitted };
    for repeated in [
        E::ReportedDropped(id(), Hold::Marketing, at()),
        E::ReportedFailed(id(), FailureReason::MarketingLimit),
        E::Reported(id(), Receipt::Submitted),
    ] {
        assert_eq!(person.clone().apply(repeated).map(|person| person.state), Ok(sent.clone()));
    }
}

#[test]
fn a_dropped_message_that_arrived_after_all_is_not_sent_again() {
    use RecipientEvent as E;
    let person = after(
        WAITING,
        [
            E::HandedOver,
            E::Accepted(id()),
            E::ReportedDropped(id(), Hold::Marketing, at()),
            E::Reported(id(), Receipt::Delivered),
        ],
    );
    let delivered = RecipientState::Sent { provider_message_id: Some(id()), receipt: Receipt::Delivered };
    assert_eq!(person.state, delivered);
    assert_eq!(person.apply(E::HandedOver), Err(InvalidTransition));
    // Even when the second message has failed meanwhile.
    let failed =
        RecipientState::Failed { reason: FailureReason::NotReachable, provider_message_id: Some(other()) };
    assert_eq!(after(failed, [E::Reported(id(), Receipt::Delivered)]).state, delivered);
}
