//! General queues from npm doing the same work, in the same run, against the same Graph and the same Postgres.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::options::Options;
use crate::rounded;

const QUEUES: [&str; 2] = ["graphile-worker.mjs", "pg-boss.mjs"];

/// Adds the faster of the queues and our ratio to it.
pub async fn compare(
    options: &Options,
    folder: &str,
    graph_url: &str,
    messages: i32,
    result: &mut Value,
) -> Result<()> {
    let mut peers = Vec::new();
    for queue in QUEUES {
        let mut command = Command::new("node");
        command
            .arg(Path::new(folder).join(queue))
            .env("PEER_DATABASE_URL", options.required("--database-url")?)
            .env("PEER_GRAPH_URL", graph_url)
            .env("PEER_MESSAGES", messages.to_string());
        peers.push(tokio::task::spawn_blocking(move || run(&mut command)).await??);
    }
    let rate = |peer: &Value| peer["value"].as_f64().unwrap_or(0.0);
    let fastest = peers.iter().max_by(|one, other| rate(one).total_cmp(&rate(other)));
    let fastest = fastest.context("there is no peer")?.clone();
    let ours = result["value"].as_f64().context("our own rate is missing")?;
    result["peer"] = fastest["peer"].clone();
    result["peer_value"] = fastest["value"].clone();
    result["ratio"] = json!(rounded(ours / rate(&fastest)));
    result["peers"] = Value::Array(peers);
    Ok(())
}

/// The last line that a script prints is its result.
fn run(command: &mut Command) -> Result<Value> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{command:?} does not start"))?;
    ensure!(output.status.success(), "{command:?} failed");
    let printed = String::from_utf8(output.stdout)?;
    let line = printed.lines().last().context("a peer printed nothing")?;
    serde_json::from_str(line).context("a peer did not print JSON last")
}
