//! The end of a campaign's window. From that moment nothing is claimed or handed over any more, whoever sweeps when; the
//! sweep then leaves out whoever waits.

use domain::Timestamp;
use domain::delivery::SkipReason;
use domain::ids::{CampaignId, DispatchId, WorkspaceId};

use super::control::withhold;
use super::counts::{self, Delta, StateWords};
use crate::{Connection, StorageError};

/// Gives everything of a campaign that was launched in this transaction a window.
pub async fn set(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    not_after: Timestamp,
    holds_allowed: bool,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update dispatches set not_after = $3, holds_allowed = $4
          where workspace_id = $1 and campaign_id = $2 and state = 'running'",
        workspace.uuid(),
        campaign.uuid(),
        not_after,
        holds_allowed,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Dispatches whose window is over and that have not ended. Goes through the whole installation.
pub async fn over(
    conn: &mut Connection,
    rows_max: i64,
) -> Result<Vec<(WorkspaceId, DispatchId)>, StorageError> {
    let rows = sqlx::query!(
        "select workspace_id, dispatch_id from dispatches
          where not_after <= now() and state in ('running', 'paused')
          order by not_after
          limit $1",
        rows_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id.into(), row.dispatch_id.into())).collect())
}

/// Leaves out whoever waits in a dispatch whose window is over, and tells how many. Who is in the air keeps their outcome;
/// who comes back from there waiting is left out by the next call. With the last one the dispatch finishes.
pub async fn close(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<i32, StorageError> {
    let state = counts::lock(conn, workspace, dispatch).await?;
    if !matches!(state.as_deref(), Some("running" | "paused")) {
        return Ok(0);
    }
    let reason = SkipReason::WindowOver.as_str();
    let withheld = withhold(conn, workspace, dispatch, reason).await?;
    if withheld > 0 {
        let mut delta = Delta::default();
        let to = StateWords { state: "skipped", reason: Some(reason), provider_code: None };
        delta.moved(StateWords::bare("pending"), to, withheld);
        counts::apply(conn, workspace, dispatch, &delta).await?;
    }
    Ok(withheld)
}
