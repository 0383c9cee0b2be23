use std::time::Duration;

use sqlx::PgPool;
use tests::stage::plan;

use super::Run;
use super::processes::WorkerProcess;

/// Pauses between kills, in milliseconds: short and long ones, so that workers die while claiming, while opening a
/// handover, with requests in the air, and while recording.
const PAUSES_MS: [u64; 20] =
    [900, 40, 310, 1_200, 130, 700, 20, 450, 1_700, 260, 90, 1_000, 350, 60, 800, 200, 1_400, 110, 520, 30];

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_worker_killed_twenty_times_sends_to_nobody_twice_and_loses_nobody(
    pool: PgPool,
) -> anyhow::Result<()> {
    let people = 5_000;
    let run = Run::with_people(&pool, people, plan(600, 60)).await?;
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    for pause in PAUSES_MS {
        let worker = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
        // The moment of the kill is the point of the test; nothing is waited for that could be looked at.
        tokio::time::sleep(Duration::from_millis(pause)).await;
        worker.kill();
    }
    let _survivor = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    let row = run.stage.until(campaign, Duration::from_secs(120), |row| row.state == "finished").await?;
    run.sandbox.webhooks_settled().await;
    // What was in the air when a worker died is settled by the webhooks of what the provider had taken; what it had not
    // taken stays unknown for a person to decide, and is never sent by the machine.
    let accepted = run.accepted_once_each();
    let settled = run
        .stage
        .until(campaign, Duration::from_secs(60), |row| u64::try_from(row.sent + row.failed) == Ok(accepted))
        .await?;
    assert_eq!(row.audience, i32::try_from(people)?);
    assert_eq!(settled.sent + settled.failed + settled.skipped + settled.unknown, settled.audience);
    assert_eq!(settled.pending, 0);
    assert_eq!(u64::try_from(settled.unknown)?, u64::try_from(people)? - accepted, "{settled:?}");
    run.end().await;
    Ok(())
}
