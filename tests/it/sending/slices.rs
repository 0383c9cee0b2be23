use std::time::Duration;

use domain::campaign::CampaignName;
use service::campaigns::{self, Draft, Place, RecipientFilter};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

/// A campaign that leaves from the two numbers of the stage side by side.
async fn side_by_side(run: &Run, rate: u32) -> anyhow::Result<domain::ids::CampaignId> {
    let other = run
        .stage
        .add_number(sandbox::seed::FAST_NUMBER_ID, sandbox::seed::ACCOUNT_ID, plan(rate, 20))
        .await?;
    let (services, access) = (&run.stage.services, run.stage.access().await?);
    let campaign = run.stage.draft().await?;
    let reads = run.stage.access().await?;
    let drafted = campaigns::get(services, &reads, campaign).await?.expect("it was drafted");
    let draft = Draft {
        name: CampaignName::parse("Two numbers")?,
        further_senders: vec![other, run.stage.sender, other],
        ..Draft::of(&drafted)
    };
    campaigns::save(services, &access, campaign, draft).await?;
    let found = campaigns::preflight(services, &reads, campaign).await?;
    let parts = found.parts.expect("it has senders");
    assert_eq!((parts.parts, parts.senders, parts.rate_per_second), (2, 2, 2 * rate));
    Ok(campaign)
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn two_numbers_share_a_campaign(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 130, plan(200, 20)).await?;
    let campaign = side_by_side(&run, 200).await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    let row = run.stage.until(campaign, Duration::from_secs(30), |row| row.read == 130).await?;
    assert_eq!((row.audience, row.sent, row.state.as_str()), (130, 130, "finished"));
    assert_eq!(run.accepted_once_each(), 130);
    let from: Vec<i64> = sqlx::query_scalar("select sent from dispatches order by slice")
        .fetch_all(&pool)
        .await
        .map(|sent: Vec<i32>| sent.into_iter().map(i64::from).collect())?;
    assert_eq!(from, [65, 65], "each number carried its part");

    let (services, access) = (&run.stage.services, run.stage.access().await?);
    let mut people = std::collections::BTreeSet::new();
    let mut after = Place::default();
    let mut pages = Vec::new();
    loop {
        let page =
            campaigns::recipients(services, &access, campaign, RecipientFilter::Read, None, after).await?;
        let page = page.expect("the campaign is there");
        people.extend(page.recipients.iter().map(|recipient| recipient.contact));
        pages.push((page.recipients.len(), page.previous_after));
        match page.next_after {
            Some(next) => after = next,
            None => break,
        }
    }
    let place = |slice, ordinal| Some(Place { slice, ordinal });
    assert_eq!(pages, [(50, None), (50, place(1, 0)), (30, place(1, 50))], "pages go over the parts");
    assert_eq!(people.len(), 130);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn one_button_stops_all_parts(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 600, plan(100, 20)).await?;
    let campaign = side_by_side(&run, 100).await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    run.stage.until(campaign, Duration::from_secs(30), |row| row.sent > 40).await?;
    let (services, access) = (&run.stage.services, run.stage.access().await?);
    campaigns::pause(services, &access, campaign).await?;
    let paused = run.stage.until(campaign, Duration::from_secs(10), |row| row.state == "paused").await?;
    let states: Vec<String> =
        sqlx::query_scalar("select distinct state from dispatches").fetch_all(&pool).await?;
    assert_eq!(states, ["paused"]);
    campaigns::resume(services, &access, campaign).await?;
    run.stage.until(campaign, Duration::from_secs(30), |row| row.sent > paused.sent + 100).await?;
    campaigns::cancel(services, &access, campaign).await?;
    let ended = run.stage.until(campaign, Duration::from_secs(30), |row| row.pending == 0).await?;
    assert_eq!((ended.state.as_str(), ended.sent + ended.skipped), ("cancelled", 600), "{ended:?}");
    assert_eq!(u64::try_from(ended.sent)?, run.accepted_once_each());
    run.end().await;
    Ok(())
}
