//! People of a finished campaign who are tried again, in dispatches of their own.

use domain::Timestamp;
use domain::delivery::FailureReason;
use domain::dispatch::TryAgain;
use domain::ids::{CampaignId, ContactId, DispatchId, TemplateId, TemplateVersionId, WorkspaceId};

use super::counts::{self, Delta, StateWords};
use super::launch::NewLaunch;
use super::waiting::Which;
use super::{planner, slices};
use crate::{Connection, StorageError};

/// Of whom it is asked whether they can be tried again.
#[derive(Debug, Clone)]
pub struct AgainQuery {
    /// Who.
    pub what: TryAgain,
    /// Whether only confirmed consent will do, as for marketing.
    pub needs_consent: bool,
    /// The dispatches of the campaign that have any of them.
    pub dispatches: Vec<DispatchId>,
    /// Those in which people were tried again before, or whose people were.
    pub others: Vec<DispatchId>,
}

/// What the people of a campaign are written to at.
const ADDRESS_KIND: &str = "phone";

fn uuids(dispatches: &[DispatchId]) -> Vec<uuid::Uuid> {
    dispatches.iter().map(|dispatch| dispatch.uuid()).collect()
}

fn final_reasons() -> Vec<String> {
    let reasons = FailureReason::ALL.iter().copied().filter(|reason| reason.is_final());
    reasons.map(|reason| reason.as_str().to_owned()).collect()
}

/// Asks which dispatches of a campaign have people of this kind.
pub async fn query(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    what: TryAgain,
    needs_consent: bool,
) -> Result<AgainQuery, StorageError> {
    let rows = sqlx::query!(
        r#"select dispatch_id, case $3 when 'failed' then failed else unknown end > 0 as "has_any!",
                  superseded > 0 or tries_again is not null as "is_other!"
             from dispatches where workspace_id = $1 and campaign_id = $2
            order by dispatch_id"#,
        workspace.uuid(),
        campaign.uuid(),
        what.as_str(),
    )
    .fetch_all(conn)
    .await?;
    let dispatches = rows.iter().filter(|row| row.has_any).map(|row| row.dispatch_id.into()).collect();
    let others = rows.iter().filter(|row| row.is_other).map(|row| row.dispatch_id.into()).collect();
    Ok(AgainQuery { what, needs_consent, dispatches, others })
}

/// People of one kind, by why they are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgainCount {
    /// `None` for those who would be sent to. Otherwise a word of `FailureReason` or `SkipReason`, or `replied`.
    pub left_out: Option<String>,
    /// How many.
    pub people: i64,
}

/// Counts who would be tried again, and who not and why, in a transaction of the caller's. Reads every recipient of the dispatches.
pub async fn count(
    conn: &mut Connection,
    workspace: WorkspaceId,
    query: &AgainQuery,
) -> Result<Vec<AgainCount>, StorageError> {
    if query.dispatches.is_empty() {
        return Ok(Vec::new());
    }
    // Compiling the statement takes longer than most counts.
    sqlx::query!("set local jit = off").execute(&mut *conn).await?;
    let counts = sqlx::query_as!(
        AgainCount,
        r#"select left_out, count(*) as "people!" from people_to_try_again($1, $2, $3, $4, $5, $6, $7)
            group by left_out order by count(*) desc, left_out"#,
        workspace.uuid(),
        &uuids(&query.dispatches),
        &uuids(&query.others),
        query.what.as_str(),
        &final_reasons(),
        ADDRESS_KIND,
        query.needs_consent,
    )
    .fetch_all(conn)
    .await?;
    Ok(counts)
}

/// Which of many people of a dispatch are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Only positions after this one.
    pub after: i32,
    /// Only positions before this one.
    pub before: i32,
    /// From which end.
    pub which: Which,
    /// How many at most.
    pub people_max: i64,
}

