//! The processes that are killed, and started again as a service manager would.

use std::net::TcpListener;
use std::process::{Child, Command};
use std::sync::Arc;

use anyhow::{Context, Result};
use rand::RngExt;
use rand::rngs::StdRng;

/// Where the processes find everything.
#[derive(Debug, Clone)]
pub struct Place {
    /// The database of all of them.
    pub database_url: String,
    /// The sandbox.
    pub graph_url: String,
    /// Where the server receives webhooks; the same after every start.
    pub server_port: u16,
}

/// How the two programs are started: the real binaries, or a test binary that runs the same code.
pub trait Programs: Send + Sync {
    /// A worker; `number` counts from 0.
    ///
    /// # Errors
    ///
    /// If it cannot be arranged.
    fn worker(&self, place: &Place, number: usize) -> Result<Command>;

    /// The server.
    ///
    /// # Errors
    ///
    /// If it cannot be arranged.
    fn server(&self, place: &Place) -> Result<Command>;
}

/// One server and some workers; killed when dropped.
pub struct Fleet {
    programs: Arc<dyn Programs>,
    place: Place,
    server: Child,
    workers: Vec<Child>,
    killed: u32,
    killed_servers: u32,
    revived: u32,
}

impl Fleet {
    /// Starts everything.
    ///
    /// # Errors
    ///
    /// If a program does not start.
    pub fn start(programs: Arc<dyn Programs>, place: Place, workers: usize) -> Result<Self> {
        let server = start(programs.server(&place)?)?;
        let workers =
            (0..workers).map(|number| start(programs.worker(&place, number)?)).collect::<Result<_>>()?;
        Ok(Self { programs, place, server, workers, killed: 0, killed_servers: 0, revived: 0 })
    }

    /// Kills one and starts it again: one time in five the server, else a worker.
    ///
    /// # Errors
    ///
    /// If it does not start again.
    pub fn kill_one(&mut self, draws: &mut StdRng) -> Result<()> {
        // What ended by itself and was not started again yet is no victim.
        self.revive()?;
        if draws.random_range(0..5) == 0 {
            kill(&mut self.server)?;
            self.server = start(self.programs.server(&self.place)?)?;
            self.killed_servers += 1;
        } else {
            let number = draws.random_range(0..self.workers.len());
            kill(&mut self.workers[number])?;
            self.workers[number] = start(self.programs.worker(&self.place, number)?)?;
        }
        self.killed += 1;
        Ok(())
    }

    /// Starts again what ended by itself, as a process does that comes up while Postgres is away.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub fn revive(&mut self) -> Result<()> {
        if self.server.try_wait()?.is_some() {
            self.server = start(self.programs.server(&self.place)?)?;
            self.revived += 1;
        }
        for number in 0..self.workers.len() {
            if self.workers[number].try_wait()?.is_some() {
                self.workers[number] = start(self.programs.worker(&self.place, number)?)?;
                self.revived += 1;
            }
        }
        Ok(())
    }

    /// How many were killed.
    pub fn killed(&self) -> u32 {
        self.killed
    }

    /// How many of them were servers.
    pub fn killed_servers(&self) -> u32 {
        self.killed_servers
    }

    /// How many ended by themselves and were started again.
    pub fn revived(&self) -> u32 {
        self.revived
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for child in self.workers.iter_mut().chain([&mut self.server]) {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn start(mut command: Command) -> Result<Child> {
    command.spawn().with_context(|| format!("{} does not start", command.get_program().display()))
}

/// SIGKILL: no handler runs, no buffer is flushed.
fn kill(child: &mut Child) -> Result<()> {
    child.kill().context("a process cannot be killed")?;
    child.wait().context("a killed process does not end")?;
    Ok(())
}

/// A port that was free a moment ago.
///
/// # Errors
///
/// If there is none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("no free port")?.local_addr()?.port())
}
