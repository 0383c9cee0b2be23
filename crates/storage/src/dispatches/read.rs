//! What the live page and the recipients table show.

use domain::Timestamp;
use domain::dispatch::TryAgain;
use domain::ids::{
    CampaignId, ChannelAccountId, ContactId, DispatchId, TemplateVersionId, UserId, WorkspaceId,
};
use domain::template::TemplateContent;

use crate::{Connection, StorageError};

/// A dispatch with its counts.
#[derive(Debug, Clone)]
pub struct DispatchRow {
    /// The dispatch.
    pub dispatch: DispatchId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Position among the dispatches of the campaign, from 1.
    pub slice: i32,
    /// Its sender.
    pub channel_account: ChannelAccountId,
    /// What the sender is called.
    pub sender: String,
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
    /// Whom it tries again; `None` for what the launch made.
    pub tries_again: Option<String>,
    /// All recipients, wherever they count.
    pub people: i32,
    /// All recipients who count here: who was tried again does in the dispatch that did.
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
    /// While paused: whose messages had been on their way at that moment and were settled since.
    pub escaped: Option<i32>,
    /// Messages a second that the sender's plan allows.
    pub rate_per_second: i32,
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

/// One recipient in the table of a campaign.
#[derive(Debug, Clone)]
pub struct RecipientRow {
    /// The dispatch.
    pub dispatch: DispatchId,
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
    /// The zone in which their turn comes, if that matters: as `recipients.time_zone`.
    pub time_zone: Option<String>,
    /// Where the zone is known from: `field`, `number` or `workspace`.
    pub zone_source: Option<String>,
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
    /// Failed, and asked about whether they can be tried again.
    FailedAgain,
    /// Unknown, and asked about whether they can be tried again.
    UnknownAgain,
}

impl RecipientFilter {
    /// Every filter.
    pub const ALL: [Self; 12] = [
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
        Self::FailedAgain,
        Self::UnknownAgain,
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
            Self::FailedAgain => "failed_again",
            Self::UnknownAgain => "unknown_again",
        }
    }

    /// Whom a second try would be for, if that is asked about.
    pub const fn tries_again(self) -> Option<TryAgain> {
        match self {
            Self::FailedAgain => Some(TryAgain::Failed),
            Self::UnknownAgain => Some(TryAgain::Unknown),
            _ => None,
        }
    }
}

/// The recipients at these positions, in their order.
pub async fn recipients_at(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
) -> Result<Vec<RecipientRow>, StorageError> {
    let rows = sqlx::query_as!(
        RecipientRow,
        r#"select $2::uuid as "dispatch!", r.ordinal, r.contact_id as contact, c.name as "name?", r.address, r.state,
                  exists (
                      select from handovers h
                       where h.workspace_id = $1 and h.dispatch_id = $2 and r.ordinal = any (h.recipients)
                         and r.state = 'pending' and r.handover_id is distinct from h.handover_id) as "in_the_air!",
                  r.attempt, r.not_before, r.reason, r.provider_code, r.settled_at, r.delivered_at, r.read_at, r.replied_at,
                  r.time_zone, r.zone_source
             from unnest($3::int[]) as named (ordinal)
            cross join lateral (
                select * from recipients r
                 where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal = named.ordinal
                offset 0) r
             left join contacts c on c.workspace_id = $1 and c.contact_id = r.contact_id
            order by r.ordinal"#,
        workspace.uuid(),
        dispatch.uuid(),
        ordinals,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
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
        r#"select r.dispatch_id as dispatch, r.ordinal, r.contact_id as contact, c.name as "name?", r.address, r.state,
                  exists (
                      select from handovers h
                       where h.workspace_id = $1 and h.dispatch_id = $2 and r.ordinal = any (h.recipients)
                         and r.state = 'pending' and r.handover_id is distinct from h.handover_id) as "in_the_air!",
                  r.attempt, r.not_before, r.reason, r.provider_code, r.settled_at, r.delivered_at, r.read_at, r.replied_at,
                  r.time_zone, r.zone_source
             from recipients r
             left join contacts c on c.workspace_id = $1 and c.contact_id = r.contact_id
            where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal > $3 and r.superseded_by is null
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
