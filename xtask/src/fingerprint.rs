//! Content hashes, so that a step whose inputs are what they were is skipped.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::workspace::relative;

/// A growing hash over named pieces of content.
#[derive(Default)]
pub struct Fingerprint {
    hasher: Sha256,
}

impl Fingerprint {
    /// Adds a piece under its name; both ends are marked, so that no two lists of pieces run into each other.
    pub fn add(mut self, name: &str, content: &[u8]) -> Self {
        self.hasher.update((name.len() as u64).to_le_bytes());
        self.hasher.update(name.as_bytes());
        self.hasher.update((content.len() as u64).to_le_bytes());
        self.hasher.update(content);
        self
    }

    /// Adds a file's content under its name. Where the checkout lies makes no difference.
    pub fn add_file(self, path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(path);
        self.add_file_of(folder, path)
    }

    /// Adds every file below a folder; a folder that is not there adds nothing.
    pub fn add_folder(self, folder: &Path) -> Result<Self> {
        files(folder)?.iter().try_fold(self, |print, path| print.add_file_of(folder, path))
    }

    fn add_file_of(self, folder: &Path, path: &Path) -> Result<Self> {
        let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(self.add(&relative(folder, path), &content))
    }

    /// The hash, in hexadecimal digits.
    pub fn finish(self) -> String {
        hex::encode(self.hasher.finalize())
    }
}

/// The hash of one piece of content, short enough for a file name: 16 digits.
pub fn short_hash(content: &[u8]) -> String {
    let mut hash = hex::encode(Sha256::digest(content));
    hash.truncate(16);
    hash
}

/// Every file below a folder, sorted; none if the folder does not exist.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), found)?;
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// A file that remembers the fingerprint of what was last done with success.
pub struct Stamp {
    path: PathBuf,
    fingerprint: String,
}

impl Stamp {
    pub fn new(path: PathBuf, fingerprint: String) -> Self {
        Self { path, fingerprint }
    }

    /// Whether the last success had these very inputs.
    pub fn is_current(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|text| text == self.fingerprint)
    }

    /// Remembers a success.
    pub fn write(&self) -> Result<()> {
        fs::write(&self.path, &self.fingerprint)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_run_into_each_other() {
        let one = Fingerprint::default().add("a", b"bc").add("d", b"").finish();
        let other = Fingerprint::default().add("a", b"b").add("cd", b"").finish();
        assert_ne!(one, other);
    }

    #[test]
    fn a_short_hash_is_sixteen_digits() {
        assert_eq!(short_hash(b"fanfare").len(), 16);
        assert_ne!(short_hash(b"fanfare"), short_hash(b"fanfares"));
    }
}
