//! Tasks that somebody waits for.
//!
//! `tokio::spawn` lets a task outlive everything that knows of it. Here a task belongs to a set, and the set is waited
//! for at the end.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks of a process, and the token that tells them to stop. Cheap to clone; a clone is the same set.
#[derive(Debug, Clone)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// An empty set whose tasks stop with this token.
    pub fn new(stop: CancellationToken) -> Self {
        Self { tracker: TaskTracker::new(), stop }
    }

    /// Cancelled when the process should stop. A task selects on it between two steps.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Starts a task of this set.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tracker.spawn(task)
    }

    /// Calls `round` now and then every `period` until the process stops. A round under way is finished.
    pub fn spawn_every<F, R>(&self, period: Duration, mut round: F) -> JoinHandle<()>
    where
        F: FnMut() -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            let mut ticks = tokio::time::interval(period);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    _ = ticks.tick() => round().await,
                }
            }
        })
    }

    /// Waits until all tasks have ended, at most this long. `false` if some were still running then.
    pub async fn wait(&self, at_most: Duration) -> bool {
        self.tracker.close();
        tokio::time::timeout(at_most, self.tracker.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_round_repeats_until_the_process_stops() {
        let stop = CancellationToken::new();
        let tasks = Tasks::new(stop.clone());
        let rounds = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&rounds);
        tasks.spawn_every(Duration::from_secs(10), move || {
            let counted = Arc::clone(&counted);
            async move {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        tokio::time::sleep(Duration::from_secs(25)).await;
        stop.cancel();
        assert!(tasks.wait(Duration::from_secs(1)).await);
        assert_eq!(rounds.load(Ordering::SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_gives_up_on_a_task_that_does_not_end() {
        let tasks = Tasks::new(CancellationToken::new());
        tasks.spawn(std::future::pending::<()>());
        assert!(!tasks.wait(Duration::from_secs(1)).await);
    }
}
