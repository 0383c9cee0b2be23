//! The rows of several dispatches that are made together: after their recipients, when the numbers are known.

use domain::ids::WorkspaceId;

use super::launch::NewLaunch;
use crate::{Connection, StorageError};

/// Recipients of one dispatch that were frozen with the same fate.
#[derive(Debug)]
pub(super) struct Counted {
    pub dispatch_id: uuid::Uuid,
    /// Why they are left out; `None` for those who will be sent to.
    pub reason: Option<String>,
    pub recipients: i32,
}

/// Writes dispatches, reasons and batches for recipients that are there.
pub(super) async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    counted: &[Counted],
) -> Result<(), StorageError> {
    let dispatches: Vec<uuid::Uuid> = new.slices.iter().map(|slice| slice.dispatch.uuid()).collect();
    let senders: Vec<uuid::Uuid> = new.slices.iter().map(|slice| slice.channel_account.uuid()).collect();
    let of = |dispatch: &uuid::Uuid, is_pending: bool| -> i32 {
        let own = counted.iter().filter(|group| group.dispatch_id == *dispatch);
        own.filter(|group| group.reason.is_none() == is_pending).map(|group| group.recipients).sum()
    };
    let pending: Vec<i32> = dispatches.iter().map(|dispatch| of(dispatch, true)).collect();
    let skipped: Vec<i32> = dispatches.iter().map(|dispatch| of(dispatch, false)).collect();
    insert_dispatches(conn, workspace, new, &dispatches, &senders, &pending, &skipped).await?;
    insert_reasons(conn, workspace, counted).await?;
    cut_batches(conn, workspace, new, &dispatches, &senders, &pending).await
}

async fn insert_dispatches(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    dispatches: &[uuid::Uuid],
    senders: &[uuid::Uuid],
    pending: &[i32],
    skipped: &[i32],
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into dispatches (workspace_id, dispatch_id, campaign_id, slice, channel_account_id, template_version_id,
                                 state, state_changed_at, idempotency_key, content_digest, launched_by, launched_at,
                                 ended_at, audience, pending, skipped)
         select $1, n.dispatch_id, $2,
                (select coalesce(max(slice), 0) from dispatches where workspace_id = $1 and campaign_id = $2) + n.slice,
                n.channel_account_id, $3, case when n.pending = 0 then 'finished' else 'running' end, $4,
                case when n.slice = 1 then $5 end, $6, $7, $4, case when n.pending = 0 then $4::timestamptz end,
                n.pending + n.skipped, n.pending, n.skipped
           from unnest($8::uuid[], $9::uuid[], $10::int[], $11::int[])
                with ordinality as n (dispatch_id, channel_account_id, pending, skipped, slice)",
        workspace.uuid(),
        new.campaign.uuid(),
        new.template_version.uuid(),
        new.launched_at,
        new.idempotency_key,
        new.content_digest,
        new.launched_by.uuid(),
        dispatches,
        senders,
        pending,
        skipped,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_reasons(
    conn: &mut Connection,
    workspace: WorkspaceId,
    counted: &[Counted],
) -> Result<(), StorageError> {
    let skipped: Vec<&Counted> = counted.iter().filter(|group| group.reason.is_some()).collect();
    let dispatches: Vec<uuid::Uuid> = skipped.iter().map(|group| group.dispatch_id).collect();
    let reasons: Vec<&str> = skipped.iter().filter_map(|group| group.reason.as_deref()).collect();
    let recipients: Vec<i32> = skipped.iter().map(|group| group.recipients).collect();
    sqlx::query!(
        "insert into dispatch_reasons (workspace_id, dispatch_id, state, reason, recipients)
         select $1, dispatch_id, 'skipped', reason, recipients
           from unnest($2::uuid[], $3::text[], $4::int[]) as n (dispatch_id, reason, recipients)",
        workspace.uuid(),
        &dispatches,
        &reasons as &[&str],
        &recipients,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn cut_batches(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    dispatches: &[uuid::Uuid],
    senders: &[uuid::Uuid],
    pending: &[i32],
) -> Result<(), StorageError> {
    let sizes: Vec<i32> = new.slices.iter().map(|slice| slice.batch_size).collect();
    sqlx::query!(
        "insert into batches (workspace_id, dispatch_id, ordinal, channel_account_id, first_recipient, last_recipient,
                              state, not_before)
         select $1, n.dispatch_id, (first - 1) / n.size + 1, n.channel_account_id, first,
                least(first + n.size - 1, n.pending), 'ready', $2
           from unnest($3::uuid[], $4::uuid[], $5::int[], $6::int[]) as n (dispatch_id, channel_account_id, pending, size)
          cross join generate_series(1, n.pending, n.size) as first",
        workspace.uuid(),
        new.launched_at,
        dispatches,
        senders,
        pending,
        &sizes,
    )
    .execute(conn)
    .await?;
    Ok(())
}
