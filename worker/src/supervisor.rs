//! Finds senders with something to send and drives each in a session of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ids::WorkerId;
use runtime::telemetry::chain;
use service::Services;
use service::channel_accounts::SendingAccount;
use service::dispatch::{self, SenderLease};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::countries::ClosedCountries;
use crate::options::WorkerOptions;
use crate::pace::Pace;
use crate::reach::Reach;
use crate::sender::{self, Session};
use crate::window::Window;

/// Takes senders until stopped, then waits for the sessions to end.
pub struct Supervisor {
    /// The use cases.
    pub services: Services,
    /// How to work.
    pub options: WorkerOptions,
    /// Changes when something may be ready.
    pub wake: watch::Receiver<u64>,
    /// Cancelled when the worker should stop.
    pub stop: CancellationToken,
}

impl Supervisor {
    /// Runs until stopped.
    pub async fn run(mut self) {
        let sessions = TaskTracker::new();
        let places = Arc::new(Semaphore::new(self.options.senders_max));
        let abandon = CancellationToken::new();
        while !self.stop.is_cancelled() {
            self.wake.mark_unchanged();
            let Some(place) = self.place(&places).await else { break };
            match self.acquire().await {
                Some((lease, id)) => {
                    let session = self.open(lease, id, &abandon);
                    sessions.spawn(async move {
                        if let Some(session) = session.await {
                            sender::drive(session).await;
                        }
                        drop(place);
                    });
                }
                None => self.wait().await,
            }
        }
        sessions.close();
        if tokio::time::timeout(self.options.stop_within, sessions.wait()).await.is_err() {
            tracing::warn!("answers are still missing; what is in the air is left to the sweep");
            abandon.cancel();
        }
    }

    async fn place(&self, places: &Arc<Semaphore>) -> Option<tokio::sync::OwnedSemaphorePermit> {
        tokio::select! {
            () = self.stop.cancelled() => None,
            place = Arc::clone(places).acquire_owned() => place.ok(),
        }
    }

    /// A session has an id of its own, so that leases of an earlier session are never taken for its own.
    async fn acquire(&self) -> Option<(SenderLease, WorkerId)> {
        let id = WorkerId::mint(self.services.clock.now(), service::clock::id_entropy());
        match dispatch::acquire_sender(&self.services, id, self.options.lease_ttl).await {
            Ok(lease) => lease.map(|lease| (lease, id)),
            Err(error) => {
                tracing::warn!(error = %chain(&error), "no sender acquired");
                None
            }
        }
    }

    /// Waits for a wake-up, or for the next look.
    async fn wait(&mut self) {
        let next_look = self.options.look_after(rand::random());
        tokio::select! {
            () = self.stop.cancelled() => {}
            _ = self.wake.changed() => {}
            () = tokio::time::sleep(next_look) => {}
        }
    }

    fn open(
        &self,
        lease: SenderLease,
        id: WorkerId,
        abandon: &CancellationToken,
    ) -> impl Future<Output = Option<Arc<Session>>> + use<> {
        let (services, options, wake) = (self.services.clone(), self.options, self.wake.clone());
        let (halt, abandon) = (self.stop.child_token(), abandon.clone());
        async move {
            let account = load(&services, lease, id).await?;
            let (plan, now) = (account.plan, Instant::now());
            let begin_at = lease.begin_at.unwrap_or(plan.rate_per_second);
            Some(Arc::new(Session {
                services,
                id,
                lease,
                lease_ttl: options.lease_ttl,
                batch_size: plan.batch_size,
                pace: Pace::new(plan.rate_per_second, begin_at, now),
                window: Window::new(now),
                retries: options.retries,
                transport: account.transport,
                wake,
                halt,
                abandon,
                stopped: std::sync::RwLock::default(),
                closed: ClosedCountries::default(),
                reach: Reach::default(),
            }))
        }
    }
}

/// Reads what is needed to send through an account. Gives the lease back when that fails.
async fn load(services: &Services, lease: SenderLease, id: WorkerId) -> Option<SendingAccount> {
    match service::channel_accounts::open_for_sending(services, lease.workspace, lease.channel_account).await
    {
        Ok(Some(account)) => return Some(account),
        Ok(None) => {
            tracing::warn!(channel_account.id = %lease.channel_account, "sender is not connected any more")
        }
        Err(error) => {
            tracing::error!(channel_account.id = %lease.channel_account, error = %chain(&error), "sender cannot be opened");
            // Held back for a moment by keeping the lease: nothing changes by asking again at once.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    if let Err(error) = dispatch::release_sender(services, id, lease).await {
        tracing::warn!(error = %chain(&error), "sender not released; its lease will run out");
    }
    None
}
