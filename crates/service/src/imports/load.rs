//! One import, from the first byte to the commit.

use bytes::Bytes;
use domain::Timestamp;
use domain::contact::ConsentProof;
use domain::ids::{ImportId, ListId};
use domain::import::{FILE_BYTES_MAX, Field, FileProblem, Reason, RowParser, Target};
use futures::{Stream, StreamExt};
use storage::imports::{ImportProblem, MergePlan, Merged, PROBLEMS_MAX, StagedRows};
use storage::{StorageError, Tx};
use tokio::sync::mpsc;

use super::parsing::{self, Parsed, Piece, Plan, Stopped};
use super::{Import, ImportError, ImportRequest, ListChoice};
use crate::Services;
use crate::access::{Send, WorkspaceAccess};
use crate::clock::id_entropy;

/// Pieces and portions that may wait for the other side.
const WAITING_MAX: usize = 4;

/// Imports a file as it arrives. Nothing is left of an import that fails.
pub async fn import_csv<S, E>(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    request: ImportRequest,
    body: S,
) -> Result<Import, ImportError>
where
    S: Stream<Item = Result<Bytes, E>> + std::marker::Send + Unpin,
    E: std::error::Error + std::marker::Send + Sync + 'static,
{
    let started_at = services.clock.now();
    let mut tx = services.begin().await?;
    storage::imports::begin_staging(&mut tx).await?;
    let parsed = stage(&mut tx, &request, started_at, body).await?;
    let import = finish(services, access, &mut tx, request, parsed, started_at).await?;
    storage::imports::analyze(&mut tx).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(
        workspace.id = %access.workspace(),
        import.id = %import.id,
        import.rows = import.rows_read,
        import.created = import.contacts_created,
        import.bytes = import.file_bytes,
        "contacts were imported"
    );
    Ok(import)
}

/// Reads the file into the temporary table. Three things at once: bytes come, a thread reads them, rows go.
async fn stage<S, E>(
    tx: &mut Tx,
    request: &ImportRequest,
    now: Timestamp,
    body: S,
) -> Result<Parsed, ImportError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + std::marker::Send + Sync + 'static,
{
    let plan = Plan {
        mapping: request.mapping.clone(),
        parser: RowParser::new(&request.mapping, request.default_country),
        everyone_agreed: request.proof.is_some(),
        now,
    };
    let (pieces, pieces_out) = mpsc::channel(WAITING_MAX);
    let (portions, portions_out) = mpsc::channel(WAITING_MAX);
    let reader = tokio::task::spawn_blocking(move || parsing::read(&plan, pieces_out, &portions));
    let (arrived, copied) = tokio::join!(pass_on(body, pieces), copy(tx, portions_out));
    let read = reader.await.map_err(ImportError::Reader)?;
    arrived?;
    match read {
        Ok(parsed) => copied.map(|()| parsed).map_err(Into::into),
        Err(Stopped::File(problem)) => Err(problem.into()),
        Err(Stopped::Encoding(error)) => Err(error.into()),
        // The bytes all arrived, so it was the table that took no more.
        Err(Stopped::Elsewhere) => {
            Err(copied.err().unwrap_or(StorageError::Unreadable { table: "staged", column: "line" }).into())
        }
    }
}

/// Passes the bytes on. What nobody wants any more is still taken in, so that the sender gets to hear why.
async fn pass_on<S, E>(mut body: S, pieces: mpsc::Sender<Piece>) -> Result<(), ImportError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + std::marker::Send + Sync + 'static,
{
    let mut arrived = 0_u64;
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|error| ImportError::BrokenOff(Box::new(error)))?;
        arrived += bytes.len() as u64;
        if arrived > FILE_BYTES_MAX {
            return Err(FileProblem::TooLarge.into());
        }
        if !pieces.is_closed() {
            // Closed in the meantime: the thread says why.
            let _ = pieces.send(Piece::Bytes(bytes)).await;
        }
    }
    let _ = pieces.send(Piece::End).await;
    Ok(())
}

