use std::time::Duration;

use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

/// The counts are changed by hand, so that they still add up: only the rows can tell that they are wrong.
#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn counts_that_differ_from_the_rows_are_found(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 30, plan(1_000, 20)).await?;
    let campaign = run.stage.draft().await?;
    run.start_worker();
    let launched = run.stage.launch(campaign).await?;
    run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
    run.sandbox.webhooks_settled().await;
    let prove = || service::dispatch::prove_counts(&run.stage.services, 100);
    assert_eq!(prove().await?, []);
    sqlx::query("update dispatches set sent = sent - 1, failed = failed + 1").execute(&pool).await?;
    assert_eq!(prove().await?, [launched.dispatch]);
    run.end().await;
    Ok(())
}
