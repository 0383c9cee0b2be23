//! The first people of a campaign are watched: until they are judged, everybody else waits.
//!
//! The first dispatch of the campaign holds them (`dispatches.canary_people`): positions from 1 on, in batches of their own. All
//! other batches of the campaign are ready for a moment that does not come, with the reason `canary`; the judgement gives
//! them theirs, in one transaction under the locks of all dispatches.

use std::time::Duration;

use domain::Timestamp;
use domain::delivery::PauseReason;
use domain::ids::{CampaignId, DispatchId, WorkspaceId};
use domain::schedule::Canary;

use super::control;
use crate::{Connection, StorageError};

/// Notes the canary of a launch on its first dispatch. To be called before the batches are cut.
pub(super) async fn set(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    people: i32,
    canary: Canary,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update dispatches set canary_people = $3, canary_percent_max = $4, canary_state = 'watching'
          where workspace_id = $1 and dispatch_id = $2",
        workspace.uuid(),
        dispatch.uuid(),
        people,
        i16::from(canary.percent_max()),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Campaigns whose first people are not judged yet. Those that are paused are judged when they run again. Goes through the
/// whole installation.
pub async fn watched(
    conn: &mut Connection,
    rows_max: i64,
) -> Result<Vec<(WorkspaceId, CampaignId)>, StorageError> {
    let rows = sqlx::query!(
        "select workspace_id, campaign_id from dispatches
          where canary_state = 'watching' and state in ('running', 'finished')
          order by dispatch_id
          limit $1",
        rows_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id.into(), row.campaign_id.into())).collect())
}

/// How the first people of a campaign fared so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many go first.
    pub people: i32,
    /// Those of them who were tried, and whose outcome is known as far as it is known at once.
    pub tried: i32,
    /// Those whose message failed, or may not have been taken.
    pub failed: i32,
    /// The share of failures in percent that is too much when it is exceeded.
    pub percent_max: i16,
    /// Who still has no outcome.
    pub open: i32,
    /// Those whose message was taken, or may have been, and of whom nothing was reported yet.
    pub unreported: i32,
    /// When the last of them got an outcome.
    pub last_at: Option<Timestamp>,
}

/// How the first people of a campaign stand. `None` when there are none, or they were judged.
///
/// Somebody whom WhatsApp holds back for a day has an outcome as far as this is concerned: it says nothing about the campaign.
pub async fn standing(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Option<Standing>, StorageError> {
    let standing = sqlx::query_as!(
        Standing,
        r#"select d.canary_people as "people!", d.canary_percent_max as "percent_max!", first.tried as "tried!", first.failed as "failed!", first.open as "open!", first.unreported as "unreported!",
                  first.last_at
             from dispatches d
            cross join lateral (
                select count(*) filter (where r.state in ('sent', 'failed', 'unknown'))::int as tried,
                       count(*) filter (where r.state in ('failed', 'unknown'))::int as failed,
                       count(*) filter (where r.state = 'pending'
                                          and not (r.wait_reason is not distinct from 'marketing_limit' and r.not_before > now()))::int as open,
                       count(*) filter (where r.state = 'unknown' or r.state = 'sent' and r.delivered_at is null)::int as unreported,
                       max(r.settled_at) as last_at
                  from recipients r
                 where r.workspace_id = $1 and r.dispatch_id = d.dispatch_id and r.ordinal between 1 and d.canary_people
                offset 0) first
            where d.workspace_id = $1 and d.campaign_id = $2 and d.canary_state = 'watching'"#,
        workspace.uuid(),
        campaign.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(standing)
}

/// Whether the first people have gone and their receipts are in, or were waited for long enough, by the database's clock.
pub async fn is_told(
    conn: &mut Connection,
    standing: &Standing,
    receipts_within: Duration,
) -> Result<bool, StorageError> {
    if standing.open > 0 {
        return Ok(false);
    }
    if standing.unreported == 0 {
        return Ok(true);
    }
    let told = sqlx::query_scalar!(
        r#"select coalesce($1::timestamptz, now()) + make_interval(secs => $2) <= now() as "told!""#,
        standing.last_at,
        receipts_within.as_secs_f64(),
    )
    .fetch_one(conn)
    .await?;
    Ok(told)
}

/// Makes dispatches that stand still for another reason say that this one is the reason too; whoever resumes them sees it.
pub async fn name_as_reason(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    detail: &str,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update dispatches set pause_kind = $3, pause_detail = $4, paused_by = null
          where workspace_id = $1 and campaign_id = $2 and state = 'paused'",
        workspace.uuid(),
        campaign.uuid(),
        PauseReason::CanaryFailed.as_str(),
        detail,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What was decided about the first people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// They fared well enough.
    Passed,
    /// Too many failed. The caller pauses the campaign in the same transaction.
    Failed,
}

/// Writes a judgement down, and lets the others go if it is good. `false` when there is nothing to judge (any more). The caller
/// holds the locks of all dispatches of the campaign.
pub async fn judge(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    judgement: Judgement,
) -> Result<bool, StorageError> {
    let word = match judgement {
        Judgement::Passed => "passed",
        Judgement::Failed => "failed",
    };
    let judged = sqlx::query!(
        "update dispatches set canary_state = $3
          where workspace_id = $1 and campaign_id = $2 and canary_state = 'watching' and state in ('running', 'finished')",
        workspace.uuid(),
        campaign.uuid(),
        word,
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if judged == 1 && judgement == Judgement::Passed {
        release(conn, workspace, campaign).await?;
    }
    Ok(judged == 1)
}

/// Lets the others go after a bad judgement, because somebody resumed the campaign nevertheless. Does nothing otherwise. The
/// caller holds the locks of all dispatches of the campaign.
pub async fn overrule(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<(), StorageError> {
    let overruled = sqlx::query!(
        "update dispatches set canary_state = 'overruled'
          where workspace_id = $1 and campaign_id = $2 and canary_state = 'failed'",
        workspace.uuid(),
        campaign.uuid(),
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if overruled == 1 {
        release(conn, workspace, campaign).await?;
    }
    Ok(())
}

/// Whoever waits only for the judgement is due, or waits for what they would have waited for without it.
async fn release(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update batches b
            set not_before = greatest(now(), d.local_start at time zone split_part(b.time_zone, ',', 1)),
                wait_reason = case when d.local_start at time zone split_part(b.time_zone, ',', 1) > now() then 'not_started' end
           from dispatches d
          where d.workspace_id = $1 and d.campaign_id = $2
            and b.workspace_id = $1 and b.dispatch_id = d.dispatch_id and b.state = 'ready' and b.wait_reason = 'canary'",
        workspace.uuid(),
        campaign.uuid(),
    )
    .execute(&mut *conn)
    .await?;
    control::wake_workers(conn).await
}
