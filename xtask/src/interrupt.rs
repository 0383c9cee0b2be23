//! Ctrl-C and its relatives: remembered here, acted on by whoever waits, so that everything started is stopped again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// One press may arrive as several signals, one for us and one for our group.
const SAME_PRESS: Duration = Duration::from_secs(1);

/// Starts to listen. Asking again ends the process at once, for whoever cannot wait for an orderly end.
pub fn watch() {
    let mut signals = match Signals::new([SIGINT, SIGTERM, SIGHUP]) {
        Ok(signals) => signals,
        Err(error) => {
            eprintln!("  · signals cannot be watched, so Ctrl-C will leave processes behind: {error}");
            return;
        }
    };
    thread::spawn(move || {
        let mut first = None;
        for _ in signals.forever() {
            REQUESTED.store(true, Ordering::SeqCst);
            let since = first.get_or_insert_with(Instant::now).elapsed();
            if since > SAME_PRESS {
                std::process::exit(130);
            }
        }
    });
}

/// Whether the user asked us to stop.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Waits, unless the user asks us to stop.
pub fn pause(duration: Duration) -> Result<()> {
    thread::sleep(duration);
    if requested() {
        bail!("interrupted");
    }
    Ok(())
}
