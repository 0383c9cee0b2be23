//! A short version of `cargo xtask chaos`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
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
