use std::time::Duration;

use sqlx::PgPool;
use tests::stage::plan;

use super::Run;
use super::processes::WorkerProcess;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn two_workers_never_send_to_the_same_recipient(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 2_000, plan(5_000, 20)).await?;
    let _left = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    let _right = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
    assert_eq!((row.sent, row.failed, row.unknown), (2_000, 0, 0));
    assert_eq!(run.accepted_once_each(), 2_000);
    run.sandbox.webhooks_settled().await;
    let row = run.stage.until(campaign, Duration::from_secs(30), |row| row.read == 2_000).await;
    assert!(row.is_ok() || run.stage.dispatch(campaign).await?.delivered == 2_000, "{row:?}");
    run.end().await;
    Ok(())
}
