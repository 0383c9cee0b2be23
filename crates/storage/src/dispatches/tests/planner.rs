//! A dispatch without statistics: what a statement reads grows with what it is about, not with the dispatch times that.

use super::*;
use crate::Connection;

const PEOPLE: i32 = 4_000;
const GROUP: i32 = 500;
/// A range is read, joined and updated once each, whatever the planner believes.
const ROWS_READ_MAX: i64 = 4 * GROUP as i64;

/// Rows of recipients that this transaction read so far, by index or not.
async fn rows_read(conn: &mut Connection) -> i64 {
    sqlx::query_scalar(
        "select (sum(coalesce(idx_tup_fetch, 0)) + sum(coalesce(seq_tup_read, 0)))::bigint
           from pg_stat_xact_all_tables where relname ~ '^recipients_[0-9a-z]+$'",
    )
    .fetch_one(conn)
    .await
    .expect("statistics of the transaction")
}

/// One whose plans cannot look at the values they are for, as those of a connection that lives long.
async fn blind_transaction(pool: &PgPool) -> crate::Tx {
    let mut tx = pool.begin().await.expect("a transaction");
    sqlx::query("set local plan_cache_mode = force_generic_plan").execute(&mut *tx).await.expect("set");
    tx
}

fn accepted(ordinal: i32, handover: HandoverId) -> Outcome {
    let id = ProviderMessageId::new(format!("wamid.{ordinal}"));
    Outcome { ordinal, handover, left_at: Some(at()), answer: Answer::Accepted(id) }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_fresh_dispatch_is_worked_on_without_reading_it_over_and_over(pool: PgPool) {
    let world = World::launched(pool, PEOPLE, GROUP).await;
    let owner = worker(1);
    let lease = world.lease(owner).await;
    let batches = world.claim(owner, lease, 3).await;
    let who: Vec<i32> = (batches[0].first_recipient..=batches[0].last_recipient).collect();
    let handover = world.open(owner, &batches[0], 1, &who).await.expect("opened");
    let outcomes = who.iter().map(|ordinal| accepted(*ordinal, handover)).collect();
    let flush = Flush { outcomes, closed: vec![handover], ended: Vec::new() };
    let (workspace, dispatch) = (world.workspace, world.dispatch);

    let mut tx = blind_transaction(&world.pool).await;
    let in_the_air = handover::count_in_the_air(&mut tx, workspace, dispatch).await.expect("counted");
    assert_eq!(in_the_air, i64::from(GROUP));
    let counted = rows_read(&mut tx).await;
    assert!(counted <= ROWS_READ_MAX, "{counted} rows read to count {GROUP} in the air");

    outcome::record(&mut tx, owner, workspace, dispatch, &flush).await.expect("recorded");
    let recorded = rows_read(&mut tx).await - counted;
    assert!(recorded <= ROWS_READ_MAX, "{recorded} rows read to record {GROUP}");

    let reports: Vec<Report> = who
        .iter()
        .map(|ordinal| Report {
            ordinal: *ordinal,
            arrived: true,
            delivered_at: Some(at()),
            ..Report::default()
        })
        .collect();
    reports::apply(&mut tx, workspace, dispatch, &reports).await.expect("applied");
    let reported = rows_read(&mut tx).await - counted - recorded;
    assert!(reported <= ROWS_READ_MAX, "{reported} rows read to apply {GROUP} reports");
    tx.commit().await.expect("committed");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn what_a_dead_worker_left_is_swept_by_range(pool: PgPool) {
    let world = World::launched(pool, PEOPLE, GROUP).await;
    let owner = worker(1);
    let lease = world.lease(owner).await;
    let batches = world.claim(owner, lease, 1).await;
    let who: Vec<i32> = (batches[0].first_recipient..=batches[0].last_recipient).collect();
    world.open(owner, &batches[0], 1, &who).await.expect("opened");
    world.expire_leases().await;

    let mut tx = blind_transaction(&world.pool).await;
    let swept = sweep::sweep(&mut tx, world.workspace, world.dispatch).await.expect("swept");
    assert_eq!(swept.unknown, GROUP);
    let read = rows_read(&mut tx).await;
    assert!(read <= ROWS_READ_MAX, "{read} rows read to sweep {GROUP}");
}
