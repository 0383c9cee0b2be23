//! What providers report about recipients: delivery events and replies, applied in bulk and monotonically.

use domain::Timestamp;
use domain::delivery::{FailureReason, Hold, WaitReason};
use domain::ids::{DispatchId, WorkspaceId};

use super::counts::{self, Delta, StateWords};
use super::holds::{self, Returned};
use super::planner::{self, Span};
use super::superseded;
use crate::{Connection, StorageError};

/// All that a group of events says about one recipient.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Position in the dispatch.
    pub ordinal: i32,
    /// The provider's id of the message.
    pub provider_message_id: String,
    /// Reported as taken, delivered or read.
    pub arrived: bool,
    /// When it was delivered; reading proves delivery.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// Why it failed, if that was reported: our word and the provider's code.
    pub failed: Option<(String, Option<i32>)>,
    /// What the person waits for, if the provider dropped the message for now; then it failed only if there is no time for
    /// that.
    pub hold: Option<Hold>,
}

struct Moved {
    from: String,
    from_reason: Option<String>,
    from_code: Option<i32>,
    to: String,
    reason: Option<String>,
    provider_code: Option<i32>,
    delivered: bool,
    read: bool,
    recipients: i32,
    held: bool,
    superseded: bool,
    reached: Option<Vec<i32>>,
    wait_reason: Option<String>,
    wait_seconds: Option<f64>,
    returned: Option<Vec<i32>>,
}

/// Applies reports about recipients of one dispatch. At most one report per recipient; the caller commits.
pub async fn apply(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    reports: &[Report],
) -> Result<(), StorageError> {
    let Some(locked) = superseded::lock(conn, workspace, dispatch).await? else {
        return Ok(());
    };
    let opted_out: Vec<i32> = reports
        .iter()
        .filter(|report| {
            report.failed.as_ref().is_some_and(|(reason, _)| reason == FailureReason::OptedOut.as_str())
        })
        .map(|report| report.ordinal)
        .collect();
    let mut delta = Delta::default();
    let (mut returned, mut reached) = (Vec::new(), Vec::new());
    let holds = allowed_holds(conn, workspace, dispatch, reports).await?;
    for moved in update(conn, workspace, dispatch, reports, &holds).await? {
        if moved.superseded {
            reached.extend(moved.reached.unwrap_or_default());
            continue;
        }
        let from = StateWords {
            state: &moved.from,
            reason: moved.from_reason.as_deref(),
            provider_code: moved.from_code,
        };
        let to = StateWords {
            state: &moved.to,
            reason: moved.reason.as_deref(),
            provider_code: moved.provider_code,
        };
        if from != to {
            delta.moved(from, to, moved.recipients);
        }
        delta.delivered += i32::from(moved.delivered) * moved.recipients;
        delta.read += i32::from(moved.read) * moved.recipients;
        if moved.held {
            let reason = moved.wait_reason.as_deref().and_then(|word| word.parse().ok());
            let seconds = moved.wait_seconds.unwrap_or(0.0);
            let ordinals = moved.returned.unwrap_or_default().into_iter();
            returned.extend(ordinals.map(|ordinal| Returned { ordinal, seconds, reason }));
        }
    }
    if !returned.is_empty() {
        holds::reopen(conn, workspace, dispatch, &returned).await?;
    }
    if locked.tries_again {
        let ordinals: Vec<i32> = returned.iter().map(|one| one.ordinal).collect();
        superseded::call_off(conn, workspace, dispatch, &ordinals, &mut delta).await?;
    }
    if !reached.is_empty() {
        superseded::count_again(conn, workspace, dispatch, &reached, &mut delta).await?;
    }
    counts::suppress_opted_out(conn, workspace, dispatch, &opted_out).await?;
    if delta.is_empty() {
        return Ok(());
    }
    counts::apply(conn, workspace, dispatch, &delta).await
}

/// Which of the holds among these reports people may wait for.
async fn allowed_holds(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    reports: &[Report],
) -> Result<Vec<Hold>, StorageError> {
    let mut allowed = Vec::new();
    for hold in [Hold::Pair, Hold::Marketing, Hold::Throughput] {
        if reports.iter().any(|report| report.hold == Some(hold))
            && holds::may_wait(conn, workspace, dispatch, hold).await?
        {
            allowed.push(hold);
        }
    }
    Ok(allowed)
}

/// Reports, a column each.
#[derive(Default)]
struct Columns {
    ordinals: Vec<i32>,
    ids: Vec<String>,
    arrived: Vec<bool>,
    delivered: Vec<Option<Timestamp>>,
    read: Vec<Option<Timestamp>>,
    reasons: Vec<Option<String>>,
    codes: Vec<Option<i32>>,
    wait_reasons: Vec<Option<&'static str>>,
    first_waits: Vec<Option<f64>>,
    longest_waits: Vec<Option<f64>>,
}

