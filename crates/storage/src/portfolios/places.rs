//! Taking places of a limited portfolio for the recipients of a handover.

use std::time::Duration;

use domain::Timestamp;
use domain::ids::{DispatchId, WorkspaceId};
use domain::portfolio::COUNTED_FOR;

use crate::{Connection, StorageError};

/// How soon to look again when nothing says when a place comes free: the limit is zero.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(3_600);

/// For whom there was a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Positions in the dispatch.
    pub recipients: Vec<i32>,
    /// How long until the next place is free, when there was none for somebody.
    pub wait: Option<Duration>,
}

/// Somebody who is to be written to.
struct Person {
    ordinal: i32,
    digest: Vec<u8>,
    /// The minute under which they stand in the table, counting or over.
    minute: Option<Timestamp>,
    is_counted: bool,
}

/// Takes a place for each of these recipients, in order of position, as long as there are any. People who were counted within
/// a day need none; they count anew from now. The portfolio's row stays locked until the caller commits, so that of two
/// senders that want the last places each sees what the other took.
pub(crate) async fn take(
    conn: &mut Connection,
    portfolio_id: &str,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
) -> Result<Taken, StorageError> {
    let people_max = sqlx::query_scalar!(
        "select people_max from portfolios where portfolio_id = $1 for no key update",
        portfolio_id,
    )
    .fetch_optional(&mut *conn)
    .await?
    .flatten();
    // It was lifted since the caller looked.
    let Some(people_max) = people_max else {
        return Ok(Taken { recipients: ordinals.to_vec(), wait: None });
    };
    let people = people(conn, portfolio_id, workspace, dispatch, ordinals).await?;
    let mut free = i64::from(people_max) - counted(conn, portfolio_id).await?;
    let asked = people.len();
    let mut chosen = people;
    chosen.retain(|person| {
        let has_place = person.is_counted || free > 0;
        if has_place && !person.is_counted {
            free -= 1;
        }
        has_place
    });
    count(conn, portfolio_id, &chosen).await?;
    let wait = if chosen.len() < asked { Some(limit(conn, portfolio_id, people_max).await?) } else { None };
    Ok(Taken { recipients: chosen.into_iter().map(|person| person.ordinal).collect(), wait })
}

/// Found by key, one lookup each, whatever Postgres believes about the sizes of the tables: see `dispatches::planner`.
async fn people(
    conn: &mut Connection,
    portfolio_id: &str,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
) -> Result<Vec<Person>, StorageError> {
    let people = sqlx::query_as!(
        Person,
        r#"select named.ordinal as "ordinal!", r.digest as "digest!", p.minute as "minute?",
                  coalesce(p.minute > now() - make_interval(secs => $5), false) as "is_counted!"
             from unnest($4::int[]) as named (ordinal)
            cross join lateral (
                select person_digest(address) as digest from recipients
                 where workspace_id = $2 and dispatch_id = $3 and ordinal = named.ordinal
                offset 0) r
             left join lateral (
                select minute from portfolio_people
                 where portfolio_id = $1 and person = r.digest
                offset 0) p on true
            order by named.ordinal"#,
        portfolio_id,
        workspace.uuid(),
        dispatch.uuid(),
        ordinals,
        COUNTED_FOR.as_secs_f64(),
    )
    .fetch_all(conn)
    .await?;
    Ok(people)
}

/// How many people count now.
async fn counted(conn: &mut Connection, portfolio_id: &str) -> Result<i64, StorageError> {
    let people = sqlx::query_scalar!(
        r#"select coalesce(sum(people), 0) as "people!" from portfolio_minutes
            where portfolio_id = $1 and minute > now() - make_interval(secs => $2)"#,
        portfolio_id,
        COUNTED_FOR.as_secs_f64(),
    )
    .fetch_one(conn)
    .await?;
    Ok(people)
}

/// Counts these people from this minute on, and no more under the minute they stood under.
async fn count(conn: &mut Connection, portfolio_id: &str, people: &[Person]) -> Result<(), StorageError> {
    if people.is_empty() {
        return Ok(());
    }
    let digests: Vec<Vec<u8>> = people.iter().map(|person| person.digest.clone()).collect();
    let earlier: Vec<Timestamp> = people.iter().filter_map(|person| person.minute).collect();
    sqlx::query!(
        "insert into portfolio_people (portfolio_id, person, minute)
         select $1, person, date_trunc('minute', now()) from unnest($2::bytea[]) as c (person)
             on conflict (portfolio_id, person) do update set minute = excluded.minute",
        portfolio_id,
        &digests,
    )
    .execute(&mut *conn)
    .await?;
    if !earlier.is_empty() {
        sqlx::query!(
            "update portfolio_minutes m set people = m.people - e.people
               from (select minute, count(*) as people from unnest($2::timestamptz[]) as e (minute) group by minute) e
              where m.portfolio_id = $1 and m.minute = e.minute",
            portfolio_id,
            &earlier,
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query!(
        "insert into portfolio_minutes as m (portfolio_id, minute, people) values ($1, date_trunc('minute', now()), $2)
             on conflict (portfolio_id, minute) do update set people = m.people + excluded.people",
        portfolio_id,
        i32::try_from(people.len()).unwrap_or(i32::MAX),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that there is no place until the earliest minutes are over that bring the count below the limit. Returns how long
/// that is.
async fn limit(conn: &mut Connection, portfolio_id: &str, people_max: i32) -> Result<Duration, StorageError> {
    let wait = sqlx::query_scalar!(
        r#"with kept as (
               select minute, sum(people) over (order by minute desc) as people
                 from portfolio_minutes
                where portfolio_id = $1 and minute > now() - make_interval(secs => $2) and people > 0
           ),
           free as (
               select coalesce(
                          (select max(minute) + make_interval(secs => $2) from kept where people >= $3 and $3 > 0),
                          now() + make_interval(secs => $4)) as at
           )
           update portfolios set limited_until = free.at from free where portfolio_id = $1
        returning greatest(extract(epoch from free.at - now()), 0)::float8 as "seconds!""#,
        portfolio_id,
        COUNTED_FOR.as_secs_f64(),
        i64::from(people_max),
        LOOK_AGAIN_AFTER.as_secs_f64(),
    )
    .fetch_one(conn)
    .await?;
    Ok(Duration::from_secs_f64(wait))
}
