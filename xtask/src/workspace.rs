//! Where things are: the checkout, cargo's target folder, and the private folder of the stack.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::command;

/// The checkout this command works on.
pub struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds; wherever `CARGO_TARGET_DIR` or cargo's own configuration puts it.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that its environment and configuration are honoured.
    pub fn locate() -> Result<Self> {
        let text = command::capture(
            Command::new("cargo").args(["metadata", "--no-deps", "--offline", "--format-version", "1"]),
            "ask cargo where the workspace is",
        )?;
        let metadata: Value = serde_json::from_str(&text).context("cargo metadata did not answer JSON")?;
        let path = |key: &str| -> Result<PathBuf> {
            let text = metadata[key].as_str().with_context(|| format!("cargo metadata has no {key}"))?;
            Ok(PathBuf::from(text))
        };
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")? })
    }

    /// A path below the root.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// `.fanfare`: databases, logs and secrets of the private stack. Never committed, safe to delete.
    pub fn private(&self) -> Result<PathBuf> {
        made(self.root.join(".fanfare"))
    }

    /// The logs of the processes a stack starts.
    pub fn logs(&self) -> Result<PathBuf> {
        made(self.private()?.join("logs"))
    }

    /// What xtask keeps between runs; beside cargo's own output, so that a machine that was here before reuses it.
    pub fn cache(&self, name: &str) -> Result<PathBuf> {
        made(self.target.join("fanfare").join(name))
    }
}

fn made(path: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
    Ok(path)
}

/// The path relative to `root`, with forward slashes, for messages and manifests.
pub fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
