//! Writes what happened to the ledger, in bulk and in order.

use std::time::Duration;

use domain::ids::{DispatchId, WorkerId, WorkspaceId};
use service::Services;
use service::dispatch::{self, Flush};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::books::{Books, Entry};

/// Outcomes are grouped over at most this time: it is how old a number on the live page may be.
const FLUSH_EVERY: Duration = Duration::from_millis(200);
/// A flush does not wait for more outcomes than this.
const FLUSH_OUTCOMES_MAX: usize = 1_000;
/// Entries that may wait while a flush is written; then sending waits too.
pub const ENTRIES_MAX: usize = 4_096;
/// Wait between two tries to reach the database.
const RETRY_EVERY: Duration = Duration::from_millis(250);

/// The one writer of a sender session.
pub struct Ledger {
    /// The use cases.
    pub services: Services,
    /// Owner of the leases under which everything here was claimed.
    pub session: WorkerId,
    /// Cancelled when even recording must stop; what is not recorded then is left to the sweep.
    pub abandon: CancellationToken,
}

impl Ledger {
    /// Enters and flushes until everybody who could still report something is gone.
    pub async fn run(self, mut entries: mpsc::Receiver<Entry>) {
        let mut books = Books::default();
        let mut flush_at: Option<Instant> = None;
        // Whatever came while a flush was written is taken at once: the busier it is, the larger the groups.
        let mut taken = Vec::with_capacity(ENTRIES_MAX);
        loop {
            let came = entries.recv_many(&mut taken, ENTRIES_MAX);
            let count = match flush_at {
                None => came.await,
                Some(at) => match tokio::time::timeout_at(at, came).await {
                    Ok(count) => count,
                    Err(_) => {
                        self.flush(&mut books).await;
                        flush_at = None;
                        continue;
                    }
                },
            };
            if count == 0 {
                break;
            }
            taken.drain(..).for_each(|entry| books.enter(entry));
            if books.outcomes() >= FLUSH_OUTCOMES_MAX {
                self.flush(&mut books).await;
                flush_at = None;
            } else if !books.is_flushed() && flush_at.is_none() {
                flush_at = Some(Instant::now() + FLUSH_EVERY);
            }
        }
        self.flush(&mut books).await;
        if !books.is_settled() {
            tracing::warn!("session.ended with recipients in the air; the sweep settles them");
        }
    }

    async fn flush(&self, books: &mut Books) {
        for (workspace, dispatch, flush) in books.take() {
            self.record(workspace, dispatch, &flush).await;
        }
    }

    /// Tries until it is written: the answers are worth more than anything else we hold. Repeating is harmless, since
    /// an outcome that was recorded is not recorded again.
    async fn record(&self, workspace: WorkspaceId, dispatch: DispatchId, flush: &Flush) {
        loop {
            match dispatch::record(&self.services, self.session, workspace, dispatch, flush).await {
                Ok(()) => {
                    metrics::counter!("fanfare_outcomes_recorded_total")
                        .increment(flush.outcomes.len() as u64);
                    return;
                }
                Err(error) => {
                    tracing::warn!(dispatch.id = %dispatch, error = %runtime::telemetry::chain(&error), "outcomes not recorded yet");
                }
            }
            tokio::select! {
                () = self.abandon.cancelled() => return,
                () = tokio::time::sleep(RETRY_EVERY) => {}
            }
        }
    }
}
