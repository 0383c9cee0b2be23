//! `cargo xtask dev`: the product from source, built and started again whenever a source changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::arguments::Arguments;
use crate::build::{self, Built, Profile, native};
use crate::cluster::Purpose;
use crate::database::Databases;
use crate::fingerprint::files;
use crate::interrupt;
use crate::prepare;
use crate::progress;
use crate::stack::{Settings, Stack};
use crate::tools::node::Node;
use crate::workspace::Workspace;

const DATABASE: &str = "fanfare_dev";
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Where a change means another build.
const SOURCES: &[&str] =
    &["app", "frontend", "server", "worker", "crates", "style", "migrations", "Cargo.toml", "Cargo.lock"];
/// Where a change also means other queries.
const QUERY_SOURCES: &[&str] = &["crates/storage", "migrations"];

type Times = BTreeMap<PathBuf, SystemTime>;

pub fn run(workspace: &Workspace, arguments: Arguments) -> Result<ExitCode> {
    arguments.finish()?;
    let node = Node::ensure(workspace)?;
    let databases = Databases::provide(workspace, Purpose::Dev)?;
    let mut queries_seen = Times::new();
    while !interrupt::requested() {
        let seen = times(workspace, SOURCES)?;
        let queries = times(workspace, QUERY_SOURCES)?;
        let stack = round(workspace, &node, &databases, queries != queries_seen);
        let mut stack = match stack {
            Ok(stack) => {
                queries_seen = queries;
                progress::heading(&format!("Fanfare is up: {}", stack.url()));
                Some(stack)
            }
            Err(error) if interrupt::requested() => return Err(error),
            Err(error) => {
                progress::note(&format!("{error:#}"));
                None
            }
        };
        progress::note("watching the sources; stop with Ctrl-C");
        wait_for_change(workspace, &seen, stack.as_mut())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One build and one start.
fn round(workspace: &Workspace, node: &Node, databases: &Databases, queries_changed: bool) -> Result<Stack> {
    if queries_changed {
        prepare::write(workspace, node, databases)?;
    }
    let programs = native::build(workspace, Profile::Dev)?;
    let site = build::site(workspace, node, Profile::Dev)?;
    let database_url = databases.lasting(node, DATABASE)?;
    Stack::start(workspace, &Settings { name: "dev", built: &Built { programs, site }, database_url })
}

/// Returns when a source is not what it was, or when the user asks to stop.
fn wait_for_change(workspace: &Workspace, seen: &Times, mut stack: Option<&mut Stack>) -> Result<()> {
    let mut healthy = true;
    while !interrupt::requested() {
        let now = times(workspace, SOURCES)?;
        if let Some(changed) = first_difference(seen, &now) {
            progress::note(&format!(
                "{} changed",
                changed.strip_prefix(&workspace.root).unwrap_or(changed).display()
            ));
            return Ok(());
        }
        if healthy && let Some(Err(error)) = stack.as_mut().map(|stack| stack.demand_alive()) {
            progress::note(&format!("{error:#}"));
            healthy = false;
        }
        std::thread::sleep(LOOK_INTERVAL);
    }
    Ok(())
}

fn first_difference<'a>(before: &'a Times, after: &'a Times) -> Option<&'a Path> {
    let appeared = after.iter().find(|(path, time)| before.get(*path) != Some(*time));
    let vanished = || before.iter().find(|(path, _)| !after.contains_key(*path));
    appeared.or_else(vanished).map(|(path, _)| path.as_path())
}

/// When each file was last written.
fn times(workspace: &Workspace, places: &[&str]) -> Result<Times> {
    let mut times = Times::new();
    for place in places {
        let place = workspace.path(place);
        let found = if place.is_dir() { files(&place)? } else { vec![place] };
        for path in found {
            if let Ok(time) = path.metadata().and_then(|metadata| metadata.modified()) {
                times.insert(path, time);
            }
        }
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_seen() {
        let (early, late) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        let before: Times = [(PathBuf::from("a"), early), (PathBuf::from("b"), early)].into();
        assert_eq!(first_difference(&before, &before.clone()), None);
        let written: Times = [(PathBuf::from("a"), early), (PathBuf::from("b"), late)].into();
        assert_eq!(first_difference(&before, &written), Some(Path::new("b")));
        let removed: Times = [(PathBuf::from("b"), early)].into();
        assert_eq!(first_difference(&before, &removed), Some(Path::new("a")));
        assert_eq!(first_difference(&removed, &before), Some(Path::new("a")));
    }
}
