//! Recovery as a service of its own: what dead workers left, and whether the counts are true.

use std::time::{Duration, Instant};

use runtime::telemetry::chain;
use service::Services;
use service::dispatch;
use tokio_util::sync::CancellationToken;

use crate::options::WorkerOptions;

/// Dispatches looked at in one round.
const DISPATCHES_MAX: i64 = 100;
/// How often the counts are compared with the rows.
const PROVE_EVERY: Duration = Duration::from_secs(60);

/// Sweeps until stopped.
pub async fn run(services: Services, options: WorkerOptions, stop: CancellationToken) {
    let lease_ttl = options.lease_ttl;
    let mut rounds = tokio::time::interval(options.sweep_every());
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut proofs = tokio::time::interval(PROVE_EVERY);
    proofs.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut in_contact_since = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => sweep(&services, lease_ttl, &mut in_contact_since).await,
            _ = proofs.tick() => prove(&services).await,
        }
    }
}

/// Sweeps once the database has answered without a break for the time of one lease.
///
/// While Postgres was away nobody could renew. Whoever lives renews within that time after it is back; only a worker
/// that does not is lost, and what it had in the air is in doubt.
async fn sweep(services: &Services, lease_ttl: Duration, in_contact_since: &mut Option<Instant>) {
    if service::database::ready(services).await.is_err() {
        *in_contact_since = None;
        return;
    }
    if in_contact_since.get_or_insert_with(Instant::now).elapsed() < lease_ttl {
        return;
    }
    match dispatch::sweep(services, DISPATCHES_MAX).await {
        Ok(swept) => {
            for (dispatch, found) in swept {
                metrics::counter!("fanfare_swept_batches_total").increment(found.batches);
                metrics::counter!("fanfare_swept_unknown_total")
                    .increment(u64::try_from(found.unknown).unwrap_or(0));
                tracing::warn!(dispatch.id = %dispatch, batches = found.batches, unknown = found.unknown, "batches of a lost worker taken back");
            }
        }
        Err(error) => {
            *in_contact_since = None;
            tracing::warn!(error = %chain(&error), "sweep failed");
        }
    }
}

async fn prove(services: &Services) {
    match dispatch::prove_counts(services, DISPATCHES_MAX).await {
        Ok(differing) => {
            metrics::gauge!("fanfare_dispatches_with_wrong_counts").set(differing.len() as f64);
            for dispatch in differing {
                tracing::error!(dispatch.id = %dispatch, "counts differ from the recipients");
            }
        }
        Err(error) => tracing::warn!(error = %chain(&error), "counts not proven"),
    }
}
