//! The judgement on those who go first.

use std::time::Duration;

use domain::delivery::PauseReason;
use domain::ids::{CampaignId, WorkspaceId};
use domain::schedule::Canary;
use storage::dispatches::canary::{self, Judgement, Standing};
use storage::dispatches::control::PauseCause;
use storage::dispatches::locks;
use storage::{Connection, StorageError};

use super::pause_all;
use crate::Services;

/// So long after the last of the first people was tried, reports are waited for. What WhatsApp drops, it says within seconds; so
/// whoever has no receipt by then counts as reached (their phone may be off), and who is unknown as failed.
pub const CANARY_RECEIPTS_WITHIN: Duration = Duration::from_secs(60);

/// A campaign whose first people were judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// The campaign.
    pub campaign: CampaignId,
    /// Whether the others may go.
    pub passed: bool,
    /// How the first ones stood.
    pub standing: Standing,
}

/// Judges the first people of campaigns as soon as enough is known of them: lets the others go, or pauses the campaign. One
/// transaction each; any number of workers may do so.
pub async fn judge_canaries(services: &Services, campaigns_max: i64) -> Result<Vec<Judged>, StorageError> {
    let mut ready = Vec::new();
    {
        let mut conn = services.connection().await?;
        for (workspace, campaign) in canary::watched(&mut conn, campaigns_max).await? {
            // Without the locks first: most of the time there is nothing to judge yet.
            if told(&mut conn, workspace, campaign).await?.is_some() {
                ready.push((workspace, campaign));
            }
        }
    }
    let mut judged = Vec::with_capacity(ready.len());
    for (workspace, campaign) in ready {
        judged.extend(judge(services, workspace, campaign).await?);
    }
    Ok(judged)
}

async fn told(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Option<Standing>, StorageError> {
    let Some(standing) = canary::standing(conn, workspace, campaign).await? else { return Ok(None) };
    Ok(canary::is_told(conn, &standing, CANARY_RECEIPTS_WITHIN).await?.then_some(standing))
}

async fn judge(
    services: &Services,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Option<Judged>, StorageError> {
    let mut tx = services.begin().await?;
    let dispatches = locks::lock_campaign(&mut tx, workspace, campaign).await?;
    let Some(standing) = told(&mut tx, workspace, campaign).await? else { return Ok(None) };
    let passed = !is_exceeded(&standing);
    let judgement = if passed { Judgement::Passed } else { Judgement::Failed };
    if !canary::judge(&mut tx, workspace, campaign, judgement).await? {
        return Ok(None);
    }
    if !passed {
        let detail = words(&standing);
        let reason = PauseReason::CanaryFailed;
        pause_all(&mut tx, workspace, &dispatches, &PauseCause::provider(reason, &detail)).await?;
        canary::name_as_reason(&mut tx, workspace, campaign, &detail).await?;
    }
    tx.commit().await?;
    Ok(Some(Judged { campaign, passed, standing }))
}

fn is_exceeded(standing: &Standing) -> bool {
    let people = |count: i32| u32::try_from(count).unwrap_or(0);
    let percent_max = u8::try_from(standing.percent_max).unwrap_or(Canary::PERCENT_MAX);
    Canary::is_exceeded(percent_max, people(standing.failed), people(standing.tried))
}

fn words(standing: &Standing) -> String {
    let Standing { tried, failed, percent_max, .. } = standing;
    format!(
        "{failed} of the first {tried} messages did not get through, and the campaign stops at more than {percent_max} %. \
         Look why they failed. Then resume to send the rest nevertheless, or cancel."
    )
}
