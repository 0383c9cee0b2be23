use std::time::Duration;

use sandbox::{Fault, FaultKind};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_connection_cut_after_accepting_is_settled_by_the_webhook_and_never_sent_again(
    pool: PgPool,
) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 300, plan(1_000, 50)).await?;
    run.sandbox.set_faults(vec![Fault::next(25, FaultKind::CutAfterAccepting)]);
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.sent == 300).await?;
    assert_eq!((row.state.as_str(), row.unknown, row.failed), ("finished", 0, 0));
    assert_eq!(run.accepted_once_each(), 300);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_the_provider_never_reports_stays_unknown(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 50, plan(1_000, 50)).await?;
    run.sandbox.set_faults(vec![
        Fault::next(5, FaultKind::Silence),
        Fault::next(5, FaultKind::CutAfterAccepting),
        Fault::next(7, FaultKind::CutBeforeAccepting),
    ]);
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
    run.sandbox.webhooks_settled().await;
    assert!(row.unknown > 0, "{row:?}");
    assert_eq!(row.sent + row.unknown, 50);
    run.accepted_once_each();
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn passing_errors_are_tried_again_and_throttling_fails_nobody(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 200, plan(1_000, 50)).await?;
    run.sandbox.set_faults(vec![
        Fault::next(20, FaultKind::InternalError),
        Fault::next(20, FaultKind::Unavailable),
        Fault::next(40, FaultKind::GraphError { code: 130_429 }),
    ]);
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
    assert_eq!((row.sent, row.failed, row.unknown), (200, 0, 0), "{row:?}");
    assert_eq!(run.accepted_once_each(), 200);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_revoked_token_pauses_and_a_resumed_campaign_reaches_everyone_once(
    pool: PgPool,
) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 400, plan(400, 40)).await?;
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, Duration::from_secs(30), |row| row.sent > 40).await?;
    run.sandbox.revoke_token(sandbox::seed::TOKEN);
    let row = run.stage.until(campaign, Duration::from_secs(30), |row| row.state == "paused").await?;
    assert_eq!(row.pause_kind.as_deref(), Some("signed_out"));
    assert_eq!((row.failed, row.unknown), (0, 0), "{row:?}");

    run.sandbox.change_world(|world| {
        let token = world.tokens.get_mut(sandbox::seed::TOKEN).expect("seeded");
        token.state = sandbox::world::TokenState::Valid;
    });
    sqlx::query("update channel_accounts set state = 'connected', state_reason = null")
        .execute(&pool)
        .await?;
    let access = run.stage.access().await?;
    service::campaigns::resume(&run.stage.services, &access, campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
    assert_eq!(row.sent, 400, "{row:?}");
    assert_eq!(run.accepted_once_each(), 400);
    run.end().await;
    Ok(())
}
