//! Connecting a WhatsApp number, and keeping what is known about it true.

use channels::whatsapp::GraphId;
use domain::account::SenderName;
use domain::channel::{AccountState, Channel};
use domain::ids::{ChannelAccountId, WorkspaceId};
use secrecy::ExposeSecret;
use storage::channel_accounts::{self as accounts, ChannelAccount, Connected};
use storage::dispatches::control;
use storage::{StorageError, Tx, portfolios};

use super::verify::{self, Asked, Verified};
use super::{ConnectError, ConnectProblem};
use crate::Services;
use crate::access::{Administer, Send, WorkspaceAccess};
use crate::clock::id_entropy;
use crate::secrets::SecretString;

/// What the form asks for.
#[derive(Debug)]
pub struct ConnectWhatsApp {
    /// What the workspace calls the sender.
    pub name: SenderName,
    /// Access token of a system user. White space around it is ignored.
    pub token: SecretString,
    /// Meta's id of the number.
    pub phone_number_id: GraphId,
    /// Meta's id of the WhatsApp Business account the number belongs to.
    pub waba_id: GraphId,
}

/// Connects a number: asks Graph whether token, number and account fit together, has its webhooks sent here, and only
/// then stores number, sealed token and templates, all at once. A number that was disconnected comes back as the sender
/// it was.
pub async fn connect_whatsapp(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    new: ConnectWhatsApp,
) -> Result<ChannelAccount, ConnectError> {
    let token = trimmed(&new.token);
    // Asked again in the transaction; here it spares Meta the questions and the person the wait.
    let mut conn = services.connection().await?;
    let known = match home_of(&mut conn, access.workspace(), &new.phone_number_id).await? {
        Home::Ours(id) => accounts::get(&mut conn, access.workspace(), id).await?,
        Home::Nobody | Home::Theirs(..) => None,
    };
    drop(conn);
    let known = known.and_then(|account| account.whatsapp);
    let verified =
        verify::verify(services, &token, &new.phone_number_id, &new.waba_id, known.as_ref()).await?;
    let stored = store(services, access, &new, &token, &verified).await;
    let id = match stored {
        // Somebody else connected it while Meta was asked.
        Err(ConnectError::Storage(error))
            if error.constraint() == Some("whatsapp_numbers_phone_number_id_key") =>
        {
            return Err(ConnectProblem::ConnectedElsewhere.into());
        }
        other => other?,
    };
    tracing::info!(channel_account.id = %id, user.id = %access.user(), "sender connected");
    read(services, access.workspace(), id).await
}

/// Gives a sender a new token, checked as for a new sender. Its campaigns stay paused until someone resumes them.
pub async fn replace_token(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    id: ChannelAccountId,
    token: &SecretString,
) -> Result<ChannelAccount, ConnectError> {
    let workspace = access.workspace();
    let account = read(services, workspace, id).await?;
    let number = account.whatsapp.ok_or(ConnectError::NotFound)?;
    let unreadable = |column| StorageError::Unreadable { table: "whatsapp_numbers", column };
    let phone_number_id: GraphId =
        number.phone_number_id.parse().map_err(|_| unreadable("phone_number_id"))?;
    let waba_id: GraphId = number.waba_id.parse().map_err(|_| unreadable("waba_id"))?;
    let token = trimmed(token);
    let verified = verify::verify(services, &token, &phone_number_id, &waba_id, Some(&number)).await?;
    let mut tx = services.begin().await?;
    let renewed = connected(services, access, id, &account.name, &token, &verified);
    if !accounts::reconnect(&mut tx, workspace, &renewed).await? {
        return Err(ConnectError::NotFound);
    }
    store_facts(services, &mut tx, workspace, id, &verified).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(channel_account.id = %id, user.id = %access.user(), "token of a sender replaced");
    read(services, workspace, id).await
}

/// Asks Graph again about a number: quality, speed, limit. A token that is not accepted any more pauses the sender; a paused
/// sender whose token is accepted and whose number is there may send again, because a person says that it is put right. If
/// it is not, the provider's next refusal pauses it again.
pub async fn refresh(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ChannelAccountId,
) -> Result<ChannelAccount, ConnectError> {
    let workspace = access.workspace();
    let account = refresh_number(services, workspace, id).await?;
    if account.state == AccountState::Connected {
        return Ok(account);
    }
    let mut tx = services.begin().await?;
    if accounts::resume(&mut tx, workspace, id).await? {
        control::wake_workers(&mut tx).await?;
        tx.commit().await.map_err(StorageError::from)?;
        tracing::info!(channel_account.id = %id, user.id = %access.user(), "paused sender checked and let go on");
    }
    read(services, workspace, id).await
}

