//! Signing in.

use std::net::IpAddr;
use std::time::Duration;

use domain::address::EmailAddress;
use domain::ids::UserId;
use secrecy::SecretString;
use storage::StorageError;

use super::password::Verdict;
use crate::Services;

/// Attempts come too fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; the next one may be made in {} s", .retry_after.as_secs() + 1)]
pub struct TooMany {
    /// How long until the next attempt may be made.
    pub retry_after: Duration,
}

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// There is no such account, or its password is another: which of the two is not said.
    #[error("email and password do not match")]
    Mismatch {
        /// Attempts left on this account before it has to wait.
        tries_left: u32,
    },
    /// Too many wrong ones; wait.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Checks email and password. Takes as long for an email nobody has as for one somebody has.
pub async fn sign_in(
    services: &Services,
    email: &EmailAddress,
    password: SecretString,
    client: IpAddr,
) -> Result<UserId, SignInError> {
    services.door.admit_address(client)?;
    let tries_left = services.door.admit_account(email)?;
    let found = storage::users::credentials_by_email(&mut *services.connection().await?, email).await?;
    let (user, kept) = found.map(|found| (found.user, found.password_hash)).unzip();
    let kept = kept.flatten();
    let verdict = services.door.hasher.verify(password, kept.clone()).await;
    let Some(user) = user else {
        metrics::counter!("fanfare_sign_ins_total", "outcome" => "mismatch").increment(1);
        return Err(SignInError::Mismatch { tries_left });
    };
    match verdict {
        Verdict::Wrong => {
            metrics::counter!("fanfare_sign_ins_total", "outcome" => "mismatch").increment(1);
            tracing::info!(user.id = %user, "sign-in refused");
            Err(SignInError::Mismatch { tries_left })
        }
        Verdict::Right => Ok(admitted(user)),
        Verdict::RightButStale { renewed } => {
            if let Some(kept) = kept {
                storage::users::upgrade_hash(&mut *services.connection().await?, user, &kept, &renewed)
                    .await?;
            }
            Ok(admitted(user))
        }
    }
}

fn admitted(user: UserId) -> UserId {
    metrics::counter!("fanfare_sign_ins_total", "outcome" => "admitted").increment(1);
    tracing::info!(user.id = %user, "signed in");
    user
}
