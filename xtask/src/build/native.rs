//! The programs that run on the machine itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::build::Profile;
use crate::command;
use crate::progress;
use crate::workspace::Workspace;

/// The programs, in the order in which they are started.
const PROGRAMS: &[&str] = &["sandbox", "server", "worker"];

/// Where the programs of one profile are.
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

pub fn build(workspace: &Workspace, profile: Profile) -> Result<Programs> {
    let programs: Vec<(&str, &str)> = PROGRAMS.iter().map(|name| (*name, *name)).collect();
    build_some(workspace, profile, &programs)
}

/// Builds only these, each given as package and program.
pub fn build_some(workspace: &Workspace, profile: Profile, programs: &[(&str, &str)]) -> Result<Programs> {
    let (name, folder) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Release => ("release", "release"),
    };
    let list: Vec<&str> = programs.iter().map(|(_, program)| *program).collect();
    progress::step(&format!("cargo build, profile {name}: {}", list.join(", ")), || {
        let mut build = cargo(workspace, "build");
        build.args(["--profile", name]);
        for (package, program) in programs {
            build.args(["--package", package, "--bin", program]);
        }
        command::run(&mut build, "build the programs")
    })?;
    Ok(Programs { folder: workspace.target.join(folder) })
}

/// A cargo command as every build of ours is made: queries checked against `.sqlx`, never against a chance database.
pub fn cargo(workspace: &Workspace, verb: &str) -> Command {
    let mut command = Command::new("cargo");
    command.arg(verb).current_dir(&workspace.root).env("SQLX_OFFLINE", "true");
    command
}
