//! Campaigns: what users plan.

use domain::Timestamp;
use domain::campaign::{Audience, CampaignName, CampaignState};
use domain::ids::{CampaignId, ChannelAccountId, DispatchId, TemplateId, UserId, WorkspaceId};
use domain::schedule::Schedule;

use crate::{Connection, StorageError};

mod overview;
pub mod start;

pub use overview::{
    CampaignOverview, CampaignQuery, DayFigures, ListPlace, SendingCampaign, count_by_state, figures_since,
    list, sending,
};

/// A campaign as it is kept.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// The campaign.
    pub id: CampaignId,
    /// Its name.
    pub name: CampaignName,
    /// Where it stands.
    pub state: CampaignState,
    /// The sender, once chosen.
    pub channel_account: Option<ChannelAccountId>,
    /// Senders that share the audience with it.
    pub further_senders: Vec<ChannelAccountId>,
    /// The template, once chosen.
    pub template: Option<TemplateId>,
    /// The audience, once chosen.
    pub audience: Option<Audience>,
    /// How the template's variables are filled: `domain::template::VariableMapping`s as JSON.
    pub variables: serde_json::Value,
    /// When it goes out.
    pub schedule: Schedule,
    /// Its start, while it is scheduled.
    pub start: Option<start::PlannedStart>,
    /// Why its last scheduled start did not happen, in words.
    pub start_problem: Option<String>,
    /// The key of the launch or schedule that was last taken back.
    pub withdrawn_key: Option<String>,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its plan or state last changed.
    pub updated_at: Timestamp,
    /// Who launched it.
    pub launched_by: Option<UserId>,
    /// When it was launched.
    pub launched_at: Option<Timestamp>,
}

struct Row {
    campaign_id: uuid::Uuid,
    name: String,
    state: String,
    channel_account_id: Option<uuid::Uuid>,
    further_senders: Vec<uuid::Uuid>,
    template_id: Option<uuid::Uuid>,
    audience: Option<serde_json::Value>,
    variables: serde_json::Value,
    schedule: serde_json::Value,
    starts_at: Option<Timestamp>,
    scheduled_by: Option<uuid::Uuid>,
    scheduled_at: Option<Timestamp>,
    start_key: Option<String>,
    start_expected: Option<i64>,
    start_problem: Option<String>,
    withdrawn_key: Option<String>,
    created_by: uuid::Uuid,
    created_at: Timestamp,
    launched_by: Option<uuid::Uuid>,
    launched_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    updated_at: Timestamp,
}

const fn unreadable(column: &'static str) -> StorageError {
    StorageError::Unreadable { table: "campaigns", column }
}

pub(crate) fn state_of(word: &str, at: Timestamp) -> Result<CampaignState, StorageError> {
    match word {
        "draft" => Ok(CampaignState::Draft),
        "scheduled" => Ok(CampaignState::Scheduled { at }),
        "running" => Ok(CampaignState::Running),
        "paused" => Ok(CampaignState::Paused),
        "finished" => Ok(CampaignState::Finished { at }),
        "cancelled" => Ok(CampaignState::Cancelled { at }),
        _ => Err(unreadable("state")),
    }
}

impl Row {
    fn start(&self) -> Option<start::PlannedStart> {
        Some(start::PlannedStart {
            at: self.starts_at?,
            by: self.scheduled_by?.into(),
            set_at: self.scheduled_at?,
            key: self.start_key.clone()?,
            expected: self.start_expected,
        })
    }
}

/// The schedule as it is kept.
pub(crate) fn schedule_of(kept: serde_json::Value) -> Result<Schedule, StorageError> {
    serde_json::from_value(kept).map_err(|_| unreadable("schedule"))
}

impl TryFrom<Row> for Campaign {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.campaign_id.into(),
            name: CampaignName::parse(&row.name).map_err(|_| unreadable("name"))?,
            state: state_of(&row.state, row.ended_at.or(row.starts_at).unwrap_or(row.updated_at))?,
            start: row.start(),
            schedule: schedule_of(row.schedule)?,
            start_problem: row.start_problem,
            withdrawn_key: row.withdrawn_key,
            channel_account: row.channel_account_id.map(Into::into),
            further_senders: row.further_senders.into_iter().map(Into::into).collect(),
            template: row.template_id.map(Into::into),
            audience: row
                .audience
                .map(serde_json::from_value)
                .transpose()
                .map_err(|_| unreadable("audience"))?,
            variables: row.variables,
            created_by: row.created_by.into(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            launched_by: row.launched_by.map(Into::into),
            launched_at: row.launched_at,
        })
    }
}

