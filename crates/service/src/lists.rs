//! Lists: hand-kept sets of contacts.

use domain::contact::ListName;
use domain::ids::{ContactId, ListId};
use storage::StorageError;
pub use storage::lists::List;

use crate::Services;
use crate::access::{Read, Send, WorkspaceAccess};
use crate::clock::id_entropy;

/// Why a list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// There is no such list in this workspace.
    #[error("there is no such list")]
    NotFound,
    /// Another list has this name.
    #[error("another list has this name")]
    NameTaken,
    /// A contact that was named is not in this workspace.
    #[error("there is no such contact")]
    NoSuchContact,
    /// The database did not answer.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for ListError {
    fn from(error: StorageError) -> Self {
        match error.constraint() {
            Some(storage::lists::NAME_KEY) => Self::NameTaken,
            _ => Self::Storage(error),
        }
    }
}

/// Every list of the workspace, by name.
pub async fn all(services: &Services, access: &WorkspaceAccess<Read>) -> Result<Vec<List>, StorageError> {
    storage::lists::all(&mut *services.connection().await?, access.workspace()).await
}

/// A list.
pub async fn get(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ListId,
) -> Result<Option<List>, StorageError> {
    storage::lists::get(&mut *services.connection().await?, access.workspace(), id).await
}

/// Adds an empty list.
pub async fn create(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    name: &ListName,
) -> Result<ListId, ListError> {
    let now = services.clock.now();
    let id = ListId::mint(now, id_entropy());
    storage::lists::insert(&mut *services.connection().await?, access.workspace(), id, name, now).await?;
    Ok(id)
}

/// Renames a list.
pub async fn rename(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ListId,
    name: &ListName,
) -> Result<(), ListError> {
    let renamed =
        storage::lists::rename(&mut *services.connection().await?, access.workspace(), id, name).await?;
    if renamed { Ok(()) } else { Err(ListError::NotFound) }
}

/// Removes a list. The contacts on it stay.
pub async fn delete(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ListId,
) -> Result<(), ListError> {
    let deleted = storage::lists::delete(&mut *services.connection().await?, access.workspace(), id).await?;
    if deleted { Ok(()) } else { Err(ListError::NotFound) }
}

/// Puts contacts on a list; those already there stay. How many were added.
pub async fn add_members(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ListId,
    contacts: &[ContactId],
) -> Result<u64, ListError> {
    let mut conn = services.connection().await?;
    if storage::lists::get(&mut conn, access.workspace(), id).await?.is_none() {
        return Err(ListError::NotFound);
    }
    let now = services.clock.now();
    match storage::lists::add_members(&mut conn, access.workspace(), id, contacts, now).await {
        Err(error) if error.constraint().is_some() => Err(ListError::NoSuchContact),
        other => Ok(other?),
    }
}

/// Takes contacts off a list. How many were on it.
pub async fn remove_members(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ListId,
    contacts: &[ContactId],
) -> Result<u64, ListError> {
    let mut conn = services.connection().await?;
    if storage::lists::get(&mut conn, access.workspace(), id).await?.is_none() {
        return Err(ListError::NotFound);
    }
    Ok(storage::lists::remove_members(&mut conn, access.workspace(), id, contacts).await?)
}
