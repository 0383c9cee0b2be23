//! Campaigns as a list shows them, and figures over many of them.

use domain::Timestamp;
use domain::campaign::CampaignState;
use domain::ids::{CampaignId, UserId, WorkspaceId};
use domain::schedule::Schedule;

use super::{schedule_of, state_of};
use crate::{Connection, StorageError};

/// A campaign in the list, with the counts of its dispatches.
#[derive(Debug, Clone)]
pub struct CampaignOverview {
    /// The campaign.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Name of the sender, once chosen.
    pub sender: Option<String>,
    /// Name of the template, once chosen.
    pub template: Option<String>,
    /// Who made it.
    pub owner: UserId,
    /// The name of whoever made it.
    pub owner_name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the plan or the state last changed.
    pub updated_at: Timestamp,
    /// When it was launched.
    pub launched_at: Option<Timestamp>,
    /// When it goes out.
    pub schedule: Schedule,
    /// Why its last scheduled start did not happen, in words.
    pub start_problem: Option<String>,
    /// Who or what paused it: `person`, or a word of `domain::delivery::PauseReason`.
    pub pause_kind: Option<String>,
    /// The name of the person who paused it.
    pub paused_by: Option<String>,
    /// Messages a second that its sender may send.
    pub rate_per_second: Option<i32>,
    /// All recipients.
    pub audience: i64,
    /// Not settled.
    pub pending: i64,
    /// Accepted.
    pub sent: i64,
    /// Failed.
    pub failed: i64,
    /// Skipped.
    pub skipped: i64,
    /// Unknown.
    pub unknown: i64,
    /// Delivered.
    pub delivered: i64,
    /// Read.
    pub read: i64,
    /// Replied.
    pub replied: i64,
}

struct OverviewRow {
    campaign_id: uuid::Uuid,
    name: String,
    state: String,
    created_by: uuid::Uuid,
    owner_name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    launched_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    schedule: serde_json::Value,
    starts_at: Option<Timestamp>,
    start_problem: Option<String>,
    sender: Option<String>,
    template: Option<String>,
    rate_per_second: Option<i32>,
    pause_kind: Option<String>,
    paused_by: Option<String>,
    audience: i64,
    pending: i64,
    sent: i64,
    failed: i64,
    skipped: i64,
    unknown: i64,
    delivered: i64,
    read: i64,
    replied: i64,
}

impl TryFrom<OverviewRow> for CampaignOverview {
    type Error = StorageError;

    fn try_from(row: OverviewRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.campaign_id.into(),
            name: row.name,
            state: state_of(&row.state, row.ended_at.or(row.starts_at).unwrap_or(row.updated_at))?,
            schedule: schedule_of(row.schedule)?,
            start_problem: row.start_problem,
            sender: row.sender,
            template: row.template,
            owner: row.created_by.into(),
            owner_name: row.owner_name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            launched_at: row.launched_at,
            pause_kind: row.pause_kind,
            paused_by: row.paused_by,
            rate_per_second: row.rate_per_second,
            audience: row.audience,
            pending: row.pending,
            sent: row.sent,
            failed: row.failed,
            skipped: row.skipped,
            unknown: row.unknown,
            delivered: row.delivered,
            read: row.read,
            replied: row.replied,
        })
    }
}

/// Where a page of the list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListPlace {
    /// With the newest campaign.
    #[default]
    Newest,
    /// With the one made just before this one.
    Before(CampaignId),
    /// So that it ends just after this one.
    After(CampaignId),
}

/// Which campaigns a page of the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CampaignQuery<'a> {
    /// Only in this state.
    pub state: Option<&'a str>,
    /// Only with these words in the name of the campaign, its template or its sender.
    pub search: Option<&'a str>,
    /// Where the page begins.
    pub place: ListPlace,
}

