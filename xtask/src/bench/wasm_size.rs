//! How much a browser fetches before the first page reacts.

use anyhow::Result;
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::build::{Profile, wasm};
use crate::progress;
use crate::tools::node::Node;
use crate::workspace::Workspace;

/// The written budget: script and WASM of the initial module, compressed.
pub const BUDGET_BYTES: u64 = 200_000;

pub fn run(workspace: &Workspace, arguments: Arguments) -> Result<Value> {
    arguments.finish()?;
    let node = Node::ensure(workspace)?;
    let size = initial_bytes(workspace, &node)?;
    Ok(json!({ "value": size, "budget": BUDGET_BYTES }))
}

/// Builds the modules and measures the one that every page loads.
pub fn initial_bytes(workspace: &Workspace, node: &Node) -> Result<u64> {
    let mut initial = 0;
    for asset in wasm::build(workspace, node, Profile::Release)? {
        let bytes = asset.compressed_bytes()?;
        progress::note(&format!("{}: {}", asset.describe(), progress::kilobytes(bytes)));
        if asset.name() == wasm::INITIAL {
            initial += bytes;
        }
    }
    Ok(initial)
}