/// The positions in a dispatch of those who would be tried again, or are left out for a reason, in ascending order.
pub async fn who(
    conn: &mut Connection,
    workspace: WorkspaceId,
    query: &AgainQuery,
    dispatch: DispatchId,
    left_out: Option<&str>,
    stretch: Stretch,
) -> Result<Vec<i32>, StorageError> {
    let mut ordinals = sqlx::query_scalar!(
        r#"select ordinal as "ordinal!" from people_to_try_again($1, $2, $3, $4, $5, $6, $7)
            where left_out is not distinct from $8 and ordinal > $9 and ordinal < $10
            order by case when $11 then - ordinal else ordinal end
            limit $12"#,
        workspace.uuid(),
        &[dispatch.uuid()],
        &uuids(&query.others),
        query.what.as_str(),
        &final_reasons(),
        ADDRESS_KIND,
        query.needs_consent,
        left_out,
        stretch.after,
        stretch.before,
        stretch.which == Which::Last,
        stretch.people_max,
    )
    .fetch_all(conn)
    .await?;
    ordinals.sort_unstable();
    Ok(ordinals)
}

/// Writes the dispatches that try these people again, with the address and the values of the row that did not reach them,
/// and everything else that the first dispatch of the campaign was launched with. The rows before count nowhere any more.
/// The caller holds the locks of all dispatches of the campaign. Returns how many people it is.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    query: &AgainQuery,
) -> Result<i64, StorageError> {
    sqlx::query!("set local jit = off").execute(&mut *conn).await?;
    let counted = freeze(conn, workspace, new, query).await?;
    slices::insert(conn, workspace, new, &counted).await?;
    let dispatches: Vec<DispatchId> = new.slices.iter().map(|slice| slice.dispatch).collect();
    copy_launch(conn, workspace, new.campaign, query.what, &dispatches).await?;
    planner::hash_joins_only(conn).await?;
    for earlier in &query.dispatches {
        let delta = supersede(conn, workspace, *earlier, &dispatches).await?;
        if !delta.is_empty() {
            counts::apply(conn, workspace, *earlier, &delta).await?;
        }
    }
    planner::any_joins(conn).await?;
    Ok(counted.iter().map(|group| i64::from(group.recipients)).sum())
}

async fn freeze(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    query: &AgainQuery,
) -> Result<Vec<slices::Counted>, StorageError> {
    let firsts: Vec<i32> = new.slices.iter().map(|slice| slice.first).collect();
    let dispatches: Vec<uuid::Uuid> = new.slices.iter().map(|slice| slice.dispatch.uuid()).collect();
    let counted = sqlx::query_as!(
        slices::Counted,
        r#"with again as (
               select a.dispatch_id, earlier.*,
                      row_number() over (order by earlier.time_zone nulls first, a.dispatch_id, a.ordinal)::int as position
                 from people_to_try_again($1, $2, $3, $4, $5, $6, $7) a
                cross join lateral (
                      select r.contact_id, r.address, r.variables, r.time_zone, r.zone_source from recipients r
                       where r.workspace_id = $1 and r.dispatch_id = a.dispatch_id and r.ordinal = a.ordinal
                      offset 0) earlier
                where a.left_out is null
           ),
           dealt as (
               select *, width_bucket(position, $8::int[]) as slice from again
           ),
           frozen as (
               insert into recipients
                      (workspace_id, dispatch_id, ordinal, contact_id, address, variables, state, retries, time_zone, zone_source)
               select $1, ($9::uuid[])[slice], position - ($8::int[])[slice] + 1, contact_id, address, variables, 'pending',
                      dispatch_id, time_zone, zone_source
                 from dealt
            returning dispatch_id, time_zone, ordinal
           )
           select dispatch_id, null::text as reason, time_zone, min(ordinal) as "first!", count(*)::int as "recipients!"
             from frozen group by dispatch_id, time_zone"#,
        workspace.uuid(),
        &uuids(&query.dispatches),
        &uuids(&query.others),
        query.what.as_str(),
        &final_reasons(),
        ADDRESS_KIND,
        query.needs_consent,
        &firsts,
        &dispatches,
    )
    .fetch_all(conn)
    .await?;
    Ok(counted)
}

