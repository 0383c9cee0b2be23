//! Undoing a part of a transaction.

use crate::{Connection, StorageError};

/// Marks where [`rollback`] goes back to. One mark at a time.
pub async fn set(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!("savepoint part").execute(conn).await?;
    Ok(())
}

/// Undoes what was done since the mark, an error included.
pub async fn rollback(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!("rollback to savepoint part").execute(conn).await?;
    Ok(())
}
