//! Use cases: one function per thing a user or a timer can cause.
//!
//! A function here opens the transaction, asks `storage`, decides with `domain`, calls a provider through `channels`
//! (never inside a transaction), and commits. It knows nothing of HTTP, pages or environment variables.

pub mod access;
pub mod accounts;
pub mod campaigns;
pub mod channel_accounts;
pub mod clock;
pub mod contacts;
pub mod database;
pub mod dispatch;
pub mod imports;
pub mod lists;
pub mod live;
pub mod notifications;
pub mod publishing;
pub mod secrets;
pub mod sessions;
pub mod settings;
pub mod suppressions;
pub mod templates;
pub mod webhooks;
#[cfg(test)]
mod world;

use std::sync::Arc;

use channels::HttpClient;
pub use storage::StorageError;

use crate::accounts::SignInDoor;
use crate::clock::Clock;
use crate::live::LiveHub;
use crate::secrets::KeyRing;
use crate::settings::Settings;

/// What every use case may need. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    /// The database.
    pub pool: storage::Pool,
    /// The time.
    pub clock: Clock,
    /// Seals provider credentials.
    pub secrets: Arc<KeyRing>,
    /// Talks to providers; one pool of connections per process.
    pub http: HttpClient,
    /// What was configured.
    pub settings: Arc<Settings>,
    /// Who watches which campaign; one per process.
    pub(crate) live: LiveHub,
    /// Guards signing in; one per process.
    door: Arc<SignInDoor>,
}

impl Services {
    /// Puts together what use cases need.
    pub fn new(
        pool: storage::Pool,
        clock: Clock,
        secrets: KeyRing,
        http: HttpClient,
        settings: Settings,
    ) -> Self {
        let door = Arc::new(SignInDoor::new());
        let live = LiveHub::default();
        Self { pool, clock, secrets: Arc::new(secrets), http, settings: Arc::new(settings), live, door }
    }

    /// A connection for one question or change.
    pub(crate) async fn connection(&self) -> Result<storage::PooledConnection, StorageError> {
        Ok(self.pool.acquire().await?)
    }

    /// A transaction; dropped without a commit it changes nothing.
    pub(crate) async fn begin(&self) -> Result<storage::Tx, StorageError> {
        Ok(self.pool.begin().await?)
    }
}
