//! The record of everything the sandbox accepted, refused and reported. A client's own count must agree with it.

mod portfolios;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use self::portfolios::PortfolioRecord;
pub use self::portfolios::PortfolioSummary;

/// One accepted message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptedMessage {
    /// Message id given to the client.
    pub wamid: String,
    /// Number it was sent through.
    pub phone_number_id: String,
    /// WhatsApp id of the person, digits only.
    pub recipient: String,
    /// What the client wrote in `to`.
    pub input: String,
    /// Template name, or none for a free-form text.
    pub template: Option<String>,
    /// Template language.
    pub language: Option<String>,
    /// What the person reads: header, body and footer, with every variable filled in.
    pub text: String,
    /// The client's own reference, returned in every status.
    pub biz_opaque_callback_data: Option<String>,
    /// What pressing each quick-reply button sends back.
    pub quick_replies: Vec<QuickReply>,
    /// Unix milliseconds of acceptance.
    pub accepted_at_ms: u64,
}

/// A quick-reply button of a sent message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuickReply {
    /// Label.
    pub text: String,
    /// What comes back when it is pressed: the payload of the send, or the label.
    pub payload: String,
}

/// Counts over the whole life of the sandbox, or since the last reset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LedgerSummary {
    /// Messages answered with 200, plus those whose answer was cut off after acceptance.
    pub accepted: u64,
    /// Different people among them.
    pub distinct_recipients: u64,
    /// People to whom one and the same template was accepted more than once. What the sandbox itself reported as failed
    /// before does not count.
    pub repeated_recipients: u64,
    /// `biz_opaque_callback_data` values that were accepted more than once, by the same measure.
    pub repeated_callback_data: u64,
    /// Accepted messages of which no webhook tells.
    pub silenced: u64,
    /// Sends answered with an error, by code.
    pub refused: BTreeMap<u32, u64>,
    /// Most messages accepted within any one second, over all numbers.
    pub per_second_max: u64,
    /// Connections cut, before or after acceptance.
    pub connections_cut: u64,
    /// The same per phone-number id.
    pub numbers: BTreeMap<String, NumberSummary>,
    /// People written to, per portfolio id.
    pub portfolios: BTreeMap<String, PortfolioSummary>,
    /// What webhooks have told, duplicates not counted.
    pub reported: ReportedEvents,
    /// How posting them went.
    pub webhooks: WebhookCounts,
}

/// Counts of one number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NumberSummary {
    /// Accepted messages.
    pub accepted: u64,
    /// Refused sends by error code.
    pub refused: BTreeMap<u32, u64>,
    /// Most messages accepted within any one second.
    pub per_second_max: u64,
    /// Accepted messages in each of the last sixty clock seconds that had any, by Unix second.
    pub per_second: BTreeMap<u64, u64>,
}

/// Events put into webhooks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReportedEvents {
    /// `sent` statuses.
    pub sent: u64,
    /// `delivered` statuses.
    pub delivered: u64,
    /// `read` statuses.
    pub read: u64,
    /// `failed` statuses by error code.
    pub failed: BTreeMap<u32, u64>,
    /// Inbound messages.
    pub inbound: u64,
}

/// Webhook posts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WebhookCounts {
    /// Posts answered with 200.
    pub confirmed: u64,
    /// Posts that were answered otherwise or not at all, each try counted.
    pub failed_tries: u64,
    /// Posts given up after the last repetition.
    pub lost: u64,
    /// Posts with a wrong signature that were answered with 200. A sound client has none.
    pub forgeries_believed: u64,
    /// Events with nowhere to go: no callback address, or the account is not subscribed.
    pub undeliverable_events: u64,
}

/// A page of people and what was sent to them.
#[derive(Debug, Clone, Serialize)]
pub struct RecipientPage {
    /// People in the order of their first message.
    pub data: Vec<RecipientEntry>,
    /// Offset of the next page; none on the last.
    pub next_offset: Option<usize>,
}

/// One person in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecipientEntry {
    /// WhatsApp id, digits only.
    pub recipient: String,
    /// How many messages were accepted.
    pub accepted: usize,
    /// Whether one template was accepted more than once.
    pub repeated: bool,
    /// Ids of the messages, oldest first.
    pub wamids: Vec<String>,
}

/// How many clock seconds a number's per-second counts reach back.
const SECONDS_KEPT: usize = 60;

