//! How many requests may be under way at once: as many as answers take to come back at the sender's rate.
//!
//! Too few, and a sender far from its provider never reaches its rate; too many, and they only wait for each other here.
//! So the window follows rate × latency, where latency that we make ourselves by crowding does not count.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// The widest window: each request under way costs a connection and some 10 KB.
pub const WINDOW_MAX: usize = 2_048;
/// A window this wide costs nothing, and absorbs an answer that is late now and then.
const WINDOW_EASY: usize = 256;
/// Room above rate × latency, since not every answer takes the average.
const HEADROOM: f64 = 1.5;
/// No plan is a quarter as fast. Beyond this a rate means "as fast as it goes", and a wider window would only cost memory.
const RATE_MAX: f64 = 4_500.0;
/// Weight of each answer in the average.
const WEIGHT: f64 = 0.02;
/// An average above this multiple of the quickest answers is taken for crowding, here or there.
const CROWDED: f64 = 4.0;
/// The quickest answer is that of the present and the last stretch of this length.
const STRETCH: Duration = Duration::from_secs(3);

/// How long answers take.
#[derive(Debug)]
struct Latency {
    average: Option<f64>,
    quickest: f64,
    quickest_before: f64,
    stretch_since: Instant,
}

impl Latency {
    const fn new(now: Instant) -> Self {
        Self { average: None, quickest: f64::INFINITY, quickest_before: f64::INFINITY, stretch_since: now }
    }

    fn answered(&mut self, took: Duration, now: Instant) {
        let took = took.as_secs_f64();
        self.average = Some(self.average.map_or(took, |average| average + WEIGHT * (took - average)));
        if now.duration_since(self.stretch_since) >= STRETCH {
            self.quickest_before = std::mem::replace(&mut self.quickest, took);
            self.stretch_since = now;
        } else {
            self.quickest = self.quickest.min(took);
        }
    }

    fn seconds(&self) -> Option<f64> {
        let quickest = self.quickest.min(self.quickest_before);
        self.average.map(|average| average.min(quickest * CROWDED))
    }
}

/// The widest window for a rate whose answers take so many seconds.
fn width(rate: NonZeroU32, latency_seconds: Option<f64>) -> usize {
    let easy = usize::try_from(rate.get().saturating_mul(2)).unwrap_or(WINDOW_EASY).clamp(4, WINDOW_EASY);
    let needed = f64::from(rate.get()).min(RATE_MAX) * latency_seconds.unwrap_or(0.0) * HEADROOM;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not below nought, and cut off far below the limit of the type"
    )]
    let needed = needed.ceil().min(1e6) as usize;
    needed.clamp(easy, WINDOW_MAX)
}

/// The window of one sender.
#[derive(Debug)]
pub struct Window {
    latency: Mutex<Latency>,
    under_way: AtomicUsize,
    landed: Notify,
}

impl Window {
    /// With nothing under way.
    pub fn new(now: Instant) -> Self {
        Self { latency: Mutex::new(Latency::new(now)), under_way: AtomicUsize::new(0), landed: Notify::new() }
    }

    /// Waits for room for one more request at this rate, and takes it. There is one who waits: the pump.
    pub async fn enter(&self, rate: impl Fn() -> NonZeroU32) {
        // Only the pump adds, so nobody takes the room between the look and the step.
        while self.under_way.load(Ordering::Acquire) >= width(rate(), self.latency().seconds()) {
            self.landed.notified().await;
        }
        self.under_way.fetch_add(1, Ordering::AcqRel);
    }

    /// An answer came after this time.
    pub fn answered(&self, took: Duration, now: Instant) {
        self.latency().answered(took, now);
    }

    /// A request is over, whatever came of it.
    pub fn leave(&self) {
        self.under_way.fetch_sub(1, Ordering::AcqRel);
        self.landed.notify_one();
    }

    fn latency(&self) -> std::sync::MutexGuard<'_, Latency> {
        self.latency.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
