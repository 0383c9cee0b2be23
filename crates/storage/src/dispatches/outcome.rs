//! Outcomes: what the provider answered, written in bulk.

use std::collections::BTreeMap;

use chrono::Timelike;
use domain::Timestamp;
use domain::delivery::{FailureReason, HELD_FOR_QUALITY, Hold, ProviderMessageId};
use domain::dispatch::Wait;
use domain::ids::{DispatchId, WorkerId, WorkspaceId};

use super::counts::{self, Delta, StateWords};
use super::handover::HandoverId;
use super::planner::{self, Span};
use super::{holds, late, superseded};
use crate::{Connection, StorageError};

/// What became of one recipient of a handover.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Position in the dispatch.
    pub ordinal: i32,
    /// The handover that named it.
    pub handover: HandoverId,
    /// When it left. `None` when it did not.
    pub left_at: Option<Timestamp>,
    /// The answer.
    pub answer: Answer,
}

/// An answer, after `domain::retry` has decided what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The provider took it.
    Accepted(ProviderMessageId),
    /// The provider took it, and holds it until it has seen how people react to the first ones.
    HeldForQuality(ProviderMessageId),
    /// Certainly not taken; try again after this long.
    RetryAfter {
        /// The wait, and what for.
        wait: Wait,
        /// Whether it used up one of the recipient's attempts; throttling does not.
        counted: bool,
    },
    /// Certainly not taken, because the provider holds this person back for now. Tried again if that is still in time,
    /// and no attempt is counted.
    HeldBack {
        /// What for.
        hold: Hold,
        /// The wait.
        wait: Wait,
        /// The provider's code.
        provider_code: i32,
    },
    /// Certainly not taken, and not to be tried again.
    Failed {
        /// Why.
        reason: FailureReason,
        /// The provider's code, if it gave one.
        provider_code: Option<i32>,
    },
    /// The request left and no usable answer came.
    Unknown,
    /// Taken back before a byte left.
    Released,
}

