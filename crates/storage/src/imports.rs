//! Imports: what was loaded, what was wrong, and files that wait for it.

use domain::Timestamp;
use domain::address::country::CountryCode;
use domain::ids::{ImportId, ListId, UserId, WorkspaceId};

use crate::{Connection, StorageError};

mod merge;
mod staging;
mod uploads;

pub use merge::{MergePlan, Merged, Repeat, merge};
pub use staging::{CopyIn, StagedRow, StagedRows, begin_staging, copy_in};
pub use uploads::{
    Upload, append_chunk, delete_upload, delete_uploads_before, finish_upload, get_upload, insert_upload,
    read_chunk,
};

/// Most problems that are kept of one import.
pub const PROBLEMS_MAX: usize = 10_000;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The import.
    pub id: ImportId,
    /// The list its contacts were put on.
    pub list: Option<ListId>,
    /// What the file was called.
    pub file_name: String,
    /// How large it was.
    pub file_bytes: i64,
    /// `domain::import::Mapping` as JSON.
    pub mapping: serde_json::Value,
    /// Whose numbers those without a country code were taken for.
    pub default_country: Option<CountryCode>,
    /// Rows below the headings, without blank ones.
    pub rows_read: i32,
    /// Contacts that were not known before.
    pub contacts_created: i32,
    /// Contacts that were.
    pub contacts_updated: i32,
    /// Rows whose person stood in the file again, later.
    pub rows_repeated: i32,
    /// Rows that could not become contacts.
    pub rows_rejected: i32,
    /// Who imported.
    pub imported_by: UserId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
}

/// Something wrong with one row of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    /// The line in the file, from 1.
    pub line: i32,
    /// Which field: `domain::import::Field` in its stored form.
    pub field: String,
    /// What, as a sentence without the value.
    pub reason: String,
}

struct Row {
    import_id: uuid::Uuid,
    list_id: Option<uuid::Uuid>,
    file_name: String,
    file_bytes: i64,
    mapping: serde_json::Value,
    default_country: Option<String>,
    rows_read: i32,
    contacts_created: i32,
    contacts_updated: i32,
    rows_repeated: i32,
    rows_rejected: i32,
    imported_by: uuid::Uuid,
    started_at: Timestamp,
    finished_at: Timestamp,
}

impl From<Row> for Import {
    fn from(row: Row) -> Self {
        Self {
            id: row.import_id.into(),
            list: row.list_id.map(Into::into),
            file_name: row.file_name,
            file_bytes: row.file_bytes,
            mapping: row.mapping,
            default_country: row.default_country.and_then(|country| country.parse().ok()),
            rows_read: row.rows_read,
            contacts_created: row.contacts_created,
            contacts_updated: row.contacts_updated,
            rows_repeated: row.rows_repeated,
            rows_rejected: row.rows_rejected,
            imported_by: row.imported_by.into(),
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}

/// Records an import, in its own transaction.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    import: &Import,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into imports (workspace_id, import_id, list_id, file_name, file_bytes, mapping, default_country, rows_read,
                              contacts_created, contacts_updated, rows_repeated, rows_rejected, imported_by, started_at,
                              finished_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        workspace.uuid(),
        import.id.uuid(),
        import.list.map(|list| list.uuid()),
        import.file_name,
        import.file_bytes,
        import.mapping,
        import.default_country.as_ref().map(CountryCode::as_str),
        import.rows_read,
        import.contacts_created,
        import.contacts_updated,
        import.rows_repeated,
        import.rows_rejected,
        import.imported_by.uuid(),
        import.started_at,
        import.finished_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Records what was wrong, at most [`PROBLEMS_MAX`], and of one field in one line only the first.
pub async fn insert_problems(
    conn: &mut Connection,
    workspace: WorkspaceId,
    import: ImportId,
    problems: &[ImportProblem],
) -> Result<(), StorageError> {
    let problems = &problems[..problems.len().min(PROBLEMS_MAX)];
    let lines = problems.iter().map(|problem| problem.line).collect::<Vec<_>>();
    let fields = problems.iter().map(|problem| problem.field.clone()).collect::<Vec<_>>();
    let reasons = problems.iter().map(|problem| problem.reason.clone()).collect::<Vec<_>>();
    sqlx::query!(
        "insert into import_problems (workspace_id, import_id, line, field, reason)
         select $1, $2, line, field, reason
           from unnest($3::integer[], $4::text[], $5::text[]) as problem (line, field, reason)
         on conflict do nothing",
        workspace.uuid(),
        import.uuid(),
        &lines,
        &fields,
        &reasons,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Reads an import.
pub async fn get(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ImportId,
) -> Result<Option<Import>, StorageError> {
    let row = sqlx::query_as!(
        Row,
        "select import_id, list_id, file_name, file_bytes, mapping, default_country, rows_read, contacts_created,
                contacts_updated, rows_repeated, rows_rejected, imported_by, started_at, finished_at
           from imports where workspace_id = $1 and import_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Into::into))
}

/// The newest imports of a workspace.
pub async fn newest(
    conn: &mut Connection,
    workspace: WorkspaceId,
    limit: i64,
) -> Result<Vec<Import>, StorageError> {
    let rows = sqlx::query_as!(
        Row,
        "select import_id, list_id, file_name, file_bytes, mapping, default_country, rows_read, contacts_created,
                contacts_updated, rows_repeated, rows_rejected, imported_by, started_at, finished_at
           from imports where workspace_id = $1
          order by started_at desc, import_id desc limit $2",
        workspace.uuid(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What was wrong with an import, in the order of the file, from a position on.
pub async fn problems(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ImportId,
    after: Option<(i32, &str)>,
    limit: i64,
) -> Result<Vec<ImportProblem>, StorageError> {
    let (line, field) = after.unwrap_or((0, ""));
    Ok(sqlx::query_as!(
        ImportProblem,
        "select line, field, reason from import_problems
          where workspace_id = $1 and import_id = $2 and (line, field) > ($3, $4)
          order by line, field limit $5",
        workspace.uuid(),
        id.uuid(),
        line,
        field,
        limit,
    )
    .fetch_all(conn)
    .await?)
}

/// How many problems of an import are kept.
pub async fn count_problems(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ImportId,
) -> Result<i64, StorageError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from import_problems where workspace_id = $1 and import_id = $2"#,
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_one(conn)
    .await?)
}

/// Brings the planner's statistics up to date with what was just loaded. Without it, the first launch after a large
/// import is planned for the tables as they were before it, and takes a thousand times as long.
pub async fn analyze(conn: &mut Connection) -> Result<(), StorageError> {
    for table in ["analyze contacts", "analyze addresses", "analyze list_members"] {
        sqlx::query(table).execute(&mut *conn).await?;
    }
    Ok(())
}
