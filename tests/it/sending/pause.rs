use std::time::Duration;

use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

const PEOPLE: usize = 6_000;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_pause_bites_within_a_second_and_tells_exactly_how_many_escaped(
    pool: PgPool,
) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, PEOPLE as i64, plan(1_000, 100)).await?;
    let campaign = run.stage.draft().await?;
    let access = run.stage.access().await?;
    let services = &run.stage.services;
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, Duration::from_secs(60), |row| row.sent >= 1_000).await?;

    service::campaigns::pause(services, &access, campaign).await?;
    let committed_ms = u64::try_from(services.clock.now().timestamp_millis())?;
    // Whoever was handed over either went out or was taken back; then nothing can leave without a new handover.
    run.until_nothing_is_handed_over().await?;
    let row = run.stage.dispatch(campaign).await?;
    assert_eq!(row.state, "paused");
    let before: i32 = sqlx::query_scalar("select settled_at_pause from dispatches").fetch_one(&pool).await?;
    let accepted = i32::try_from(run.accepted_once_each())?;
    assert!((1_000..i32::try_from(PEOPLE)?).contains(&accepted), "{accepted} before the pause bit");
    assert_eq!((row.sent, row.escaped), (accepted, Some(accepted - before)));
    let late =
        |message: &std::sync::Arc<sandbox::AcceptedMessage>| message.accepted_at_ms > committed_ms + 1_000;
    let late = run.sandbox.messages(0, PEOPLE).iter().filter(|message| late(message)).count();
    assert_eq!(late, 0, "accepted more than a second after the pause");

    service::campaigns::resume(services, &access, campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
    assert_eq!((usize::try_from(row.sent)?, row.escaped), (PEOPLE, None));
    assert_eq!(run.accepted_once_each(), PEOPLE as u64);
    run.end().await;
    Ok(())
}
