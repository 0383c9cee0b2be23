//! Listening to what the database announces when a transaction commits.

use storage::{Notifications, StorageError};

use crate::Services;

/// What is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Something may be ready to send, or must stop. No payload.
    Control,
    /// A dispatch changed. The payload says which.
    DispatchChanged,
    /// A webhook was stored. No payload.
    WebhookStored,
}

impl Channel {
    const fn name(self) -> &'static str {
        match self {
            Self::Control => storage::dispatches::control::CONTROL_CHANNEL,
            Self::DispatchChanged => storage::dispatches::counts::CHANGED_CHANNEL,
            Self::WebhookStored => storage::webhooks::STORED_CHANNEL,
        }
    }
}

/// A connection that listens. It is one of the pool's, and is kept for as long as the listener lives.
#[derive(Debug)]
pub struct Listener(Notifications);

impl Listener {
    /// Starts listening. Look for what happened before only after this returned.
    pub async fn connect(services: &Services, channel: Channel) -> Result<Self, StorageError> {
        let mut listener = Notifications::connect_with(&services.pool).await?;
        // A lost connection is told, since something may have been announced meanwhile.
        listener.eager_reconnect(false);
        listener.listen(channel.name()).await?;
        Ok(Self(listener))
    }

    /// Waits for the next announcement and gives its payload.
    pub async fn next(&mut self) -> Result<String, StorageError> {
        match self.0.try_recv().await? {
            Some(notification) => Ok(notification.payload().to_owned()),
            None => Err(storage::DriverError::PoolClosed.into()),
        }
    }
}