/// The record itself.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    messages: Vec<Arc<AcceptedMessage>>,
    recipients: Vec<Arc<str>>,
    by_recipient: HashMap<Arc<str>, Vec<usize>>,
    sent_templates: HashSet<(Arc<str>, u64)>,
    repeated_recipients: HashSet<Arc<str>>,
    callback_data: HashMap<String, u32>,
    repeated_callback_data: u64,
    silenced: HashSet<String>,
    refused: BTreeMap<u32, u64>,
    all: RateRecord,
    numbers: BTreeMap<String, NumberRecord>,
    portfolios: BTreeMap<String, PortfolioRecord>,
    windows: HashMap<(String, String), u64>,
    pub(crate) connections_cut: u64,
    pub(crate) reported: ReportedEvents,
    pub(crate) webhooks: WebhookCounts,
}

#[derive(Debug, Default)]
struct NumberRecord {
    refused: BTreeMap<u32, u64>,
    rate: RateRecord,
}

/// Counts per clock second and the peak of a one-second window that may start anywhere.
#[derive(Debug, Default)]
struct RateRecord {
    accepted: u64,
    window: VecDeque<u64>,
    window_max: usize,
    seconds: VecDeque<(u64, u64)>,
}

impl RateRecord {
    fn count(&mut self, now_ms: u64) {
        self.accepted += 1;
        self.window.push_back(now_ms);
        while self.window.front().is_some_and(|&first| first + 1_000 <= now_ms) {
            self.window.pop_front();
        }
        self.window_max = self.window_max.max(self.window.len());
        match self.seconds.back_mut() {
            Some((second, count)) if *second == now_ms / 1_000 => *count += 1,
            _ => self.seconds.push_back((now_ms / 1_000, 1)),
        }
        if self.seconds.len() > SECONDS_KEPT {
            self.seconds.pop_front();
        }
    }
}

impl Ledger {
    /// Records an acceptance. `template` identifies name and language for the search for repetitions.
    pub(crate) fn accept(&mut self, message: Arc<AcceptedMessage>, template: Option<u64>) {
        let index = self.messages.len();
        let recipient = match self.by_recipient.get_key_value(message.recipient.as_str()) {
            Some((known, _)) => Arc::clone(known),
            None => {
                let fresh: Arc<str> = message.recipient.as_str().into();
                self.recipients.push(Arc::clone(&fresh));
                fresh
            }
        };
        self.by_recipient.entry(Arc::clone(&recipient)).or_default().push(index);
        if let Some(template) = template
            && !self.sent_templates.insert((Arc::clone(&recipient), template))
        {
            self.repeated_recipients.insert(recipient);
        }
        if let Some(reference) = &message.biz_opaque_callback_data {
            let seen = self.callback_data.entry(reference.clone()).or_default();
            *seen += 1;
            self.repeated_callback_data += u64::from(*seen == 2);
        }
        self.all.count(message.accepted_at_ms);
        self.number(&message.phone_number_id).rate.count(message.accepted_at_ms);
        self.messages.push(message);
    }

    /// Counts a template message towards the limit of the portfolio whose number sent it.
    pub(crate) fn count_person(&mut self, portfolio_id: &str, recipient: &str, now_ms: u64) {
        self.portfolios.entry(portfolio_id.to_owned()).or_default().count(recipient, now_ms);
    }

    /// Lets everybody have been written to a day earlier than they were, as far as limits of portfolios go.
    pub(crate) fn age_people(&mut self, by_ms: u64) {
        for record in self.portfolios.values_mut() {
            record.age(by_ms);
        }
    }

    /// Records that no webhook will tell of a message.
    pub(crate) fn keep_silent_about(&mut self, wamid: &str) {
        self.silenced.insert(wamid.to_owned());
    }

    /// Messages of which no webhook tells.
    pub(crate) fn silenced(&self) -> Vec<String> {
        self.silenced.iter().cloned().collect()
    }

    /// Notes that a message is reported as failed: sending it again is no repetition.
    pub(crate) fn fail(&mut self, message: &AcceptedMessage, template: Option<u64>) {
        if let Some((recipient, _)) = self.by_recipient.get_key_value(message.recipient.as_str())
            && let Some(template) = template
        {
            self.sent_templates.remove(&(Arc::clone(recipient), template));
        }
        let seen =
            message.biz_opaque_callback_data.as_ref().and_then(|data| self.callback_data.get_mut(data));
        if let Some(seen) = seen {
            *seen = seen.saturating_sub(1);
        }
    }

