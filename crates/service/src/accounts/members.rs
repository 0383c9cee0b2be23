//! Who belongs to a workspace.

use domain::account::PersonName;
use domain::address::EmailAddress;
use domain::ids::UserId;
use domain::workspace::Role;
use storage::StorageError;
use storage::users::User;
pub use storage::workspaces::Member;

use super::invitations::{self, Invitation};
use crate::Services;
use crate::access::{Administer, Read, WorkspaceAccess};
use crate::clock::id_entropy;

/// Why a membership was not changed.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// The person belongs to the workspace already.
    #[error("this person belongs to the workspace already")]
    AlreadyMember,
    /// The person does not belong to the workspace.
    #[error("this person does not belong to the workspace")]
    NotMember,
    /// A workspace without an owner could not be handed over or ended.
    #[error("a workspace has at least one owner")]
    LastOwner,
    /// Only an owner makes owners, and only an owner changes or removes one.
    #[error("only an owner may do this")]
    OwnersOnly,
    /// The person has a password already and needs no invitation.
    #[error("this person has joined already")]
    AlreadyJoined,
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A person to be added.
#[derive(Debug)]
pub struct NewMember {
    /// What the person is called, if the person has no account yet.
    pub name: PersonName,
    /// What the person signs in with.
    pub email: EmailAddress,
    /// What the person may do.
    pub role: Role,
}

/// The people of the workspace, by name.
pub async fn list(services: &Services, access: &WorkspaceAccess<Read>) -> Result<Vec<Member>, StorageError> {
    storage::workspaces::members(&mut *services.connection().await?, access.workspace()).await
}

/// Adds a person. Whoever has no password yet gets an invitation; whoever has an account keeps name and password.
pub async fn add(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    new: NewMember,
) -> Result<Option<Invitation>, MemberError> {
    owners_only(access, new.role)?;
    let now = services.clock.now();
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    storage::workspaces::lock_members(&mut tx, workspace).await?;
    let (user, joined) = match storage::users::credentials_by_email(&mut tx, &new.email).await? {
        Some(found) => (found.user, found.password_hash.is_some()),
        None => {
            let user = User { id: UserId::mint(now, id_entropy()), email: new.email, name: new.name };
            storage::users::insert(&mut tx, &user, None, now).await?;
            (user.id, false)
        }
    };
    if !storage::workspaces::insert_member(&mut tx, workspace, user, new.role, now).await? {
        return Err(MemberError::AlreadyMember);
    }
    let invitation = if joined { None } else { Some(invitations::issue(&mut tx, user, now).await?) };
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(workspace.id = %workspace, user.id = %user, member.role = %new.role, "a member was added");
    Ok(invitation)
}

/// Makes a new invitation for a member who has not joined; the older one is void.
pub async fn renew_invitation(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    user: UserId,
) -> Result<Invitation, MemberError> {
    let now = services.clock.now();
    let mut tx = services.begin().await?;
    storage::workspaces::lock_members(&mut tx, access.workspace()).await?;
    let role = storage::workspaces::role_of(&mut tx, access.workspace(), user)
        .await?
        .ok_or(MemberError::NotMember)?;
    owners_only(access, role)?;
    let kept = storage::users::credentials(&mut tx, user).await?;
    // A link for somebody with a password would let one workspace's admin take over an account of another.
    if kept.is_none_or(|kept| kept.password_hash.is_some()) {
        return Err(MemberError::AlreadyJoined);
    }
    let invitation = invitations::issue(&mut tx, user, now).await?;
    tx.commit().await.map_err(StorageError::from)?;
    Ok(invitation)
}

/// Changes what a member may do, from the member's next request on.
pub async fn set_role(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    user: UserId,
    role: Role,
) -> Result<(), MemberError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    let owners = storage::workspaces::lock_members(&mut tx, workspace).await?;
    let present =
        storage::workspaces::role_of(&mut tx, workspace, user).await?.ok_or(MemberError::NotMember)?;
    owners_only(access, present)?;
    owners_only(access, role)?;
    if present == Role::Owner && role != Role::Owner && owners <= 1 {
        return Err(MemberError::LastOwner);
    }
    storage::workspaces::set_role(&mut tx, workspace, user, role).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(workspace.id = %workspace, user.id = %user, member.role = %role, "a role was changed");
    Ok(())
}

/// Ends a membership, from the member's next request on. The person's account and what it did stay.
pub async fn remove(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    user: UserId,
) -> Result<(), MemberError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    let owners = storage::workspaces::lock_members(&mut tx, workspace).await?;
    let present =
        storage::workspaces::role_of(&mut tx, workspace, user).await?.ok_or(MemberError::NotMember)?;
    owners_only(access, present)?;
    if present == Role::Owner && owners <= 1 {
        return Err(MemberError::LastOwner);
    }
    storage::workspaces::delete_member(&mut tx, workspace, user).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(workspace.id = %workspace, user.id = %user, "a member was removed");
    Ok(())
}

fn owners_only(access: &WorkspaceAccess<Administer>, touched: Role) -> Result<(), MemberError> {
    if touched == Role::Owner && access.role() != Role::Owner { Err(MemberError::OwnersOnly) } else { Ok(()) }
}
