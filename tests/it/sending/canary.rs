//! The first people of a campaign: what the others wait for, and what comes of it.

use std::time::Duration;

use anyhow::{Context, Result};
use domain::ids::CampaignId;
use domain::schedule::{Canary, Schedule};
use sandbox::{Behaviour, FailureShare, Fault, FaultKind};
use service::campaigns::{self, Bottleneck, Remedy};
use sqlx::PgPool;
use tests::stage::plan;

use super::processes::WorkerProcess;
use super::{Run, until};

const WITHIN: Duration = Duration::from_secs(60);
/// Who goes first in these tests.
const FIRST: i32 = 20;

impl Run {
    /// A campaign that pauses when more than this share of the first twenty fail.
    async fn watched_draft(&self, percent_max: u8) -> Result<CampaignId> {
        let canary = Some(Canary::new(FIRST.unsigned_abs(), percent_max)?);
        self.stage.draft_with(Schedule { canary, ..Schedule::default() }).await
    }
}

async fn judged(pool: &PgPool) -> Result<Option<String>> {
    let word = "select canary_state from dispatches where canary_state is not null";
    Ok(sqlx::query_scalar(word).fetch_optional(pool).await?)
}

/// The minute in which receipts are waited for passes.
async fn a_minute_passes(pool: &PgPool) -> Result<()> {
    sqlx::query(
        "update recipients set settled_at = settled_at - interval '2 minutes' where settled_at is not null",
    )
    .execute(pool)
    .await?;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_rest_follows_when_the_first_ones_were_reached(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 300, plan(1_000, 50)).await?;
    // Nobody's phone is on: the receipts are waited for.
    run.sandbox.set_behaviour(Behaviour { delivered_share: 0.0, ..Behaviour::flawless() });
    let campaign = run.watched_draft(10).await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, WITHIN, |row| row.sent == FIRST).await?;
    run.until_nothing_is_handed_over().await?;
    assert_eq!((run.accepted_once_each(), judged(&pool).await?.as_deref()), (20, Some("watching")));
    let (services, access, reads) =
        (&run.stage.services, run.stage.access().await?, run.stage.access().await?);
    let progress = campaigns::progress(services, &reads, campaign).await?.context("it was launched")?;
    let told = progress.bottlenecks.iter().find_map(|found| match found {
        Bottleneck::Canary { people, standing } => Some((*people, standing.tried, standing.open)),
        _ => None,
    });
    assert_eq!(told, Some((280, FIRST, 0)), "{:?}", progress.bottlenecks);

    // A pause holds the judgement up, and resuming does not let anybody go.
    campaigns::pause(services, &access, campaign).await?;
    a_minute_passes(&pool).await?;
    assert_eq!(judged(&pool).await?.as_deref(), Some("watching"));
    campaigns::resume(services, &access, campaign).await?;
    let ended = run.stage.until(campaign, WITHIN, |row| row.state == "finished").await?;
    assert_eq!((ended.sent, run.accepted_once_each()), (300, 300));
    assert_eq!(judged(&pool).await?.as_deref(), Some("passed"));
    run.end().await;
    Ok(())
}

/// The campaign is paused after exactly the first ones; resuming sends the rest once each.
async fn fails(pool: &PgPool, run: Run, sent: i32, failed: i32) -> Result<()> {
    let campaign = run.watched_draft(10).await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    let paused = run.stage.until(campaign, WITHIN, |row| row.state == "paused").await?;
    assert_eq!(paused.pause_kind.as_deref(), Some("canary_failed"));
    assert_eq!((paused.sent, paused.failed, paused.pending), (sent, failed, 280), "{paused:?}");
    let accepted = run.accepted_once_each();
    let (services, access, reads) =
        (&run.stage.services, run.stage.access().await?, run.stage.access().await?);
    let progress = campaigns::progress(services, &reads, campaign).await?.context("it was launched")?;
    assert_eq!(progress.remedy, Some(Remedy::Failures));
    assert_eq!(progress.campaign.state.as_str(), "paused");
    run.sandbox.set_behaviour(Behaviour::flawless());
    campaigns::resume(services, &access, campaign).await?;
    let ended = run.stage.until(campaign, WITHIN, |row| row.state == "finished").await?;
    assert_eq!((ended.sent, ended.failed), (sent + 280, failed));
    assert_eq!(run.accepted_once_each(), accepted + 280);
    assert_eq!(judged(pool).await?.as_deref(), Some("overruled"));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn too_many_refusals_among_the_first_ones_pause_it(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 300, plan(1_000, 50)).await?;
    // The number has no WhatsApp: about the person, and final.
    run.sandbox.set_faults(vec![Fault::next(3, FaultKind::GraphError { code: 131_026 })]);
    fails(&pool, run, 17, 3).await
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn messages_that_are_taken_and_dropped_among_the_first_ones_pause_it(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 300, plan(1_000, 50)).await?;
    let failures = vec![FailureShare { code: 131_026, share: 1.0 }];
    run.sandbox.set_behaviour(Behaviour { failures, ..Behaviour::flawless() });
    fails(&pool, run, 0, 20).await
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_bad_start_can_be_cancelled(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 300, plan(1_000, 50)).await?;
    run.sandbox.set_faults(vec![Fault::next(3, FaultKind::GraphError { code: 131_026 })]);
    let campaign = run.watched_draft(10).await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, WITHIN, |row| row.state == "paused").await?;
    let access = run.stage.access().await?;
    campaigns::cancel(&run.stage.services, &access, campaign).await?;
    let ended = run.stage.until(campaign, WITHIN, |row| row.state == "cancelled").await?;
    assert_eq!((ended.sent, ended.failed, ended.skipped, ended.pending), (17, 3, 280, 0));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_worker_that_dies_meanwhile_lets_nobody_go_early_and_loses_nobody(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 120, plan(20, 5)).await?;
    // What a lost worker had in the air may be unknown; that is not what this is about.
    let campaign = run.watched_draft(99).await?;
    run.stage.launch(campaign).await?;
    for handled in [3, 9] {
        let worker = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
        until(WITHIN, async || Ok(run.sandbox.ledger().accepted > handled)).await?;
        worker.kill();
    }
    assert!(run.accepted_once_each() <= u64::from(FIRST.unsigned_abs()));
    assert_eq!(judged(&pool).await?.as_deref(), Some("watching"));
    let _survivor = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    let tried = "select count(*) from recipients where ordinal <= 20 and state <> 'pending'";
    until(WITHIN, async || Ok(sqlx::query_scalar::<_, i64>(tried).fetch_one(&pool).await? == 20)).await?;
    a_minute_passes(&pool).await?;
    let ended = run.stage.until(campaign, WITHIN, |row| row.state == "finished").await?;
    assert_eq!((ended.sent + ended.unknown, ended.failed), (120, 0), "{ended:?}");
    run.accepted_once_each();
    run.end().await;
    Ok(())
}
