use std::time::Duration;

use domain::campaign::CampaignName;
use domain::ids::CampaignId;
use service::campaigns::{self, CampaignQuery, ListPlace, Place, RecipientFilter};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_list_is_paged_both_ways_and_searched(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 1, plan(1_000, 20)).await?;
    let services = &run.stage.services;
    let access = run.stage.access().await?;
    let mut newest_first: Vec<CampaignId> = Vec::new();
    for number in 0..120 {
        let name = CampaignName::parse(&format!("Roast {number:03}"))?;
        newest_first.insert(0, campaigns::create(services, &access, &name).await?);
    }
    let read = run.stage.access().await?;
    let page = async |place| {
        let found =
            campaigns::list(services, &read, &CampaignQuery { place, ..CampaignQuery::default() }).await?;
        let ids: Vec<_> = found.campaigns.iter().map(|campaign| campaign.id).collect();
        anyhow::Ok((ids, found.has_newer, found.has_older))
    };
    assert_eq!(page(ListPlace::Newest).await?, (newest_first[..50].to_vec(), false, true));
    assert_eq!(
        page(ListPlace::Before(newest_first[49])).await?,
        (newest_first[50..100].to_vec(), true, true)
    );
    assert_eq!(page(ListPlace::Before(newest_first[99])).await?, (newest_first[100..].to_vec(), true, false));
    assert_eq!(
        page(ListPlace::After(newest_first[100])).await?,
        (newest_first[50..100].to_vec(), true, true)
    );
    assert_eq!(page(ListPlace::After(newest_first[50])).await?, (newest_first[..50].to_vec(), false, true));
    let query = CampaignQuery { search: Some("roast 11"), ..CampaignQuery::default() };
    let found = campaigns::list(services, &read, &query).await?;
    assert_eq!((found.campaigns.len(), found.counts), (10, vec![("draft".to_owned(), 10)]));
    let query = CampaignQuery { state: Some("finished"), ..CampaignQuery::default() };
    assert!(campaigns::list(services, &read, &query).await?.campaigns.is_empty());
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn recipients_are_paged_both_ways_and_figures_count_them(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 130, plan(1_000, 20)).await?;
    let services = &run.stage.services;
    let access = run.stage.access().await?;
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let sending = campaigns::sending(services, &access).await?.expect("it is being sent");
    assert_eq!((sending.id, sending.reachable, sending.campaigns), (campaign, 130, 1));
    run.start_worker();
    run.stage.until(campaign, Duration::from_secs(30), |row| row.read == 130).await?;
    let at = |ordinal| Place { slice: 1, ordinal };
    let page = async |filter, after| {
        let found = campaigns::recipients(services, &access, campaign, filter, None, after).await?;
        let found = found.expect("the campaign is there");
        anyhow::Ok((found.recipients.len(), found.previous_after, found.next_after))
    };
    assert_eq!(page(RecipientFilter::All, at(0)).await?, (50, None, Some(at(50))));
    assert_eq!(page(RecipientFilter::Read, at(50)).await?, (50, Some(at(0)), Some(at(100))));
    assert_eq!(page(RecipientFilter::Delivered, at(100)).await?, (30, Some(at(50)), None));
    assert_eq!(page(RecipientFilter::NoReceipt, at(0)).await?, (0, None, None));
    assert!(campaigns::sending(services, &access).await?.is_none());
    let figures = campaigns::figures(services, &access).await?;
    assert_eq!(figures.days.iter().map(|day| (day.sent, day.delivered)).collect::<Vec<_>>(), [(130, 130)]);
    let message = campaigns::sent_message(services, &access, campaign).await?.expect("it was launched");
    assert!(message.person.is_some());
    // Reports may be faster than our own record of the answers.
    let every_answer = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(25));
        loop {
            ticks.tick().await;
            let progress = campaigns::progress(services, &access, campaign).await?.expect("it is there");
            if progress.throughput.answers.iter().sum::<i32>() == 130 {
                return anyhow::Ok(());
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), every_answer).await??;
    run.end().await;
    Ok(())
}
