//! Handovers: what is committed before the first byte leaves.

use domain::ids::{DispatchId, WorkerId, WorkspaceId};

use super::claim::ClaimedBatch;
use crate::{Connection, StorageError};

/// An open handover: these recipients may have been given to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HandoverId(pub i64);

/// Opens a handover. `None` when the dispatch no longer runs or the batch is no longer this worker's: then nothing may
/// be sent. Must be committed before the first byte leaves.
///
/// `sequence` numbers the handovers of one claim: opening the same one again, because the answer to the first try was
/// lost with the connection, gives the same handover.
///
/// The share lock on the dispatch makes pause and cancel wait for handovers being opened, and every later one see them.
/// Whether the batch is still ours is read off its owner and attempt: a sweep that takes it back changes both.
pub async fn open(
    conn: &mut Connection,
    worker: WorkerId,
    batch: &ClaimedBatch,
    sequence: i32,
    recipients: &[i32],
) -> Result<Option<HandoverId>, StorageError> {
    let id = sqlx::query_scalar!(
        "with running as (
             select from dispatches
              where workspace_id = $1 and dispatch_id = $2 and state = 'running'
                for share
         ),
         leased as (
             select from batches
              where workspace_id = $1 and dispatch_id = $2 and ordinal = $3
                and state = 'claimed' and lease_owner = $4 and attempt = $5
                for share
         )
         insert into handovers
                (workspace_id, dispatch_id, batch_ordinal, batch_attempt, lease_owner, sequence, recipients, opened_at)
         select $1, $2, $3, $5, $4, $6, $7, now() from running, leased
             on conflict on constraint handovers_sequence_key do update set opened_at = excluded.opened_at
      returning handover_id",
        batch.workspace.uuid(),
        batch.dispatch.uuid(),
        batch.ordinal,
        worker.uuid(),
        batch.attempt,
        sequence,
        recipients,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(HandoverId))
}

/// How many recipients of a dispatch are in the air: named by an open handover whose outcome for them is not recorded.
///
/// `offset 0` keeps the planner from turning the lookups by key into a join, see `planner`.
pub async fn count_in_the_air(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<i64, StorageError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
             from handovers h
            cross join unnest(h.recipients) as named (ordinal)
            cross join lateral (
                select from recipients r
                 where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal = named.ordinal
                   and r.state = 'pending' and r.handover_id is distinct from h.handover_id
                offset 0) in_the_air
            where h.workspace_id = $1 and h.dispatch_id = $2"#,
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}
