//! One sender driven by this worker, from taking its lease to giving it back.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use channels::{PreparedMessage, Transport};
use domain::delivery::{PauseReason, ProviderCode};
use domain::ids::{DispatchId, WorkerId};
use domain::retry::RetryPolicy;
use runtime::telemetry::chain;
use service::Services;
use service::dispatch::{self, PauseCause, SenderLease, Speed};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answer::Halt;
use crate::countries::ClosedCountries;
use crate::feeder::{Feeder, OUTBOX_MAX};
use crate::ledger::{ENTRIES_MAX, Ledger};
use crate::pace::Pace;
use crate::pump;
use crate::reach::Reach;
use crate::window::Window;

/// What the parts of a session share.
pub struct Session {
    /// The use cases.
    pub services: Services,
    /// Owner of the leases; new for each session, so that nothing of an earlier one is mistaken for ours.
    pub id: WorkerId,
    /// The sender.
    pub lease: SenderLease,
    /// How long leases last without being renewed.
    pub lease_ttl: Duration,
    /// Recipients in a batch by the sender's plan.
    pub batch_size: NonZeroU32,
    /// The rate at the moment.
    pub pace: Pace,
    /// Requests under way.
    pub window: Window,
    /// When a refused message is tried again.
    pub retries: RetryPolicy,
    /// What sends.
    pub transport: Transport,
    /// Changes whenever a campaign was launched, paused, resumed or cancelled.
    pub wake: watch::Receiver<u64>,
    /// Cancelled when nothing more may be handed over.
    pub halt: CancellationToken,
    /// Cancelled when not even recording may be waited for.
    pub abandon: CancellationToken,
    /// Dispatches that were stopped.
    pub stopped: RwLock<HashSet<DispatchId>>,
    /// Where nobody can be written to.
    pub closed: ClosedCountries,
    /// Whether the provider is reached.
    pub reach: Reach,
}

impl Session {
    /// Whether recipients of this dispatch must not leave any more.
    pub fn is_stopped(&self, dispatch: DispatchId) -> bool {
        self.halt.is_cancelled()
            || self.stopped.read().unwrap_or_else(PoisonError::into_inner).contains(&dispatch)
    }

    /// Stops a dispatch before the database says so.
    pub fn stop_dispatch(&self, dispatch: DispatchId) {
        self.stopped.write().unwrap_or_else(PoisonError::into_inner).insert(dispatch);
    }

    /// Reads what a dispatch sends. `None` when that cannot be sent: then the dispatch is paused, or the session ends
    /// because the database does not answer.
    pub async fn prepare(&self, dispatch: DispatchId) -> Option<Arc<PreparedMessage>> {
        let workspace = self.lease.workspace;
        let problem = match dispatch::content(&self.services, workspace, dispatch).await {
            Ok(Some(template)) => match self.transport.prepare(&template) {
                Ok(message) => return Some(Arc::new(message)),
                Err(reason) => reason.to_string(),
            },
            Ok(None) => "what this campaign sends is not there any more".to_owned(),
            Err(error) => {
                tracing::warn!(dispatch.id = %dispatch, error = %chain(&error), "content not read; the session ends");
                self.halt.cancel();
                return None;
            }
        };
        self.stop_dispatch(dispatch);
        let cause = PauseCause::Provider {
            reason: PauseReason::TemplateMissing.as_str().to_owned(),
            detail: problem,
        };
        self.pause(dispatch, &cause).await;
        None
    }

    async fn pause(&self, dispatch: DispatchId, cause: &PauseCause) {
        if let Err(error) = dispatch::pause(&self.services, self.lease.workspace, dispatch, cause).await {
            tracing::error!(dispatch.id = %dispatch, error = %chain(&error), "dispatch not paused; the session ends");
            self.halt.cancel();
        }
    }
}

