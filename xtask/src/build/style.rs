//! The style sheet: every `@import` of `style/main.css` in one file, with the fonts it names.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::build::assets::Asset;
use crate::build::wasm::compress;
use crate::command;
use crate::fingerprint::{Fingerprint, Stamp};
use crate::progress;
use crate::tools::node::Node;
use crate::workspace::Workspace;

/// The oldest browsers that know all that the styles use (`light-dark()`, nesting, `oklch()`): nothing is rewritten
/// for them, and nothing older is promised.
pub const BROWSERS: &str = "chrome123,firefox128,safari17.5";

const FLAGS: &[&str] = &[
    "--bundle",
    "--minify",
    "--legal-comments=none",
    "--log-level=warning",
    "--asset-names=fonts/[name].[hash]",
    "--loader:.woff2=file",
];

/// Bundles the style sheet. Fonts and pictures land beside it, under hashed names that the sheet refers to.
pub fn build(workspace: &Workspace, node: &Node) -> Result<Asset> {
    let entry = workspace.path("style/main.css");
    if !entry.exists() {
        bail!("there is no style/main.css");
    }
    let folder = workspace.cache("style")?;
    let inputs = Fingerprint::default()
        .add_folder(&workspace.path("style"))?
        .add_file(&workspace.path("end2end/package-lock.json"))?
        .add("esbuild", FLAGS.join(" ").as_bytes())
        .add("browsers", BROWSERS.as_bytes());
    let output = folder.join("out");
    let stamp = Stamp::new(output.join(".stamp"), inputs.finish());
    let sheet = output.join("fanfare.css");
    if !stamp.is_current() {
        if output.exists() {
            fs::remove_dir_all(&output).with_context(|| format!("cannot clear {}", output.display()))?;
        }
        progress::step("esbuild: the style sheet", || bundle(node, &entry, &output))?;
        compress(node, &[&sheet])?;
        stamp.write()?;
    }
    Ok(Asset::new("fanfare", "css", "css", sheet).with_companions(output.join("fonts"), "fonts"))
}

fn bundle(node: &Node, entry: &Path, output: &Path) -> Result<()> {
    let mut esbuild = node.program("esbuild");
    esbuild.arg(format!("fanfare={}", entry.display()));
    esbuild.args(FLAGS).arg(format!("--target={BROWSERS}")).arg(format!("--outdir={}", output.display()));
    let output = command::output(&mut esbuild, "bundle the style sheet")?;
    // esbuild lets a misspelt property pass with a warning; a style sheet should have none.
    if !output.status.success() || !output.stderr.is_empty() {
        bail!("the style sheet has mistakes:\n{}", command::tail(&output));
    }
    Ok(())
}
