//! Leases: which worker drives a sender.
//!
//! Lease times are the database's, so that workers whose clocks differ agree on who owns what.

use std::num::NonZeroU32;
use std::time::Duration;

use domain::channel::RatePlan;
use domain::ids::{ChannelAccountId, WorkerId, WorkspaceId};

use super::planner;
use crate::{Connection, StorageError};

/// So long after the provider asked for less, a new session begins as slow as the last one ended.
const THROTTLE_REMEMBERED: Duration = Duration::from_secs(300);

/// A sender that this worker may drive until the lease runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderLease {
    /// The workspace of the sender.
    pub workspace: WorkspaceId,
    /// The sender.
    pub channel_account: ChannelAccountId,
    /// Grows with every change of owner.
    pub fence: i64,
    /// The rate at which to begin, if the provider asked the session before, a short while ago, for less than the plan.
    pub begin_at: Option<NonZeroU32>,
}

/// How fast a sender goes, as its worker tells with each renewal.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    /// Messages a second at the moment.
    pub rate_now: NonZeroU32,
    /// How long ago the provider last said that it is too fast, if it did.
    pub throttled_ago: Option<Duration>,
    /// How long the provider has not been reached, if it is not.
    pub unreachable_for: Option<Duration>,
}

fn positive(number: i32) -> Option<NonZeroU32> {
    u32::try_from(number).ok().and_then(NonZeroU32::new)
}

/// Takes a free sender that has something to send now. `None` when there is none.
///
/// Looks once into each running dispatch, however much is ready in it.
///
/// While the limit of its portfolio is used up, only batches in which somebody was tried before are something to send, here
/// and in [`super::claim::claim_batches`]: those people were counted.
pub async fn acquire_sender(
    conn: &mut Connection,
    worker: WorkerId,
    ttl: Duration,
) -> Result<Option<SenderLease>, StorageError> {
    planner::lookups_only(&mut *conn).await?;
    let row = sqlx::query!(
        "with candidate as (
             select c.workspace_id, c.channel_account_id
               from dispatches d
               join channel_accounts c using (workspace_id, channel_account_id)
              cross join lateral (
                    select exists (
                        select from whatsapp_numbers n join portfolios p using (portfolio_id)
                         where n.workspace_id = d.workspace_id and n.channel_account_id = d.channel_account_id
                           and p.limited_until > now()) as is_limited
                    offset 0) portfolio
              cross join lateral (
                    select from batches b
                     where b.workspace_id = d.workspace_id and b.dispatch_id = d.dispatch_id
                       and b.state = 'ready' and b.not_before <= now()
                       and (not portfolio.is_limited or b.wait_reason in ('retry', 'pair_limit', 'marketing_limit'))
                     order by b.not_before
                     limit 1) due
              where d.state = 'running' and (d.not_after is null or d.not_after > now())
                and (d.quiet_from is null or d.quiet_checked_until > now())
                and c.state = 'connected'
                and not exists (
                    select from sender_leases l
                     where l.workspace_id = c.workspace_id and l.channel_account_id = c.channel_account_id
                       and l.expires_at > now())
              limit 1
                for no key update of c skip locked
         )
         insert into sender_leases as l (workspace_id, channel_account_id, lease_owner, fence, expires_at)
         select workspace_id, channel_account_id, $1, 1, now() + make_interval(secs => $2) from candidate
             on conflict (workspace_id, channel_account_id) do update
            set lease_owner = excluded.lease_owner, fence = l.fence + 1, expires_at = excluded.expires_at
          where l.expires_at <= now()
      returning workspace_id, channel_account_id, fence,
                case when throttled_at > now() - make_interval(secs => $3) then rate_now end as begin_at",
        worker.uuid(),
        ttl.as_secs_f64(),
        THROTTLE_REMEMBERED.as_secs_f64(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| SenderLease {
        workspace: row.workspace_id.into(),
        channel_account: row.channel_account_id.into(),
        fence: row.fence,
        begin_at: row.begin_at.and_then(positive),
    }))
}

/// Extends a sender's lease and those of its batches, and notes how fast it goes. Returns the plan of the sender as it is
/// now; `None` when the lease was lost: stop sending through it.
///
/// A lease that ran out but that nobody took is still ours: taking it changes the owner, so the row itself tells.
pub async fn renew_sender(
    conn: &mut Connection,
    worker: WorkerId,
    lease: SenderLease,
    ttl: Duration,
    speed: Speed,
) -> Result<Option<RatePlan>, StorageError> {
    let plan = sqlx::query!(
        "with held as (
             update sender_leases l
                set expires_at = now() + make_interval(secs => $5),
                    rate_now = $6,
                    throttled_at = coalesce(now() - make_interval(secs => $7), throttled_at),
                    unreachable_since = now() - make_interval(secs => $8)
              where workspace_id = $1 and channel_account_id = $2 and lease_owner = $3 and fence = $4
          returning workspace_id, channel_account_id
         ),
         extended as (
             update batches b set lease_expires_at = now() + make_interval(secs => $5)
               from held
              where b.workspace_id = held.workspace_id and b.channel_account_id = held.channel_account_id
                and b.state = 'claimed' and b.lease_owner = $3
         )
         select c.rate_per_second, c.batch_size
           from held join channel_accounts c using (workspace_id, channel_account_id)",
        lease.workspace.uuid(),
        lease.channel_account.uuid(),
        worker.uuid(),
        lease.fence,
        ttl.as_secs_f64(),
        i32::try_from(speed.rate_now.get()).unwrap_or(i32::MAX),
        speed.throttled_ago.map(|ago| ago.as_secs_f64()),
        speed.unreachable_for.map(|time| time.as_secs_f64()),
    )
    .fetch_optional(conn)
    .await?;
    // The schema checks that both are positive.
    Ok(plan.map(|plan| RatePlan {
        rate_per_second: positive(plan.rate_per_second).unwrap_or(NonZeroU32::MIN),
        batch_size: positive(plan.batch_size).unwrap_or(NonZeroU32::MIN),
    }))
}

/// Gives a sender back before its lease runs out.
pub async fn release_sender(
    conn: &mut Connection,
    worker: WorkerId,
    lease: SenderLease,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update sender_leases set expires_at = now()
          where workspace_id = $1 and channel_account_id = $2 and lease_owner = $3 and fence = $4 and expires_at > now()",
        lease.workspace.uuid(),
        lease.channel_account.uuid(),
        worker.uuid(),
        lease.fence,
    )
    .execute(conn)
    .await?;
    Ok(())
}
