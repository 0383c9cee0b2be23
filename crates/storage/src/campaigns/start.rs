//! Campaigns that start at a time: set, taken back, and taken up by a worker when they are due.

use std::time::Duration;

use domain::Timestamp;
use domain::ids::{CampaignId, UserId, WorkspaceId};

use crate::{Connection, StorageError};

/// The start of a scheduled campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStart {
    /// When it starts.
    pub at: Timestamp,
    /// On whose behalf.
    pub by: UserId,
    /// When they pressed the button.
    pub set_at: Timestamp,
    /// The key of the launch.
    pub key: String,
    /// How many people they were shown.
    pub expected: Option<i64>,
}

/// Makes a draft a scheduled campaign. `false` when it is not a draft.
pub async fn schedule(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    start: &PlannedStart,
) -> Result<bool, StorageError> {
    let updated = sqlx::query!(
        "update campaigns
            set state = 'scheduled', starts_at = $3, scheduled_by = $4, scheduled_at = $5, start_key = $6,
                start_expected = $7, start_claimed_at = null, start_problem = null, updated_at = $5
          where workspace_id = $1 and campaign_id = $2 and state = 'draft'",
        workspace.uuid(),
        id.uuid(),
        start.at,
        start.by.uuid(),
        start.set_at,
        start.key,
        start.expected,
    )
    .execute(conn)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Makes a scheduled campaign a draft again; its key does nothing any more. `false` when it is not scheduled, or, with a
/// key, when it is scheduled with another one.
pub async fn unschedule(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    key: Option<&str>,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let updated = sqlx::query!(
        "update campaigns
            set state = 'draft', starts_at = null, scheduled_by = null, scheduled_at = null, start_key = null,
                start_expected = null, start_claimed_at = null, start_problem = $4, withdrawn_key = start_key,
                updated_at = $5
          where workspace_id = $1 and campaign_id = $2 and state = 'scheduled' and start_key = coalesce($3, start_key)",
        workspace.uuid(),
        id.uuid(),
        key,
        problem,
        now,
    )
    .execute(conn)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Makes a launched campaign a draft again; the key of its launch does nothing any more.
pub async fn back_to_draft(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    key: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update campaigns
            set state = 'draft', launched_by = null, launched_at = null, ended_at = null, withdrawn_key = $3,
                updated_at = $4
          where workspace_id = $1 and campaign_id = $2",
        workspace.uuid(),
        id.uuid(),
        key,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A campaign whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueStart {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The campaign.
    pub campaign: CampaignId,
    /// On whose behalf it is launched.
    pub by: UserId,
    /// The key of the launch.
    pub key: String,
}

/// Takes upon the caller to start one campaign whose time has come. Among any number of callers each goes to one; it goes
/// to another when nothing came of it for so long. `None` if there is none.
pub async fn claim_due(
    conn: &mut Connection,
    again_after: Duration,
) -> Result<Option<DueStart>, StorageError> {
    let claimed = sqlx::query!(
        r#"with due as (
               select workspace_id, campaign_id from campaigns
                where state = 'scheduled' and starts_at <= now()
                  and (start_claimed_at is null or start_claimed_at <= now() - make_interval(secs => $1))
                order by starts_at
                limit 1
                  for update skip locked
           )
           update campaigns c set start_claimed_at = now()
             from due
            where c.workspace_id = due.workspace_id and c.campaign_id = due.campaign_id
        returning c.workspace_id, c.campaign_id, c.scheduled_by as "scheduled_by!", c.start_key as "start_key!""#,
        again_after.as_secs_f64(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(claimed.map(|row| DueStart {
        workspace: row.workspace_id.into(),
        campaign: row.campaign_id.into(),
        by: row.scheduled_by.into(),
        key: row.start_key,
    }))
}
