//! Keeps tower-sessions' records where `service::sessions` keeps sessions.

use std::fmt;

use app::request::{IDENTITY_KEY, Identity};
use async_trait::async_trait;
use chrono::DateTime;
use service::Services;
use service::sessions::{SessionDigest, StoredSession, create, digest, end, load, save};
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Sessions in Postgres, under a digest of their cookie.
#[derive(Clone)]
pub(crate) struct Sessions(Services);

impl Sessions {
    pub(crate) fn new(services: Services) -> Self {
        Self(services)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

fn digest_of(id: &Id) -> SessionDigest {
    digest(&id.to_string())
}

/// The id stays out: it is the secret that the digest stands for.
fn stored(record: &Record) -> Result<StoredSession> {
    let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    let identity = record.data.get(IDENTITY_KEY).cloned();
    let identity = identity.and_then(|identity| serde_json::from_value::<Identity>(identity).ok());
    let expires_at = DateTime::from_timestamp(record.expiry_date.unix_timestamp(), 0)
        .ok_or_else(|| Error::Encode("the session ends at no representable time".to_owned()))?;
    Ok(StoredSession { record: data, user: identity.map(|identity| identity.user), expires_at })
}

/// The whole chain, because the trait keeps no source.
fn backend(error: service::StorageError) -> Error {
    Error::Backend(runtime::telemetry::chain(&error))
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !create(&self.0, &digest_of(&record.id), &stored(record)?).await.map_err(backend)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        // A session that was ended meanwhile stays ended.
        save(&self.0, &digest_of(&record.id), &stored(record)?).await.map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(kept) = load(&self.0, &digest_of(id)).await.map_err(backend)? else { return Ok(None) };
        let data = serde_json::from_value(kept.record).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(kept.expires_at.timestamp())
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        end(&self.0, &digest_of(id)).await.map_err(backend)
    }
}
