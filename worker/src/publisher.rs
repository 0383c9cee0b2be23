//! Publishes live numbers to a Pusher app, if one is configured.

use std::collections::HashMap;
use std::time::Duration;

use domain::ids::CampaignId;
use runtime::telemetry::chain;
use service::Services;
use service::publishing::{self, Lead, PublishingError, PusherApp};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The shortest time between two publications of one campaign.
const PERIOD: Duration = Duration::from_millis(250);
/// How often to ask whether the process that publishes is gone, and to look without having heard of a change.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The longest wait before a publication is tried again.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// Publishes until stopped, while no other process does. `changed` counts what was announced.
pub async fn run(services: Services, changed: watch::Receiver<u64>, stop: CancellationToken) {
    let app = match publishing::app(&services) {
        Ok(Some(app)) => app,
        Ok(None) => return,
        Err(error) => {
            tracing::error!(%error, "nothing is published");
            return;
        }
    };
    stop.run_until_cancelled(publish(&services, &app, changed)).await;
}

async fn publish(services: &Services, app: &PusherApp, mut changed: watch::Receiver<u64>) {
    let mut wait = PERIOD;
    loop {
        match Lead::take(services).await {
            Ok(Some(lead)) => {
                let error = lead_until_it_fails(lead, services, app, &mut changed, &mut wait).await;
                metrics::counter!("fanfare_pusher_publications_total", "result" => "failed").increment(1);
                tracing::warn!(error = %chain(&error), retry_in_ms = wait.as_millis(), "not published; what changed stays noted");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(RETRY_MAX);
            }
            Ok(None) => tokio::time::sleep(LOOK_EVERY).await,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "nothing can be published");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

async fn lead_until_it_fails(
    mut lead: Lead,
    services: &Services,
    app: &PusherApp,
    changed: &mut watch::Receiver<u64>,
    wait: &mut Duration,
) -> PublishingError {
    let mut published_at: HashMap<CampaignId, Instant> = HashMap::new();
    loop {
        changed.mark_unchanged();
        published_at.retain(|_, at| at.elapsed() < PERIOD);
        let resting: Vec<CampaignId> = published_at.keys().copied().collect();
        let published = match lead.publish_changed(services, app, &resting).await {
            Ok(published) => published,
            Err(error) => return error,
        };
        *wait = PERIOD;
        metrics::counter!("fanfare_pusher_publications_total", "result" => "published")
            .increment(u64::try_from(published.len()).unwrap_or(0));
        let now = Instant::now();
        published_at.extend(published.into_iter().map(|campaign| (campaign, now)));
        // Those that rest may have changed since; they are looked at again when they have rested.
        let rested =
            published_at.values().min().map_or(LOOK_EVERY, |first| PERIOD.saturating_sub(first.elapsed()));
        if published_at.is_empty() {
            tokio::select! {
                _ = changed.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        } else {
            tokio::time::sleep(rested).await;
        }
    }
}
