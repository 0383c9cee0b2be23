//! Templates: what the provider holds, and bringing it here.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use channels::whatsapp::{GraphError, GraphTemplate};
use domain::Timestamp;
use domain::channel::AccountState;
use domain::delivery::PauseReason;
use domain::ids::{ChannelAccountId, TemplateId, WorkspaceId};
use domain::template::TemplateState;
use storage::templates::{self, SyncedTemplate};
pub use storage::templates::{Template, TemplateCursor, TemplateQuery};
use storage::{StorageError, Tx, channel_accounts};

use crate::Services;
use crate::access::{Read, Send, WorkspaceAccess};
use crate::channel_accounts::{OpenAccountError, graph_of, sign_out};
use crate::clock::id_entropy;

/// Templates that are at the provider, by name and language.
pub async fn list(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    query: &TemplateQuery,
) -> Result<Vec<Template>, StorageError> {
    let mut conn = services.connection().await?;
    templates::list(&mut conn, access.workspace(), query).await
}

/// How many there are in each state, most first.
pub async fn count_by_state(
    services: &Services,
    access: &WorkspaceAccess<Read>,
) -> Result<Vec<(TemplateState, i64)>, StorageError> {
    let mut conn = services.connection().await?;
    templates::count_by_state(&mut conn, access.workspace()).await
}

/// When templates were last read from the provider; `None` if never.
pub async fn last_synced(
    services: &Services,
    access: &WorkspaceAccess<Read>,
) -> Result<Option<Timestamp>, StorageError> {
    let mut conn = services.connection().await?;
    let by_account = templates::last_synced(&mut conn, access.workspace()).await?;
    Ok(by_account.into_iter().map(|(_, synced_at)| synced_at).max())
}

/// A template, also one that the provider no longer has; `None` if the workspace has no such template.
pub async fn get(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: TemplateId,
) -> Result<Option<Template>, StorageError> {
    let mut conn = services.connection().await?;
    templates::get(&mut conn, access.workspace(), id).await
}

/// What a sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Templates that were not here before.
    pub added: usize,
    /// Templates that were.
    pub updated: usize,
    /// Templates that are no longer at the provider.
    pub removed: u64,
    /// Senders whose account could not be read, each with a sentence.
    pub problems: Vec<SyncProblem>,
}

/// Why the templates of one account were not synced; those stored before stay as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncProblem {
    /// What the sender is called.
    pub sender: String,
    /// What is wrong and what to do.
    pub sentence: String,
}

/// Brings here what Meta holds, for every WhatsApp Business account with a connected number. One account that cannot be
/// read does not keep the others from being synced.
pub async fn sync(services: &Services, access: &WorkspaceAccess<Send>) -> Result<SyncReport, StorageError> {
    let workspace = access.workspace();
    let accounts = {
        let mut conn = services.connection().await?;
        channel_accounts::list(&mut conn, workspace).await?
    };
    // Numbers of one account see the same templates: any of their tokens will do, the first that works is taken.
    let mut senders_by_account: BTreeMap<String, Vec<(ChannelAccountId, String)>> = BTreeMap::new();
    for account in accounts {
        if let (AccountState::Connected, Some(number)) = (&account.state, account.whatsapp) {
            senders_by_account.entry(number.waba_id).or_default().push((account.id, account.name));
        }
    }
    let mut report = SyncReport::default();
    for (waba_id, senders) in senders_by_account {
        for (id, sender) in senders {
            match sync_account(services, workspace, id, &waba_id, &mut report).await {
                Ok(()) => break,
                Err(SyncError::Storage(error)) => return Err(error),
                Err(SyncError::Refused(sentence)) => report.problems.push(SyncProblem { sender, sentence }),
            }
        }
    }
    Ok(report)
}

/// Brings here what Meta holds for the account of one sender, for the timer of the worker. Returns what kept it from that,
/// as a sentence.
pub(crate) async fn sync_of_sender(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    waba_id: &str,
) -> Result<Option<String>, StorageError> {
    match sync_account(services, workspace, id, waba_id, &mut SyncReport::default()).await {
        Ok(()) => Ok(None),
        Err(SyncError::Refused(sentence)) => Ok(Some(sentence)),
        Err(SyncError::Storage(error)) => Err(error),
    }
}

enum SyncError {
    Refused(String),
    Storage(StorageError),
}

impl From<StorageError> for SyncError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

async fn sync_account(
    services: &Services,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    waba_id: &str,
    report: &mut SyncReport,
) -> Result<(), SyncError> {
    let unusable =
        || SyncError::Refused("What is stored about this sender cannot be used. Reconnect it.".to_owned());
    let graph = match graph_of(services, workspace, id).await {
        Ok(graph) => graph.ok_or_else(unusable)?,
        Err(OpenAccountError::Storage(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(channel_account.id = %id, %error, "sender cannot be opened");
            return Err(unusable());
        }
    };
    let account = waba_id.parse().map_err(|_| unusable())?;
    let found = match graph.templates(&account).await {
        Ok(found) => found,
        Err(error) => {
            if error == GraphError::TokenInvalid {
                sign_out(services, workspace, id).await?;
            }
            return Err(SyncError::Refused(in_words(&error)));
        }
    };
    let mut tx = services.begin().await?;
    let stored = store(services, &mut tx, workspace, waba_id, &found).await?;
    tx.commit().await.map_err(StorageError::from)?;
    report.added += stored.added;
    report.updated += stored.updated;
    report.removed += stored.removed;
    Ok(())
}

fn in_words(error: &GraphError) -> String {
    match error {
        GraphError::TokenInvalid => PauseReason::SignedOut.sentence().to_owned(),
        GraphError::PermissionMissing => {
            "The token lacks the permission whatsapp_business_management. Reconnect the sender with a token that has it.".to_owned()
        }
        GraphError::NotFound | GraphError::NotUnderstood => {
            "Meta does not show this business account to the sender’s token any more. Reconnect the sender.".to_owned()
        }
        GraphError::RateLimited { after } => format!(
            "Meta takes no more questions for this account now. Try again in {} minutes.",
            after.map_or(10, |after| after.as_secs().div_ceil(60).max(1))
        ),
        GraphError::Unreachable => "Meta could not be reached. Try again in a minute.".to_owned(),
        GraphError::Unexpected { code } => format!(
            "Meta refused with something this version does not know (code {}).",
            code.map_or_else(|| "none".to_owned(), |code| code.to_string())
        ),
    }
}

/// What storing the templates of one account changed.
pub(crate) struct Stored {
    added: usize,
    updated: usize,
    removed: u64,
}

/// Stores everything that Graph lists for an account, and marks what it no longer lists.
pub(crate) async fn store(
    services: &Services,
    tx: &mut Tx,
    workspace: WorkspaceId,
    waba_id: &str,
    found: &[GraphTemplate],
) -> Result<Stored, StorageError> {
    let now = services.clock.now();
    let synced: Vec<SyncedTemplate> = found
        .iter()
        .map(|template| SyncedTemplate {
            id: TemplateId::mint(now, id_entropy()),
            provider_template_id: template.id.clone(),
            name: template.name.clone(),
            language: template.language.clone(),
            category: template.category.clone(),
            state: template.status.clone(),
            parameter_format: template.parameter_format.clone(),
            components: template.components.clone(),
            rejected_reason: template.rejected_reason.clone(),
            quality: template.quality.clone(),
        })
        .collect();
    let upserted = templates::upsert(tx, workspace, waba_id, &synced, now).await?;
    let removed = templates::mark_removed(tx, workspace, waba_id, now).await?;
    Ok(Stored { added: upserted.added, updated: upserted.updated, removed })
}
