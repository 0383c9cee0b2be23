use std::time::Duration;

use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

const RATE: u32 = 200;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_small_campaign_launched_behind_a_big_one_has_its_turn_at_once(pool: PgPool) -> anyhow::Result<()> {
    let mut run = Run::with_people(&pool, 5_000, plan(RATE, 20)).await?;
    let big = run.stage.draft().await?;
    run.stage.add_list("A few").await?;
    run.stage.add_people(351_930_000_000, 50).await?;
    let small = run.stage.draft().await?;
    run.stage.launch(big).await?;
    run.start_worker();
    run.stage.until(big, Duration::from_secs(30), |row| row.sent > 0).await?;
    run.stage.launch(small).await?;
    let before = run.stage.dispatch(big).await?.sent;
    run.stage.until(small, Duration::from_secs(60), |row| row.state == "finished").await?;
    // Read afterwards, so what the big one sent meanwhile is rather told too high. What was claimed before is a second of
    // sending, another is the second in which the small one has half of the turns; the third is for a busy machine.
    let meanwhile = run.stage.dispatch(big).await?.sent - before;
    assert!(meanwhile <= i32::try_from(3 * RATE)?, "{meanwhile} of the big campaign went first");
    run.accepted_once_each();
    run.end().await;
    Ok(())
}
