//! Rows of people who were tried again. They count nowhere, but the provider may still tell something about them: then the
//! rows that count instead are looked at in the same transaction, so that nobody who was reached is sent to again.
//!
//! The dispatches that try people again have greater ids than all earlier ones of their campaign, and whoever makes them
//! holds the locks of these. So the lock of one dispatch keeps further ones from being made, and locks go on ascending.

use domain::delivery::SkipReason;
use domain::ids::{DispatchId, WorkspaceId};

use super::counts::{self, Delta, StateWords};
use super::planner::{self, Span};
use crate::{Connection, StorageError};

/// A dispatch that is locked, and the later ones of its campaign that try its people again.
pub(super) struct Locked {
    /// The word of its state.
    pub state: String,
    /// It tries people again itself.
    pub tries_again: bool,
}

/// As [`counts::lock`], for whoever brings news about people of whom other rows may count.
pub(super) async fn lock(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<Locked>, StorageError> {
    let locked = sqlx::query!(
        r#"select state, tries_again is not null as "tries_again!", superseded > 0 as "has_superseded!"
             from dispatches where workspace_id = $1 and dispatch_id = $2 for no key update"#,
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(locked) = locked else { return Ok(None) };
    if locked.has_superseded {
        sqlx::query!(
            "select from dispatches
              where workspace_id = $1 and dispatch_id > $2 and tries_again is not null
                and campaign_id = (select campaign_id from dispatches where workspace_id = $1 and dispatch_id = $2)
              order by dispatch_id for no key update",
            workspace.uuid(),
            dispatch.uuid(),
        )
        .execute(conn)
        .await?;
    }
    Ok(Some(Locked { state: locked.state, tries_again: locked.tries_again }))
}

/// These dispatches and those that news about their people may change as well, ascending.
pub async fn with_later(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<Vec<DispatchId>, StorageError> {
    let ids: Vec<uuid::Uuid> = dispatches.iter().map(|dispatch| dispatch.uuid()).collect();
    let rows = sqlx::query_scalar!(
        r#"select later.dispatch_id as "dispatch_id!"
             from dispatches d
             join dispatches later
               on later.workspace_id = $1 and later.campaign_id = d.campaign_id and later.dispatch_id > d.dispatch_id
              and later.tries_again is not null
            where d.workspace_id = $1 and d.dispatch_id = any ($2) and d.superseded > 0
            union
           select unnest($2::uuid[])
            order by 1"#,
        workspace.uuid(),
        &ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(DispatchId::from).collect())
}

/// A row that counts for a person of whom an earlier one turned out to be sent.
struct Later {
    dispatch_id: uuid::Uuid,
    ordinal: i32,
    earlier: i32,
    state: String,
    reason: Option<String>,
    provider_code: Option<i32>,
    replied: bool,
}

/// Superseded rows of a dispatch that turned out to be sent take their place back, unless the row that counts was sent
/// too or is in the air. One that still waits is not sent any more. What changes here is added to `delta`; the locks of
/// [`lock`] are held.
pub(super) async fn count_again(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
    delta: &mut Delta,
) -> Result<(), StorageError> {
    let mut later = find_later(conn, workspace, dispatch, ordinals).await?;
    let earlier: Vec<i32> = later.iter().map(|one| one.earlier).collect();
    later.sort_unstable_by_key(|one| (one.dispatch_id, one.ordinal));
    for group in later.chunk_by(|one, next| one.dispatch_id == next.dispatch_id) {
        give_way(conn, workspace, dispatch, group).await?;
    }
    if earlier.is_empty() {
        return Ok(());
    }
    let back = sqlx::query!(
        r#"with back as (
               update recipients set superseded_by = null
                where workspace_id = $1 and dispatch_id = $2 and ordinal = any ($3)
            returning delivered_at, read_at, replied_at
           )
           select count(*)::int as "sent!", count(delivered_at)::int as "delivered!", count(read_at)::int as "read!",
                  count(replied_at)::int as "replied!"
             from back"#,
        workspace.uuid(),
        dispatch.uuid(),
        &earlier,
    )
    .fetch_one(conn)
    .await?;
    delta.moved(StateWords::SUPERSEDED, StateWords::bare("sent"), back.sent);
    delta.delivered += back.delivered;
    delta.read += back.read;
    delta.replied += back.replied;
    Ok(())
}

async fn find_later(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
) -> Result<Vec<Later>, StorageError> {
    let later = sqlx::query_as!(
        Later,
        r#"select l.dispatch_id, l.ordinal, named.ordinal as "earlier!", l.state, l.reason, l.provider_code,
                  l.replied_at is not null as "replied!"
             from unnest($3::int[]) as named (ordinal)
            cross join lateral (
                  select contact_id from recipients
                   where workspace_id = $1 and dispatch_id = $2 and ordinal = named.ordinal
                  offset 0) person
            cross join (
                  select dispatch_id from dispatches
                   where workspace_id = $1 and dispatch_id > $2 and tries_again is not null
                     and campaign_id = (select campaign_id from dispatches where workspace_id = $1 and dispatch_id = $2)) d
            cross join lateral (
                  select * from recipients
                   where workspace_id = $1 and contact_id = person.contact_id and dispatch_id = d.dispatch_id
                  offset 0) l
            where l.superseded_by is null and l.state <> 'sent'
              and (l.state <> 'pending' or not exists (
                  select from handovers h
                   where h.workspace_id = $1 and h.dispatch_id = l.dispatch_id and l.ordinal = any (h.recipients)
                     and l.handover_id is distinct from h.handover_id))"#,
        workspace.uuid(),
        dispatch.uuid(),
        ordinals,
    )
    .fetch_all(conn)
    .await?;
    Ok(later)
}

/// Rows of one later dispatch count no more, because those of an earlier one do again.
async fn give_way(
    conn: &mut Connection,
    workspace: WorkspaceId,
    earlier: DispatchId,
    group: &[Later],
) -> Result<(), StorageError> {
    let Some(dispatch) = group.first().map(|one| DispatchId::from(one.dispatch_id)) else { return Ok(()) };
    let ordinals: Vec<i32> = group.iter().map(|one| one.ordinal).collect();
    sqlx::query!(
        "update recipients
            set superseded_by = $3,
                reason = case when state = 'pending' then $5 else reason end,
                not_before = case when state <> 'pending' then not_before end,
                wait_reason = case when state <> 'pending' then wait_reason end,
                settled_at = case when state = 'pending' then now() else settled_at end,
                state = case when state = 'pending' then 'skipped' else state end
          where workspace_id = $1 and dispatch_id = $2 and ordinal = any ($4)",
        workspace.uuid(),
        dispatch.uuid(),
        earlier.uuid(),
        &ordinals,
        SkipReason::ReachedMeanwhile.as_str(),
    )
    .execute(&mut *conn)
    .await?;
    let mut delta = Delta::default();
    for one in group {
        let from =
            StateWords { state: &one.state, reason: one.reason.as_deref(), provider_code: one.provider_code };
        let from = if one.state == "pending" { StateWords::bare("pending") } else { from };
        delta.moved(from, StateWords::SUPERSEDED, 1);
        delta.replied -= i32::from(one.replied);
    }
    counts::apply(conn, workspace, dispatch, &delta).await
}

/// Of people of a dispatch that tries people again, of whom there was news: whoever waits again, but was reached by another try
/// while this one was in the air, is not sent to any more.
pub(super) async fn call_off(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
    delta: &mut Delta,
) -> Result<(), StorageError> {
    if ordinals.is_empty() {
        return Ok(());
    }
    let reached = sqlx::query_scalar!(
        r#"select named.ordinal as "ordinal!"
             from unnest($3::int[]) as named (ordinal)
            cross join lateral (
                  select contact_id, handover_id from recipients
                   where workspace_id = $1 and dispatch_id = $2 and ordinal = named.ordinal and state = 'pending'
                  offset 0) person
            where not exists (
                  select from handovers h
                   where h.workspace_id = $1 and h.dispatch_id = $2 and named.ordinal = any (h.recipients)
                     and person.handover_id is distinct from h.handover_id)
              and exists (
                  select from dispatches d
                   cross join lateral (
                         select from recipients
                          where workspace_id = $1 and contact_id = person.contact_id and dispatch_id = d.dispatch_id
                            and state = 'sent'
                         offset 0) sent
                   where d.workspace_id = $1 and d.dispatch_id < $2
                     and d.campaign_id = (select campaign_id from dispatches where workspace_id = $1 and dispatch_id = $2))"#,
        workspace.uuid(),
        dispatch.uuid(),
        ordinals,
    )
    .fetch_all(&mut *conn)
    .await?;
    if reached.is_empty() {
        return Ok(());
    }
    let span = Span::of(&reached);
    planner::hash_joins_only(conn).await?;
    let skipped = sqlx::query!(
        "update recipients r
            set state = 'skipped', reason = $4, not_before = null, wait_reason = null, settled_at = now()
           from unnest($3::int[]) as named (ordinal)
          where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal between $5 and $6 and r.ordinal = named.ordinal
            and r.state = 'pending'",
        workspace.uuid(),
        dispatch.uuid(),
        &reached,
        SkipReason::ReachedMeanwhile.as_str(),
        span.first,
        span.last,
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    planner::any_joins(conn).await?;
    let to = StateWords {
        state: "skipped",
        reason: Some(SkipReason::ReachedMeanwhile.as_str()),
        provider_code: None,
    };
    delta.moved(StateWords::bare("pending"), to, i32::try_from(skipped).unwrap_or(i32::MAX));
    Ok(())
}
