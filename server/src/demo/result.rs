//! How the campaign ended, for people and machines.

use anyhow::bail;
use serde::Serialize;
use service::campaigns::DispatchRow;

/// The last line of the demonstration.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DemoResult {
    /// Everyone in the campaign.
    pub audience: i32,
    /// Accepted by the sandbox and not reported as failed.
    pub accepted: i32,
    /// Refused, or reported as failed.
    pub failed: i32,
    /// Never tried, on purpose.
    pub skipped: i32,
    /// In doubt.
    pub unknown: i32,
    /// Delivered.
    pub delivered: i32,
    /// Read.
    pub read: i32,
    /// Replied.
    pub replied: i32,
    /// From the launch to the last recipient being settled.
    pub seconds: f64,
    /// Handed over per second.
    pub messages_per_second: f64,
    /// Messages that the sandbox accepted more than once.
    pub duplicates: i64,
    #[serde(skip)]
    pending: i32,
}

impl DemoResult {
    /// What the ledger and the sandbox say.
    pub fn of(dispatch: &DispatchRow, seconds: f64, duplicates: i64) -> Self {
        let handed_over = f64::from(dispatch.sent + dispatch.failed + dispatch.unknown);
        let tenths = |value: f64| (value * 10.0).round() / 10.0;
        Self {
            audience: dispatch.audience,
            accepted: dispatch.sent,
            failed: dispatch.failed,
            skipped: dispatch.skipped,
            unknown: dispatch.unknown,
            delivered: dispatch.delivered,
            read: dispatch.read,
            replied: dispatch.replied,
            seconds: tenths(seconds),
            messages_per_second: tenths(handed_over / seconds.max(0.001)),
            duplicates,
            pending: dispatch.pending,
        }
    }

    /// As one line of JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As a sentence.
    pub fn summary(&self) -> String {
        format!(
            "{} people: {} submitted, {} failed, {} skipped, {} unknown. {} delivered, {} read, {} replied. {:.1} s, {:.0} a second. \
             Nobody was messaged twice: {}.",
            self.audience,
            self.accepted,
            self.failed,
            self.skipped,
            self.unknown,
            self.delivered,
            self.read,
            self.replied,
            self.seconds,
            self.messages_per_second,
            if self.duplicates == 0 { "true" } else { "FALSE" },
        )
    }

    /// # Errors
    ///
    /// If a single person is unaccounted for, or was messaged twice.
    pub fn check(&self) -> anyhow::Result<()> {
        let accounted = self.accepted + self.failed + self.skipped + self.unknown;
        if accounted != self.audience || self.pending != 0 {
            bail!("{} of {} people are unaccounted for", self.audience - accounted, self.audience);
        }
        if self.duplicates != 0 {
            bail!("{} messages were accepted twice", self.duplicates);
        }
        if self.delivered > self.accepted || self.read > self.delivered {
            bail!("more were delivered or read than were sent");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result() -> DemoResult {
        DemoResult {
            audience: 10,
            accepted: 7,
            failed: 1,
            skipped: 2,
            unknown: 0,
            delivered: 6,
            read: 3,
            replied: 1,
            seconds: 1.0,
            messages_per_second: 8.0,
            duplicates: 0,
            pending: 0,
        }
    }

    #[test]
    fn what_adds_up_passes_and_nothing_else() {
        assert!(result().check().is_ok());
        assert!(DemoResult { accepted: 6, ..result() }.check().is_err());
        assert!(DemoResult { duplicates: 1, ..result() }.check().is_err());
        assert!(DemoResult { pending: 1, accepted: 6, ..result() }.check().is_err());
        assert!(DemoResult { delivered: 8, ..result() }.check().is_err());
    }

    #[test]
    fn the_json_has_the_documented_keys_and_no_other() {
        let json: serde_json::Value = serde_json::from_str(&result().json()).expect("JSON");
        let keys: Vec<&str> = json.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 11, "{keys:?}");
        assert!(!keys.contains(&"pending"));
    }
}
