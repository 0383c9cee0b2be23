//! The dispatches of a campaign, one by one and taken together. What it costs grows with the dispatches and with what is
//! under way, not with the recipients.

use domain::Timestamp;
use domain::ids::{CampaignId, DispatchId, WorkspaceId};

use super::read::{DispatchRow, ReasonCount};
use crate::{Connection, StorageError};

/// What changes while a campaign is sent, read at one instant.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Its dispatches taken together: sums of their counts, the state that follows from theirs, the id of the first.
    pub dispatch: DispatchRow,
    /// Its dispatches in their order.
    pub parts: Vec<DispatchRow>,
    /// In the air now; a part of pending.
    pub in_the_air: i32,
    /// Waiting for another try; a part of pending.
    pub retrying: i32,
    /// Answers in each of the last seconds, oldest first.
    pub seconds: Vec<(Timestamp, i32)>,
    /// Reasons, those with most people first.
    pub reasons: Vec<ReasonCount>,
}

/// The dispatches of a campaign in their order.
pub async fn parts(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Vec<DispatchRow>, StorageError> {
    let rows = sqlx::query_as!(
        DispatchRow,
        "select d.dispatch_id as dispatch, d.campaign_id as campaign, d.slice, d.channel_account_id as channel_account,
                c.name as sender, d.template_version_id as template_version, d.state, d.pause_kind, d.pause_detail,
                d.paused_by, d.launched_by, d.launched_at, d.undo_until, d.state_changed_at, d.ended_at, d.tries_again, d.audience as people,
                d.audience - d.superseded as \"audience!\", d.pending, d.sent,
                d.failed, d.skipped, d.unknown, d.delivered, d.read, d.replied, d.last_unknown_at, c.rate_per_second,
                case when d.state = 'paused' then greatest(d.sent + d.failed + d.unknown - d.settled_at_pause, 0) end as escaped
           from dispatches d
           join channel_accounts c using (workspace_id, channel_account_id)
          where d.workspace_id = $1 and d.campaign_id = $2
          order by d.slice",
        workspace.uuid(),
        campaign.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Takes the dispatches of a campaign together. `None` for none.
pub fn together(parts: &[DispatchRow]) -> Option<DispatchRow> {
    let (first, rest) = parts.split_first()?;
    let mut whole = first.clone();
    for part in rest {
        whole.audience += part.audience;
        whole.pending += part.pending;
        whole.sent += part.sent;
        whole.failed += part.failed;
        whole.skipped += part.skipped;
        whole.unknown += part.unknown;
        whole.delivered += part.delivered;
        whole.read += part.read;
        whole.replied += part.replied;
        whole.escaped =
            [whole.escaped, part.escaped].into_iter().flatten().reduce(|sum, people| sum + people);
        whole.last_unknown_at = whole.last_unknown_at.max(part.last_unknown_at);
        whole.undo_until = whole.undo_until.max(part.undo_until);
        whole.state_changed_at = whole.state_changed_at.max(part.state_changed_at);
    }
    whole.rate_per_second = rate_together(parts);
    whole.ended_at = parts
        .iter()
        .map(|part| part.ended_at)
        .min()
        .flatten()
        .and(parts.iter().filter_map(|part| part.ended_at).max());
    let in_state = |state: &str| parts.iter().find(|part| part.state == state);
    let decides = in_state("running").or_else(|| in_state("paused")).or_else(|| in_state("cancelled"));
    let decides = decides.unwrap_or(first);
    whole.state.clone_from(&decides.state);
    whole.pause_kind.clone_from(&decides.pause_kind);
    whole.pause_detail.clone_from(&decides.pause_detail);
    whole.paused_by = decides.paused_by;
    Some(whole)
}

/// What the senders with something left to do may send in a second; all of them, when nothing is left.
fn rate_together(parts: &[DispatchRow]) -> i32 {
    let busy = parts.iter().any(|part| part.pending > 0);
    let mut senders: Vec<_> = parts
        .iter()
        .filter(|part| part.pending > 0 || !busy)
        .map(|part| (part.channel_account, part.rate_per_second))
        .collect();
    senders.sort_unstable();
    senders.dedup();
    senders.iter().map(|(_, rate)| rate).sum()
}

/// Reads the progress of a campaign. `None` when it was not launched. Run it in a repeatable-read transaction for figures
/// that add up among themselves.
pub async fn progress(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    seconds_max: i64,
) -> Result<Option<Progress>, StorageError> {
    let parts = parts(conn, workspace, campaign).await?;
    let Some(whole) = together(&parts) else { return Ok(None) };
    let open: Vec<DispatchId> =
        parts.iter().filter(|part| part.pending > 0).map(|part| part.dispatch).collect();
    let (in_the_air, retrying) = if open.is_empty() {
        (0, 0)
    } else {
        let in_the_air = in_the_air(conn, workspace, &open).await?.min(whole.pending);
        (in_the_air, retrying(conn, workspace, &open).await?)
    };
    let all: Vec<DispatchId> = parts.iter().map(|part| part.dispatch).collect();
    let seconds = seconds(conn, workspace, &all, seconds_max).await?;
    let reasons = reasons(conn, workspace, &all).await?;
    Ok(Some(Progress { dispatch: whole, parts, in_the_air, retrying, seconds, reasons }))
}

fn uuids(dispatches: &[DispatchId]) -> Vec<uuid::Uuid> {
    dispatches.iter().map(|dispatch| dispatch.uuid()).collect()
}

/// How many recipients are in the air, as `handover::count_in_the_air` counts them for one dispatch.
async fn in_the_air(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<i32, StorageError> {
    let count = sqlx::query_scalar!(
        r#"select count(*)::int as "count!"
             from handovers h
            cross join unnest(h.recipients) as named (ordinal)
            cross join lateral (
                select from recipients r
                 where r.workspace_id = $1 and r.dispatch_id = h.dispatch_id and r.ordinal = named.ordinal
                   and r.state = 'pending' and r.handover_id is distinct from h.handover_id
                offset 0) in_the_air
            where h.workspace_id = $1 and h.dispatch_id = any ($2)"#,
        workspace.uuid(),
        &uuids(dispatches),
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Recipients that wait for another try, counted over batches put back with a later time only.
async fn retrying(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<i32, StorageError> {
    let count = sqlx::query_scalar!(
        r#"select count(*)::int as "count!"
             from batches b
            cross join lateral (
                select from recipients r
                 where r.workspace_id = $1 and r.dispatch_id = b.dispatch_id
                   and r.ordinal between b.first_recipient and b.last_recipient
                   and r.state = 'pending' and r.attempt > 0
                offset 0) retried
            where b.workspace_id = $1 and b.dispatch_id = any ($2) and b.state = 'ready' and b.attempt > 0"#,
        workspace.uuid(),
        &uuids(dispatches),
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Messages that left per second, oldest first, of the last seconds in which there were any.
pub async fn seconds(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
    seconds_max: i64,
) -> Result<Vec<(Timestamp, i32)>, StorageError> {
    // The last seconds of each, then of all: a campaign of hours has too many to be summed for every look.
    let rows = sqlx::query!(
        r#"select second as "second!", handed_over as "handed_over!" from (
               select latest.second, sum(latest.handed_over)::int as handed_over
                 from unnest($2::uuid[]) as d (dispatch_id)
                cross join lateral (
                    select second, handed_over from dispatch_seconds
                     where workspace_id = $1 and dispatch_id = d.dispatch_id
                     order by second desc
                     limit $3) latest
                group by latest.second
                order by latest.second desc
                limit $3
           ) together order by second"#,
        workspace.uuid(),
        &uuids(dispatches),
        seconds_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.second, row.handed_over)).collect())
}

/// The reasons of dispatches, those with most people first.
pub async fn reasons(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<Vec<ReasonCount>, StorageError> {
    let rows = sqlx::query_as!(
        ReasonCount,
        r#"select state, reason, provider_code, sum(recipients)::int as "recipients!" from dispatch_reasons
            where workspace_id = $1 and dispatch_id = any ($2) and recipients > 0
            group by state, reason, provider_code
            order by 4 desc, reason, provider_code"#,
        workspace.uuid(),
        &uuids(dispatches),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Messages that left since a moment, summed over stretches of this many seconds: number of the stretch, from 0,
/// and messages. Stretches without one are left out.
pub async fn throughput(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
    since: Timestamp,
    stretch_seconds: i32,
) -> Result<Vec<(i32, i32)>, StorageError> {
    let rows = sqlx::query!(
        r#"select floor(extract(epoch from second - $3) / $4::int)::int as "stretch!", sum(handed_over)::int as "answers!"
             from dispatch_seconds
            where workspace_id = $1 and dispatch_id = any ($2) and second >= $3
            group by 1 order by 1"#,
        workspace.uuid(),
        &uuids(dispatches),
        since,
        stretch_seconds,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.stretch, row.answers)).collect())
}

/// When the first of the batches that wait for another try is due, if nothing is due before.
pub async fn next_try(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<Option<Timestamp>, StorageError> {
    let due = sqlx::query_scalar!(
        "select min(not_before) from batches where workspace_id = $1 and dispatch_id = any ($2) and state = 'ready'",
        workspace.uuid(),
        &uuids(dispatches),
    )
    .fetch_one(conn)
    .await?;
    Ok(due)
}
