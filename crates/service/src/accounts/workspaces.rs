//! The workspaces of a person, and a workspace's own settings.

use domain::account::WorkspaceName;
use domain::address::country::CountryCode;
use domain::ids::UserId;
use storage::StorageError;
pub use storage::workspaces::{Membership, Progress, Workspace};

use super::User;
use crate::Services;
use crate::access::{Administer, Read, WorkspaceAccess};
use crate::time_zone::TimeZone;

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