/// Writes a new draft.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    name: &CampaignName,
    created_by: UserId,
    now: Timestamp,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into campaigns (workspace_id, campaign_id, name, state, created_by, created_at, updated_at)
         values ($1, $2, $3, 'draft', $4, $5, $5)",
        workspace.uuid(),
        id.uuid(),
        name.as_str(),
        created_by.uuid(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Reads a campaign.
pub async fn get(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<Option<Campaign>, StorageError> {
    sqlx::query_as!(
        Row,
        r#"select campaign_id, name, state, channel_account_id, template_id, audience, variables, schedule,
                  starts_at, scheduled_by, scheduled_at, start_key, start_expected, start_problem, withdrawn_key,
                  created_by, created_at, launched_by, launched_at, ended_at, updated_at,
                  array(select s.channel_account_id from campaign_senders s
                         where s.workspace_id = $1 and s.campaign_id = $2 order by s.position) as "further_senders!"
             from campaigns where workspace_id = $1 and campaign_id = $2"#,
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?
    .map(Campaign::try_from)
    .transpose()
}

/// Reads a campaign and keeps others from changing it until the caller's transaction ends.
pub async fn lock(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<Option<Campaign>, StorageError> {
    sqlx::query!(
        "select from campaigns where workspace_id = $1 and campaign_id = $2 for no key update",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    get(conn, workspace, id).await
}

/// What of a draft is changed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its name.
    pub name: CampaignName,
    /// The sender.
    pub channel_account: Option<ChannelAccountId>,
    /// Senders that share the audience with it.
    pub further_senders: Vec<ChannelAccountId>,
    /// The template.
    pub template: Option<TemplateId>,
    /// The audience.
    pub audience: Option<Audience>,
    /// How variables are filled.
    pub variables: serde_json::Value,
    /// When it goes out.
    pub schedule: Schedule,
}

/// Rewrites the plan of a draft. `false` when there is no such draft.
pub async fn update_plan(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    plan: &Plan,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let audience =
        plan.audience.as_ref().map(serde_json::to_value).transpose().map_err(|_| unreadable("audience"))?;
    let schedule = serde_json::to_value(plan.schedule).map_err(|_| unreadable("schedule"))?;
    let updated = sqlx::query!(
        "update campaigns
            set name = $3, channel_account_id = $4, template_id = $5, audience = $6, variables = $7, schedule = $8,
                updated_at = $9
          where workspace_id = $1 and campaign_id = $2 and state = 'draft'",
        workspace.uuid(),
        id.uuid(),
        plan.name.as_str(),
        plan.channel_account.map(|id| id.uuid()),
        plan.template.map(|id| id.uuid()),
        audience,
        plan.variables,
        schedule,
        now,
    )
    .execute(&mut *conn)
    .await?;
    if updated.rows_affected() == 0 {
        return Ok(false);
    }
    replace_further_senders(conn, workspace, id, &plan.further_senders).await?;
    Ok(true)
}

async fn replace_further_senders(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    senders: &[ChannelAccountId],
) -> Result<(), StorageError> {
    sqlx::query!(
        "delete from campaign_senders where workspace_id = $1 and campaign_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .execute(&mut *conn)
    .await?;
    let senders: Vec<uuid::Uuid> = senders.iter().map(|sender| sender.uuid()).collect();
    sqlx::query!(
        "insert into campaign_senders (workspace_id, campaign_id, channel_account_id, position)
         select $1, $2, channel_account_id, position
           from unnest($3::uuid[]) with ordinality as s (channel_account_id, position)",
        workspace.uuid(),
        id.uuid(),
        &senders,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks a campaign as launched. `false` when it was not a draft any more.
pub async fn mark_launched(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    by: UserId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let updated = sqlx::query!(
        "update campaigns
            set state = 'running', launched_by = $3, launched_at = $4, updated_at = $4, starts_at = null,
                scheduled_by = null, scheduled_at = null, start_key = null, start_expected = null,
                start_claimed_at = null, start_problem = null
          where workspace_id = $1 and campaign_id = $2 and state in ('draft', 'scheduled')",
        workspace.uuid(),
        id.uuid(),
        by.uuid(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Removes a draft. `false` when there is none.
pub async fn delete_draft(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<bool, StorageError> {
    let deleted = sqlx::query!(
        "delete from campaigns where workspace_id = $1 and campaign_id = $2 and state = 'draft'",
        workspace.uuid(),
        id.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Brings the state of a campaign in line with its dispatches: running while one runs, else paused while one is paused,
/// else ended as they ended.
///
/// The campaign is locked before its dispatches are looked at: of two that end at the same moment, the second to come
/// sees that the first has ended. Whoever calls this holds all the dispatches it wants: their locks come first.
pub async fn follow_dispatches(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<(), StorageError> {
    sqlx::query!(
        "select from campaigns where workspace_id = $1 and campaign_id = $2 for no key update",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    sqlx::query!(
        "update campaigns c
            set state = d.state,
                ended_at = case when d.state in ('finished', 'cancelled') then coalesce(c.ended_at, now()) end,
                updated_at = now()
           from (select case
                            when bool_or(state = 'running') then 'running'
                            when bool_or(state = 'paused') then 'paused'
                            when bool_or(state = 'cancelled') then 'cancelled'
                            else 'finished'
                        end as state
                   from dispatches where workspace_id = $1 and campaign_id = $2
                 having count(*) > 0) d
          where c.workspace_id = $1 and c.campaign_id = $2 and c.state is distinct from d.state",
        workspace.uuid(),
        id.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Brings the campaign of a dispatch in line with its dispatches.
pub async fn follow_dispatch(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<(), StorageError> {
    let campaign = sqlx::query_scalar!(
        "select campaign_id from dispatches where workspace_id = $1 and dispatch_id = $2",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    match campaign {
        Some(campaign) => follow_dispatches(conn, workspace, campaign.into()).await,
        None => Ok(()),
    }
}
