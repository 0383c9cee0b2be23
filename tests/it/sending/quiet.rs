//! Quiet hours and local starts. The clock is the database's, so quiet hours are laid around the present, and time passes by
//! moving them.

use std::time::Duration;

use anyhow::{Context, Result};
use domain::campaign::IdempotencyKey;
use domain::delivery::WaitReason;
use domain::ids::CampaignId;
use domain::schedule::{LocalMoment, QuietHours, Schedule, Start};
use domain::time_zone::TimeZone;
use service::campaigns::{self, Bottleneck, Place, RecipientFilter};
use sqlx::PgPool;
use tests::stage::plan;

use super::{Run, until};

const WITHIN: Duration = Duration::from_secs(60);
/// A number of Tokyo; those of the stage are Portuguese.
const JAPAN: i64 = 819_000_000_000;
/// Hours from now: where quiet hours begin and end in Tokyo. It is nine hours earlier in Lisbon at most.
const NOW: (i32, i32) = (-2, 2);
const LATER: (i32, i32) = (4, 5);

/// Quiet hours around a time of day in Tokyo.
async fn quiet_hours(pool: &PgPool, (from, until): (i32, i32)) -> Result<QuietHours> {
    let (from, until) = sqlx::query_as(
        "select (date_trunc('minute', now() + make_interval(hours => $1)) at time zone 'Asia/Tokyo')::time,
                (date_trunc('minute', now() + make_interval(hours => $2)) at time zone 'Asia/Tokyo')::time",
    )
    .bind(from)
    .bind(until)
    .fetch_one(pool)
    .await?;
    Ok(QuietHours::new(from, until)?)
}

impl Run {
    async fn quiet_draft(&self, pool: &PgPool, hours: (i32, i32)) -> Result<CampaignId> {
        let quiet_hours = Some(quiet_hours(pool, hours).await?);
        self.stage.draft_with(Schedule { quiet_hours, ..Schedule::default() }).await
    }

    /// Messages that the sandbox took for Japan, and for Portugal.
    fn accepted_where(&self) -> (usize, usize) {
        let messages = self.sandbox.messages(0, 10_000);
        let of = |code: &str| messages.iter().filter(|message| message.recipient.starts_with(code)).count();
        (of("81"), of("351"))
    }
}