/// A page of campaigns, newest first. A place that names no campaign of the workspace has none before or after it.
pub async fn list(
    conn: &mut Connection,
    workspace: WorkspaceId,
    query: &CampaignQuery<'_>,
    rows_max: i64,
) -> Result<Vec<CampaignOverview>, StorageError> {
    let (before, after) = match query.place {
        ListPlace::Newest => (None, None),
        ListPlace::Before(id) => (Some(id.uuid()), None),
        ListPlace::After(id) => (None, Some(id.uuid())),
    };
    let rows = sqlx::query_as!(
        OverviewRow,
        r#"with page as (
               select c.*, a.name as sender, a.rate_per_second, t.name as template
                 from campaigns c
                 left join channel_accounts a
                   on a.workspace_id = c.workspace_id and a.channel_account_id = c.channel_account_id
                 left join templates t on t.workspace_id = c.workspace_id and t.template_id = c.template_id
                where c.workspace_id = $1
                  and ($2::text is null or c.state = $2)
                  and ($3::text is null or position(lower($3) in lower(c.name)) > 0
                       or position(lower($3) in lower(t.name)) > 0 or position(lower($3) in lower(a.name)) > 0)
                  and ($4::uuid is null or (c.created_at, c.campaign_id) <
                       (select p.created_at, p.campaign_id from campaigns p where p.workspace_id = $1 and p.campaign_id = $4))
                  and ($5::uuid is null or (c.created_at, c.campaign_id) >
                       (select p.created_at, p.campaign_id from campaigns p where p.workspace_id = $1 and p.campaign_id = $5))
                order by case when $5 is not null then c.created_at end,
                         case when $5 is not null then c.campaign_id end,
                         c.created_at desc, c.campaign_id desc
                limit $6
           )
           select c.campaign_id, c.name, c.state, c.created_by, u.name as owner_name, c.created_at, c.updated_at,
                  c.launched_at, c.ended_at, c.schedule, c.starts_at, c.start_problem, c.sender as "sender?", c.template as "template?",
                  c.rate_per_second as "rate_per_second?", d.pause_kind, p.name as "paused_by?",
                  coalesce(d.audience, 0) as "audience!", coalesce(d.pending, 0) as "pending!",
                  coalesce(d.sent, 0) as "sent!", coalesce(d.failed, 0) as "failed!", coalesce(d.skipped, 0) as "skipped!",
                  coalesce(d.unknown, 0) as "unknown!", coalesce(d.delivered, 0) as "delivered!",
                  coalesce(d.read, 0) as "read!", coalesce(d.replied, 0) as "replied!"
             from page c
             join users u on u.user_id = c.created_by
             left join lateral (
                 select sum(audience - superseded) as audience, sum(pending) as pending, sum(sent) as sent, sum(failed) as failed,
                        sum(skipped) as skipped, sum(unknown) as unknown, sum(delivered) as delivered, sum(read) as read,
                        sum(replied) as replied, max(pause_kind) filter (where d.state = 'paused') as pause_kind,
                        (array_agg(paused_by) filter (where d.state = 'paused'))[1] as paused_by
                   from dispatches d where d.workspace_id = $1 and d.campaign_id = c.campaign_id
             ) d on true
             left join users p on p.user_id = d.paused_by
            order by c.created_at desc, c.campaign_id desc"#,
        workspace.uuid(),
        query.state,
        query.search,
        before,
        after,
        rows_max,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(CampaignOverview::try_from).collect()
}

/// How many campaigns a workspace has in each state, of those with these words in a name.
pub async fn count_by_state(
    conn: &mut Connection,
    workspace: WorkspaceId,
    search: Option<&str>,
) -> Result<Vec<(String, i64)>, StorageError> {
    let rows = sqlx::query!(
        r#"select c.state, count(*) as "campaigns!"
             from campaigns c
             left join channel_accounts a
               on a.workspace_id = c.workspace_id and a.channel_account_id = c.channel_account_id
             left join templates t on t.workspace_id = c.workspace_id and t.template_id = c.template_id
            where c.workspace_id = $1
              and ($2::text is null or position(lower($2) in lower(c.name)) > 0
                   or position(lower($2) in lower(t.name)) > 0 or position(lower($2) in lower(a.name)) > 0)
            group by c.state"#,
        workspace.uuid(),
        search,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.campaigns)).collect())
}

/// What the dispatches of one day came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayFigures {
    /// Days since the first moment that was asked for.
    pub day: i32,
    /// Accepted.
    pub sent: i64,
    /// Delivered.
    pub delivered: i64,
    /// Replied.
    pub replied: i64,
    /// Failed.
    pub failed: i64,
}

/// What was launched since a moment came to, by day of the launch; days without a launch are left out.
pub async fn figures_since(
    conn: &mut Connection,
    workspace: WorkspaceId,
    since: Timestamp,
) -> Result<Vec<DayFigures>, StorageError> {
    // The id carries the time of the launch, so the primary key finds them.
    let rows = sqlx::query_as!(
        DayFigures,
        r#"select floor(extract(epoch from launched_at - $2) / 86400)::int as "day!", sum(sent) as "sent!",
                  sum(delivered) as "delivered!", sum(replied) as "replied!", sum(failed) as "failed!"
             from dispatches
            where workspace_id = $1 and dispatch_id >= uuid_floor($2) and launched_at >= $2
            group by 1 order by 1"#,
        workspace.uuid(),
        since,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// A campaign that is being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingCampaign {
    /// The campaign.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Who is to get it: everyone but those skipped.
    pub reachable: i64,
    /// Of those, who is not settled yet.
    pub pending: i64,
    /// How many campaigns are being sent in all.
    pub campaigns: i64,
}

/// The campaign being sent that has least to do. `None` when nothing is being sent.
pub async fn sending(
    conn: &mut Connection,
    workspace: WorkspaceId,
) -> Result<Option<SendingCampaign>, StorageError> {
    let row = sqlx::query!(
        r#"select c.campaign_id, c.name, count(*) over () as "campaigns!",
                  sum(d.audience - d.superseded - d.skipped) as "reachable!", sum(d.pending) as "pending!"
             from campaigns c
             join dispatches d on d.workspace_id = c.workspace_id and d.campaign_id = c.campaign_id
            where c.workspace_id = $1 and c.state = 'running'
            group by c.campaign_id, c.name
            order by sum(d.pending), c.campaign_id
            limit 1"#,
        workspace.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| SendingCampaign {
        id: row.campaign_id.into(),
        name: row.name,
        reachable: row.reachable,
        pending: row.pending,
        campaigns: row.campaigns,
    }))
}