/// What a campaign was launched with holds for its later dispatches as well.
async fn copy_launch(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    what: TryAgain,
    dispatches: &[DispatchId],
) -> Result<(), StorageError> {
    sqlx::query!(
        "update dispatches d
            set tries_again = $3, not_after = first.not_after, holds_allowed = first.holds_allowed
           from dispatches first
          where d.workspace_id = $1 and d.dispatch_id = any ($4)
            and first.workspace_id = $1 and first.campaign_id = $2 and first.slice = 1",
        workspace.uuid(),
        campaign.uuid(),
        what.as_str(),
        &uuids(dispatches),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks the rows of one dispatch that these try again. Joins by hash, whatever Postgres believes about rows just written.
async fn supersede(
    conn: &mut Connection,
    workspace: WorkspaceId,
    earlier: DispatchId,
    later: &[DispatchId],
) -> Result<Delta, StorageError> {
    let groups = sqlx::query!(
        r#"with marked as (
               update recipients r set superseded_by = n.dispatch_id
                 from recipients n
                where r.workspace_id = $1 and r.dispatch_id = $2
                  and n.workspace_id = $1 and n.dispatch_id = any ($3) and n.retries = $2 and n.contact_id = r.contact_id
            returning r.state, r.reason, r.provider_code
           )
           select state, reason, provider_code, count(*)::int as "recipients!" from marked group by state, reason, provider_code"#,
        workspace.uuid(),
        earlier.uuid(),
        &uuids(later),
    )
    .fetch_all(conn)
    .await?;
    let mut delta = Delta::default();
    for group in groups {
        let from = StateWords {
            state: &group.state,
            reason: group.reason.as_deref(),
            provider_code: group.provider_code,
        };
        delta.moved(from, StateWords::SUPERSEDED, group.recipients);
    }
    Ok(delta)
}

/// How a campaign stands towards being tried again, beyond its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its first dispatch.
    pub first: DispatchId,
    /// Its last dispatch.
    pub last: DispatchId,
    /// What it sends.
    pub template_version: TemplateVersionId,
    /// The template of that version.
    pub template: TemplateId,
    /// All its dispatches ended by themselves.
    pub is_finished: bool,
    /// The time in which it may be sent is over.
    pub window_over: bool,
}

/// Looks at the dispatches of a campaign. `None` if it was not launched.
pub async fn standing(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Option<Standing>, StorageError> {
    let row = sqlx::query!(
        r#"select d.dispatch_id as first, d.template_version_id, v.template_id, coalesce(d.not_after <= now(), false) as "window_over!",
                  every.last as "last!", every.finished as "finished!"
             from dispatches d
             join template_versions v using (workspace_id, template_version_id)
            cross join lateral (
                  select (array_agg(e.dispatch_id order by e.dispatch_id desc))[1] as last, bool_and(e.state = 'finished') as finished
                    from dispatches e where e.workspace_id = $1 and e.campaign_id = $2) every
            where d.workspace_id = $1 and d.campaign_id = $2 and d.slice = 1"#,
        workspace.uuid(),
        campaign.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Standing {
        first: row.first.into(),
        last: row.last.into(),
        template_version: row.template_version_id.into(),
        template: row.template_id.into(),
        is_finished: row.finished,
        window_over: row.window_over,
    }))
}

/// Another try of a person who has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherTry {
    /// The contact.
    pub contact: ContactId,
    /// The dispatch, by its position in the campaign.
    pub slice: i32,
    /// `sent`, `failed`, `skipped` or `unknown`.
    pub state: String,
    /// Our word for the reason.
    pub reason: Option<String>,
    /// The provider's code.
    pub provider_code: Option<i32>,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
}

/// The rows of these contacts in a campaign that count no more, oldest first.
pub async fn other_tries(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    contacts: &[ContactId],
) -> Result<Vec<OtherTry>, StorageError> {
    let contacts: Vec<uuid::Uuid> = contacts.iter().map(|contact| contact.uuid()).collect();
    let tries = sqlx::query_as!(
        OtherTry,
        "select r.contact_id as contact, d.slice, r.state, r.reason, r.provider_code, r.settled_at
           from dispatches d
          cross join unnest($3::uuid[]) as named (contact_id)
          cross join lateral (
                select * from recipients
                 where workspace_id = $1 and contact_id = named.contact_id and dispatch_id = d.dispatch_id
                   and superseded_by is not null
                offset 0) r
          where d.workspace_id = $1 and d.campaign_id = $2 and d.superseded > 0
          order by d.slice",
        workspace.uuid(),
        campaign.uuid(),
        &contacts,
    )
    .fetch_all(conn)
    .await?;
    Ok(tries)
}
