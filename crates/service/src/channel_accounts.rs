//! Senders: connecting, looking at, disconnecting, and opening them for sending.

mod connect;
mod problem;
#[cfg(test)]
mod tests;
mod upkeep;
mod verify;

use channels::Transport;
use channels::whatsapp::{AppCredentials, Graph, GraphAddress, WhatsAppTransport};
pub use channels::whatsapp::{GraphId, InvalidGraphId};
use chrono::TimeDelta;
use domain::channel::{AccountState, RatePlan};
use domain::delivery::PauseReason;
use domain::ids::{ChannelAccountId, WorkspaceId};
pub use domain::portfolio::{Allowance, Forecast};
use storage::StorageError;
use storage::channel_accounts::{self as accounts, SealedCredential};
pub use storage::channel_accounts::{ChannelAccount, WhatsAppNumber};
use storage::dispatches::control::{self, PauseCause};
use storage::portfolios;

pub use self::connect::{ConnectWhatsApp, connect_whatsapp, refresh, replace_token};
pub use self::problem::{ConnectError, ConnectField, ConnectProblem};
pub(crate) use self::upkeep::ask_before_launch;
pub use self::upkeep::{Refreshed, Resealed, refresh_next, reseal_credentials};
use crate::Services;
use crate::access::{Administer, Read, WorkspaceAccess};
use crate::secrets::{self, Sealed, SecretString};

/// The senders of the workspace: those that can send first, then by name.
pub async fn list(
    services: &Services,
    access: &WorkspaceAccess<Read>,
) -> Result<Vec<ChannelAccount>, StorageError> {
    let mut conn = services.connection().await?;
    accounts::list(&mut conn, access.workspace()).await
}

/// A sender; `None` if the workspace has no such sender.
pub async fn get(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ChannelAccountId,
) -> Result<Option<ChannelAccount>, StorageError> {
    let mut conn = services.connection().await?;
    accounts::get(&mut conn, access.workspace(), id).await
}

/// Messages that a sender handed over in the last 24 hours.
pub async fn handed_over_today(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ChannelAccountId,
) -> Result<i64, StorageError> {
    let mut conn = services.connection().await?;
    let since = services.clock.now() - TimeDelta::hours(24);
    accounts::handed_over_since(&mut conn, access.workspace(), id, since).await
}

/// How much of the limit is used that a number shares with the others of its portfolio; `None` if it is no number, or Meta was
/// not asked yet which portfolio it belongs to.
pub async fn allowance(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ChannelAccountId,
) -> Result<Option<Allowance>, StorageError> {
    let mut conn = services.connection().await?;
    portfolios::usage(&mut conn, access.workspace(), id).await
}

/// What has to be entered at Meta so that delivery reports and replies arrive, and what is missing for it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSetup {
    /// Where Meta is to send them.
    pub url: String,
    /// Whether Meta can reach that address: it takes only `https`.
    pub is_https: bool,
    /// Whether the secret is configured with which Meta signs them; without it all are refused.
    pub has_app_secret: bool,
    /// Whether the word is configured that Meta repeats when the address is entered.
    pub has_verify_token: bool,
}

/// What has to be entered at Meta.
pub fn webhook_setup(services: &Services) -> WebhookSetup {
    let settings = &services.settings;
    WebhookSetup {
        url: format!("{}/webhooks/whatsapp", settings.public_origin),
        is_https: settings.public_origin.starts_with("https://"),
        has_app_secret: settings.whatsapp.app_secret.is_some(),
        has_verify_token: settings.whatsapp.webhook_verify_token.is_some(),
    }
}

/// Whether Meta can be asked when a token ends. If not, a sender without an end is one whose end is not known.
pub fn knows_token_ends(services: &Services) -> bool {
    app_credentials(services).is_some()
}

/// How many campaigns of a sender run now, and would be paused with it.
pub async fn running_dispatches(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ChannelAccountId,
) -> Result<usize, StorageError> {
    let mut conn = services.connection().await?;
    Ok(control::running_on(&mut conn, access.workspace(), id).await?.len())
}

