//! Nobody is handed over where it is quiet. Quiet hours are laid around the present, so that the clock need not be.

use super::*;
use crate::dispatches::{again, quiet};

/// Hours from now: where they begin and end in Tokyo.
const NOW: (i32, i32) = (-60, 60);
const LATER: (i32, i32) = (240, 300);

impl World {
    /// Ninety people, a third each in Tokyo, in Phoenix and where the number says, with quiet hours so many minutes from now in
    /// Tokyo.
    async fn with_nights(pool: PgPool, minutes: (i32, i32)) -> Self {
        let world = Self::prepared(pool, 90).await;
        sqlx::raw_sql(
            "update contacts set attributes = attributes || case split_part(name, ' ', 2)::int % 3
                 when 0 then '{\"time_zone\": \"Asia/Tokyo\"}' when 1 then '{\"time_zone\": \"America/Phoenix\"}' else '{}' end::jsonb;
             update addresses set value = replace(value, '+351910', '+971501');
             update suppressions set value = replace(value, '+351910', '+971501')",
        )
        .execute(&world.pool)
        .await
        .expect("moved");
        let timing = Timing { local_start: None, quiet_hours: Some(world.around_now(minutes).await) };
        let mut tx = world.pool.begin().await.expect("a transaction");
        let new = NewLaunch { timing, ..world.new_launch("key-0001", 20) };
        launch::insert(&mut tx, world.workspace, &new, &world.audience).await.expect("launched");
        tx.commit().await.expect("committed");
        world
    }

    async fn around_now(&self, (from, until): (i32, i32)) -> domain::schedule::QuietHours {
        let (from, until): (chrono::NaiveTime, chrono::NaiveTime) = sqlx::query_as(
            "select (date_trunc('minute', now() + make_interval(mins => $1)) at time zone 'Asia/Tokyo')::time,
                    (date_trunc('minute', now() + make_interval(mins => $2)) at time zone 'Asia/Tokyo')::time",
        )
        .bind(from)
        .bind(until)
        .fetch_one(&self.pool)
        .await
        .expect("asked");
        domain::schedule::QuietHours::new(from, until).expect("quiet hours")
    }

    /// As if it had become so late in Tokyo. Nothing was looked through since.
    async fn night_falls(&self) {
        let hours = self.around_now(NOW).await;
        sqlx::query("update dispatches set quiet_from = $1, quiet_until = $2, quiet_checked_until = now() - interval '1 second'")
            .bind(hours.from())
            .bind(hours.until())
            .execute(&self.pool)
            .await
            .expect("set");
    }

    async fn look_through(&self) -> Vec<DispatchId> {
        let mut tx = self.pool.begin().await.expect("a transaction");
        let begun = quiet::begun(&mut tx, 10).await.expect("asked");
        for (workspace, dispatch) in &begun {
            quiet::look_through(&mut tx, *workspace, *dispatch).await.expect("looked through");
        }
        tx.commit().await.expect("committed");
        begun.into_iter().map(|(_, dispatch)| dispatch).collect()
    }

    /// Zone, reason, whether it waits, and people of the batches that are ready.
    async fn ready(&self) -> Vec<(String, Option<String>, bool, i64)> {
        sqlx::query_as(
            "select time_zone, wait_reason, not_before > now(), sum(last_recipient - first_recipient + 1) from batches
              where state = 'ready' group by 1, 2, 3 order by 1, 3",
        )
        .fetch_all(&self.pool)
        .await
        .expect("read")
    }
}

fn ready(zone: &str, people: i64) -> (String, Option<String>, bool, i64) {
    (zone.to_owned(), None, false, people)
}

