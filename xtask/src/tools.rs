//! What the machine must have, and how each piece is had where it is missing.

pub mod apt;
pub mod chromium;
pub mod debian_std;
pub mod node;
pub mod postgres;
pub mod wasm_target;

use std::path::PathBuf;

/// The first program of that name on the PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}
