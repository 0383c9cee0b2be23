//! Telling a Pusher app what the live page shows, for other dashboards.
//!
//! What changed is noted in the transaction that changes it, and the note goes only after the newest numbers were
//! published: at least once, and exact at the end, whoever dies in between. One publisher of all processes works.

pub use channels::pusher::PusherApp;
use channels::pusher::{InvalidPusherUrl, PublishError};
use domain::ids::CampaignId;
use serde::Serialize;
use storage::dispatches::publishing::{self, Unpublished};
use storage::{Connection, StorageError};
use uuid::Uuid;

use crate::Services;
use crate::campaigns::{self, CampaignProgress};

/// The name of the event.
pub const EVENT: &str = "campaign-progress";
/// Dispatches looked at in one round.
const DISPATCHES_MAX: i64 = 500;

/// Why a round ended early. What was not published stays noted.
#[derive(Debug, thiserror::Error)]
pub enum PublishingError {
    /// The database did not answer, or the leading connection is lost.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Pusher did not take it.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// The numbers of a campaign, without anything about people.
#[derive(Debug, Serialize)]
struct Update {
    workspace: Uuid,
    campaign: Uuid,
    /// draft, scheduled, running, paused, finished or cancelled.
    state: &'static str,
    audience: i32,
    pending: i32,
    sent: i32,
    delivered: i32,
    read: i32,
    replied: i32,
    failed: i32,
    skipped: i32,
    unknown: i32,
    /// Messages a second at the moment.
    per_second: f64,
    /// When this was true, by the database's clock: the newer of two wins.
    as_of: domain::Timestamp,
}

/// The channel with every campaign of a workspace. Private: a subscriber needs a signature made with the app's secret.
pub fn workspace_channel(workspace: domain::ids::WorkspaceId) -> String {
    format!("private-workspace-{}", workspace.uuid())
}

/// The channel of one campaign.
pub fn campaign_channel(campaign: CampaignId) -> String {
    format!("private-campaign-{}", campaign.uuid())
}

/// The app that is configured, if one is.
///
/// # Errors
///
/// If its address cannot be one.
pub fn app(services: &Services) -> Result<Option<PusherApp>, InvalidPusherUrl> {
    let Some(settings) = &services.settings.pusher else { return Ok(None) };
    PusherApp::new(&settings.url, &settings.app_id, &settings.key, &settings.secret).map(Some)
}

/// The right to publish, which one process has at a time. It ends with the connection that holds it.
#[derive(Debug)]
pub struct Lead {
    conn: Connection,
}

impl Lead {
    /// Tries to become the publisher. `None` while another process is.
    pub async fn take(services: &Services) -> Result<Option<Self>, StorageError> {
        // Out of the pool: given back with the lock held, nobody could publish any more.
        let mut conn = services.connection().await?.detach();
        Ok(publishing::try_lead(&mut conn).await?.then_some(Self { conn }))
    }

    /// Publishes the campaigns that changed, without those of `except`. Returns which were published; empty when nothing
    /// is to be said.
    ///
    /// # Errors
    ///
    /// At the first campaign that could not be published.
    pub async fn publish_changed(
        &mut self,
        services: &Services,
        app: &PusherApp,
        except: &[CampaignId],
    ) -> Result<Vec<CampaignId>, PublishingError> {
        let changed = publishing::unpublished(&mut self.conn, except, DISPATCHES_MAX).await?;
        let mut published = Vec::new();
        for of_campaign in changed.chunk_by(|one, next| one.campaign == next.campaign) {
            published.extend(self.publish(services, app, of_campaign).await?);
        }
        Ok(published)
    }

    async fn publish(
        &mut self,
        services: &Services,
        app: &PusherApp,
        changed: &[Unpublished],
    ) -> Result<Option<CampaignId>, PublishingError> {
        let Some(Unpublished { workspace, campaign, .. }) = changed.first().copied() else { return Ok(None) };
        let progress = campaigns::read_progress(services, workspace, campaign).await?;
        if let Some(update) = progress.as_ref().and_then(|progress| update(workspace.uuid(), progress)) {
            let channels = [workspace_channel(workspace), campaign_channel(campaign)];
            app.publish(&channels.each_ref().map(String::as_str), EVENT, &update).await?;
        }
        publishing::mark_published(&mut self.conn, changed).await?;
        Ok(Some(campaign))
    }
}

fn update(workspace: Uuid, progress: &CampaignProgress) -> Option<Update> {
    let row = &progress.dispatch.as_ref()?.dispatch;
    Some(Update {
        workspace,
        campaign: progress.campaign.id.uuid(),
        state: progress.campaign.state.as_str(),
        audience: row.audience,
        pending: row.pending,
        sent: row.sent,
        delivered: row.delivered,
        read: row.read,
        replied: row.replied,
        failed: row.failed,
        skipped: row.skipped,
        unknown: row.unknown,
        per_second: progress.rate(),
        as_of: progress.as_of,
    })
}
