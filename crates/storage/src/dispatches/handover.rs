//! Handovers: what is committed before the first byte leaves.

use std::time::Duration;

use domain::ids::{DispatchId, WorkerId, WorkspaceId};

use super::claim::ClaimedBatch;
use crate::portfolios::{self, Taken};
use crate::{Connection, StorageError, Tx};

/// An open handover: these recipients may have been given to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HandoverId(pub i64);

/// What came of opening a handover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// The dispatch no longer runs, the batch is no longer this worker's, or it is night where its people live: nothing may be
    /// sent.
    Refused,
    /// It is open.
    Opened(Opened),
    /// Not everybody may be named: open it with [`open_limited`], in a transaction.
    Limited(Limits),
}

/// What keeps a handover from naming everybody it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The sender's portfolio, if it may write to so many people a day.
    portfolio: Option<String>,
    /// The dispatch tries people again: some may have turned out to be reached since their batch was claimed.
    tries_again: bool,
}

/// A handover that was opened, maybe for some of those asked for only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// It; `None` when it would have named nobody.
    pub handover: Option<HandoverId>,
    /// Whom it names.
    pub recipients: Vec<i32>,
    /// How long until the others may be tried; `None` when there are none.
    pub wait: Option<Duration>,
}

/// Opens a handover, unless there are limits to whom it may name. Must be committed before the first byte leaves.
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
) -> Result<Opening, StorageError> {
    let row = sqlx::query!(
        r#"with running as (
             select quiet_from, quiet_until, tries_again is not null as tries_again from dispatches
              where workspace_id = $1 and dispatch_id = $2 and state = 'running'
                and (not_after is null or not_after > now())
                for share
         ),
         leased as (
             select channel_account_id, time_zone from batches
              where workspace_id = $1 and dispatch_id = $2 and ordinal = $3
                and state = 'claimed' and lease_owner = $4 and attempt = $5
                for share
         ),
         allowed as (
             select tries_again from running cross join leased
              where quiet_from is null or is_quiet(now(), time_zone, quiet_from, quiet_until) is not true
                 or exists (select from handovers h
                             where h.workspace_id = $1 and h.dispatch_id = $2 and h.batch_ordinal = $3 and h.batch_attempt = $5
                               and h.lease_owner = $4 and h.sequence = $6)
         ),
         limited as (
             select p.portfolio_id
               from leased
               join whatsapp_numbers n on n.workspace_id = $1 and n.channel_account_id = leased.channel_account_id
               join portfolios p on p.portfolio_id = n.portfolio_id
              where p.people_max is not null
         ),
         opened as (
             insert into handovers
                    (workspace_id, dispatch_id, batch_ordinal, batch_attempt, lease_owner, sequence, recipients, opened_at)
             select $1, $2, $3, $5, $4, $6, $7, now() from allowed
              where not allowed.tries_again and not exists (select from limited)
                 on conflict on constraint handovers_sequence_key do update set opened_at = excluded.opened_at
          returning handover_id, nullif(recipients, $7) as others
         )
         select (select portfolio_id from limited, allowed) as portfolio_id,
                exists (select from allowed where allowed.tries_again) as "tries_again!",
                (select handover_id from opened) as handover_id, (select others from opened) as others"#,
        batch.workspace.uuid(),
        batch.dispatch.uuid(),
        batch.ordinal,
        worker.uuid(),
        batch.attempt,
        sequence,
        recipients,
    )
    .fetch_one(conn)
    .await?;
    Ok(match (row.portfolio_id, row.handover_id) {
        (portfolio, _) if portfolio.is_some() || row.tries_again => {
            Opening::Limited(Limits { portfolio, tries_again: row.tries_again })
        }
        (_, None) => Opening::Refused,
        (_, Some(id)) => {
            // The first try, whose answer was lost, was under a limit that was lifted since.
            let wait = row.others.as_ref().map(|_| Duration::ZERO);
            let recipients = row.others.unwrap_or_else(|| recipients.to_vec());
            Opening::Opened(Opened { handover: Some(HandoverId(id)), recipients, wait })
        }
    })
}