fn asleep(people: i64) -> (String, Option<String>, bool, i64) {
    ("Asia/Tokyo".to_owned(), Some("quiet_hours".to_owned()), true, people)
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_launch_at_night_puts_off_only_whom_it_is_night_for(pool: PgPool) {
    let world = World::with_nights(pool, NOW).await;
    assert_eq!(
        world.ready().await,
        [ready("America/Phoenix", 30), ready("Asia/Dubai", 30), asleep(30)],
        "batches do not mix zones"
    );
    let mixed: i64 = sqlx::query_scalar(
        "select count(*) from batches b join recipients r using (workspace_id, dispatch_id)
          where r.ordinal between b.first_recipient and b.last_recipient and r.time_zone <> b.time_zone",
    )
    .fetch_one(&world.pool)
    .await
    .expect("counted");
    assert_eq!(mixed, 0);
    let sources: Vec<(String, i64)> = sqlx::query_as(
        "select zone_source, count(*) from recipients where zone_source is not null group by 1 order by 1",
    )
    .fetch_all(&world.pool)
    .await
    .expect("counted");
    assert_eq!(sources, [("field".to_owned(), 60), ("number".to_owned(), 30)]);
    let lease = world.lease(worker(1)).await;
    let claimed = world.claim(worker(1), lease, 10).await;
    assert_eq!(claimed.iter().map(|batch| batch.recipients()).sum::<u32>(), 60);
    assert_eq!(world.row().await.pending, 90);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn nothing_is_claimed_between_nightfall_and_the_look(pool: PgPool) {
    let world = World::with_nights(pool, LATER).await;
    assert_eq!(world.look_through().await, [], "there is time until it becomes night");
    let lease = world.lease(worker(1)).await;
    world.night_falls().await;
    assert!(world.claim(worker(1), lease, 10).await.is_empty());
    let mut conn = world.pool.acquire().await.expect("a connection");
    assert_eq!(lease::acquire_sender(&mut conn, worker(2), TTL).await.expect("asked"), None);
    drop(conn);
    assert_eq!(world.look_through().await, [world.dispatch]);
    assert_eq!(world.look_through().await, [], "once");
    sqlx::query("update dispatches set quiet_checked_until = null").execute(&world.pool).await.expect("set");
    assert!(world.claim(worker(1), lease, 10).await.is_empty(), "what nobody looked through is not claimed");
    assert_eq!(world.look_through().await, [world.dispatch]);
    assert_eq!(world.ready().await, [ready("America/Phoenix", 30), ready("Asia/Dubai", 30), asleep(30)]);
    assert_eq!(
        world.claim(worker(1), lease, 10).await.iter().map(|batch| batch.recipients()).sum::<u32>(),
        60
    );
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_batch_in_hand_at_nightfall_gets_no_handover_and_waits_for_the_morning(pool: PgPool) {
    let world = World::with_nights(pool, LATER).await;
    let one = worker(1);
    let lease = world.lease(one).await;
    let mut claimed = Vec::new();
    for _ in 0..6 {
        claimed.extend(world.claim(one, lease, 1).await);
    }
    let zone = async |batch: &ClaimedBatch| -> String {
        sqlx::query_scalar("select time_zone from batches where ordinal = $1")
            .bind(batch.ordinal)
            .fetch_one(&world.pool)
            .await
            .expect("read")
    };
    let mut tokyo = Vec::new();
    let mut others = Vec::new();
    for batch in claimed {
        if zone(&batch).await == "Asia/Tokyo" { tokyo.push(batch) } else { others.push(batch) }
    }
    let (first, last) = (tokyo[0].first_recipient, tokyo[0].first_recipient + 1);
    let early = world.open(one, &tokyo[0], 1, &[first]).await.expect("it is day");
    world.night_falls().await;
    assert_eq!(world.open(one, &tokyo[0], 1, &[first]).await, Some(early), "an answer that was lost");
    assert_eq!(world.open(one, &tokyo[0], 2, &[last]).await, None);
    assert_eq!(world.open(one, &tokyo[1], 1, &[tokyo[1].first_recipient]).await, None);
    assert!(world.open(one, &others[0], 1, &[others[0].first_recipient]).await.is_some(), "not their night");
    // What the worker then records: the one that had left is to be tried again in a moment.
    let wait = Wait { after: Duration::from_secs(4), reason: WaitReason::Retry };
    let again = Outcome {
        ordinal: first,
        handover: early,
        left_at: None,
        answer: Answer::RetryAfter { wait, counted: true },
    };
    let ended = |batch: &ClaimedBatch, wait| EndedBatch {
        ordinal: batch.ordinal,
        attempt: batch.attempt,
        wait: Some(wait),
    };
    let flush = Flush {
        outcomes: vec![again],
        closed: vec![early],
        ended: vec![ended(&tokyo[0], wait), ended(&tokyo[1], Wait::NONE)],
    };
    world.record(one, &flush).await;
    assert_eq!(world.ready().await, [asleep(30)]);
    // A worker that is lost at night leaves nothing that is due.
    world.expire_leases().await;
    world.sweep().await;
    assert_eq!(world.ready().await, [ready("America/Phoenix", 30), ready("Asia/Dubai", 30), asleep(30)]);
    let tries: Vec<(i16, Option<String>)> =
        sqlx::query_as("select attempt, wait_reason from recipients where ordinal = $1")
            .bind(first)
            .fetch_all(&world.pool)
            .await
            .expect("read");
    assert_eq!(tries, [(1, Some("retry".to_owned()))]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_limit_of_a_portfolio_is_not_touched_for_people_in_their_night(pool: PgPool) {
    let world = World::with_nights(pool, LATER).await;
    sqlx::raw_sql(
        "insert into portfolios (portfolio_id, people_max, checked_at) values ('1', 1000, now());
         insert into whatsapp_numbers (workspace_id, channel_account_id, phone_number_id, waba_id, display_phone_number,
                                       verified_name, quality_rating, throughput_level, on_business_app, checked_at, portfolio_id)
         select workspace_id, channel_account_id, '1', '1', '1', 'Brasa', 'GREEN', 'STANDARD', false, now(), '1' from channel_accounts",
    )
    .execute(&world.pool)
    .await
    .expect("limited");
    let one = worker(1);
    let lease = world.lease(one).await;
    let claimed = world.claim(one, lease, 10).await;
    world.night_falls().await;
    let mut opened = 0;
    for batch in &claimed {
        let who = [batch.first_recipient];
        let mut tx = world.pool.begin().await.expect("a transaction");
        let opening = handover::open(&mut tx, one, batch, 1, &who).await.expect("asked");
        let Opening::Limited(portfolio) = opening else { continue };
        let opening = handover::open_limited(&mut tx, one, batch, 1, &who, &portfolio).await.expect("asked");
        assert!(matches!(opening, Opening::Opened(_)), "{opening:?}");
        tx.commit().await.expect("committed");
        opened += 1;
    }
    let counted: i64 = sqlx::query_scalar("select count(*) from portfolio_people")
        .fetch_one(&world.pool)
        .await
        .expect("counted");
    assert_eq!((opened, counted), (4, 4), "two batches each of the two zones in which it is day");
}

/// Who is tried again has the nights of the first time, in batches of one zone.
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_is_tried_again_keeps_their_zone(pool: PgPool) {
    let world = World::with_nights(pool, LATER).await;
    sqlx::raw_sql(
        "insert into dispatch_reasons (workspace_id, dispatch_id, state, reason, recipients)
         select workspace_id, dispatch_id, 'failed', 'throttled', pending from dispatches;
         update recipients set state = 'failed', reason = 'throttled', settled_at = now() where state = 'pending';
         update batches set state = 'done';
         update dispatches set failed = pending, pending = 0, state = 'finished', ended_at = now()",
    )
    .execute(&world.pool)
    .await
    .expect("everybody failed");
    let timing = Timing { local_start: None, quiet_hours: Some(world.around_now(LATER).await) };
    let mut new = NewLaunch { timing, ..world.new_launch("again-0001", 20) };
    new.slices[0].dispatch = DispatchId::mint(at() + chrono::TimeDelta::seconds(1), [1; 10]);
    let mut tx = world.pool.begin().await.expect("a transaction");
    let failed = domain::dispatch::TryAgain::Failed;
    let query = again::query(&mut tx, world.workspace, world.campaign, failed, true).await.expect("asked");
    let people = again::insert(&mut tx, world.workspace, &new, &query).await.expect("inserted");
    tx.commit().await.expect("committed");
    let (same, zones, mixed): (i64, i64, i64) = sqlx::query_as(
        "select count(*) filter (where n.time_zone = o.time_zone and n.zone_source = o.zone_source),
                count(distinct n.time_zone), count(*) filter (where n.time_zone <> b.time_zone)
           from recipients n
           join recipients o on o.dispatch_id = n.retries and o.contact_id = n.contact_id
           join batches b on b.dispatch_id = n.dispatch_id and n.ordinal between b.first_recipient and b.last_recipient",
    )
    .fetch_one(&world.pool)
    .await
    .expect("compared");
    assert!(people > 60, "{people}");
    assert_eq!((same, zones, mixed), (people, 3, 0));
}
