//! One way to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by the first SIGTERM or SIGINT.
///
/// A second signal ends the process at once, with status 130: whoever presses Ctrl-C twice does not want to wait.
/// Must be called inside a Tokio runtime.
///
/// # Errors
///
/// If the process may not listen to signals.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let stopping = token.clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "lives as long as the process and outlives every tracked task"
    )]
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what is under way; a second signal stops at once");
        stopping.cancel();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::warn!("stopped by a second signal");
        std::process::exit(130);
    });
    Ok(token)
}
