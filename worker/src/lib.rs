//! The sending process.
//!
//! A supervisor takes senders that have something to send; each is driven in a session of its own: a feeder claims
//! batches and opens handovers, a pump sends at the sender's pace, a ledger records outcomes in bulk. Beside them run
//! the sweeper, which recovers what dead workers left, and the inbox, which turns stored webhooks into states.
//!
//! This crate knows no SQL and no provider: it arranges `service` and `channels` in time.

mod answer;
mod books;
mod countries;
mod feeder;
mod inbox;
mod ledger;
mod maintenance;
mod options;
mod pace;
mod publisher;
mod pump;
mod reach;
mod sender;
mod supervisor;
mod sweeper;
mod wake;
mod window;

use service::Services;
use service::notifications::Channel;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use options::WorkerOptions;

/// Works until stopped: then nothing more is claimed, answers on their way are awaited and recorded, leases are given
/// back.
pub async fn run(services: Services, options: WorkerOptions, stop: CancellationToken) {
    let tasks = TaskTracker::new();
    let (control, control_seen) = watch::channel(0);
    let (stored, stored_seen) = watch::channel(0);
    tasks.spawn(wake::listen(services.clone(), Channel::Control, control, stop.clone()));
    tasks.spawn(wake::listen(services.clone(), Channel::WebhookStored, stored, stop.clone()));
    let (changed, changed_seen) = watch::channel(0);
    if services.settings.pusher.is_some() {
        tasks.spawn(wake::listen(services.clone(), Channel::DispatchChanged, changed, stop.clone()));
        tasks.spawn(publisher::run(services.clone(), changed_seen, stop.clone()));
    }
    tasks.spawn(sweeper::run(services.clone(), options, stop.clone()));
    tasks.spawn(inbox::run(services.clone(), stored_seen, options.poll_every, stop.clone()));
    tasks.spawn(maintenance::run(services.clone(), options.refresh_every, stop.clone()));
    supervisor::Supervisor { services, options, wake: control_seen, stop }.run().await;
    tasks.close();
    tasks.wait().await;
}
