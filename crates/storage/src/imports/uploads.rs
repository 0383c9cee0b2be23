//! Files that wait for their columns to be mapped, in chunks.

use domain::Timestamp;
use domain::ids::{UploadId, UserId, WorkspaceId};

use crate::{Connection, StorageError};

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The upload.
    pub id: UploadId,
    /// What the file was called.
    pub file_name: String,
    /// How large it is.
    pub file_bytes: i64,
    /// Who uploaded it.
    pub uploaded_by: UserId,
    /// When.
    pub uploaded_at: Timestamp,
}

/// Begins an upload without content.
pub async fn insert_upload(
    conn: &mut Connection,
    workspace: WorkspaceId,
    upload: &Upload,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into import_uploads (workspace_id, upload_id, file_name, file_bytes, uploaded_by, uploaded_at)
         values ($1, $2, $3, $4, $5, $6)",
        workspace.uuid(),
        upload.id.uuid(),
        upload.file_name,
        upload.file_bytes,
        upload.uploaded_by.uuid(),
        upload.uploaded_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds the next chunk; positions count from 0.
pub async fn append_chunk(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: UploadId,
    position: i32,
    bytes: &[u8],
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into import_upload_chunks (workspace_id, upload_id, position, bytes) values ($1, $2, $3, $4)",
        workspace.uuid(),
        id.uuid(),
        position,
        bytes,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down how large the file turned out to be.
pub async fn finish_upload(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: UploadId,
    file_bytes: i64,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update import_uploads set file_bytes = $3 where workspace_id = $1 and upload_id = $2",
        workspace.uuid(),
        id.uuid(),
        file_bytes,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Reads what is known of an upload.
pub async fn get_upload(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: UploadId,
) -> Result<Option<Upload>, StorageError> {
    let row = sqlx::query!(
        "select file_name, file_bytes, uploaded_by, uploaded_at from import_uploads
          where workspace_id = $1 and upload_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Upload {
        id,
        file_name: row.file_name,
        file_bytes: row.file_bytes,
        uploaded_by: row.uploaded_by.into(),
        uploaded_at: row.uploaded_at,
    }))
}

/// A chunk by its position; `None` after the last one.
pub async fn read_chunk(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: UploadId,
    position: i32,
) -> Result<Option<Vec<u8>>, StorageError> {
    Ok(sqlx::query_scalar!(
        "select bytes from import_upload_chunks where workspace_id = $1 and upload_id = $2 and position = $3",
        workspace.uuid(),
        id.uuid(),
        position,
    )
    .fetch_optional(conn)
    .await?)
}

/// Removes an upload with its content.
pub async fn delete_upload(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: UploadId,
) -> Result<(), StorageError> {
    sqlx::query!(
        "delete from import_uploads where workspace_id = $1 and upload_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes what nobody came back for, in every workspace. How many uploads.
pub async fn delete_uploads_before(conn: &mut Connection, before: Timestamp) -> Result<u64, StorageError> {
    let deleted =
        sqlx::query!("delete from import_uploads where uploaded_at < $1", before).execute(conn).await?;
    Ok(deleted.rows_affected())
}
