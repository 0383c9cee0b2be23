use std::time::Duration;

use chrono::TimeDelta;
use sandbox::{Fault, FaultKind};
use service::campaigns::{self, Place, RecipientFilter, Settlement};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

const DAY: Duration = Duration::from_secs(24 * 3_600);

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn who_is_unknown_is_waited_for_and_then_a_person_decides(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 30, plan(1_000, 50)).await?;
    run.sandbox.set_faults(vec![Fault::next(3, FaultKind::CutBeforeAccepting)]);
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
    assert_eq!(row.unknown, 3, "{row:?}");

    let since = row.last_unknown_at.expect("three became unknown");
    let until = since + TimeDelta::hours(24);
    assert_eq!(expected(&run, campaign).await?, Some(Settlement::Expected { until }));
    assert!(people(&run, campaign).await?.iter().all(|one| matches!(one, Settlement::Expected { .. })));

    // A day later: first for two of the three, then for all.
    sqlx::query(
        "update recipients set settled_at = settled_at - interval '1 day'
          where ordinal in (select ordinal from recipients where state = 'unknown' order by ordinal limit 2)",
    )
    .execute(&pool)
    .await?;
    let missed = Settlement::Missed { waited: DAY };
    assert_eq!(people(&run, campaign).await?.iter().filter(|one| **one == missed).count(), 2);
    assert_eq!(expected(&run, campaign).await?, Some(Settlement::Expected { until }));
    sqlx::query("update dispatches set last_unknown_at = last_unknown_at - interval '1 day'")
        .execute(&pool)
        .await?;
    assert_eq!(expected(&run, campaign).await?, Some(missed));

    // Settled late, after all: nothing is left to be said.
    sqlx::query("update recipients set state = 'sent' where state = 'unknown'").execute(&pool).await?;
    sqlx::query("update dispatches set sent = sent + unknown, unknown = 0").execute(&pool).await?;
    assert_eq!(expected(&run, campaign).await?, None);
    run.end().await;
    Ok(())
}

async fn expected(run: &Run, campaign: domain::ids::CampaignId) -> anyhow::Result<Option<Settlement>> {
    let access = run.stage.access().await?;
    let progress = campaigns::progress(&run.stage.services, &access, campaign).await?;
    Ok(progress.and_then(|progress| progress.settlement))
}

/// What is to be expected for each of those whom the table shows as unknown.
async fn people(run: &Run, campaign: domain::ids::CampaignId) -> anyhow::Result<Vec<Settlement>> {
    let access = run.stage.access().await?;
    let services = &run.stage.services;
    let page =
        campaigns::recipients(services, &access, campaign, RecipientFilter::Unknown, None, Place::default())
            .await?;
    let page = page.ok_or_else(|| anyhow::anyhow!("the campaign is there"))?;
    Ok(page.recipients.iter().filter_map(|row| page.settlement(row)).collect())
}
