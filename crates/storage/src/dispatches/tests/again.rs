//! Trying people again: who it is, where they count, and what news about the rows before changes.

use std::collections::BTreeMap;

use domain::delivery::Hold;
use domain::dispatch::TryAgain;

use super::super::{again, locks, undo};
use super::*;

impl World {
    fn later_id(n: u8) -> DispatchId {
        DispatchId::mint(at() + chrono::TimeDelta::seconds(i64::from(n)), [n; 10])
    }

    /// Tries people again in the `n`th further dispatch; so many of them are expected. That dispatch.
    pub(super) async fn try_again(&self, what: TryAgain, n: u8, people: usize) -> Self {
        let dispatch = Self::later_id(n);
        let mut new = self.new_launch(&format!("again-{n:04}"), 20);
        new.slices[0].dispatch = dispatch;
        let mut tx = self.pool.begin().await.expect("a transaction");
        locks::lock_campaign(&mut tx, self.workspace, self.campaign).await.expect("locked");
        let query = again::query(&mut tx, self.workspace, self.campaign, what, true).await.expect("asked");
        let inserted = again::insert(&mut tx, self.workspace, &new, &query).await.expect("inserted");
        tx.commit().await.expect("committed");
        assert_eq!(usize::try_from(inserted), Ok(people));
        Self { dispatch, ..self.clone() }
    }

    /// Who would be tried again (under an empty word), and who not and why.
    async fn left_out(&self, what: TryAgain) -> BTreeMap<String, i64> {
        let mut conn = self.pool.acquire().await.expect("a connection");
        let query = again::query(&mut conn, self.workspace, self.campaign, what, true).await.expect("asked");
        let counts = again::count(&mut conn, self.workspace, &query).await.expect("counted");
        counts.into_iter().map(|count| (count.left_out.unwrap_or_default(), count.people)).collect()
    }

    /// Everybody who waits is handed over and answered: by reason of failure, nobody knows (`None`).
    async fn fail(&self, lease: SenderLease, reasons: &[Option<FailureReason>]) -> HandoverId {
        let batch = self.claim(worker(1), lease, 1).await.remove(0);
        let who: Vec<i32> = (1..).take(reasons.len()).collect();
        let handover = self.open(worker(1), &batch, 1, &who).await.expect("open");
        let answer = |reason: Option<FailureReason>| match reason {
            Some(reason) => Answer::Failed { reason, provider_code: Some(1) },
            None => Answer::Unknown,
        };
        let outcome =
            |(ordinal, reason)| Outcome { ordinal, handover, left_at: Some(at()), answer: answer(reason) };
        let outcomes = who.into_iter().zip(reasons.iter().copied()).map(outcome).collect();
        let ended = vec![EndedBatch { ordinal: batch.ordinal, attempt: batch.attempt, wait: None }];
        self.record(worker(1), &Flush { outcomes, closed: vec![handover], ended }).await;
        handover
    }

    /// Until some transaction waits for a lock, or for five seconds.
    pub(super) async fn until_somebody_waits(&self) {
        let waiting = "select count(*) > 0 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        for _ in 0..500 {
            if sqlx::query_scalar(waiting).fetch_one(&self.pool).await.expect("asked") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn sql(&self, statement: &str) {
        sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&self.pool).await.expect("done");
    }
}

fn arrived(ordinal: i32) -> Report {
    let provider_message_id = format!("wamid.{ordinal}");
    Report { ordinal, provider_message_id, arrived: true, ..Report::default() }
}

