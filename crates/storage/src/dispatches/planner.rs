//! How rows of a dispatch are found by position, whatever Postgres believes about the size of the table.
//!
//! A dispatch that was just launched has no statistics yet. The planner then takes "workspace and dispatch" for one row,
//! and "and position" for no better; it reads the whole dispatch once for each position. With 20,000 recipients that is
//! the difference between milliseconds and seconds. Two habits keep it out:
//!
//! - a `select` looks positions up in `cross join lateral (… offset 0)`, which is always a lookup by the whole key;
//! - an `update` reads one range of positions and joins by hash: [`hash_joins_only`], with [`Span`] for the range.

use crate::{Connection, StorageError};

/// The range of positions that a group of recipients lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub first: i32,
    pub last: i32,
}

impl Span {
    /// The range of these positions; an empty one for none.
    pub(super) fn of(ordinals: &[i32]) -> Self {
        let first = ordinals.iter().min().copied().unwrap_or(1);
        let last = ordinals.iter().max().copied().unwrap_or(0);
        Self { first, last }
    }
}

/// Joins by hash until [`any_joins`] or the end of the transaction.
pub(super) async fn hash_joins_only(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!("set local enable_nestloop = off").execute(conn).await?;
    Ok(())
}

/// Leaves the choice to the planner again. A statement that failed in between took the whole transaction with it.
pub(super) async fn any_joins(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!("set local enable_nestloop = on").execute(conn).await?;
    Ok(())
}