async fn copy(tx: &mut Tx, mut portions: mpsc::Receiver<StagedRows>) -> Result<(), StorageError> {
    let mut copy = storage::imports::copy_in(tx).await?;
    while let Some(portion) = portions.recv().await {
        copy.send(&portion).await?;
    }
    copy.finish().await?;
    Ok(())
}

/// Makes contacts of the staged rows and writes down what was done.
async fn finish(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    tx: &mut Tx,
    request: ImportRequest,
    parsed: Parsed,
    started_at: Timestamp,
) -> Result<Import, ImportError> {
    let workspace = access.workspace();
    // From here on this import alone settles who is who, and whether the list has to be made.
    storage::contacts::lock(tx, workspace).await?;
    let list = list_of(services, access, tx, &request.list).await?;
    let name = super::file_name(&request.file_name);
    let source = format!("import of {name}");
    let proof = proof_of(&request, &source);
    let plan = MergePlan { list, proof: proof.as_ref(), source: &source, now: started_at };
    let merged = storage::imports::merge(tx, workspace, &plan).await?;
    let count = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let import = Import {
        id: ImportId::mint(started_at, id_entropy()),
        list,
        file_name: name,
        file_bytes: i64::try_from(parsed.bytes).unwrap_or(i64::MAX),
        mapping: serde_json::to_value(&request.mapping)
            .map_err(|_| StorageError::Unreadable { table: "imports", column: "mapping" })?,
        default_country: request.default_country,
        rows_read: count(parsed.rows.into()),
        contacts_created: count(merged.created),
        contacts_updated: count(merged.known),
        rows_repeated: count(merged.repeated),
        rows_rejected: count(parsed.rejected.into()),
        imported_by: access.user(),
        started_at,
        finished_at: services.clock.now(),
    };
    storage::imports::insert(tx, workspace, &import).await?;
    let problems = all_problems(parsed.problems, &merged);
    storage::imports::insert_problems(tx, workspace, import.id, &problems).await?;
    Ok(import)
}

/// The list that was chosen; made if it does not exist yet.
async fn list_of(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    tx: &mut Tx,
    choice: &ListChoice,
) -> Result<Option<ListId>, ImportError> {
    let workspace = access.workspace();
    match choice {
        ListChoice::None => Ok(None),
        ListChoice::Existing(id) => match storage::lists::get(tx, workspace, *id).await? {
            Some(list) => Ok(Some(list.id)),
            None => Err(ImportError::NoSuchList),
        },
        ListChoice::Named(name) => {
            if let Some(id) = storage::lists::find_by_name(tx, workspace, name).await? {
                return Ok(Some(id));
            }
            let now = services.clock.now();
            let id = ListId::mint(now, id_entropy());
            storage::lists::insert(tx, workspace, id, name, now).await?;
            Ok(Some(id))
        }
    }
}

/// Where people agreed: as was said, or else the column of the file that says so.
fn proof_of(request: &ImportRequest, source: &str) -> Option<ConsentProof> {
    if request.proof.is_some() {
        return request.proof.clone();
    }
    let column = request.mapping.position(&Target::Consent)?;
    let heading = &request.mapping.columns()[column].heading;
    let source = format!("{source}, column {heading}");
    let cut = source.chars().take(ConsentProof::SOURCE_LENGTH_MAX).collect::<String>();
    ConsentProof::new(&cut, "").ok()
}

/// What was wrong with rows by themselves, and what turned out between them, in the order of the file.
fn all_problems(mut problems: Vec<ImportProblem>, merged: &Merged) -> Vec<ImportProblem> {
    let problem = |line: i32, field: &Field, reason: &Reason| ImportProblem {
        line,
        field: field.as_str().to_owned(),
        reason: reason.to_string(),
    };
    problems.extend(merged.repeats.iter().map(|repeat| {
        let first_line = u32::try_from(repeat.earlier_line).unwrap_or_default();
        problem(repeat.line, &Field::Row, &Reason::Repeated { first_line })
    }));
    problems.extend(
        merged.email_elsewhere.iter().map(|line| problem(*line, &Field::Email, &Reason::EmailElsewhere)),
    );
    problems.sort_by_key(|problem| problem.line);
    problems.truncate(PROBLEMS_MAX);
    problems
}
