//! Who may do what, as a type.
//!
//! A service function says in its signature what it needs: `&WorkspaceAccess<Send>` cannot be built without a membership
//! whose role may send, so a missing check does not compile.

use std::marker::PhantomData;

use domain::ids::{UserId, WorkspaceId};
use domain::workspace::{Permission, Role};
use storage::StorageError;

use crate::Services;

/// Needs [`Permission::Read`].
#[derive(Debug, Clone, Copy)]
pub struct Read;
/// Needs [`Permission::Send`].
#[derive(Debug, Clone, Copy)]
pub struct Send;
/// Needs [`Permission::Administer`].
#[derive(Debug, Clone, Copy)]
pub struct Administer;

/// A permission as a type.
pub trait Grant {
    /// The permission.
    const PERMISSION: Permission;
}

impl Grant for Read {
    const PERMISSION: Permission = Permission::Read;
}
impl Grant for Send {
    const PERMISSION: Permission = Permission::Send;
}
impl Grant for Administer {
    const PERMISSION: Permission = Permission::Administer;
}

/// The member's role does not allow this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the role {least_role}")]
pub struct Forbidden {
    /// The least role that may.
    pub least_role: Role,
}

/// Why somebody may not act in a workspace.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// There is no such workspace, or the person does not belong to it: which of the two is not said.
    #[error("there is no such workspace")]
    NotFound,
    /// The person belongs to it and may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A person's right to act in a workspace, by the membership as it is now.
pub async fn authorize<G: Grant>(
    services: &Services,
    user: UserId,
    workspace: WorkspaceId,
) -> Result<WorkspaceAccess<G>, AccessError> {
    let role = storage::workspaces::role_of(&mut *services.connection().await?, workspace, user).await?;
    Ok(WorkspaceAccess::check(workspace, user, role.ok_or(AccessError::NotFound)?)?)
}

/// A signed-in member's right to act in one workspace.
#[derive(Debug)]
pub struct WorkspaceAccess<G> {
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
    grant: PhantomData<G>,
}

impl<G> Clone for WorkspaceAccess<G> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<G> Copy for WorkspaceAccess<G> {}

impl<G: Grant> WorkspaceAccess<G> {
    /// Checks a membership that was just read from the database.
    pub(crate) fn check(workspace: WorkspaceId, user: UserId, role: Role) -> Result<Self, Forbidden> {
        if role.may(G::PERMISSION) {
            Ok(Self { workspace, user, role, grant: PhantomData })
        } else {
            Err(Forbidden { least_role: G::PERMISSION.least_role() })
        }
    }

    /// The same member's right to something else.
    pub fn require<H: Grant>(self) -> Result<WorkspaceAccess<H>, Forbidden> {
        WorkspaceAccess::check(self.workspace, self.user, self.role)
    }

    /// The workspace.
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// Who acts.
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The member's role.
    pub const fn role(&self) -> Role {
        self.role
    }
}
