//! What has to be done every now and then so that the tables stay in shape.

use std::time::Duration;

use runtime::telemetry::chain;
use service::Services;
use tokio_util::sync::CancellationToken;

/// How often partitions ahead are looked after.
const EVERY: Duration = Duration::from_secs(6 * 3_600);

/// Adds the partitions of the coming months until stopped.
pub async fn run(services: Services, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        if let Err(error) = service::database::add_partitions(&services).await {
            tracing::warn!(error = %chain(&error), "partitions of the coming months not added");
        }
    }
}
