//! A Postgres of our own, to be stopped and started under a running campaign.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

/// A private cluster; stopped and removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes and starts a cluster with durable settings and an empty database. Blocks while Postgres comes up.
    ///
    /// # Errors
    ///
    /// If there are no Postgres programs, or they fail.
    pub fn start() -> Result<Self> {
        let binaries = binaries()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("fanfare-cluster-{}-{port}", std::process::id()));
        fs::create_dir(&folder)?;
        if is_root()? {
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let cluster = Self { binaries, folder, port };
        let data = cluster.folder.join("data");
        run(cluster.command("initdb").args(["-U", "fanfare", "-A", "trust", "-D"]).arg(&data))?;
        cluster.control("start")?;
        Ok(cluster)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("postgres://fanfare@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops it at once, as a crash of the machine would, and starts it again. Blocks meanwhile.
    ///
    /// # Errors
    ///
    /// If Postgres does not come back.
    pub fn crash_and_restart(&self) -> Result<()> {
        self.control("stop")?;
        self.control("start")
    }

    fn control(&self, what: &str) -> Result<()> {
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -k {}", self.port, self.folder.display());
        let mut command = self.command("pg_ctl");
        command.args([what, "-w", "-m", "immediate", "-D"]).arg(self.folder.join("data"));
        if what == "start" {
            command.args(["-o", &options, "-l"]).arg(self.folder.join("log"));
        }
        run(&mut command).map(drop)
    }

    /// Postgres refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        if matches!(is_root(), Ok(true)) {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command.current_dir("/");
            command
        } else {
            Command::new(program)
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Nothing that could be done about it here.
        let _ = self.control("stop");
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> Result<bool> {
    Ok(run(Command::new("id").arg("-u"))?.stdout.starts_with(b"0\n"))
}

fn run(command: &mut Command) -> Result<Output> {
    // A daemon started by `pg_ctl` keeps inherited pipes open, and reading them would wait for it.
    let log = std::env::temp_dir().join(format!(
        "fanfare-cluster-{}-{:?}.out",
        std::process::id(),
        std::thread::current().id()
    ));
    let output = fs::File::create(&log)?;
    let status = command
        .stdout(output.try_clone()?)
        .stderr(output)
        .status()
        .with_context(|| format!("{command:?}"))?;
    let text = fs::read(&log)?;
    fs::remove_file(&log)?;
    ensure!(status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&text));
    Ok(Output { status, stdout: text, stderr: Vec::new() })
}

/// The newest Postgres of Debian's layout, or the one in PATH.
fn binaries() -> Result<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let path = run(Command::new("sh").args(["-c", "command -v initdb || true"]))?;
    let in_path = String::from_utf8_lossy(&path.stdout).trim().to_owned();
    let in_path = Path::new(&in_path).parent().map(Path::to_owned);
    debian
        .chain(in_path)
        .filter(|folder| folder.join("initdb").is_file())
        .max()
        .context("no initdb on this machine")
}
