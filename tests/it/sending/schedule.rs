use std::time::Duration;

use anyhow::{Context, Result};
use domain::campaign::{CampaignState, IdempotencyKey};
use domain::ids::CampaignId;
use domain::schedule::{LocalMoment, Schedule, Undo};
use futures::future::join_all;
use service::campaigns::{self, Blocker, Campaign, LaunchError, UndoError};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

const FAR: Option<&str> = Some("2099-11-28");

impl Run {
    /// A campaign that was scheduled for a far day.
    async fn scheduled(&self, key: &IdempotencyKey) -> Result<CampaignId> {
        let campaign = self.stage.timed_draft(FAR, Undo::Ten).await?;
        let access = self.stage.access().await?;
        campaigns::schedule(&self.stage.services, &access, campaign, key, None).await?;
        Ok(campaign)
    }

    /// Its day has come.
    async fn is_due(&self, pool: &PgPool, campaign: CampaignId) -> Result<()> {
        sqlx::query("update campaigns set starts_at = now() - interval '1 second' where campaign_id = $1")
            .bind(campaign.uuid())
            .execute(pool)
            .await?;
        Ok(())
    }

    async fn campaign(&self, id: CampaignId) -> Result<Campaign> {
        let access = self.stage.access().await?;
        campaigns::get(&self.stage.services, &access, id).await?.context("the campaign is there")
    }
}

async fn rows(pool: &PgPool, table: &str) -> Result<i64> {
    let question = format!("select count(*) from {table}");
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(question)).fetch_one(pool).await?)
}

