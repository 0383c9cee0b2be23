//! Browser sessions as the server keeps them.

use domain::ids::UserId;
use sha2::{Digest, Sha256};
use storage::StorageError;
pub use storage::sessions::{SessionDigest, StoredSession};

use crate::Services;

/// Sessions and invitations removed in one go when they have ended.
const SWEEP_ROWS_MAX: i64 = 1_000;

/// What a session is kept under: a copy of the table opens no session.
pub fn digest(session_id: &str) -> SessionDigest {
    Sha256::digest(session_id.as_bytes()).into()
}

/// Adds a session. `false` if there is one with this digest already.
pub async fn create(
    services: &Services,
    digest: &SessionDigest,
    session: &StoredSession,
) -> Result<bool, StorageError> {
    storage::sessions::insert(&mut *services.connection().await?, digest, session).await
}

/// Overwrites a session unless it was ended meanwhile.
pub async fn save(
    services: &Services,
    digest: &SessionDigest,
    session: &StoredSession,
) -> Result<bool, StorageError> {
    storage::sessions::update(&mut *services.connection().await?, digest, session).await
}

/// A session that has not ended.
pub async fn load(
    services: &Services,
    digest: &SessionDigest,
) -> Result<Option<StoredSession>, StorageError> {
    storage::sessions::get(&mut *services.connection().await?, digest, services.clock.now()).await
}

/// Ends a session.
pub async fn end(services: &Services, digest: &SessionDigest) -> Result<(), StorageError> {
    storage::sessions::delete(&mut *services.connection().await?, digest).await
}

/// Ends every session of a person but this one.
pub async fn end_others(
    services: &Services,
    user: UserId,
    kept: &SessionDigest,
) -> Result<u64, StorageError> {
    storage::sessions::delete_of_user(&mut *services.connection().await?, user, Some(kept)).await
}

/// Removes sessions and invitations that have run out, a bounded number at a time. How many went.
pub async fn sweep(services: &Services) -> Result<u64, StorageError> {
    let now = services.clock.now();
    let mut conn = services.connection().await?;
    let sessions = storage::sessions::delete_expired(&mut conn, now, SWEEP_ROWS_MAX).await?;
    let invitations = storage::users::delete_expired_invitations(&mut conn, now, SWEEP_ROWS_MAX).await?;
    Ok(sessions + invitations)
}
