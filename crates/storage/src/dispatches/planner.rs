//! How rows of a dispatch are found by position, whatever Postgres believes about the size of the table.
//!
//! A dispatch that was just launched has no statistics yet. The planner then takes "workspace and dispatch" for one row,
//! and "and position" for no better; it reads the whole dispatch once for each position. With 20,000 recipients that is
//! the difference between milliseconds and seconds. Three habits keep it out:
//!
//! - a `select` looks positions up in `cross join lateral (… offset 0)`, which is always a lookup by the whole key;
//! - what is due first in a dispatch is looked up in `cross join lateral (… order by not_before … limit n)` under
//!   [`lookups_only`], which leaves only the walk along the index of what is ready;
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

/// Takes rows in the order of an index rather than sorting them, and looks up by key rather than joining otherwise, until
/// the end of the transaction.
pub(super) async fn lookups_only(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!(
        "select set_config(setting, 'off', true)
           from unnest(array['enable_sort', 'enable_hashjoin', 'enable_mergejoin']) as setting"
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}
