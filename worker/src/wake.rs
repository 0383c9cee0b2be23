//! Hearing that there is something to do.

use std::time::Duration;

use runtime::telemetry::chain;
use service::Services;
use service::notifications::{Channel, Listener};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Wait before listening again after the connection was lost.
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// Counts notifications on a channel; each change means "look again". Also counts a lost connection, since what was
/// announced meanwhile was not heard.
pub async fn listen(services: Services, channel: Channel, wake: watch::Sender<u64>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match Listener::connect(&services, channel).await {
            Ok(mut listener) => {
                wake.send_modify(|count| *count = count.wrapping_add(1));
                loop {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        heard = listener.next() => match heard {
                            Ok(_) => wake.send_modify(|count| *count = count.wrapping_add(1)),
                            Err(error) => {
                                tracing::warn!(error = %chain(&error), "notifications lost");
                                break;
                            }
                        }
                    }
                }
            }
            Err(error) => {
                tracing::warn!(error = %chain(&error), "cannot listen for notifications; polling meanwhile")
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RECONNECT_AFTER) => {}
        }
    }
}
