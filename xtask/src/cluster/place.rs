//! Where a private cluster lives and as whom it runs.
//!
//! Postgres refuses to run as root, and whoever it runs as must be able to reach its folder; a checkout below a home
//! that only root may enter is no place for it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::fingerprint::short_hash;
use crate::progress;
use crate::workspace::Workspace;

/// Whom Postgres runs as when we are root.
#[derive(Clone)]
pub struct Account {
    uid: u32,
    gid: u32,
}

/// A folder for clusters, and the account that owns what is in it.
pub struct Place {
    pub base: PathBuf,
    account: Option<Account>,
}

impl Place {
    /// `.fanfare` of the checkout, or a folder elsewhere if the account cannot reach it.
    pub fn find(workspace: &Workspace) -> Result<Self> {
        let private = workspace.private()?;
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { base: private, account: None });
        }
        let account = account()?;
        let inside = Self { base: private.clone(), account: Some(account.clone()) };
        if inside.reaches(&private) {
            return Ok(inside);
        }
        let base = Path::new("/var/tmp").join(format!("fanfare-{}", checkout_hash(workspace)));
        progress::note(&format!(
            "Postgres may not run as root, and its own account cannot reach {}; its data is in {}",
            private.display(),
            base.display()
        ));
        let place = Self { base, account: Some(account) };
        place.own_folder(&place.base.clone())?;
        Ok(place)
    }

    /// A short folder for Unix sockets, whose paths may have 107 bytes at most.
    pub fn socket_folder(&self, workspace: &Workspace, name: &str) -> Result<PathBuf> {
        let folder = std::env::temp_dir().join(format!("fanfare-{}-{name}", checkout_hash(workspace)));
        self.own_folder(&folder)?;
        Ok(folder)
    }

    /// Makes a folder that only the account may enter. One that is there and somebody else's is refused.
    pub fn own_folder(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let metadata =
            fs::symlink_metadata(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let me = rustix::process::geteuid().as_raw();
        let owner = self.account.as_ref().map_or(me, |account| account.uid);
        if !metadata.is_dir() || (metadata.uid() != me && metadata.uid() != owner) {
            bail!("{} belongs to somebody else; remove it, then try again", folder.display());
        }
        if let Some(account) = &self.account {
            chown(folder, Some(account.uid), Some(account.gid))
                .with_context(|| format!("cannot hand {} to Postgres' account", folder.display()))?;
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("cannot close {} to others", folder.display()))
    }

    /// A command that runs as the account.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(account) = &self.account {
            // Dropping the user id as root also drops every supplementary group.
            command.gid(account.gid).uid(account.uid);
        }
        // Our own working folder may be one that the account cannot enter.
        command.current_dir("/").env("LC_ALL", "C.UTF-8");
        command
    }

    fn reaches(&self, folder: &Path) -> bool {
        command::succeeds(self.command(Path::new("/bin/sh")).args(["-c", "cd \"$1\"", "sh"]).arg(folder))
    }
}

fn checkout_hash(workspace: &Workspace) -> String {
    short_hash(workspace.root.as_os_str().as_encoded_bytes())
}

/// The account that Debian's package made, or the one that owns nothing.
fn account() -> Result<Account> {
    let text = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    let named = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        let uid = fields.next()?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { uid, gid })
    };
    named("postgres").or_else(|| named("nobody")).context(
        "Postgres may not run as root and there is no other account for it; make one with: useradd --system postgres",
    )
}
