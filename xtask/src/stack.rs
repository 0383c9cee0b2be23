//! The running product: sandbox, server and worker on one database, up together and down together.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::build::Built;
use crate::command;
use crate::interrupt;
use crate::ports;
use crate::process::Process;
use crate::progress;
use crate::workspace::Workspace;

/// What the sandbox expects unless told otherwise; see `crates/sandbox`.
const SANDBOX_APP: [(&str, &str); 3] = [
    ("FANFARE_WHATSAPP__APP_ID", "1000000000000001"),
    ("FANFARE_WHATSAPP__APP_SECRET", "sandbox-app-secret"),
    ("FANFARE_WHATSAPP__WEBHOOK_VERIFY_TOKEN", "sandbox-verify-token"),
];
const LOOK_AFTER_INTERVAL: Duration = Duration::from_millis(500);

/// The ports one would like; taken ones are replaced by free ones.
const SERVER_PORT: u16 = 8080;
const SANDBOX_PORT: u16 = 9090;
const WORKER_PORT: u16 = 9101;

/// What a stack is started with.
pub struct Settings<'a> {
    /// Names the logs and the file with the secrets.
    pub name: &'a str,
    pub built: &'a Built,
    pub database_url: String,
}

/// The three processes. Dropping it stops them, the newest first.
pub struct Stack {
    processes: Vec<Process>,
    environment: Vec<(String, String)>,
    server: PathBuf,
    ports: Ports,
}

/// A process about to be started, and where it says that it serves.
struct Launch {
    name: &'static str,
    command: Command,
    port: u16,
    ready_path: &'static str,
}

struct Ports {
    server: u16,
    sandbox: u16,
    worker: u16,
}

impl Stack {
    /// Migrates the database and starts everything, each process when the one before it answers.
    pub fn start(workspace: &Workspace, settings: &Settings<'_>) -> Result<Self> {
        let ports = Ports {
            server: ports::preferred(SERVER_PORT)?,
            sandbox: ports::preferred(SANDBOX_PORT)?,
            worker: ports::preferred(WORKER_PORT)?,
        };
        if ports.server != SERVER_PORT {
            progress::note(&format!("port {SERVER_PORT} is taken; using {} instead", ports.server));
        }
        let environment = environment(workspace, settings, &ports)?;
        let server = settings.built.programs.path("server");
        let mut stack = Self { processes: Vec::new(), environment, server, ports };
        progress::step("server migrate", || {
            command::capture(stack.server_command().arg("migrate"), "migrate the database").map(drop)
        })?;
        progress::step("start sandbox, server and worker", || stack.start_processes(workspace, settings))?;
        Ok(stack)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.server)
    }

    pub fn sandbox_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.sandbox)
    }

    /// The server's program with the configuration of this stack, for its other subcommands.
    pub fn server_command(&self) -> Command {
        self.program(&self.server)
    }

    /// Returns when the user asks to stop; fails as soon as a process ends by itself.
    pub fn look_after(&mut self) -> Result<()> {
        while !interrupt::requested() {
            self.demand_alive()?;
            std::thread::sleep(LOOK_AFTER_INTERVAL);
        }
        Ok(())
    }

    /// Fails if a process has ended.
    pub fn demand_alive(&mut self) -> Result<()> {
        self.processes.iter_mut().try_for_each(Process::demand_alive)
    }

    fn start_processes(&mut self, workspace: &Workspace, settings: &Settings<'_>) -> Result<()> {
        let programs = &settings.built.programs;
        let mut sandbox = self.program(&programs.path("sandbox"));
        sandbox.args(["--listen", &format!("127.0.0.1:{}", self.ports.sandbox)]);
        sandbox.args(["--webhook-url", &format!("{}/webhooks/whatsapp", self.url())]);
        let server = self.program(&programs.path("server"));
        let worker = self.program(&programs.path("worker"));
        let launches = [
            Launch {
                name: "sandbox",
                command: sandbox,
                port: self.ports.sandbox,
                ready_path: "/_sandbox/rate",
            },
            Launch { name: "server", command: server, port: self.ports.server, ready_path: "/readyz" },
            Launch { name: "worker", command: worker, port: self.ports.worker, ready_path: "/readyz" },
        ];
        for mut launch in launches {
            let log = workspace.logs()?.join(format!("{}-{}.log", settings.name, launch.name));
            let mut process = Process::start(launch.name, &mut launch.command, log)?;
            process.wait_until_ready(launch.port, launch.ready_path)?;
            self.processes.push(process);
        }
        Ok(())
    }

    fn program(&self, path: &Path) -> Command {
        let mut command = Command::new(path);
        // Ours are for xtask itself, and a configuration with a key it does not know is refused.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("FANFARE_") && !text.contains("__") && text != "FANFARE_CONFIG" {
                command.env_remove(&name);
            }
        }
        command.envs(self.environment.iter().cloned());
        command
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if self.processes.is_empty() {
            return;
        }
        let names: Vec<&str> = self.processes.iter().rev().map(Process::name).collect();
        progress::note(&format!("stopping {}", names.join(", ")));
        while let Some(mut process) = self.processes.pop() {
            if let Err(error) = process.stop() {
                progress::note(&format!("{error:#}"));
            }
        }
    }
}

fn environment(
    workspace: &Workspace,
    settings: &Settings<'_>,
    ports: &Ports,
) -> Result<Vec<(String, String)>> {
    let mut values = secrets(&workspace.private()?.join(format!("{}.env", settings.name)))?;
    let mut set = |name: &str, value: String| values.push((name.to_owned(), value));
    set("FANFARE_DATABASE__URL", settings.database_url.clone());
    set("FANFARE_SERVER__LISTEN", format!("127.0.0.1:{}", ports.server));
    set("FANFARE_SERVER__PUBLIC_URL", format!("http://127.0.0.1:{}", ports.server));
    set("FANFARE_SERVER__SITE_ROOT", settings.built.site.display().to_string());
    set("FANFARE_WORKER__LISTEN", format!("127.0.0.1:{}", ports.worker));
    set("FANFARE_WHATSAPP__GRAPH_URL", format!("http://127.0.0.1:{}", ports.sandbox));
    for (name, value) in SANDBOX_APP {
        set(name, value.to_owned());
    }
    Ok(values)
}

/// Generated once and kept, since what is sealed with a key can only be opened with it.
fn secrets(path: &Path) -> Result<Vec<(String, String)>> {
    if !path.exists() {
        let mut key = [0; 32];
        fs::File::open("/dev/urandom")
            .and_then(|mut source| source.read_exact(&mut key))
            .context("no random bytes")?;
        let text = format!(
            "# Generated by xtask for the private stack of this checkout.\n\
             FANFARE_SECRETS__ACTIVE_KEY=k1\nFANFARE_SECRETS__KEYS__K1={}\n",
            STANDARD.encode(key)
        );
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .with_context(|| format!("cannot make {}", path.display()))?;
        file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Ok(lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn secrets_are_made_once_and_for_us_alone() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("fanfare-secrets-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let path = folder.join("demo.env");
        let first = secrets(&path)?;
        assert_eq!(first, secrets(&path)?);
        assert_eq!(first[0].1, "k1");
        assert_eq!(STANDARD.decode(&first[1].1)?.len(), 32);
        assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(&folder)?;
        Ok(())
    }
}
