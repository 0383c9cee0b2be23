//! Business portfolios at Meta: how many people one may write to in a rolling day, and whom it counted.
//!
//! A limit belongs to a portfolio, not to a workspace, so portfolios are the one thing here that workspaces share: people are
//! counted over the whole installation. A workspace learns no more than how much of its own portfolio's limit is used, which
//! Meta shows to everybody who holds a token for it.
//!
//! Counted is who a handover names, when it is opened: before anything leaves, whether or not a service window is open, and
//! also if nothing left in the end. So the count is never below Meta's.

mod places;

use domain::Timestamp;
use domain::channel::DailyLimit;
use domain::ids::{ChannelAccountId, WorkspaceId};
use domain::portfolio::{Allowance, COUNTED_FOR};

pub(crate) use self::places::{Taken, take};
use crate::{Connection, StorageError};

/// Notes which portfolio a number belongs to and what its limit is, `None` if Meta did not say: then what is known stays.
///
/// When a limit comes to hold for what was sent without counting, because it was not known or the number was thought to
/// belong elsewhere, the people of the last day are counted now.
pub async fn learn(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    portfolio_id: &str,
    limit: Option<DailyLimit>,
) -> Result<(), StorageError> {
    let people_max = match limit {
        Some(DailyLimit::People(people)) => Some(i32::try_from(people).unwrap_or(i32::MAX)),
        Some(DailyLimit::Unlimited) | None => None,
    };
    let was_limited = sqlx::query_scalar!(
        r#"select people_max is not null as "limited!" from portfolios where portfolio_id = $1 for no key update"#,
        portfolio_id,
    )
    .fetch_optional(&mut *conn)
    .await?
    .unwrap_or(false);
    let is_limited = sqlx::query_scalar!(
        r#"insert into portfolios as p (portfolio_id, people_max, checked_at) values ($1, $2, now())
               on conflict (portfolio_id) do update
              set people_max = case when $3 then excluded.people_max else p.people_max end,
                  limited_until =
                      case when $3 and excluded.people_max is distinct from p.people_max then null else p.limited_until end,
                  checked_at = now()
        returning people_max is not null as "limited!""#,
        portfolio_id,
        people_max,
        limit.is_some(),
    )
    .fetch_one(&mut *conn)
    .await?;
    let has_moved = sqlx::query!(
        "update whatsapp_numbers set portfolio_id = $3
          where workspace_id = $1 and channel_account_id = $2 and portfolio_id is distinct from $3",
        workspace.uuid(),
        id.uuid(),
        portfolio_id,
    )
    .execute(&mut *conn)
    .await?
    .rows_affected()
        == 1;
    if is_limited && (has_moved || !was_limited) {
        count_lately_reached(conn, portfolio_id).await?;
    }
    Ok(())
}

/// Counts whoever the numbers of a portfolio may have reached within a day. The caller holds the portfolio's row.
async fn count_lately_reached(conn: &mut Connection, portfolio_id: &str) -> Result<(), StorageError> {
    sqlx::query!(
        "with lately as (
             select d.workspace_id, d.dispatch_id
               from whatsapp_numbers n join dispatches d using (workspace_id, channel_account_id)
              where n.portfolio_id = $1 and (d.ended_at is null or d.ended_at > now() - make_interval(secs => $2))
         ),
         reached as (
             select r.address, coalesce(r.settled_at, now()) as at
               from lately join recipients r using (workspace_id, dispatch_id)
              where r.handover_id is not null
                and (r.state = 'pending' or r.settled_at > now() - make_interval(secs => $2))
              union all
             select r.address, now()
               from lately join handovers h using (workspace_id, dispatch_id)
              cross join unnest(h.recipients) as named (ordinal)
               join recipients r
                 on r.workspace_id = h.workspace_id and r.dispatch_id = h.dispatch_id and r.ordinal = named.ordinal
         )
         insert into portfolio_people as p (portfolio_id, person, minute)
         select $1, person_digest(address), date_trunc('minute', max(at)) from reached where address is not null group by address
             on conflict (portfolio_id, person) do update set minute = greatest(p.minute, excluded.minute)",
        portfolio_id,
        COUNTED_FOR.as_secs_f64(),
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from portfolio_minutes where portfolio_id = $1", portfolio_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into portfolio_minutes (portfolio_id, minute, people)
         select portfolio_id, minute, count(*) from portfolio_people where portfolio_id = $1 group by portfolio_id, minute",
        portfolio_id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The portfolio that a number was known to belong to.
pub async fn of_number(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<Option<String>, StorageError> {
    let portfolio = sqlx::query_scalar!(
        "select portfolio_id from whatsapp_numbers where workspace_id = $1 and channel_account_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(portfolio.flatten())
}

/// How much of the limit is used that a number shares; `None` if it is no number, or Meta was not asked about it yet.
pub async fn usage(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<Option<Allowance>, StorageError> {
    let portfolio = sqlx::query!(
        r#"select p.portfolio_id, p.people_max,
                  (select count(*)
                     from whatsapp_numbers o join channel_accounts a using (workspace_id, channel_account_id)
                    where o.workspace_id = $1 and o.portfolio_id = p.portfolio_id and a.state <> 'disconnected') as "numbers!"
             from whatsapp_numbers n join portfolios p using (portfolio_id)
            where n.workspace_id = $1 and n.channel_account_id = $2"#,
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(portfolio) = portfolio else { return Ok(None) };
    let leaving = sqlx::query!(
        r#"select minute + make_interval(secs => $2) as "at!", people
             from portfolio_minutes
            where portfolio_id = $1 and minute > now() - make_interval(secs => $2) and people > 0
            order by minute"#,
        portfolio.portfolio_id,
        COUNTED_FOR.as_secs_f64(),
    )
    .fetch_all(conn)
    .await?;
    let leaving: Vec<(Timestamp, u64)> =
        leaving.into_iter().map(|row| (row.at, u64::try_from(row.people).unwrap_or(0))).collect();
    Ok(Some(Allowance {
        people_max: portfolio.people_max.and_then(|people| u32::try_from(people).ok()),
        leaving,
        numbers: u64::try_from(portfolio.numbers).unwrap_or(0),
    }))
}

/// Forgets the people of one minute that counts no more. `false` when there is none. One minute in a transaction, because
/// handovers of the portfolio wait for it.
pub async fn forget_minute(conn: &mut Connection) -> Result<bool, StorageError> {
    let over = sqlx::query!(
        "select portfolio_id, minute from portfolio_minutes where minute <= now() - make_interval(secs => $1) limit 1",
        COUNTED_FOR.as_secs_f64(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(over) = over else { return Ok(false) };
    sqlx::query!("select from portfolios where portfolio_id = $1 for no key update", over.portfolio_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "delete from portfolio_people where portfolio_id = $1 and minute = $2",
        over.portfolio_id,
        over.minute,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from portfolio_minutes where portfolio_id = $1 and minute = $2",
        over.portfolio_id,
        over.minute,
    )
    .execute(conn)
    .await?;
    Ok(true)
}
