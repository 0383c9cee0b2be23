//! Which migrations a database has.

use std::collections::BTreeSet;

use crate::{Connection, StorageError};

/// Versions of the migrations that were applied in full; empty for a database that was never migrated.
///
/// Not a checked query: the table is the migrator's own and is not there before its first run.
pub async fn applied_versions(conn: &mut Connection) -> Result<BTreeSet<i64>, StorageError> {
    let known: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *conn)
        .await?;
    if !known {
        return Ok(BTreeSet::new());
    }
    let versions: Vec<i64> =
        sqlx::query_scalar("select version from _sqlx_migrations where success").fetch_all(conn).await?;
    Ok(versions.into_iter().collect())
}

/// Adds the partitions of this month and the next three where they are missing. Waits at most two seconds for the lock
/// that this takes, so that it never stands in the way of sending.
pub async fn add_partitions(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!("select set_config('lock_timeout', '2s', true)").fetch_one(&mut *conn).await?;
    sqlx::query!(
        "select create_month_partition(parent, (date_trunc('month', now() at time zone 'UTC') + n * interval '1 month')::date)
           from unnest(array['recipients', 'delivery_events', 'inbound_messages']) as parent, generate_series(0, 3) as n",
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}
