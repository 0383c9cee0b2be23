//! Who escapes a pause.

use super::*;

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn pause_tells_who_escaped_and_lets_nobody_else_out(pool: PgPool) {
    let world = World::launched(pool, 10, 20).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[1, 2, 3]).await.expect("open");
    world.record(worker(1), &Flush { outcomes: vec![accepted(handover, 1)], ..Flush::default() }).await;
    let mut tx = world.pool.begin().await.expect("a transaction");
    let cause = control::PauseCause::Person(world.user);
    let escaped = control::pause(&mut tx, world.workspace, world.dispatch, &cause).await.expect("paused");
    tx.commit().await.expect("committed");
    assert_eq!(escaped, Some(2));
    assert_eq!(world.open(worker(1), &batch, 2, &[4]).await, None);
    // One of the two in the air arrives, the other comes back: what was settled since the pause is what escaped.
    assert_eq!(world.row().await.escaped, Some(0));
    let back = Outcome { ordinal: 3, handover, left_at: None, answer: Answer::Released };
    let outcomes = vec![accepted(handover, 2), back];
    world.record(worker(1), &Flush { outcomes, closed: vec![handover], ..Flush::default() }).await;
    assert_eq!((world.row().await.sent, world.row().await.escaped), (2, Some(1)));

    let mut tx = world.pool.begin().await.expect("a transaction");
    assert!(control::resume(&mut tx, world.workspace, world.dispatch).await.expect("resumed"));
    tx.commit().await.expect("committed");
    assert_eq!(world.row().await.escaped, None);
    assert!(world.open(worker(1), &batch, 2, &[4]).await.is_some());
}
