//! Live numbers at a real server that speaks Pusher's protocol, as somebody else's dashboard sees them.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use secrecy::SecretString;
use serde::Deserialize;
use service::Services;
use service::publishing;
use service::settings::PusherSettings;
use sqlx::PgPool;
use tests::stage::{self, plan};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{Run, processes};

const APP_ID: &str = "fanfare";
const KEY: &str = "fanfare-key";
const SECRET: &str = "fanfare-secret";
const SOON: Duration = Duration::from_secs(60);

#[derive(Debug, Deserialize)]
struct Update {
    state: String,
    audience: i32,
    pending: i32,
    sent: i32,
    failed: i32,
    skipped: i32,
    unknown: i32,
    as_of: domain::Timestamp,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pusher")
}

/// `cargo xtask test` installs the packages; without them there is nothing to talk to.
fn demand_packages() -> Result<()> {
    let is_there = folder().join("node_modules/@soketi/echo-server/dist").is_dir();
    ensure!(is_there, "run: npm ci --ignore-scripts --prefix {}", folder().display());
    Ok(())
}

/// The server; killed when dropped.
struct PusherServer {
    port: u16,
    _process: Child,
}

impl PusherServer {
    async fn start(port: u16) -> Result<Self> {
        let process = Command::new("node")
            .args(["node_modules/.bin/echo-server", "start"])
            .env("ECHO_SERVER_SOCKET_HOST", "127.0.0.1")
            .env("ECHO_SERVER_SOCKET_PORT", port.to_string())
            .env("ECHO_SERVER_APP_DEFAULT_ID", APP_ID)
            .env("ECHO_SERVER_APP_DEFAULT_KEY", KEY)
            .env("ECHO_SERVER_APP_DEFAULT_SECRET", SECRET)
            .current_dir(folder())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("node does not start")?;
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        tokio::time::timeout(SOON, async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                looks.tick().await;
            }
        })
        .await?;
        Ok(Self { port, _process: process })
    }
}

/// A subscriber with the app's secret; ended when dropped.
struct Dashboard {
    events: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Dashboard {
    async fn subscribe(server: &PusherServer, channel: &str) -> Result<Self> {
        let mut process = Command::new("node")
            .args(["dashboard.mjs", &server.port.to_string(), KEY, SECRET, channel, publishing::EVENT])
            .current_dir(folder())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut events = BufReader::new(process.stdout.take().context("it prints")?).lines();
        let joined = tokio::time::timeout(SOON, events.next_line()).await??.context("it ended")?;
        ensure!(joined.contains(channel), "not subscribed: {joined}");
        Ok(Self { events, _process: process })
    }

    /// Every event until the campaign has ended and everybody was sent to.
    async fn until_finished(&mut self) -> Result<Vec<Update>> {
        let mut updates: Vec<Update> = Vec::new();
        while updates.last().is_none_or(|update| update.state != "finished") {
            let line = tokio::time::timeout(SOON, self.events.next_line()).await??.context("it ended")?;
            updates.push(serde_json::from_str(&line).with_context(|| line.clone())?);
        }
        Ok(updates)
    }
}

async fn publishing_services(run: &Run, port: u16) -> Result<Services> {
    let mut services = stage::services(&run.database_url, run.sandbox.base_url(), 12).await?;
    let settings = Arc::get_mut(&mut services.settings).context("nobody else has these settings yet")?;
    settings.pusher = Some(PusherSettings {
        url: format!("http://127.0.0.1:{port}"),
        app_id: APP_ID.to_owned(),
        key: KEY.to_owned(),
        secret: SecretString::from(SECRET),
    });
    Ok(services)
}

/// Passes connections on, one after the other, until one fails.
async fn open_way(from: u16, to: u16) -> anyhow::Error {
    let pass_on = async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", from)).await?;
        loop {
            let (mut near, _) = listener.accept().await?;
            let mut far = tokio::net::TcpStream::connect(("127.0.0.1", to)).await?;
            tokio::io::copy_bidirectional(&mut near, &mut far).await?;
        }
    };
    let ended: std::io::Result<std::convert::Infallible> = pass_on.await;
    match ended {
        Ok(never) => match never {},
        Err(error) => error.into(),
    }
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn another_dashboard_sees_the_campaign_to_its_end(pool: PgPool) -> Result<()> {
    demand_packages()?;
    let run = Run::with_people(&pool, 300, plan(200, 20)).await?;
    let server = PusherServer::start(free_port()?).await?;
    let campaign = run.stage.draft().await?;
    let mut dashboard = Dashboard::subscribe(&server, &publishing::campaign_channel(campaign)).await?;
    run.stage.launch(campaign).await?;
    let services = publishing_services(&run, server.port).await?;
    let working = worker::run(services, processes::quick(), run.stop.clone());
    let updates = tokio::select! {
        () = working => anyhow::bail!("the worker ended"),
        updates = dashboard.until_finished() => updates?,
    };
    let last = updates.last().context("something was published")?;
    assert_eq!((last.audience, last.sent, last.pending), (300, 300, 0));
    assert!(updates.len() >= 3, "the way there was published too: {updates:?}");
    for update in &updates {
        let sum = update.pending + update.sent + update.failed + update.skipped + update.unknown;
        assert_eq!(sum, update.audience, "{update:?}");
    }
    for (one, next) in updates.iter().zip(updates.iter().skip(1)) {
        let apart = (next.as_of - one.as_of).num_milliseconds();
        assert!(apart >= 240, "two updates {apart} ms apart");
    }
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_happened_while_pusher_was_away_is_told_afterwards(pool: PgPool) -> Result<()> {
    demand_packages()?;
    let run = Run::with_people(&pool, 40, plan(200, 20)).await?;
    let server = PusherServer::start(free_port()?).await?;
    let channel = publishing::workspace_channel(run.stage.workspace);
    let mut dashboard = Dashboard::subscribe(&server, &channel).await?;
    // The way from the worker to the server; nobody is there until it is opened.
    let way = free_port()?;
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let services = publishing_services(&run, way).await?;
    let working = worker::run(services, processes::quick(), run.stop.clone());
    let told = async {
        run.stage.until(campaign, SOON, |row| row.state == "finished").await?;
        tokio::select! {
            ended = open_way(way, server.port) => Err(ended),
            updates = dashboard.until_finished() => updates,
        }
    };
    let updates = tokio::select! {
        () = working => anyhow::bail!("the worker ended"),
        updates = told => updates?,
    };
    assert_eq!(updates.last().map(|update| update.sent), Some(40));
    run.end().await;
    Ok(())
}
