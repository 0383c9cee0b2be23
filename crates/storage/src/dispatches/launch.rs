//! Launching: one transaction of the caller's, set operations only.

use domain::Timestamp;
use domain::ids::{CampaignId, ChannelAccountId, DispatchId, ListId, TemplateVersionId, UserId, WorkspaceId};

use crate::{Connection, StorageError};

/// Whom a dispatch is for and how each variable is filled; the arguments of the one audience definition.
#[derive(Debug, Clone)]
pub struct AudienceQuery {
    /// The lists whose members are meant.
    pub lists: Vec<ListId>,
    /// `phone`, `email` or `whatsapp_user`.
    pub address_kind: &'static str,
    /// Whether only confirmed consent will do, as for marketing.
    pub needs_consent: bool,
    /// Per variable: `name`, `first_name`, `phone`, `email`, `attribute` or `fixed`.
    pub variable_fields: Vec<String>,
    /// Per variable: the attribute's key, empty for other fields.
    pub variable_attributes: Vec<String>,
    /// Per variable: what stands in when the field is empty; empty for none.
    pub variable_fallbacks: Vec<String>,
}

impl AudienceQuery {
    fn list_ids(&self) -> Vec<uuid::Uuid> {
        self.lists.iter().map(|list| list.uuid()).collect()
    }
}

/// A dispatch about to be launched.
#[derive(Debug, Clone)]
pub struct NewDispatch {
    /// Its id.
    pub dispatch: DispatchId,
    /// The campaign it launches.
    pub campaign: CampaignId,
    /// The sender.
    pub channel_account: ChannelAccountId,
    /// The frozen template.
    pub template_version: TemplateVersionId,
    /// The caller's key: a second launch with it is the same launch.
    pub idempotency_key: String,
    /// Digest of what is launched.
    pub content_digest: Vec<u8>,
    /// Who pressed the button.
    pub launched_by: UserId,
    /// When.
    pub launched_at: Timestamp,
    /// Recipients in a batch.
    pub batch_size: i32,
}

/// How many people an audience has, and how many of them are left out for which reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceCount {
    /// `None` for those who will be sent to.
    pub skip_reason: Option<String>,
    /// People.
    pub contacts: i64,
}

/// Counts an audience by the reason for leaving people out.
pub async fn count_audience(
    conn: &mut Connection,
    workspace: WorkspaceId,
    audience: &AudienceQuery,
) -> Result<Vec<AudienceCount>, StorageError> {
    let rows = sqlx::query!(
        r#"select skip_reason, count(*) as "contacts!"
             from resolve_audience($1, $2, $3, $4, $5, $6, $7)
            group by skip_reason
            order by count(*) desc, skip_reason"#,
        workspace.uuid(),
        &audience.list_ids(),
        audience.address_kind,
        audience.needs_consent,
        &audience.variable_fields,
        &audience.variable_attributes,
        &audience.variable_fallbacks,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AudienceCount { skip_reason: row.skip_reason, contacts: row.contacts })
        .collect())
}

/// Someone who would be sent to, with the values their message would have.
#[derive(Debug, Clone)]
pub struct SamplePerson {
    /// The contact.
    pub contact: domain::ids::ContactId,
    /// Their name; may be empty.
    pub name: String,
    /// Where the message would go.
    pub address: String,
    /// Variable values in order.
    pub variables: Vec<String>,
}

/// A few people of the audience who would be sent to.
pub async fn sample_audience(
    conn: &mut Connection,
    workspace: WorkspaceId,
    audience: &AudienceQuery,
    people_max: i64,
) -> Result<Vec<SamplePerson>, StorageError> {
    let rows = sqlx::query!(
        r#"select r.contact_id as "contact_id!", c.name, r.address as "address!", r.variables as "variables!"
             from resolve_audience($1, $2, $3, $4, $5, $6, $7) r
             join contacts c on c.workspace_id = $1 and c.contact_id = r.contact_id
            where r.skip_reason is null
            limit $8"#,
        workspace.uuid(),
        &audience.list_ids(),
        audience.address_kind,
        audience.needs_consent,
        &audience.variable_fields,
        &audience.variable_attributes,
        &audience.variable_fallbacks,
        people_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SamplePerson {
            contact: row.contact_id.into(),
            name: row.name,
            address: row.address,
            variables: row.variables,
        })
        .collect())
}

