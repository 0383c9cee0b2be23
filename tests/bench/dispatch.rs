//! From the launch to the last recipient settled, with a worker that waits for work.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use domain::channel::RatePlan;
use serde_json::{Value, json};
use tests::stage::{Stage, plan};

use crate::options::Options;
use crate::processes::Process;
use crate::responder::{Responder, rates};
use crate::{peer, rounded, setup};

/// The rate that a sender must keep under latency.
const PACED_PER_SECOND: u32 = 1_000;

/// Unlimited; with `--latency-ms` also paced, with `--peers` also the peers.
pub async fn measure(options: &Options) -> Result<Value> {
    let recipients: i32 = options.number("--recipients", 50_000)?;
    match options.number::<u64>("--latency-ms", 0)? {
        0 => {
            let graph_url = options.required("--graph-url")?;
            let stage = setup::stage(options, graph_url, setup::unlimited(), recipients.into()).await?;
            let mut result = unlimited(options, &stage, graph_url, recipients).await?;
            if let Some(folder) = options.text("--peers") {
                peer::compare(options, folder, graph_url, recipients, &mut result).await?;
            }
            Ok(result)
        }
        latency_ms => with_latency(options, latency_ms, recipients).await,
    }
}

async fn unlimited(options: &Options, stage: &Stage, graph_url: &str, recipients: i32) -> Result<Value> {
    let worker = Process::worker(options, graph_url).await?;
    let seconds = run(stage, recipients).await?;
    let worker_rss_mb = worker.peak_rss_mb()?;
    worker.stop()?;
    Ok(json!({
        "value": (f64::from(recipients) / seconds).round(),
        "worker_rss_mb": worker_rss_mb,
        "recipients": recipients,
        "seconds": rounded(seconds),
    }))
}

/// Every answer takes so long: requests on their way must follow rate × latency.
async fn with_latency(options: &Options, latency_ms: u64, recipients: i32) -> Result<Value> {
    let graph = Responder::start(Duration::from_millis(latency_ms))?;
    let stage = setup::stage(options, graph.url(), setup::unlimited(), recipients.into()).await?;
    let mut result = unlimited(options, &stage, graph.url(), recipients).await?;
    graph.take_ledger();
    set_plan(&stage, plan(PACED_PER_SECOND, PACED_PER_SECOND)).await?;
    let worker = Process::worker(options, graph.url()).await?;
    run(&stage, recipients).await?;
    let (most, mean) = rates(&graph.take_ledger());
    result["latency_ms"] = json!(latency_ms);
    result["paced_limit"] = json!(PACED_PER_SECOND);
    result["paced_value"] = json!(rounded(mean));
    result["paced_max_per_second"] = json!(most);
    result["paced_worker_rss_mb"] = json!(worker.peak_rss_mb()?);
    Ok(result)
}

/// Launches to everybody and waits until nobody waits any more. The seconds from the end of the launch.
pub async fn run(stage: &Stage, recipients: i32) -> Result<f64> {
    let campaign = stage.draft().await?;
    stage.launch(campaign).await?;
    let started = Instant::now();
    let row = stage.until(campaign, setup::FINISH_WITHIN, |row| row.pending == 0).await?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(row.sent == recipients, "not everybody was sent to: {row:?}");
    Ok(seconds)
}

/// As a look at Graph would change it; a worker started afterwards drives the sender by it.
async fn set_plan(stage: &Stage, plan: RatePlan) -> Result<()> {
    sqlx::query("update channel_accounts set rate_per_second = $1, batch_size = $2")
        .bind(i32::try_from(plan.rate_per_second.get())?)
        .bind(i32::try_from(plan.batch_size.get())?)
        .execute(&stage.services.pool)
        .await?;
    Ok(())
}
