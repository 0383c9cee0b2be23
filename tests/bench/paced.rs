//! A campaign at a limit: how near the mean comes to it, and whether any second goes above it.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tests::stage::plan;

use crate::options::Options;
use crate::processes::Process;
use crate::responder::{Responder, rates};
use crate::{dispatch, rounded, setup};

/// Measured where the messages arrive.
pub async fn measure(options: &Options) -> Result<Value> {
    let recipients: i32 = options.number("--recipients", 50_000)?;
    let limit: u32 = options.number("--rate", 1_000)?;
    let graph = Responder::start(Duration::from_millis(options.number("--latency-ms", 0)?))?;
    let stage = setup::stage(options, graph.url(), plan(limit, limit), recipients.into()).await?;
    let worker = Process::worker(options, graph.url()).await?;
    let seconds = dispatch::run(&stage, recipients).await?;
    let (most, mean) = rates(&graph.take_ledger());
    Ok(json!({
        "value": rounded(mean),
        "max_per_second": most,
        "limit": limit,
        "recipients": recipients,
        "seconds": rounded(seconds),
        "worker_rss_mb": worker.peak_rss_mb()?,
    }))
}
