//! Which batches a worker holds. Campaigns on one sender take turns.

use std::time::Duration;

use domain::delivery::WaitReason;
use domain::dispatch::Wait;
use domain::ids::{CampaignId, ChannelAccountId, DispatchId, WorkerId, WorkspaceId};

use super::lease::SenderLease;
use super::planner;
use crate::{Connection, StorageError};

/// A batch that this worker holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimedBatch {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The dispatch.
    pub dispatch: DispatchId,
    /// Position of the batch in the dispatch, from 1.
    pub ordinal: i32,
    /// Grows with every claim; fences later writes.
    pub attempt: i32,
    /// First recipient.
    pub first_recipient: i32,
    /// Last recipient.
    pub last_recipient: i32,
}

impl ClaimedBatch {
    /// How many recipients it was cut for, whatever became of them since.
    pub fn recipients(&self) -> u32 {
        u32::try_from(self.last_recipient - self.first_recipient).unwrap_or(0) + 1
    }
}

/// How much to claim, and whose turn it is.
#[derive(Debug, Clone, Copy)]
pub struct Turns {
    /// The most batches.
    pub batches_max: i64,
    /// The campaign that had the last turn; the one after it begins.
    pub after: Option<CampaignId>,
}

/// What was claimed.
#[derive(Debug, Clone, Default)]
pub struct Claimed {
    /// In the order in which they are to be sent.
    pub batches: Vec<ClaimedBatch>,
    /// The campaign that had the last turn.
    pub last: Option<CampaignId>,
}

/// Claims ready batches of a sender, in turns between its campaigns; nothing without the sender's lease.
///
/// A campaign gives from its earliest slice that has anything due, what is due longest first. Each has an equal share, so
/// less than asked for may come back while more is ready: ask again. It costs a lookup for each running dispatch of the
/// sender and each batch that is claimed, whatever else is ready or was sent before.
pub async fn claim_batches(
    conn: &mut Connection,
    worker: WorkerId,
    lease: SenderLease,
    ttl: Duration,
    turns: Turns,
) -> Result<Claimed, StorageError> {
    planner::lookups_only(&mut *conn).await?;
    let mut turned = sqlx::query_as!(
        Turned,
        r#"with limited as (
               select from whatsapp_numbers n join portfolios p using (portfolio_id)
                where n.workspace_id = $1 and n.channel_account_id = $2 and p.limited_until > now()
           ),
           slices as (
               select distinct on (d.campaign_id) d.campaign_id, d.dispatch_id
                 from dispatches d
                cross join lateral (
                      select from batches b
                       where b.workspace_id = $1 and b.dispatch_id = d.dispatch_id and b.state = 'ready' and b.not_before <= now()
                         and (not exists (select from limited) or b.wait_reason in ('retry', 'pair_limit', 'marketing_limit'))
                       order by b.not_before
                       limit 1) due
                where d.workspace_id = $1 and d.channel_account_id = $2 and d.state = 'running'
                  and (d.not_after is null or d.not_after > now()) and (d.quiet_from is null or d.quiet_checked_until > now())
                order by d.campaign_id, d.slice
           ),
           picked as (
               select s.campaign_id, s.dispatch_id, due.ordinal, due.turn,
                      row_number() over (order by due.turn, s.campaign_id <= $7, s.campaign_id) as place
                 from slices s
                cross join lateral (
                      select b.ordinal, row_number() over (order by b.not_before, b.ordinal) as turn
                        from (select ordinal, not_before from batches
                               where workspace_id = $1 and dispatch_id = s.dispatch_id and state = 'ready' and not_before <= now()
                                 and (not exists (select from limited)
                                      or wait_reason in ('retry', 'pair_limit', 'marketing_limit'))
                               order by not_before, ordinal
                               limit (select ($6 + count(*) - 1) / greatest(count(*), 1) from slices)) b) due
                order by place
                limit $6
           ),
           locked as (
               select p.*
                 from picked p
                cross join lateral (
                      select from batches b
                       where b.workspace_id = $1 and b.dispatch_id = p.dispatch_id and b.ordinal = p.ordinal and b.state = 'ready'
                         for update skip locked) b
                where exists (
                      select from sender_leases l
                       where l.workspace_id = $1 and l.channel_account_id = $2
                         and l.lease_owner = $3 and l.fence = $4 and l.expires_at > now())
           )
           update batches b
              set state = 'claimed', lease_owner = $3, lease_expires_at = now() + make_interval(secs => $5),
                  attempt = b.attempt + 1, wait_reason = null
             from locked l
            where b.workspace_id = $1 and b.dispatch_id = l.dispatch_id and b.ordinal = l.ordinal
        returning l.place as "place!", l.campaign_id as "campaign!", b.dispatch_id as dispatch, b.ordinal, b.attempt, b.first_recipient,
                  b.last_recipient"#,
        lease.workspace.uuid(),
        lease.channel_account.uuid(),
        worker.uuid(),
        lease.fence,
        ttl.as_secs_f64(),
        turns.batches_max,
        turns.after.map(CampaignId::uuid),
    )
    .fetch_all(conn)
    .await?;
    turned.sort_unstable_by_key(|batch| batch.place);
    let last = turned.last().map(|batch| batch.campaign.into()).or(turns.after);
    let batches = turned.into_iter().map(|batch| batch.of(lease.workspace)).collect();
    Ok(Claimed { batches, last })
}

