//! The rows of several dispatches that are made together: after their recipients, when the numbers are known.

use domain::ids::WorkspaceId;

use super::launch::{NewLaunch, NewSlice};
use super::{canary, zones};
use crate::{Connection, StorageError};

/// Recipients of one dispatch that were frozen with the same fate.
#[derive(Debug)]
pub(super) struct Counted {
    pub dispatch_id: uuid::Uuid,
    /// Why they are left out; `None` for those who will be sent to.
    pub reason: Option<String>,
    /// Where they are, if that matters; they are a run of positions then.
    pub time_zone: Option<String>,
    /// The first position.
    pub first: i32,
    pub recipients: i32,
}

/// Writes dispatches, reasons and batches for recipients that are there.
pub(super) async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    counted: &[Counted],
) -> Result<(), StorageError> {
    let dispatches: Vec<uuid::Uuid> = new.slices.iter().map(|slice| slice.dispatch.uuid()).collect();
    let senders: Vec<uuid::Uuid> = new.slices.iter().map(|slice| slice.channel_account.uuid()).collect();
    let of = |dispatch: &uuid::Uuid, is_pending: bool| -> i32 {
        let own = counted.iter().filter(|group| group.dispatch_id == *dispatch);
        own.filter(|group| group.reason.is_none() == is_pending).map(|group| group.recipients).sum()
    };
    let pending: Vec<i32> = dispatches.iter().map(|dispatch| of(dispatch, true)).collect();
    let skipped: Vec<i32> = dispatches.iter().map(|dispatch| of(dispatch, false)).collect();
    insert_dispatches(conn, workspace, new, &dispatches, &senders, &pending, &skipped).await?;
    insert_reasons(conn, workspace, counted).await?;
    let goes_first = canary_people(new, &pending);
    if let (Some(people), Some(canary), Some(first)) = (goes_first, new.canary, new.slices.first()) {
        canary::set(conn, workspace, first.dispatch, people, canary).await?;
    }
    if new.timing.goes_by_zone() {
        zones::set(conn, workspace, &dispatches, new.timing).await?;
    }
    cut_batches(conn, workspace, new, &runs(new, counted, goes_first)).await?;
    zones::begin(conn, workspace, &dispatches, new.timing).await
}

/// How many people of the first dispatch go before all others; `None` when there is no canary, or nobody to follow it.
fn canary_people(new: &NewLaunch, pending: &[i32]) -> Option<i32> {
    let wanted = i32::try_from(new.canary?.people()).unwrap_or(i32::MAX);
    let in_first = pending.first().copied().filter(|people| *people > 0)?;
    (wanted < pending.iter().sum()).then_some(wanted.min(in_first))
}

/// Positions of one dispatch that are cut into batches together.
struct Run<'c> {
    slice: NewSlice,
    first: i32,
    last: i32,
    time_zone: Option<&'c str>,
    /// Waits until those who go first are judged.
    held: bool,
}

/// Where batches must not reach over: the ends of zones, and of those who go first.
fn runs<'c>(new: &NewLaunch, counted: &'c [Counted], goes_first: Option<i32>) -> Vec<Run<'c>> {
    let mut runs = Vec::new();
    for (index, slice) in new.slices.iter().enumerate() {
        let own = |group: &&Counted| group.dispatch_id == slice.dispatch.uuid() && group.reason.is_none();
        // The last position of the slice that does not wait for a judgement.
        let free = match goes_first {
            None => i32::MAX,
            Some(people) if index == 0 => people,
            Some(_) => 0,
        };
        for group in counted.iter().filter(own) {
            let (first, last) = (group.first, group.first + group.recipients - 1);
            let time_zone = group.time_zone.as_deref();
            let parts = [(first, last.min(free), false), (first.max(free.saturating_add(1)), last, true)];
            let parts = parts.into_iter().filter(|(first, last, _)| first <= last);
            runs.extend(parts.map(|(first, last, held)| Run { slice: *slice, first, last, time_zone, held }));
        }
    }
    runs
}

