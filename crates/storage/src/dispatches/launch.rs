//! Launching: one transaction of the caller's, set operations only.

use domain::Timestamp;
use domain::ids::{CampaignId, ChannelAccountId, DispatchId, ListId, TemplateVersionId, UserId, WorkspaceId};
use domain::schedule::{Canary, Timing};

use super::{slices, zones};
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
    pub(super) fn list_ids(&self) -> Vec<uuid::Uuid> {
        self.lists.iter().map(|list| list.uuid()).collect()
    }
}

/// A launch about to be made: one dispatch for each of its slices.
#[derive(Debug, Clone)]
pub struct NewLaunch {
    /// The campaign it launches.
    pub campaign: CampaignId,
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
    /// What of it depends on where people are.
    pub timing: Timing,
    /// Who of it goes first, and when the others follow.
    pub canary: Option<Canary>,
    /// Its parts in their order; their ids ascend.
    pub slices: Vec<NewSlice>,
}

/// A part of a launch.
#[derive(Debug, Clone, Copy)]
pub struct NewSlice {
    /// The id of its dispatch.
    pub dispatch: DispatchId,
    /// The sender.
    pub channel_account: ChannelAccountId,
    /// Recipients in a batch.
    pub batch_size: i32,
    /// The position, over everybody who is to be sent to, with which it begins.
    pub first: i32,
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

/// How many recipients a launch has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LaunchedPeople {
    /// All of them.
    pub audience: i64,
    /// Those who will be sent to.
    pub pending: i64,
}

/// Writes the dispatches of a launch with all their recipients and batches. The audience is resolved once, whatever its
/// size; those left out go to the last slice. The unique constraint `dispatches_idempotency_key` refuses a key that was
/// used before.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    audience: &AudienceQuery,
) -> Result<LaunchedPeople, StorageError> {
    // A million people are sorted once: in memory as far as that goes, and without a compilation that takes a second.
    sqlx::query!("set local work_mem = '128MB'").execute(&mut *conn).await?;
    sqlx::query!("set local jit = off").execute(&mut *conn).await?;
    let counted = if new.timing.goes_by_zone() {
        zones::freeze_recipients(conn, workspace, new, audience).await?
    } else {
        freeze_recipients(conn, workspace, new, audience).await?
    };
    slices::insert(conn, workspace, new, &counted).await?;
    let people = |group: &slices::Counted| i64::from(group.recipients);
    Ok(LaunchedPeople {
        audience: counted.iter().map(people).sum(),
        pending: counted.iter().filter(|group| group.reason.is_none()).map(people).sum(),
    })
}

/// Those to be sent to come first, so that slices and batches are runs of positions.
async fn freeze_recipients(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &NewLaunch,
    audience: &AudienceQuery,
) -> Result<Vec<slices::Counted>, StorageError> {
    let firsts: Vec<i32> = new.slices.iter().map(|slice| slice.first).collect();
    let dispatches: Vec<uuid::Uuid> = new.slices.iter().map(|slice| slice.dispatch.uuid()).collect();
    let counted = sqlx::query_as!(
        slices::Counted,
        r#"with numbered as (
               select row_number() over (order by skip_reason is not null, contact_id)::int as position,
                      contact_id, address, variables, skip_reason
                 from resolve_audience($1, $2, $3, $4, $5, $6, $7)
           ),
           dealt as (
               select *, width_bucket(position, $8::int[]) as slice from numbered
           ),
           frozen as (
               insert into recipients
                      (workspace_id, dispatch_id, ordinal, contact_id, address, variables, state, reason, settled_at)
               select $1, ($9::uuid[])[slice], position - ($8::int[])[slice] + 1, contact_id, address, variables,
                      case when skip_reason is null then 'pending' else 'skipped' end, skip_reason,
                      case when skip_reason is not null then $10::timestamptz end
                 from dealt
            returning dispatch_id, reason, ordinal
           )
           select dispatch_id, reason, null::text as time_zone, min(ordinal) as "first!", count(*)::int as "recipients!"
             from frozen group by dispatch_id, reason"#,
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
    )
    .fetch_all(conn)
    .await?;
    Ok(counted)
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
