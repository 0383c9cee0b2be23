//! Templates as the provider holds them, and the frozen copies that are sent.

mod sync;
#[cfg(test)]
mod tests;

use domain::Timestamp;
use domain::ids::{TemplateId, TemplateVersionId, WorkspaceId};
use domain::template::{NotSendable, ParameterFormat, TemplateCategory, TemplateContent, TemplateState};
use serde_json::Value;

pub use self::sync::{ReportedState, SyncedTemplate, Upserted, mark_removed, report_state, upsert};
use crate::{Connection, StorageError};

/// A template as last synced.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// The WhatsApp Business account it belongs to.
    pub waba_id: String,
    /// Meta's id.
    pub provider_template_id: String,
    /// Its name; unique together with the language.
    pub name: String,
    /// Its locale, such as `pt_BR`.
    pub language: String,
    /// What it is for.
    pub category: TemplateCategory,
    /// What Meta last said about it.
    pub state: TemplateState,
    /// How its variables are named.
    pub parameter_format: ParameterFormat,
    /// Its parts, as Meta has them.
    pub components: Value,
    /// Meta's word for why it was refused.
    pub rejected_reason: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, … An open set.
    pub quality: Option<String>,
    /// When it was last seen at Meta.
    pub synced_at: Timestamp,
    /// When a sync no longer found it.
    pub removed_at: Option<Timestamp>,
}

impl Template {
    /// Its content, to look at.
    pub fn as_listed(&self) -> TemplateContent {
        TemplateContent::read(
            &self.name,
            &self.language,
            self.category.clone(),
            self.parameter_format,
            &self.components,
        )
    }

    /// Its content, to use.
    ///
    /// # Errors
    ///
    /// If a sync no longer found it.
    pub fn content(&self) -> Result<TemplateContent, NotSendable> {
        if self.removed_at.is_some() { Err(NotSendable::Removed) } else { Ok(self.as_listed()) }
    }

    /// Whether a campaign may use it now.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn sendable(&self) -> Result<(), NotSendable> {
        self.content()?.sendable(&self.state)
    }
}

/// Which templates to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateQuery {
    /// Only of this business account.
    pub waba_id: Option<String>,
    /// Only in this state.
    pub state: Option<TemplateState>,
    /// Only whose name contains this.
    pub search: Option<String>,
    /// Only after this one, in the order of the list.
    pub after: Option<TemplateCursor>,
    /// At most this many.
    pub templates_max: i64,
}

/// A place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateCursor {
    /// Name of the last template of a page.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Its business account.
    pub waba_id: String,
}

struct TemplateRow {
    template_id: uuid::Uuid,
    waba_id: String,
    provider_template_id: String,
    name: String,
    language: String,
    category: String,
    state: String,
    parameter_format: String,
    components: Value,
    rejected_reason: Option<String>,
    quality: Option<String>,
    synced_at: Timestamp,
    removed_at: Option<Timestamp>,
}

impl From<TemplateRow> for Template {
    fn from(row: TemplateRow) -> Self {
        Self {
            id: row.template_id.into(),
            waba_id: row.waba_id,
            provider_template_id: row.provider_template_id,
            name: row.name,
            language: row.language,
            category: row.category.into(),
            state: row.state.into(),
            parameter_format: ParameterFormat::from_provider(&row.parameter_format),
            components: row.components,
            rejected_reason: row.rejected_reason,
            quality: row.quality,
            synced_at: row.synced_at,
            removed_at: row.removed_at,
        }
    }
}

/// A template by id, also one that is no longer at Meta.
pub async fn get(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: TemplateId,
) -> Result<Option<Template>, StorageError> {
    let row = sqlx::query_as!(
        TemplateRow,
        "select template_id, waba_id, provider_template_id, name, language, category, state, parameter_format,
                components, rejected_reason, quality, synced_at, removed_at
           from templates
          where workspace_id = $1 and template_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Template::from))
}

/// Templates that are at Meta, by name and language.
pub async fn list(
    conn: &mut Connection,
    workspace: WorkspaceId,
    query: &TemplateQuery,
) -> Result<Vec<Template>, StorageError> {
    let after = query.after.as_ref();
    let rows = sqlx::query_as!(
        TemplateRow,
        "select template_id, waba_id, provider_template_id, name, language, category, state, parameter_format,
                components, rejected_reason, quality, synced_at, removed_at
           from templates
          where workspace_id = $1 and removed_at is null
            and ($2::text is null or waba_id = $2)
            and ($3::text is null or state = $3)
            and ($4::text is null or position(lower($4) in lower(name)) > 0)
            and ($5::text is null or (name, language, waba_id) > ($5, $6, $7))
          order by name, language, waba_id
          limit $8",
        workspace.uuid(),
        query.waba_id,
        query.state.as_ref().map(TemplateState::as_str),
        query.search,
        after.map(|after| &after.name),
        after.map(|after| &after.language),
        after.map(|after| &after.waba_id),
        query.templates_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Template::from).collect())
}

/// How many templates are in which state; those that are no longer at Meta are not counted.
pub async fn count_by_state(
    conn: &mut Connection,
    workspace: WorkspaceId,
) -> Result<Vec<(TemplateState, i64)>, StorageError> {
    let rows = sqlx::query!(
        r#"select state, count(*) as "templates!" from templates
            where workspace_id = $1 and removed_at is null
            group by state order by count(*) desc, state"#,
        workspace.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state.into(), row.templates)).collect())
}

/// When the templates of a workspace were last seen at Meta, by business account.
pub async fn last_synced(
    conn: &mut Connection,
    workspace: WorkspaceId,
) -> Result<Vec<(String, Timestamp)>, StorageError> {
    let rows = sqlx::query!(
        r#"select waba_id, max(synced_at) as "synced_at!" from templates where workspace_id = $1 group by waba_id"#,
        workspace.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.waba_id, row.synced_at)).collect())
}

/// Keeps a copy of a template's content and names it. The same content of the same template has one copy, however often
/// it is frozen.
pub async fn freeze(
    conn: &mut Connection,
    workspace: WorkspaceId,
    template: TemplateId,
    content: &TemplateContent,
    now: Timestamp,
    entropy: [u8; 10],
) -> Result<TemplateVersionId, StorageError> {
    let content = serde_json::to_value(content)
        .map_err(|_| StorageError::Unreadable { table: "template_versions", column: "content" })?;
    // Postgres writes equal jsonb as equal text, so its text is what the digest is of.
    let version = sqlx::query_scalar!(
        "insert into template_versions (workspace_id, template_version_id, template_id, content, content_digest, created_at)
         values ($1, $2, $3, $4::jsonb, sha256(convert_to($4::jsonb::text, 'UTF8')), $5)
             on conflict on constraint template_versions_content_key
             do update set created_at = template_versions.created_at
      returning template_version_id",
        workspace.uuid(),
        TemplateVersionId::mint(now, entropy).uuid(),
        template.uuid(),
        content,
        now,
    )
    .fetch_one(conn)
    .await?;
    Ok(version.into())
}

/// A frozen copy by id.
pub async fn version(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: TemplateVersionId,
) -> Result<Option<TemplateContent>, StorageError> {
    let content = sqlx::query_scalar!(
        "select content from template_versions where workspace_id = $1 and template_version_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    content
        .map(serde_json::from_value)
        .transpose()
        .map_err(|_| StorageError::Unreadable { table: "template_versions", column: "content" })
}
