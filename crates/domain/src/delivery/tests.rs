use std::collections::HashSet;

use super::*;

#[test]
fn reasons_survive_their_words_and_words_are_unique() {
    let failures: HashSet<_> = FailureReason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(failures.len(), FailureReason::ALL.len());
    for reason in FailureReason::ALL {
        assert_eq!(reason.as_str().parse(), Ok(*reason));
        assert_eq!(serde_json::to_value(reason).ok(), Some(reason.as_str().into()));
    }
    for reason in SkipReason::ALL {
        assert_eq!(reason.as_str().parse(), Ok(*reason));
    }
    for reason in PauseReason::ALL {
        assert_eq!(reason.as_str().parse(), Ok(*reason));
    }
    assert_eq!("because".parse::<SkipReason>(), Err(UnknownReason));
}

/// The SQL function `resolve_audience` and the table `suppressions` write these words.
#[test]
fn the_database_speaks_these_words() {
    for word in
        ["no_address", "unsubscribed", "hard_bounce", "complaint", "manual", "no_consent", "missing_variable"]
    {
        assert!(word.parse::<SkipReason>().is_ok(), "{word}");
    }
}

#[test]
fn what_is_known_does_not_depend_on_the_order_of_reports() {
    for a in DeliveryKind::ALL {
        assert_eq!(a.furthest(a), a);
        for b in DeliveryKind::ALL {
            assert_eq!(a.furthest(b), b.furthest(a), "{a} and {b}");
            for c in DeliveryKind::ALL {
                assert_eq!(a.furthest(b).furthest(c), a.furthest(b.furthest(c)), "{a}, {b}, {c}");
            }
        }
    }
    assert_eq!(DeliveryKind::Failed.furthest(DeliveryKind::Sent), DeliveryKind::Failed);
    assert_eq!(DeliveryKind::Failed.furthest(DeliveryKind::Delivered), DeliveryKind::Delivered);
}

#[test]
fn a_message_id_is_not_printed_in_full() {
    let id = ProviderMessageId::new("wamid.HBgNNTUxMTkwMDAwMDAwMRUCABEYEjQ2");
    assert_eq!(format!("{id:?}"), "ProviderMessageId(…EYEjQ2)");
    assert_eq!(format!("{:?}", ProviderMessageId::new("é1")), "ProviderMessageId(…é1)");
}
