use std::sync::Arc;

use super::{AcceptedMessage, Ledger};

fn message(recipient: &str, reference: &str, at_ms: u64) -> Arc<AcceptedMessage> {
    Arc::new(AcceptedMessage {
        wamid: format!("wamid.{recipient}.{reference}.{at_ms}"),
        phone_number_id: "300".to_owned(),
        recipient: recipient.to_owned(),
        input: format!("+{recipient}"),
        template: Some("winter_harvest".to_owned()),
        language: Some("en".to_owned()),
        text: String::new(),
        biz_opaque_callback_data: Some(reference.to_owned()),
        quick_replies: Vec::new(),
        accepted_at_ms: at_ms,
    })
}

#[test]
fn repetitions_are_seen_by_template_and_by_reference() {
    let mut ledger = Ledger::default();
    ledger.accept(message("351910000001", "a", 0), Some(1));
    ledger.accept(message("351910000001", "b", 1), Some(2));
    ledger.accept(message("351910000002", "b", 2), Some(1));
    assert!(ledger.repeated_recipients().is_empty(), "another template is no repetition");
    assert_eq!(ledger.summary().repeated_callback_data, 1);
    ledger.accept(message("351910000001", "c", 3), Some(1));
    assert_eq!(ledger.repeated_recipients(), ["351910000001"]);
    assert_eq!(ledger.summary().distinct_recipients, 2);
    assert_eq!(ledger.messages_to("351910000001").len(), 3);
}

#[test]
fn the_peak_is_of_any_second_not_of_clock_seconds() {
    let mut ledger = Ledger::default();
    for at_ms in [900, 950, 1_000, 1_050, 1_899, 1_900, 5_000] {
        ledger.accept(message("351910000001", &at_ms.to_string(), at_ms), None);
    }
    let number = &ledger.summary().numbers["300"];
    assert_eq!(number.per_second_max, 5);
    assert_eq!(number.per_second[&0], 2);
    assert_eq!(number.per_second[&1], 4);
}

#[test]
fn people_come_in_pages() {
    let mut ledger = Ledger::default();
    for person in 0..5 {
        ledger.accept(message(&format!("35191000000{person}"), &person.to_string(), person), Some(1));
    }
    ledger.accept(message("351910000003", "again", 9), Some(1));
    let first = ledger.recipients(0, 3, false);
    assert_eq!((first.data.len(), first.next_offset), (3, Some(3)));
    let last = ledger.recipients(3, 3, false);
    assert_eq!((last.data.len(), last.next_offset), (2, None));
    let repeated = ledger.recipients(0, 10, true);
    assert_eq!(repeated.data.len(), 1);
    assert_eq!(repeated.data[0].wamids.len(), 2);
}

#[test]
fn a_service_window_lasts_a_day() {
    const DAY_MS: u64 = 86_400_000;
    let mut ledger = Ledger::default();
    assert!(!ledger.window_is_open("300", "351910000001", 0));
    ledger.open_window("300", "351910000001", 1_000);
    assert!(ledger.window_is_open("300", "351910000001", DAY_MS));
    assert!(!ledger.window_is_open("300", "351910000001", DAY_MS + 1_000));
    assert!(!ledger.window_is_open("301", "351910000001", 2_000));
}

#[test]
fn sending_again_what_was_reported_as_failed_is_no_repetition() {
    let mut ledger = Ledger::default();
    let first = message("351910000001", "a", 0);
    ledger.accept(Arc::clone(&first), Some(1));
    ledger.fail(&first, Some(1));
    ledger.accept(message("351910000001", "a", 1), Some(1));
    assert!(ledger.repeated_recipients().is_empty());
    assert_eq!(ledger.summary().repeated_callback_data, 0);
    ledger.accept(message("351910000001", "a", 2), Some(1));
    assert_eq!(ledger.repeated_recipients(), ["351910000001"]);
    assert_eq!(ledger.summary().repeated_callback_data, 1);
}
