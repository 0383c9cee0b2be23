use std::time::Duration;

use domain::Timestamp;
use domain::delivery::{ProviderMessageId, WaitReason};

use super::*;

fn batch() -> ClaimedBatch {
    let now = Timestamp::from_timestamp(1_763_700_000, 0).expect("a valid instant");
    ClaimedBatch {
        workspace: WorkspaceId::mint(now, [1; 10]),
        dispatch: DispatchId::mint(now, [2; 10]),
        ordinal: 3,
        attempt: 1,
        first_recipient: 41,
        last_recipient: 60,
    }
}

fn wait(seconds: u64) -> Wait {
    Wait { after: Duration::from_secs(seconds), reason: WaitReason::Retry }
}

fn settled(handover: i64, ordinal: i32, answer: Answer) -> Entry {
    Entry::Settled(Outcome { ordinal, handover: HandoverId(handover), left_at: None, answer })
}

fn accepted() -> Answer {
    Answer::Accepted(ProviderMessageId::new("wamid.1"))
}

fn opened(handover: i64, recipients: usize) -> Entry {
    Entry::Opened { batch: batch(), handover: HandoverId(handover), recipients }
}

fn only(books: &mut Books) -> Flush {
    let mut flushes = books.take();
    assert_eq!(flushes.len(), 1);
    flushes.remove(0).2
}

#[test]
fn a_handover_closes_with_its_last_outcome_and_the_batch_with_its_last_recipient() {
    let mut books = Books::default();
    books.enter(Entry::Started { batch: batch(), due: 3, next_wait: None });
    books.enter(opened(1, 2));
    books.enter(settled(1, 41, accepted()));
    let flush = only(&mut books);
    assert_eq!((flush.outcomes.len(), flush.closed.len(), flush.ended.len()), (1, 0, 0));

    books.enter(settled(1, 42, accepted()));
    let flush = only(&mut books);
    assert_eq!((flush.closed, flush.ended.len()), (vec![HandoverId(1)], 0));

    books.enter(opened(2, 1));
    books.enter(settled(2, 43, accepted()));
    let flush = only(&mut books);
    assert_eq!(flush.ended, [EndedBatch { ordinal: 3, attempt: 1, wait: None }]);
    assert!(books.is_settled());
}

#[test]
fn a_batch_comes_back_when_its_earliest_waiting_recipient_is_due() {
    let mut books = Books::default();
    let later = Some(wait(9));
    books.enter(Entry::Started { batch: batch(), due: 2, next_wait: later });
    books.enter(opened(1, 2));
    let retry = Answer::RetryAfter { wait: wait(4), counted: true };
    books.enter(settled(1, 41, retry));
    books.enter(settled(1, 42, accepted()));
    assert_eq!(only(&mut books).ended[0].wait, Some(wait(4)));
}

#[test]
fn withheld_recipients_make_the_batch_ready_at_once() {
    let mut books = Books::default();
    books.enter(Entry::Started { batch: batch(), due: 5, next_wait: None });
    books.enter(Entry::Withheld { batch: batch(), recipients: 5, wait: Wait::NONE });
    let flush = only(&mut books);
    assert!(flush.outcomes.is_empty());
    assert_eq!(flush.ended[0].wait, Some(Wait::NONE));
}

#[test]
fn a_batch_with_nobody_due_ends_at_once() {
    let mut books = Books::default();
    books.enter(Entry::Started { batch: batch(), due: 0, next_wait: Some(wait(2)) });
    assert_eq!(only(&mut books).ended[0].wait, Some(wait(2)));
}

#[test]
fn an_outcome_is_flushed_once() {
    let mut books = Books::default();
    books.enter(Entry::Started { batch: batch(), due: 1, next_wait: None });
    books.enter(opened(1, 1));
    books.enter(settled(1, 41, accepted()));
    books.enter(settled(1, 41, accepted()));
    assert_eq!(only(&mut books).outcomes.len(), 1);
    assert!(books.is_flushed());
}
