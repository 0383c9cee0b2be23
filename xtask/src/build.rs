//! `cargo xtask build`: the three programs, and the site that the server hands out.

pub mod assets;
pub mod native;
pub mod style;
pub mod wasm;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::arguments::Arguments;
use crate::progress;
use crate::tools::node::Node;
use crate::workspace::Workspace;
use native::Programs;

/// How hard the compilers try.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// Reads `--profile NAME` and `--release`.
    pub fn from_arguments(arguments: &mut Arguments, default: Self) -> Result<Self> {
        if arguments.flag("--release") {
            return Ok(Self::Release);
        }
        match arguments.value("--profile")?.as_deref() {
            None => Ok(default),
            Some("dev") => Ok(Self::Dev),
            Some("release") => Ok(Self::Release),
            Some(other) => bail!("--profile is dev or release, not {other:?}"),
        }
    }
}

/// What a build leaves behind.
pub struct Built {
    pub programs: Programs,
    /// The folder for `FANFARE_SERVER__SITE_ROOT`.
    pub site: PathBuf,
}

pub fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<ExitCode> {
    let profile = Profile::from_arguments(&mut arguments, Profile::Dev)?;
    let site_only = arguments.flag("--site");
    arguments.finish()?;
    if site_only {
        let folder = site(workspace, &Node::ensure(workspace)?, Profile::Release)?;
        progress::note(&format!("site:     {}", folder.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let built = everything(workspace, profile)?;
    progress::note(&format!("programs: {}", built.programs.folder().display()));
    progress::note(&format!("site:     {}", built.site.display()));
    Ok(ExitCode::SUCCESS)
}

/// Programs in the given profile, with the site as users get it.
pub fn everything(workspace: &Workspace, profile: Profile) -> Result<Built> {
    let node = Node::ensure(workspace)?;
    let programs = native::build(workspace, profile)?;
    let site = site(workspace, &node, Profile::Release)?;
    Ok(Built { programs, site })
}

/// The site alone. In the dev profile its WASM is quick to build and slow to load.
pub fn site(workspace: &Workspace, node: &Node, profile: Profile) -> Result<PathBuf> {
    let mut assets = vec![style::build(workspace, node)?];
    assets.extend(wasm::build(workspace, node, profile)?);
    assets::assemble(workspace, profile, &assets)
}
