//! Invitations: a link, good once and for a week, with which a new member chooses a password.

use chrono::TimeDelta;
use domain::Timestamp;
use domain::ids::UserId;
use sha2::{Digest, Sha256};
use storage::StorageError;
use storage::users::{TokenDigest, User};

use super::password::NewPassword;
use crate::Services;

/// How long an invitation is good.
pub const VALID_FOR: TimeDelta = TimeDelta::days(7);

/// An invitation that was just made. The token is shown once and kept nowhere.
pub struct Invitation {
    /// The secret part of the link.
    pub token: String,
    /// When it runs out.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invitation(until {})", self.expires_at)
    }
}

/// Why an invitation was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// It was used, replaced by a newer one, or has run out.
    #[error("this invitation is not good any more")]
    Void,
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn digest(token: &str) -> TokenDigest {
    Sha256::digest(token.as_bytes()).into()
}

/// Makes an invitation for a person who has no password; an older one is void from then on.
pub(super) async fn issue(
    conn: &mut storage::Connection,
    user: UserId,
    now: Timestamp,
) -> Result<Invitation, StorageError> {
    let secret: [u8; 32] = rand::random();
    let token = hex::encode(secret);
    let expires_at = now + VALID_FOR;
    storage::users::put_invitation(conn, user, &digest(&token), now, expires_at).await?;
    Ok(Invitation { token, expires_at })
}

/// Whom an invitation is for, while it is good.
pub async fn find(services: &Services, token: &str) -> Result<Option<User>, StorageError> {
    let now = services.clock.now();
    storage::users::find_invited(&mut *services.connection().await?, &digest(token), now).await
}

/// Uses an invitation up: the person has this password from now on.
pub async fn accept(services: &Services, token: &str, password: NewPassword) -> Result<UserId, AcceptError> {
    if find(services, token).await?.is_none() {
        return Err(AcceptError::Void);
    }
    let hash = services.door.hasher.hash(password).await;
    let now = services.clock.now();
    let mut tx = services.begin().await?;
    let user =
        storage::users::take_invitation(&mut tx, &digest(token), now).await?.ok_or(AcceptError::Void)?;
    storage::users::set_password(&mut tx, user, &hash).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(user.id = %user, "an invitation was accepted");
    Ok(user)
}
