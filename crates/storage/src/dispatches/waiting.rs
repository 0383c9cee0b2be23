//! What the people of a campaign wait for, and what its senders can do at the moment.

use domain::Timestamp;
use domain::ids::{ChannelAccountId, DispatchId, WorkspaceId};

use crate::{Connection, StorageError};

/// People who wait for the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// A word of `domain::delivery::WaitReason`.
    pub reason: String,
    /// How many.
    pub people: i32,
    /// When the first of them is due.
    pub until: Timestamp,
}

/// Whoever of these dispatches is not due yet, by reason, most people first. Counts recipients only in batches that were
/// claimed before; of the others everybody waits.
pub async fn waiting(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<Vec<Waiting>, StorageError> {
    let ids: Vec<uuid::Uuid> = dispatches.iter().map(|dispatch| dispatch.uuid()).collect();
    let rows = sqlx::query_as!(
        Waiting,
        r#"with later as (
               select b.dispatch_id, b.first_recipient, b.last_recipient, b.not_before, b.attempt, coalesce(b.wait_reason, 'retry') as reason
                 from unnest($2::uuid[]) as d (dispatch_id)
                cross join lateral (
                    select * from batches b
                     where b.workspace_id = $1 and b.dispatch_id = d.dispatch_id and b.state = 'ready' and b.not_before > now()
                    offset 0) b
           ),
           waits as (
               select reason, last_recipient - first_recipient + 1 as people, not_before as until from later where attempt = 0
               union all
               select case when r.not_before > now() then coalesce(r.wait_reason, l.reason) else l.reason end,
                      1, greatest(l.not_before, r.not_before)
                 from later l
                cross join lateral (
                    select r.wait_reason, r.not_before from recipients r
                     where r.workspace_id = $1 and r.dispatch_id = l.dispatch_id
                       and r.ordinal between l.first_recipient and l.last_recipient and r.state = 'pending'
                    offset 0) r
                where l.attempt > 0
           )
           select reason as "reason!", sum(people)::int as "people!", min(until) as "until!"
             from waits group by reason order by 2 desc, 1"#,
        workspace.uuid(),
        &ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The positions between two (exclusive) of those who wait for one thing, as [`waiting`] counts them: the first of them, or
/// the last, in ascending order.
pub async fn who_waits(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    reason: &str,
    (after, before): (i32, i32),
    which: Which,
    people_max: i64,
) -> Result<Vec<i32>, StorageError> {
    let mut ordinals = sqlx::query_scalar!(
        "select r.ordinal
           from batches b
          cross join lateral (
              select r.ordinal, r.wait_reason, r.not_before from recipients r
               where r.workspace_id = $1 and r.dispatch_id = $2 and r.state = 'pending'
                 and r.ordinal between greatest(b.first_recipient, $4 + 1) and least(b.last_recipient, $5 - 1)
              offset 0) r
          where b.workspace_id = $1 and b.dispatch_id = $2 and b.state = 'ready' and b.not_before > now()
            and b.last_recipient > $4 and b.first_recipient < $5
            and $3 = case when r.not_before > now() then coalesce(r.wait_reason, b.wait_reason, 'retry')
                          else coalesce(b.wait_reason, 'retry') end
          order by case when $6 then - r.ordinal else r.ordinal end
          limit $7",
        workspace.uuid(),
        dispatch.uuid(),
        reason,
        after,
        before,
        which == Which::Last,
        people_max,
    )
    .fetch_all(conn)
    .await?;
    ordinals.sort_unstable();
    Ok(ordinals)
}

/// A run of positions that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRun {
    /// The first position.
    pub first: i32,
    /// The last one.
    pub last: i32,
    /// A word of `domain::delivery::WaitReason`.
    pub reason: String,
    /// When it is due.
    pub until: Timestamp,
}

/// What waits of a dispatch between two positions. Somebody in it may wait for something of their own, and longer.
pub async fn runs_between(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    (first, last): (i32, i32),
) -> Result<Vec<WaitingRun>, StorageError> {
    let rows = sqlx::query_as!(
        WaitingRun,
        r#"select b.first_recipient as first, b.last_recipient as last, coalesce(b.wait_reason, 'retry') as "reason!",
                  b.not_before as until
             from batches b
            where b.workspace_id = $1 and b.dispatch_id = $2 and b.state = 'ready' and b.not_before > now()
              and b.last_recipient >= $3 and b.first_recipient <= $4
            order by b.first_recipient"#,
        workspace.uuid(),
        dispatch.uuid(),
        first,
        last,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Which of many are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those at the beginning.
    First,
    /// Those at the end.
    Last,
}

/// What a sender of running dispatches can do at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderStanding {
    /// The sender.
    pub channel_account: ChannelAccountId,
    /// What it is called.
    pub name: String,
    /// `connected`, `paused` or `disconnected`.
    pub state: String,
    /// Why it cannot send, in words.
    pub state_reason: Option<String>,
    /// Messages a second that its plan allows.
    pub rate_per_second: i32,
    /// Messages a second that its worker allows it now; `None` while no worker drives it.
    pub rate_now: Option<i32>,
    /// When the provider last said that it is too fast.
    pub throttled_at: Option<Timestamp>,
    /// Since when its worker cannot connect to the provider.
    pub unreachable_since: Option<Timestamp>,
    /// While the limit of its portfolio is used up: when the next place is free.
    pub limited_until: Option<Timestamp>,
    /// Since when something has been due that nobody takes; `None` while a worker drives it or nothing is due.
    pub idle_since: Option<Timestamp>,
    /// Other running campaigns that share it.
    pub other_campaigns: i32,
}

/// The senders of these dispatches, in the order of their names.
pub async fn senders(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<Vec<SenderStanding>, StorageError> {
    let ids: Vec<uuid::Uuid> = dispatches.iter().map(|dispatch| dispatch.uuid()).collect();
    let rows = sqlx::query_as!(
        SenderStanding,
        r#"with ours as (
               select d.dispatch_id, d.campaign_id, d.channel_account_id from dispatches d
                where d.workspace_id = $1 and d.dispatch_id = any ($2)
           )
           select c.channel_account_id as channel_account, c.name, c.state, c.state_reason, c.rate_per_second,
                  case when l.expires_at > now() then l.rate_now end as rate_now,
                  case when l.expires_at > now() then l.throttled_at end as throttled_at,
                  case when l.expires_at > now() then l.unreachable_since end as unreachable_since,
                  case when p.limited_until > now() then p.limited_until end as limited_until,
                  case when l.expires_at > now() then null else (
                      select min(first.not_before) from ours o
                       cross join lateral (
                           select b.not_before from batches b
                            where b.workspace_id = $1 and b.dispatch_id = o.dispatch_id and b.state = 'ready' and b.not_before <= now()
                            order by b.not_before limit 1) first
                       where o.channel_account_id = c.channel_account_id) end as idle_since,
                  (select count(distinct d.campaign_id)::int from dispatches d
                    where d.workspace_id = $1 and d.channel_account_id = c.channel_account_id and d.state = 'running'
                      and d.pending > 0 and d.campaign_id not in (select o.campaign_id from ours o)) as "other_campaigns!"
             from channel_accounts c
             left join sender_leases l on l.workspace_id = $1 and l.channel_account_id = c.channel_account_id
             left join whatsapp_numbers n on n.workspace_id = $1 and n.channel_account_id = c.channel_account_id
             left join portfolios p on p.portfolio_id = n.portfolio_id
            where c.workspace_id = $1 and c.channel_account_id in (select o.channel_account_id from ours o)
            order by c.name"#,
        workspace.uuid(),
        &ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
