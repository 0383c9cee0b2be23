//! Message ids of the shape Meta's have: `wamid.` and base64 of a small binary record holding the other party's
//! digits, the direction, and eighteen hexadecimal characters that are never given twice.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::behaviour::mix;

/// Makes message ids. Two ids of one generator never agree, because the counter goes through a bijection.
#[derive(Debug)]
pub(crate) struct WamidGenerator {
    next: AtomicU64,
}

/// Who sent the message, from the business's point of view.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Direction {
    /// Sent by the business.
    Outbound,
    /// Sent by a person.
    Inbound,
}

impl WamidGenerator {
    /// A generator whose first id depends on the time, so that two runs of the sandbox do not repeat each other.
    pub(crate) fn starting_at(start: u64) -> Self {
        Self { next: AtomicU64::new(start) }
    }

    /// A fresh id of a message from or to the person with these digits.
    pub(crate) fn next(&self, direction: Direction, digits: &str) -> String {
        let unique = mix(self.next.fetch_add(1, Ordering::Relaxed));
        let mut record = Vec::with_capacity(48);
        record.extend_from_slice(&[0x1c, 0x18]);
        record.push(u8::try_from(digits.len()).unwrap_or(u8::MAX));
        record.extend_from_slice(digits.as_bytes());
        let marker = match direction {
            Direction::Outbound => 0x11,
            Direction::Inbound => 0x12,
        };
        record.extend_from_slice(&[0x15, 0x02, 0x00, marker, 0x18, 0x12]);
        record.extend_from_slice(format!("3E{unique:016X}").as_bytes());
        record.push(0);
        format!("wamid.{}", STANDARD.encode(record))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Direction, WamidGenerator};

    #[test]
    fn ids_look_like_metas_and_never_repeat() {
        let ids = WamidGenerator::starting_at(7);
        let made: HashSet<String> =
            (0..10_000).map(|_| ids.next(Direction::Outbound, "5511900000001")).collect();
        assert_eq!(made.len(), 10_000);
        assert!(made.iter().all(|id| id.starts_with("wamid.HBgNNTUx")));
    }
}
