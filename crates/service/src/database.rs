//! Reaching Postgres, and bringing its schema up to date.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use storage::{DriverError, MIGRATOR, Pool, StorageError};

/// How long a request waits for a free connection before it is told that the database is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The address is not one of Postgres.
    #[error("database.url is not a Postgres address such as postgres://user:password@host:5432/fanfare")]
    Address,
    /// Postgres cannot be reached at that address.
    #[error("Postgres cannot be reached; check database.url and that it runs")]
    Unreachable(#[source] DriverError),
    /// A migration failed.
    #[error("the schema cannot be brought up to date")]
    Migration(#[source] storage::MigrateError),
}

/// Opens a pool. Reaches Postgres once, so that a wrong address is noticed at the start.
pub async fn connect(url: &SecretString, connections_max: u32) -> Result<Pool, DatabaseError> {
    // The driver's error repeats the address, and with it the password.
    let options =
        url.expose_secret().parse::<storage::ConnectOptions>().map_err(|_| DatabaseError::Address)?;
    storage::PoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Our statements touch hundreds of rows, never millions; compiling their plans costs more than running them.
        .connect_with(options.application_name("fanfare").options([("jit", "off")]))
        .await
        .map_err(DatabaseError::Unreachable)
}

/// Applies the migrations that are missing.
pub async fn migrate(pool: &Pool) -> Result<(), DatabaseError> {
    MIGRATOR.run(pool).await.map_err(DatabaseError::Migration)
}

/// How the schema in the database relates to the one this version was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// Everything this version needs is there.
    Current,
    /// This many migrations are missing.
    Behind {
        /// How many.
        missing: usize,
    },
}

/// Asks the database which migrations it has.
pub async fn schema_state(pool: &Pool) -> Result<SchemaState, StorageError> {
    let mut conn = pool.acquire().await?;
    let applied = storage::schema::applied_versions(&mut conn).await?;
    let missing = MIGRATOR.iter().filter(|migration| !applied.contains(&migration.version)).count();
    Ok(if missing == 0 { SchemaState::Current } else { SchemaState::Behind { missing } })
}

/// Adds the partitions of the coming months.
pub async fn add_partitions(services: &crate::Services) -> Result<(), StorageError> {
    let mut tx = services.begin().await?;
    storage::schema::add_partitions(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether the database answers and its schema is the one this version needs; if not, why, for an operator.
pub async fn ready(services: &crate::Services) -> Result<(), String> {
    match schema_state(&services.pool).await {
        Ok(SchemaState::Current) => Ok(()),
        Ok(SchemaState::Behind { missing }) => {
            Err(format!("{missing} migrations are missing; run `server migrate`"))
        }
        Err(_) => Err("Postgres does not answer".to_owned()),
    }
}
