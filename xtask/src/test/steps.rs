//! The steps of `cargo xtask test`, each on its own.

use std::process::{Command, ExitCode};
use std::sync::Mutex;

use anyhow::{Result, bail};

use crate::bench::wasm_size;
use crate::build::{native, wasm};
use crate::command;
use crate::demo;
use crate::e2e;
use crate::prepare;
use crate::progress;
use crate::stack::Settings;
use crate::test::count::Count;
use crate::test::{Context, imports, tidy};
use crate::tools::node::install;
use crate::tools::wasm_target::WasmCargo;

/// Compiled for the browser only, with features that exclude those of the server.
const BROWSER_ONLY: &[&str] = &["--exclude", "frontend", "--exclude", "import-page"];
/// Enough to see that the whole way works; the benchmark is another command.
const DEMO_RECIPIENTS: u32 = 500;
/// Where sqlx keeps track of the databases it makes for tests.
const TEST_DATABASE: &str = "fanfare_test";
const DEMO_DATABASE: &str = "fanfare_demo_test";

pub fn format(context: &mut Context<'_>) -> Result<Count> {
    let mut check = native::cargo(context.workspace, "fmt");
    command::run(
        check.args(["--all", "--check", "--", "--files-with-diff"]),
        "find every file formatted; run: cargo fmt --all",
    )?;
    Ok(Count::ONE)
}

pub fn imports(context: &mut Context<'_>) -> Result<Count> {
    imports::check(context.workspace)?;
    Ok(Count::ONE)
}

pub fn tidy(context: &mut Context<'_>) -> Result<Count> {
    tidy::check(context.workspace)?;
    Ok(Count::ONE)
}

pub fn lints(context: &mut Context<'_>) -> Result<Count> {
    let mut clippy = native::cargo(context.workspace, "clippy");
    clippy.arg("--workspace").args(BROWSER_ONLY).args(["--all-targets", "--", "-D", "warnings"]);
    command::run(&mut clippy, "find the code free of warnings")?;
    Ok(Count::ONE)
}

pub fn docs(context: &mut Context<'_>) -> Result<Count> {
    let mut document = native::cargo(context.workspace, "doc");
    document.arg("--workspace").args(BROWSER_ONLY).args(["--no-deps", "--lib", "--quiet"]);
    document.args(["--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings");
    command::run(&mut document, "find the documentation free of warnings")?;
    Ok(Count::ONE)
}

pub fn queries(context: &mut Context<'_>) -> Result<Count> {
    let (node, databases) = (context.node()?, context.databases()?);
    prepare::check(context.workspace, &node, &databases)?;
    Ok(Count::ONE)
}

pub fn tests(context: &mut Context<'_>) -> Result<Count> {
    let (node, databases) = (context.node()?, context.databases()?);
    let url = databases.lasting(&node, TEST_DATABASE)?;
    install(&context.workspace.path("tests/pusher"), "a server that speaks Pusher's protocol")?;
    let with_nextest = command::succeeds(Command::new("cargo").args(["nextest", "--version"]));
    let mut run = native::cargo(context.workspace, if with_nextest { "nextest" } else { "test" });
    if with_nextest {
        run.arg("run");
    }
    run.arg("--workspace").args(BROWSER_ONLY).arg("--no-fail-fast");
    run.env("DATABASE_URL", url);
    // The tests that stop and start a Postgres of their own look for its programs there.
    if let Some(path) = databases.path_with_programs()? {
        run.env("PATH", path);
    }
    let count = Mutex::new(Count::default());
    let status = command::tee(&mut run, "run the tests", |line| {
        count.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).read(line);
    })?;
    let count = count.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !status.success() {
        bail!("{count}");
    }
    Ok(count)
}

pub fn wasm(context: &mut Context<'_>) -> Result<Count> {
    let node = context.node()?;
    let cargo = WasmCargo::ensure(context.workspace)?;
    let mut lints = cargo.command(if cargo.has_clippy() { "clippy" } else { "check" });
    lints.args(["--package", "domain"]);
    for package in wasm::packages(context.workspace) {
        lints.args(["--package", package]);
    }
    lints.arg("--target-dir").arg(wasm::wasm_target_folder(context.workspace));
    lints.current_dir(&context.workspace.root);
    if cargo.has_clippy() {
        lints.args(["--", "-D", "warnings"]);
    }
    progress::step("lint what runs in the browser", || command::run(&mut lints, "find it free of warnings"))?;
    let bytes = wasm_size::initial_bytes(context.workspace, &node)?;
    let (size, budget) = (progress::kilobytes(bytes), progress::kilobytes(wasm_size::BUDGET_BYTES));
    if bytes > wasm_size::BUDGET_BYTES {
        bail!(
            "the first load is {size}, and {budget} is the budget; see what grew with: twiggy or wasm-opt --metrics"
        );
    }
    progress::note(&format!("first load: {size} of {budget}"));
    Ok(Count::ONE)
}

pub fn e2e(context: &mut Context<'_>) -> Result<Count> {
    let (node, databases, built) = (context.node()?, context.databases()?, context.built()?);
    e2e::journeys(context.workspace, &node, &built, &databases, &[])
}

/// The demo as a first user runs it, but for its size, its profile and its database.
pub fn demo(context: &mut Context<'_>) -> Result<Count> {
    let (node, databases, built) = (context.node()?, context.databases()?, context.built()?);
    let database_url = databases.fresh(&node, DEMO_DATABASE)?;
    let settings = Settings { name: "demo-test", built: &built, database_url };
    let request = demo::Request { once: true, recipients: DEMO_RECIPIENTS };
    if demo::show(context.workspace, &settings, &request)? != ExitCode::SUCCESS {
        bail!("the demo campaign did not add up");
    }
    Ok(Count::ONE)
}
