//! A browser for the journeys.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::tools::apt;
use crate::tools::find_program;

/// The path of a Chromium, installed if need be.
pub fn ensure() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    // With a font for every script, or the pictures of pages are full of boxes.
    apt::install(&["chromium", "fonts-noto-core"], "run the journeys through a browser")?;
    find().context("chromium was installed and is not on the PATH; set CHROMIUM_PATH to where it is")
}

fn find() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM_PATH") {
        return Some(PathBuf::from(path));
    }
    let usual = Path::new("/usr/bin/chromium");
    if usual.exists() {
        return Some(usual.to_owned());
    }
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find_program)
}
