//! What the live page and the recipients table show.

use domain::Timestamp;
use domain::ids::{
    CampaignId, ChannelAccountId, ContactId, DispatchId, TemplateVersionId, UserId, WorkspaceId,
};
use domain::template::TemplateContent;

use super::handover;
use crate::{Connection, StorageError};

/// A dispatch with its counts.
#[derive(Debug, Clone)]
pub struct DispatchRow {
    /// The dispatch.
    pub dispatch: DispatchId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its sender.
    pub channel_account: ChannelAccountId,
    /// What it sends.
    pub template_version: TemplateVersionId,
    /// `running`, `paused`, `finished` or `cancelled`.
    pub state: String,
    /// Who or what paused it: `person`, or a word of `domain::delivery::PauseReason`.
    pub pause_kind: Option<String>,
    /// The provider's part in words.
    pub pause_detail: Option<String>,
    /// The person who paused it.
    pub paused_by: Option<uuid::Uuid>,
    /// Who launched it.
    pub launched_by: UserId,
    /// When it was launched.
    pub launched_at: Timestamp,
    /// Nothing is handed over before; until then the launch can be taken back.
    pub undo_until: Option<Timestamp>,
    /// When the state last changed.
    pub state_changed_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// All recipients.
    pub audience: i32,
    /// Not settled, in the air or not.
    pub pending: i32,
    /// Accepted by the provider.
    pub sent: i32,
    /// Failed.
    pub failed: i32,
    /// Skipped.
    pub skipped: i32,
    /// Unknown.
    pub unknown: i32,
    /// Delivered.
    pub delivered: i32,
    /// Read.
    pub read: i32,
    /// Replied.
    pub replied: i32,
    /// When a recipient last became unknown, if any ever did.
    pub last_unknown_at: Option<Timestamp>,
    /// Messages a second that the sender's plan allows.
    pub rate_per_second: i32,
}

