//! Answers that come after a sweep has taken the handover away.

use super::*;

const RETRY: Answer = Answer::RetryAfter {
    wait: Wait { after: Duration::from_secs(60), reason: WaitReason::Retry },
    counted: true,
};

/// A dispatch of two batches, and what a slow worker held of the first when it was swept: three people are unknown.
struct Swept {
    world: World,
    handover: HandoverId,
}

impl Swept {
    async fn new(pool: PgPool, batch_size: i32) -> Self {
        let world = World::launched(pool, 10, batch_size).await;
        let lease = world.lease(worker(1)).await;
        let batch = world.claim(worker(1), lease, 1).await.remove(0);
        let handover = world.open(worker(1), &batch, 1, &[1, 2, 3]).await.expect("open");
        world.expire_leases().await;
        assert_eq!(world.sweep().await, sweep::Swept { batches: 1, unknown: 3 });
        Self { world, handover }
    }

    /// The slow worker reports what it knows about one of them.
    async fn late(&self, ordinal: i32, answer: Answer) {
        let outcomes = vec![Outcome { ordinal, handover: self.handover, left_at: Some(at()), answer }];
        self.world.record(worker(1), &Flush { outcomes, closed: vec![], ended: vec![] }).await;
    }

    async fn claim(&self) -> (ClaimedBatch, Vec<i32>) {
        let lease = self.world.lease(worker(2)).await;
        let batch = self.world.claim(worker(2), lease, 1).await.remove(0);
        (batch, self.waiting(&batch).await)
    }

    async fn waiting(&self, batch: &ClaimedBatch) -> Vec<i32> {
        let mut conn = self.world.pool.acquire().await.expect("a connection");
        let waiting = claim::waiting_recipients(&mut conn, batch).await.expect("read");
        waiting.iter().map(|recipient| recipient.ordinal).collect()
    }

    /// The second worker is through with a batch and everybody it knew of was accepted.
    async fn end(&self, batch: &ClaimedBatch, sequence: i32, who: &[i32]) {
        let handover = self.world.open(worker(2), batch, sequence, who).await.expect("open");
        let outcomes = who.iter().map(|ordinal| accepted(handover, *ordinal)).collect();
        let ended = vec![EndedBatch { ordinal: batch.ordinal, attempt: batch.attempt, wait: None }];
        self.world.record(worker(2), &Flush { outcomes, closed: vec![handover], ended }).await;
    }

    async fn counts(&self) -> (i32, i32, i32, String) {
        let row = self.world.row().await;
        (row.pending, row.sent, row.unknown, row.state)
    }

