//! What the composer needs to know around a draft.

use domain::ids::CampaignId;
use domain::template::ContactField;
use storage::channel_accounts::ChannelAccount;
use storage::lists::List;
use storage::templates::Template;
use storage::{StorageError, campaigns, channel_accounts, contacts, lists, templates};

use super::Campaign;
use crate::Services;
use crate::access::{Read, WorkspaceAccess};

/// A campaign with what its plan refers to.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The campaign.
    pub campaign: Campaign,
    /// The sender, once chosen.
    pub sender: Option<ChannelAccount>,
    /// The template, once chosen; also one that the provider no longer has.
    pub template: Option<Template>,
    /// The lists of the audience, by name; those deleted meanwhile are left out.
    pub lists: Vec<List>,
}

/// Reads a campaign with what its plan refers to. `None` when it does not exist in this workspace.
pub async fn chosen(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: CampaignId,
) -> Result<Option<Chosen>, StorageError> {
    let workspace = access.workspace();
    let mut conn = services.connection().await?;
    let Some(campaign) = campaigns::get(&mut conn, workspace, id).await? else {
        return Ok(None);
    };
    let sender = match campaign.channel_account {
        Some(id) => channel_accounts::get(&mut conn, workspace, id).await?,
        None => None,
    };
    let template = match campaign.template {
        Some(id) => templates::get(&mut conn, workspace, id).await?,
        None => None,
    };
    let mut chosen_lists = Vec::new();
    for list in campaign.audience.iter().flat_map(|audience| &audience.lists) {
        chosen_lists.extend(lists::get(&mut conn, workspace, *list).await?);
    }
    chosen_lists.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    Ok(Some(Chosen { campaign, sender, template, lists: chosen_lists }))
}

/// Every field of the workspace's contacts that can fill a variable.
pub async fn contact_fields(
    services: &Services,
    access: &WorkspaceAccess<Read>,
) -> Result<Vec<ContactField>, StorageError> {
    let mut conn = services.connection().await?;
    let attributes = contacts::attribute_keys(&mut conn, access.workspace()).await?;
    let own = [ContactField::FirstName, ContactField::Name, ContactField::Phone, ContactField::Email];
    Ok(own.into_iter().chain(attributes.into_iter().map(ContactField::Attribute)).collect())
}
