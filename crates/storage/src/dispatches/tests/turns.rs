//! Campaigns on one sender take turns, and what a claim costs does not grow with what is ready.

use super::*;

/// Campaigns with slices of so many batches each; the index is what makes their ids, in ascending order.
async fn launched(pool: PgPool, campaigns: &[&[i32]]) -> World {
    let world = World::prepared(pool, 1).await;
    for (index, slices) in campaigns.iter().enumerate() {
        for (slice, batches) in slices.iter().enumerate() {
            launch(&world, index, slice, *batches).await;
        }
    }
    world
}

fn campaign(index: usize) -> CampaignId {
    CampaignId::mint(at(), [u8::try_from(index).expect("few campaigns"); 10])
}

async fn launch(world: &World, index: usize, slice: usize, batches: i32) {
    let script = format!(
        "insert into campaigns (workspace_id, campaign_id, name, state, created_by, created_at, updated_at, launched_at)
             values ('{w}', '{k}', 'Harvest', 'running', '{u}', now(), now(), now()) on conflict do nothing;
         insert into dispatches (workspace_id, dispatch_id, campaign_id, slice, channel_account_id, template_version_id,
                                 state, state_changed_at, idempotency_key, content_digest, launched_by, launched_at,
                                 audience, pending)
             values ('{w}', '{d}', '{k}', {slice} + 1, '{c}', '{v}', 'running', now(), '{d}', 'x', '{u}', now(), {batches}, {batches});
         insert into batches (workspace_id, dispatch_id, ordinal, channel_account_id, first_recipient, last_recipient, state, not_before)
             select '{w}', '{d}', n, '{c}', n, n, 'ready', now() from generate_series(1, {batches}) n;",
        w = world.workspace.uuid(),
        k = campaign(index).uuid(),
        u = world.user.uuid(),
        c = world.sender.uuid(),
        v = world.template_version.uuid(),
        // The first slice has the greatest id: order is by slice, not by id.
        d = DispatchId::mint(at(), [u8::try_from(50 * (index + 1) - slice).expect("few dispatches"); 10]).uuid(),
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&world.pool).await.expect("launched");
}

/// Which campaign, slice and batch were claimed, in order.
async fn claimed(
    world: &World,
    lease: SenderLease,
    batches_max: i64,
    after: &mut Option<CampaignId>,
) -> Vec<(usize, i32, i32)> {
    let mut conn = world.pool.acquire().await.expect("a connection");
    let turns = Turns { batches_max, after: *after };
    let claimed = claim::claim_batches(&mut conn, worker(1), lease, TTL, turns).await.expect("claimed");
    *after = claimed.last;
    let mut found = Vec::new();
    for batch in claimed.batches {
        let (id, slice): (uuid::Uuid, i32) =
            sqlx::query_as("select campaign_id, slice from dispatches where dispatch_id = $1")
                .bind(batch.dispatch.uuid())
                .fetch_one(&mut *conn)
                .await
                .expect("read");
        let index = (0..9).find(|index| campaign(*index).uuid() == id).expect("a known campaign");
        found.push((index, slice, batch.ordinal));
    }
    found
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn campaigns_take_turns_and_each_gives_from_its_earliest_slice(pool: PgPool) {
    let world = launched(pool, &[&[2, 50], &[50], &[1]]).await;
    let lease = world.lease(worker(1)).await;
    let mut after = None;
    assert_eq!(
        claimed(&world, lease, 7, &mut after).await,
        [(0, 1, 1), (1, 1, 1), (2, 1, 1), (0, 1, 2), (1, 1, 2), (1, 1, 3)]
    );
    // Campaign 2 has nothing left; campaign 0 goes on with its second slice, and comes first because 1 had the last turn.
    assert_eq!(claimed(&world, lease, 3, &mut after).await, [(0, 2, 1), (1, 1, 4), (0, 2, 2)]);
    assert_eq!(claimed(&world, lease, 1, &mut after).await, [(1, 1, 5)]);
    assert_eq!(claimed(&world, lease, 1, &mut after).await, [(0, 2, 3)]);

    // A batch of the first slice that waited for another try goes before the second slice when it is due.
    sqlx::raw_sql(
        "update batches b set state = 'ready', lease_owner = null, lease_expires_at = null from dispatches d
                    where d.dispatch_id = b.dispatch_id and d.slice = 1 and d.audience = 2 and b.ordinal = 2",
    )
    .execute(&world.pool)
    .await
    .expect("made ready");
    assert_eq!(claimed(&world, lease, 2, &mut after).await, [(1, 1, 6), (0, 1, 2)]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn only_what_is_due_in_running_dispatches_is_claimed(pool: PgPool) {
    let world = launched(pool, &[&[1], &[1], &[2]]).await;
    sqlx::raw_sql("update dispatches set state = 'paused' where audience = 1; update batches set not_before = now() + interval '1 hour' where ordinal = 2")
        .execute(&world.pool)
        .await
        .expect("stopped");
    let lease = world.lease(worker(1)).await;
    assert_eq!(claimed(&world, lease, 10, &mut None).await, [(2, 1, 1)]);
    let mut conn = world.pool.acquire().await.expect("a connection");
    let due = claim::next_batch_due(&mut conn, lease).await.expect("asked").expect("one waits");
    assert!(Duration::from_secs(3_500) < due && due <= Duration::from_secs(3_600), "{due:?}");
    lease::release_sender(&mut conn, worker(1), lease).await.expect("released");
    let idle = lease::acquire_sender(&mut conn, worker(2), TTL).await.expect("asked");
    assert_eq!(idle, None, "nothing is due");
}

/// Rows of batches and dispatches that this connection read lately; what came before is subtracted by the caller.
async fn rows_read(conn: &mut crate::Connection) -> i64 {
    sqlx::query_scalar(
        "select sum(coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0))::bigint
           from pg_stat_xact_all_tables where relname in ('batches', 'dispatches')",
    )
    .fetch_one(conn)
    .await
    .expect("statistics of the transaction")
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_claim_reads_what_it_takes_and_not_what_is_ready(pool: PgPool) {
    let world = launched(pool, &[&[3_000, 3_000], &[3_000], &[3_000]]).await;
    let lease = world.lease(worker(1)).await;
    for analyzed in [false, true] {
        if analyzed {
            sqlx::raw_sql("analyze batches, dispatches").execute(&world.pool).await.expect("analyzed");
        }
        let mut tx = world.pool.begin().await.expect("a transaction");
        sqlx::query("set local plan_cache_mode = force_generic_plan").execute(&mut *tx).await.expect("set");
        let before = rows_read(&mut tx).await;
        let turns = Turns { batches_max: 32, after: None };
        let taken = claim::claim_batches(&mut tx, worker(1), lease, TTL, turns).await.expect("claimed");
        assert_eq!(taken.batches.len(), 32);
        claim::next_batch_due(&mut tx, lease).await.expect("asked");
        lease::acquire_sender(&mut tx, worker(2), TTL).await.expect("asked");
        let read = rows_read(&mut tx).await - before;
        assert!(read <= 32 * 5 + 40, "{read} rows read to claim 32 batches, analyzed: {analyzed}");
        tx.rollback().await.expect("undone");
    }
}
