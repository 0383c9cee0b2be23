//! Debian's packages, when we may install them.

use std::process::Command;
use std::sync::Once;

use anyhow::{Result, bail};

use crate::command;
use crate::progress;
use crate::tools::find_program;

/// Installs packages, or says with which command the user can. `purpose` completes "… is needed to".
pub fn install(packages: &[&str], purpose: &str) -> Result<()> {
    let list = packages.join(" ");
    if find_program("apt-get").is_none() {
        bail!(
            "{list} is needed to {purpose}, and this system has no apt-get; install it with your package manager"
        );
    }
    if !rustix::process::geteuid().is_root() {
        bail!("{list} is needed to {purpose}; install it with: sudo apt-get install {list}");
    }
    refresh();
    progress::step(&format!("apt-get install {list}"), || {
        command::capture(
            apt().args(["install", "-y", "--no-install-recommends"]).args(packages),
            &format!("install what is needed to {purpose}; try: apt-get install {list}"),
        )
    })?;
    Ok(())
}

/// Whether apt knows an installable package of that name.
pub fn knows(package: &str) -> bool {
    let policy = command::capture(Command::new("apt-cache").args(["policy", package]), "ask apt");
    policy.is_ok_and(|text| text.contains("Candidate:") && !text.contains("Candidate: (none)"))
}

/// Fetches the package lists, once a run. A failure is not final: the lists on disk may do.
pub fn refresh() {
    static REFRESHED: Once = Once::new();
    REFRESHED.call_once(|| {
        let refreshed =
            progress::step("apt-get update", || command::capture(apt().arg("update"), "refresh apt's lists"));
        if let Err(error) = refreshed {
            progress::note(&format!("{error:#}"));
        }
    });
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
    command
}
