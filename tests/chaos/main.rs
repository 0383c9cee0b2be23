//! The side of `cargo xtask chaos` that kills.
//!
//! `chaos --server PROGRAM --worker PROGRAM --logs FOLDER [--kills N] [--recipients N] [--seed N] [--rate N]`
//!
//! Prints what happens to standard error and one JSON object, the last line on standard output. Ends with 1 when
//! anybody was sent to twice, lost or left unsettled.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use tests::chaos::processes::{Place, Programs, free_port};
use tests::chaos::{Assault, run};
use tests::stage::{APP_SECRET, KEY, VERIFY_TOKEN};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let (assault, binaries) = arguments()?;
    let result = tokio::select! {
        result = run(&assault, Arc::new(binaries)) => result?,
        // Everything that was started is stopped by being dropped.
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
    };
    #[expect(clippy::print_stdout, reason = "the result is what this program is for")]
    {
        println!("{result}");
    }
    Ok(if result["passed"] == true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn arguments() -> Result<(Assault, Binaries)> {
    let mut assault = Assault {
        kills: 100,
        recipients: 50_000,
        seed: rand::random::<u32>().into(),
        rate_per_second: 1_000,
        workers: 3,
        postgres_restarts: 0,
        pause_ms: 300..=1_500,
        finish_within: Duration::from_secs(900),
    };
    let (mut server, mut worker, mut logs) = (None, None, None);
    let mut words = std::env::args().skip(1);
    while let Some(option) = words.next() {
        let value = words.next().with_context(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--server" => server = Some(PathBuf::from(value)),
            "--worker" => worker = Some(PathBuf::from(value)),
            "--logs" => logs = Some(PathBuf::from(value)),
            "--kills" => assault.kills = value.parse()?,
            "--recipients" => assault.recipients = value.parse()?,
            "--seed" => assault.seed = value.parse()?,
            "--rate" => assault.rate_per_second = value.parse()?,
            other => bail!("{other} is not known"),
        }
    }
    assault.postgres_restarts = (assault.kills / 20).max(1);
    let binaries = Binaries {
        server: server.context("--server is missing")?,
        worker: worker.context("--worker is missing")?,
        logs: logs.context("--logs is missing")?,
    };
    fs::create_dir_all(&binaries.logs)?;
    Ok((assault, binaries))
}

/// The real programs, each with a log that goes on over its restarts.
struct Binaries {
    server: PathBuf,
    worker: PathBuf,
    logs: PathBuf,
}

impl Binaries {
    fn command(&self, program: &PathBuf, place: &Place, log: &str) -> Result<Command> {
        let log = self.log(log)?;
        let mut command = Command::new(program);
        command
            .env("FANFARE_DATABASE__URL", &place.database_url)
            .env("FANFARE_WHATSAPP__GRAPH_URL", &place.graph_url)
            .env("FANFARE_WHATSAPP__APP_SECRET", APP_SECRET)
            .env("FANFARE_WHATSAPP__WEBHOOK_VERIFY_TOKEN", VERIFY_TOKEN)
            .env("FANFARE_SECRETS__KEYS__K1", base64::engine::general_purpose::STANDARD.encode(KEY))
            .env("FANFARE_LOG__FILTER", "warn")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        Ok(command)
    }

    fn log(&self, name: &str) -> Result<File> {
        let path = self.logs.join(name);
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Programs for Binaries {
    fn worker(&self, place: &Place, number: usize) -> Result<Command> {
        let mut command = self.command(&self.worker, place, &format!("worker-{number}.log"))?;
        command.env("FANFARE_WORKER__LISTEN", format!("127.0.0.1:{}", free_port()?));
        Ok(command)
    }

    fn server(&self, place: &Place) -> Result<Command> {
        let mut command = self.command(&self.server, place, "server.log")?;
        command.env("FANFARE_SERVER__LISTEN", format!("127.0.0.1:{}", place.server_port));
        Ok(command)
    }
}
