//! What a worker still owes the ledger: open handovers, claimed batches, outcomes not yet flushed.
//!
//! Pure bookkeeping. It decides when a handover is closed and when a batch has ended; [`crate::ledger`] writes that down.

use std::collections::HashMap;

use domain::dispatch::Wait;
use domain::ids::{DispatchId, WorkspaceId};
use service::dispatch::{Answer, ClaimedBatch, EndedBatch, Flush, HandoverId, Outcome};

/// Which batch of which dispatch, under which claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct BatchKey {
    dispatch: DispatchId,
    ordinal: i32,
    attempt: i32,
}

impl BatchKey {
    const fn of(batch: &ClaimedBatch) -> Self {
        Self { dispatch: batch.dispatch, ordinal: batch.ordinal, attempt: batch.attempt }
    }
}

/// A batch under way.
#[derive(Debug)]
struct OpenBatch {
    /// Recipients whose outcome of this run is not known yet.
    outstanding: usize,
    /// The wait of the recipient who is due first among those that stay waiting.
    wait: Option<Wait>,
}

#[derive(Debug)]
struct OpenHandover {
    batch: BatchKey,
    outstanding: usize,
}

/// Something that happened on the way of a batch.
#[derive(Debug)]
pub enum Entry {
    /// A batch was claimed; so many of its recipients are due, and the others wait at least so long.
    Started {
        /// The claim.
        batch: ClaimedBatch,
        /// Recipients that this run will try.
        due: usize,
        /// The shortest wait of those that are not due yet.
        next_wait: Option<Wait>,
    },
    /// A handover of a batch was opened for so many of its due recipients.
    Opened {
        /// The claim.
        batch: ClaimedBatch,
        /// The handover.
        handover: HandoverId,
        /// Recipients named by it.
        recipients: usize,
    },
    /// So many due recipients of a batch were not handed over after all: the dispatch stopped, the worker stops, or there
    /// is no place for them.
    Withheld {
        /// The claim.
        batch: ClaimedBatch,
        /// How many.
        recipients: usize,
        /// When they may be tried again, and what they wait for.
        wait: Wait,
    },
    /// A recipient of a handover has its outcome.
    Settled(Outcome),
}

/// The books.
#[derive(Debug, Default)]
pub struct Books {
    batches: HashMap<BatchKey, OpenBatch>,
    handovers: HashMap<HandoverId, OpenHandover>,
    unflushed: HashMap<DispatchId, Flush>,
    workspace: HashMap<DispatchId, WorkspaceId>,
    outcomes: usize,
}

impl Books {
    /// Enters what happened.
    pub fn enter(&mut self, entry: Entry) {
        match entry {
            Entry::Started { batch, due, next_wait } => {
                let key = BatchKey::of(&batch);
                self.workspace.insert(batch.dispatch, batch.workspace);
                self.batches.insert(key, OpenBatch { outstanding: due, wait: next_wait });
                self.end_if_done(key);
            }
            Entry::Opened { batch, handover, recipients } => {
                self.handovers
                    .insert(handover, OpenHandover { batch: BatchKey::of(&batch), outstanding: recipients });
            }
            Entry::Withheld { batch, recipients, wait } => {
                self.account(BatchKey::of(&batch), recipients, Some(wait));
            }
            Entry::Settled(outcome) => self.settle(outcome),
        }
    }

    fn settle(&mut self, outcome: Outcome) {
        let Some(handover) = self.handovers.get_mut(&outcome.handover) else {
            return;
        };
        let key = handover.batch;
        let wait = match outcome.answer {
            Answer::RetryAfter { wait, .. } | Answer::HeldBack { wait, .. } => Some(wait),
            Answer::Released => Some(Wait::NONE),
            Answer::Accepted(_) | Answer::HeldForQuality(_) | Answer::Failed { .. } | Answer::Unknown => None,
        };
        handover.outstanding -= 1;
        let flush = self.unflushed.entry(key.dispatch).or_default();
        if handover.outstanding == 0 {
            flush.closed.push(outcome.handover);
            self.handovers.remove(&outcome.handover);
        }
        flush.outcomes.push(outcome);
        self.outcomes += 1;
        self.account(key, 1, wait);
    }

    fn account(&mut self, key: BatchKey, recipients: usize, wait: Option<Wait>) {
        if let Some(batch) = self.batches.get_mut(&key) {
            batch.outstanding = batch.outstanding.saturating_sub(recipients);
            batch.wait = match (batch.wait, wait) {
                (Some(left), Some(right)) => Some(left.earlier(right)),
                (left, right) => left.or(right),
            };
        }
        self.end_if_done(key);
    }

    fn end_if_done(&mut self, key: BatchKey) {
        if self.batches.get(&key).is_some_and(|batch| batch.outstanding == 0)
            && let Some(batch) = self.batches.remove(&key)
        {
            let ended = EndedBatch { ordinal: key.ordinal, attempt: key.attempt, wait: batch.wait };
            self.unflushed.entry(key.dispatch).or_default().ended.push(ended);
        }
    }

    /// Outcomes entered and not taken yet.
    pub const fn outcomes(&self) -> usize {
        self.outcomes
    }

    /// Whether there is anything to flush.
    pub fn is_flushed(&self) -> bool {
        self.unflushed.is_empty()
    }

    /// Whether nothing is under way any more.
    pub fn is_settled(&self) -> bool {
        self.batches.is_empty() && self.unflushed.is_empty()
    }

    /// Takes everything that is to be flushed, one flush per dispatch.
    pub fn take(&mut self) -> Vec<(WorkspaceId, DispatchId, Flush)> {
        self.outcomes = 0;
        let mut flushes = Vec::with_capacity(self.unflushed.len());
        for (dispatch, flush) in self.unflushed.drain() {
            if let Some(workspace) = self.workspace.get(&dispatch) {
                flushes.push((*workspace, dispatch, flush));
            }
        }
        flushes
    }
}

#[cfg(test)]
mod tests;
