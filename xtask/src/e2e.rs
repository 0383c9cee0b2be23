//! `cargo xtask e2e`: the journeys through a real browser, against the real product on an empty database.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::{Result, bail};

use crate::arguments::Arguments;
use crate::build::{self, Built, Profile};
use crate::cluster::Purpose;
use crate::command;
use crate::database::Databases;
use crate::fingerprint::files;
use crate::stack::{Settings, Stack};
use crate::test::count::Count;
use crate::tools::chromium;
use crate::tools::node::{NODE_MAJOR_MIN_E2E, Node};
use crate::workspace::Workspace;

const DATABASE: &str = "fanfare_e2e";

pub fn run(workspace: &Workspace, arguments: Arguments) -> Result<ExitCode> {
    let chosen = arguments.rest()?;
    let node = Node::ensure(workspace)?;
    let built = build::everything(workspace, Profile::Dev)?;
    let databases = Databases::provide(workspace, Purpose::Test)?;
    let count = journeys(workspace, &node, &built, &databases, &chosen)?;
    println!("{count}");
    Ok(ExitCode::SUCCESS)
}

/// Runs the journeys whose path contains one of the words, or all of them.
pub fn journeys(
    workspace: &Workspace,
    node: &Node,
    built: &Built,
    databases: &Databases,
    chosen: &[String],
) -> Result<Count> {
    node.demand(NODE_MAJOR_MIN_E2E)?;
    let chromium = chromium::ensure()?;
    let tests = test_files(workspace, chosen)?;
    let database_url = databases.fresh(node, DATABASE)?;
    let mut stack = Stack::start(workspace, &Settings { name: "e2e", built, database_url })?;
    let count = Mutex::new(Count::default());
    let status = command::tee(
        node.test_runner()
            // One database and one browser at a time: journeys build on what the ones before them left.
            .args(["--test-concurrency=1", "--test-reporter=spec"])
            .args(&tests)
            .env("FANFARE_E2E_BASE_URL", stack.url())
            .env("FANFARE_E2E_SANDBOX_URL", stack.sandbox_url())
            .env("FANFARE_E2E_PICTURES", workspace.private()?.join("pictures"))
            .env("CHROMIUM_PATH", chromium),
        "run the journeys",
        |line| count.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).read(line),
    )?;
    stack.demand_alive()?;
    let count = count.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !status.success() {
        bail!("{count} journeys; the logs of the processes are in {}", workspace.logs()?.display());
    }
    Ok(count)
}

fn test_files(workspace: &Workspace, chosen: &[String]) -> Result<Vec<PathBuf>> {
    let mut found = files(&workspace.path("end2end/tests"))?;
    found.retain(|path| {
        let text = path.to_string_lossy();
        text.ends_with(".test.mjs") && (chosen.is_empty() || chosen.iter().any(|word| text.contains(word)))
    });
    if found.is_empty() {
        bail!("no journey is called {}; they are end2end/tests/*.test.mjs", chosen.join(" or "));
    }
    Ok(found)
}