/// A claimed batch and its place in the order of turns.
struct Turned {
    place: i64,
    campaign: uuid::Uuid,
    dispatch: uuid::Uuid,
    ordinal: i32,
    attempt: i32,
    first_recipient: i32,
    last_recipient: i32,
}

impl Turned {
    fn of(self, workspace: WorkspaceId) -> ClaimedBatch {
        let Self { dispatch, ordinal, attempt, first_recipient, last_recipient, .. } = self;
        ClaimedBatch {
            workspace,
            dispatch: dispatch.into(),
            ordinal,
            attempt,
            first_recipient,
            last_recipient,
        }
    }
}

/// Dispatches that were stopped while batches of them are claimed on this sender.
pub async fn stopped_in_hand(
    conn: &mut Connection,
    workspace: WorkspaceId,
    channel_account: ChannelAccountId,
) -> Result<Vec<DispatchId>, StorageError> {
    let rows = sqlx::query_scalar!(
        "select distinct b.dispatch_id
           from batches b join dispatches d using (workspace_id, dispatch_id)
          where b.state = 'claimed' and b.workspace_id = $1 and b.channel_account_id = $2
            and (d.state <> 'running' or d.not_after <= now())",
        workspace.uuid(),
        channel_account.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(DispatchId::from).collect())
}

/// Seconds until the next batch of this sender may be claimed; `None` when none is waiting.
pub async fn next_batch_due(
    conn: &mut Connection,
    lease: SenderLease,
) -> Result<Option<Duration>, StorageError> {
    planner::lookups_only(&mut *conn).await?;
    let due = sqlx::query_scalar!(
        r#"with limited as (
               select p.limited_until as until from whatsapp_numbers n join portfolios p using (portfolio_id)
                where n.workspace_id = $1 and n.channel_account_id = $2 and p.limited_until > now()
           )
           select greatest(extract(epoch from least(min(b.not_before), (select until from limited)) - now()), 0)::float8
             from dispatches d
            cross join lateral (
                  select not_before from batches
                   where workspace_id = $1 and dispatch_id = d.dispatch_id and state = 'ready'
                     and (not exists (select from limited)
                          or wait_reason in ('retry', 'pair_limit', 'marketing_limit'))
                   order by not_before
                   limit 1) b
            where d.workspace_id = $1 and d.channel_account_id = $2 and d.state = 'running'
              and (d.not_after is null or d.not_after > now())
              and (d.quiet_from is null or d.quiet_checked_until > now())"#,
        lease.workspace.uuid(),
        lease.channel_account.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(due.map(Duration::from_secs_f64))
}

/// A recipient of a claimed batch that is still to be sent to.
#[derive(Debug, Clone)]
pub struct WaitingRecipient {
    /// Position in the dispatch.
    pub ordinal: i32,
    /// The frozen address.
    pub address: String,
    /// The frozen variable values.
    pub variables: Vec<String>,
    /// Answers recorded so far.
    pub attempt: i16,
    /// How often the provider held this person back.
    pub holds: i16,
    /// How long it still waits, and what for; [`Wait::NONE`] when it is due.
    pub wait: Wait,
}

/// The recipients of a run of positions that are still to be sent to, due or not.
pub async fn waiting_recipients(
    conn: &mut Connection,
    batch: &ClaimedBatch,
) -> Result<Vec<WaitingRecipient>, StorageError> {
    let rows = sqlx::query!(
        r#"select ordinal, address as "address!", variables, attempt, holds, wait_reason,
                  greatest(extract(epoch from not_before - now()), 0)::float8 as due_in_seconds
             from recipients
            where workspace_id = $1 and dispatch_id = $2 and ordinal between $3 and $4 and state = 'pending'
            order by ordinal"#,
        batch.workspace.uuid(),
        batch.dispatch.uuid(),
        batch.first_recipient,
        batch.last_recipient,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| WaitingRecipient {
            ordinal: row.ordinal,
            address: row.address,
            variables: row.variables,
            attempt: row.attempt,
            holds: row.holds,
            wait: Wait {
                after: row.due_in_seconds.map_or(Duration::ZERO, Duration::from_secs_f64),
                reason: row.wait_reason.and_then(|word| word.parse().ok()).unwrap_or(WaitReason::Retry),
            },
        })
        .collect())
}
