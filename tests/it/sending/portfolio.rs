//! The limit of a business portfolio, over all its numbers.

use std::time::Duration;

use sandbox::seed;
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

/// People who wait for a place, and in how many hours the first comes free; nobody while a worker still holds a batch.
async fn waiting(pool: &PgPool) -> anyhow::Result<(i64, Option<f64>)> {
    let found = sqlx::query_as(
        "select count(*), min(extract(epoch from p.limited_until - now()))::float8 / 3600
           from recipients r
           join dispatches d using (workspace_id, dispatch_id)
           join whatsapp_numbers n using (workspace_id, channel_account_id)
           join portfolios p using (portfolio_id)
          where r.state = 'pending' and p.limited_until > now()
            and not exists (select from batches where state = 'claimed')",
    );
    Ok(found.fetch_one(pool).await?)
}

/// A day passes: what was counted, what waits, and what the sandbox remembers is a day older.
async fn let_a_day_pass(run: &Run, pool: &PgPool) -> anyhow::Result<()> {
    let script = "update portfolio_people set minute = minute - interval '24 hours 6 minutes';
                  update portfolio_minutes set minute = minute - interval '24 hours 6 minutes';
                  update portfolios set limited_until = limited_until - interval '24 hours 6 minutes';
                  update batches set not_before = not_before - interval '24 hours 6 minutes' where state = 'ready'";
    sqlx::raw_sql(script).execute(pool).await?;
    run.sandbox.age_people(Duration::from_secs(24 * 3_600 + 360));
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn two_numbers_of_one_portfolio_never_reach_more_people_than_it_may(
    pool: PgPool,
) -> anyhow::Result<()> {
    let mut run = Run::with_people(&pool, 200, plan(80, 20)).await?;
    run.sandbox.change_world(|world| world.set_messaging_limit(seed::ACCOUNT_ID, "TIER_250"));
    let first = run.stage.sender;
    let second = run.stage.add_number(seed::FAST_NUMBER_ID, seed::ACCOUNT_ID, plan(80, 20)).await?;
    // What Graph says about both: one portfolio, and its limit.
    for sender in [first, second] {
        let access = run.stage.access().await?;
        service::channel_accounts::refresh(&run.stage.services, &access, sender).await?;
    }
    let one = run.stage.draft().await?;
    run.stage.add_list("Others").await?;
    run.stage.add_people(351_930_000_000, 200).await?;
    run.stage.sender = second;
    let other = run.stage.draft().await?;
    let (one, other) = (run.stage.launch(one).await?.campaign, run.stage.launch(other).await?.campaign);
    run.start_worker();
    run.start_worker();

    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let used_up = async {
        loop {
            looks.tick().await;
            let sent = run.stage.dispatch(one).await?.sent + run.stage.dispatch(other).await?.sent;
            let (waiting, hours) = waiting(&pool).await?;
            if (sent, waiting) == (250, 150) {
                return anyhow::Ok(hours);
            }
        }
    };
    let hours = tokio::time::timeout(Duration::from_secs(60), used_up).await??.unwrap_or_default();
    assert!((23.5..24.5).contains(&hours), "the first place is free in {hours} hours");
    let reasons: Vec<String> = sqlx::query_scalar(
        "select distinct wait_reason from batches where state = 'ready' and wait_reason is not null",
    )
    .fetch_all(&pool)
    .await?;
    assert_eq!(reasons, ["portfolio_limit"]);
    let portfolio = &run.sandbox.ledger().portfolios[seed::PORTFOLIO_ID];
    assert_eq!((portfolio.people, portfolio.people_in_a_day_max), (250, 250));

    let_a_day_pass(&run, &pool).await?;
    for campaign in [one, other] {
        let row = run.stage.until(campaign, Duration::from_secs(60), |row| row.state == "finished").await?;
        assert_eq!((row.sent, row.failed, row.unknown), (200, 0, 0));
    }
    assert_eq!(run.accepted_once_each(), 400);
    assert_eq!(run.sandbox.ledger().portfolios[seed::PORTFOLIO_ID].people_in_a_day_max, 250);
    run.end().await;
    Ok(())
}
