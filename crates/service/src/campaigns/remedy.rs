//! What keeps a paused campaign from going on, and where that is put right.

use domain::channel::AccountState;
use domain::delivery::{PauseFix, PauseReach, PauseReason};
use domain::ids::{ChannelAccountId, DispatchId, TemplateId, WorkspaceId};
use domain::template::NotSendable;
use storage::dispatches::control;
use storage::{Connection, StorageError, channel_accounts, templates};

/// What keeps a paused dispatch from going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Its sender cannot send.
    Sender {
        /// What the sender is called.
        name: String,
        /// Why, as a sentence.
        why: String,
    },
    /// Its template cannot be sent.
    Template {
        /// What it is called.
        name: String,
        /// Why, as a sentence.
        why: NotSendable,
    },
}

impl Obstacle {
    /// What stands in the way, what to do about it, and what to do `then`.
    pub(super) fn sentence(&self, then: &str) -> String {
        match self {
            Self::Sender { name, why } => {
                format!(
                    "{name} cannot send yet: {why} When that is put right, check the sender under Channels and {then}."
                )
            }
            Self::Template { name, why } => format!(
                "The template {name} cannot be sent yet. {why} If it is active again at WhatsApp, sync the templates and {then}."
            ),
        }
    }
}

/// Looks whether the sender and the template of a paused dispatch can be used.
pub(super) async fn obstacle(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<Obstacle>, StorageError> {
    let Some((sender, template)) = control::needs(conn, workspace, dispatch).await? else { return Ok(None) };
    match of_sender(conn, workspace, sender).await? {
        None => of_template(conn, workspace, template).await,
        obstacle => Ok(obstacle),
    }
}

/// Looks whether a sender can be used.
pub(super) async fn of_sender(
    conn: &mut Connection,
    workspace: WorkspaceId,
    sender: ChannelAccountId,
) -> Result<Option<Obstacle>, StorageError> {
    let Some(sender) = channel_accounts::get(conn, workspace, sender).await? else { return Ok(None) };
    let why = sender.state.cannot_send();
    Ok(why.map(|why| Obstacle::Sender { name: sender.name, why }))
}

/// Looks whether a template can be used.
pub(super) async fn of_template(
    conn: &mut Connection,
    workspace: WorkspaceId,
    template: TemplateId,
) -> Result<Option<Obstacle>, StorageError> {
    match templates::get(conn, workspace, template).await? {
        Some(template) => match template.sendable() {
            Err(why @ (NotSendable::State(_) | NotSendable::Removed)) => {
                Ok(Some(Obstacle::Template { name: template.name, why }))
            }
            _ => Ok(None),
        },
        None => Ok(None),
    }
}

/// What a person does about a campaign that the provider stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// It is put right: it can be resumed.
    Resume,
    /// The sender needs another token.
    Reconnect(ChannelAccountId),
    /// Something has to be put right at the provider, and then the sender is checked.
    AtTheProvider(ChannelAccountId),
    /// The template has to be looked at.
    Template(TemplateId),
    /// The failures have to be looked at; then it can be resumed.
    Failures,
}

/// What is to be done about a paused dispatch; `None` when a person paused it, or it is not paused.
pub(super) async fn remedy(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    pause_kind: Option<&str>,
) -> Result<Option<Remedy>, StorageError> {
    let Some(reason) = pause_kind.and_then(|kind| kind.parse::<PauseReason>().ok()) else { return Ok(None) };
    let Some((sender, template)) = control::needs(conn, workspace, dispatch).await? else { return Ok(None) };
    let account = channel_accounts::get(conn, workspace, sender).await?;
    let sender_stopped = account.filter(|account| account.state != AccountState::Connected);
    // The sender may have been stopped for another reason since: that one is in the way now.
    let reason = match &sender_stopped {
        Some(account) => match account.state {
            AccountState::Paused { kind: Some(kind), .. } => kind,
            _ => PauseReason::SignedOut,
        },
        None if reason.reach() != PauseReach::Dispatch => return Ok(Some(Remedy::Resume)),
        None => reason,
    };
    Ok(Some(match reason.fix() {
        PauseFix::ReconnectSender => Remedy::Reconnect(sender),
        PauseFix::WhatsAppManager => Remedy::AtTheProvider(sender),
        PauseFix::Template if settled_by_state(reason) && is_sendable(conn, workspace, template).await? => {
            Remedy::Resume
        }
        PauseFix::Template => Remedy::Template(template),
        PauseFix::Failures => Remedy::Failures,
    }))
}

/// Whether the template's state tells that the reason is gone.
const fn settled_by_state(reason: PauseReason) -> bool {
    matches!(
        reason,
        PauseReason::TemplatePaused | PauseReason::TemplateMissing | PauseReason::TemplateDisabled
    )
}

async fn is_sendable(
    conn: &mut Connection,
    workspace: WorkspaceId,
    template: TemplateId,
) -> Result<bool, StorageError> {
    let template = templates::get(conn, workspace, template).await?;
    Ok(template.is_some_and(|template| template.sendable().is_ok()))
}
