//! Quiet hours: nobody is written to in the night of their own zone.
//!
//! Three things keep it so, and each would do for those who pass the others. Whatever makes a batch ready puts its moment
//! outside the quiet hours (the trigger `batches_keep_quiet_hours`). When they begin for a zone of a dispatch, nothing of that
//! dispatch is claimed until its due batches were looked through, here. And a batch that is in a worker's hands at that moment
//! gets no further handover (`handover::open`); it ends, and is ready again in the morning.

use domain::ids::{DispatchId, WorkspaceId};

use super::{control, counts};
use crate::{Connection, StorageError};

/// Running dispatches for a zone of which quiet hours have begun since they were last looked through. Goes through the whole
/// installation.
pub async fn begun(
    conn: &mut Connection,
    rows_max: i64,
) -> Result<Vec<(WorkspaceId, DispatchId)>, StorageError> {
    let rows = sqlx::query!(
        "select workspace_id, dispatch_id from dispatches
          where quiet_from is not null and state = 'running' and (quiet_checked_until <= now() or quiet_checked_until is null)
          order by quiet_checked_until
          limit $1",
        rows_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id.into(), row.dispatch_id.into())).collect())
}

/// Puts off what is due where it is quiet now, and notes until when it becomes so nowhere else. Costs as much as batches are
/// left, once for each zone and night.
pub async fn look_through(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<(), StorageError> {
    if counts::lock(conn, workspace, dispatch).await?.is_none() {
        return Ok(());
    }
    sqlx::query!(
        "with d as (
             select quiet_from, quiet_until from dispatches
              where workspace_id = $1 and dispatch_id = $2 and quiet_from is not null
         ),
         zones as materialized (
             select distinct time_zone from batches
              where workspace_id = $1 and dispatch_id = $2 and state <> 'done' and time_zone is not null
         ),
         nights as materialized (
             select z.time_zone from zones z cross join d where is_quiet(now(), z.time_zone, d.quiet_from, d.quiet_until)
         ),
         -- The trigger knows when the night is over.
         put_off as (
             update batches b set not_before = now(), wait_reason = 'quiet_hours'
              where b.workspace_id = $1 and b.dispatch_id = $2 and b.state = 'ready' and b.not_before <= now()
                and b.time_zone in (select n.time_zone from nights n)
         )
         update dispatches
            set quiet_checked_until = coalesce(
                    (select min(quiet_start_after(now(), z.time_zone, d.quiet_from)) from zones z cross join d),
                    now() + interval '1 day')
          where workspace_id = $1 and dispatch_id = $2 and quiet_from is not null",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .execute(&mut *conn)
    .await?;
    control::wake_workers(conn).await?;
    counts::announce(conn, workspace, dispatch).await
}
