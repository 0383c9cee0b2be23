use std::time::Duration;

use sqlx::PgPool;
use tests::stage::plan;

use super::Run;
use super::processes::WorkerProcess;

/// Sends to so many people with so many workers on one number, and looks at every second of it.
async fn keeps_to_its_plan(pool: &PgPool, workers: usize, rate: u32, people: i32) -> anyhow::Result<()> {
    let run =
        Run::with_people(pool, i64::from(people), plan(rate, if rate < 1_000 { 20 } else { 100 })).await?;
    let started = || WorkerProcess::start_with_usual_leases(&run.database_url, run.sandbox.base_url());
    let _workers: Vec<WorkerProcess> = std::iter::repeat_with(started).take(workers).collect();
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(90), |row| row.state == "finished").await?;
    assert_eq!(row.sent, people);
    let ledger = run.sandbox.ledger();
    let busiest = ledger.numbers[sandbox::seed::NUMBER_ID].per_second_max;
    // What left in a second is exact. What arrives in one also depends on the way: a receiver that stands still for some
    // milliseconds takes what came meanwhile at once, which at this rate is a message each.
    let pushed_together = if rate < 1_000 { 0 } else { u64::from(rate / 10) };
    assert!(busiest <= u64::from(rate) + pushed_together, "{busiest} in one second at {rate}/s");
    // Receipts may end the dispatch before the last answers are recorded, with which the last handover goes.
    run.until_nothing_is_handed_over().await?;
    let (shown, all): (i32, i64) =
        sqlx::query_as("select max(handed_over), sum(handed_over) from dispatch_seconds")
            .fetch_one(pool)
            .await?;
    assert!(u32::try_from(shown)? <= rate, "the page shows {shown} in one second at {rate}/s");
    assert_eq!(all, i64::from(people));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn no_second_holds_more_than_the_plan_with_one_worker(pool: PgPool) -> anyhow::Result<()> {
    keeps_to_its_plan(&pool, 1, 80, 400).await
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn no_second_holds_more_than_the_plan_with_four_workers(pool: PgPool) -> anyhow::Result<()> {
    keeps_to_its_plan(&pool, 4, 80, 400).await
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn no_second_holds_more_than_a_thousand_with_one_worker(pool: PgPool) -> anyhow::Result<()> {
    keeps_to_its_plan(&pool, 1, 1_000, 4_000).await
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn no_second_holds_more_than_a_thousand_with_four_workers(pool: PgPool) -> anyhow::Result<()> {
    keeps_to_its_plan(&pool, 4, 1_000, 4_000).await
}
