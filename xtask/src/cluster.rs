//! A Postgres of the checkout's own: found running or started, and stopped at the end.

mod place;

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::interrupt;
use crate::ports;
use crate::progress;
use crate::tools::postgres;
use crate::workspace::Workspace;
use place::Place;

/// The superuser of every private cluster. Only the loopback and the socket let it in.
const SUPERUSER: &str = "fanfare";
/// Five to a second.
const ANSWER_ATTEMPTS_MAX: u32 = 300;

/// What a cluster is for. Each has its own data, so that a test run never meets a demo.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Demo,
    Dev,
    Test,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Demo => "postgres",
            Self::Dev => "postgres-dev",
            Self::Test => "postgres-test",
        }
    }

    /// Tests make a database each and may lose them all to a power cut; everything else keeps the durable defaults.
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Test => {
                &["max_connections=300", "fsync=off", "synchronous_commit=off", "full_page_writes=off"]
            }
            Self::Demo | Self::Dev => &["max_connections=200", "shared_buffers=256MB", "max_wal_size=2GB"],
        }
    }

    /// Whether two commands with this purpose may queue up; a demo stays up for as long as one likes.
    pub fn waits(self) -> bool {
        matches!(self, Self::Test)
    }
}

/// The folder with Postgres' programs, for whoever starts a Postgres with them.
pub fn programs(workspace: &Workspace) -> Result<PathBuf> {
    postgres::ensure(&Place::find(workspace)?.base)
}

/// A running cluster. Dropping it stops it, also if it was found running: nobody else can be using it, since the purpose
/// is locked, so it is what a killed command left behind.
pub struct Cluster {
    programs: PathBuf,
    place: Place,
    data: PathBuf,
    port: u16,
}

impl Cluster {
    /// Provides the cluster for a purpose: the one that runs, or a new one. The caller holds the purpose's lock, so that
    /// nobody stops a cluster under another command's feet.
    pub fn start(workspace: &Workspace, purpose: Purpose) -> Result<Self> {
        let place = Place::find(workspace)?;
        let programs = postgres::ensure(&place.base)?;
        let home = place.base.join(purpose.folder());
        place.own_folder(&home)?;
        let data = home.join("data");
        if !data.join("PG_VERSION").exists() {
            progress::step("initdb: a private Postgres", || init(&place, &programs, &data))?;
        }
        demand_same_major(&programs, &data)?;
        if let Some(port) = running_port(&data) {
            wait_until_it_answers(port)?;
            return Ok(Self { programs, place, data, port });
        }
        let port = ports::free()?;
        let socket = place.socket_folder(workspace, purpose.name())?;
        let cluster = Self { programs, place, data, port };
        progress::step(&format!("start Postgres on 127.0.0.1:{port}"), || {
            cluster.launch(purpose, &socket, &home)
        })?;
        Ok(cluster)
    }

    /// The address of a database in this cluster.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port)
    }

    /// The folder with `initdb`, `pg_ctl` and `postgres`.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    fn launch(&self, purpose: Purpose, socket: &Path, home: &Path) -> Result<()> {
        // A process that died without notice leaves this behind, and its number may be somebody else's by now.
        let stale = self.data.join("postmaster.pid");
        if stale.exists() {
            fs::remove_file(&stale).with_context(|| format!("cannot remove {}", stale.display()))?;
        }
        let mut options = format!("-p {} -k {} -c listen_addresses=127.0.0.1", self.port, socket.display());
        for setting in purpose.settings() {
            options.push_str(&format!(" -c {setting}"));
        }
        let log = home.join("postgres.log");
        self.control(&["start", "-w", "-t", "60", "-l", &log.to_string_lossy(), "-o", &options])
            .with_context(|| format!("Postgres does not start; its log is {}", log.display()))?;
        Ok(())
    }

    fn control(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.place.command(&self.programs.join("pg_ctl"));
        command.args(arguments).arg("-D").arg(&self.data);
        command::capture(&mut command, "control Postgres")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let runs = self.data.join("postmaster.pid").exists();
        if runs && let Err(error) = self.control(&["stop", "-w", "-t", "30", "-m", "fast"]) {
            progress::note(&format!("{error:#}"));
        }
    }
}

/// Under another name first: what was interrupted half way is no cluster.
fn init(place: &Place, programs: &Path, data: &Path) -> Result<()> {
    let staged = data.with_extension("new");
    if staged.exists() {
        fs::remove_dir_all(&staged).with_context(|| format!("cannot clear {}", staged.display()))?;
    }
    let mut initdb = place.command(&programs.join("initdb"));
    initdb.args(["--username", SUPERUSER, "--auth-local=trust", "--auth-host=trust", "--encoding=UTF8"]);
    // Sorting by code point is the same on every machine, and `lower()` still knows every alphabet.
    initdb.args(["--locale=C.UTF-8", "--no-instructions", "--no-sync", "--pgdata"]).arg(&staged);
    command::capture(&mut initdb, "make a private Postgres cluster")?;
    fs::rename(&staged, data).with_context(|| format!("cannot put {} in place", data.display()))
}

/// A cluster belongs to the major version that made it.
fn demand_same_major(programs: &Path, data: &Path) -> Result<()> {
    let made_by = fs::read_to_string(data.join("PG_VERSION")).context("cannot read the cluster's version")?;
    let version = command::capture(
        Command::new(programs.join("postgres")).arg("--version"),
        "ask Postgres for its version",
    )?;
    let major = version.split_whitespace().find_map(|word| word.split('.').next()?.parse::<u32>().ok());
    if major.map(|major| major.to_string()).as_deref() != Some(made_by.trim()) {
        bail!(
            "the private Postgres was made by version {}, and this machine now has {}; to begin afresh, run: rm -r {}",
            made_by.trim(),
            version.trim(),
            data.display()
        );
    }
    Ok(())
}

/// The port of the server that runs on this data, if one does.
fn running_port(data: &Path) -> Option<u16> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let process = Path::new("/proc").join(lines.next()?.trim());
    let port = lines.nth(2)?.trim().parse().ok()?;
    // The working folder of a Postgres is its data; nothing else has that one.
    let is_ours = fs::read_link(process.join("cwd")).ok()? == data.canonicalize().ok()?;
    is_ours.then_some(port)
}

/// A server found running may still be recovering from whatever ended it last time.
fn wait_until_it_answers(port: u16) -> Result<()> {
    for _ in 0..ANSWER_ATTEMPTS_MAX {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(());
        }
        interrupt::pause(Duration::from_millis(200))?;
    }
    bail!(
        "the private Postgres runs and does not answer on port {port}; its log is beside its data under .fanfare"
    );
}