/// As [`open`], where there are limits. Of people who are tried again only those are handed over who still wait; that is looked
/// at under the lock of the dispatch, in a statement of its own. And where the sender's portfolio has a limit, only those who were
/// counted within a day or for whom there is a place. The places are taken with the handover, or not at all.
///
/// Nobody is given back a place: whoever was named and did not leave, because the campaign was paused or the provider was
/// busy, needs none when they are tried again within the day. What counts too much is at most what was in hand when a campaign
/// was cancelled.
pub async fn open_limited(
    tx: &mut Tx,
    worker: WorkerId,
    batch: &ClaimedBatch,
    sequence: i32,
    recipients: &[i32],
    limits: &Limits,
) -> Result<Opening, StorageError> {
    let Some(earlier) = fence(tx, worker, batch, sequence).await? else { return Ok(Opening::Refused) };
    if let Some((id, named)) = earlier {
        let wait = (named.len() < recipients.len()).then_some(Duration::ZERO);
        return Ok(Opening::Opened(Opened { handover: Some(id), recipients: named, wait }));
    }
    let asked = recipients.len();
    let recipients =
        if limits.tries_again { still_wait(tx, batch, recipients).await? } else { recipients.to_vec() };
    // Who does not wait any more is not met again when the batch is.
    let gone = (recipients.len() < asked).then_some(Duration::ZERO);
    let taken = match &limits.portfolio {
        Some(portfolio) => {
            portfolios::take(tx, portfolio, batch.workspace, batch.dispatch, &recipients).await?
        }
        None => Taken { recipients, wait: None },
    };
    let wait = taken.wait.or(gone);
    if taken.recipients.is_empty() {
        return Ok(Opening::Opened(Opened { handover: None, recipients: Vec::new(), wait }));
    }
    let id = sqlx::query_scalar!(
        "insert into handovers
                (workspace_id, dispatch_id, batch_ordinal, batch_attempt, lease_owner, sequence, recipients, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, now())
      returning handover_id",
        batch.workspace.uuid(),
        batch.dispatch.uuid(),
        batch.ordinal,
        batch.attempt,
        worker.uuid(),
        sequence,
        &taken.recipients,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Opening::Opened(Opened { handover: Some(HandoverId(id)), recipients: taken.recipients, wait }))
}

/// Those of these people who are still to be sent to, in ascending order.
async fn still_wait(tx: &mut Tx, batch: &ClaimedBatch, recipients: &[i32]) -> Result<Vec<i32>, StorageError> {
    let waiting = sqlx::query_scalar!(
        r#"select named.ordinal as "ordinal!"
             from unnest($3::int[]) as named (ordinal)
            cross join lateral (
                  select from recipients
                   where workspace_id = $1 and dispatch_id = $2 and ordinal = named.ordinal and state = 'pending'
                  offset 0) waits
            order by 1"#,
        batch.workspace.uuid(),
        batch.dispatch.uuid(),
        recipients,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(waiting)
}

/// The same locks as [`open`] takes. `None` when nothing may be sent; otherwise the handover of this sequence, if it is
/// open already.
async fn fence(
    tx: &mut Tx,
    worker: WorkerId,
    batch: &ClaimedBatch,
    sequence: i32,
) -> Result<Option<Option<(HandoverId, Vec<i32>)>>, StorageError> {
    let row = sqlx::query!(
        r#"with running as (
             select quiet_from, quiet_until from dispatches
              where workspace_id = $1 and dispatch_id = $2 and state = 'running'
                and (not_after is null or not_after > now())
                for share
         ),
         leased as (
             select time_zone from batches
              where workspace_id = $1 and dispatch_id = $2 and ordinal = $3
                and state = 'claimed' and lease_owner = $4 and attempt = $5
                for share
         )
         select h.handover_id as "handover_id?", h.recipients as "recipients?"
           from running cross join leased
           left join handovers h
             on h.workspace_id = $1 and h.dispatch_id = $2 and h.batch_ordinal = $3 and h.batch_attempt = $5
            and h.lease_owner = $4 and h.sequence = $6
          where quiet_from is null or is_quiet(now(), time_zone, quiet_from, quiet_until) is not true or h.handover_id is not null"#,
        batch.workspace.uuid(),
        batch.dispatch.uuid(),
        batch.ordinal,
        worker.uuid(),
        batch.attempt,
        sequence,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| row.handover_id.map(HandoverId).zip(row.recipients)))
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
