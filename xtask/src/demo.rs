//! `cargo xtask demo`: from nothing to a campaign on its way.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::arguments::Arguments;
use crate::build::{self, Profile};
use crate::cluster::Purpose;
use crate::command;
use crate::database::Databases;
use crate::interrupt;
use crate::progress;
use crate::stack::{Settings, Stack};
use crate::tools::node::Node;
use crate::workspace::Workspace;

const RECIPIENTS_DEFAULT: u32 = 5_000;
const DATABASE: &str = "fanfare_demo";

/// What one would like to see.
pub struct Request {
    /// Stop after the campaign instead of staying up.
    pub once: bool,
    pub recipients: u32,
}

pub fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<ExitCode> {
    let request = Request {
        once: arguments.flag("--once"),
        recipients: arguments.number("--recipients")?.unwrap_or(RECIPIENTS_DEFAULT),
    };
    let profile = Profile::from_arguments(&mut arguments, Profile::Release)?;
    arguments.finish()?;
    progress::heading("Fanfare demo");
    let node = Node::ensure(workspace)?;
    let built = build::everything(workspace, profile)?;
    let databases = Databases::provide(workspace, Purpose::Demo)?;
    let database_url = databases.lasting(&node, DATABASE)?;
    show(workspace, &Settings { name: "demo", built: &built, database_url }, &request)
}

/// Brings the product up and sends the campaign; the last line on stdout is what `server demo` says about it.
pub fn show(workspace: &Workspace, settings: &Settings<'_>, request: &Request) -> Result<ExitCode> {
    let started = Instant::now();
    let mut stack = Stack::start(workspace, settings)?;
    progress::note(&format!("up after {}: {}", progress::seconds(started.elapsed()), stack.url()));

    let recipients = request.recipients.to_string();
    let sandbox_url = stack.sandbox_url();
    let mut campaign = stack.server_command();
    campaign.args(["demo", "--recipients", &recipients, "--sandbox-url", &sandbox_url]);
    if request.once {
        campaign.arg("--once");
    }
    let status = command::status(&mut campaign, "run the demo campaign")?;
    if request.once || interrupt::requested() {
        return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    if !status.success() {
        progress::note("the campaign did not add up; the product stays up so that you can look");
    }
    progress::heading("Fanfare is up");
    progress::note(&format!("product:  {}", stack.url()));
    progress::note(&format!("sandbox:  {} (the phones that received the campaign)", stack.sandbox_url()));
    progress::note(&format!("logs:     {}", workspace.logs()?.display()));
    progress::note("stop it with Ctrl-C");
    stack.look_after()?;
    Ok(ExitCode::SUCCESS)
}