/// Erases the credential of a sender and pauses what it was sending. Its history stays, and connecting its number again
/// brings it back. `false` if there was nothing to disconnect.
pub async fn disconnect(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    id: ChannelAccountId,
) -> Result<bool, StorageError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    if !accounts::disconnect(&mut tx, workspace, id, services.clock.now()).await? {
        return Ok(false);
    }
    let cause = PauseCause::Provider {
        reason: PauseReason::SignedOut.as_str().to_owned(),
        detail: "The sender was disconnected. Connect it again to go on.".to_owned(),
    };
    for dispatch in control::running_on(&mut tx, workspace, id).await? {
        if control::pause(&mut tx, workspace, dispatch, &cause).await?.is_some() {
            storage::campaigns::follow_dispatch(&mut tx, workspace, dispatch).await?;
        }
    }
    control::wake_workers(&mut tx).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(channel_account.id = %id, user.id = %access.user(), "sender disconnected");
    Ok(true)
}

/// A sender with everything that is needed to send through it.
#[derive(Debug, Clone)]
pub struct SendingAccount {
    /// How fast it may send.
    pub plan: RatePlan,
    /// Sends.
    pub transport: Transport,
}

/// Why a sender cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenAccountError {
    /// Its sealed credential cannot be read.
    #[error("the credential of the sender cannot be read")]
    Credential(#[source] secrets::OpenError),
    /// Its credential or its number is not one that can be used.
    #[error("what is stored about the sender cannot be used")]
    Unusable,
    /// The settings do not say where Graph answers.
    #[error("whatsapp.graph_url or whatsapp.graph_version cannot be used")]
    Misconfigured,
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Opens a sender for the worker that drives it; `None` if it is not connected.
pub async fn open_for_sending(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<Option<SendingAccount>, OpenAccountError> {
    let mut conn = services.connection().await?;
    let Some(account) = accounts::get(&mut conn, workspace, id).await? else { return Ok(None) };
    if account.state != AccountState::Connected {
        return Ok(None);
    }
    let Some(token) = token(services, &mut conn, workspace, id).await? else { return Ok(None) };
    let number = account.whatsapp.ok_or(OpenAccountError::Unusable)?;
    let phone_number_id = number.phone_number_id.parse().map_err(|_| OpenAccountError::Unusable)?;
    let graph = graph_address(services).ok_or(OpenAccountError::Misconfigured)?;
    let transport = WhatsAppTransport::new(services.http.clone(), &graph, &phone_number_id, &token)
        .map_err(|_| OpenAccountError::Unusable)?;
    Ok(Some(SendingAccount { plan: account.plan, transport: Transport::WhatsApp(transport) }))
}

/// The opened token of a sender; `None` if it has none.
async fn token(
    services: &Services,
    conn: &mut storage::Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<Option<SecretString>, OpenAccountError> {
    let Some(sealed) = accounts::credential(conn, workspace, id).await? else { return Ok(None) };
    let sealed = Sealed { key_id: sealed.key_id, bytes: sealed.bytes };
    let bound_to = secrets::bound_to(workspace.uuid(), id.uuid());
    services.secrets.open(&sealed, &bound_to).map(Some).map_err(OpenAccountError::Credential)
}

fn seal(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    token: &SecretString,
) -> SealedCredential {
    let sealed = services.secrets.seal(token, &secrets::bound_to(workspace.uuid(), id.uuid()));
    SealedCredential { key_id: sealed.key_id, bytes: sealed.bytes }
}

/// Graph as a sender's own token sees it; `None` if the sender has no token.
pub(crate) async fn graph_of(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<Option<Graph>, OpenAccountError> {
    let token = {
        let mut conn = services.connection().await?;
        token(services, &mut conn, workspace, id).await?
    };
    let Some(token) = token else { return Ok(None) };
    let address = graph_address(services).ok_or(OpenAccountError::Misconfigured)?;
    Graph::new(services.http.clone(), address, &token).map(Some).map_err(|_| OpenAccountError::Unusable)
}

/// Pauses a sender whose token Meta does not accept: one that is refused for reading is refused for sending too.
pub(crate) async fn sign_out(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<(), StorageError> {
    let reason = PauseReason::SignedOut;
    crate::dispatch::pause_sender(services, workspace, id, reason, reason.sentence()).await
}

fn graph_address(services: &Services) -> Option<GraphAddress> {
    let settings = &services.settings.whatsapp;
    GraphAddress::new(&settings.graph_url, &settings.graph_version).ok()
}

fn app_credentials(services: &Services) -> Option<AppCredentials> {
    let settings = &services.settings.whatsapp;
    Some(AppCredentials { app_id: settings.app_id.clone()?, app_secret: settings.app_secret.clone()? })
}
