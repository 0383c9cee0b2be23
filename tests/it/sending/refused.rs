use std::time::Duration;

use sandbox::{Fault, FaultKind};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

const FORMAT_MISMATCH: FaultKind = FaultKind::GraphError { code: 132_012 };

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_message_that_is_wrong_for_everybody_is_held_back_after_the_first(
    pool: PgPool,
) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 600, plan(80, 20)).await?;
    run.sandbox.set_faults(vec![Fault::next(600, FORMAT_MISMATCH)]);
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(30), |row| row.state == "paused").await?;
    assert_eq!(row.pause_kind.as_deref(), Some("refused_for_all"));
    let said = row.pause_detail.as_deref().unwrap_or_default();
    assert!(said.contains("A value was not accepted") && said.ends_with('.'), "{said}");
    assert!(row.failed >= 20 && row.failed < 200, "{row:?}");
    assert_eq!((row.sent, row.failed + row.pending), (0, 600), "{row:?}");

    // Put right and resumed, it goes on with everybody who was not tried.
    run.sandbox.set_faults(Vec::new());
    let access = run.stage.access().await?;
    service::campaigns::resume(&run.stage.services, &access, campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(30), |row| row.state == "finished").await?;
    assert_eq!(row.sent + row.failed, 600, "{row:?}");
    assert_eq!(u64::try_from(row.sent)?, run.accepted_once_each());
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_message_that_got_through_is_not_blamed_for_later_failures(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 200, plan(400, 20)).await?;
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, Duration::from_secs(30), |row| row.sent > 0).await?;
    run.sandbox.set_faults(vec![Fault::next(40, FORMAT_MISMATCH)]);
    let row = run.stage.until(campaign, Duration::from_secs(30), |row| row.state == "finished").await?;
    assert_eq!((row.sent + row.failed, row.pause_kind), (200, None));
    assert!(row.failed > 20, "{}", row.failed);
    run.end().await;
    Ok(())
}
