//! The first account of an installation: its owner and the first workspace.

use std::net::IpAddr;

use domain::account::{PersonName, WorkspaceName};
use domain::address::EmailAddress;
use domain::address::country::CountryCode;
use domain::ids::{UserId, WorkspaceId};
use domain::workspace::Role;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use storage::StorageError;
use storage::users::User;
use storage::workspaces::Workspace;

use super::password::NewPassword;
use super::sign_in::TooMany;
use crate::Services;
use crate::clock::id_entropy;
use domain::time_zone::TimeZone;

/// What the first account is made of.
#[derive(Debug)]
pub struct FirstRun {
    /// What the owner is called.
    pub name: PersonName,
    /// What the owner signs in with.
    pub email: EmailAddress,
    /// The owner's password.
    pub password: NewPassword,
    /// What the workspace is called.
    pub workspace_name: WorkspaceName,
    /// The zone its times are shown in.
    pub time_zone: TimeZone,
    /// Country assumed for imported numbers without `+`.
    pub default_country: Option<CountryCode>,
    /// The word from the settings, if they ask for one.
    pub setup_token: Option<SecretString>,
}

/// Why the first account was not made.
#[derive(Debug, thiserror::Error)]
pub enum FirstRunError {
    /// Somebody has an account already.
    #[error("this installation is set up already")]
    AlreadyDone,
    /// The settings ask for a word, and this is not it.
    #[error("the set-up word is not the one in the settings")]
    WrongToken,
    /// Too many attempts from one network address; wait.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whether nobody has an account yet.
pub async fn is_needed(services: &Services) -> Result<bool, StorageError> {
    Ok(!storage::users::any_exist(&mut *services.connection().await?).await?)
}

/// Whether creating the first account asks for the word in the settings.
pub fn asks_for_token(services: &Services) -> bool {
    services.settings.setup_token.is_some()
}

/// Makes the first account and its workspace, once: of two at the same moment one gets [`FirstRunError::AlreadyDone`].
pub async fn set_up(
    services: &Services,
    first: FirstRun,
    client: IpAddr,
) -> Result<(UserId, WorkspaceId), FirstRunError> {
    // The word could be guessed, and a password is hashed below.
    services.door.admit_address(client)?;
    if !token_fits(services.settings.setup_token.as_ref(), first.setup_token.as_ref()) {
        return Err(FirstRunError::WrongToken);
    }
    if !is_needed(services).await? {
        return Err(FirstRunError::AlreadyDone);
    }
    let hash = services.door.hasher.hash(first.password).await;
    let now = services.clock.now();
    let user = User { id: UserId::mint(now, id_entropy()), email: first.email, name: first.name };
    let workspace = Workspace {
        id: WorkspaceId::mint(now, id_entropy()),
        name: first.workspace_name,
        time_zone: first.time_zone.name().to_owned(),
        default_country: first.default_country,
    };
    let mut tx = services.begin().await?;
    storage::users::lock_first_run(&mut tx).await?;
    if storage::users::any_exist(&mut tx).await? {
        return Err(FirstRunError::AlreadyDone);
    }
    storage::users::insert(&mut tx, &user, Some(&hash), now).await?;
    storage::workspaces::insert(&mut tx, &workspace, now).await?;
    storage::workspaces::insert_member(&mut tx, workspace.id, user.id, Role::Owner, now).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(user.id = %user.id, workspace.id = %workspace.id, "the first account was made");
    Ok((user.id, workspace.id))
}

/// Compares digests, so that the time it takes says nothing about the word.
fn token_fits(asked: Option<&SecretString>, given: Option<&SecretString>) -> bool {
    let digest = |token: &SecretString| Sha256::digest(token.expose_secret().as_bytes());
    match (asked, given) {
        (None, _) => true,
        (Some(asked), Some(given)) => digest(asked) == digest(given),
        (Some(_), None) => false,
    }
}
