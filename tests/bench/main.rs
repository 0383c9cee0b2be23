//! The measured side of `cargo xtask bench dispatch` and `launch`.
//!
//! `bench dispatch --database-url URL --graph-url URL --worker PROGRAM [--recipients N]`
//! `bench launch --database-url URL`
//!
//! Each prints one JSON object, the last line on standard output.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use serde_json::{Value, json};
use tests::stage::{self, KEY, Stage, plan};

/// A sender without a limit of its own: more than a machine can send.
const UNLIMITED_PER_SECOND: u32 = 1_000_000;
const UNLIMITED_BATCH: u32 = 1_000;
const FINISH_WITHIN: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let mut options = HashMap::new();
    while let Some(option) = words.next() {
        let value = words.next().with_context(|| format!("{option} needs a value"))?;
        options.insert(option, value);
    }
    let result = match name.as_str() {
        "dispatch" => dispatch(&options).await?,
        "launch" => launch(&options).await?,
        other => bail!("there is no measurement \"{other}\""),
    };
    #[expect(clippy::print_stdout, reason = "the result is what this program is for")]
    {
        println!("{result}");
    }
    Ok(())
}

fn option<'o>(options: &'o HashMap<String, String>, name: &str) -> Result<&'o str> {
    options.get(name).map(String::as_str).with_context(|| format!("{name} is missing"))
}

async fn set(options: &HashMap<String, String>, people: i64) -> Result<Stage> {
    let graph_url = options.get("--graph-url").map_or("http://127.0.0.1:9", String::as_str);
    let services = stage::services(option(options, "--database-url")?, graph_url, 4).await?;
    service::database::migrate(&services.pool).await?;
    let stage = Stage::set(
        services,
        "300000000000001",
        "200000000000001",
        plan(UNLIMITED_PER_SECOND, UNLIMITED_BATCH),
    )
    .await?;
    stage.add_people(351_920_000_000, people).await?;
    Ok(stage)
}

/// From the launch to the last recipient settled, with a worker that waits for work.
async fn dispatch(options: &HashMap<String, String>) -> Result<Value> {
    let recipients: i32 = options.get("--recipients").map_or(Ok(20_000), |text| text.parse())?;
    let stage = set(options, i64::from(recipients)).await?;
    let worker = WorkerProcess::start(options)?;
    worker.wait_until_ready().await?;
    let campaign = stage.draft().await?;
    stage.launch(campaign).await?;
    let started = Instant::now();
    let row = stage.until(campaign, FINISH_WITHIN, |row| row.pending == 0).await?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(row.sent == recipients, "not everybody was sent to: {row:?}");
    let rss_mb = worker.peak_rss_mb()?;
    Ok(json!({
        "value": (f64::from(recipients) / seconds).round(),
        "worker_rss_mb": (rss_mb * 10.0).round() / 10.0,
        "recipients": recipients,
        "seconds": (seconds * 1_000.0).round() / 1_000.0,
    }))
}

/// Resolving and freezing 50,000 recipients, as the person who pressed the button waits for it.
async fn launch(options: &HashMap<String, String>) -> Result<Value> {
    let stage = set(options, 50_000).await?;
    let campaign = stage.draft().await?;
    let started = Instant::now();
    stage.launch(campaign).await?;
    let seconds = started.elapsed().as_secs_f64();
    let row = stage.dispatch(campaign).await?;
    ensure!(row.pending == 50_000, "not everybody is in it: {row:?}");
    Ok(json!({ "seconds_50k": (seconds * 1_000.0).round() / 1_000.0 }))
}

/// The real worker; stopped when dropped.
struct WorkerProcess {
    child: Child,
    port: u16,
}

impl WorkerProcess {
    fn start(options: &HashMap<String, String>) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new(option(options, "--worker")?)
            .env("FANFARE_DATABASE__URL", option(options, "--database-url")?)
            .env("FANFARE_WHATSAPP__GRAPH_URL", option(options, "--graph-url")?)
            .env("FANFARE_SECRETS__KEYS__K1", base64::engine::general_purpose::STANDARD.encode(KEY))
            .env("FANFARE_WORKER__LISTEN", format!("127.0.0.1:{port}"))
            .env("FANFARE_LOG__FILTER", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("the worker does not start")?;
        Ok(Self { child, port })
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let http = runtime::http::client()?;
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let answer = http.get(format!("http://127.0.0.1:{}/readyz", self.port)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the worker is not ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The most memory it ever held, as the kernel counts it.
    fn peak_rss_mb(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM in /proc")?;
        let kilobytes: f64 = line.split_whitespace().nth(1).context("no figure in VmHWM")?.parse()?;
        Ok(kilobytes / 1_024.0)
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