async fn insert_dispatches(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    dispatches: &[uuid::Uuid],
    senders: &[uuid::Uuid],
    pending: &[i32],
    skipped: &[i32],
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into dispatches (workspace_id, dispatch_id, campaign_id, slice, channel_account_id, template_version_id,
                                 state, state_changed_at, idempotency_key, content_digest, launched_by, launched_at,
                                 ended_at, audience, pending, skipped)
         select $1, n.dispatch_id, $2,
                (select coalesce(max(slice), 0) from dispatches where workspace_id = $1 and campaign_id = $2) + n.slice,
                n.channel_account_id, $3, case when n.pending = 0 then 'finished' else 'running' end, $4,
                case when n.slice = 1 then $5 end, $6, $7, $4, case when n.pending = 0 then $4::timestamptz end,
                n.pending + n.skipped, n.pending, n.skipped
           from unnest($8::uuid[], $9::uuid[], $10::int[], $11::int[])
                with ordinality as n (dispatch_id, channel_account_id, pending, skipped, slice)",
        workspace.uuid(),
        new.campaign.uuid(),
        new.template_version.uuid(),
        new.launched_at,
        new.idempotency_key,
        new.content_digest,
        new.launched_by.uuid(),
        dispatches,
        senders,
        pending,
        skipped,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_reasons(
    conn: &mut Connection,
    workspace: WorkspaceId,
    counted: &[Counted],
) -> Result<(), StorageError> {
    let skipped: Vec<&Counted> = counted.iter().filter(|group| group.reason.is_some()).collect();
    let dispatches: Vec<uuid::Uuid> = skipped.iter().map(|group| group.dispatch_id).collect();
    let reasons: Vec<&str> = skipped.iter().filter_map(|group| group.reason.as_deref()).collect();
    let recipients: Vec<i32> = skipped.iter().map(|group| group.recipients).collect();
    sqlx::query!(
        "insert into dispatch_reasons (workspace_id, dispatch_id, state, reason, recipients)
         select $1, dispatch_id, 'skipped', reason, recipients
           from unnest($2::uuid[], $3::text[], $4::int[]) as n (dispatch_id, reason, recipients)",
        workspace.uuid(),
        &dispatches,
        &reasons as &[&str],
        &recipients,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who waits for a judgement does so for a moment that does not come.
async fn cut_batches(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    runs: &[Run<'_>],
) -> Result<(), StorageError> {
    let dispatches: Vec<uuid::Uuid> = runs.iter().map(|run| run.slice.dispatch.uuid()).collect();
    let senders: Vec<uuid::Uuid> = runs.iter().map(|run| run.slice.channel_account.uuid()).collect();
    let firsts: Vec<i32> = runs.iter().map(|run| run.first).collect();
    let lasts: Vec<i32> = runs.iter().map(|run| run.last).collect();
    let sizes: Vec<i32> = runs.iter().map(|run| run.slice.batch_size).collect();
    let zones: Vec<Option<&str>> = runs.iter().map(|run| run.time_zone).collect();
    let held: Vec<bool> = runs.iter().map(|run| run.held).collect();
    sqlx::query!(
        "insert into batches (workspace_id, dispatch_id, ordinal, channel_account_id, first_recipient, last_recipient,
                              state, not_before, wait_reason, time_zone)
         select $1, n.dispatch_id, row_number() over (partition by n.dispatch_id order by first), n.channel_account_id, first,
                least(first + n.size - 1, n.last), 'ready',
                case when n.held then timestamptz '2999-01-01 00:00Z' else w.due end,
                case when n.held then 'canary' else w.reason end, n.time_zone
           from unnest($3::uuid[], $4::uuid[], $5::int[], $6::int[], $7::int[], $8::text[], $9::bool[])
                as n (dispatch_id, channel_account_id, first_position, last, size, time_zone, held)
          cross join lateral zone_wait($2, n.time_zone, $10, null, null) w
          cross join generate_series(n.first_position, n.last, n.size) as first",
        workspace.uuid(),
        new.launched_at,
        &dispatches,
        &senders,
        &firsts,
        &lasts,
        &sizes,
        &zones as &[Option<&str>],
        &held,
        new.timing.local_start,
    )
    .execute(conn)
    .await?;
    Ok(())
}
