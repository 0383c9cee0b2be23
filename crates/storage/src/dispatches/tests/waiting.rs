//! What people wait for, and who they are.

use super::super::waiting::{self, Which};
use super::*;

async fn run(world: &World, statement: &'static str) {
    sqlx::raw_sql(statement).execute(&world.pool).await.expect("changed");
}

async fn told(world: &World) -> Vec<(String, i32)> {
    let mut conn = world.pool.acquire().await.expect("a connection");
    let groups = waiting::waiting(&mut conn, world.workspace, &[world.dispatch]).await.expect("read");
    groups.into_iter().map(|group| (group.reason, group.people)).collect()
}

async fn who(world: &World, reason: &str, between: (i32, i32), which: Which, most: i64) -> Vec<i32> {
    let mut conn = world.pool.acquire().await.expect("a connection");
    waiting::who_waits(&mut conn, world.workspace, world.dispatch, reason, between, which, most)
        .await
        .expect("read")
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_waits_is_counted_by_what_for_and_can_be_shown(pool: PgPool) {
    let world = World::launched(pool, 50, 10).await;
    assert_eq!(told(&world).await, [], "everybody is due");
    run(
        &world,
        "update batches set not_before = now() + interval '1 hour', wait_reason = 'quiet_hours' where ordinal in (1, 2);
         update batches set not_before = now() + interval '1 minute', wait_reason = 'retry', attempt = 1 where ordinal = 3;
         update recipients set state = 'sent', settled_at = now() where ordinal between 21 and 27;
         update dispatches set pending = pending - 7, sent = sent + 7;
         update recipients set not_before = now() + interval '1 minute', wait_reason = 'retry' where ordinal = 28;
         update recipients set not_before = now() + interval '1 hour', wait_reason = 'pair_limit' where ordinal in (29, 30);",
    )
    .await;
    let groups = told(&world).await;
    assert_eq!(
        groups,
        [("quiet_hours".to_owned(), 20), ("pair_limit".to_owned(), 2), ("retry".to_owned(), 1)]
    );
    for (reason, people) in groups {
        let shown = who(&world, &reason, (0, i32::MAX), Which::First, 1_000).await;
        assert_eq!(i32::try_from(shown.len()).expect("few"), people, "{reason}: {shown:?}");
    }
    assert_eq!(who(&world, "pair_limit", (0, i32::MAX), Which::First, 10).await, [29, 30]);
    assert_eq!(who(&world, "quiet_hours", (5, i32::MAX), Which::First, 3).await, [6, 7, 8]);
    assert_eq!(who(&world, "quiet_hours", (0, 12), Which::Last, 3).await, [9, 10, 11]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_sender_that_nobody_drives_is_told_by_since_when_something_is_due(pool: PgPool) {
    let world = World::launched(pool, 20, 10).await;
    let standing = || async {
        let mut conn = world.pool.acquire().await.expect("a connection");
        let mut senders =
            waiting::senders(&mut conn, world.workspace, &[world.dispatch]).await.expect("read");
        assert_eq!(senders.len(), 1);
        senders.remove(0)
    };
    let idle = standing().await;
    assert!(idle.idle_since.is_some());
    assert_eq!((idle.state.as_str(), idle.rate_now, idle.other_campaigns), ("connected", None, 0));
    let lease = world.lease(worker(1)).await;
    let driven = standing().await;
    assert_eq!(driven.idle_since, None);
    assert_eq!(driven.limited_until, None);
    let mut conn = world.pool.acquire().await.expect("a connection");
    lease::release_sender(&mut conn, worker(1), lease).await.expect("released");
    run(&world, "update batches set not_before = now() + interval '1 hour'").await;
    assert_eq!(standing().await.idle_since, None, "nothing is due");
}