impl Columns {
    fn of(reports: &[Report], holds: &[Hold]) -> Self {
        let mut columns = Self::default();
        for report in reports {
            let (reason, code) = report.failed.clone().unzip();
            columns.ordinals.push(report.ordinal);
            columns.ids.push(report.provider_message_id.clone());
            columns.arrived.push(report.arrived);
            columns.delivered.push(report.delivered_at);
            columns.read.push(report.read_at);
            columns.reasons.push(reason);
            columns.codes.push(code.flatten());
            let hold = report.hold.filter(|hold| holds.contains(hold));
            columns.wait_reasons.push(hold.map(|hold| WaitReason::as_str(hold.reason())));
            columns.first_waits.push(hold.map(|hold| hold.first_wait().as_secs_f64()));
            columns.longest_waits.push(hold.map(|hold| hold.longest_wait().as_secs_f64()));
        }
        columns
    }
}

/// The law of `Recipient::apply` for reports, as one statement. What is said about a message that the provider dropped for
/// now is old, unless it arrived after all.
#[expect(clippy::too_many_lines, reason = "one statement, whose parts say nothing alone")]
async fn update(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    reports: &[Report],
    holds: &[Hold],
) -> Result<Vec<Moved>, StorageError> {
    let columns = Columns::of(reports, holds);
    let span = Span::of(&columns.ordinals);
    planner::hash_joins_only(conn).await?;
    let moved = sqlx::query_as!(
        Moved,
        r#"with e as (
               select * from unnest($3::int[], $4::text[], $5::bool[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::int[],
                                    $12::text[], $13::float8[], $14::float8[])
                   as e (ordinal, provider_message_id, arrived, delivered_at, read_at, failed_reason, failed_code,
                         wait_reason, first_wait, longest_wait)
           ),
           before as (
               select r.ordinal, r.state, r.reason, r.provider_code, r.delivered_at, r.read_at,
                      case
                          when r.state = 'skipped' then 'skipped'
                          when r.state = 'failed'
                               and (not e.arrived
                                    or r.provider_message_id is not null
                                       and (e.delivered_at is null or e.provider_message_id = r.provider_message_id)) then 'failed'
                          when r.state = 'sent' and r.delivered_at is not null then 'sent'
                          when e.failed_reason is not null and e.delivered_at is null then
                              case when e.wait_reason is null or r.state = 'failed' then 'failed'
                                   when r.state = 'sent' and e.provider_message_id <> r.provider_message_id then 'sent'
                                   when r.superseded_by is not null then 'failed'
                                   else 'pending' end
                          else 'sent'
                      end as state_after
                 from recipients r join e on e.ordinal = r.ordinal
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $10 and $11
                  and ((e.provider_message_id = any (r.dropped_message_ids)) is not true or e.delivered_at is not null)
           ),
           changed as (
               update recipients r
                  set state = b.state_after,
                      provider_message_id =
                          case when b.state_after in ('skipped', 'pending') then null
                               when b.state_after = 'sent' and r.state = 'failed' then e.provider_message_id
                               else coalesce(r.provider_message_id, e.provider_message_id) end,
                      dropped_message_ids =
                          case when b.state_after = 'pending' then r.dropped_message_ids || e.provider_message_id
                               else r.dropped_message_ids end,
                      holds = r.holds + (b.state_after = 'pending')::int::smallint,
                      -- Only a message that is in the air makes a sent recipient with an open handover.
                      handover_id = case when b.state_after = 'pending' and r.state = 'sent' then coalesce(
                          (select max(h.handover_id) from handovers h
                            where h.workspace_id = $1 and h.dispatch_id = $2 and e.ordinal = any (h.recipients)),
                          r.handover_id) else r.handover_id end,
                      -- What the provider held is released with the first sign of it.
                      reason = case when b.state_after = 'sent' and (e.delivered_at is not null or r.state <> 'sent') then null
                                    when b.state_after = r.state then r.reason
                                    when b.state_after = 'failed' then e.failed_reason end,
                      provider_code = case when b.state_after = r.state then r.provider_code
                                           when b.state_after = 'failed' then e.failed_code end,
                      not_before = case when b.state_after = 'pending' then
                          now() + make_interval(secs => least(e.first_wait * power(4, least(r.holds, 20)), e.longest_wait)) end,
                      wait_reason = case when b.state_after = 'pending' then e.wait_reason end,
                      settled_at = case when b.state_after <> 'pending' then coalesce(r.settled_at, now()) end,
                      delivered_at = case when b.state_after = 'sent' then coalesce(r.delivered_at, e.delivered_at) end,
                      read_at = case when b.state_after = 'sent' then coalesce(r.read_at, e.read_at) end
                 from e join before b on b.ordinal = e.ordinal
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $10 and $11 and r.ordinal = e.ordinal
            returning r.ordinal, b.state as from_state, b.reason as from_reason, b.provider_code as from_code, r.state, r.reason,
                      r.provider_code, r.wait_reason, r.superseded_by is not null as superseded,
                      case when r.state = 'pending' then extract(epoch from r.not_before - now())::float8 end as wait_seconds,
                      r.delivered_at is not null and b.delivered_at is null as delivered,
                      r.read_at is not null and b.read_at is null as read
           )
           select from_state as "from!", from_reason, from_code, state as "to!", reason, provider_code,
                  delivered as "delivered!", read as "read!", count(*)::int as "recipients!", state = 'pending' as "held!",
                  superseded as "superseded!", wait_reason, wait_seconds,
                  array_agg(ordinal) filter (where superseded and state = 'sent' and from_state <> 'sent') as reached,
                  array_agg(ordinal) filter (where state = 'pending' and from_state <> 'pending') as returned
             from changed
            group by from_state, from_reason, from_code, state, reason, provider_code, delivered, read, superseded, wait_reason, wait_seconds"#,
        workspace.uuid(),
        dispatch.uuid(),
        &columns.ordinals,
        &columns.ids,
        &columns.arrived,
        &columns.delivered as &[Option<Timestamp>],
        &columns.read as &[Option<Timestamp>],
        &columns.reasons as &[Option<String>],
        &columns.codes as &[Option<i32>],
        span.first,
        span.last,
        &columns.wait_reasons as &[Option<&str>],
        &columns.first_waits as &[Option<f64>],
        &columns.longest_waits as &[Option<f64>],
    )
    .fetch_all(&mut *conn)
    .await?;
    planner::any_joins(conn).await?;
    Ok(moved)
}

