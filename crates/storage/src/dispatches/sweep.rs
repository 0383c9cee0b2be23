//! Recovery: what a dead worker left behind.

use domain::ids::{DispatchId, WorkspaceId};

use super::counts::{self, Delta, StateWords};
use super::planner::{self, Span};
use crate::{Connection, StorageError};

/// Dispatches with batches whose lease ran out.
pub async fn find_expired(
    conn: &mut Connection,
    dispatches_max: i64,
) -> Result<Vec<(WorkspaceId, DispatchId)>, StorageError> {
    let rows = sqlx::query!(
        "select distinct workspace_id, dispatch_id from (
             select workspace_id, dispatch_id from batches
              where state = 'claimed' and lease_expires_at <= now()
              order by lease_expires_at
              limit $1
         ) expired",
        dispatches_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id.into(), row.dispatch_id.into())).collect())
}

/// What a sweep of one dispatch found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Batches taken back.
    pub batches: u64,
    /// Recipients that became unknown: they were in the air when the worker was lost.
    pub unknown: i32,
}

/// Takes back the batches of a dispatch whose leases ran out. Recipients named by their open handovers become unknown
/// and are never sent again; the rest of each batch is ready for the next worker.
pub async fn sweep(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Swept, StorageError> {
    let Some(state) = counts::lock(conn, workspace, dispatch).await? else {
        return Ok(Swept::default());
    };
    let expired = sqlx::query!(
        "select ordinal, first_recipient, last_recipient from batches
          where workspace_id = $1 and dispatch_id = $2 and state = 'claimed' and lease_expires_at <= now()
          order by ordinal
            for update skip locked",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_all(&mut *conn)
    .await?;
    if expired.is_empty() {
        return Ok(Swept::default());
    }
    let bounds: Vec<i32> =
        expired.iter().flat_map(|batch| [batch.first_recipient, batch.last_recipient]).collect();
    let expired: Vec<i32> = expired.iter().map(|batch| batch.ordinal).collect();
    planner::hash_joins_only(conn).await?;
    let unknown = leave_unknown(conn, workspace, dispatch, &expired, Span::of(&bounds)).await?;
    planner::any_joins(conn).await?;
    let batches = take_back(conn, workspace, dispatch, &expired, state == "cancelled").await?;
    let mut delta = Delta::default();
    let to = StateWords { state: "unknown", reason: Some("worker_lost"), provider_code: None };
    if unknown > 0 {
        delta.moved(StateWords::bare("pending"), to, unknown);
    }
    counts::apply(conn, workspace, dispatch, &delta).await?;
    Ok(Swept { batches, unknown })
}

async fn leave_unknown(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    batches: &[i32],
    span: Span,
) -> Result<i32, StorageError> {
    let unknown = sqlx::query_scalar!(
        r#"with lost as (
               delete from handovers
                where workspace_id = $1 and dispatch_id = $2 and batch_ordinal = any ($3)
            returning handover_id, recipients
           ),
           named as (
               select distinct on (ordinal) ordinal, handover_id
                 from lost cross join unnest(recipients) as ordinal
                order by ordinal, handover_id desc
           ),
           changed as (
               update recipients r
                  set state = 'unknown', reason = 'worker_lost', handover_id = n.handover_id, not_before = null,
                      settled_at = now()
                 from named n
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $4 and $5 and r.ordinal = n.ordinal
                  and r.state = 'pending' and r.handover_id is distinct from n.handover_id
            returning r.ordinal
           )
           select count(*)::int as "count!" from changed"#,
        workspace.uuid(),
        dispatch.uuid(),
        batches,
        span.first,
        span.last,
    )
    .fetch_one(conn)
    .await?;
    Ok(unknown)
}

async fn take_back(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    batches: &[i32],
    cancelled: bool,
) -> Result<u64, StorageError> {
    let taken = sqlx::query!(
        "update batches b
            set state = case when $4 or not exists (
                    select from recipients r
                     where r.workspace_id = $1 and r.dispatch_id = $2
                       and r.ordinal between b.first_recipient and b.last_recipient and r.state = 'pending')
                    then 'done' else 'ready' end,
                not_before = now(), lease_owner = null, lease_expires_at = null
          where b.workspace_id = $1 and b.dispatch_id = $2 and b.ordinal = any ($3) and b.state = 'claimed'",
        workspace.uuid(),
        dispatch.uuid(),
        batches,
        cancelled,
    )
    .execute(conn)
    .await?;
    Ok(taken.rows_affected())
}

/// Dispatches whose counts may have changed in the last day, newest first.
pub async fn lately_changed(
    conn: &mut Connection,
    dispatches_max: i64,
) -> Result<Vec<(WorkspaceId, DispatchId)>, StorageError> {
    let rows = sqlx::query!(
        "select workspace_id, dispatch_id from dispatches
          where dispatch_id >= uuid_floor(now() - interval '1 day')
          order by dispatch_id desc
          limit $1",
        dispatches_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id.into(), row.dispatch_id.into())).collect())
}

/// Compares the counts of a dispatch with its rows. `true` when they agree.
pub async fn counts_agree(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<bool, StorageError> {
    let agree = sqlx::query_scalar!(
        r#"select d.audience = r.audience and d.pending = r.pending and d.sent = r.sent and d.failed = r.failed
                  and d.skipped = r.skipped and d.unknown = r.unknown and d.delivered = r.delivered and d.read = r.read
                  and d.replied = r.replied and d.superseded = r.superseded as "agree!"
             from dispatches d,
                  (select count(*) as audience,
                          count(*) filter (where state = 'pending' and counts) as pending,
                          count(*) filter (where state = 'sent' and counts) as sent,
                          count(*) filter (where state = 'failed' and counts) as failed,
                          count(*) filter (where state = 'skipped' and counts) as skipped,
                          count(*) filter (where state = 'unknown' and counts) as unknown,
                          count(*) filter (where state = 'sent' and delivered_at is not null and counts) as delivered,
                          count(*) filter (where state = 'sent' and read_at is not null and counts) as read,
                          count(*) filter (where replied_at is not null and counts) as replied,
                          count(*) filter (where not counts) as superseded
                     from (select *, superseded_by is null as counts from recipients
                            where workspace_id = $1 and dispatch_id = $2) rows) r
            where d.workspace_id = $1 and d.dispatch_id = $2"#,
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(agree.unwrap_or(true))
}
