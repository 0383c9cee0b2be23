use std::time::Duration;

use tests::cluster::Cluster;
use tests::stage::plan;

use super::Run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_restarted_twice_in_a_campaign_loses_and_doubles_nobody() -> anyhow::Result<()> {
    let cluster = tokio::task::spawn_blocking(Cluster::start).await??;
    let pool = sqlx::PgPool::connect(&cluster.url()).await?;
    storage::MIGRATOR.run(&pool).await?;
    pool.close().await;
    let run = Run::on(cluster.url(), 1_500, plan(300, 30)).await?;
    run.start_worker();
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    for sent in [200, 700] {
        run.stage.until(campaign, Duration::from_secs(30), |row| row.sent > sent).await?;
        tokio::task::block_in_place(|| cluster.crash_and_restart())?;
    }
    let row = run.stage.until(campaign, Duration::from_secs(90), |row| row.state == "finished").await?;
    run.sandbox.webhooks_settled().await;
    assert_eq!((row.sent + row.unknown, row.failed), (1_500, 0), "{row:?}");
    // Whoever was in the air when the database went down is settled by the webhooks, which come again until it is back.
    let settled = run.stage.until(campaign, Duration::from_secs(30), |row| row.unknown == 0).await;
    let reasons: Vec<(String, i64)> =
        sqlx::query_as("select reason, count(*) from recipients where state = 'unknown' group by reason")
            .fetch_all(&run.stage.services.pool)
            .await?;
    assert!(settled.is_ok(), "still unknown: {reasons:?}, {:?}", run.sandbox.ledger());
    assert_eq!(row.audience, 1_500);
    assert_eq!(run.accepted_once_each(), 1_500);
    run.end().await;
    Ok(())
}
