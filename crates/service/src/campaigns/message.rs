//! The message of a launched campaign, as it was frozen.

use domain::ids::{CampaignId, ContactId};
use domain::template::{RenderedTemplate, TemplateContent};
use storage::StorageError;
use storage::dispatches::{control, live, read};

use crate::Services;
use crate::access::{Read, WorkspaceAccess};

/// What a campaign sends, and how one person got it.
#[derive(Debug, Clone)]
pub struct SentMessage {
    /// The frozen template.
    pub content: TemplateContent,
    /// The message as that person got it, or with the provider's examples if nobody was to get it.
    pub message: RenderedTemplate,
    /// Who it is shown for; the name may be empty.
    pub person: Option<(ContactId, String)>,
}

/// The message of a campaign as it was frozen at its launch, filled with the values of its first recipient. `None` when
/// the campaign does not exist in this workspace or was not launched.
pub async fn sent_message(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: CampaignId,
) -> Result<Option<SentMessage>, StorageError> {
    let workspace = access.workspace();
    let mut conn = services.connection().await?;
    let Some(dispatch) = control::of_campaign(&mut conn, workspace, id).await?.first().copied() else {
        return Ok(None);
    };
    let Some(content) = read::content(&mut conn, workspace, dispatch).await? else {
        return Ok(None);
    };
    let first = live::frozen_recipient(&mut conn, workspace, dispatch, 1).await?;
    // Whoever was skipped for a missing value has no message to show.
    let first = first.filter(|first| content.check_values(&first.variables).is_ok());
    let message = match &first {
        Some(first) => content.render(&first.variables),
        None => content.render_examples(),
    };
    let person = first.map(|first| (first.contact, first.name.unwrap_or_default()));
    Ok(Some(SentMessage { content, message, person }))
}
