//! `cargo xtask test`: everything that must hold before a change lands, cheapest first.

pub mod count;
mod imports;
mod steps;
mod tidy;

use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::arguments::Arguments;
use crate::build::{self, Built, Profile};
use crate::cluster::Purpose;
use crate::database::Databases;
use crate::interrupt;
use crate::progress;
use crate::tools::node::Node;
use crate::workspace::Workspace;
use count::Count;

/// One thing that must hold.
struct Step {
    name: &'static str,
    /// Gives what was counted; a step that counts nothing is one test by itself.
    run: fn(&mut Context<'_>) -> Result<Count>,
}

/// In the order in which they run. A new one is one more entry.
const STEPS: &[Step] = &[
    Step { name: "format", run: steps::format },
    Step { name: "imports", run: steps::imports },
    Step { name: "tidy", run: steps::tidy },
    // Before whatever compiles with them: otherwise each query that changed is a page of errors.
    Step { name: "queries", run: steps::queries },
    Step { name: "lints", run: steps::lints },
    Step { name: "docs", run: steps::docs },
    Step { name: "tests", run: steps::tests },
    Step { name: "wasm", run: steps::wasm },
    Step { name: "e2e", run: steps::e2e },
    Step { name: "demo", run: steps::demo },
];

/// What steps share; each piece is provided when the first step asks for it.
struct Context<'a> {
    workspace: &'a Workspace,
    node: Option<Rc<Node>>,
    databases: Option<Rc<Databases>>,
    built: Option<Rc<Built>>,
}

impl Context<'_> {
    fn node(&mut self) -> Result<Rc<Node>> {
        if let Some(node) = &self.node {
            return Ok(Rc::clone(node));
        }
        let node = Rc::new(Node::ensure(self.workspace)?);
        self.node = Some(Rc::clone(&node));
        Ok(node)
    }

    fn databases(&mut self) -> Result<Rc<Databases>> {
        if let Some(databases) = &self.databases {
            return Ok(Rc::clone(databases));
        }
        let databases = Rc::new(Databases::provide(self.workspace, Purpose::Test)?);
        self.databases = Some(Rc::clone(&databases));
        Ok(databases)
    }

    fn built(&mut self) -> Result<Rc<Built>> {
        if let Some(built) = &self.built {
            return Ok(Rc::clone(built));
        }
        let built = Rc::new(build::everything(self.workspace, Profile::Dev)?);
        self.built = Some(Rc::clone(&built));
        Ok(built)
    }
}

/// How a step went.
struct Outcome {
    name: &'static str,
    took: Duration,
    result: Result<Count>,
}

pub fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<ExitCode> {
    let only = arguments.value("--only")?;
    let fail_fast = arguments.flag("--fail-fast");
    arguments.finish()?;
    let steps = chosen(only.as_deref())?;
    let mut context = Context { workspace, node: None, databases: None, built: None };
    let mut outcomes = Vec::new();
    for step in steps {
        progress::heading(step.name);
        let started = Instant::now();
        let result = (step.run)(&mut context);
        if interrupt::requested() {
            bail!("interrupted");
        }
        if let Err(error) = &result {
            eprintln!("  ✗ {error:#}");
        }
        let failed = result.is_err();
        outcomes.push(Outcome { name: step.name, took: started.elapsed(), result });
        if failed && fail_fast {
            break;
        }
    }
    // The cluster goes before the summary, so that the summary is last.
    drop(context);
    Ok(summarise(&outcomes))
}

fn chosen(only: Option<&str>) -> Result<Vec<&'static Step>> {
    let Some(only) = only else {
        return Ok(STEPS.iter().collect());
    };
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    let wanted: Vec<&str> = only.split(',').collect();
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(name)) {
        bail!("there is no step {unknown:?}; there are {}", names.join(", "));
    }
    Ok(STEPS.iter().filter(|step| wanted.contains(&step.name)).collect())
}

/// A table for people, and one line for whoever reads only that.
fn summarise(outcomes: &[Outcome]) -> ExitCode {
    progress::heading("summary");
    let mut total = Count::default();
    for outcome in outcomes {
        let took = progress::seconds(outcome.took);
        match &outcome.result {
            Ok(count) => {
                eprintln!("  ✓ {:<10} {:>14}   {count}", outcome.name, took);
                total = total.plus(*count);
            }
            Err(error) => {
                let text = format!("{error:#}");
                eprintln!(
                    "  ✗ {:<10} {:>14}   {}",
                    outcome.name,
                    took,
                    text.lines().next().unwrap_or_default()
                );
                total = total.plus(Count { passed: 0, failed: 1 });
            }
        }
    }
    println!("{total}");
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
