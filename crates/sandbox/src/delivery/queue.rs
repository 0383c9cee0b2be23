//! What is still to be posted, by the time at which it is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::event::Event;
use super::post::Post;

/// Something to post.
#[derive(Debug)]
pub(crate) enum Work {
    Event(Event),
    /// A post that failed before.
    Repetition(Post),
}

impl Work {
    fn events(&self) -> usize {
        match self {
            Self::Event(_) => 1,
            Self::Repetition(post) => post.events,
        }
    }
}

/// The queue. `outstanding` counts events from the moment they are scheduled until they are confirmed or given up.
#[derive(Debug)]
pub(crate) struct DeliveryQueue {
    heap: Mutex<Heap>,
    changed: Notify,
    outstanding: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Heap {
    entries: BinaryHeap<Reverse<Entry>>,
    pushed: u64,
}

#[derive(Debug)]
struct Entry {
    due: Instant,
    /// Keeps the order of what is due at the same time.
    position: u64,
    work: Work,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.due, self.position) == (other.due, other.position)
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.position).cmp(&(other.due, other.position))
    }
}

impl Default for DeliveryQueue {
    fn default() -> Self {
        Self { heap: Mutex::default(), changed: Notify::new(), outstanding: watch::Sender::new(0) }
    }
}

impl DeliveryQueue {
    pub(super) fn push_all(&self, works: impl IntoIterator<Item = (Instant, Work)>) {
        let mut added = 0;
        let sooner = {
            let mut heap = self.heap();
            let before = heap.first_due();
            for (due, work) in works {
                added += work.events();
                heap.pushed += 1;
                let position = heap.pushed;
                heap.entries.push(Reverse(Entry { due, position, work }));
            }
            before.is_none() || heap.first_due() < before
        };
        self.begin(added);
        if sooner {
            self.changed.notify_one();
        }
    }

    /// Puts a failed post back. Its events are still counted as outstanding.
    pub(super) fn repeat(&self, due: Instant, post: Post) {
        let events = post.events;
        self.push_all([(due, Work::Repetition(post))]);
        self.finish(events);
    }

    /// Everything due by now, in order.
    pub(super) fn take_due(&self) -> Vec<Work> {
        let now = Instant::now();
        let mut heap = self.heap();
        let mut due = Vec::new();
        while heap.first_due().is_some_and(|first| first <= now) {
            due.extend(heap.entries.pop().map(|Reverse(entry)| entry.work));
        }
        due
    }

    /// Waits until something is due.
    pub(super) async fn something_due(&self) {
        loop {
            let first_due = self.heap().first_due();
            match first_due {
                Some(due) if due <= Instant::now() => return,
                Some(due) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(due) => return,
                        () = self.changed.notified() => {}
                    }
                }
                None => self.changed.notified().await,
            }
        }
    }

    /// Counts events that are on their way without having been in the queue.
    pub(super) fn begin(&self, events: usize) {
        self.outstanding.send_modify(|outstanding| *outstanding += events);
    }

    /// Counts events that need nothing more.
    pub(super) fn finish(&self, events: usize) {
        self.outstanding.send_modify(|outstanding| *outstanding = outstanding.saturating_sub(events));
    }

    /// Drops everything that is not on the wire.
    pub(crate) fn clear(&self) {
        let dropped = std::mem::take(&mut self.heap().entries);
        self.finish(dropped.iter().map(|Reverse(entry)| entry.work.events()).sum());
    }

    /// Events that are neither confirmed nor given up.
    pub(crate) fn outstanding(&self) -> usize {
        *self.outstanding.borrow()
    }

    /// Waits until every event is confirmed or given up.
    pub(crate) async fn settled(&self) {
        // The sender lives in self, so the channel cannot close while this waits.
        let _ = self.outstanding.subscribe().wait_for(|outstanding| *outstanding == 0).await;
    }

    fn heap(&self) -> MutexGuard<'_, Heap> {
        self.heap.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heap {
    fn first_due(&self) -> Option<Instant> {
        self.entries.peek().map(|Reverse(entry)| entry.due)
    }
}
