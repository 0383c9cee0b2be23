//! Outcomes that come when their handover is gone: a webhook settled the recipient first, or a sweep took the worker for
//! lost and left the recipient unknown. Only better knowledge is written.
//!
//! A worker that was only slow may know that the provider does not have a message: it never wrote the request, or was
//! refused for the moment. Then the recipient waits again. That sends nothing twice: the recipient still names the
//! handover that the worker speaks of, and since nobody unknown is claimed or handed over, that was the last one.

use domain::ids::{DispatchId, WorkspaceId};

use super::control;
use super::counts::{Delta, StateWords};
use super::outcome::Columns;
use super::planner::Span;
use crate::{Connection, StorageError};

struct Settled {
    settles: bool,
    old_reason: Option<String>,
    old_code: Option<i32>,
    state: String,
    reason: Option<String>,
    provider_code: Option<i32>,
    ordinals: Vec<i32>,
}

/// Settles what these outcomes tell about recipients that are not pending. Whether any of it was news: a flush that is
/// tried again after it was committed brings none. `dispatch_state` is the word of the locked row:
/// in a dispatch that has finished nobody waits again, in a cancelled one they are skipped as everybody was who waited.
pub(super) async fn settle(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    dispatch_state: &str,
    columns: &Columns,
    delta: &mut Delta,
) -> Result<bool, StorageError> {
    let mut waiting = Vec::new();
    let news = update(conn, workspace, dispatch, dispatch_state, columns).await?;
    let is_news = !news.is_empty();
    for settled in news.into_iter().filter(|settled| settled.settles) {
        let from = StateWords {
            state: "unknown",
            reason: settled.old_reason.as_deref(),
            provider_code: settled.old_code,
        };
        let to = StateWords {
            state: &settled.state,
            reason: settled.reason.as_deref(),
            provider_code: settled.provider_code,
        };
        delta.moved(from, to, i32::try_from(settled.ordinals.len()).unwrap_or(i32::MAX));
        if settled.state == "pending" {
            waiting.extend(settled.ordinals);
        }
    }
    if !waiting.is_empty() {
        reopen(conn, workspace, dispatch, &waiting).await?;
    }
    Ok(is_news)
}

async fn update(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    dispatch_state: &str,
    columns: &Columns,
) -> Result<Vec<Settled>, StorageError> {
    let span = Span::of(&columns.ordinals);
    let settled = sqlx::query_as!(
        Settled,
        r#"with o as (
               select * from unnest($3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::int[], $9::float8[], $10::bool[], $14::text[])
                   as o (ordinal, handover_id, state, provider_message_id, reason, provider_code, retry_seconds, counted, wait_reason)
           ),
           before as (
               select r.ordinal, r.reason, r.provider_code, r.handover_id is distinct from o.handover_id as is_first,
                      case
                          when r.state <> 'unknown' or r.handover_id is distinct from o.handover_id then null
                          when o.state in ('sent', 'failed') then o.state
                          when r.reason <> 'worker_lost' then null
                          when o.state = 'unknown' then o.state
                          when $11 = 'cancelled' then 'skipped'
                          when $11 in ('running', 'paused') then o.state
                      end as state_after
                 from recipients r join o on o.ordinal = r.ordinal
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $12 and $13
                  and r.state in ('sent', 'failed', 'unknown')
           ),
           changed as (
               update recipients r
                  set state = coalesce(b.state_after, r.state),
                      reason = case when b.state_after is null then r.reason
                                    when b.state_after = 'skipped' then 'cancelled'
                                    else o.reason end,
                      provider_code = case when b.state_after is null then r.provider_code else o.provider_code end,
                      provider_message_id = coalesce(r.provider_message_id, o.provider_message_id),
                      attempt = case when b.state_after = 'pending' then r.attempt + o.counted::int else r.attempt end,
                      not_before = case when b.state_after = 'pending' then now() + make_interval(secs => o.retry_seconds) end,
                      wait_reason = case when b.state_after = 'pending' then o.wait_reason end,
                      settled_at = case when b.state_after = 'pending' then null else r.settled_at end,
                      handover_id = o.handover_id
                 from o join before b on b.ordinal = o.ordinal
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $12 and $13 and r.ordinal = o.ordinal
            returning r.ordinal, b.state_after is not null as settles, b.is_first, b.reason as old_reason, b.provider_code as old_code,
                      r.state, r.reason, r.provider_code
           )
           select settles as "settles!", old_reason, old_code, state as "state!", reason, provider_code,
                  array_agg(ordinal) as "ordinals!"
             from changed where settles or is_first group by settles, old_reason, old_code, state, reason, provider_code"#,
        workspace.uuid(),
        dispatch.uuid(),
        &columns.ordinals,
        &columns.handovers,
        &columns.states,
        &columns.provider_message_ids as &[Option<String>],
        &columns.reasons as &[Option<String>],
        &columns.provider_codes as &[Option<i32>],
        &columns.retry_seconds as &[Option<f64>],
        &columns.counted,
        dispatch_state,
        span.first,
        span.last,
        &columns.wait_reasons as &[Option<String>],
    )
    .fetch_all(conn)
    .await?;
    Ok(settled)
}

/// Makes the batches of recipients that wait again ready. One that somebody holds becomes so when that claim ends, because
/// the claim may have been read before they came back.
async fn reopen(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
) -> Result<(), StorageError> {
    sqlx::query!(
        "update batches b
            set state = case when b.state = 'done' then 'ready' else b.state end,
                not_before = case when b.state = 'claimed' then b.not_before else now() end,
                reopened = b.state = 'claimed'
          where b.workspace_id = $1 and b.dispatch_id = $2
            and exists (
                select from unnest($3::int[]) as back (ordinal)
                 where back.ordinal between b.first_recipient and b.last_recipient)",
        workspace.uuid(),
        dispatch.uuid(),
        ordinals,
    )
    .execute(&mut *conn)
    .await?;
    control::wake_workers(conn).await
}
