use sqlx::PgPool;

use super::super::handover::{self, Opening};
use super::super::outcome::{Answer, EndedBatch, Flush, Outcome};
use super::super::window;
use super::{World, accepted, at, worker};
use domain::dispatch::Wait;

impl World {
    async fn window_is_over(&self) {
        sqlx::query("update dispatches set not_after = now() - interval '1 second'")
            .execute(&self.pool)
            .await
            .expect("moved");
    }

    async fn close_window(&self) -> i32 {
        let mut tx = self.pool.begin().await.expect("a transaction");
        let over = window::over(&mut tx, 10).await.expect("asked");
        assert_eq!(over, [(self.workspace, self.dispatch)]);
        let withheld = window::close(&mut tx, self.workspace, self.dispatch).await.expect("closed");
        tx.commit().await.expect("committed");
        withheld
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn when_its_window_is_over_a_dispatch_leaves_out_who_waits_and_ends(pool: PgPool) {
    let world = World::launched(pool, 45, 20).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[1, 2]).await.expect("open");

    let mut conn = world.pool.acquire().await.expect("a connection");
    assert_eq!(window::over(&mut conn, 10).await.expect("asked"), [], "without a window it is never over");
    world.window_is_over().await;
    // Nothing leaves any more, swept or not.
    assert_eq!(world.claim(worker(1), lease, 5).await, []);
    let late = handover::open(&mut conn, worker(1), &batch, 2, &[3]).await.expect("asked");
    assert_eq!(late, Opening::Refused);

    assert_eq!(world.close_window().await, 43);
    let row = world.row().await;
    assert_eq!((row.state.as_str(), row.pending, row.skipped), ("running", 2, 45), "two are in the air");
    assert_eq!(world.close_window().await, 0, "who is in the air is left alone");

    // One got it, the other is to be tried again: for that it is too late.
    let flush = Flush {
        outcomes: vec![
            accepted(handover, 1),
            Outcome {
                ordinal: 2,
                handover,
                left_at: Some(at()),
                answer: Answer::RetryAfter { wait: Wait::NONE, counted: true },
            },
        ],
        closed: vec![handover],
        ended: vec![EndedBatch { ordinal: 1, attempt: batch.attempt, wait: Some(Wait::NONE) }],
    };
    world.record(worker(1), &flush).await;
    assert_eq!(world.close_window().await, 1);
    let row = world.row().await;
    assert_eq!((row.state.as_str(), row.sent, row.pending, row.skipped), ("finished", 1, 0, 46));
    assert!(world.reasons().await.contains(&("skipped".to_owned(), "window_over".to_owned(), 44)));
    assert_eq!(window::over(&mut conn, 10).await.expect("asked"), []);
}
