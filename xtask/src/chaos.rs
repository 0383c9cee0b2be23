//! `cargo xtask chaos`: a campaign while workers, server and Postgres are killed and the provider fails. The last line on
//! stdout is one JSON object; the command fails when anybody was sent to twice, lost, or left unsettled.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::arguments::Arguments;
use crate::build::{Profile, native};
use crate::workspace::Workspace;
use crate::{cluster, command, database, progress};

/// Options of the program that kills, with what each is by default.
const OPTIONS: &[(&str, &str)] = &[("--kills", "100"), ("--recipients", "50000"), ("--rate", "1000")];

pub fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<ExitCode> {
    let mut options = Vec::new();
    for (name, default) in OPTIONS {
        let value = arguments.number(name)?.map_or((*default).to_owned(), |value| value.to_string());
        options.extend([(*name).to_owned(), value]);
    }
    if let Some(seed) = arguments.number("--seed")? {
        options.extend(["--seed".to_owned(), seed.to_string()]);
    }
    let profile = Profile::from_arguments(&mut arguments, Profile::Release)?;
    arguments.finish()?;
    progress::heading("Chaos");
    let programs = native::build_some(
        workspace,
        profile,
        &[("server", "server"), ("worker", "worker"), ("tests", "chaos")],
    )?;
    let logs = workspace.logs()?.join("chaos");
    if logs.exists() {
        fs::remove_dir_all(&logs).with_context(|| format!("cannot clear {}", logs.display()))?;
    }
    progress::note(&format!("logs of what is killed: {}", logs.display()));
    let mut chaos = Command::new(programs.path("chaos"));
    chaos.args(["--server".as_ref(), programs.path("server").as_os_str()]);
    chaos.args(["--worker".as_ref(), programs.path("worker").as_os_str()]);
    chaos.args(["--logs".as_ref(), logs.as_os_str()]).args(options);
    // A Postgres of its own, durable and thrown away: nobody else's may be stopped.
    chaos.env("PATH", database::path_with(&cluster::programs(workspace)?)?);
    let status = command::status(&mut chaos, "run the campaign")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
