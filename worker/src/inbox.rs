//! Turns stored webhooks into what they mean.

use std::time::Duration;

use runtime::telemetry::chain;
use service::Services;
use service::webhooks;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Webhooks in one transaction.
const WEBHOOKS_MAX: i64 = 500;
/// Wait before asking a database again that did not answer.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Processes webhooks until stopped: at once when one is announced, and every now and then in case none was heard.
pub async fn run(
    services: Services,
    mut wake: watch::Receiver<u64>,
    poll_every: Duration,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        wake.mark_unchanged();
        let wait = match webhooks::apply_stored(&services, WEBHOOKS_MAX).await {
            Ok(done) if done.webhooks > 0 || done.unreadable > 0 => {
                metrics::counter!("fanfare_webhooks_processed_total").increment(done.webhooks as u64);
                metrics::counter!("fanfare_webhook_events_total", "kind" => "status")
                    .increment(done.events as u64);
                metrics::counter!("fanfare_webhook_events_total", "kind" => "message")
                    .increment(done.messages as u64);
                if done.unreadable > 0 {
                    metrics::counter!("fanfare_webhooks_unreadable_total").increment(done.unreadable as u64);
                    tracing::warn!(webhooks = done.unreadable, "webhooks set aside that cannot be read");
                }
                continue;
            }
            Ok(_) => poll_every,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "webhooks not processed yet");
                RETRY_AFTER
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            _ = wake.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}
