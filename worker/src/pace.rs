//! How fast a sender sends now: GCRA at the rate of its plan, slower for a while when the provider asks for it.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// At most one slow-down in this time: the answers that are already on their way all say the same.
const SLOW_DOWN_EVERY: Duration = Duration::from_secs(1);
/// Time without a throttle answer before each step back up.
const SPEED_UP_EVERY: Duration = Duration::from_secs(2);

/// The pace of one sender. The rate follows additive increase, multiplicative decrease below the plan's rate.
#[derive(Debug)]
pub struct Pace<C: Clock = DefaultClock> {
    clock: C,
    state: Mutex<State<C>>,
}

#[derive(Debug)]
struct State<C: Clock> {
    plan: NonZeroU32,
    rate: NonZeroU32,
    limiter: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    changed_at: Instant,
    throttled_at: Option<Instant>,
}

/// Messages that may leave at once. Timers tick in milliseconds, so a fast sender needs a little burst to keep its rate;
/// what it adds to the busiest second is taken off the rate, and a little more for what the way to the provider may push
/// together, so that no second ever holds more than the plan.
fn quota(rate: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(rate.get() / 250).unwrap_or(NonZeroU32::MIN);
    let margin = rate.get() / 200;
    let steady = NonZeroU32::new(rate.get() - (burst.get() - 1) - margin).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(steady).allow_burst(burst)
}

impl Pace {
    /// A sender with this plan, beginning at a rate: that of the plan, or a lower one that the provider had asked for.
    pub fn new(plan: NonZeroU32, rate: NonZeroU32, now: Instant) -> Self {
        Self::with_clock(plan, rate, now, DefaultClock::default())
    }

    /// Waits until one more message may leave.
    pub async fn until_ready(&self) {
        // Each try asks the limiter of that moment: the rate may change while this waits.
        while let Err(wait) = self.try_leave() {
            tokio::time::sleep(wait).await;
        }
    }
}

impl<C: Clock + Clone> Pace<C> {
    fn with_clock(plan: NonZeroU32, rate: NonZeroU32, now: Instant, clock: C) -> Self {
        let rate = rate.min(plan);
        let limiter = begun(rate, clock.clone());
        let state = State { plan, rate, limiter, changed_at: now, throttled_at: None };
        Self { clock, state: Mutex::new(state) }
    }

    /// Messages a second at the moment.
    pub fn rate(&self) -> NonZeroU32 {
        self.lock().rate
    }

    /// When the provider last said that we are too fast.
    pub fn throttled_at(&self) -> Option<Instant> {
        self.lock().throttled_at
    }

    /// Lets one message leave, or tells how long until one may.
    fn try_leave(&self) -> Result<(), Duration> {
        self.lock().limiter.check().map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// The plan of the sender is another now. A sender that was slowed down stays so in proportion.
    pub fn follow_plan(&self, plan: NonZeroU32, now: Instant) {
        let mut state = self.lock();
        if state.plan == plan {
            return;
        }
        let scaled = u64::from(state.rate.get()) * u64::from(plan.get()) / u64::from(state.plan.get());
        let rate = u32::try_from(scaled).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN).min(plan);
        state.plan = plan;
        self.set(&mut state, rate, now);
    }

    /// The provider said that we are too fast.
    pub fn throttled(&self, now: Instant) {
        let mut state = self.lock();
        state.throttled_at = Some(now);
        if state.rate == state.plan || now.duration_since(state.changed_at) >= SLOW_DOWN_EVERY {
            let slower = u64::from(state.rate.get()) * 7 / 10;
            let slower = u32::try_from(slower).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
            self.set(&mut state, slower, now);
        }
    }

    /// A message was accepted; after a while of only such, the rate goes up by a twentieth of the plan.
    pub fn accepted(&self, now: Instant) {
        let mut state = self.lock();
        if state.rate < state.plan && now.duration_since(state.changed_at) >= SPEED_UP_EVERY {
            let step = (state.plan.get() / 20).max(1);
            let faster = state.rate.saturating_add(step).min(state.plan);
            self.set(&mut state, faster, now);
        }
    }

    fn set(&self, state: &mut State<C>, rate: NonZeroU32, now: Instant) {
        state.rate = rate;
        state.limiter = begun(rate, self.clock.clone());
        state.changed_at = now;
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A limiter whose burst is used up: whoever sent until now, this session or the one before, may have just used his.
fn begun<C: Clock>(
    rate: NonZeroU32,
    clock: C,
) -> RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>> {
    let quota = quota(rate);
    let limiter = RateLimiter::direct_with_clock(quota, clock);
    // A full limiter has room for exactly its burst.
    let _ = limiter.check_n(quota.burst_size());
    limiter
}

#[cfg(test)]
mod tests;
