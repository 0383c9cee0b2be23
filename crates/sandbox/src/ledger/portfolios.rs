//! How many different people a portfolio wrote to in a rolling day, over all its numbers.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// What one portfolio's numbers sent as templates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PortfolioSummary {
    /// Different people in the last 24 hours before its latest message.
    pub people: u64,
    /// Most different people in any 24 hours. Never above its limit, if the client is sound.
    pub people_in_a_day_max: u64,
}

/// The people of the last day, and the most there ever were.
#[derive(Debug, Default)]
pub(super) struct PortfolioRecord {
    /// The latest message to each person.
    latest: HashMap<String, u64>,
    /// Every message of the day, oldest first.
    messages: VecDeque<(u64, String)>,
    people_max: usize,
}

impl PortfolioRecord {
    pub(super) fn count(&mut self, recipient: &str, now_ms: u64) {
        self.latest.insert(recipient.to_owned(), now_ms);
        self.messages.push_back((now_ms, recipient.to_owned()));
        while self.messages.front().is_some_and(|(at, _)| at + DAY_MS <= now_ms) {
            if let Some((at, recipient)) = self.messages.pop_front()
                && self.latest.get(&recipient) == Some(&at)
            {
                self.latest.remove(&recipient);
            }
        }
        self.people_max = self.people_max.max(self.latest.len());
    }

    /// As if everything had been sent so much earlier.
    pub(super) fn age(&mut self, by_ms: u64) {
        for at in self.latest.values_mut().chain(self.messages.iter_mut().map(|(at, _)| at)) {
            *at = at.saturating_sub(by_ms);
        }
    }

    pub(super) fn summary(&self) -> PortfolioSummary {
        PortfolioSummary { people: self.latest.len() as u64, people_in_a_day_max: self.people_max as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, PortfolioRecord};

    #[test]
    fn a_person_counts_until_a_day_after_their_latest_message() {
        let mut record = PortfolioRecord::default();
        record.count("351910000001", 0);
        record.count("351910000002", 1_000);
        record.count("351910000001", 2_000);
        assert_eq!(record.summary().people, 2);
        record.count("351910000003", DAY_MS + 1_500);
        assert_eq!((record.summary().people, record.summary().people_in_a_day_max), (2, 2));
        record.count("351910000004", DAY_MS + 1_999);
        assert_eq!(record.summary().people_in_a_day_max, 3);
        record.age(DAY_MS);
        record.count("351910000005", DAY_MS + 2_000);
        assert_eq!((record.summary().people, record.summary().people_in_a_day_max), (1, 3));
    }
}
