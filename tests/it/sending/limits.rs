use std::time::Duration;

use sqlx::PgPool;
use tests::stage::plan;

use super::Run;
use super::processes::WorkerProcess;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn no_second_holds_more_than_the_plan_with_one_worker_or_two(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 400, plan(80, 20)).await?;
    let _left = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    let _right = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
    assert_eq!(row.sent, 400);
    let ledger = run.sandbox.ledger();
    let busiest = ledger.numbers[sandbox::seed::NUMBER_ID].per_second_max;
    assert!(busiest <= 80, "{busiest} in one second");
    // Receipts may end the dispatch before the last answers are recorded, with which the last handover goes.
    tokio::time::timeout(Duration::from_secs(30), async {
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        while sqlx::query_scalar::<_, bool>("select exists (select from handovers)").fetch_one(&pool).await? {
            looks.tick().await;
        }
        anyhow::Ok(())
    })
    .await??;
    let (shown, all): (i32, i64) =
        sqlx::query_as("select max(handed_over), sum(handed_over) from dispatch_seconds")
            .fetch_one(&pool)
            .await?;
    assert!(shown <= 80, "the page shows {shown} in one second");
    assert_eq!(all, 400);
    run.end().await;
    Ok(())
}
