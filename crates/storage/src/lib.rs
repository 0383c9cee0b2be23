//! The only crate with SQL.
//!
//! One module per aggregate; a function per question or change, next to its SQL. Functions take a connection and never
//! open a transaction: the caller owns it. The workspace is the first argument of each and stands in every `where`.
//! "Not found" is `None`; the caller decides whether that is an error. A table is a module here.

mod error;

pub mod campaigns;
pub mod channel_accounts;
pub mod contacts;
pub mod dispatches;
pub mod imports;
pub mod lists;
pub mod portfolios;
pub mod savepoint;
pub mod schema;
pub mod sessions;
pub mod suppressions;
pub mod templates;
pub mod users;
pub mod webhooks;
pub mod workspaces;

pub use error::StorageError;
/// What the driver reports when a connection, a begin or a commit fails.
pub use sqlx::Error as DriverError;
/// What goes wrong when the schema is brought up to date.
pub use sqlx::migrate::MigrateError;
/// Where Postgres is and how to sign in.
pub use sqlx::postgres::PgConnectOptions as ConnectOptions;
/// A connection that hears what transactions announce when they commit.
pub use sqlx::postgres::PgListener as Notifications;
/// How large a pool is.
pub use sqlx::postgres::PgPoolOptions as PoolOptions;
/// A pool of connections to the one database.
pub type Pool = sqlx::PgPool;
/// A connection out of the pool.
pub type PooledConnection = sqlx::pool::PoolConnection<sqlx::Postgres>;
/// A transaction.
pub type Tx = sqlx::Transaction<'static, sqlx::Postgres>;
/// A connection, inside a transaction or not.
pub use sqlx::PgConnection as Connection;

/// The migrations of this version.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Makes the caller's transaction, of which this must be the first statement, see one instant of the database, and tells
/// that instant.
pub async fn snapshot(tx: &mut Tx) -> Result<domain::Timestamp, StorageError> {
    sqlx::query!("set transaction isolation level repeatable read, read only").execute(&mut **tx).await?;
    Ok(sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(&mut **tx).await?)
}
