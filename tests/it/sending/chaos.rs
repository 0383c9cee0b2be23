//! A short version of `cargo xtask chaos`.

use std::sync::Arc;
use std::time::Duration;

use sandbox::world::Category;
use sandbox::{Behaviour, FailureShare};
use serde_json::json;
use tests::chaos::judge::{Known, Row, Verdict};
use tests::chaos::{Assault, run};

use super::processes::ThisBinary;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_and_faults_and_a_restart_of_postgres_double_and_lose_nobody() -> anyhow::Result<()> {
    let assault = Assault {
        kills: 5,
        recipients: 5_000,
        seed: 2_026,
        rate_per_second: 1_000,
        workers: 2,
        postgres_restarts: 1,
        pause_ms: 300..=1_500,
        finish_within: Duration::from_secs(90),
    };
    let result = run(&assault, Arc::new(ThisBinary)).await?;
    assert_eq!(result["passed"], json!(true), "{result}");
    Ok(())
}

/// What is said of one person: a state, and how often the provider accepted a message for them.
fn judged(
    state: &str,
    accepted: usize,
    change: impl FnOnce(&mut Row, &mut Known, &mut Behaviour),
) -> Verdict {
    let wamids: Vec<String> = (0..accepted).map(|number| format!("wamid.{number}")).collect();
    let mut row = Row {
        state: state.to_owned(),
        provider_message_id: wamids.first().cloned(),
        delivered: true,
        read: true,
        ..Row::default()
    };
    let mut known = Known { wamids, silenced: false };
    let mut behaviour = Behaviour::flawless();
    change(&mut row, &mut known, &mut behaviour);
    let mut verdict = Verdict::default();
    verdict.count(&row, &known, &behaviour.fate_of("351920000001", Category::Marketing));
    verdict
}

fn fails(_: &mut Row, _: &mut Known, behaviour: &mut Behaviour) {
    behaviour.failures = vec![FailureShare { code: 131_026, share: 1.0 }];
}

#[test]
fn the_judge_believes_the_provider_and_not_us() {
    let as_it_is = |_: &mut Row, _: &mut Known, _: &mut Behaviour| {};
    for (state, accepted) in [("sent", 1), ("failed", 0), ("unknown", 0)] {
        assert!(judged(state, accepted, as_it_is).is_clean(), "{state}, accepted {accepted} times");
    }
    assert!(judged("failed", 1, fails).is_clean());
    assert_eq!(judged("sent", 2, as_it_is).accepted_twice, 1);
    for (state, accepted) in [("sent", 0), ("failed", 1), ("pending", 0), ("pending", 1), ("skipped", 0)] {
        assert_eq!(judged(state, accepted, as_it_is).lost, 1, "{state}, accepted {accepted} times");
    }
    let of_another = judged("sent", 1, |row, _, _| row.provider_message_id = Some("wamid.other".to_owned()));
    assert_eq!(of_another.lost, 1);
}

#[test]
fn the_judge_demands_what_the_provider_told() {
    assert_eq!(judged("unknown", 1, |_, _, _| {}).unknown_unsettled, 1);
    let never_told = judged("unknown", 1, |_, known, _| known.silenced = true);
    assert!(never_told.is_clean() && never_told.unknown_never_told == 1, "{never_told:?}");
    assert_eq!(judged("sent", 1, fails).reports_missing, 1);
    assert_eq!(judged("sent", 1, |row, _, _| row.read = false).reports_missing, 1);
    assert_eq!(judged("sent", 1, |row, _, _| row.delivered = false).reports_missing, 1);
    let silent =
        judged("sent", 1, |row, known, _| (row.read, row.delivered, known.silenced) = (false, false, true));
    assert!(silent.is_clean(), "{silent:?}");
}
