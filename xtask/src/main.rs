//! The commands of a developer and of a first user.
//!
//! Everything a machine may be missing is provided here, or asked for in one sentence; nothing else in the repository
//! assumes more than Rust, Node, git and a shell. A new command is one more entry in [`COMMANDS`].

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its user")]
#![expect(
    clippy::disallowed_methods,
    reason = "xtask reads DATABASE_URL, CI and the like before any configuration exists"
)]

mod arguments;
mod bench;
mod build;
mod chaos;
mod cluster;
mod command;
mod database;
mod demo;
mod dev;
mod e2e;
mod fingerprint;
mod interrupt;
mod lock;
mod ports;
mod prepare;
mod process;
mod progress;
mod stack;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::arguments::Arguments;
use crate::workspace::Workspace;

/// One command: what it is called, what it does, and the function that does it.
struct Entry {
    name: &'static str,
    usage: &'static str,
    purpose: &'static str,
    run: fn(&Workspace, Arguments) -> Result<ExitCode>,
}

const COMMANDS: &[Entry] = &[
    Entry {
        name: "demo",
        usage: "[--once] [--recipients N] [--profile dev|release]",
        purpose: "bring up the whole product with a campaign on its way; --once: run it, print JSON, stop",
        run: demo::run,
    },
    Entry {
        name: "dev",
        usage: "",
        purpose: "run the product from source and restart it when a file changes",
        run: dev::run,
    },
    Entry {
        name: "build",
        usage: "[--profile dev|release] [--site]",
        purpose: "server, worker, sandbox and the site they serve; --site: the site alone",
        run: build::run,
    },
    Entry {
        name: "test",
        usage: "[--only STEP] [--fail-fast]",
        purpose: "everything that must hold before a change lands",
        run: test::run,
    },
    Entry { name: "e2e", usage: "[FILE…]", purpose: "the journeys through a real browser", run: e2e::run },
    Entry {
        name: "bench",
        usage: "NAME",
        purpose: "one measurement; its last line is JSON",
        run: bench::run,
    },
    Entry {
        name: "chaos",
        usage: "[--kills N] [--recipients N] [--seed N] [--rate N] [--profile dev|release]",
        purpose: "a campaign while everything is killed and the provider fails; its last line is JSON",
        run: chaos::run,
    },
    Entry {
        name: "prepare",
        usage: "[--check]",
        purpose: "write .sqlx, what the SQL macros need where there is no database",
        run: prepare::run,
    },
];

fn main() -> ExitCode {
    interrupt::watch();
    match dispatch() {
        Ok(code) => code,
        Err(_) if interrupt::requested() => {
            progress::note("interrupted");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<ExitCode> {
    let mut words = std::env::args().skip(1);
    let Some(name) = words.next().filter(|name| name != "help" && name != "--help") else {
        print_usage();
        return Ok(ExitCode::SUCCESS);
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        print_usage();
        bail!("there is no command called {name:?}");
    };
    let workspace = Workspace::locate()?;
    (command.run)(&workspace, Arguments::new(words.collect()))
}

fn print_usage() {
    println!("cargo xtask COMMAND\n");
    for command in COMMANDS {
        println!("  {:<8} {}\n           {}", command.name, command.usage, command.purpose);
    }
}
