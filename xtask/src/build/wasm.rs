//! What runs in the browser: each module from its crate to a minified script and a small WASM file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::build::Profile;
use crate::build::assets::Asset;
use crate::build::style;
use crate::command;
use crate::fingerprint::{Fingerprint, Stamp};
use crate::progress;
use crate::tools::node::Node;
use crate::tools::wasm_target::{TARGET, WasmCargo};
use crate::workspace::Workspace;

/// A crate that becomes a script and a WASM file of the site.
struct Module {
    package: &'static str,
    /// A module whose crate is not there is left out.
    folder: &'static str,
    /// What its files are called, before the hash.
    name: &'static str,
    /// What stands before `js` and `wasm` in the hash file; Leptos looks for its own without anything.
    hash_prefix: &'static str,
    /// A script that takes the place of the generated one and imports it as `./NAME.js`: that is how a module runs in a
    /// Web Worker. Left out while it is not there.
    entry: Option<&'static str>,
}

/// Every module. One more is one more entry.
const MODULES: &[Module] = &[
    Module { package: "frontend", folder: "frontend", name: "fanfare", hash_prefix: "", entry: None },
    Module {
        package: "import-page",
        folder: "crates/import-page",
        name: "wizard",
        hash_prefix: "wizard-",
        entry: Some("frontend/js/import_page.js"),
    },
    Module {
        package: "import-wasm",
        folder: "crates/import-wasm",
        name: "import",
        hash_prefix: "import-",
        entry: Some("frontend/js/import_worker.js"),
    },
];

/// The module every page loads; the size budget is about this one.
pub const INITIAL: &str = "fanfare";

/// What the compiler is allowed to emit is what wasm-opt must be told to accept.
const WASM_OPT_FLAGS: &[&str] = &[
    "-Oz",
    // Each copy of an inlined function is compressed anew: smaller on disk, and six per cent larger on the wire.
    "--skip-pass=inlining",
    "--skip-pass=inlining-optimizing",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Builds every module that is there.
pub fn build(workspace: &Workspace, node: &Node, profile: Profile) -> Result<Vec<Asset>> {
    let cargo = WasmCargo::ensure(workspace)?;
    let mut assets = Vec::new();
    for module in modules(workspace) {
        let compiled = module.compile(workspace, &cargo, profile)?;
        assets.extend(module.finish(workspace, node, profile, &compiled)?);
    }
    Ok(assets)
}

impl Module {
    fn compile(&self, workspace: &Workspace, cargo: &WasmCargo, profile: Profile) -> Result<PathBuf> {
        let (name, folder) = match profile {
            Profile::Dev => ("dev", "debug"),
            Profile::Release => ("wasm-release", "wasm-release"),
        };
        // A folder of its own: the two builds share no artifact, and would wait for each other's lock.
        let target = wasm_target_folder(workspace);
        progress::step(&format!("cargo build for the browser: {}", self.package), || {
            let mut build = cargo.command("build");
            build.args(["--package", self.package, "--lib", "--profile", name, "--target-dir"]).arg(&target);
            command::run(build.current_dir(&workspace.root), "build what runs in the browser")
        })?;
        Ok(target.join(TARGET).join(folder).join(format!("{}.wasm", self.package.replace('-', "_"))))
    }

    /// Everything after the compiler, skipped when the compiler's output and the tools are what they were.
    fn finish(
        &self,
        workspace: &Workspace,
        node: &Node,
        profile: Profile,
        compiled: &Path,
    ) -> Result<Vec<Asset>> {
        let name = match profile {
            Profile::Dev => "wasm-dev",
            Profile::Release => "wasm-release",
        };
        let folder = workspace.cache(&format!("{name}/{}", self.name))?;
        let entry = self.entry.map(|entry| workspace.path(entry)).filter(|entry| entry.exists());
        let mut inputs = Fingerprint::default()
            .add_file(compiled)?
            .add("wasm-opt", WASM_OPT_FLAGS.join(" ").as_bytes())
            .add_file(&workspace.path("end2end/package-lock.json"))?;
        if let Some(entry) = &entry {
            inputs = inputs.add_file(entry)?;
        }
        let stamp = Stamp::new(folder.join("stamp"), inputs.finish());
        let (script, wasm) = (folder.join("out.js"), folder.join("out.wasm"));
        if !stamp.is_current() {
            self.bind(compiled, &folder)?;
            self.shrink_wasm(node, profile, &folder, &wasm)?;
            self.shrink_script(node, &folder, entry.as_deref(), &script)?;
            compress(node, &[&script, &wasm])?;
            stamp.write()?;
        }
        Ok(vec![
            Asset::new(self.name, "js", &format!("{}js", self.hash_prefix), script),
            Asset::new(self.name, "wasm", &format!("{}wasm", self.hash_prefix), wasm),
        ])
    }

    fn bind(&self, compiled: &Path, folder: &Path) -> Result<()> {
        progress::step(&format!("wasm-bindgen: {}", self.name), || {
            Bindgen::new()
                .input_path(compiled)
                .out_name(self.name)
                .web(true)?
                .typescript(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                // The page names the file, hash and all; a default path would name one that does not exist.
                .omit_default_module_path(true)
                .generate(folder)
                .context("wasm-bindgen cannot process the module; its version must be that of Cargo.lock")
        })
    }

    fn shrink_wasm(&self, node: &Node, profile: Profile, folder: &Path, output: &Path) -> Result<()> {
        let bound = folder.join(format!("{}_bg.wasm", self.name));
        if profile == Profile::Dev {
            fs::copy(&bound, output).with_context(|| format!("cannot copy {}", bound.display()))?;
            return Ok(());
        }
        progress::step(&format!("wasm-opt -Oz: {}", self.name), || {
            let mut optimise = node.program("wasm-opt");
            optimise.args(WASM_OPT_FLAGS).arg(&bound).arg("-o").arg(output);
            command::capture(&mut optimise, "shrink the WASM")
        })?;
        Ok(())
    }

    fn shrink_script(&self, node: &Node, folder: &Path, entry: Option<&Path>, output: &Path) -> Result<()> {
        let generated = folder.join(format!("{}.js", self.name));
        let source = match entry {
            None => generated,
            Some(entry) => {
                // Beside what it imports.
                let copy = folder.join("entry.js");
                fs::copy(entry, &copy).with_context(|| format!("cannot copy {}", entry.display()))?;
                copy
            }
        };
        let mut esbuild = node.program("esbuild");
        esbuild.arg(source).args([
            "--bundle",
            "--minify",
            "--format=esm",
            "--legal-comments=none",
            "--log-level=warning",
        ]);
        esbuild.arg(format!("--target={}", style::BROWSERS)).arg(format!("--outfile={}", output.display()));
        command::capture(&mut esbuild, "minify the script").map(drop)
    }
}

/// The packages that are built for the browser.
pub fn packages(workspace: &Workspace) -> impl Iterator<Item = &'static str> {
    modules(workspace).map(|module| module.package)
}

fn modules(workspace: &Workspace) -> impl Iterator<Item = &'static Module> {
    MODULES.iter().filter(|module| workspace.path(module.folder).join("Cargo.toml").exists())
}

/// The folder cargo builds the browser's crates in.
pub fn wasm_target_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("wasm")
}

/// Writes a brotli-compressed twin beside each file.
pub fn compress(node: &Node, files: &[&Path]) -> Result<()> {
    let mut script: Command = node.script("tools/compress.mjs");
    command::capture(script.args(files), "compress the site's files").map(drop)
}
