//! The moments after a launch in which nothing leaves yet, and taking the launch back.

use domain::ids::{CampaignId, DispatchId, WorkspaceId};

use super::counts;
use crate::{Connection, StorageError};

/// Keeps everything of a campaign that was launched in this transaction from being claimed for so long. To be called last:
/// the time runs from now, not from the beginning of a launch that may take a while.
pub async fn hold(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    seconds: u8,
) -> Result<(), StorageError> {
    sqlx::query!(
        "with held as (
             update dispatches set undo_until = clock_timestamp() + make_interval(secs => $3)
              where workspace_id = $1 and campaign_id = $2 and state = 'running'
          returning dispatch_id, undo_until
         )
         update batches b set not_before = held.undo_until, wait_reason = 'not_started'
           from held
          where b.workspace_id = $1 and b.dispatch_id = held.dispatch_id and b.state = 'ready'
            and b.not_before < held.undo_until",
        workspace.uuid(),
        campaign.uuid(),
        f64::from(seconds),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes every trace of the launch of a campaign, unless any of it was ever claimed by a worker: then something may
/// have been handed over. Where people are tried again that is certain. Returns the key of the launch; `None` when it cannot be taken back.
pub async fn take_back(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Option<String>, StorageError> {
    let dispatches = sqlx::query!(
        "select dispatch_id, idempotency_key, state in ('running', 'paused') and tries_again is null as \"open!\"
           from dispatches where workspace_id = $1 and campaign_id = $2
          order by dispatch_id for update",
        workspace.uuid(),
        campaign.uuid(),
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<uuid::Uuid> = dispatches.iter().map(|row| row.dispatch_id).collect();
    let Some(first) = dispatches.first().filter(|_| dispatches.iter().all(|row| row.open)) else {
        return Ok(None);
    };
    // Waits for a claim under way, and keeps later ones off: they skip what is locked.
    let untouched = sqlx::query_scalar!(
        r#"select coalesce(bool_and(attempt = 0), true) as "untouched!"
             from (select attempt from batches where workspace_id = $1 and dispatch_id = any ($2) for update) b"#,
        workspace.uuid(),
        &ids,
    )
    .fetch_one(&mut *conn)
    .await?;
    if !untouched {
        return Ok(None);
    }
    for dispatch in &ids {
        remove(conn, workspace, (*dispatch).into()).await?;
    }
    Ok(first.idempotency_key.clone())
}

async fn remove(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<(), StorageError> {
    counts::announce(conn, workspace, dispatch).await?;
    let (workspace_id, dispatch_id) = (workspace.uuid(), dispatch.uuid());
    sqlx::query!(
        "delete from recipients where workspace_id = $1 and dispatch_id = $2",
        workspace_id,
        dispatch_id
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from batches where workspace_id = $1 and dispatch_id = $2",
        workspace_id,
        dispatch_id
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from dispatch_reasons where workspace_id = $1 and dispatch_id = $2",
        workspace_id,
        dispatch_id
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from dispatches where workspace_id = $1 and dispatch_id = $2",
        workspace_id,
        dispatch_id
    )
    .execute(&mut *conn)
    .await?;
    Ok(())
}
