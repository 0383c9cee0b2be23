//! The first people are watched, and everybody else waits.

use domain::schedule::Canary;

use super::*;
use crate::dispatches::canary::{self, Judgement, Standing};

const OTHER: [u8; 10] = [21; 10];

impl World {
    /// A hundred people in two dispatches of fifty, of whom so many go first.
    async fn with_canary(pool: PgPool, people: u32, timing: Timing) -> Self {
        let world = Self::prepared(pool, 100).await;
        let new = world.new_launch("key-0001", 20);
        let second = NewSlice { dispatch: DispatchId::mint(at(), OTHER), first: 51, ..new.slices[0] };
        let canary = Some(Canary::new(people, 10).expect("a canary"));
        let new = NewLaunch { canary, timing, slices: vec![new.slices[0], second], ..new };
        let mut tx = world.pool.begin().await.expect("a transaction");
        launch::insert(&mut tx, world.workspace, &new, &world.audience).await.expect("launched");
        tx.commit().await.expect("committed");
        world
    }

    /// Dispatch, positions and reason of the batches.
    async fn cut(&self) -> Vec<(i64, i32, i32, Option<String>)> {
        sqlx::query_as(
            "select dense_rank() over (order by dispatch_id), first_recipient, last_recipient, wait_reason from batches
              where state = 'ready' order by dispatch_id, ordinal",
        )
        .fetch_all(&self.pool)
        .await
        .expect("read")
    }

    async fn standing(&self) -> Option<Standing> {
        let mut conn = self.pool.acquire().await.expect("a connection");
        canary::standing(&mut conn, self.workspace, self.campaign).await.expect("asked")
    }

    async fn judge(&self, judgement: Judgement) -> bool {
        let mut tx = self.pool.begin().await.expect("a transaction");
        let judged = canary::judge(&mut tx, self.workspace, self.campaign, judgement).await.expect("judged");
        tx.commit().await.expect("committed");
        judged
    }
}

fn batch(dispatch: i64, first: i32, last: i32, held: bool) -> (i64, i32, i32, Option<String>) {
    (dispatch, first, last, held.then(|| "canary".to_owned()))
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_first_people_have_batches_of_their_own_and_all_others_wait(pool: PgPool) {
    let world = World::with_canary(pool, 25, Timing::default()).await;
    assert_eq!(
        world.cut().await,
        [
            batch(1, 1, 20, false),
            batch(1, 21, 25, false),
            batch(1, 26, 45, true),
            batch(1, 46, 50, true),
            batch(2, 1, 20, true),
            batch(2, 21, 40, true),
            batch(2, 41, 50, true),
        ]
    );
    let one = worker(1);
    let lease = world.lease(one).await;
    let claimed = world.claim(one, lease, 10).await;
    assert_eq!(claimed.iter().map(|batch| batch.recipients()).sum::<u32>(), 25);
    let handover = world.open(one, &claimed[0], 1, &(1..=20).collect::<Vec<_>>()).await.expect("open");
    let failed = Answer::Failed { reason: FailureReason::NotReachable, provider_code: Some(131_026) };
    let outcomes = (1..=20).map(|ordinal| match ordinal {
        1..=3 => Outcome { ordinal, handover, left_at: None, answer: failed.clone() },
        _ => accepted(handover, ordinal),
    });
    let flush = Flush { outcomes: outcomes.collect(), closed: vec![handover], ended: Vec::new() };
    world.record(one, &flush).await;
    let standing = world.standing().await.expect("watched");
    assert_eq!((standing.people, standing.tried, standing.failed, standing.open), (25, 20, 3, 5));
    assert_eq!((standing.unreported, standing.percent_max), (17, 10));
    let mut conn = world.pool.acquire().await.expect("a connection");
    assert!(
        !canary::is_told(&mut conn, &standing, Duration::ZERO).await.expect("asked"),
        "five have not gone"
    );
    let gone = Standing { open: 0, ..standing };
    assert!(!canary::is_told(&mut conn, &gone, Duration::from_secs(60)).await.expect("asked"));
    assert!(
        canary::is_told(&mut conn, &gone, Duration::ZERO).await.expect("asked"),
        "waited for long enough"
    );
    let reported = Standing { unreported: 0, ..gone };
    assert!(canary::is_told(&mut conn, &reported, Duration::from_secs(60)).await.expect("asked"));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_judgement_is_given_once_and_a_bad_one_waits_for_a_person(pool: PgPool) {
    let world = World::with_canary(pool, 25, Timing::default()).await;
    let held = async || world.cut().await.iter().filter(|batch| batch.3.is_some()).count();
    assert!(world.judge(Judgement::Failed).await);
    assert_eq!((held().await, world.standing().await), (5, None));
    assert!(!world.judge(Judgement::Passed).await, "it was judged");
    assert_eq!(held().await, 5);
    let overrule = async || {
        let mut tx = world.pool.begin().await.expect("a transaction");
        canary::overrule(&mut tx, world.workspace, world.campaign).await.expect("overruled");
        tx.commit().await.expect("committed");
    };
    overrule().await;
    assert_eq!(held().await, 0);
    let lease = world.lease(worker(1)).await;
    assert_eq!(world.claim(worker(1), lease, 10).await.len(), 4, "all of the first dispatch is due");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_is_let_go_still_waits_for_their_own_time(pool: PgPool) {
    let tomorrow = (at() + chrono::TimeDelta::days(36_500)).naive_utc();
    let timing = Timing { local_start: Some(tomorrow), quiet_hours: None };
    let world = World::with_canary(pool, 25, timing).await;
    assert!(world.judge(Judgement::Passed).await);
    let waits: Vec<(Option<String>, bool)> =
        sqlx::query_as("select distinct wait_reason, not_before > now() from batches")
            .fetch_all(&world.pool)
            .await
            .expect("read");
    assert_eq!(waits, [(Some("not_started".to_owned()), true)]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_paused_campaign_is_not_judged_and_nobody_goes_first_of_few(pool: PgPool) {
    let world = World::with_canary(pool, 25, Timing::default()).await;
    sqlx::query("update dispatches set state = 'paused'").execute(&world.pool).await.expect("paused");
    assert!(!world.judge(Judgement::Passed).await);
    let mut conn = world.pool.acquire().await.expect("a connection");
    assert_eq!(canary::watched(&mut conn, 10).await.expect("asked"), []);
    sqlx::query("update dispatches set state = 'running'").execute(&world.pool).await.expect("resumed");
    let watched = canary::watched(&mut conn, 10).await.expect("asked");
    assert_eq!(watched, [(world.workspace, world.campaign)]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn nobody_goes_first_where_nobody_follows(pool: PgPool) {
    let world = World::with_canary(pool, 100, Timing::default()).await;
    assert_eq!(world.standing().await, None);
    assert!(world.cut().await.iter().all(|batch| batch.3.is_none()));
}
