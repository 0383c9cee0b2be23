//! The workspaces of a person, and a workspace's own settings.

use domain::account::WorkspaceName;
use domain::address::country::CountryCode;
use domain::ids::{UserId, WorkspaceId};
use domain::workspace::Role;
use storage::StorageError;
pub use storage::workspaces::{Membership, Progress, Workspace};

use super::User;
use crate::Services;
use crate::access::{Administer, Read, WorkspaceAccess};
use crate::clock::id_entropy;
use domain::time_zone::TimeZone;

/// A person by id; `None` for an account that is gone.
pub async fn person(services: &Services, user: UserId) -> Result<Option<User>, StorageError> {
    storage::users::get(&mut *services.connection().await?, user).await
}

/// The workspaces a person belongs to, by name.
pub async fn of_user(services: &Services, user: UserId) -> Result<Vec<Membership>, StorageError> {
    storage::workspaces::of_user(&mut *services.connection().await?, user).await
}

/// The workspace.
pub async fn get(
    services: &Services,
    access: &WorkspaceAccess<Read>,
) -> Result<Option<Workspace>, StorageError> {
    storage::workspaces::get(&mut *services.connection().await?, access.workspace()).await
}

/// Which of the first steps are done.
pub async fn progress(services: &Services, access: &WorkspaceAccess<Read>) -> Result<Progress, StorageError> {
    storage::workspaces::progress(&mut *services.connection().await?, access.workspace()).await
}

/// Changes what a workspace is called, its time zone and its default country.
pub async fn update(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    name: WorkspaceName,
    time_zone: TimeZone,
    default_country: Option<CountryCode>,
) -> Result<(), StorageError> {
    let workspace =
        Workspace { id: access.workspace(), name, time_zone: time_zone.name().to_owned(), default_country };
    storage::workspaces::update(&mut *services.connection().await?, &workspace).await?;
    Ok(())
}

/// Makes another workspace and its maker the owner of it. Whoever may only read or send is in an installation as a guest
/// of those who run it, so this needs the right to administer the workspace one comes from.
pub async fn create(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    name: WorkspaceName,
    time_zone: TimeZone,
    default_country: Option<CountryCode>,
) -> Result<WorkspaceId, StorageError> {
    let now = services.clock.now();
    let id = WorkspaceId::mint(now, id_entropy());
    let workspace = Workspace { id, name, time_zone: time_zone.name().to_owned(), default_country };
    let mut tx = services.begin().await?;
    storage::workspaces::insert(&mut tx, &workspace, now).await?;
    storage::workspaces::insert_member(&mut tx, id, access.user(), Role::Owner, now).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(user.id = %access.user(), workspace.id = %id, "a workspace was made");
    Ok(id)
}
