//! Whether the provider is reached at all: for the screen, and for nothing else.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Since when every try to connect has failed.
#[derive(Debug, Default)]
pub struct Reach(Mutex<Option<Instant>>);

impl Reach {
    /// No connection was made.
    pub fn lost(&self, now: Instant) {
        self.since().get_or_insert(now);
    }

    /// The provider answered, whatever it said.
    pub fn found(&self) {
        *self.since() = None;
    }

    /// How long it has not been reached; `None` when it is.
    pub fn lost_for(&self, now: Instant) -> Option<Duration> {
        self.since().map(|since| now.duration_since(since))
    }

    fn since(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