impl Answer {
    const fn state(&self) -> &'static str {
        match self {
            Self::Accepted(_) | Self::HeldForQuality(_) => "sent",
            Self::RetryAfter { .. } | Self::HeldBack { .. } | Self::Released => "pending",
            Self::Failed { .. } => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// A batch at the end of a run over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedBatch {
    /// Position of the batch in the dispatch.
    pub ordinal: i32,
    /// The claim that ends.
    pub attempt: i32,
    /// The wait of its recipient who is due first; `None` when none waits.
    pub wait: Option<Wait>,
}

/// Everything one flush writes about one dispatch.
#[derive(Debug, Clone, Default)]
pub struct Flush {
    /// Outcomes since the last flush.
    pub outcomes: Vec<Outcome>,
    /// Handovers of which every outcome is now known.
    pub closed: Vec<HandoverId>,
    /// Batches that were run to their end.
    pub ended: Vec<EndedBatch>,
}

/// Writes a flush. The caller commits; until then nothing of it counts.
///
/// Each outcome is fenced by its handover: when a sweep has taken the handover away, an answer only settles what the
/// sweep left unknown (`late`).
pub async fn record(
    conn: &mut Connection,
    worker: WorkerId,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    flush: &Flush,
) -> Result<(), StorageError> {
    let Some(locked) = superseded::lock(conn, workspace, dispatch).await? else {
        return Ok(());
    };
    let marketing =
        |outcome: &Outcome| matches!(outcome.answer, Answer::HeldBack { hold: Hold::Marketing, .. });
    let waits_a_day = if flush.outcomes.iter().any(marketing) {
        holds::may_wait(conn, workspace, dispatch, Hold::Marketing).await?
    } else {
        false
    };
    let columns = Columns::of(&flush.outcomes, waits_a_day);
    let mut delta = Delta::default();
    let cancelled = locked.state == "cancelled";
    planner::hash_joins_only(conn).await?;
    let recorded = record_fenced(conn, worker, workspace, dispatch, &columns, cancelled, &mut delta).await?;
    let mut is_news = recorded > 0;
    if recorded < flush.outcomes.len() {
        is_news |= late::settle(conn, workspace, dispatch, &locked.state, &columns, &mut delta).await?;
    }
    planner::any_joins(conn).await?;
    if locked.tries_again {
        superseded::call_off(conn, workspace, dispatch, &columns.ordinals, &mut delta).await?;
    }
    // A flush that is tried again after a lost connection may have been committed: then nothing of it is news.
    if is_news {
        count_seconds(conn, workspace, dispatch, &columns.left).await?;
    }
    counts::suppress_opted_out(conn, workspace, dispatch, &columns.opted_out()).await?;
    close_handovers(conn, workspace, dispatch, &flush.closed).await?;
    end_batches(conn, worker, workspace, dispatch, &flush.ended).await?;
    counts::apply(conn, workspace, dispatch, &delta).await
}

/// Outcomes as arrays, one element each.
#[derive(Default)]
pub(super) struct Columns {
    pub ordinals: Vec<i32>,
    pub handovers: Vec<i64>,
    pub states: Vec<String>,
    pub provider_message_ids: Vec<Option<String>>,
    pub reasons: Vec<Option<String>>,
    pub provider_codes: Vec<Option<i32>>,
    pub retry_seconds: Vec<Option<f64>>,
    pub wait_reasons: Vec<Option<String>>,
    left: BTreeMap<Timestamp, i32>,
    pub counted: Vec<bool>,
    pub held: Vec<bool>,
}

impl Columns {
    /// `waits_a_day`: whether a day from now is still in time.
    fn of(outcomes: &[Outcome], waits_a_day: bool) -> Self {
        let mut columns = Self::default();
        for outcome in outcomes {
            let too_late =
                !waits_a_day && matches!(outcome.answer, Answer::HeldBack { hold: Hold::Marketing, .. });
            let state = if too_late { "failed" } else { outcome.answer.state() };
            columns.ordinals.push(outcome.ordinal);
            columns.handovers.push(outcome.handover.0);
            columns.states.push(state.to_owned());
            let mut columns_of =
                |id: Option<&ProviderMessageId>, reason: Option<&str>, code, wait: Option<&Wait>| {
                    columns.provider_message_ids.push(id.map(|id| id.as_str().to_owned()));
                    columns.reasons.push(reason.map(str::to_owned));
                    columns.provider_codes.push(code);
                    columns.retry_seconds.push(wait.map(|wait| wait.after.as_secs_f64()));
                    columns.wait_reasons.push(wait.map(|wait| wait.reason.as_str().to_owned()));
                };
            match &outcome.answer {
                Answer::Accepted(id) => columns_of(Some(id), None, None, None),
                Answer::HeldForQuality(id) => columns_of(Some(id), Some(HELD_FOR_QUALITY), None, None),
                Answer::RetryAfter { wait, .. } => columns_of(None, None, None, Some(wait)),
                Answer::HeldBack { hold, provider_code, .. } if too_late => {
                    columns_of(None, Some(hold.failure().as_str()), Some(*provider_code), None);
                }
                Answer::HeldBack { wait, .. } => columns_of(None, None, None, Some(wait)),
                Answer::Failed { reason, provider_code } => {
                    columns_of(None, Some(reason.as_str()), *provider_code, None);
                }
                Answer::Unknown => columns_of(None, Some("no_answer"), None, None),
                Answer::Released => columns_of(None, None, None, None),
            }
            if let Some(second) = outcome.left_at.and_then(|at| at.with_nanosecond(0)) {
                *columns.left.entry(second).or_default() += 1;
            }
            let held = !too_late && matches!(outcome.answer, Answer::HeldBack { .. });
            columns.held.push(held);
            let uncounted =
                matches!(outcome.answer, Answer::Released | Answer::RetryAfter { counted: false, .. });
            columns.counted.push(!held && !uncounted);
        }
        columns
    }

