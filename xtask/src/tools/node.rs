//! Node and the pinned npm packages: wasm-opt, esbuild, the Postgres client of the tools, Playwright.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::fingerprint::{Fingerprint, Stamp};
use crate::progress;
use crate::tools::apt;
use crate::tools::find_program;
use crate::workspace::Workspace;

/// The oldest Node the pinned packages run on.
const NODE_MAJOR_MIN: u32 = 18;
/// Playwright asks for more than the build does.
pub const NODE_MAJOR_MIN_E2E: u32 = 20;

/// A Node with the packages of `end2end/package-lock.json` installed.
pub struct Node {
    folder: PathBuf,
    major: u32,
}

impl Node {
    /// Provides Node, and the packages at the versions of the lock file.
    pub fn ensure(workspace: &Workspace) -> Result<Self> {
        if find_program("node").is_none() || find_program("npm").is_none() {
            apt::install(&["nodejs", "npm"], "build the site")?;
        }
        let version = command::capture(Command::new("node").arg("--version"), "ask Node for its version")?;
        let major =
            major(&version).with_context(|| format!("node calls itself {version:?}, which is no version"))?;
        let node = Self { folder: workspace.path("end2end"), major };
        node.demand(NODE_MAJOR_MIN)?;
        node.install_packages()?;
        Ok(node)
    }

    /// Refuses a Node older than that.
    pub fn demand(&self, major_min: u32) -> Result<()> {
        if self.major < major_min {
            bail!(
                "Node {} is too old, {major_min} or newer is needed; install one from your distribution or with: \
                 npm install -g n && n {major_min}",
                self.major
            );
        }
        Ok(())
    }

    fn install_packages(&self) -> Result<()> {
        install(&self.folder, "wasm-opt, esbuild, Playwright")
    }

    /// A program one of the packages brings.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join("node_modules/.bin").join(name))
    }

    /// Node itself, in the folder where the packages are found.
    pub fn script(&self, script: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(self.folder.join(script)).current_dir(&self.folder);
        command
    }

    /// Node's own test runner.
    pub fn test_runner(&self) -> Command {
        let mut command = Command::new("node");
        command.arg("--test").current_dir(&self.folder);
        command
    }
}

/// Installs what the lock file of a folder pins, unless it is there already.
pub fn install(folder: &Path, what: &str) -> Result<()> {
    let lock = Fingerprint::default().add_file(&folder.join("package-lock.json"))?.finish();
    let stamp = Stamp::new(folder.join("node_modules/.fanfare-lock"), lock);
    if stamp.is_current() {
        return Ok(());
    }
    progress::step(&format!("npm ci: {what}"), || {
        command::capture(
            // No package needs its install script: the programs are in the packages.
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(folder),
            &format!("install the npm packages; try: npm ci --ignore-scripts --prefix {}", folder.display()),
        )
    })?;
    stamp.write()
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nodejs"), None);
    }
}