/// Which of these recipients exist; events about others are parked.
pub async fn existing(
    conn: &mut Connection,
    workspace: WorkspaceId,
    recipients: &[(DispatchId, i32)],
) -> Result<Vec<(DispatchId, i32)>, StorageError> {
    let dispatches: Vec<uuid::Uuid> = recipients.iter().map(|(dispatch, _)| dispatch.uuid()).collect();
    let ordinals: Vec<i32> = recipients.iter().map(|(_, ordinal)| *ordinal).collect();
    let rows = sqlx::query!(
        r#"select d.dispatch_id, e.ordinal as "ordinal!"
             from unnest($2::uuid[], $3::int[]) as e (dispatch_id, ordinal)
             join dispatches d on d.workspace_id = $1 and d.dispatch_id = e.dispatch_id
            where e.ordinal between 1 and d.audience"#,
        workspace.uuid(),
        &dispatches,
        &ordinals,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.dispatch_id.into(), row.ordinal)).collect())
}

/// The latest send to each address before the given instant: whom a reply answers. Null positions where there is none.
pub async fn latest_sends(
    conn: &mut Connection,
    workspace: WorkspaceId,
    addresses: &[String],
    before: &[Timestamp],
) -> Result<Vec<Option<(DispatchId, i32)>>, StorageError> {
    let rows = sqlx::query!(
        r#"select r.dispatch_id as "dispatch_id?", r.ordinal as "ordinal?"
             from unnest($2::text[], $3::timestamptz[]) with ordinality as q (address, before, position)
             left join lateral (
                 select r.dispatch_id, r.ordinal from recipients r
                  where r.workspace_id = $1 and r.address = q.address and r.dispatch_id < uuid_floor(q.before + interval '1 second')
                    and r.state in ('pending', 'sent', 'unknown')
                  order by r.dispatch_id desc
                  limit 1
             ) r on true
            order by q.position"#,
        workspace.uuid(),
        addresses,
        before,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Some((row.dispatch_id?.into(), row.ordinal?))).collect())
}

/// Notes that these recipients replied; a second reply changes nothing.
pub async fn replied(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
    at: &[Timestamp],
) -> Result<(), StorageError> {
    if counts::lock(conn, workspace, dispatch).await?.is_none() {
        return Ok(());
    }
    let span = Span::of(ordinals);
    planner::hash_joins_only(conn).await?;
    let replied = sqlx::query_scalar!(
        r#"with replied as (
               update recipients r set replied_at = e.at
                 from (select ordinal, min(at) as at from unnest($3::int[], $4::timestamptz[]) as e (ordinal, at) group by ordinal) e
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $5 and $6 and r.ordinal = e.ordinal
                  and r.replied_at is null
            returning r.superseded_by
           )
           select count(*)::int as "people!" from replied where superseded_by is null"#,
        workspace.uuid(),
        dispatch.uuid(),
        ordinals,
        at,
        span.first,
        span.last,
    )
    .fetch_one(&mut *conn)
    .await?;
    planner::any_joins(conn).await?;
    let delta = Delta { replied, ..Delta::default() };
    if delta.is_empty() {
        return Ok(());
    }
    counts::apply(conn, workspace, dispatch, &delta).await
}
