//! What a worker may be told.

use std::time::Duration;

use domain::retry::RetryPolicy;

/// How a worker works. The defaults are those of the product; tests shorten times.
#[derive(Debug, Clone, Copy)]
pub struct WorkerOptions {
    /// How long a lease lasts without being renewed: a dead worker's senders move after it.
    pub lease_ttl: Duration,
    /// Senders driven at once.
    pub senders_max: usize,
    /// When a refused message is tried again.
    pub retries: RetryPolicy,
    /// How often to look for work that no notification announced.
    pub poll_every: Duration,
    /// How long what Meta says about a sender, and its templates, are taken for true before they are asked for again.
    pub refresh_every: Duration,
    /// How long a stop waits for answers that are on their way.
    pub stop_within: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            lease_ttl: Duration::from_secs(10),
            senders_max: 64,
            retries: RetryPolicy::default(),
            poll_every: Duration::from_secs(2),
            refresh_every: Duration::from_secs(3_600),
            stop_within: Duration::from_secs(25),
        }
    }
}
