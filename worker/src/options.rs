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

impl WorkerOptions {
    /// How often the sweep looks for batches whose lease ran out.
    pub fn sweep_every(&self) -> Duration {
        self.lease_ttl / 4
    }

    /// How long to wait for the next look at the senders. Looks are spread, so that many workers do not ask in step;
    /// `random` is from nought to one.
    pub fn look_after(&self, random: f64) -> Duration {
        self.poll_every.mul_f64(0.5 + random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_workers_senders_and_batches_move_within_fifteen_seconds() {
        let options = WorkerOptions::default();
        // It died right after a renewal. The sender is then taken at the next look, and its batches are ready again with
        // the next sweep, which wakes whoever took it.
        let noticed = options.look_after(1.0).max(options.sweep_every());
        let moved = options.lease_ttl + noticed;
        assert!(moved < Duration::from_secs(15), "{moved:?}");
    }
}
