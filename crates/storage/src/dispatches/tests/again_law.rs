//! The law for people who have two rows, against the bulk statements: whatever happens to the first row after it was
//! superseded, and to the second one, nobody who was reached is sent to again if that can be prevented, and the counts are
//! those of the rows that count.

use std::collections::BTreeMap;

use domain::dispatch::{self, Recipient, RecipientEvent, RecipientState, TryAgain};

use super::law::{
    Choices, Model, WAITING, answer, answer_late, expected, hand_over, launched, report, states, swept,
};
use super::*;

/// Who of the first dispatch has a row in the second, by their positions.
type Pairs = BTreeMap<i32, i32>;

fn is_sent(person: &Recipient) -> bool {
    matches!(person.state, RecipientState::Sent { .. })
}

/// Tries people again, and notes it in both models.
async fn supersede(world: &World, first: &mut Model, what: TryAgain) -> Option<(World, Model, Pairs)> {
    let wanted = |person: &Recipient| match (&person.state, what) {
        (RecipientState::Failed { reason, .. }, TryAgain::Failed) => !reason.is_final(),
        (RecipientState::Unknown(_), TryAgain::Unknown) => true,
        _ => false,
    };
    let who: Vec<i32> =
        first.people.iter().filter(|(_, person)| wanted(person)).map(|(ordinal, _)| *ordinal).collect();
    if who.is_empty() {
        return None;
    }
    let later = world.try_again(what, 1, who.len()).await;
    for ordinal in &who {
        first.apply(*ordinal, RecipientEvent::Superseded);
    }
    let pairs: Pairs = who.into_iter().zip(1..).collect();
    let second = Model::of(pairs.values().map(|ordinal| (*ordinal, Recipient::new(WAITING))).collect());
    Some((later, second, pairs))
}

/// What follows for the second row of whoever turned out to be sent by the first.
fn news_of_first(before: &BTreeMap<i32, Recipient>, first: &mut Model, second: &mut Model, pairs: &Pairs) {
    for (earlier, later) in pairs {
        if !is_sent(&before[earlier]) && is_sent(&first.people[earlier]) {
            let pair = (first.people[earlier].clone(), second.people[later].clone());
            let (one, other) = dispatch::reached(pair.0, pair.1).expect("both rows are as they can be");
            first.people.insert(*earlier, one);
            second.people.insert(*later, other);
        }
    }
}

/// Who waits again with the second row, but was reached by the first while it was in the air, is not sent to.
fn news_of_second(before: &BTreeMap<i32, Recipient>, first: &Model, second: &mut Model, pairs: &Pairs) {
    for (earlier, later) in pairs {
        let waits = |person: &Recipient| matches!(person.state, RecipientState::Pending { .. });
        if !waits(&before[later]) && waits(&second.people[later]) && is_sent(&first.people[earlier]) {
            second.apply(*later, RecipientEvent::ReachedMeanwhile);
        }
    }
}

async fn run(pool: PgPool, seed: u64) {
    let (world, mut first) = launched(pool).await;
    let mut choices = Choices::new(seed);
    let mut lease = world.lease(worker(1)).await;
    // Until most of them have an outcome, for better or worse.
    for _ in 0..30 {
        hand_over(&world, &mut first, lease, &mut choices).await;
        if choices.below(8) == 0 {
            world.expire_leases().await;
            swept(&world, &mut first).await;
            if world.row().await.state != "running" {
                break;
            }
            lease = world.lease(worker(1)).await;
        } else {
            answer(&world, &mut first, &mut choices).await;
        }
        if choices.below(6) == 0 {
            report(&world, &mut first, &mut choices).await;
        }
    }
    let preferred = TryAgain::ALL[choices.below(2)];
    let other = if preferred == TryAgain::Failed { TryAgain::Unknown } else { TryAgain::Failed };
    let mut tried = supersede(&world, &mut first, preferred).await;
    if tried.is_none() {
        tried = supersede(&world, &mut first, other).await;
    }
    let Some((again, mut second, pairs)) = tried else { return };
    world.expire_leases().await;
    swept(&world, &mut first).await;
    for step in 0..70 {
        let (before_first, before_second) = (first.people.clone(), second.people.clone());
        match choices.below(12) {
            0 => {
                world.expire_leases().await;
                swept(&world, &mut first).await;
                swept(&again, &mut second).await;
            }
            1..=3 => report(&world, &mut first, &mut choices).await,
            4 => answer_late(&world, &mut first, &mut choices).await,
            5 => report(&again, &mut second, &mut choices).await,
            6 => answer_late(&again, &mut second, &mut choices).await,
            7..=9 if again.row().await.state == "running" => {
                let mut conn = world.pool.acquire().await.expect("a connection");
                let taken = lease::acquire_sender(&mut conn, worker(1), TTL).await.expect("asked");
                lease = taken.unwrap_or(lease);
                hand_over(&again, &mut second, lease, &mut choices).await;
            }
            _ => answer(&again, &mut second, &mut choices).await,
        }
        news_of_first(&before_first, &mut first, &mut second, &pairs);
        news_of_second(&before_second, &first, &mut second, &pairs);
        assert_eq!(states(&world).await, expected(&first), "seed {seed}, step {step}, first row");
        assert_eq!(states(&again).await, expected(&second), "seed {seed}, step {step}, second row");
        let (one, other) = (world.row().await, again.row().await);
        assert_eq!(one.audience + other.audience, 10, "each person counts once: {one:?} {other:?}");
    }
}

macro_rules! seeds {
    ($($name:ident $seed:literal)+) => {$(
        #[sqlx::test(migrator = "crate::MIGRATOR")]
        async fn $name(pool: PgPool) {
            run(pool, $seed).await;
        }
    )+};
}

seeds! {
    two_rows_follow_the_law_1 0x9E37_79B9_7F4A_7C15
    two_rows_follow_the_law_2 0xD1B5_4A32_D192_ED03
    two_rows_follow_the_law_3 0x2545_F491_4F6C_DD1D
    two_rows_follow_the_law_4 0x1234_5678_9ABC_DEF1
    two_rows_follow_the_law_5 0xA5A5_A5A5_5A5A_5A5B
    two_rows_follow_the_law_6 0x0F1E_2D3C_4B5A_6978
    two_rows_follow_the_law_7 0x7C15_9E37_79B9_7F4A
    two_rows_follow_the_law_8 0x4F6C_DD1D_2545_F491
}
