//! Workspaces and what their members may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a member of a workspace may do. Each role may do all that the one before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads everything, changes nothing.
    Viewer,
    /// Imports contacts, writes and launches campaigns.
    Member,
    /// Connects channels and manages members.
    Admin,
    /// May also hand over or end the workspace.
    Owner,
}

impl Role {
    /// Every role, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// Whether a member of this role may do this.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }

    /// The word the database holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is not a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such role")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// What an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See what is there.
    Read,
    /// Change contacts and campaigns, launch, pause, cancel.
    Send,
    /// Connect channels, manage members and settings.
    Administer,
}

impl Permission {
    /// The least role that has it.
    pub const fn least_role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Send => Role::Member,
            Self::Administer => Role::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_exactly_this() {
        let may = |role: Role| {
            [Permission::Read, Permission::Send, Permission::Administer]
                .map(|permission| role.may(permission))
        };
        assert_eq!(may(Role::Viewer), [true, false, false]);
        assert_eq!(may(Role::Member), [true, true, false]);
        assert_eq!(may(Role::Admin), [true, true, true]);
        assert_eq!(may(Role::Owner), [true, true, true]);
    }

    #[test]
    fn a_role_survives_its_word() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }
}
