//! Outcomes that come when their handover is gone: a webhook settled the recipient first, or a sweep took the worker for
//! lost and left the recipient unknown. Only better knowledge is written.
//!
//! A worker that was only slow may know that the provider does not have a message: it never wrote the request, or was
//! refused for the moment. Then the recipient waits again. That sends nothing twice: the recipient still names the
//! handover that the worker speaks of, and since nobody unknown is claimed or handed over, that was the last one. Whoever is
//! tried again by another row waits with that one only.

use domain::ids::{DispatchId, WorkspaceId};

use super::counts::{Delta, StateWords};
use super::holds::{self, Returned};
use super::outcome::Columns;
use super::planner::Span;
use super::superseded;
use crate::{Connection, StorageError};

struct Settled {
    settles: bool,
    superseded: bool,
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
    let (mut waiting, mut reached) = (Vec::new(), Vec::new());
    let news = update(conn, workspace, dispatch, dispatch_state, columns).await?;
    let mut is_news = !news.is_empty();
    is_news |= settle_dropped(conn, workspace, dispatch, dispatch_state, columns, delta).await?;
    for settled in news.into_iter().filter(|settled| settled.settles) {
        if settled.superseded {
            reached.extend(settled.ordinals.into_iter().filter(|_| settled.state == "sent"));
            continue;
        }
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
            waiting.extend(settled.ordinals.into_iter().map(Returned::now));
        }
    }
    if !waiting.is_empty() {
        holds::reopen(conn, workspace, dispatch, &waiting).await?;
    }
    if !reached.is_empty() {
        superseded::count_again(conn, workspace, dispatch, &reached, delta).await?;
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
               select * from unnest($3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::int[], $9::float8[], $10::bool[], $14::text[],
                                    $15::bool[])
                   as o (ordinal, handover_id, state, provider_message_id, reason, provider_code, retry_seconds, counted, wait_reason, held)
           ),
           before as (
               select r.ordinal, r.reason, r.provider_code, r.handover_id is distinct from o.handover_id as is_first,
                      case
                          when r.state <> 'unknown' then null
                          -- Taken and dropped before we heard that it was taken.
                          when o.state = 'sent' and o.provider_message_id = any (r.dropped_message_ids) then 'failed'
                          when o.state in ('sent', 'failed') then o.state
                          when r.reason <> 'worker_lost' then null
                          when o.state = 'unknown' then o.state
                          when r.superseded_by is not null then null
                          when $11 = 'cancelled' then 'skipped'
                          when $11 in ('running', 'paused') then o.state
                      end as state_after
                 from recipients r join o on o.ordinal = r.ordinal
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $12 and $13
                  and (r.state in ('sent', 'failed') or r.state = 'unknown' and r.handover_id = o.handover_id)
           ),
           changed as (
               update recipients r
                  set state = coalesce(b.state_after, r.state),
                      reason = case when b.state_after is null then r.reason
                                    when b.state_after = 'skipped' then 'cancelled'
                                    when b.state_after = 'failed' and o.state = 'sent'
                                    then case r.wait_reason when 'marketing_limit' then r.wait_reason else 'throttled' end
                                    else o.reason end,
                      provider_code = case when b.state_after is null then r.provider_code else o.provider_code end,
                      provider_message_id = coalesce(r.provider_message_id, o.provider_message_id),
                      attempt = case when b.state_after = 'pending' then r.attempt + o.counted::int else r.attempt end,
                      holds = case when b.state_after = 'pending' then r.holds + o.held::int else r.holds end,
                      not_before = case when b.state_after = 'pending' then now() + make_interval(secs => o.retry_seconds) end,
                      wait_reason = case when b.state_after = 'pending' then o.wait_reason end,
                      settled_at = case when b.state_after = 'pending' then null else r.settled_at end,
                      handover_id = o.handover_id
                 from o join before b on b.ordinal = o.ordinal
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $12 and $13 and r.ordinal = o.ordinal
            returning r.ordinal, b.state_after is not null as settles, b.is_first, b.reason as old_reason, b.provider_code as old_code,
                      r.state, r.reason, r.provider_code, r.superseded_by is not null as superseded
           )
           select settles as "settles!", superseded as "superseded!", old_reason, old_code, state as "state!", reason, provider_code,
                  array_agg(ordinal) as "ordinals!"
             from changed where settles or is_first group by settles, superseded, old_reason, old_code, state, reason, provider_code"#,
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
        &columns.held,
    )
    .fetch_all(conn)
    .await?;
    Ok(settled)
}

/// Acceptances of messages that the provider had already reported as dropped for now: the report came first and noted how
/// long they wait. They stay waiting, and the handover is settled. Whether there was any.
async fn settle_dropped(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    dispatch_state: &str,
    columns: &Columns,
    delta: &mut Delta,
) -> Result<bool, StorageError> {
    let span = Span::of(&columns.ordinals);
    let settled = sqlx::query!(
        r#"update recipients r
              set handover_id = o.handover_id,
                  attempt = r.attempt + 1,
                  state = case when $6 then 'failed' else r.state end,
                  reason = case when $6 and r.wait_reason = 'marketing_limit' then r.wait_reason when $6 then 'throttled' end,
                  provider_message_id = case when $6 then o.provider_message_id end,
                  not_before = case when not $6 then r.not_before end,
                  wait_reason = case when not $6 then r.wait_reason end,
                  settled_at = case when $6 then now() end
             from unnest($3::int[], $4::bigint[], $5::text[]) as o (ordinal, handover_id, provider_message_id)
             join handovers h on h.handover_id = o.handover_id and h.workspace_id = $1 and h.dispatch_id = $2
            where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $7 and $8 and r.ordinal = o.ordinal
              and r.state = 'pending' and r.handover_id is distinct from o.handover_id
              and o.provider_message_id = any (r.dropped_message_ids)
        returning r.ordinal, r.state, r.reason, r.wait_reason,
                  greatest(extract(epoch from r.not_before - now()), 0)::float8 as seconds"#,
        workspace.uuid(),
        dispatch.uuid(),
        &columns.ordinals,
        &columns.handovers,
        &columns.provider_message_ids as &[Option<String>],
        dispatch_state == "cancelled",
        span.first,
        span.last,
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut returned = Vec::new();
    for one in &settled {
        if one.state == "failed" {
            let to = StateWords { state: &one.state, reason: one.reason.as_deref(), provider_code: None };
            delta.moved(StateWords::bare("pending"), to, 1);
        } else {
            let reason = one.wait_reason.as_deref().and_then(|word| word.parse().ok());
            returned.push(Returned { ordinal: one.ordinal, seconds: one.seconds.unwrap_or(0.0), reason });
        }
    }
    if !returned.is_empty() {
        holds::reopen(conn, workspace, dispatch, &returned).await?;
    }
    Ok(!settled.is_empty())
}