    async fn unknown_because(&self) -> Vec<(String, i32)> {
        let reasons = self.world.reasons().await.into_iter();
        reasons.filter(|(state, ..)| state == "unknown").map(|(_, reason, people)| (reason, people)).collect()
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_was_never_given_to_the_provider_waits_again(pool: PgPool) {
    let swept = Swept::new(pool, 20).await;
    for _ in 0..2 {
        swept.late(2, Answer::Released).await;
        swept.late(3, RETRY).await;
    }
    assert_eq!(swept.counts().await, (9, 0, 1, "running".to_owned()));
    assert_eq!(swept.unknown_because().await, [("worker_lost".to_owned(), 1)]);
    let (batch, waiting) = swept.claim().await;
    assert_eq!(waiting, [2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // The next handover is another one: what the slow worker repeats now concerns nobody.
    let handover = swept.world.open(worker(2), &batch, 1, &[2]).await.expect("open");
    swept.late(2, Answer::Released).await;
    swept.late(2, Answer::Accepted(ProviderMessageId::new("wamid.of the first"))).await;
    let outcomes = vec![accepted(handover, 2)];
    swept.world.record(worker(2), &Flush { outcomes, closed: vec![handover], ended: vec![] }).await;
    assert_eq!(swept.counts().await, (8, 1, 1, "running".to_owned()));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_batch_that_was_done_is_ready_again_for_who_came_back(pool: PgPool) {
    let swept = Swept::new(pool, 3).await;
    swept.late(1, Answer::Accepted(ProviderMessageId::new("wamid.1"))).await;
    swept.late(2, Answer::Released).await;
    let lease = swept.world.lease(worker(2)).await;
    let claimed = swept.world.claim(worker(2), lease, 10).await;
    let first = claimed.iter().find(|batch| batch.ordinal == 1).expect("it is ready");
    assert_eq!(swept.waiting(first).await, [2]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_comes_back_under_another_claim_is_not_forgotten_at_its_end(pool: PgPool) {
    let swept = Swept::new(pool, 20).await;
    let (batch, waiting) = swept.claim().await;
    assert_eq!(waiting, [4, 5, 6, 7, 8, 9, 10]);
    swept.late(2, Answer::Released).await;
    swept.end(&batch, 1, &waiting).await;
    assert_eq!(swept.counts().await, (1, 7, 2, "running".to_owned()));

    let again = {
        let mut conn = swept.world.pool.acquire().await.expect("a connection");
        let held = sqlx::query_scalar::<_, i64>("select fence from sender_leases")
            .fetch_one(&mut *conn)
            .await
            .expect("read");
        let channel_account = swept.world.sender;
        let lease =
            SenderLease { workspace: swept.world.workspace, channel_account, fence: held, begin_at: None };
        swept.world.claim(worker(2), lease, 1).await.remove(0)
    };
    assert_eq!(swept.waiting(&again).await, [2]);
    swept.end(&again, 1, &[2]).await;
    assert_eq!(swept.counts().await, (0, 8, 2, "finished".to_owned()));
    let state: String =
        sqlx::query_scalar("select state from batches").fetch_one(&swept.world.pool).await.expect("read");
    assert_eq!(state, "done");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_may_have_it_never_waits_again(pool: PgPool) {
    let swept = Swept::new(pool, 20).await;
    swept.late(1, Answer::Unknown).await;
    assert_eq!(
        swept.unknown_because().await,
        [("worker_lost".to_owned(), 2), ("no_answer".to_owned(), 1)],
        "the slow worker knows that the request left"
    );
    swept.late(1, Answer::Released).await;
    swept.late(1, RETRY).await;
    assert_eq!(swept.counts().await, (7, 0, 3, "running".to_owned()));
    // A handover that was never theirs says nothing about them.
    let other = Swept { handover: HandoverId(swept.handover.0 + 1_000), world: swept.world };
    other.late(2, Answer::Released).await;
    assert_eq!(other.counts().await, (7, 0, 3, "running".to_owned()));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_dispatch_that_ended_is_not_opened_again(pool: PgPool) {
    let swept = Swept::new(pool, 20).await;
    let mut tx = swept.world.pool.begin().await.expect("a transaction");
    control::cancel(&mut tx, swept.world.workspace, swept.world.dispatch).await.expect("cancelled");
    tx.commit().await.expect("committed");
    swept.late(2, Answer::Released).await;
    let row = swept.world.row().await;
    assert_eq!((row.pending, row.unknown, row.skipped, row.state.as_str()), (0, 2, 2 + 8, "cancelled"));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_last_moment_anybody_became_unknown_is_kept(pool: PgPool) {
    let world = World::launched(pool, 10, 20).await;
    assert_eq!(world.row().await.last_unknown_at, None);
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[1, 2, 3]).await.expect("open");
    let unanswered = Outcome { ordinal: 1, handover, left_at: Some(at()), answer: Answer::Unknown };
    world.record(worker(1), &Flush { outcomes: vec![unanswered], ..Flush::default() }).await;
    let first = world.row().await.last_unknown_at.expect("one is unknown");
    world.record(worker(1), &Flush { outcomes: vec![accepted(handover, 2)], ..Flush::default() }).await;
    assert_eq!(world.row().await.last_unknown_at, Some(first), "nobody new");
    world.expire_leases().await;
    world.sweep().await;
    assert!(world.row().await.last_unknown_at.expect("kept") > first);
}
