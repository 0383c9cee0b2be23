use std::time::Duration;

use domain::ids::{CampaignId, ChannelAccountId};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;
use super::processes::WorkerProcess;

const SENDERS: usize = 6;
/// Enough for the first two senders to be far from done when their worker is killed.
const PEOPLE_OF_FIRST: i64 = 2_500;
const PEOPLE: i64 = 300;

/// Campaigns with a sender and people of their own each.
async fn campaigns(run: &mut Run) -> anyhow::Result<Vec<(ChannelAccountId, CampaignId)>> {
    let account = sandbox::seed::ACCOUNT_ID;
    let mut numbers = Vec::new();
    run.sandbox.change_world(|world| numbers = world.with_numbers(account, SENDERS));
    let mut campaigns = Vec::new();
    for (index, number) in numbers.iter().enumerate() {
        if number != sandbox::seed::NUMBER_ID {
            run.stage.sender = run.stage.add_number(number, account, plan(100, 20)).await?;
            run.stage.add_list(&format!("List {index}")).await?;
            let people = if index < 2 { PEOPLE_OF_FIRST } else { PEOPLE };
            run.stage.add_people(351_930_000_000 + 10_000 * i64::try_from(index)?, people).await?;
        }
        campaigns.push((run.stage.sender, run.stage.draft().await?));
    }
    Ok(campaigns)
}

async fn fence(pool: &PgPool, sender: ChannelAccountId) -> anyhow::Result<i64> {
    let fence = sqlx::query_scalar("select fence from sender_leases where channel_account_id = $1");
    Ok(fence.bind(sender.uuid()).fetch_one(pool).await?)
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_senders_of_a_killed_worker_move_to_the_others(pool: PgPool) -> anyhow::Result<()> {
    let mut run = Run::with_people(&pool, PEOPLE_OF_FIRST, plan(100, 20)).await?;
    let campaigns = campaigns(&mut run).await?;
    let doomed = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    // Alone, it takes the first two senders; the others are shared by all three.
    for (_, campaign) in &campaigns[..2] {
        run.stage.launch(*campaign).await?;
        run.stage.until(*campaign, Duration::from_secs(60), |row| row.sent > 0).await?;
    }
    let _others = [(); 2].map(|()| WorkerProcess::start(&run.database_url, run.sandbox.base_url()));
    for (_, campaign) in &campaigns[2..] {
        run.stage.launch(*campaign).await?;
    }
    for (_, campaign) in &campaigns[2..] {
        run.stage.until(*campaign, Duration::from_secs(60), |row| row.sent > 0).await?;
    }
    let held = [fence(&pool, campaigns[0].0).await?, fence(&pool, campaigns[1].0).await?];
    let left =
        run.stage.dispatch(campaigns[0].1).await?.pending + run.stage.dispatch(campaigns[1].1).await?.pending;
    assert!(left > 200, "the first senders were nearly done before their worker was killed: {left}");
    doomed.kill();

    for (_, campaign) in &campaigns {
        run.stage.until(*campaign, Duration::from_secs(90), |row| row.state == "finished").await?;
    }
    let moved = fence(&pool, campaigns[0].0).await? + fence(&pool, campaigns[1].0).await?;
    assert!(moved > held[0] + held[1], "another worker took over a sender");
    run.sandbox.webhooks_settled().await;
    let accepted = run.accepted_once_each();
    let mut reached = 0;
    for (_, campaign) in &campaigns {
        // What was in the air at the kill is settled by the webhooks of what was accepted; the rest stays unknown.
        let row = run.stage.dispatch(*campaign).await?;
        assert_eq!((row.pending, row.sent + row.unknown), (0, row.audience), "{row:?}");
        reached += u64::try_from(row.sent)?;
    }
    assert_eq!(reached, accepted);
    run.end().await;
    Ok(())
}