    fn opted_out(&self) -> Vec<i32> {
        let reasons = self.ordinals.iter().zip(&self.reasons);
        let opted_out =
            reasons.filter(|(_, reason)| reason.as_deref() == Some(FailureReason::OptedOut.as_str()));
        opted_out.map(|(ordinal, _)| *ordinal).collect()
    }
}

/// The usual case: the recipient is pending and its handover is ours. Returns how many rows it was.
async fn record_fenced(
    conn: &mut Connection,
    worker: WorkerId,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    columns: &Columns,
    cancelled: bool,
    delta: &mut Delta,
) -> Result<usize, StorageError> {
    let span = Span::of(&columns.ordinals);
    let groups = sqlx::query!(
        r#"with o as (
               select o.*, o.state = 'pending' and $12 as leaves
                 from unnest($4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::int[], $10::float8[], $11::bool[], $15::text[],
                             $16::bool[])
                   as o (ordinal, handover_id, state, provider_message_id, reason, provider_code, retry_seconds, counted, wait_reason, held)
                 join handovers h
                   on h.handover_id = o.handover_id and h.workspace_id = $1 and h.dispatch_id = $2 and h.lease_owner = $3
           ),
           changed as (
               update recipients r
                  set state = case when o.leaves then 'skipped' else o.state end,
                      reason = case when o.leaves then 'cancelled' else o.reason end,
                      attempt = r.attempt + o.counted::int::smallint,
                      holds = r.holds + o.held::int::smallint,
                      handover_id = o.handover_id,
                      provider_message_id = o.provider_message_id,
                      provider_code = o.provider_code,
                      not_before = now() + make_interval(secs => o.retry_seconds),
                      wait_reason = o.wait_reason,
                      settled_at = case when o.state <> 'pending' or o.leaves then now() end
                 from o
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $13 and $14 and r.ordinal = o.ordinal
                  and r.state = 'pending' and r.handover_id is distinct from o.handover_id
                  and (o.provider_message_id = any (r.dropped_message_ids)) is not true
            returning r.state, r.reason, r.provider_code
           )
           select state as "state!", reason, provider_code, count(*)::int as "recipients!"
             from changed group by state, reason, provider_code"#,
        workspace.uuid(),
        dispatch.uuid(),
        worker.uuid(),
        &columns.ordinals,
        &columns.handovers,
        &columns.states,
        &columns.provider_message_ids as &[Option<String>],
        &columns.reasons as &[Option<String>],
        &columns.provider_codes as &[Option<i32>],
        &columns.retry_seconds as &[Option<f64>],
        &columns.counted,
        cancelled,
        span.first,
        span.last,
        &columns.wait_reasons as &[Option<String>],
        &columns.held,
    )
    .fetch_all(conn)
    .await?;
    let mut recorded = 0;
    for group in groups {
        recorded += usize::try_from(group.recipients).unwrap_or(0);
        let to = StateWords {
            state: &group.state,
            reason: group.reason.as_deref(),
            provider_code: group.provider_code,
        };
        delta.moved(StateWords::bare("pending"), to, group.recipients);
    }
    Ok(recorded)
}

/// Counts what left by the second in which it left, so that no second shows more than the pace let through.
async fn count_seconds(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    left: &BTreeMap<Timestamp, i32>,
) -> Result<(), StorageError> {
    if left.is_empty() {
        return Ok(());
    }
    let seconds: Vec<Timestamp> = left.keys().copied().collect();
    let handed_over: Vec<i32> = left.values().copied().collect();
    sqlx::query!(
        "insert into dispatch_seconds as s (workspace_id, dispatch_id, second, handed_over)
         select $1, $2, second, handed_over from unnest($3::timestamptz[], $4::int[]) as l (second, handed_over)
             on conflict (workspace_id, dispatch_id, second) do update set handed_over = s.handed_over + excluded.handed_over",
        workspace.uuid(),
        dispatch.uuid(),
        &seconds,
        &handed_over,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn close_handovers(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    closed: &[HandoverId],
) -> Result<(), StorageError> {
    if closed.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = closed.iter().map(|handover| handover.0).collect();
    sqlx::query!(
        "delete from handovers where handover_id = any ($3) and workspace_id = $1 and dispatch_id = $2",
        workspace.uuid(),
        dispatch.uuid(),
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn end_batches(
    conn: &mut Connection,
    worker: WorkerId,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ended: &[EndedBatch],
) -> Result<(), StorageError> {
    if ended.is_empty() {
        return Ok(());
    }
    let ordinals: Vec<i32> = ended.iter().map(|batch| batch.ordinal).collect();
    let attempts: Vec<i32> = ended.iter().map(|batch| batch.attempt).collect();
    let due: Vec<Option<f64>> =
        ended.iter().map(|batch| batch.wait.map(|wait| wait.after.as_secs_f64())).collect();
    let reasons: Vec<Option<&str>> =
        ended.iter().map(|batch| batch.wait.map(|wait| wait.reason.as_str())).collect();
    sqlx::query!(
        "update batches b
            set state = case when d.state = 'cancelled' or (e.due_seconds is null and not b.reopened) then 'done' else 'ready' end,
                not_before = now() + make_interval(secs => case when b.reopened then 0 else coalesce(e.due_seconds, 0) end),
                wait_reason = case when e.due_seconds > 0 and not b.reopened then e.wait_reason end,
                reopened = false,
                lease_owner = null,
                lease_expires_at = null
           from unnest($4::int[], $5::int[], $6::float8[], $7::text[]) as e (ordinal, attempt, due_seconds, wait_reason), dispatches d
          where b.workspace_id = $1 and b.dispatch_id = $2 and b.ordinal = e.ordinal and b.attempt = e.attempt
            and b.state = 'claimed' and b.lease_owner = $3
            and d.workspace_id = $1 and d.dispatch_id = $2",
        workspace.uuid(),
        dispatch.uuid(),
        worker.uuid(),
        &ordinals,
        &attempts,
        &due as &[Option<f64>],
        &reasons as &[Option<&str>],
    )
    .execute(conn)
    .await?;
    Ok(())
}