/// As [`refresh`], for a person, for the timer of the worker, and before a launch. While Graph does not answer, the number
/// sends at the standard plan, or at its own if that is slower.
pub(super) async fn refresh_number(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<ChannelAccount, ConnectError> {
    let refreshed = ask_again(services, workspace, id).await;
    if matches!(&refreshed, Err(ConnectError::Refused(problem)) if *problem != ConnectProblem::TokenRefused) {
        go_on_without_word(services, workspace, id).await?;
    }
    refreshed
}

/// Slows a sender to the standard plan, because Graph does not say what it may do now.
pub(super) async fn go_on_without_word(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<(), ConnectError> {
    let known = read(services, workspace, id).await?.plan;
    if known.without_word() != known {
        let mut conn = services.connection().await?;
        accounts::set_plan(&mut conn, workspace, id, known.without_word(), services.clock.now()).await?;
        tracing::warn!(channel_account.id = %id, "Meta does not say how fast the sender may be: standard plan");
    }
    Ok(())
}

async fn ask_again(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<ChannelAccount, ConnectError> {
    let account = read(services, workspace, id).await?;
    let number = account.whatsapp.ok_or(ConnectError::NotFound)?;
    let graph = match super::graph_of(services, workspace, id).await {
        Ok(graph) => graph.ok_or(ConnectProblem::TokenRefused)?,
        Err(super::OpenAccountError::Storage(error)) => return Err(error.into()),
        Err(super::OpenAccountError::Misconfigured) => return Err(ConnectProblem::Misconfigured.into()),
        Err(_) => return Err(ConnectProblem::TokenMalformed.into()),
    };
    let unreadable = |column| StorageError::Unreadable { table: "whatsapp_numbers", column };
    let phone_number_id: GraphId =
        number.phone_number_id.parse().map_err(|_| unreadable("phone_number_id"))?;
    let waba_id: GraphId = number.waba_id.parse().map_err(|_| unreadable("waba_id"))?;
    let asked = match verify::number(services, &graph, &phone_number_id, &waba_id, Some(&number)).await {
        Err(ConnectProblem::TokenRefused) => {
            super::sign_out(services, workspace, id).await?;
            return Err(ConnectProblem::TokenRefused.into());
        }
        asked => asked?,
    };
    let mut tx = services.begin().await?;
    store_number(&mut tx, workspace, id, &asked).await?;
    accounts::set_plan(&mut tx, workspace, id, asked.plan, services.clock.now()).await?;
    tx.commit().await.map_err(StorageError::from)?;
    read(services, workspace, id).await
}

async fn read(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<ChannelAccount, ConnectError> {
    let mut conn = services.connection().await?;
    accounts::get(&mut conn, workspace, id).await?.ok_or(ConnectError::NotFound)
}

/// The sender that a number is to be stored under, if it has one that is disconnected.
enum Home {
    /// Nobody has it.
    Nobody,
    /// A disconnected sender of this workspace.
    Ours(ChannelAccountId),
    /// A disconnected sender of another workspace, which loses it.
    Theirs(WorkspaceId, ChannelAccountId),
}

async fn home_of(
    conn: &mut storage::Connection,
    workspace: WorkspaceId,
    phone_number_id: &GraphId,
) -> Result<Home, ConnectError> {
    let Some(found) = accounts::find_by_phone_number_id(conn, phone_number_id.as_str()).await? else {
        return Ok(Home::Nobody);
    };
    match (found.workspace == workspace, found.disconnected) {
        (true, true) => Ok(Home::Ours(found.channel_account)),
        (true, false) => Err(ConnectProblem::AlreadyConnected { name: found.name }.into()),
        (false, true) => Ok(Home::Theirs(found.workspace, found.channel_account)),
        (false, false) => Err(ConnectProblem::ConnectedElsewhere.into()),
    }
}

async fn store(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    new: &ConnectWhatsApp,
    token: &SecretString,
    verified: &Verified,
) -> Result<ChannelAccountId, ConnectError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    let fresh = ChannelAccountId::mint(services.clock.now(), id_entropy());
    let id = match home_of(&mut tx, workspace, &new.phone_number_id).await? {
        Home::Ours(id) => {
            let connected = connected(services, access, id, new.name.as_str(), token, verified);
            accounts::reconnect(&mut tx, workspace, &connected).await?;
            id
        }
        home => {
            if let Home::Theirs(workspace, id) = home {
                accounts::release_number(&mut tx, workspace, id, new.phone_number_id.as_str()).await?;
            }
            let connected = connected(services, access, fresh, new.name.as_str(), token, verified);
            accounts::insert(&mut tx, workspace, &connected).await?;
            fresh
        }
    };
    store_facts(services, &mut tx, workspace, id, verified).await?;
    tx.commit().await.map_err(StorageError::from)?;
    Ok(id)
}

async fn store_facts(
    services: &Services,
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    verified: &Verified,
) -> Result<(), StorageError> {
    store_number(tx, workspace, id, &verified.number).await?;
    let waba_id = &verified.number.number.waba_id;
    crate::templates::store(services, tx, workspace, waba_id, &verified.templates).await?;
    Ok(())
}

/// Stores a number and the portfolio whose limit it shares: the account's own id where Meta never said which.
async fn store_number(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    asked: &Asked,
) -> Result<(), StorageError> {
    let number = &asked.number;
    accounts::put_number(tx, workspace, id, number).await?;
    let known = match &asked.portfolio {
        Some(portfolio) => Some(portfolio.clone()),
        None => portfolios::of_number(tx, workspace, id).await?,
    };
    let portfolio = known.as_deref().unwrap_or(&number.waba_id);
    portfolios::learn(tx, workspace, id, portfolio, asked.limit).await?;
    // A worker may have been waiting for this sender, or for its limit to grow.
    control::wake_workers(tx).await
}

fn connected<'a>(
    services: &Services,
    access: &WorkspaceAccess<Administer>,
    id: ChannelAccountId,
    name: &'a str,
    token: &SecretString,
    verified: &Verified,
) -> Connected<'a> {
    Connected {
        id,
        channel: Channel::WhatsApp,
        name,
        credential: super::seal(services, access.workspace(), id, token),
        credential_expires_at: verified.token_expires_at,
        plan: verified.number.plan,
        connected_by: access.user(),
        at: services.clock.now(),
    }
}

fn trimmed(token: &SecretString) -> SecretString {
    SecretString::from(token.expose_secret().trim())
}
