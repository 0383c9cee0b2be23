//! Addresses that are never sent to.
//!
//! Opt-outs that arrive as messages are recorded by [`storage::suppressions::opt_out`], in the transaction that processes
//! them; here is what members do.

use domain::Timestamp;
use domain::address::Address;
use domain::contact::SuppressionReason;
use storage::StorageError;
pub use storage::suppressions::Suppression;

use crate::Services;
use crate::access::{Read, Send, WorkspaceAccess};

/// What is kept as the source of a suppression that a member made.
const BY_HAND: &str = "added by hand";
/// What is kept as the source of an opt-out that a member recorded.
const TOLD_US: &str = "told a member of the workspace";
/// Suppressions on one page.
const PAGE_SIZE: usize = 50;

/// Why a suppression was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SuppressionError {
    /// The address is suppressed already.
    #[error("this address is on the list already")]
    AlreadySuppressed,
    /// There is no such suppression, or it is not one that a member may lift.
    #[error("only what was added by hand can be taken off; an opt-out can be taken back only by the person")]
    NotLiftable,
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A page of suppressions, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The suppressions.
    pub suppressions: Vec<Suppression>,
    /// Where the next older page begins, if there is one.
    pub older: Option<Start>,
}

/// Where a page begins. It names no address, because it stands in the address of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// From this moment back.
    pub from: Timestamp,
    /// Without the first so many of that moment.
    pub skip: u32,
}

/// Suppressions whose address begins like this, the newest first.
pub async fn find(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    beginning: &str,
    start: Option<Start>,
) -> Result<Page, StorageError> {
    let beginning = beginning.trim().to_lowercase();
    let page = storage::suppressions::Page {
        beginning: Some(beginning.as_str()).filter(|text| !text.is_empty()),
        from: start.map(|start| start.from),
        skip: start.map_or(0, |start| start.skip.into()),
        limit: i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX),
    };
    let mut found =
        storage::suppressions::page(&mut *services.connection().await?, access.workspace(), page).await?;
    let has_older = found.len() > PAGE_SIZE;
    found.truncate(PAGE_SIZE);
    let older = found.last().filter(|_| has_older).map(|last| next(&found, last.created_at, start));
    Ok(Page { suppressions: found, older })
}

/// The start of the page after these: past everything of the last moment that was shown.
fn next(shown: &[Suppression], last: Timestamp, start: Option<Start>) -> Start {
    let of_last = shown.iter().filter(|suppression| suppression.created_at == last).count();
    let before = start.filter(|start| start.from == last).map_or(0, |start| start.skip);
    Start { from: last, skip: before.saturating_add(u32::try_from(of_last).unwrap_or(u32::MAX)) }
}

/// Never sends to an address again, until a member lifts it.
pub async fn add(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    address: &Address,
) -> Result<(), SuppressionError> {
    let suppression = Suppression {
        kind: address.kind(),
        value: address.as_str().to_owned(),
        reason: SuppressionReason::Manual,
        source: BY_HAND.to_owned(),
        created_at: services.clock.now(),
    };
    let mut conn = services.connection().await?;
    if storage::suppressions::insert(&mut conn, access.workspace(), &suppression).await? {
        Ok(())
    } else {
        Err(SuppressionError::AlreadySuppressed)
    }
}

/// Takes off what a member added by hand.
pub async fn lift(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    address: &Address,
) -> Result<(), SuppressionError> {
    let mut conn = services.connection().await?;
    if storage::suppressions::lift(&mut conn, access.workspace(), address.kind(), address.as_str()).await? {
        Ok(())
    } else {
        Err(SuppressionError::NotLiftable)
    }
}

/// Records that the person behind an address told a member to stop: suppresses it and withdraws consent, for good.
pub async fn opt_out(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    address: &Address,
) -> Result<(), StorageError> {
    let now = services.clock.now();
    let mut tx = services.begin().await?;
    storage::suppressions::opt_out(
        &mut tx,
        access.workspace(),
        address.kind(),
        &[address.as_str()],
        TOLD_US,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
