//! The measured programs.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use tests::chaos::processes::free_port;
use tests::stage::{APP_SECRET, KEY, VERIFY_TOKEN};

use crate::options::Options;

/// A real program of ours, or a peer; stopped when dropped.
pub struct Process {
    child: Child,
    port: u16,
}

impl Process {
    /// The worker, against this Graph.
    pub async fn worker(options: &Options, graph_url: &str) -> Result<Self> {
        let port = free_port()?;
        let mut command = ours(options, "--worker", graph_url)?;
        command.env("FANFARE_WORKER__LISTEN", format!("127.0.0.1:{port}"));
        Self::start(command, port).await
    }

    /// The server, which receives webhooks.
    pub async fn server(options: &Options, graph_url: &str) -> Result<Self> {
        let port = free_port()?;
        let mut command = ours(options, "--server", graph_url)?;
        command.env("FANFARE_SERVER__LISTEN", format!("127.0.0.1:{port}"));
        Self::start(command, port).await
    }

    /// Starts a program and waits until it says that it is ready.
    pub async fn start(mut command: Command, port: u16) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child =
            command.spawn().with_context(|| format!("{} does not start", command.get_program().display()))?;
        let mut process = Self { child, port };
        process.wait_until_ready().await?;
        Ok(process)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let http = runtime::http::client()?;
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let answer = http.get(format!("http://127.0.0.1:{}/readyz", self.port)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            let ended = self.child.try_wait()?;
            ensure!(ended.is_none() && Instant::now() < deadline, "a program is not ready: {ended:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The most memory it ever held, as the kernel counts it, in megabytes.
    pub fn peak_rss_mb(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM in /proc")?;
        let kilobytes: f64 = line.split_whitespace().nth(1).context("no figure in VmHWM")?.parse()?;
        Ok((kilobytes / 1_024.0 * 10.0).round() / 10.0)
    }

    /// Asks it to stop, so that it can stop what it started, and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(asked.success(), "a program cannot be asked to stop");
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ours(options: &Options, program: &str, graph_url: &str) -> Result<Command> {
    let mut command = Command::new(options.required(program)?);
    command
        .env("FANFARE_DATABASE__URL", options.required("--database-url")?)
        .env("FANFARE_WHATSAPP__GRAPH_URL", graph_url)
        .env("FANFARE_WHATSAPP__APP_SECRET", APP_SECRET)
        .env("FANFARE_WHATSAPP__WEBHOOK_VERIFY_TOKEN", VERIFY_TOKEN)
        .env("FANFARE_SECRETS__KEYS__K1", base64::engine::general_purpose::STANDARD.encode(KEY))
        .env("FANFARE_LOG__FILTER", "warn");
    Ok(command)
}
