//! Loading contacts out of files.
//!
//! An import is one transaction: whatever goes wrong, at whatever point, nothing of it is left. The file is read as it
//! arrives, by a thread that may block, and goes into a temporary table in chunks, so that memory does not grow with it;
//! then a few statements over sets make contacts of it.

use domain::Timestamp;
use domain::address::country::CountryCode;
use domain::contact::{ConsentProof, ListName};
use domain::ids::{ImportId, ListId};
use domain::import::{FileProblem, Mapping};
use serde::{Deserialize, Serialize};
use storage::StorageError;
pub use storage::imports::{Import, ImportProblem};

use crate::Services;
use crate::access::{Read, WorkspaceAccess};

mod load;
mod parsing;
mod spool;
#[cfg(test)]
mod tests;

pub use load::import_csv;
pub use spool::{Preview, Upload, discard, import_upload, keep_upload, preview, remove_stale_uploads};

/// Problems on one page.
pub const PROBLEMS_PAGE_SIZE: usize = 100;
/// Most characters of a file's name that are kept.
const FILE_NAME_CHARACTERS_MAX: usize = 200;

/// The list that imported contacts are put on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListChoice {
    /// None.
    None,
    /// One that exists.
    Existing(ListId),
    /// The one of this name, which is made if there is none.
    Named(ListName),
}

/// What is to be imported, beside the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRequest {
    /// What the file is called.
    pub file_name: String,
    /// Where its columns go.
    pub mapping: Mapping,
    /// Whose numbers those without a country code are taken for.
    pub default_country: Option<CountryCode>,
    /// The list its contacts are put on.
    pub list: ListChoice,
    /// Where and to what these people agreed. With a consent column it goes for those who say yes there, without one for
    /// everybody; `None` without such a column means that nobody agreed.
    pub proof: Option<ConsentProof>,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file, as a sentence with line and reason.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// The upload broke off.
    #[error("the upload broke off before the end of the file; nothing was imported")]
    BrokenOff(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no such list in this workspace.
    #[error("there is no such list")]
    NoSuchList,
    /// The uploaded file is not there any more.
    #[error("the uploaded file is gone; it is kept for a day. Choose it again")]
    NoSuchUpload,
    /// The thread that reads the file ended without a result.
    #[error("reading the file failed")]
    Reader(#[source] tokio::task::JoinError),
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A page of what was wrong with an import.
#[derive(Debug, Clone, Default)]
pub struct ProblemPage {
    /// The problems, in the order of the file.
    pub problems: Vec<ImportProblem>,
    /// Whether more follow.
    pub has_more: bool,
}

/// An import with how many problems are kept of it.
pub async fn get(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ImportId,
) -> Result<Option<(Import, i64)>, StorageError> {
    let mut conn = services.connection().await?;
    let Some(import) = storage::imports::get(&mut conn, access.workspace(), id).await? else {
        return Ok(None);
    };
    let problems = storage::imports::count_problems(&mut conn, access.workspace(), id).await?;
    Ok(Some((import, problems)))
}

/// The newest imports of the workspace.
pub async fn newest(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    limit: i64,
) -> Result<Vec<Import>, StorageError> {
    storage::imports::newest(&mut *services.connection().await?, access.workspace(), limit).await
}

/// What was wrong with an import, from a line and field on.
pub async fn problems(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ImportId,
    after: Option<(i32, &str)>,
) -> Result<ProblemPage, StorageError> {
    let limit = i64::try_from(PROBLEMS_PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let mut conn = services.connection().await?;
    let mut problems = storage::imports::problems(&mut conn, access.workspace(), id, after, limit).await?;
    let has_more = problems.len() > PROBLEMS_PAGE_SIZE;
    problems.truncate(PROBLEMS_PAGE_SIZE);
    Ok(ProblemPage { problems, has_more })
}

/// Everything that is kept of what was wrong with an import, for a download.
pub async fn all_problems(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ImportId,
) -> Result<Vec<ImportProblem>, StorageError> {
    let limit = i64::try_from(storage::imports::PROBLEMS_MAX * 2).unwrap_or(i64::MAX);
    storage::imports::problems(&mut *services.connection().await?, access.workspace(), id, None, limit).await
}

/// The last part of what a browser calls a file, cut to a length.
fn file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.chars().filter(|c| !c.is_control()).take(FILE_NAME_CHARACTERS_MAX).collect::<String>();
    if name.trim().is_empty() { "contacts.csv".to_owned() } else { name }
}

/// How long an uploaded file waits to be imported.
fn stale_before(now: Timestamp) -> Timestamp {
    now - chrono::TimeDelta::hours(24)
}
