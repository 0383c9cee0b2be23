//! Writing what a sync found, in one statement each.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::ids::{TemplateId, WorkspaceId};
use serde_json::Value;

use crate::{Connection, StorageError};

/// A template that a sync found.
#[derive(Debug, Clone)]
pub struct SyncedTemplate {
    /// The id it gets if it is new.
    pub id: TemplateId,
    /// Meta's id.
    pub provider_template_id: String,
    /// Its name.
    pub name: String,
    /// Its locale.
    pub language: String,
    /// Meta's word for what it is for.
    pub category: String,
    /// Meta's word for its state.
    pub state: String,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: String,
    /// Its parts, as Meta has them.
    pub components: Value,
    /// Meta's word for why it was refused.
    pub rejected_reason: Option<String>,
    /// Meta's word for its quality.
    pub quality: Option<String>,
}

/// What a sync changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Upserted {
    /// Templates that were not there before.
    pub added: usize,
    /// Templates that were.
    pub updated: usize,
}

/// Adds and updates templates of a business account. One that Meta lists twice is taken once, as listed last.
pub async fn upsert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    waba_id: &str,
    templates: &[SyncedTemplate],
    synced_at: Timestamp,
) -> Result<Upserted, StorageError> {
    // Rows are locked in one order, so that two syncs at once wait for each other instead of killing each other.
    let by_name: BTreeMap<(&str, &str), &SyncedTemplate> = templates
        .iter()
        .map(|template| ((template.name.as_str(), template.language.as_str()), template))
        .collect();
    let templates: Vec<_> = by_name.into_values().collect();
    let column = |read: fn(&SyncedTemplate) -> &str| -> Vec<String> {
        templates.iter().map(|template| read(template).to_owned()).collect()
    };
    let optional = |read: fn(&SyncedTemplate) -> Option<&str>| -> Vec<Option<String>> {
        templates.iter().map(|template| read(template).map(str::to_owned)).collect()
    };
    let ids: Vec<uuid::Uuid> = templates.iter().map(|template| template.id.uuid()).collect();
    let components: Vec<Value> = templates.iter().map(|template| template.components.clone()).collect();
    let rows = sqlx::query_scalar!(
        r#"insert into templates as t (workspace_id, template_id, waba_id, provider_template_id, name, language,
                                       category, state, parameter_format, components, rejected_reason, quality,
                                       synced_at)
           select $1, s.template_id, $2, s.provider_template_id, s.name, s.language, s.category, s.state,
                  s.parameter_format, s.components, s.rejected_reason, s.quality, $3
             from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                         $11::jsonb[], $12::text[], $13::text[])
               as s (template_id, provider_template_id, name, language, category, state, parameter_format,
                     components, rejected_reason, quality)
               on conflict on constraint templates_name_and_language_key do update
              set provider_template_id = excluded.provider_template_id, category = excluded.category,
                  state = excluded.state, parameter_format = excluded.parameter_format,
                  components = excluded.components, rejected_reason = excluded.rejected_reason,
                  quality = excluded.quality, synced_at = greatest(t.synced_at, excluded.synced_at),
                  removed_at = null
        returning (xmax = 0) as "is_new!""#,
        workspace.uuid(),
        waba_id,
        synced_at,
        &ids,
        &column(|template| &template.provider_template_id),
        &column(|template| &template.name),
        &column(|template| &template.language),
        &column(|template| &template.category),
        &column(|template| &template.state),
        &column(|template| &template.parameter_format),
        &components,
        &optional(|template| template.rejected_reason.as_deref()) as &[Option<String>],
        &optional(|template| template.quality.as_deref()) as &[Option<String>],
    )
    .fetch_all(conn)
    .await?;
    let added = rows.iter().filter(|is_new| **is_new).count();
    Ok(Upserted { added, updated: rows.len() - added })
}

/// Marks the templates of a business account that a sync at this moment did not find. Returns how many.
pub async fn mark_removed(
    conn: &mut Connection,
    workspace: WorkspaceId,
    waba_id: &str,
    synced_at: Timestamp,
) -> Result<u64, StorageError> {
    let marked = sqlx::query!(
        "update templates set removed_at = $3
          where workspace_id = $1 and waba_id = $2 and removed_at is null and synced_at < $3",
        workspace.uuid(),
        waba_id,
        synced_at,
    )
    .execute(conn)
    .await?;
    Ok(marked.rows_affected())
}

/// A state that the provider reports by itself.
#[derive(Debug, Clone, Copy)]
pub struct ReportedState<'a> {
    /// The business account.
    pub waba_id: &'a str,
    /// Meta's id of the template.
    pub provider_template_id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its locale.
    pub language: &'a str,
    /// Meta's word for the state.
    pub state: &'a str,
    /// Meta's word for why it was refused.
    pub rejected_reason: Option<&'a str>,
    /// When it was reported; reports come in any order, and an older one changes nothing.
    pub at: Timestamp,
}

/// Writes a reported state. Returns the templates that have it now, also when they had it before.
pub async fn report_state(
    conn: &mut Connection,
    workspace: WorkspaceId,
    reported: &ReportedState<'_>,
) -> Result<Vec<TemplateId>, StorageError> {
    let ids = sqlx::query_scalar!(
        "update templates set state = $6, rejected_reason = $7, state_reported_at = $8
          where workspace_id = $1 and waba_id = $2 and (provider_template_id = $3 or name = $4 and language = $5)
            and (state_reported_at <= $8) is not false
      returning template_id",
        workspace.uuid(),
        reported.waba_id,
        reported.provider_template_id,
        reported.name,
        reported.language,
        reported.state,
        reported.rejected_reason,
        reported.at,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(TemplateId::from).collect())
}
