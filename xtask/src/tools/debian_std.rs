//! The WASM target out of Debian's packages: Debian's compiler, and the standard library built from Debian's source.
//!
//! Compiler and source must be of one version, so rustup's compiler is of no use here. Nothing but the packages
//! themselves is written outside the target folder: the library goes into a sysroot of our own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::progress;
use crate::tools::apt;
use crate::tools::wasm_target::{TARGET, WasmCargo, compiles};
use crate::workspace::Workspace;

/// Debian's compiler, whatever the PATH says.
pub const RUSTC: &str = "/usr/bin/rustc";
/// Debian's cargo.
pub const CARGO: &str = "/usr/bin/cargo";

/// Older Debian releases carry a current compiler under these names, for the sake of the browsers they ship.
const PACKAGES_WEB: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];
/// Later releases; the standard library for the browser is a package there.
const PACKAGES: &[&str] = &["rustc", "cargo", "rust-src", "lld", "libstd-rust-dev-wasm32"];

/// Installs what is missing, builds what is not packaged, and checks the outcome.
pub fn ensure(workspace: &Workspace) -> Result<WasmCargo> {
    if !Path::new(RUSTC).exists() || !Path::new(CARGO).exists() || source().is_err() {
        apt::refresh();
        let packages = if apt::knows(PACKAGES_WEB[0]) { PACKAGES_WEB } else { PACKAGES };
        apt::install(packages, "compile for the browser")?;
    }
    demand_version(workspace)?;
    if compiles(workspace, Path::new(RUSTC), None)? {
        return Ok(WasmCargo::Debian { sysroot: None });
    }
    let sysroot = workspace.cache("wasm-sysroot")?.join(release()?);
    if !compiles(workspace, Path::new(RUSTC), Some(&sysroot))? {
        progress::step("build the standard library for the browser from Debian's source", || {
            build_library(workspace, &sysroot)
        })?;
        if !compiles(workspace, Path::new(RUSTC), Some(&sysroot))? {
            bail!(
                "Debian's compiler does not compile for {TARGET} even with the library built from its source"
            );
        }
    }
    Ok(WasmCargo::Debian { sysroot: Some(sysroot) })
}

/// Refuses a compiler older than the workspace asks for, before cargo does so in a hundred lines.
fn demand_version(workspace: &Workspace) -> Result<()> {
    let manifest = fs::read_to_string(workspace.path("Cargo.toml")).context("cannot read Cargo.toml")?;
    let wanted = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .map(|value| value.trim_matches(['"', ' ']).to_owned())
        .context("Cargo.toml names no rust-version")?;
    let found = release()?;
    if numbers(&found) < numbers(&wanted) {
        bail!(
            "Debian's compiler is {found}, and {wanted} is needed; with rustup, run: rustup target add {TARGET}"
        );
    }
    Ok(())
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

fn release() -> Result<String> {
    let text = command::capture(Command::new(RUSTC).arg("-vV"), "ask Debian's compiler for its version")?;
    let release = text.lines().find_map(|line| line.strip_prefix("release: "));
    Ok(release.context("Debian's compiler names no release")?.to_owned())
}

/// The library's source, as the package installs it.
fn source() -> Result<PathBuf> {
    let name = format!("rustc-{}", release()?);
    let folder = Path::new("/usr/src").join(name).join("library");
    if folder.join("sysroot/Cargo.toml").exists() {
        return Ok(folder);
    }
    bail!("the source of Debian's standard library is not at {}", folder.display());
}

fn build_library(workspace: &Workspace, sysroot: &Path) -> Result<()> {
    let scratch = workspace.cache("wasm-std")?;
    let copy = scratch.join("library");
    if copy.exists() {
        fs::remove_dir_all(&copy).with_context(|| format!("cannot clear {}", copy.display()))?;
    }
    command::capture(
        Command::new("cp").arg("-r").arg(source()?).arg(&copy),
        "copy the standard library's source",
    )?;
    let output = scratch.join("target");
    let vendored = format!("source.vendored.directory={:?}", copy.join("vendor").display().to_string());
    command::capture(
        Command::new(CARGO)
            .args([
                "build",
                "--release",
                "--locked",
                "--offline",
                "--target",
                TARGET,
                "--manifest-path",
                "sysroot/Cargo.toml",
            ])
            // The package carries the library's dependencies, but not those of its own tests.
            .args([
                "-Zavoid-dev-deps",
                "--config",
                "source.crates-io.replace-with=\"vendored\"",
                "--config",
                &vendored,
            ])
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", &output)
            .env("RUSTC", RUSTC)
            // The library uses unstable features, and marks itself so that it may.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes")
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        "build the standard library for the browser",
    )?;
    install_library(&output.join(TARGET).join("release/deps"), sysroot)
}

/// Lays the libraries out as a compiler expects them, by a rename, so that a half-filled sysroot is never seen.
fn install_library(built: &Path, sysroot: &Path) -> Result<()> {
    let staged = sysroot.with_extension("new");
    let libraries = staged.join("lib/rustlib").join(TARGET).join("lib");
    for stale in [staged.as_path(), sysroot] {
        if stale.exists() {
            fs::remove_dir_all(stale).with_context(|| format!("cannot clear {}", stale.display()))?;
        }
    }
    fs::create_dir_all(&libraries).with_context(|| format!("cannot make {}", libraries.display()))?;
    for entry in fs::read_dir(built).with_context(|| format!("cannot list {}", built.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libsysroot") {
            fs::copy(&path, libraries.join(&name)).with_context(|| format!("cannot copy {name}"))?;
        }
    }
    fs::rename(&staged, sysroot).with_context(|| format!("cannot put {} in place", sysroot.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(numbers("1.100.0") > numbers("1.95"));
        assert!(numbers("1.95.0") >= numbers("1.95"));
        assert!(numbers("1.85.0") < numbers("1.95"));
    }
}
