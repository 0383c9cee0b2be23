//! Files that are uploaded first and mapped afterwards: the way to import without WebAssembly.

use bytes::Bytes;
use domain::address::country::CountryCode;
use domain::ids::UploadId;
use domain::import::{Check, Checker, ColumnMapping, FILE_BYTES_MAX, FileProblem, Look, Mapping, look};
use futures::{Stream, StreamExt, stream};
use storage::StorageError;
pub use storage::imports::Upload;

use super::{Import, ImportError, ImportRequest};
use crate::Services;
use crate::access::{Send, WorkspaceAccess};
use crate::clock::id_entropy;

/// Chunks are stored in about this size.
const CHUNK_BYTES: usize = 1024 * 1024;
/// A preview reads no further than this; the page says so.
const PREVIEW_BYTES: u64 = 16 * 1024 * 1024;

/// What an uploaded file holds.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The file.
    pub upload: Upload,
    /// Its columns and what they probably are.
    pub look: Look,
    /// What it holds under the mapping that was asked for, or under the guess.
    pub check: Result<Check, FileProblem>,
    /// The check read only the beginning.
    pub is_partial: bool,
}

/// Keeps a file until its columns are mapped. Refuses at once what is no table of contacts.
pub async fn keep_upload<S, E>(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    name: &str,
    mut body: S,
) -> Result<UploadId, ImportError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + std::marker::Send + Sync + 'static,
{
    let now = services.clock.now();
    remove_stale_uploads(services).await?;
    let id = UploadId::mint(now, id_entropy());
    let mut tx = services.begin().await?;
    let upload = Upload {
        id,
        file_name: super::file_name(name),
        file_bytes: 0,
        uploaded_by: access.user(),
        uploaded_at: now,
    };
    storage::imports::insert_upload(&mut tx, access.workspace(), &upload).await?;
    let (mut chunk, mut position, mut total) = (Vec::with_capacity(CHUNK_BYTES), 0, 0_u64);
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|error| ImportError::BrokenOff(Box::new(error)))?;
        total += bytes.len() as u64;
        if total > FILE_BYTES_MAX {
            return Err(FileProblem::TooLarge.into());
        }
        chunk.extend_from_slice(&bytes);
        if chunk.len() >= CHUNK_BYTES {
            storage::imports::append_chunk(&mut tx, access.workspace(), id, position, &chunk).await?;
            position += 1;
            chunk.clear();
        }
    }
    storage::imports::append_chunk(&mut tx, access.workspace(), id, position, &chunk).await?;
    let bytes = i64::try_from(total).unwrap_or(i64::MAX);
    storage::imports::finish_upload(&mut tx, access.workspace(), id, bytes).await?;
    let beginning =
        storage::imports::read_chunk(&mut tx, access.workspace(), id, 0).await?.unwrap_or_default();
    look(&beginning, position == 0)?;
    tx.commit().await.map_err(StorageError::from)?;
    Ok(id)
}

/// Looks at an uploaded file, under a mapping or under the guess.
pub async fn preview(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: UploadId,
    mapping: Option<Mapping>,
    default_country: Option<CountryCode>,
) -> Result<Preview, ImportError> {
    let workspace = access.workspace();
    let mut conn = services.connection().await?;
    let upload =
        storage::imports::get_upload(&mut conn, workspace, id).await?.ok_or(ImportError::NoSuchUpload)?;
    let (mut chunks, mut read) = (Vec::new(), 0_u64);
    while read < PREVIEW_BYTES {
        let position = i32::try_from(chunks.len()).unwrap_or(i32::MAX);
        let Some(chunk) = storage::imports::read_chunk(&mut conn, workspace, id, position).await? else {
            break;
        };
        read += chunk.len() as u64;
        chunks.push(chunk);
    }
    drop(conn);
    let is_partial = read < u64::try_from(upload.file_bytes).unwrap_or(u64::MAX);
    let checking = tokio::task::spawn_blocking(move || check(&chunks, mapping, default_country, is_partial));
    let (look, check) = checking.await.map_err(ImportError::Reader)??;
    Ok(Preview { upload, look, check, is_partial })
}

type Checked = (Look, Result<Check, FileProblem>);

fn check(
    chunks: &[Vec<u8>],
    mapping: Option<Mapping>,
    default_country: Option<CountryCode>,
    is_partial: bool,
) -> Result<Checked, FileProblem> {
    let beginning = chunks.first().map_or(&[][..], Vec::as_slice);
    let look = look(beginning, chunks.len() == 1 && !is_partial)?.ok_or(FileProblem::Empty)?;
    let guessed = || {
        let columns = look.guesses.iter().cloned();
        let columns = columns.map(|guess| ColumnMapping { heading: guess.heading, target: guess.target });
        // A guess never goes to one place twice.
        Mapping::new(columns.collect()).map_err(|_| FileProblem::OtherColumns)
    };
    let mapping = mapping.map_or_else(guessed, Ok)?;
    let mut checker = Checker::new(mapping, default_country);
    let read = || {
        for chunk in chunks {
            checker.feed(chunk)?;
        }
        if !is_partial {
            checker.finish()?;
        }
        Ok(checker.check().clone())
    };
    let check = { read }();
    Ok((look, check))
}

/// Imports an uploaded file, and forgets it.
pub async fn import_upload(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: UploadId,
    request: ImportRequest,
) -> Result<Import, ImportError> {
    let workspace = access.workspace();
    let mut conn = services.connection().await?;
    let upload =
        storage::imports::get_upload(&mut conn, workspace, id).await?.ok_or(ImportError::NoSuchUpload)?;
    drop(conn);
    let chunks = stream::unfold(0, |position| async move {
        let chunk = async {
            let mut conn = services.connection().await?;
            storage::imports::read_chunk(&mut conn, workspace, id, position).await
        };
        let chunk = chunk.await.transpose()?;
        Some((chunk.map(Bytes::from), position + 1))
    });
    let request = ImportRequest { file_name: upload.file_name, ..request };
    let import = super::import_csv(services, access, request, Box::pin(chunks)).await?;
    storage::imports::delete_upload(&mut *services.connection().await?, workspace, id).await?;
    Ok(import)
}

/// Forgets an uploaded file.
pub async fn discard(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: UploadId,
) -> Result<(), StorageError> {
    storage::imports::delete_upload(&mut *services.connection().await?, access.workspace(), id).await
}

/// Forgets files that nobody came back for within a day, in every workspace. How many.
pub async fn remove_stale_uploads(services: &Services) -> Result<u64, StorageError> {
    let before = super::stale_before(services.clock.now());
    storage::imports::delete_uploads_before(&mut *services.connection().await?, before).await
}
