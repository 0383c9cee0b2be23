use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use service::campaigns::{self, LaunchError};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn fifty_clicks_at_once_are_one_launch(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 100, plan(1_000, 20)).await?;
    let campaign = run.stage.draft().await?;
    let launches = join_all((0..50).map(|_| run.stage.launch(campaign))).await;
    let launched: Vec<_> = launches.into_iter().collect::<anyhow::Result<_>>()?;
    let dispatches: BTreeSet<_> = launched.iter().map(|launch| launch.dispatch).collect();
    assert_eq!(dispatches.len(), 1);
    assert_eq!(launched.iter().filter(|launch| launch.is_new).count(), 1);
    let rows: i64 = sqlx::query_scalar("select count(*) from recipients").fetch_one(&pool).await?;
    assert_eq!(rows, 100);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn another_key_or_other_content_is_refused(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 10, plan(1_000, 20)).await?;
    let (first, second) = (run.stage.draft().await?, run.stage.draft().await?);
    let access = run.stage.access().await?;
    let key = "one-key-for-both".parse()?;
    campaigns::launch(&run.stage.services, &access, first, &key, Some(10)).await?;
    let again =
        campaigns::launch(&run.stage.services, &access, first, &"another-key-0001".parse()?, None).await;
    assert!(matches!(again, Err(LaunchError::AlreadyLaunched)), "{again:?}");
    let other = campaigns::launch(&run.stage.services, &access, second, &key, None).await;
    assert!(matches!(other, Err(LaunchError::KeyConflict)), "{other:?}");
    let changed =
        campaigns::launch(&run.stage.services, &access, second, &"a-third-key-0001".parse()?, Some(9)).await;
    assert!(matches!(changed, Err(LaunchError::AudienceChanged { expected: 9, actual: 10 })), "{changed:?}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn pause_resume_and_cancel_lose_nobody(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 600, plan(200, 20)).await?;
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, Duration::from_secs(30), |row| row.sent > 20).await?;
    let access = run.stage.access().await?;
    campaigns::pause(&run.stage.services, &access, campaign).await?;
    let paused = run.stage.until(campaign, Duration::from_secs(10), |row| row.state == "paused").await?;
    assert!(paused.pending > 0);
    campaigns::resume(&run.stage.services, &access, campaign).await?;
    run.stage.until(campaign, Duration::from_secs(30), |row| row.sent > paused.sent + 100).await?;
    campaigns::cancel(&run.stage.services, &access, campaign).await?;
    let ended = run.stage.until(campaign, Duration::from_secs(30), |row| row.pending == 0).await?;
    assert_eq!(ended.state, "cancelled");
    assert_eq!(ended.sent + ended.skipped, 600, "{ended:?}");
    assert_eq!(u64::try_from(ended.sent)?, run.accepted_once_each());
    run.end().await;
    Ok(())
}