/// Writes a dispatch with all its recipients and batches. Returns how many recipients it has, of whom how many will be
/// sent to. The unique constraint `dispatches_idempotency_key` refuses a key that was used before.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewDispatch,
    audience: &AudienceQuery,
) -> Result<(i32, i32), StorageError> {
    insert_dispatch(conn, workspace, new).await?;
    freeze_recipients(conn, workspace, new, audience).await?;
    let counts = count_recipients(conn, workspace, new.dispatch).await?;
    cut_batches(conn, workspace, new).await?;
    Ok(counts)
}

async fn insert_dispatch(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewDispatch,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into dispatches (workspace_id, dispatch_id, campaign_id, channel_account_id, template_version_id, state,
                                 state_changed_at, idempotency_key, content_digest, launched_by, launched_at,
                                 audience, pending)
         values ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9, $6, 0, 0)",
        workspace.uuid(),
        new.dispatch.uuid(),
        new.campaign.uuid(),
        new.channel_account.uuid(),
        new.template_version.uuid(),
        new.launched_at,
        new.idempotency_key,
        new.content_digest,
        new.launched_by.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Those to be sent to come first, so that batches are runs of positions.
async fn freeze_recipients(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewDispatch,
    audience: &AudienceQuery,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into recipients (workspace_id, dispatch_id, ordinal, contact_id, address, variables, state, reason, settled_at)
         select $1, $8, row_number() over (order by skip_reason is not null, contact_id), contact_id, address, variables,
                case when skip_reason is null then 'pending' else 'skipped' end,
                skip_reason,
                case when skip_reason is not null then $9::timestamptz end
           from resolve_audience($1, $2, $3, $4, $5, $6, $7)",
        workspace.uuid(),
        &audience.list_ids(),
        audience.address_kind,
        audience.needs_consent,
        &audience.variable_fields,
        &audience.variable_attributes,
        &audience.variable_fallbacks,
        new.dispatch.uuid(),
        new.launched_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn count_recipients(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<(i32, i32), StorageError> {
    let row = sqlx::query!(
        r#"with reasons as (
               insert into dispatch_reasons (workspace_id, dispatch_id, state, reason, recipients)
               select workspace_id, dispatch_id, state, reason, count(*)
                 from recipients
                where workspace_id = $1 and dispatch_id = $2 and state = 'skipped'
                group by workspace_id, dispatch_id, state, reason
           ),
           counted as (
               select count(*)::integer as audience, (count(*) filter (where state = 'pending'))::integer as pending
                 from recipients
                where workspace_id = $1 and dispatch_id = $2
           )
           update dispatches d
              set audience = c.audience,
                  pending = c.pending,
                  skipped = c.audience - c.pending,
                  state = case when c.pending = 0 then 'finished' else d.state end,
                  ended_at = case when c.pending = 0 then d.launched_at end
             from counted c
            where d.workspace_id = $1 and d.dispatch_id = $2
        returning d.audience, d.pending"#,
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok((row.audience, row.pending))
}

async fn cut_batches(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewDispatch,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into batches (workspace_id, dispatch_id, ordinal, channel_account_id, first_recipient, last_recipient,
                              state, not_before)
         select $1, $2, (first - 1) / $3 + 1, $4, first, least(first + $3 - 1, d.pending), 'ready', $5
           from dispatches d, generate_series(1, d.pending, $3) as first
          where d.workspace_id = $1 and d.dispatch_id = $2",
        workspace.uuid(),
        new.dispatch.uuid(),
        new.batch_size,
        new.channel_account.uuid(),
        new.launched_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A launch that was made with this key before.
#[derive(Debug, Clone)]
pub struct EarlierLaunch {
    /// The dispatch it made.
    pub dispatch: DispatchId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Digest of what it launched.
    pub content_digest: Vec<u8>,
}

/// Finds the launch made with this key.
pub async fn find_by_key(
    conn: &mut Connection,
    workspace: WorkspaceId,
    idempotency_key: &str,
) -> Result<Option<EarlierLaunch>, StorageError> {
    let row = sqlx::query!(
        "select dispatch_id, campaign_id, content_digest from dispatches
          where workspace_id = $1 and idempotency_key = $2",
        workspace.uuid(),
        idempotency_key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| EarlierLaunch {
        dispatch: row.dispatch_id.into(),
        campaign: row.campaign_id.into(),
        content_digest: row.content_digest,
    }))
}