    /// Records a refused send.
    pub(crate) fn refuse(&mut self, phone_number_id: &str, code: u32) {
        *self.refused.entry(code).or_default() += 1;
        *self.number(phone_number_id).refused.entry(code).or_default() += 1;
    }

    /// Opens or extends the 24-hour service window of a person with a number.
    pub(crate) fn open_window(&mut self, phone_number_id: &str, recipient: &str, now_ms: u64) {
        self.windows.insert((phone_number_id.to_owned(), recipient.to_owned()), now_ms);
    }

    /// Whether free-form messages may reach the person now.
    pub(crate) fn window_is_open(&self, phone_number_id: &str, recipient: &str, now_ms: u64) -> bool {
        const WINDOW_MS: u64 = 24 * 60 * 60 * 1_000;
        self.windows
            .get(&(phone_number_id.to_owned(), recipient.to_owned()))
            .is_some_and(|opened_at| now_ms < opened_at + WINDOW_MS)
    }

    fn number(&mut self, phone_number_id: &str) -> &mut NumberRecord {
        if !self.numbers.contains_key(phone_number_id) {
            self.numbers.insert(phone_number_id.to_owned(), NumberRecord::default());
        }
        self.numbers.entry(phone_number_id.to_owned()).or_default()
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.all.accepted
    }

    pub(crate) fn accepted_by(&self, phone_number_id: &str) -> u64 {
        self.numbers.get(phone_number_id).map_or(0, |number| number.rate.accepted)
    }

    /// Everything accepted for one person, oldest first.
    pub(crate) fn messages_to(&self, recipient: &str) -> Vec<Arc<AcceptedMessage>> {
        let indices = self.by_recipient.get(recipient).map_or(&[][..], Vec::as_slice);
        indices.iter().map(|&index| Arc::clone(&self.messages[index])).collect()
    }

    /// Accepted messages in order of acceptance.
    pub(crate) fn messages(&self, offset: usize, limit: usize) -> Vec<Arc<AcceptedMessage>> {
        self.messages.iter().skip(offset).take(limit).cloned().collect()
    }

    /// People to whom one template was accepted more than once, sorted.
    pub(crate) fn repeated_recipients(&self) -> Vec<String> {
        let mut repeated: Vec<String> = self.repeated_recipients.iter().map(|id| id.to_string()).collect();
        repeated.sort();
        repeated
    }

    /// A page of people, all or only those with repetitions.
    pub(crate) fn recipients(&self, offset: usize, limit: usize, repeated_only: bool) -> RecipientPage {
        let mut wanted = self
            .recipients
            .iter()
            .filter(|recipient| !repeated_only || self.repeated_recipients.contains(*recipient))
            .skip(offset);
        let data: Vec<_> =
            wanted.by_ref().take(limit).map(|recipient| self.recipient_entry(recipient)).collect();
        let next_offset = wanted.next().map(|_| offset + data.len());
        RecipientPage { data, next_offset }
    }

    fn recipient_entry(&self, recipient: &Arc<str>) -> RecipientEntry {
        let indices = self.by_recipient.get(recipient).map_or(&[][..], Vec::as_slice);
        RecipientEntry {
            recipient: recipient.to_string(),
            accepted: indices.len(),
            repeated: self.repeated_recipients.contains(recipient),
            wamids: indices.iter().map(|&index| self.messages[index].wamid.clone()).collect(),
        }
    }

    pub(crate) fn summary(&self) -> LedgerSummary {
        let numbers = self.numbers.iter().map(|(id, record)| (id.clone(), record.summary())).collect();
        LedgerSummary {
            accepted: self.all.accepted,
            distinct_recipients: self.recipients.len() as u64,
            repeated_recipients: self.repeated_recipients.len() as u64,
            repeated_callback_data: self.repeated_callback_data,
            silenced: self.silenced.len() as u64,
            refused: self.refused.clone(),
            per_second_max: self.all.window_max as u64,
            connections_cut: self.connections_cut,
            numbers,
            portfolios: self.portfolios.iter().map(|(id, record)| (id.clone(), record.summary())).collect(),
            reported: self.reported.clone(),
            webhooks: self.webhooks.clone(),
        }
    }
}

impl NumberRecord {
    fn summary(&self) -> NumberSummary {
        NumberSummary {
            accepted: self.rate.accepted,
            refused: self.refused.clone(),
            per_second_max: self.rate.window_max as u64,
            per_second: self.rate.seconds.iter().copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
