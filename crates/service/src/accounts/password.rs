//! Passwords: what is accepted, how it is kept, how it is changed.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::ids::UserId;
use secrecy::{ExposeSecret, SecretString};
use storage::StorageError;
use tokio::sync::Semaphore;

use crate::Services;
use crate::sessions::SessionDigest;

/// The fewest characters of a new password. Length is what resists guessing; rules about digits and signs do not.
pub const CHARS_MIN: usize = 10;
/// The most characters of a password, so that hashing one is never a burden.
pub const CHARS_MAX: usize = 256;

// The first of the settings that OWASP recommends for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;
const PRESENT_PARAMETERS: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// Hashes computed at the same time: each takes 19 MB, and more than a few only take turns on the processors.
const HASHES_AT_ONCE_MAX: usize = 4;

/// Why a password is not accepted as a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password has at least {CHARS_MIN} characters")]
    TooShort,
    /// Too long.
    #[error("a password has at most {CHARS_MAX} characters")]
    TooLong,
    /// Only one character, over and over.
    #[error("a password is not one character repeated")]
    Repetitive,
}

/// A password that somebody wants to have from now on.
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Accepts a password.
    pub fn parse(password: SecretString) -> Result<Self, PasswordError> {
        let text = password.expose_secret();
        let chars = text.chars().count();
        let first = text.chars().next();
        if chars < CHARS_MIN {
            Err(PasswordError::TooShort)
        } else if chars > CHARS_MAX {
            Err(PasswordError::TooLong)
        } else if text.chars().all(|char| Some(char) == first) {
            Err(PasswordError::Repetitive)
        } else {
            Ok(Self(password))
        }
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword")
    }
}

/// Computes hashes, a few at a time, away from the threads that answer requests.
pub(super) struct Hasher {
    turns: Arc<Semaphore>,
    /// The hash of a password nobody has: checking against it takes as long as checking a real one.
    nobody: String,
}

/// Whether a password is right.
pub(super) enum Verdict {
    Wrong,
    Right,
    /// Right, and kept with older parameters: this hash should replace it.
    RightButStale {
        renewed: String,
    },
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, ITERATIONS, LANES, None).expect("the parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> String {
    argon2()
        .hash_password(password.as_bytes())
        .expect("a salt can be drawn and the password is short")
        .to_string()
}

impl Hasher {
    pub(super) fn new() -> Self {
        let nobody: [u8; 16] = rand::random();
        Self { turns: Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)), nobody: hash(&hex::encode(nobody)) }
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let turn = Arc::clone(&self.turns).acquire_owned().await.expect("the semaphore is never closed");
        let worked = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        worked.await.expect("hashing does not panic")
    }

    pub(super) async fn hash(&self, password: NewPassword) -> String {
        self.in_turn(move || hash(password.0.expose_secret())).await
    }

    /// Checks a password against a hash. Without a hash it takes as long and is wrong.
    pub(super) async fn verify(&self, password: SecretString, kept: Option<String>) -> Verdict {
        let nobody = self.nobody.clone();
        self.in_turn(move || {
            let text = password.expose_secret();
            let against = kept.as_deref().unwrap_or(&nobody);
            let right = text.chars().count() <= CHARS_MAX
                && argon2().verify_password(text.as_bytes(), against).is_ok();
            match kept {
                Some(kept) if right && kept.starts_with(PRESENT_PARAMETERS) => Verdict::Right,
                Some(_) if right => Verdict::RightButStale { renewed: hash(text) },
                _ => Verdict::Wrong,
            }
        })
        .await
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The present password is another.
    #[error("the present password is not right")]
    Mismatch,
    /// Too many wrong ones; wait.
    #[error("too many attempts")]
    TooMany(#[from] super::sign_in::TooMany),
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Changes a person's password and ends the person's other sessions. How many were ended.
pub async fn change(
    services: &Services,
    user: UserId,
    session: &SessionDigest,
    present: SecretString,
    new: NewPassword,
) -> Result<u64, ChangeError> {
    let mut conn = services.connection().await?;
    let Some(person) = storage::users::get(&mut conn, user).await? else { return Err(ChangeError::Mismatch) };
    let kept = storage::users::credentials(&mut conn, user).await?.and_then(|kept| kept.password_hash);
    // Not held while hashing.
    drop(conn);
    services.door.admit_account(&person.email)?;
    if matches!(services.door.hasher.verify(present, kept).await, Verdict::Wrong) {
        return Err(ChangeError::Mismatch);
    }
    let hash = services.door.hasher.hash(new).await;
    let mut tx = services.begin().await?;
    storage::users::set_password(&mut tx, user, &hash).await?;
    let ended = storage::sessions::delete_of_user(&mut tx, user, Some(session)).await?;
    tx.commit().await.map_err(StorageError::from)?;
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NewPassword, PasswordError> {
        NewPassword::parse(text.into())
    }

    #[test]
    fn length_is_what_counts() {
        assert_eq!(parse("123456789").expect_err("short"), PasswordError::TooShort);
        assert_eq!(parse(&"ab".repeat(129)).expect_err("long"), PasswordError::TooLong);
        assert_eq!(parse("aaaaaaaaaaaa").expect_err("repeated"), PasswordError::Repetitive);
        assert!(parse("correct horse").is_ok());
    }

    #[tokio::test]
    async fn a_kept_password_is_recognised_and_nobody_else_is() {
        let hasher = Hasher::new();
        let kept = hasher.hash(parse("correct horse").expect("a password")).await;
        assert!(kept.starts_with(PRESENT_PARAMETERS), "{kept}");
        assert!(matches!(hasher.verify("correct horse".into(), Some(kept.clone())).await, Verdict::Right));
        assert!(matches!(hasher.verify("correct zebra".into(), Some(kept)).await, Verdict::Wrong));
        assert!(matches!(hasher.verify("correct horse".into(), None).await, Verdict::Wrong));
    }

    #[tokio::test]
    async fn older_parameters_are_renewed() {
        let params = Params::new(8 * 1024, 1, 1, None).expect("within bounds");
        let older = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(b"correct horse")
            .expect("a hash")
            .to_string();
        let hasher = Hasher::new();
        let Verdict::RightButStale { renewed } = hasher.verify("correct horse".into(), Some(older)).await
        else {
            panic!("the older hash should be right and stale");
        };
        assert!(matches!(hasher.verify("correct horse".into(), Some(renewed)).await, Verdict::Right));
    }
}
