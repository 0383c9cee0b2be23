//! Webhooks: stored as they come, processed afterwards from the table.
//!
//! Events repeat, come in any order, come before our own answer is recorded, and come for messages we never sent. All of
//! that is normal: what is stored decides, and applying it twice changes nothing.

mod accounts;
mod apply;
mod halts;

use storage::{StorageError, webhooks};

use crate::Services;

pub use channels::whatsapp::webhook::{BODY_BYTES_MAX, challenge, verify_signature};

/// Stores webhooks of WhatsApp as received. Durable when this returns: only then may they be answered with 200.
pub async fn ingest(services: &Services, bodies: &[Vec<u8>]) -> Result<(), StorageError> {
    let mut conn = services.connection().await?;
    webhooks::store(&mut conn, "whatsapp", bodies, services.clock.now()).await
}

/// What one round of processing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Processed {
    /// Webhooks taken from the inbox.
    pub webhooks: usize,
    /// New delivery events among them.
    pub events: usize,
    /// New messages among them.
    pub messages: usize,
    /// Webhooks set aside because they cannot be read.
    pub unreadable: usize,
}

/// Processes stored webhooks, oldest first. Nothing waiting: all zeros.
pub async fn apply_stored(services: &Services, webhooks_max: i64) -> Result<Processed, StorageError> {
    match apply_together(services, webhooks_max).await {
        // One event that cannot be stored must not hold up the others.
        Err(error) if error.is_about_data() => apply_apart(services, webhooks_max).await,
        other => other,
    }
}

async fn apply_together(services: &Services, webhooks_max: i64) -> Result<Processed, StorageError> {
    let mut tx = services.begin().await?;
    let stored = webhooks::claim(&mut tx, webhooks_max).await?;
    if stored.is_empty() {
        return Ok(Processed::default());
    }
    let mut processed = Processed::default();
    apply::apply(&mut tx, &stored, &mut processed).await?;
    tx.commit().await?;
    Ok(processed)
}

/// One by one; what cannot be stored is set aside with the reason.
async fn apply_apart(services: &Services, webhooks_max: i64) -> Result<Processed, StorageError> {
    let mut processed = Processed::default();
    for _ in 0..webhooks_max {
        let mut tx = services.begin().await?;
        let stored = webhooks::claim(&mut tx, 1).await?;
        let Some(webhook) = stored.first() else { break };
        storage::savepoint::set(&mut tx).await?;
        let mut one = processed;
        match apply::apply(&mut tx, &stored, &mut one).await {
            Ok(()) => processed = one,
            Err(error) if error.is_about_data() => {
                storage::savepoint::rollback(&mut tx).await?;
                webhooks::set_aside(&mut tx, webhook.id, &error.to_string()).await?;
                processed.unreadable += 1;
            }
            Err(error) => return Err(error),
        }
        tx.commit().await?;
    }
    Ok(processed)
}

/// Webhooks waiting to be processed, and webhooks set aside.
pub async fn backlog(services: &Services) -> Result<(i64, i64), StorageError> {
    let mut conn = services.connection().await?;
    webhooks::count(&mut conn).await
}
