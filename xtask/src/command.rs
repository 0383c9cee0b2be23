//! Running other programs, and saying in one sentence what to do when one fails.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::interrupt;

/// How much of a failed program's output is repeated.
const TAIL_LINES_MAX: usize = 30;
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How long a child may take to end by itself once we were asked to stop.
const INTERRUPT_GRACE: Duration = Duration::from_secs(2);

/// Runs with the terminal attached.
pub fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = status(command, what)?;
    if !status.success() {
        bail!("could not {what}: `{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs with the terminal attached and gives the exit status, whatever it is.
pub fn status(command: &mut Command, what: &str) -> Result<ExitStatus> {
    without_cargo_leftovers(command);
    let mut child =
        command.spawn().with_context(|| format!("could not {what}: `{}` does not start", shown(command)))?;
    wait(&mut child).with_context(|| format!("could not {what}"))
}

/// Waits for the end. Ctrl-C reaches the child as well; one that was asked to stop otherwise is ended from here.
fn wait(child: &mut Child) -> std::io::Result<ExitStatus> {
    let mut asked = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if interrupt::requested() && asked.get_or_insert_with(Instant::now).elapsed() > INTERRUPT_GRACE {
            child.kill()?;
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Runs silently and gives what the program wrote to its output.
pub fn capture(command: &mut Command, what: &str) -> Result<String> {
    let output = output(command, what)?;
    if !output.status.success() {
        bail!("could not {what}: `{}` ended with {}\n{}", shown(command), output.status, tail(&output));
    }
    String::from_utf8(output.stdout).with_context(|| format!("could not {what}: the answer is not text"))
}

/// Runs silently and gives the whole outcome.
pub fn output(command: &mut Command, what: &str) -> Result<Output> {
    without_cargo_leftovers(command);
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not {what}: `{}` does not start", shown(command)))
}

/// Whether the program starts and succeeds; its output is of no interest.
pub fn succeeds(command: &mut Command) -> bool {
    without_cargo_leftovers(command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Like [`succeeds`], for a program that may hang.
pub fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    without_cargo_leftovers(command);
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = spawned else { return false };
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline && !interrupt::requested() {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(POLL_INTERVAL),
            Err(_) => break,
        }
    }
    // The result says all there is to say; a child that is already gone cannot be killed, and need not be.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// Runs and hands every line of both streams to `each` as well as to the terminal.
pub fn tee(command: &mut Command, what: &str, each: impl Fn(&str) + Send + Sync) -> Result<ExitStatus> {
    without_cargo_leftovers(command);
    let mut child: Child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not {what}: `{}` does not start", shown(command)))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(|| repeat(stdout, |line| println!("{line}"), &each));
        scope.spawn(|| repeat(stderr, |line| eprintln!("{line}"), &each));
        wait(&mut child).with_context(|| format!("could not {what}"))
    })
}

fn repeat(stream: Option<impl Read>, print: impl Fn(&str), each: &impl Fn(&str)) {
    let Some(stream) = stream else { return };
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        print(&line);
        each(&line);
    }
}

/// The command as one would type it, for messages.
pub fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// The last lines of a program's output.
pub fn tail(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES_MAX)..].join("\n")
}

/// `cargo run` leaves variables of this very package behind. Build scripts watch some of them, so a nested cargo would
/// rebuild what a cargo called by hand just built.
fn without_cargo_leftovers(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "LD_LIBRARY_PATH"
        {
            command.env_remove(&name);
        }
    }
}
