//! Everything a running sandbox holds. Each part has its own lock; none is held across an await.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::behaviour::Behaviour;
use crate::config::SandboxConfig;
use crate::delivery::DeliveryQueue;
use crate::faults::Faults;
use crate::ledger::Ledger;
use crate::phones::PhoneBook;
use crate::rate::{RateLimit, Rates};
use crate::wamid::WamidGenerator;
use crate::world::World;

/// The state behind every handler.
#[derive(Debug)]
pub(crate) struct SandboxState {
    world: RwLock<World>,
    behaviour: RwLock<Arc<Behaviour>>,
    rate: RwLock<RateLimit>,
    faults: Mutex<Faults>,
    rates: Mutex<Rates>,
    ledger: Mutex<Ledger>,
    phones: Mutex<PhoneBook>,
    pub(crate) wamids: WamidGenerator,
    pub(crate) deliveries: DeliveryQueue,
    pub(crate) http: reqwest::Client,
    pub(crate) pair_limit: bool,
    pub(crate) template_page_max: usize,
    pub(crate) base_url: String,
    pub(crate) shutdown: CancellationToken,
    pub(crate) tasks: TaskTracker,
    started: World,
    requests: AtomicU64,
}

impl SandboxState {
    pub(crate) fn new(config: SandboxConfig, base_url: String, http: reqwest::Client) -> Self {
        Self {
            started: config.world.clone(),
            world: RwLock::new(config.world),
            behaviour: RwLock::new(Arc::new(config.behaviour)),
            rate: RwLock::new(config.rate),
            faults: Mutex::default(),
            rates: Mutex::default(),
            ledger: Mutex::default(),
            phones: Mutex::default(),
            wamids: WamidGenerator::starting_at(now_ms() << 20),
            deliveries: DeliveryQueue::default(),
            http,
            pair_limit: config.pair_limit,
            template_page_max: config.template_page_max.max(1),
            base_url,
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            requests: AtomicU64::new(0),
        }
    }

    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn behaviour(&self) -> Arc<Behaviour> {
        Arc::clone(&self.behaviour.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_behaviour(&self, behaviour: Behaviour) {
        *self.behaviour.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(behaviour);
    }

    pub(crate) fn rate(&self) -> RateLimit {
        *self.rate.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_rate(&self, rate: RateLimit) {
        *self.rate.write().unwrap_or_else(PoisonError::into_inner) = rate;
        self.rates().reset();
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rates(&self) -> MutexGuard<'_, Rates> {
        self.rates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn phones(&self) -> MutexGuard<'_, PhoneBook> {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request that draws at random, so that each draws anew.
    pub(crate) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// Back to the start: an empty ledger, no faults, nothing scheduled, and the tokens, templates and numbers as
    /// configured. The callback address, the subscriptions and the behaviour stay.
    pub(crate) fn reset(&self) {
        self.deliveries.clear();
        *self.ledger() = Ledger::default();
        self.phones().reset();
        self.rates().reset();
        self.faults().replace(Vec::new());
        let mut world = self.world_mut();
        world.tokens.clone_from(&self.started.tokens);
        world.portfolios.clone_from(&self.started.portfolios);
        world.templates.clone_from(&self.started.templates);
        for (id, number) in &self.started.numbers {
            let override_callback = world.numbers.get(id).and_then(|now| now.override_callback.clone());
            world.numbers.insert(id.clone(), crate::world::Number { override_callback, ..number.clone() });
        }
    }
}

/// Unix milliseconds.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