/// Reads a dispatch.
pub async fn get(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<DispatchRow>, StorageError> {
    let row = sqlx::query_as!(
        DispatchRow,
        "select d.dispatch_id as dispatch, d.campaign_id as campaign, d.channel_account_id as channel_account,
                d.template_version_id as template_version, d.state, d.pause_kind, d.pause_detail, d.paused_by,
                d.launched_by, d.launched_at, d.undo_until, d.state_changed_at, d.ended_at, d.audience, d.pending, d.sent, d.failed,
                d.skipped, d.unknown, d.delivered, d.read, d.replied, d.last_unknown_at, c.rate_per_second
           from dispatches d
           join channel_accounts c using (workspace_id, channel_account_id)
          where d.workspace_id = $1 and d.dispatch_id = $2",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// How many recipients failed, were skipped, or are unknown for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCount {
    /// `failed`, `skipped` or `unknown`.
    pub state: String,
    /// Our word for the reason.
    pub reason: String,
    /// The provider's code; 0 where the reason is ours.
    pub provider_code: i32,
    /// People.
    pub recipients: i32,
}

/// The reasons of a dispatch, those with most people first.
pub async fn reasons(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Vec<ReasonCount>, StorageError> {
    let rows = sqlx::query_as!(
        ReasonCount,
        "select state, reason, provider_code, recipients from dispatch_reasons
          where workspace_id = $1 and dispatch_id = $2 and recipients > 0
          order by recipients desc, reason, provider_code",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// What changes while a dispatch runs, read at one instant.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The dispatch and its counts.
    pub dispatch: DispatchRow,
    /// In the air now; a part of pending.
    pub in_the_air: i32,
    /// Waiting for another try; a part of pending.
    pub retrying: i32,
    /// Answers in each of the last seconds, oldest first.
    pub seconds: Vec<(Timestamp, i32)>,
    /// Reasons.
    pub reasons: Vec<ReasonCount>,
}

/// Reads the progress of a dispatch. Run it in a repeatable-read transaction for figures that add up among themselves.
pub async fn progress(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    seconds_max: i64,
) -> Result<Option<Progress>, StorageError> {
    let Some(row) = get(conn, workspace, dispatch).await? else {
        return Ok(None);
    };
    let (in_the_air, retrying) = if row.pending > 0 {
        let in_the_air = handover::count_in_the_air(conn, workspace, dispatch).await?;
        (
            i32::try_from(in_the_air).unwrap_or(row.pending).min(row.pending),
            retrying(conn, workspace, dispatch).await?,
        )
    } else {
        (0, 0)
    };
    let seconds = seconds(conn, workspace, dispatch, seconds_max).await?;
    let reasons = reasons(conn, workspace, dispatch).await?;
    Ok(Some(Progress { dispatch: row, in_the_air, retrying, seconds, reasons }))
}

/// Recipients that wait for another try, counted over batches put back with a later time only.
async fn retrying(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<i32, StorageError> {
    let count = sqlx::query_scalar!(
        r#"select count(*)::int as "count!"
             from batches b
            cross join lateral (
                select from recipients r
                 where r.workspace_id = $1 and r.dispatch_id = $2
                   and r.ordinal between b.first_recipient and b.last_recipient
                   and r.state = 'pending' and r.attempt > 0
                offset 0) retried
            where b.workspace_id = $1 and b.dispatch_id = $2 and b.state = 'ready' and b.attempt > 0"#,
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Messages that left per second, oldest first, of the last seconds in which there were any.
pub async fn seconds(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    seconds_max: i64,
) -> Result<Vec<(Timestamp, i32)>, StorageError> {
    let rows = sqlx::query!(
        r#"select second, handed_over from (
               select second, handed_over from dispatch_seconds
                where workspace_id = $1 and dispatch_id = $2
                order by second desc
                limit $3
           ) latest order by second"#,
        workspace.uuid(),
        dispatch.uuid(),
        seconds_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.second, row.handed_over)).collect())
}

/// One recipient in the table of a dispatch.
#[derive(Debug, Clone)]
pub struct RecipientRow {
    /// Position in the dispatch.
    pub ordinal: i32,
    /// The contact.
    pub contact: ContactId,
    /// The contact's present name; may be empty, and is when the contact was erased.
    pub name: Option<String>,
    /// The frozen address.
    pub address: Option<String>,
    /// `pending`, `sent`, `failed`, `skipped` or `unknown`.
    pub state: String,
    /// Whether it is in the air now.
    pub in_the_air: bool,
    /// Answers recorded so far.
    pub attempt: i16,
    /// When it is tried again.
    pub not_before: Option<Timestamp>,
    /// Our word for the reason.
    pub reason: Option<String>,
    /// The provider's code.
    pub provider_code: Option<i32>,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// When the person replied.
    pub replied_at: Option<Timestamp>,
}

/// Which recipients a page shows; the words of the filter pills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecipientFilter {
    /// Everyone.
    #[default]
    All,
    /// Not settled.
    Waiting,
    /// Accepted by the provider, whatever came after.
    Submitted,
    /// Accepted by the provider, and nothing more is known.
    NoReceipt,
    /// Delivered.
    Delivered,
    /// Read.
    Read,
    /// Replied.
    Replied,
    /// Failed.
    Failed,
    /// Skipped.
    Skipped,
    /// Unknown.
    Unknown,
}

impl RecipientFilter {
    /// Every filter.
    pub const ALL: [Self; 10] = [
        Self::All,
        Self::Waiting,
        Self::Submitted,
        Self::NoReceipt,
        Self::Delivered,
        Self::Read,
        Self::Replied,
        Self::Failed,
        Self::Skipped,
        Self::Unknown,
    ];

    /// The word in the address of the page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Waiting => "waiting",
            Self::Submitted => "submitted",
            Self::NoReceipt => "no_receipt",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Replied => "replied",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }
}

/// A page of recipients after the given position, narrowed to a state and, if given, a reason.
pub async fn recipients(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    filter: RecipientFilter,
    reason: Option<&str>,
    after: i32,
    rows_max: i64,
) -> Result<Vec<RecipientRow>, StorageError> {
    let rows = sqlx::query_as!(
        RecipientRow,
        r#"select r.ordinal, r.contact_id as contact, c.name as "name?", r.address, r.state,
                  exists (
                      select from handovers h
                       where h.workspace_id = $1 and h.dispatch_id = $2 and r.ordinal = any (h.recipients)
                         and r.state = 'pending' and r.handover_id is distinct from h.handover_id) as "in_the_air!",
                  r.attempt, r.not_before, r.reason, r.provider_code, r.settled_at, r.delivered_at, r.read_at, r.replied_at
             from recipients r
             left join contacts c on c.workspace_id = $1 and c.contact_id = r.contact_id
            where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal > $3
              and case $4
                      when 'waiting' then r.state = 'pending'
                      when 'submitted' then r.state = 'sent'
                      when 'no_receipt' then r.state = 'sent' and r.delivered_at is null
                      when 'delivered' then r.state = 'sent' and r.delivered_at is not null
                      when 'read' then r.state = 'sent' and r.read_at is not null
                      when 'replied' then r.replied_at is not null
                      when 'failed' then r.state = 'failed'
                      when 'skipped' then r.state = 'skipped'
                      when 'unknown' then r.state = 'unknown'
                      else true
                  end
              and ($5::text is null or r.reason = $5)
            order by r.ordinal
            limit $6"#,
        workspace.uuid(),
        dispatch.uuid(),
        after,
        filter.as_str(),
        reason,
        rows_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The template version that a dispatch sends.
pub async fn content(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<TemplateContent>, StorageError> {
    let content = sqlx::query_scalar!(
        "select v.content
           from dispatches d join template_versions v using (workspace_id, template_version_id)
          where d.workspace_id = $1 and d.dispatch_id = $2",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    content
        .map(serde_json::from_value)
        .transpose()
        .map_err(|_| StorageError::Unreadable { table: "template_versions", column: "content" })
}