/// Drives a sender until it has nothing to send for a while, its lease is lost, or the session is told to stop.
pub async fn drive(session: Arc<Session>) {
    let (entries, entries_in) = mpsc::channel(ENTRIES_MAX);
    let (outbox, inbox) = mpsc::channel(OUTBOX_MAX);
    let (halts, halts_in) = mpsc::channel(16);
    let tasks = TaskTracker::new();
    let ended = CancellationToken::new();

    let ledger =
        Ledger { services: session.services.clone(), session: session.id, abandon: session.abandon.clone() };
    tasks.spawn(keep_lease(Arc::clone(&session), ended.clone()));
    tasks.spawn(follow_control(Arc::clone(&session), ended.clone()));
    let halting = tasks.spawn(obey(Arc::clone(&session), halts_in));
    let recording = tasks.spawn(ledger.run(entries_in));
    let pumping = tasks.spawn(pump::run(Arc::clone(&session), inbox, entries.clone(), halts));

    Feeder::new(Arc::clone(&session), entries, outbox).run().await;
    // In this order each sees the end of its channel: no more to send, no more answers, no more halts.
    for part in [pumping, recording, halting] {
        if let Err(error) = part.await {
            tracing::error!(error = %chain(&error), "a part of the session panicked");
        }
    }
    ended.cancel();
    tasks.close();
    tasks.wait().await;
    if let Err(error) = dispatch::release_sender(&session.services, session.id, session.lease).await {
        tracing::warn!(error = %chain(&error), "sender not released; its lease will run out");
    }
}

/// Renews the leases, tells how fast the sender goes and learns its present plan. When they cannot be renewed in time, or were taken, nothing more is handed over.
async fn keep_lease(session: Arc<Session>, ended: CancellationToken) {
    let every = session.lease_ttl / 3;
    let mut renewed_at = Instant::now();
    loop {
        tokio::select! {
            () = ended.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
        let asked_at = Instant::now();
        let throttled_ago = session.pace.throttled_at().map(|at| asked_at.duration_since(at));
        let unreachable_for = session.reach.lost_for(asked_at);
        let speed = Speed { rate_now: session.pace.rate(), throttled_ago, unreachable_for };
        match dispatch::renew_sender(&session.services, session.id, session.lease, session.lease_ttl, speed)
            .await
        {
            Ok(Some(plan)) => {
                renewed_at = asked_at;
                session.pace.follow_plan(plan.rate_per_second, asked_at);
            }
            Ok(None) => {
                tracing::warn!(channel_account.id = %session.lease.channel_account, "sender lease lost");
                session.halt.cancel();
                return;
            }
            Err(error) => {
                tracing::warn!(error = %chain(&error), age_ms = renewed_at.elapsed().as_millis(), "lease not renewed");
            }
        }
    }
}

/// Learns of paused and cancelled dispatches, and of resumed ones.
async fn follow_control(session: Arc<Session>, ended: CancellationToken) {
    let mut wake = session.wake.clone();
    let mut known: HashSet<DispatchId> = HashSet::new();
    loop {
        tokio::select! {
            () = ended.cancelled() => return,
            changed = wake.changed() => if changed.is_err() { return },
        }
        match dispatch::stopped_on(&session.services, session.lease.workspace, session.lease.channel_account)
            .await
        {
            Ok(stopped) => {
                known.clear();
                known.extend(stopped);
                *session.stopped.write().unwrap_or_else(PoisonError::into_inner) = known.clone();
            }
            Err(error) => tracing::warn!(error = %chain(&error), "stopped dispatches not read"),
        }
    }
}

/// Carries out what the provider's answers demand.
async fn obey(session: Arc<Session>, mut halts: mpsc::Receiver<Halt>) {
    let mut obeyed: HashSet<DispatchId> = HashSet::new();
    let mut sender_stopped = false;
    while let Some(halt) = halts.recv().await {
        match halt {
            Halt::Dispatch(dispatch, reason, code) => {
                if obeyed.insert(dispatch) {
                    let cause = PauseCause::provider(reason, &words(reason, code));
                    session.pause(dispatch, &cause).await;
                }
            }
            Halt::Sender(reason, code) => {
                if !std::mem::replace(&mut sender_stopped, true) {
                    stop_sender(&session, reason, code).await;
                }
            }
        }
    }
}

fn words(reason: PauseReason, code: ProviderCode) -> String {
    format!("{} ({code})", reason.label())
}

async fn stop_sender(session: &Session, reason: PauseReason, code: ProviderCode) {
    let (workspace, account) = (session.lease.workspace, session.lease.channel_account);
    let words = words(reason, code);
    if let Err(error) = dispatch::pause_sender(&session.services, workspace, account, reason, &words).await {
        tracing::error!(channel_account.id = %account, error = %chain(&error), "sender not paused");
    }
}
