use std::time::{Duration, Instant};

use domain::Timestamp;
use service::access::authorize;
use service::live::{LiveFeed, LiveHub};
use sqlx::PgPool;
use tests::stage::plan;

use super::Run;

/// What a watcher saw, from the first look until the campaign was finished and everybody had read it.
struct Seen {
    moments: Vec<Timestamp>,
    sent: Vec<i32>,
    read: i32,
}

async fn watch_to_the_end(mut feed: LiveFeed) -> Seen {
    let mut seen = Seen { moments: Vec::new(), sent: Vec::new(), read: 0 };
    loop {
        let progress = feed.next().await;
        let row = &progress.dispatch.as_ref().expect("it was launched").dispatch;
        seen.moments.push(progress.as_of);
        seen.sent.push(row.sent);
        seen.read = row.read;
        if row.state == "finished" && row.read == row.audience {
            return seen;
        }
    }
}

/// Runs the hub for as long as somebody watches.
async fn with_hub<T>(run: &Run, watching: impl Future<Output = T>) -> anyhow::Result<T> {
    let ended = async {
        tokio::select! {
            () = LiveHub::run(run.stage.services.clone()) => unreachable!("the hub listens for ever"),
            seen = watching => seen,
        }
    };
    Ok(tokio::time::timeout(Duration::from_secs(60), ended).await?)
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn watchers_see_every_change_four_times_a_second_at_most(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 400, plan(200, 20)).await?;
    let campaign = run.stage.draft().await?;
    let access = run.stage.access().await?;
    let services = &run.stage.services;
    assert!(LiveHub::watch(services, &access, campaign).await?.is_none(), "a draft has nothing to watch");
    run.stage.launch(campaign).await?;
    let (one, other) = (
        LiveHub::watch(services, &access, campaign).await?,
        LiveHub::watch(services, &access, campaign).await?,
    );
    let (one, other) = (one.expect("it was launched"), other.expect("it was launched"));
    let begun = Instant::now();
    run.start_worker();
    let (seen, also) =
        with_hub(&run, async { tokio::join!(watch_to_the_end(one), watch_to_the_end(other)) }).await?;
    let took = begun.elapsed();
    for seen in [&seen, &also] {
        assert!(seen.moments.is_sorted_by(|before, after| before < after), "{:?}", seen.moments);
        assert!(seen.sent.is_sorted(), "{:?}", seen.sent);
        assert!(
            seen.sent.len() > 2 && seen.sent.len() as u128 <= took.as_millis() / 250 + 3,
            "{:?}",
            seen.sent
        );
        assert_eq!((seen.sent.last(), seen.read), (Some(&400), 400));
    }
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_happened_while_the_ear_was_deaf_is_seen_afterwards(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 200, plan(100, 20)).await?;
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let access = run.stage.access().await?;
    let feed = LiveHub::watch(&run.stage.services, &access, campaign).await?.expect("it was launched");
    run.start_worker();
    let deafen = async {
        // As often as the campaign lives: whenever the hub listens again, its connection is cut.
        let mut ticks = tokio::time::interval(Duration::from_millis(300));
        loop {
            ticks.tick().await;
            let cut = sqlx::query(
                "select pg_terminate_backend(pid) from pg_stat_activity
                  where datname = current_database() and query = 'LISTEN \"fanfare_dispatch_changed\"'",
            );
            cut.execute(&pool).await.expect("the test may end connections of its own database");
        }
    };
    let watching = async {
        tokio::select! {
            () = deafen => unreachable!("it goes on for ever"),
            seen = watch_to_the_end(feed) => seen,
        }
    };
    let seen = with_hub(&run, watching).await?;
    assert_eq!((seen.sent.last(), seen.read), (Some(&200), 200));
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn another_workspace_sees_nothing(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 10, plan(1_000, 20)).await?;
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let other: uuid::Uuid = sqlx::query_scalar(
        "with other as (
             insert into workspaces (workspace_id, name, time_zone, created_at)
             values (gen_random_uuid(), 'Other', 'UTC', now()) returning workspace_id)
         insert into memberships (workspace_id, user_id, role, created_at)
         select workspace_id, $1, 'owner', now() from other returning workspace_id",
    )
    .bind(run.stage.owner.uuid())
    .fetch_one(&pool)
    .await?;
    let theirs = authorize(&run.stage.services, run.stage.owner, other.into()).await?;
    assert!(LiveHub::watch(&run.stage.services, &theirs, campaign).await?.is_none());
    run.end().await;
    Ok(())
}