const THROTTLED: Option<FailureReason> = Some(FailureReason::Throttled);

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_is_tried_again_counts_there_and_nowhere_else(pool: PgPool) {
    let world = World::launched(pool, 4, 20).await;
    let lease = world.lease(worker(1)).await;
    world.fail(lease, &[THROTTLED, Some(FailureReason::InvalidValue), None, THROTTLED]).await;
    let again = world.try_again(TryAgain::Failed, 1, 2).await;
    let (first, second) = (world.row().await, again.row().await);
    assert_eq!((first.audience, first.failed, first.unknown, first.skipped), (4, 1, 1, 2), "{first:?}");
    assert_eq!((first.state.as_str(), first.people), ("finished", 6));
    assert_eq!((second.audience, second.pending, second.slice), (2, 2, 2), "{second:?}");
    assert_eq!((second.state.as_str(), second.tries_again.as_deref()), ("running", Some("failed")));
    let failed: Vec<_> = world.reasons().await.into_iter().filter(|(state, ..)| state == "failed").collect();
    assert_eq!(failed, [("failed".into(), "invalid_value".into(), 1)]);
    // What a person has in the second row is what they had in the first.
    let same: i64 = sqlx::query_scalar(
        "select count(*) from recipients n join recipients o on o.dispatch_id = n.retries and o.contact_id = n.contact_id
          where o.superseded_by = n.dispatch_id and o.address = n.address and o.variables = n.variables",
    )
    .fetch_one(&again.pool)
    .await
    .expect("counted");
    assert_eq!(same, 2);
    let mut conn = world.pool.acquire().await.expect("a connection");
    let shown =
        read::recipients(&mut conn, world.workspace, world.dispatch, read::RecipientFilter::All, None, 0, 50);
    assert_eq!(shown.await.expect("read").len(), 4, "superseded rows are not shown");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_may_not_be_written_to_any_more_is_left_out_and_so_is_who_replied(pool: PgPool) {
    let world = World::launched(pool, 7, 20).await;
    let lease = world.lease(worker(1)).await;
    let mut reasons = vec![THROTTLED; 6];
    reasons.push(Some(FailureReason::Experiment));
    world.fail(lease, &reasons).await;
    let of = |ordinal: i32| format!("(select address from recipients where ordinal = {ordinal})");
    world.sql(&format!("update addresses set consent = 'withdrawn' where value = {}", of(1))).await;
    world.sql(&format!("update addresses set consent = 'none' where value = {}", of(2))).await;
    world.sql(&format!("delete from addresses where value = {}", of(3))).await;
    let suppress = "insert into suppressions
                    select workspace_id, 'phone', address, 'manual', 'test', now() from recipients where ordinal = 4";
    world.sql(suppress).await;
    let mut tx = world.pool.begin().await.expect("a transaction");
    reports::replied(&mut tx, world.workspace, world.dispatch, &[5], &[at()]).await.expect("noted");
    tx.commit().await.expect("committed");
    let expected = [
        ("", 1),
        ("experiment", 1),
        ("manual", 1),
        ("no_address", 1),
        ("no_consent", 1),
        ("replied", 1),
        ("unsubscribed", 1),
    ];
    let expected: BTreeMap<String, i64> = expected.map(|(word, people)| (word.to_owned(), people)).into();
    assert_eq!(world.left_out(TryAgain::Failed).await, expected);
    assert!(world.left_out(TryAgain::Unknown).await.is_empty());
    world.try_again(TryAgain::Failed, 1, 1).await;
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_was_reached_after_all_is_not_handed_over_whatever_a_worker_holds(pool: PgPool) {
    let world = World::launched(pool, 3, 20).await;
    let lease = world.lease(worker(1)).await;
    world.fail(lease, &[None; 3]).await;
    let again = world.try_again(TryAgain::Unknown, 1, 3).await;
    // The worker has read its batch when the report comes.
    let batch = again.claim(worker(1), lease, 1).await.remove(0);
    world.report(&[arrived(2)]).await;
    let (first, second) = (world.row().await, again.row().await);
    assert_eq!((first.audience, first.sent), (3, 1), "{first:?}");
    assert_eq!((second.audience, second.pending), (2, 2), "{second:?}");
    let handover = again.open(worker(1), &batch, 1, &[1, 2, 3]).await.expect("open");
    let named: Vec<i32> = sqlx::query_scalar("select recipients from handovers")
        .fetch_one(&again.pool)
        .await
        .expect("one handover");
    assert_eq!(named, [1, 3]);
    // In the air it cannot be called back; both rows end as they were told.
    world.report(&[arrived(1)]).await;
    assert_eq!((world.row().await.sent, again.row().await.pending), (1, 2));
    again
        .record(
            worker(1),
            &Flush { outcomes: vec![accepted(handover, 1), accepted(handover, 3)], ..Flush::default() },
        )
        .await;
    let (first, second) = (world.row().await, again.row().await);
    assert_eq!((first.sent, second.sent, second.state.as_str()), (1, 2, "finished"));
    // Whatever comes later about the first row of somebody who was reached by the second changes no count.
    world.report(&[Report { delivered_at: Some(at()), ..arrived(3) }]).await;
    assert_eq!((world.row().await.delivered, world.row().await.sent, again.row().await.sent), (0, 1, 2));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_was_reached_while_the_second_try_was_refused_for_now_is_not_tried_a_third_time(pool: PgPool) {
    let world = World::launched(pool, 1, 20).await;
    let lease = world.lease(worker(1)).await;
    world.fail(lease, &[None]).await;
    let again = world.try_again(TryAgain::Unknown, 1, 1).await;
    let batch = again.claim(worker(1), lease, 1).await.remove(0);
    let handover = again.open(worker(1), &batch, 1, &[1]).await.expect("open");
    world.report(&[arrived(1)]).await;
    let answer = Answer::HeldBack { hold: Hold::Pair, wait: Wait::NONE, provider_code: 131_056 };
    let outcomes = vec![Outcome { ordinal: 1, handover, left_at: Some(at()), answer }];
    again.record(worker(1), &Flush { outcomes, closed: vec![handover], ended: vec![] }).await;
    assert_eq!(again.reasons().await, [("skipped".into(), "reached_meanwhile".into(), 1)]);
    assert_eq!(again.row().await.state, "finished");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn what_a_slow_worker_gave_nothing_away_of_waits_only_where_it_is_tried_again(pool: PgPool) {
    let world = World::launched(pool, 10, 5).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[1, 2, 3]).await.expect("open");
    world.expire_leases().await;
    assert_eq!(world.sweep().await.unknown, 3);
    // As if the rest had ended, and then somebody of it waited again: in a dispatch that runs it could come back.
    let again = world.try_again(TryAgain::Unknown, 1, 3).await;
    let wait = Answer::RetryAfter { wait: Wait::NONE, counted: true };
    let late = |ordinal, answer| Outcome { ordinal, handover, left_at: Some(at()), answer };
    let outcomes = vec![late(1, Answer::Released), late(2, wait), accepted(handover, 3)];
    world.record(worker(1), &Flush { outcomes, ..Flush::default() }).await;
    let (first, second) = (world.row().await, again.row().await);
    assert_eq!((first.audience, first.pending, first.sent, first.unknown), (10, 7, 1, 0), "{first:?}");
    assert_eq!((second.audience, second.pending), (2, 2), "{second:?}");
    let states: Vec<String> =
        sqlx::query_scalar("select state from recipients where superseded_by = $1 order by ordinal")
            .bind(again.dispatch.uuid())
            .fetch_all(&world.pool)
            .await
            .expect("read");
    assert_eq!(states, ["unknown", "unknown"]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_third_try_of_a_person_is_called_off_by_news_of_the_first(pool: PgPool) {
    let world = World::launched(pool, 2, 20).await;
    let lease = world.lease(worker(1)).await;
    world.fail(lease, &[None; 2]).await;
    let second = world.try_again(TryAgain::Unknown, 1, 2).await;
    second.fail(lease, &[THROTTLED; 2]).await;
    let third = second.try_again(TryAgain::Failed, 2, 2).await;
    world.report(&[arrived(1)]).await;
    let counted = (world.row().await, second.row().await, third.row().await);
    assert_eq!((counted.0.sent, counted.1.audience, counted.2.pending), (1, 0, 1), "{counted:?}");
    // The first row counts again, and may fail and be tried again like any other.
    let failed = Some(("throttled".to_owned(), None));
    world.report(&[Report { arrived: false, failed, ..arrived(1) }]).await;
    assert_eq!((world.row().await.sent, world.row().await.failed), (0, 1));
    third.fail(lease, &[THROTTLED; 2]).await;
    third.try_again(TryAgain::Failed, 3, 2).await;
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_launch_cannot_be_taken_back_when_people_are_tried_again(pool: PgPool) {
    let world = World::launched(pool, 1, 20).await;
    let lease = world.lease(worker(1)).await;
    world.fail(lease, &[None]).await;
    world.try_again(TryAgain::Unknown, 1, 1).await;
    world.sql("update dispatches set state = 'running', ended_at = null").await;
    world.sql("update batches set attempt = 0").await;
    let mut tx = world.pool.begin().await.expect("a transaction");
    assert_eq!(undo::take_back(&mut tx, world.workspace, world.campaign).await.expect("asked"), None);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn locks_go_on_to_dispatches_that_were_made_while_they_were_waited_for(pool: PgPool) {
    let world = World::launched(pool, 1, 20).await;
    let lease = world.lease(worker(1)).await;
    world.fail(lease, &[None]).await;
    let mut maker = world.pool.begin().await.expect("a transaction");
    locks::lock_campaign(&mut maker, world.workspace, world.campaign).await.expect("locked");
    let waiter = {
        let world = world.clone();
        async move {
            let mut tx = world.pool.begin().await.expect("a transaction");
            locks::lock_all(&mut tx, world.workspace, &[world.dispatch]).await.expect("locked");
            tx
        }
    };
    let make = async {
        world.until_somebody_waits().await;
        let mut new = world.new_launch("again-0001", 20);
        new.slices[0].dispatch = World::later_id(1);
        let query = again::query(&mut maker, world.workspace, world.campaign, TryAgain::Unknown, true).await;
        again::insert(&mut maker, world.workspace, &new, &query.expect("asked")).await.expect("inserted");
        maker.commit().await.expect("committed");
    };
    let (held, ()) = tokio::join!(waiter, make);
    let free: Vec<uuid::Uuid> =
        sqlx::query_scalar("select dispatch_id from dispatches for no key update skip locked")
            .fetch_all(&world.pool)
            .await
            .expect("looked");
    assert!(free.is_empty(), "both are locked");
    held.rollback().await.expect("given back");
}