/// It becomes night in Tokyo, or morning: the hours of the running campaign move. Returns when, by the database's clock.
async fn moves_to(pool: &PgPool, hours: (i32, i32)) -> Result<i64> {
    let hours = quiet_hours(pool, hours).await?;
    let mut tx = pool.begin().await?;
    let at: i64 = sqlx::query_scalar(
        "update dispatches set quiet_from = $1, quiet_until = $2, quiet_checked_until = now()
      returning (extract(epoch from clock_timestamp()) * 1000)::bigint",
    )
    .bind(hours.from())
    .bind(hours.until())
    .fetch_one(&mut *tx)
    .await?;
    // Those who waited for the end of the night do so no more.
    sqlx::query("update batches set not_before = now(), wait_reason = null where state = 'ready' and wait_reason = 'quiet_hours'")
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(at)
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn nobody_gets_it_at_night_and_all_others_do(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 60, plan(500, 20)).await?;
    run.stage.add_people(JAPAN, 50).await?;
    let campaign = run.quiet_draft(&pool, NOW).await?;
    let (services, access) = (&run.stage.services, run.stage.access().await?);
    let found = campaigns::preflight(services, &access, campaign).await?;
    let whereabouts = found.whereabouts.context("it matters where they are")?;
    let told: Vec<_> = whereabouts
        .groups
        .iter()
        .map(|group| (group.time_zone.as_str(), group.people, group.source.as_str(), group.reason.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("Europe/Lisbon,Atlantic/Azores", 60, "number", None),
            ("Asia/Tokyo", 50, "number", Some("quiet_hours")),
        ]
    );
    assert!(found.duration.is_some_and(|takes| takes > Duration::from_secs(3_600)), "{:?}", found.duration);

    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, WITHIN, |row| row.sent == 60).await?;
    run.until_nothing_is_handed_over().await?;
    assert_eq!(run.accepted_where(), (0, 60));
    let progress = campaigns::progress(services, &access, campaign).await?.context("it was launched")?;
    let waits = |found: &Bottleneck| {
        matches!(found, Bottleneck::Waiting { reason: WaitReason::QuietHours, people: 50, .. })
    };
    assert!(progress.bottlenecks.iter().any(waits), "{:?}", progress.bottlenecks);
    let reason = Some(WaitReason::QuietHours.as_str());
    let page = campaigns::recipients(
        services,
        &access,
        campaign,
        RecipientFilter::Waiting,
        reason,
        Place::default(),
    )
    .await?
    .context("it was launched")?;
    let row = page.recipients.first().context("fifty wait")?;
    assert_eq!((row.time_zone.as_deref(), row.zone_source.as_deref()), (Some("Asia/Tokyo"), Some("number")));
    assert_eq!(page.waits(row).map(|run| run.reason.as_str()), reason);

    moves_to(&pool, LATER).await?;
    let ended = run.stage.until(campaign, WITHIN, |row| row.state == "finished").await?;
    assert_eq!((ended.sent, run.accepted_once_each()), (110, 110));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn when_night_falls_nothing_more_leaves_and_the_others_go_on(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 300, plan(100, 20)).await?;
    run.stage.add_people(JAPAN, 600).await?;
    let campaign = run.quiet_draft(&pool, LATER).await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    until(WITHIN, async || Ok(run.accepted_where().0 > 30)).await?;
    let fell_at = u64::try_from(moves_to(&pool, NOW).await?)?;
    run.stage.until(campaign, WITHIN, |row| row.pending < 600 && row.state == "running").await?;
    let asleep = "select not exists (select from batches where state = 'claimed')
                     and not exists (select from handovers)
                     and not exists (select from batches where state = 'ready' and not_before <= now())";
    until(WITHIN, async || Ok(sqlx::query_scalar(asleep).fetch_one(&pool).await?)).await?;
    let messages = run.sandbox.messages(0, 10_000);
    let japan = messages.iter().filter(|message| message.recipient.starts_with("81"));
    let last = japan.map(|message| message.accepted_at_ms).max().context("some left")?;
    assert!(last < fell_at + 1_000, "{} ms into the night", last - fell_at);
    let (japan, portugal) = run.accepted_where();
    assert!(japan < 600 && portugal == 300, "{japan} {portugal}");
    let row = run.stage.dispatch(campaign).await?;
    assert_eq!((row.pending, row.unknown), (600 - i32::try_from(japan)?, 0), "{row:?}");

    // Pause and cancel reach those who sleep.
    let (services, access) = (&run.stage.services, run.stage.access().await?);
    campaigns::pause(services, &access, campaign).await?;
    campaigns::resume(services, &access, campaign).await?;
    moves_to(&pool, LATER).await?;
    let ended = run.stage.until(campaign, WITHIN, |row| row.state == "finished").await?;
    assert_eq!((ended.sent, run.accepted_once_each()), (900, 900));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_local_start_moves_each_zone_to_its_own_moment(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 30, plan(500, 20)).await?;
    run.stage.add_people(JAPAN, 20).await?;
    // Three hours from now by the clocks of Lisbon; in Tokyo these hours have passed.
    let lisbon: TimeZone = "Europe/Lisbon".parse()?;
    let local = lisbon.local(run.stage.services.clock.now() + chrono::TimeDelta::hours(3));
    let start = Start::At(LocalMoment { local, zone: lisbon });
    let campaign = run.stage.draft_with(Schedule { start, local_time: true, ..Schedule::default() }).await?;
    let (services, access) = (&run.stage.services, run.stage.access().await?);
    let key: IdempotencyKey = "schedule-0001".parse()?;
    let at = campaigns::schedule(services, &access, campaign, &key, Some(50)).await?;
    assert!(at <= services.clock.now(), "in Tokyo it is time");
    run.start_worker();
    run.stage.until(campaign, WITHIN, |row| row.sent == 20).await?;
    run.until_nothing_is_handed_over().await?;
    assert_eq!(run.accepted_where(), (20, 0));
    let waits: Vec<(Option<String>, bool)> = sqlx::query_as(
        "select distinct b.wait_reason, b.not_before = d.local_start at time zone 'Europe/Lisbon'
           from batches b join dispatches d using (workspace_id, dispatch_id) where b.state = 'ready'",
    )
    .fetch_all(&pool)
    .await?;
    assert_eq!(waits, [(Some("not_started".to_owned()), true)]);
    sqlx::query("update batches set not_before = now() where state = 'ready'").execute(&pool).await?;
    let ended = run.stage.until(campaign, WITHIN, |row| row.state == "finished").await?;
    assert_eq!((ended.sent, run.accepted_once_each()), (50, 50));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_window_that_ends_at_night_leaves_out_who_sleeps_and_the_review_says_so(
    pool: PgPool,
) -> Result<()> {
    let run = Run::with_people(&pool, 30, plan(500, 20)).await?;
    run.stage.add_people(JAPAN, 20).await?;
    let ends = run.stage.services.clock.now() + chrono::TimeDelta::hours(1);
    let not_after = Some(LocalMoment { local: TimeZone::UTC.local(ends), zone: TimeZone::UTC });
    let quiet_hours = Some(quiet_hours(&pool, NOW).await?);
    let campaign = run.stage.draft_with(Schedule { not_after, quiet_hours, ..Schedule::default() }).await?;
    let access = run.stage.access().await?;
    let found = campaigns::preflight(&run.stage.services, &access, campaign).await?;
    assert_eq!(found.whereabouts.map(|whereabouts| whereabouts.too_late), Some(20));
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, WITHIN, |row| row.sent == 30).await?;
    sqlx::query("update dispatches set not_after = now()").execute(&pool).await?;
    let ended = run.stage.until(campaign, WITHIN, |row| row.state == "finished").await?;
    assert_eq!((ended.sent, ended.skipped, run.accepted_where()), (30, 20, (0, 30)));
    run.end().await;
    Ok(())
}
