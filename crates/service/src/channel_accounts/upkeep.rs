//! What timers do to senders: keeping what Meta says about them true, and their credentials sealed with the active key.

use std::time::Duration;

use chrono::TimeDelta;
use domain::channel::AccountState;
use domain::ids::{ChannelAccountId, WorkspaceId};
use storage::StorageError;
use storage::channel_accounts::{self as accounts, ResealedCredential, SealedCredential};

use super::ConnectError;
use crate::Services;
use crate::secrets::{self, Sealed};

/// How soon to ask again about a sender that Meta did not answer about.
const AGAIN_AFTER: Duration = Duration::from_secs(5 * 60);
/// How long a launch waits for what Meta says about its sender.
const LAUNCH_WAITS: Duration = Duration::from_secs(3);
/// A launch does not ask again about a sender that Meta answered about so lately: Meta counts these questions.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(1);
/// Credentials sealed anew in one transaction.
const RESEALED_MAX: i64 = 100;

/// A sender whose turn it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The sender.
    pub channel_account: ChannelAccountId,
    /// Why it was not refreshed, in a sentence; what was known before stays.
    pub problem: Option<String>,
}

/// Brings one sender up to date that was not for `every`: what Meta says about its number, and the templates of its
/// account. `None` if none is due. Any number of workers may call this; each sender goes to one of them.
///
/// A token that Meta does not accept any more pauses the sender, as it does when sending.
///
/// # Errors
///
/// If the database does not answer. The sender then waits for its next turn.
pub async fn refresh_next(services: &Services, every: Duration) -> Result<Option<Refreshed>, StorageError> {
    let claimed = {
        let mut conn = services.connection().await?;
        accounts::claim_refresh(&mut conn, every).await?
    };
    let Some((workspace, id)) = claimed else { return Ok(None) };
    let problem = match refresh_both(services, workspace, id, every).await {
        Ok(problem) => problem,
        Err(ConnectError::Storage(error)) => return Err(error),
        Err(error) => {
            let mut conn = services.connection().await?;
            accounts::refresh_again(&mut conn, workspace, id, every, AGAIN_AFTER).await?;
            Some(error.to_string())
        }
    };
    Ok(Some(Refreshed { channel_account: id, problem }))
}

async fn refresh_both(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    every: Duration,
) -> Result<Option<String>, ConnectError> {
    let account = super::connect::refresh_number(services, workspace, id).await?;
    let Some(number) = account.whatsapp else { return Ok(None) };
    // Another number of the same account may just have brought the same templates.
    let lately = services.clock.now() - TimeDelta::from_std(every / 2).unwrap_or(TimeDelta::zero());
    let synced = {
        let mut conn = services.connection().await?;
        storage::templates::last_synced(&mut conn, workspace).await?
    };
    if synced.iter().any(|(waba_id, synced_at)| *waba_id == number.waba_id && *synced_at > lately) {
        return Ok(None);
    }
    Ok(crate::templates::sync_of_sender(services, workspace, id, &number.waba_id).await?)
}

/// Asks Meta about a sender before a launch: how fast it may be, and how many people its portfolio may write to. A token
/// that is refused pauses the sender, as sending would. When Meta does not answer soon, the launch goes on with the
/// standard plan, or with the sender's own if that is slower.
///
/// # Errors
///
/// If the database does not answer.
pub(crate) async fn ask_before_launch(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<(), StorageError> {
    let account = {
        let mut conn = services.connection().await?;
        accounts::get(&mut conn, workspace, id).await?
    };
    let Some(account) = account.filter(|account| account.state == AccountState::Connected) else {
        return Ok(());
    };
    let Some(number) = account.whatsapp else { return Ok(()) };
    if services.clock.now() - number.checked_at < FRESH_FOR {
        return Ok(());
    }
    let asked = tokio::time::timeout(LAUNCH_WAITS, super::connect::refresh_number(services, workspace, id));
    let problem = match asked.await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => match super::connect::go_on_without_word(services, workspace, id).await {
            Ok(()) => super::ConnectProblem::Unreachable.into(),
            Err(error) => error,
        },
    };
    match problem {
        ConnectError::Storage(error) => Err(error),
        problem => {
            tracing::warn!(channel_account.id = %id, %problem, "launching without Meta's word about the sender");
            Ok(())
        }
    }
}

/// What sealing anew did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Credentials now sealed with the active key.
    pub resealed: u64,
    /// Credentials that no configured key opens; they stay as they are.
    pub unreadable: u64,
}

/// Seals every credential with the active key that another one sealed, so that the other one can be taken away. One that is
/// replaced meanwhile stays as it was replaced.
pub async fn reseal_credentials(services: &Services) -> Result<Resealed, StorageError> {
    let mut done = Resealed::default();
    let mut after = None;
    loop {
        let mut conn = services.connection().await?;
        let active_key = services.secrets.active_key();
        let stale = accounts::stale_credentials(&mut conn, active_key, after, RESEALED_MAX).await?;
        let Some(last) = stale.last() else { return Ok(done) };
        after = Some((last.workspace, last.channel_account));
        let mut fresh = Vec::with_capacity(stale.len());
        for stale in stale {
            let bound_to = secrets::bound_to(stale.workspace.uuid(), stale.channel_account.uuid());
            let sealed = Sealed { key_id: stale.sealed.key_id.clone(), bytes: stale.sealed.bytes.clone() };
            match services.secrets.open(&sealed, &bound_to) {
                Ok(token) => {
                    let Sealed { key_id, bytes } = services.secrets.seal(&token, &bound_to);
                    fresh.push(ResealedCredential { stale, fresh: SealedCredential { key_id, bytes } });
                }
                Err(error) => {
                    done.unreadable += 1;
                    tracing::error!(channel_account.id = %stale.channel_account, %error, "credential cannot be sealed anew");
                }
            }
        }
        done.resealed += accounts::reseal(&mut conn, &fresh).await?;
    }
}
