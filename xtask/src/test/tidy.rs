//! What no compiler checks: sizes, names, colours, and nothing of anybody's machine in the tree.

mod colours;
mod names;
mod places;
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::progress;
use crate::workspace::Workspace;

/// A file of the tree, as text.
pub struct Source {
    /// With forward slashes, from the root.
    pub path: String,
    pub text: String,
}

impl Source {
    fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
    }
}

/// One rule: what it finds wrong with a file, a sentence each.
type Rule = fn(&Source) -> Vec<String>;

/// Every rule. One more is one more entry.
const RULES: &[Rule] = &[sizes::too_long, names::banned, colours::raw, places::machine, places::resolved];

/// Applies every rule to every file that is, or could be, committed.
pub fn check(workspace: &Workspace) -> Result<()> {
    let paths = tracked(workspace)?;
    let mut faults = Vec::new();
    for path in &paths {
        // What is no text has no lines, names or colours.
        let Ok(text) = fs::read_to_string(workspace.root.join(path)) else {
            continue;
        };
        let source = Source { path: path.to_string_lossy().into_owned(), text };
        for rule in RULES {
            faults.extend(rule(&source).into_iter().map(|fault| format!("{}: {fault}", source.path)));
        }
    }
    if !faults.is_empty() {
        bail!("{} things to tidy up:\n{}", faults.len(), faults.join("\n"));
    }
    progress::note(&format!("{} files, all tidy", paths.len()));
    Ok(())
}

fn tracked(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&workspace.root);
    let text =
        command::capture(&mut list, "list the files of the tree").context("the tidy step needs git")?;
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests;
