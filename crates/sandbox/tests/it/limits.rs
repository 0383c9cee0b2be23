//! Rate limits per number and per pair.

use futures::future::join_all;
use sandbox::{RateLimit, SandboxConfig, seed};

use crate::support::{Caller, welcome};

/// Sends at once and counts 200 and 130429.
async fn burst(caller: &Caller, phone: &str, count: u32) -> (usize, usize) {
    let sends = (0..count).map(|n| async move {
        let answer = caller.send_from(phone, welcome(&format!("+3519130{n:05}"))).await;
        if answer.status != 200 {
            assert_eq!((answer.status, answer.code()), (400, 130429));
        }
        answer.status == 200
    });
    let mut accepted = 0;
    let mut refused = 0;
    for sent in join_all(sends).await {
        if sent { accepted += 1 } else { refused += 1 }
    }
    (accepted, refused)
}

fn documented() -> SandboxConfig {
    SandboxConfig { rate: RateLimit::Documented, ..SandboxConfig::for_tests() }
}

#[tokio::test]
async fn a_number_on_the_business_app_sends_twenty_a_second() {
    let caller = Caller::start(documented()).await;
    let (accepted, refused) = burst(&caller, seed::BIZ_APP_NUMBER_ID, 300).await;
    assert!(accepted >= 20 && refused > 0, "{accepted} accepted, {refused} refused");
    let ledger = caller.sandbox.ledger();
    let number = &ledger.numbers[seed::BIZ_APP_NUMBER_ID];
    assert_eq!(number.accepted as usize, accepted);
    assert_eq!(number.refused[&130429] as usize, refused);
    // A full bucket and what a second refills.
    assert!((20..=40).contains(&number.per_second_max), "{}", number.per_second_max);
}

#[tokio::test]
async fn each_number_has_its_own_rate() {
    let caller = Caller::start(documented()).await;
    caller.sandbox.set_rate(RateLimit::PerSecond(5));
    let (first, _) = burst(&caller, seed::NUMBER_ID, 40).await;
    let (second, _) = burst(&caller, seed::BIZ_APP_NUMBER_ID, 40).await;
    assert!(first >= 5 && second >= 5 && first < 40 && second < 40, "{first} and {second}");
    caller.sandbox.set_rate(RateLimit::Unlimited);
    assert_eq!(burst(&caller, seed::NUMBER_ID, 40).await, (40, 0));
}

#[tokio::test]
async fn a_high_throughput_number_takes_what_a_standard_one_refuses() {
    let caller = Caller::start(documented()).await;
    caller.sandbox.change_world(|world| {
        if let Some(number) = world.numbers.get_mut(seed::NUMBER_ID) {
            "HIGH".clone_into(&mut number.throughput_level);
        }
    });
    assert_eq!(burst(&caller, seed::NUMBER_ID, 300).await, (300, 0));
}

#[tokio::test]
async fn one_person_gets_forty_five_in_a_burst_and_no_more() {
    let caller = Caller::start(SandboxConfig { pair_limit: true, ..SandboxConfig::for_tests() }).await;
    let mut refused = None;
    for sent in 1..=60 {
        let answer = caller.send(welcome("+351912000001")).await;
        if answer.status != 200 {
            refused = Some((sent, answer.code()));
            break;
        }
    }
    let (sent, code) = refused.expect("the burst ends");
    assert!((46..=50).contains(&sent), "message {sent}");
    assert_eq!(code, 131056);
    assert_eq!(caller.send(welcome("+351912000002")).await.status, 200);
}
