//! People whose turn depends on where they are: their zones are frozen with them, and batches do not mix zones.
//!
//! A zone is the text of `recipients.time_zone`: an IANA name, or several separated by commas where a number tells no better.

use domain::Timestamp;
use domain::ids::WorkspaceId;
use domain::schedule::Timing;

use super::launch::{AudienceQuery, NewLaunch};
use super::quiet;
use super::slices::Counted;
use crate::{Connection, StorageError};

/// People of an audience whose zone is the same and known from the same source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneGroup {
    /// Their zone.
    pub time_zone: String,
    /// `field`, `number` or `workspace`.
    pub source: String,
    /// How many.
    pub people: i64,
    /// From when on they may be written to.
    pub due: Timestamp,
    /// What they wait for until then: a word of `domain::delivery::WaitReason`; `None` when for nothing.
    pub reason: Option<String>,
    /// When the next quiet hours begin for them, if there are any.
    pub night_falls: Option<Timestamp>,
    /// When those end.
    pub night_ends: Option<Timestamp>,
}

/// Those of an audience who would be sent to, by zone, for a launch at a moment; who is due first comes first.
pub async fn groups(
    conn: &mut Connection,
    workspace: WorkspaceId,
    audience: &AudienceQuery,
    timing: Timing,
    launch_at: Timestamp,
) -> Result<Vec<ZoneGroup>, StorageError> {
    let groups = sqlx::query_as!(
        ZoneGroup,
        r#"with zones as (
               select z.time_zone, z.zone_source, count(*) as people
                 from resolve_zoned_audience($1, $2, $3, $4, $5, $6, $7) z
                where z.skip_reason is null
                group by z.time_zone, z.zone_source
           ),
           groups as (
               select reduced.time_zone, z.zone_source, sum(z.people)::bigint as people
                 from zones z
                cross join lateral (select zones_with_a_day(z.time_zone, $9, $10) as time_zone) reduced
                group by reduced.time_zone, z.zone_source
           )
           select g.time_zone as "time_zone!", g.zone_source as "source!", g.people as "people!", w.due as "due!", w.reason,
                  night.falls as night_falls, quiet_end(night.falls, g.time_zone, $9, $10) as night_ends
             from groups g
            cross join lateral zone_wait($11, g.time_zone, $8, $9, $10) w
            cross join lateral (select quiet_start_after(w.due, g.time_zone, $9) as falls) night
            order by w.due, g.people desc, g.time_zone"#,
        workspace.uuid(),
        &audience.list_ids(),
        audience.address_kind,
        audience.needs_consent,
        &audience.variable_fields,
        &audience.variable_attributes,
        &audience.variable_fallbacks,
        timing.local_start,
        timing.quiet_hours.map(|hours| hours.from()),
        timing.quiet_hours.map(|hours| hours.until()),
        launch_at,
    )
    .fetch_all(conn)
    .await?;
    Ok(groups)
}

/// As `launch::freeze_recipients`, with the zone of each: who is due first comes first, and each zone is a run of positions.
pub(super) async fn freeze_recipients(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    audience: &AudienceQuery,
) -> Result<Vec<Counted>, StorageError> {
    let firsts: Vec<i32> = new.slices.iter().map(|slice| slice.first).collect();
    let dispatches: Vec<uuid::Uuid> = new.slices.iter().map(|slice| slice.dispatch.uuid()).collect();
    let counted = sqlx::query_as!(
        Counted,
        r#"with audience as materialized (
               select * from resolve_zoned_audience($1, $2, $3, $4, $5, $6, $7)
           ),
           zones as materialized (
               select z.time_zone, reduced.time_zone as reduced, w.due
                 from (select distinct time_zone from audience) z
                cross join lateral (select zones_with_a_day(z.time_zone, $12, $13) as time_zone) reduced
                cross join lateral zone_wait($10, reduced.time_zone, $11, $12, $13) w
                where z.time_zone is not null
           ),
           numbered as (
               select row_number() over (order by a.skip_reason is not null, z.due, z.reduced, a.contact_id)::int as position,
                      a.contact_id, a.address, a.variables, a.skip_reason, z.reduced as time_zone, a.zone_source
                 from audience a
                 left join zones z on z.time_zone = a.time_zone
           ),
           dealt as (
               select *, width_bucket(position, $8::int[]) as slice from numbered
           ),
           frozen as (
               insert into recipients
                      (workspace_id, dispatch_id, ordinal, contact_id, address, variables, state, reason, settled_at,
                       time_zone, zone_source)
               select $1, ($9::uuid[])[slice], position - ($8::int[])[slice] + 1, contact_id, address, variables,
                      case when skip_reason is null then 'pending' else 'skipped' end, skip_reason,
                      case when skip_reason is not null then $10::timestamptz end, time_zone, zone_source
                 from dealt
            returning dispatch_id, reason, time_zone, ordinal
           )
           select dispatch_id, reason, time_zone, min(ordinal) as "first!", count(*)::int as "recipients!"
             from frozen group by dispatch_id, reason, time_zone"#,
        workspace.uuid(),
        &audience.list_ids(),
        audience.address_kind,
        audience.needs_consent,
        &audience.variable_fields,
        &audience.variable_attributes,
        &audience.variable_fallbacks,
        &firsts,
        &dispatches,
        new.launched_at,
        new.timing.local_start,
        new.timing.quiet_hours.map(|hours| hours.from()),
        new.timing.quiet_hours.map(|hours| hours.until()),
    )
    .fetch_all(conn)
    .await?;
    Ok(counted)
}

/// Notes on the dispatches of a launch what their people wait for. To be called before their batches are cut.
pub(super) async fn set(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[uuid::Uuid],
    timing: Timing,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update dispatches set local_start = $3, quiet_from = $4, quiet_until = $5
          where workspace_id = $1 and dispatch_id = any ($2)",
        workspace.uuid(),
        dispatches,
        timing.local_start,
        timing.quiet_hours.map(|hours| hours.from()),
        timing.quiet_hours.map(|hours| hours.until()),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Looks for the first time through dispatches whose batches were just cut. Until then nothing of them is claimed.
pub(super) async fn begin(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[uuid::Uuid],
    timing: Timing,
) -> Result<(), StorageError> {
    if timing.quiet_hours.is_some() {
        for dispatch in dispatches {
            quiet::look_through(conn, workspace, (*dispatch).into()).await?;
        }
    }
    Ok(())
}
