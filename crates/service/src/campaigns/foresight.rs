//! How a campaign would go under the limit of its sender's portfolio.

use domain::Timestamp;
use domain::ids::WorkspaceId;
use storage::campaigns::Campaign;
use storage::{Connection, StorageError, portfolios};

use super::preflight::Preflight;

/// Tells what the limit leaves, who has to wait for a place, and how long everything takes with those waits. All senders of a
/// campaign belong to one business account, so they share one limit.
pub(super) async fn foresee(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: &Campaign,
    now: Timestamp,
    found: &mut Preflight,
) -> Result<(), StorageError> {
    let Some(sender) = campaign.channel_account else { return Ok(()) };
    found.allowance = portfolios::usage(conn, workspace, sender).await?;
    let (Some(allowance), Some(takes)) = (&found.allowance, found.duration) else { return Ok(()) };
    let start = found.starts_at.filter(|at| *at > now).unwrap_or(now);
    let forecast = allowance.forecast(u64::try_from(found.eligible).unwrap_or(0), takes, start);
    found.duration = forecast.ends.and_then(|ends| (ends - start).to_std().ok()).or(found.duration);
    found.forecast = Some(forecast);
    Ok(())
}
