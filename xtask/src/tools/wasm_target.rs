//! A cargo that can compile for the browser.
//!
//! Three ways, tried in order; the first that compiles a trivial crate is taken: the target is installed, rustup can
//! add it, or Debian's compiler with the standard library built from Debian's source. `XTASK_WASM_TARGET` set to
//! `installed`, `rustup` or `debian` forces one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::progress;
use crate::tools::debian_std;
use crate::tools::find_program;
use crate::workspace::Workspace;

/// The target of everything that runs in a browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// rustup may hang where its server cannot be reached.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// Uses the standard library, so that a compiler without one for the target fails here and not half way.
const PROBE: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn probe(count: u32) -> u32 {
    vec![count; count as usize].iter().sum()
}
"#;

/// How cargo is called for the browser's crates.
pub enum WasmCargo {
    /// The cargo that everything else is built with.
    Ordinary,
    /// Debian's cargo and compiler, with the standard library in a folder of ours if the package has none.
    Debian { sysroot: Option<PathBuf> },
}

impl WasmCargo {
    /// Finds or provides one.
    pub fn ensure(workspace: &Workspace) -> Result<Self> {
        let forced = std::env::var("XTASK_WASM_TARGET").ok();
        match forced.as_deref() {
            None | Some("") => Self::first_that_works(workspace),
            Some("installed") => installed(workspace),
            Some("rustup") => added_by_rustup(workspace),
            Some("debian") => debian_std::ensure(workspace),
            Some(other) => bail!("XTASK_WASM_TARGET is {other:?}; it may be installed, rustup or debian"),
        }
    }

    fn first_that_works(workspace: &Workspace) -> Result<Self> {
        if let Ok(cargo) = installed(workspace) {
            return Ok(cargo);
        }
        if let Ok(cargo) = added_by_rustup(workspace) {
            return Ok(cargo);
        }
        progress::note("rustup cannot add the WASM target here; building it from Debian's packages instead");
        debian_std::ensure(workspace).map_err(|error| {
            error.context(format!(
                "no compiler for {TARGET}; with network access to rustup's server, run: rustup target add {TARGET}"
            ))
        })
    }

    /// A cargo command for the browser's target; the caller adds the packages.
    pub fn command(&self, verb: &str) -> Command {
        let mut command = match self {
            Self::Ordinary => Command::new("cargo"),
            Self::Debian { sysroot } => {
                let mut command = Command::new(debian_std::CARGO);
                // Else Debian's cargo would call the compiler that rustup puts first on the PATH.
                command.env("RUSTC", debian_std::RUSTC).env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
                if let Some(sysroot) = sysroot {
                    // For the target only: build scripts and macros go on using the compiler's own library.
                    let flags = format!("--sysroot {}", sysroot.display());
                    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
                }
                command
            }
        };
        command.args([verb, "--target", TARGET]);
        command
    }

    /// Whether clippy comes with this cargo.
    pub fn has_clippy(&self) -> bool {
        matches!(self, Self::Ordinary)
    }
}

fn installed(workspace: &Workspace) -> Result<WasmCargo> {
    if compiles(workspace, Path::new("rustc"), None)? {
        return Ok(WasmCargo::Ordinary);
    }
    bail!("the compiler has no {TARGET}; run: rustup target add {TARGET}");
}

fn added_by_rustup(workspace: &Workspace) -> Result<WasmCargo> {
    if find_program("rustup").is_none() {
        bail!("there is no rustup on the PATH");
    }
    progress::step("rustup target add wasm32-unknown-unknown", || {
        if !command::succeeds_within(Command::new("rustup").args(["target", "add", TARGET]), RUSTUP_LIMIT) {
            bail!("rustup could not add the target; run: rustup target add {TARGET}");
        }
        installed(workspace)
    })
}

/// Whether a compiler turns the probe into WASM.
pub fn compiles(workspace: &Workspace, rustc: &Path, sysroot: Option<&Path>) -> Result<bool> {
    let folder = workspace.cache("wasm-probe")?;
    let source = folder.join("probe.rs");
    fs::write(&source, PROBE).with_context(|| format!("cannot write {}", source.display()))?;
    let mut compile = Command::new(rustc);
    compile.args(["--edition", "2024", "--target", TARGET, "--crate-type", "cdylib", "--out-dir"]);
    compile.arg(&folder).arg(&source);
    if let Some(sysroot) = sysroot {
        compile.arg("--sysroot").arg(sysroot);
    }
    Ok(command::succeeds(&mut compile))
}
