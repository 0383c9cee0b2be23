//! A process of the stack: started with a log, asked to stop, and made to if it does not.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::interrupt;
use crate::ports;
use crate::progress;

/// How long a process may take to hand over what it holds.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// How long a process may take until it serves.
const START_LIMIT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How much of the log is shown when a process dies early.
const LOG_LINES_SHOWN: usize = 15;

/// A running process. Dropping it stops it.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    /// Holds the process' number while it runs; found by the next command if this one is killed.
    record: PathBuf,
}

impl Process {
    /// Starts a program with both of its streams going to a log file. One that an earlier command left running under
    /// the same log is stopped first; the caller sees to it that no other command is still using it.
    pub fn start(name: &str, command: &mut Command, log: PathBuf) -> Result<Self> {
        let record = log.with_extension("pid");
        stop_left_over(name, &record, Path::new(command.get_program()));
        let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let errors = output.try_clone().context("cannot share a log file")?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        // A group of its own, so that Ctrl-C reaches us alone and the stack is taken down in order.
        command.process_group(0);
        let child = command.spawn().with_context(|| format!("{name} does not start"))?;
        fs::write(&record, child.id().to_string())
            .with_context(|| format!("cannot write {}", record.display()))?;
        Ok(Self { name: name.to_owned(), child, log, record })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until `GET path` answers 200.
    pub fn wait_until_ready(&mut self, port: u16, path: &str) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            self.demand_alive()?;
            if ports::http_status(port, path) == Some(200) {
                return Ok(());
            }
            interrupt::pause(POLL_INTERVAL)?;
        }
        bail!(
            "{} does not answer 200 on port {port}{path}; its log, {}, ends with\n{}",
            self.name,
            self.log.display(),
            self.log_end()
        )
    }

    /// Fails with the end of the log if the process is gone.
    pub fn demand_alive(&mut self) -> Result<()> {
        match self.ended()? {
            None => Ok(()),
            Some(status) => {
                bail!(
                    "{} ended with {status}; its log, {}, ends with\n{}",
                    self.name,
                    self.log.display(),
                    self.log_end()
                )
            }
        }
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("cannot look after {}", self.name))
    }

    /// Asks the process to stop, and after a while makes it.
    pub fn stop(&mut self) -> Result<()> {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else {
            return Ok(());
        };
        if self.ended()?.is_some() {
            return Ok(());
        }
        // It may end between the question and the signal, and then there is nothing left to signal.
        let _ = kill_process(pid, Signal::TERM);
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if self.ended()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        progress::note(&format!(
            "{} did not stop within {}; killed",
            self.name,
            progress::seconds(STOP_LIMIT)
        ));
        self.child.kill().with_context(|| format!("cannot kill {}", self.name))?;
        self.child.wait().with_context(|| format!("cannot bury {}", self.name)).map(drop)
    }

    fn log_end(&self) -> String {
        last_lines(&self.log, LOG_LINES_SHOWN)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            progress::note(&format!("{error:#}"));
        }
        // If it stays, the next command finds a number that is nobody's, or somebody else's, and leaves it alone.
        let _ = fs::remove_file(&self.record);
    }
}

/// Stops what a killed command left running, if the recorded number still belongs to that very program.
fn stop_left_over(name: &str, record: &Path, program: &Path) {
    let Some(pid) = fs::read_to_string(record).ok().and_then(|text| Pid::from_raw(text.trim().parse().ok()?))
    else {
        return;
    };
    // A program that was built again since is shown with a remark behind its path.
    let link = format!("/proc/{}/exe", pid.as_raw_nonzero());
    let runs = || {
        fs::read_link(&link).is_ok_and(|path| path.to_string_lossy().starts_with(&*program.to_string_lossy()))
    };
    if !runs() {
        return;
    }
    progress::note(&format!("stopping the {name} that an earlier run left behind"));
    // It may end by itself at any moment, which is all we want of it.
    let _ = kill_process(pid, Signal::TERM);
    let deadline = Instant::now() + STOP_LIMIT;
    while Instant::now() < deadline && runs() {
        std::thread::sleep(POLL_INTERVAL);
    }
    if runs() {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// The end of a text file.
pub fn last_lines(path: &Path, count: usize) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
