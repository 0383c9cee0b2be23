//! The limit of a portfolio: never exceeded, whoever asks at once and whatever time does.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::channel::DailyLimit;
use domain::portfolio::{Allowance, COUNTED_FOR};
use tokio::task::JoinSet;

use super::law::Choices;
use super::*;
use crate::dispatches::handover::{Opened, Opening};
use crate::portfolios::{forget_minute, learn, usage};

const PORTFOLIO: &str = "400000000000001";

/// A launched dispatch whose sender belongs to a portfolio with this limit, or to one without.
async fn limited(pool: PgPool, people: i32, batch_size: i32, limit: DailyLimit) -> World {
    let world = World::launched(pool, people, batch_size).await;
    add_number(&world, world.sender, "300000000000001").await;
    learn_limit(&world, world.sender, limit).await;
    world
}

async fn add_number(world: &World, sender: ChannelAccountId, phone_number_id: &str) {
    sqlx::query(
        "insert into whatsapp_numbers (workspace_id, channel_account_id, phone_number_id, waba_id, display_phone_number,
                                       verified_name, quality_rating, throughput_level, on_business_app, checked_at)
         values ($1, $2, $3, '2', '+351', 'Brasa', 'GREEN', 'STANDARD', false, now())",
    )
    .bind(world.workspace.uuid())
    .bind(sender.uuid())
    .bind(phone_number_id)
    .execute(&world.pool)
    .await
    .expect("added");
}

async fn learn_limit(world: &World, sender: ChannelAccountId, limit: DailyLimit) {
    let mut tx = world.pool.begin().await.expect("a transaction");
    learn(&mut tx, world.workspace, sender, PORTFOLIO, Some(limit)).await.expect("learnt");
    tx.commit().await.expect("committed");
}

/// Opens a handover as `service::dispatch` does.
async fn open(world: &World, batch: &ClaimedBatch, sequence: i32, who: &[i32]) -> Opened {
    let mut tx = world.pool.begin().await.expect("a transaction");
    let opening = match handover::open(&mut tx, worker(1), batch, sequence, who).await.expect("asked") {
        Opening::Limited(portfolio) => {
            handover::open_limited(&mut tx, worker(1), batch, sequence, who, &portfolio).await.expect("asked")
        }
        opening => opening,
    };
    tx.commit().await.expect("committed");
    match opening {
        Opening::Opened(opened) => opened,
        other => panic!("{other:?}"),
    }
}

async fn used(world: &World) -> Allowance {
    let mut conn = world.pool.acquire().await.expect("a connection");
    usage(&mut conn, world.workspace, world.sender).await.expect("asked").expect("a portfolio")
}

