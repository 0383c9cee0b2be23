//! Whether taking the next batch costs the same with much history as with little.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use domain::ids::{CampaignId, DispatchId, WorkerId};
use serde_json::{Value, json};
use service::clock::id_entropy;
use service::dispatch::{self, Turns};
use tests::stage::{Stage, plan};

use crate::options::Options;
use crate::{rounded, setup};

/// People of one campaign of the history; the least history there is.
const PEOPLE: i64 = 10_000;
const BATCH: u32 = 100;
/// Batches claimed in a measurement, one by one; the dispatch has a few more.
const CLAIMS: usize = 90;
const LEASE: Duration = Duration::from_secs(600);

/// Microseconds of the median claim, its recipients read, after 10,000 and after `--history` rows.
pub async fn measure(options: &Options) -> Result<Value> {
    let history: i64 = options.number("--history", 10_000_000)?;
    let stage = setup::stage(options, setup::NO_GRAPH, plan(1_000, BATCH), PEOPLE).await?;
    let first = launch(&stage).await?;
    settle(&stage).await?;
    refresh_statistics(&stage).await?;
    let little = median_claim(&stage).await?;
    let seeded = Instant::now();
    let seeding = std::iter::repeat_n((), usize::try_from((history / PEOPLE - 1).max(0))?);
    for () in seeding {
        repeat(&stage, first).await?;
    }
    refresh_statistics(&stage).await?;
    let seeding_seconds = seeded.elapsed().as_secs_f64();
    let much = median_claim(&stage).await?;
    let rows: i64 = sqlx::query_scalar("select count(*) from recipients where state = 'sent'")
        .fetch_one(&stage.services.pool)
        .await?;
    Ok(json!({
        "value": rounded(much / little),
        "claim_us_10k": little.round(),
        "claim_us_10m": much.round(),
        "history": rows,
        "batch": BATCH,
        "seeding_seconds": seeding_seconds.round(),
    }))
}

async fn launch(stage: &Stage) -> Result<CampaignId> {
    let campaign = stage.draft().await?;
    stage.launch(campaign).await?;
    Ok(campaign)
}

/// The median of many claims out of a fresh campaign, which then belongs to the history.
async fn median_claim(stage: &Stage) -> Result<f64> {
    launch(stage).await?;
    // What making the history left to be written must not meet the commits that are measured.
    sqlx::raw_sql("checkpoint").execute(&stage.services.pool).await?;
    let services = &stage.services;
    let worker = WorkerId::mint(services.clock.now(), id_entropy());
    let lease =
        dispatch::acquire_sender(services, worker, LEASE).await?.context("the sender is not to be had")?;
    let mut took = Vec::with_capacity(CLAIMS);
    for _ in 0..CLAIMS {
        let started = Instant::now();
        let turns = Turns { batches_max: 1, after: None };
        let claimed = dispatch::claim(services, worker, lease, LEASE, turns).await?;
        let mut people = 0;
        for batch in &claimed.batches {
            people += dispatch::load(services, batch).await?.len();
        }
        took.push(started.elapsed().as_secs_f64() * 1e6);
        ensure!(people == usize::try_from(BATCH)?, "a claim gave {people} people");
    }
    dispatch::release_sender(services, worker, lease).await?;
    settle(stage).await?;
    took.sort_unstable_by(f64::total_cmp);
    Ok(took[took.len() / 2])
}

/// Everything that runs has been sent and delivered.
async fn settle(stage: &Stage) -> Result<()> {
    sqlx::raw_sql(
        "update recipients set state = 'sent', settled_at = now(), delivered_at = now(),
                provider_message_id = 'wamid.' || dispatch_id || ordinal
          where state = 'pending';
         update batches set state = 'done', lease_owner = null, lease_expires_at = null where state <> 'done';
         update dispatches set sent = sent + pending, delivered = sent + pending, pending = 0, state = 'finished',
                ended_at = now()
          where state = 'running';
         update campaigns set state = 'finished', ended_at = now() where state = 'running'",
    )
    .execute(&stage.services.pool)
    .await?;
    Ok(())
}

/// The first campaign once more, under new ids: rows as a launch and its end leave them.
async fn repeat(stage: &Stage, first: CampaignId) -> Result<()> {
    let now = stage.services.clock.now();
    let (campaign, dispatch) = (CampaignId::mint(now, id_entropy()), DispatchId::mint(now, id_entropy()));
    let mut tx = stage.services.pool.begin().await?;
    let copies = [
        "insert into campaigns
         select (jsonb_populate_record(c, jsonb_build_object('campaign_id', $2::uuid))).*
           from campaigns c where c.campaign_id = $1 and $3::uuid is not null",
        "insert into dispatches
         select (jsonb_populate_record(d, jsonb_build_object(
                    'campaign_id', $2::uuid, 'dispatch_id', $3::uuid, 'idempotency_key', $3::text))).*
           from dispatches d where d.campaign_id = $1",
        "insert into batches
         select (jsonb_populate_record(b, jsonb_build_object('dispatch_id', $3::uuid))).*
           from batches b join dispatches d using (workspace_id, dispatch_id)
          where d.campaign_id = $1 and $2::uuid is not null",
        "insert into recipients (workspace_id, dispatch_id, ordinal, contact_id, address, variables, state,
                                 provider_message_id, settled_at, delivered_at)
         select r.workspace_id, $3, r.ordinal, r.contact_id, r.address, r.variables, r.state,
                'wamid.' || $3::text || r.ordinal, r.settled_at, r.delivered_at
           from recipients r join dispatches d using (workspace_id, dispatch_id)
          where d.campaign_id = $1 and $2::uuid is not null",
    ];
    for copy in copies {
        sqlx::query(copy)
            .bind(first.uuid())
            .bind(campaign.uuid())
            .bind(dispatch.uuid())
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What autovacuum would have done over the days that this history took.
async fn refresh_statistics(stage: &Stage) -> Result<()> {
    for table in ["campaigns", "dispatches", "batches", "recipients"] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("vacuum analyze {table}")))
            .execute(&stage.services.pool)
            .await?;
    }
    Ok(())
}
