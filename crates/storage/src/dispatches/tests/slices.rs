//! One launch cut into several dispatches, and what is told about them together.

use super::*;

const SLICES: [(u8, i32); 3] = [(21, 1), (22, 41), (23, 81)];

impl World {
    /// A hundred people in slices of 40, the second on a sender of its own.
    async fn sliced(pool: PgPool) -> (Self, ChannelAccountId) {
        let world = Self::prepared(pool, 100).await;
        let second = ChannelAccountId::mint(at(), [14; 10]);
        sqlx::query(
            "insert into channel_accounts
             select workspace_id, $1, channel, 'Second', state, null, 'x', 'k1', 40, 10, connected_by, now(), now()
               from channel_accounts",
        )
        .bind(second.uuid())
        .execute(&world.pool)
        .await
        .expect("a second sender");
        let slices = SLICES.map(|(id, first)| NewSlice {
            dispatch: DispatchId::mint(at(), [id; 10]),
            channel_account: if id == 22 { second } else { world.sender },
            batch_size: if id == 22 { 10 } else { 20 },
            first,
        });
        let new = NewLaunch { slices: slices.to_vec(), ..world.new_launch("key-0001", 20) };
        let mut tx = world.pool.begin().await.expect("a transaction");
        let people = launch::insert(&mut tx, world.workspace, &new, &world.audience).await.expect("launched");
        tx.commit().await.expect("committed");
        assert_eq!(people, LaunchedPeople { audience: 102, pending: 100 });
        (world, second)
    }

    async fn parts(&self) -> Vec<read::DispatchRow> {
        let mut conn = self.pool.acquire().await.expect("a connection");
        let parts = whole::parts(&mut conn, self.workspace, self.campaign).await.expect("read");
        for part in &parts {
            let agree =
                sweep::counts_agree(&mut conn, self.workspace, part.dispatch).await.expect("compared");
            assert!(agree, "{part:?}");
        }
        parts
    }

    async fn whole(&self) -> whole::Progress {
        let mut conn = self.pool.acquire().await.expect("a connection");
        whole::progress(&mut conn, self.workspace, self.campaign, 10).await.expect("read").expect("launched")
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_launch_is_cut_into_slices_that_hold_everybody_once(pool: PgPool) {
    let (world, second) = World::sliced(pool).await;
    let parts = world.parts().await;
    let told: Vec<_> =
        parts.iter().map(|part| (part.slice, part.audience, part.pending, part.skipped)).collect();
    assert_eq!(told, [(1, 40, 40, 0), (2, 40, 40, 0), (3, 22, 20, 2)], "who is left out is in the last");
    assert_eq!(
        parts.iter().map(|part| part.channel_account == second).collect::<Vec<_>>(),
        [false, true, false]
    );
    assert!(parts.is_sorted_by_key(|part| part.dispatch), "locks are taken by id, slices by number");
    let (people, ordinals): (i64, i64) = sqlx::query_as(
        "select count(distinct contact_id), count(*) from recipients
          where ordinal between 1 and case dispatch_id when $1 then 22 else 40 end",
    )
    .bind(parts[2].dispatch.uuid())
    .fetch_one(&world.pool)
    .await
    .expect("counted");
    assert_eq!((people, ordinals), (102, 102));
    let batches: Vec<(i64, i32, i32)> = sqlx::query_as(
        "select count(*), min(last_recipient), max(last_recipient) from batches group by dispatch_id order by dispatch_id",
    )
    .fetch_all(&world.pool)
    .await
    .expect("read");
    assert_eq!(batches, [(2, 20, 40), (4, 10, 40), (1, 20, 20)]);
    let keys: i64 = sqlx::query_scalar("select count(idempotency_key) from dispatches")
        .fetch_one(&world.pool)
        .await
        .expect("counted");
    assert_eq!(keys, 1, "one key for the click");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn slices_are_told_together(pool: PgPool) {
    let (world, _) = World::sliced(pool).await;
    let whole = world.whole().await;
    let (all, parts) = (&whole.dispatch, &whole.parts);
    assert_eq!((all.audience, all.pending, all.skipped, all.rate_per_second), (102, 100, 2, 120));
    assert_eq!((all.dispatch, parts.len(), all.state.as_str()), (parts[0].dispatch, 3, "running"));
    let reasons: i32 = whole.reasons.iter().map(|reason| reason.recipients).sum();
    assert_eq!(reasons, 2);

    let (one, other) = (worker(1), worker(2));
    for owner in [one, other] {
        let lease = world.lease(owner).await;
        let batch = world.claim(owner, lease, 1).await.remove(0);
        world.open(owner, &batch, 1, &[1, 2, 3]).await.expect("open");
    }
    assert_eq!(world.whole().await.in_the_air, 6, "over both senders");

    let mut tx = world.pool.begin().await.expect("a transaction");
    let cause = control::PauseCause::Person(world.user);
    for part in &parts[..2] {
        control::pause(&mut tx, world.workspace, part.dispatch, &cause).await.expect("paused");
    }
    tx.commit().await.expect("committed");
    assert_eq!(world.whole().await.dispatch.state, "running", "the third still runs");
    let mut tx = world.pool.begin().await.expect("a transaction");
    for part in parts {
        control::cancel(&mut tx, world.workspace, part.dispatch).await.expect("cancelled");
    }
    tx.commit().await.expect("committed");
    let whole = world.whole().await.dispatch;
    assert_eq!((whole.state.as_str(), whole.pending, whole.skipped), ("cancelled", 6, 96));
    assert!(whole.ended_at.is_some());
}

/// Ends what is pending of a dispatch as a cancellation does; its state stays what the counts make it.
async fn end(world: &World, tx: &mut crate::Tx, part: &read::DispatchRow) {
    control::cancel(tx, world.workspace, part.dispatch).await.expect("cancelled").expect("it ran");
    crate::campaigns::follow_dispatches(tx, world.workspace, world.campaign).await.expect("followed");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn two_dispatches_that_end_at_the_same_moment_end_the_campaign(pool: PgPool) {
    let (world, _) = World::sliced(pool).await;
    let parts = world.parts().await;
    let mut tx = world.pool.begin().await.expect("a transaction");
    end(&world, &mut tx, &parts[0]).await;
    tx.commit().await.expect("committed");
    let (mut first, mut second) =
        (world.pool.begin().await.expect("one"), world.pool.begin().await.expect("another"));
    end(&world, &mut first, &parts[1]).await;
    // The second cannot see that the first has ended, and so must wait until it can.
    let ends = async {
        end(&world, &mut second, &parts[2]).await;
        second.commit().await.expect("committed");
    };
    let commits = async {
        world.until_somebody_waits().await;
        first.commit().await.expect("committed");
    };
    tokio::join!(ends, commits);
    let state: String =
        sqlx::query_scalar("select state from campaigns").fetch_one(&world.pool).await.expect("read");
    assert_eq!(state, "cancelled");
}
