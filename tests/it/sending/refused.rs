//! Messages that the provider refuses for everybody, and a provider that is not there.

use std::time::Duration;

use sandbox::{Fault, FaultKind};
use service::campaigns::Bottleneck;
use sqlx::PgPool;
use tests::stage::plan;

use super::{Run, processes};

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

/// However long a network is down, nobody fails for it, and the page says what is wrong.
#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_network_that_is_down_fails_nobody(pool: PgPool) -> anyhow::Result<()> {
    let Run { stage, sandbox, stop, tasks, .. } = Run::with_people(&pool, 20, plan(80, 20)).await?;
    sandbox.shutdown().await;
    let campaign = stage.draft().await?;
    tasks.spawn(worker::run(stage.services.clone(), processes::quick(), stop.clone()));
    stage.launch(campaign).await?;
    let waiting =
        "select count(*) from recipients where state = 'pending' and wait_reason = 'retry' and attempt = 0";
    super::until(Duration::from_secs(30), async || {
        Ok(sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await? == 20)
    })
    .await?;
    let access = stage.access().await?;
    super::until(Duration::from_secs(30), async || {
        let progress = service::campaigns::progress(&stage.services, &access, campaign).await?;
        let found = progress.map(|progress| progress.bottlenecks).unwrap_or_default();
        Ok(found.iter().any(|found| matches!(found, Bottleneck::Unreachable { .. })))
    })
    .await?;
    stop.cancel();
    tasks.wait(Duration::from_secs(30)).await;
    Ok(())
}
