//! What the user sees while something takes its time. All of it goes to stderr: stdout belongs to results.

use std::time::{Duration, Instant};

use anyhow::Result;

/// A heading for a part of the run.
pub fn heading(text: &str) {
    eprintln!("\n── {text} {}", "─".repeat(72usize.saturating_sub(text.chars().count())));
}

/// Something the user should know, without a duration.
pub fn note(text: &str) {
    eprintln!("  · {text}");
}

/// Says what is being done, does it, and says how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("  › {what} …");
    let started = Instant::now();
    let result = work()?;
    eprintln!("  ✓ {what} ({})", seconds(started.elapsed()));
    Ok(result)
}

/// A duration for people.
pub fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0..100 => format!("{:.1} s", duration.as_secs_f64()),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

/// A size for people.
pub fn kilobytes(bytes: u64) -> String {
    format!("{:.1} KB", bytes as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well_at_both_ends() {
        assert_eq!(seconds(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(605)), "10 min 05 s");
    }
}
