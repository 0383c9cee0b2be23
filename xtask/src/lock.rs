//! One command at a time for each purpose, in each checkout.

use std::fs::{File, TryLockError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::cluster::Purpose;
use crate::interrupt;
use crate::progress;
use crate::workspace::Workspace;

/// Held while a command uses the databases and processes of its purpose. The system lets go of it when we end, however.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock; waits for another command if that one will end by itself, and refuses if it will not.
    pub fn take(workspace: &Workspace, purpose: Purpose) -> Result<Self> {
        let name = purpose.name();
        let path = workspace.private()?.join(format!("{name}.lock"));
        let file = File::create(&path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if purpose.waits() => {
                    if !told {
                        progress::note("waiting for another xtask command in this checkout to finish");
                        told = true;
                    }
                    interrupt::pause(Duration::from_millis(500))?;
                }
                Err(TryLockError::WouldBlock) => bail!(
                    "another `cargo xtask {name}` is up in this checkout; stop it with Ctrl-C in its terminal first"
                ),
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock {}", path.display()));
                }
            }
        }
    }
}