/// Everything counted happened so much earlier. In two steps, so that no minute meets one that was not moved yet.
async fn age(world: &World, by: &str) {
    let script = format!(
        "update portfolio_people set minute = minute - interval '{by}';
         update portfolio_minutes set minute = minute - interval '40000 days';
         update portfolio_minutes set minute = minute + interval '40000 days' - interval '{by}';
         update portfolios set limited_until = limited_until - interval '{by}'"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&world.pool).await.expect("aged");
}

/// The buckets are what the people are.
async fn assert_buckets_are_people(pool: &PgPool) {
    let differing: i64 = sqlx::query_scalar(
        "select count(*) from (select minute, people from portfolio_minutes where people > 0) m
           full join (select minute, count(*)::int as people from portfolio_people group by minute) p using (minute)
          where m.people is distinct from p.people",
    )
    .fetch_one(pool)
    .await
    .expect("compared");
    assert_eq!(differing, 0, "minutes and people differ");
}

fn released(handover: Option<HandoverId>, ordinal: i32) -> Outcome {
    let handover = handover.expect("open");
    Outcome { ordinal, handover, left_at: None, answer: Answer::Released }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn only_as_many_new_people_as_the_limit_leaves_are_handed_over(pool: PgPool) {
    let world = limited(pool, 10, 20, DailyLimit::People(6)).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let first = open(&world, &batch, 1, &[1, 2, 3, 4]).await;
    assert_eq!((first.recipients.as_slice(), first.wait), (&[1, 2, 3, 4][..], None));
    let second = open(&world, &batch, 2, &[5, 6, 7, 8]).await;
    assert_eq!(second.recipients, [5, 6]);
    let wait = second.wait.expect("two wait").as_secs();
    assert!((COUNTED_FOR.as_secs() - 60..=COUNTED_FOR.as_secs()).contains(&wait), "{wait}");
    // Asked again, because the answer was lost: the same, and nothing is counted twice.
    let again = open(&world, &batch, 2, &[5, 6, 7, 8]).await;
    assert_eq!((again.handover, again.recipients.as_slice()), (second.handover, &[5, 6][..]));
    let third = open(&world, &batch, 3, &[9]).await;
    assert_eq!((third.handover, third.recipients.len()), (None, 0));
    assert_eq!((used(&world).await.used(), used(&world).await.people_max), (6, Some(6)));
    assert_buckets_are_people(&world.pool).await;
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn without_a_limit_nobody_is_counted(pool: PgPool) {
    let world = limited(pool, 10, 20, DailyLimit::Unlimited).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    assert_eq!(open(&world, &batch, 1, &[1, 2, 3]).await.recipients, [1, 2, 3]);
    assert_eq!(used(&world).await.used(), 0);
    // Meta changes its mind: whoever may have been reached meanwhile counts from the start.
    learn_limit(&world, world.sender, DailyLimit::People(5)).await;
    assert_eq!(used(&world).await.used(), 3);
    let opened = open(&world, &batch, 2, &[4, 5, 6, 7]).await;
    assert_eq!(opened.recipients, [4, 5]);
    assert_buckets_are_people(&world.pool).await;
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_used_up_limit_holds_back_claims_but_not_those_tried_before(pool: PgPool) {
    let world = limited(pool, 40, 20, DailyLimit::People(1)).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let opened = open(&world, &batch, 1, &[1, 2]).await;
    assert_eq!(opened.recipients, [1]);
    assert!(world.claim(worker(1), lease, 10).await.is_empty(), "the second batch would need new people");
    let mut conn = world.pool.acquire().await.expect("a connection");
    let due = claim::next_batch_due(&mut conn, lease).await.expect("asked").expect("one");
    assert!(due > Duration::from_secs(23 * 3_600), "{due:?}");

    // The one who was counted is released, and tried again: that needs no place.
    let flush = Flush {
        outcomes: vec![released(opened.handover, 1)],
        closed: opened.handover.into_iter().collect(),
        ended: vec![EndedBatch { ordinal: 1, attempt: batch.attempt, wait: Some(Wait::NONE) }],
    };
    world.record(worker(1), &flush).await;
    sqlx::raw_sql("update batches set wait_reason = 'retry' where ordinal = 1")
        .execute(&world.pool)
        .await
        .expect("marked");
    let batch = world.claim(worker(1), lease, 10).await.remove(0);
    assert_eq!(open(&world, &batch, 1, &[1, 2]).await.recipients, [1]);
    assert_eq!(used(&world).await.used(), 1, "released and tried again is one person");

    age(&world, "24 hours 6 minutes").await;
    assert_eq!(used(&world).await.used(), 0);
    assert_eq!(world.claim(worker(1), lease, 10).await.len(), 1, "the day is over");
    assert_eq!(open(&world, &batch, 2, &[2]).await.recipients, [2]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn of_two_senders_that_want_the_last_places_none_takes_what_the_other_took(pool: PgPool) {
    let world = Arc::new(limited(pool, 300, 20, DailyLimit::People(100)).await);
    let lease = world.lease(worker(1)).await;
    let mut opening = JoinSet::new();
    for batch in world.claim(worker(1), lease, 15).await {
        let who: Vec<i32> = (batch.first_recipient..=batch.last_recipient).collect();
        let world = Arc::clone(&world);
        opening.spawn(async move { open(&world, &batch, 1, &who).await.recipients });
    }
    let opened = opening.join_all().await;
    let named: BTreeSet<i32> = opened.iter().flatten().copied().collect();
    assert_eq!((named.len(), opened.iter().map(Vec::len).sum::<usize>()), (100, 100));
    assert_eq!(used(&world).await.used(), 100);
    assert_buckets_are_people(&world.pool).await;
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn places_come_free_minute_by_minute(pool: PgPool) {
    let world = limited(pool, 10, 20, DailyLimit::People(4)).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    open(&world, &batch, 1, &[1, 2]).await;
    age(&world, "20 hours").await;
    open(&world, &batch, 2, &[3, 4]).await;
    let full = open(&world, &batch, 3, &[5]).await;
    let wait = full.wait.expect("full").as_secs();
    assert!((4 * 3_600..=4 * 3_600 + 300).contains(&wait), "the first two leave first: {wait}");
    // A limit that shrank waits for more of them.
    learn_limit(&world, world.sender, DailyLimit::People(3)).await;
    let wait = open(&world, &batch, 4, &[5]).await.wait.expect("full").as_secs();
    assert!((4 * 3_600..=4 * 3_600 + 300).contains(&wait), "{wait}");
    learn_limit(&world, world.sender, DailyLimit::People(2)).await;
    let wait = open(&world, &batch, 5, &[5]).await.wait.expect("full").as_secs();
    assert!(wait > 23 * 3_600, "one of the last two has to leave as well: {wait}");
    // Somebody counted who is written to again counts anew.
    open(&world, &batch, 6, &[1]).await;
    age(&world, "5 hours").await;
    assert_eq!(used(&world).await.used(), 3);
    assert_buckets_are_people(&world.pool).await;
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn whoever_does_not_count_any_more_is_forgotten(pool: PgPool) {
    let world = limited(pool, 10, 20, DailyLimit::People(9)).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    open(&world, &batch, 1, &[1, 2, 3]).await;
    age(&world, "25 hours").await;
    open(&world, &batch, 2, &[3, 4]).await;
    let mut conn = world.pool.acquire().await.expect("a connection");
    assert!(forget_minute(&mut conn).await.expect("forgot"));
    assert!(!forget_minute(&mut conn).await.expect("nothing left"));
    let kept: i64 = sqlx::query_scalar("select count(*) from portfolio_people")
        .fetch_one(&world.pool)
        .await
        .expect("counted");
    assert_eq!((kept, used(&world).await.used()), (2, 2));
    assert_buckets_are_people(&world.pool).await;
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn numbers_of_one_portfolio_share_its_limit_across_workspaces(pool: PgPool) {
    let world = limited(pool, 10, 20, DailyLimit::People(6)).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    open(&world, &batch, 1, &[1, 2, 3, 4]).await;
    let (theirs, sender) = (WorkspaceId::mint(at(), [21; 10]), ChannelAccountId::mint(at(), [22; 10]));
    let script = format!(
        "insert into workspaces values ('{theirs}', 'Roastery', 'UTC', 'PT', now());
         insert into channel_accounts (workspace_id, channel_account_id, channel, name, state, credential, credential_key_id,
                                       rate_per_second, batch_size, created_at, updated_at)
             values ('{theirs}', '{sender}', 'whatsapp', 'Roastery', 'connected', 'x', 'k1', 80, 20, now(), now());
         insert into whatsapp_numbers (workspace_id, channel_account_id, phone_number_id, waba_id, display_phone_number,
                                       verified_name, quality_rating, throughput_level, on_business_app, checked_at)
             values ('{theirs}', '{sender}', '300000000000002', '2', '+351', 'Roastery', 'GREEN', 'STANDARD', false, now())",
        theirs = theirs.uuid(),
        sender = sender.uuid(),
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&world.pool).await.expect("seeded");
    let mut conn = world.pool.acquire().await.expect("a connection");
    learn(&mut conn, theirs, sender, PORTFOLIO, None).await.expect("learnt");
    let seen = usage(&mut conn, theirs, sender).await.expect("asked").expect("a portfolio");
    assert_eq!(
        (seen.used(), seen.left(), seen.numbers),
        (4, Some(2), 1),
        "the use is shared, the numbers are not"
    );
    assert_eq!(usage(&mut conn, theirs, world.sender).await.expect("asked"), None, "not a number of theirs");
    assert_eq!(used(&world).await.numbers, 1);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn what_meta_does_not_say_leaves_what_is_known(pool: PgPool) {
    let world = limited(pool, 10, 20, DailyLimit::People(6)).await;
    let mut tx = world.pool.begin().await.expect("a transaction");
    learn(&mut tx, world.workspace, world.sender, PORTFOLIO, None).await.expect("learnt");
    tx.commit().await.expect("committed");
    assert_eq!(used(&world).await.people_max, Some(6));
}

/// Whoever is handed over how often and when, the sum of the minutes is the number of different people, and it is never
/// above the limit.
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_minutes_add_up_to_the_people_whatever_happens(pool: PgPool) {
    let world = limited(pool, 30, 30, DailyLimit::People(1)).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let mut sequence = 0;
    for seed in 1..=6 {
        let mut choices = Choices::new(seed);
        let limit = 1 + u32::try_from(choices.below(25)).expect("small");
        age(&world, "3 days").await;
        learn_limit(&world, world.sender, DailyLimit::People(limit)).await;
        for _ in 0..12 {
            sequence += 1;
            let who: Vec<i32> = (1..=30).filter(|_| choices.below(4) == 0).collect();
            open(&world, &batch, sequence, &who).await;
            assert_buckets_are_people(&world.pool).await;
            let people = used(&world).await.used();
            assert!(people <= u64::from(limit), "seed {seed}: {people} of {limit}");
            age(&world, ["0 minutes", "7 hours", "13 hours"][choices.below(3)]).await;
        }
    }
}