fn key() -> IdempotencyKey {
    "schedule-0001".parse().expect("a key")
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_scheduled_campaign_goes_out_when_its_time_comes_to_whom_it_then_concerns(
    pool: PgPool,
) -> Result<()> {
    let run = Run::with_people(&pool, 40, plan(1_000, 20)).await?;
    let campaign = run.scheduled(&key()).await?;
    run.start_worker();
    let waiting = run.campaign(campaign).await?;
    assert_eq!(waiting.state.as_str(), "scheduled");
    assert_eq!(waiting.start.context("it has a start")?.expected, Some(40));
    assert_eq!(rows(&pool, "recipients").await?, 0, "nobody is frozen before the start");
    // One more, and one less, between the click and the start.
    run.stage.add_people(351_930_000_000, 1).await?;
    sqlx::query("update addresses set consent = 'withdrawn' where value = '+351920000000'")
        .execute(&pool)
        .await?;
    run.is_due(&pool, campaign).await?;
    let ended = run.stage.until(campaign, Duration::from_secs(30), |row| row.state == "finished").await?;
    assert_eq!((ended.audience, ended.sent, ended.skipped), (41, 40, 1));
    assert_eq!(ended.launched_by, run.stage.owner);
    assert_eq!(ended.undo_until, None, "a start at a time was announced long enough");
    assert_eq!(run.accepted_once_each(), 40);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn many_workers_start_a_campaign_once(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 10, plan(1_000, 20)).await?;
    let campaign = run.scheduled(&key()).await?;
    run.is_due(&pool, campaign).await?;
    let started = join_all((0..8).map(|_| campaigns::start_due(&run.stage.services))).await;
    let started: Vec<_> = started.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    assert_eq!(started.len(), 1, "{started:?}");
    assert_eq!(rows(&pool, "dispatches").await?, 1);
    // A worker that died after its claim: another one takes the start up later, and a launch that was made is not made
    // again.
    let other = {
        let campaign = run.stage.timed_draft(FAR, Undo::None).await?;
        let access = run.stage.access().await?;
        campaigns::schedule(&run.stage.services, &access, campaign, &"schedule-0002".parse()?, None).await?;
        run.is_due(&pool, campaign).await?;
        campaign
    };
    sqlx::query("update campaigns set start_claimed_at = now() where campaign_id = $1")
        .bind(other.uuid())
        .execute(&pool)
        .await?;
    assert_eq!(campaigns::start_due(&run.stage.services).await?, None);
    sqlx::query("update campaigns set start_claimed_at = now() - interval '1 minute' where campaign_id = $1")
        .bind(other.uuid())
        .execute(&pool)
        .await?;
    let started = campaigns::start_due(&run.stage.services).await?.context("it is taken up")?;
    assert_eq!((started.campaign, started.problem), (other, None));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_start_that_is_not_possible_makes_it_a_draft_that_says_why(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 10, plan(1_000, 20)).await?;
    let campaign = run.scheduled(&key()).await?;
    sqlx::query("update templates set state = 'PAUSED'").execute(&pool).await?;
    run.is_due(&pool, campaign).await?;
    let started = campaigns::start_due(&run.stage.services).await?.context("it is tried")?;
    let problem = started.problem.context("it cannot start")?;
    let back = run.campaign(campaign).await?;
    assert_eq!((back.state, back.start_problem), (CampaignState::Draft, Some(problem)));
    assert_eq!(rows(&pool, "dispatches").await?, 0);

    // Whoever scheduled it lost the right to send.
    sqlx::query("update templates set state = 'APPROVED'").execute(&pool).await?;
    let campaign = {
        let access = run.stage.access().await?;
        campaigns::schedule(&run.stage.services, &access, campaign, &"schedule-0002".parse()?, None).await?;
        campaign
    };
    assert_eq!(run.campaign(campaign).await?.start_problem, None);
    run.is_due(&pool, campaign).await?;
    sqlx::query("update memberships set role = 'viewer'").execute(&pool).await?;
    let started = campaigns::start_due(&run.stage.services).await?.context("it is tried")?;
    let problem = started.problem.context("it cannot start")?;
    assert!(problem.contains("may not send any more"), "{problem}");
    assert_eq!(rows(&pool, "dispatches").await?, 0);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_unscheduled_campaign_stays_a_draft_whatever_is_clicked_late(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 10, plan(1_000, 20)).await?;
    let campaign = run.scheduled(&key()).await?;
    let (services, access) = (&run.stage.services, run.stage.access().await?);
    // The same click once more is the same schedule.
    campaigns::schedule(services, &access, campaign, &key(), None).await?;
    campaigns::unschedule(services, &access, campaign).await?;
    assert_eq!(run.campaign(campaign).await?.state, CampaignState::Draft);
    let late = campaigns::schedule(services, &access, campaign, &key(), None).await;
    assert!(matches!(late, Err(LaunchError::TakenBack)), "{late:?}");
    let late = campaigns::launch(services, &access, campaign, &key(), None).await;
    assert!(matches!(late, Err(LaunchError::TakenBack)), "{late:?}");
    // Sent now, although a start is planned.
    campaigns::schedule(services, &access, campaign, &"schedule-0002".parse()?, None).await?;
    run.stage.launch(campaign).await?;
    assert_eq!(run.campaign(campaign).await?.state, CampaignState::Running);
    assert_eq!(run.campaign(campaign).await?.start, None);
    assert_eq!(campaigns::start_due(services).await?, None);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_launch_is_taken_back_whole_before_anything_left(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 50, plan(1_000, 20)).await?;
    let before = rows(&pool, "recipients").await?;
    let campaign = run.stage.timed_draft(None, Undo::Minute).await?;
    run.start_worker();
    let (services, access) = (&run.stage.services, run.stage.access().await?);
    campaigns::launch(services, &access, campaign, &key(), Some(50)).await?;
    let held: (bool, bool) = sqlx::query_as(
        "select bool_and(b.not_before = d.undo_until and b.wait_reason = 'not_started'), bool_and(d.undo_until > now() + interval '50 seconds')
           from batches b join dispatches d using (workspace_id, dispatch_id)",
    )
    .fetch_one(&pool)
    .await?;
    assert_eq!(held, (true, true));
    campaigns::undo(services, &access, campaign).await?;
    for table in ["dispatches", "batches", "dispatch_reasons", "handovers"] {
        assert_eq!(rows(&pool, table).await?, 0, "{table}");
    }
    assert_eq!(rows(&pool, "recipients").await?, before);
    let back = run.campaign(campaign).await?;
    assert_eq!((back.state, back.launched_at, back.launched_by), (CampaignState::Draft, None, None));
    // The click repeated by a slow browser does nothing; a new one sends.
    let late = campaigns::launch(services, &access, campaign, &key(), Some(50)).await;
    assert!(matches!(late, Err(LaunchError::TakenBack)), "{late:?}");
    assert!(matches!(campaigns::undo(services, &access, campaign).await, Err(UndoError::TooLate)));
    run.stage.launch(campaign).await?;
    sqlx::query("update batches set not_before = now()").execute(&pool).await?;
    run.stage.until(campaign, Duration::from_secs(30), |row| row.state == "finished").await?;
    assert_eq!(run.accepted_once_each(), 50);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn nobody_gets_it_after_its_window(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 600, plan(100, 20)).await?;
    let until = |day| LocalMoment::parse(day, "09:00", "Europe/Lisbon".parse().expect("a zone"));
    let draft = run
        .stage
        .draft_with(Schedule { not_after: Some(until("2021-01-01")?), ..Schedule::default() })
        .await?;
    let access = run.stage.access().await?;
    let late = campaigns::launch(&run.stage.services, &access, draft, &key(), None).await;
    assert!(matches!(&late, Err(LaunchError::NotReady(why)) if why[..] == [Blocker::WindowOver]), "{late:?}");

    let window = Schedule { not_after: Some(until("2099-01-01")?), ..Schedule::default() };
    let campaign = run.stage.draft_with(window).await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, Duration::from_secs(30), |row| row.sent > 20).await?;
    sqlx::query("update dispatches set not_after = now()").execute(&pool).await?;
    let ended = run.stage.until(campaign, Duration::from_secs(30), |row| row.state == "finished").await?;
    assert!(ended.skipped > 0, "{ended:?}");
    assert_eq!((ended.pending, ended.sent + ended.skipped), (0, 600), "{ended:?}");
    assert_eq!(u64::try_from(ended.sent)?, run.accepted_once_each());
    assert!(matches!(run.campaign(campaign).await?.state, CampaignState::Finished { .. }));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_a_worker_has_begun_is_not_taken_back(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 50, plan(1_000, 20)).await?;
    let campaign = run.stage.timed_draft(None, Undo::Ten).await?;
    run.stage.launch(campaign).await?;
    sqlx::query("update batches set attempt = 1 where ordinal = 2").execute(&pool).await?;
    let (services, access) = (&run.stage.services, run.stage.access().await?);
    assert!(matches!(campaigns::undo(services, &access, campaign).await, Err(UndoError::TooLate)));
    assert_eq!(rows(&pool, "recipients").await?, 50);
    assert_eq!(run.campaign(campaign).await?.state, CampaignState::Running);
    run.end().await;
    Ok(())
}
