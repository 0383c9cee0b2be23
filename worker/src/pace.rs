//! How fast a sender sends now: GCRA at the rate of its plan, slower for a while when the provider asks for it.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// At most one slow-down in this time: the answers that are already on their way all say the same.
const SLOW_DOWN_EVERY: Duration = Duration::from_secs(1);
/// Time without a throttle answer before each step back up.
const SPEED_UP_EVERY: Duration = Duration::from_secs(2);

/// The pace of one sender. The rate follows additive increase, multiplicative decrease below the plan's rate.
#[derive(Debug)]
pub struct Pace {
    plan: NonZeroU32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rate: NonZeroU32,
    limiter: Arc<DefaultDirectRateLimiter>,
    changed_at: Instant,
}

/// Messages that may leave at once. Timers tick in milliseconds, so a fast sender needs a little burst to keep its rate;
/// what it adds to the busiest second is taken off the rate, so that no second ever holds more than the plan.
fn quota(rate: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(rate.get() / 100).unwrap_or(NonZeroU32::MIN);
    let steady = NonZeroU32::new(rate.get() - (burst.get() - 1)).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(steady).allow_burst(burst)
}

impl Pace {
    /// A sender at the full rate of its plan.
    pub fn new(plan: NonZeroU32, now: Instant) -> Self {
        let limiter = Arc::new(RateLimiter::direct(quota(plan)));
        Self { plan, state: Mutex::new(State { rate: plan, limiter, changed_at: now }) }
    }

    /// Messages a second at the moment.
    pub fn rate(&self) -> NonZeroU32 {
        self.lock().rate
    }

    /// Waits until one more message may leave.
    pub async fn until_ready(&self) {
        let limiter = Arc::clone(&self.lock().limiter);
        limiter.until_ready().await;
    }

    /// The provider said that we are too fast.
    pub fn throttled(&self, now: Instant) {
        let mut state = self.lock();
        if state.rate == self.plan || now.duration_since(state.changed_at) >= SLOW_DOWN_EVERY {
            let slower = NonZeroU32::new(state.rate.get() * 7 / 10).unwrap_or(NonZeroU32::MIN);
            state.set(slower, now);
        }
    }

    /// A message was accepted; after a while of only such, the rate goes up by a twentieth of the plan.
    pub fn accepted(&self, now: Instant) {
        let mut state = self.lock();
        if state.rate < self.plan && now.duration_since(state.changed_at) >= SPEED_UP_EVERY {
            let step = (self.plan.get() / 20).max(1);
            let faster = state.rate.saturating_add(step).min(self.plan);
            state.set(faster, now);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn set(&mut self, rate: NonZeroU32, now: Instant) {
        self.rate = rate;
        self.limiter = Arc::new(RateLimiter::direct(quota(rate)));
        self.changed_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(n: u32) -> NonZeroU32 {
        NonZeroU32::new(n).expect("not zero")
    }

    /// The most cells that a quota lets through in any half-open second.
    fn busiest_second(quota: Quota) -> u32 {
        let steady = (1_000_000_000 / quota.replenish_interval().as_nanos()) as u32;
        steady + quota.burst_size().get() - 1
    }

    #[test]
    fn no_second_holds_more_than_the_plan() {
        for plan in [1, 20, 80, 250, 1_000] {
            let busiest = busiest_second(quota(rate(plan)));
            assert!(busiest <= plan, "{busiest} in a second at {plan}/s");
            assert!(busiest * 100 >= plan * 98, "{busiest} in a second at {plan}/s");
        }
    }

    #[test]
    fn throttling_slows_once_a_second_and_never_stops() {
        let start = Instant::now();
        let pace = Pace::new(rate(80), start);
        pace.throttled(start);
        pace.throttled(start + Duration::from_millis(200));
        assert_eq!(pace.rate(), rate(56));
        pace.throttled(start + Duration::from_millis(1_100));
        assert_eq!(pace.rate(), rate(39));
        for second in 2..60 {
            pace.throttled(start + Duration::from_secs(second * 2));
        }
        assert_eq!(pace.rate(), rate(1));
    }

    #[test]
    fn the_rate_recovers_to_the_plan_and_not_beyond() {
        let start = Instant::now();
        let pace = Pace::new(rate(80), start);
        pace.throttled(start);
        pace.accepted(start + Duration::from_secs(1));
        assert_eq!(pace.rate(), rate(56));
        pace.accepted(start + Duration::from_secs(2));
        assert_eq!(pace.rate(), rate(60));
        for second in 2..60 {
            pace.accepted(start + Duration::from_secs(second * 2));
        }
        assert_eq!(pace.rate(), rate(80));
    }
}
