//! What the latest recipients' phones show, for the page at `/`. Bounded: old phones are forgotten.

use std::collections::HashMap;

use crate::world::{Button, Header, Template};

/// Phones remembered; the page shows the latest of them.
const PHONES_MAX: usize = 240;
/// Bubbles remembered per phone.
const BUBBLES_MAX: usize = 30;

/// One chat bubble.
#[derive(Debug, Clone)]
pub(crate) struct Bubble {
    pub(crate) wamid: String,
    pub(crate) from_business: bool,
    pub(crate) content: BubbleContent,
    pub(crate) at_ms: u64,
    pub(crate) mark: Mark,
}

/// The parts of a bubble.
#[derive(Debug, Clone, Default)]
pub(crate) struct BubbleContent {
    pub(crate) header: Option<String>,
    pub(crate) body: String,
    pub(crate) footer: Option<String>,
    pub(crate) buttons: Vec<String>,
}

impl BubbleContent {
    pub(crate) fn text(body: &str) -> Self {
        Self { body: body.to_owned(), ..Self::default() }
    }

    /// A template whose header and body already have their values.
    pub(crate) fn template(template: &Template, header: Option<String>, body: String) -> Self {
        let header = header.or_else(|| match &template.header {
            Some(Header::Media { format }) => Some(format!("[{}]", format.to_lowercase())),
            _ => None,
        });
        let buttons = template.buttons.iter().map(|button| match button {
            Button::QuickReply { text } | Button::Url { text, .. } | Button::PhoneNumber { text, .. } => {
                text.clone()
            }
        });
        Self { header, body, footer: template.footer.clone(), buttons: buttons.collect() }
    }

    /// The whole text, paragraphs apart, as the ledger keeps it.
    pub(crate) fn as_text(&self) -> String {
        let parts = [self.header.as_deref(), Some(self.body.as_str()), self.footer.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Accepted,
    Sent,
    Delivered,
    Read,
    Failed(u32),
}

/// One phone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phone {
    pub(crate) recipient: String,
    pub(crate) sender: String,
    pub(crate) bubbles: Vec<Bubble>,
    touched: u64,
}

/// The latest phones.
#[derive(Debug, Default)]
pub(crate) struct PhoneBook {
    phones: HashMap<String, Phone>,
    clock: u64,
}

impl PhoneBook {
    /// Shows a bubble on a phone, making it the latest.
    pub(crate) fn show(&mut self, recipient: &str, sender: &str, bubble: Bubble) {
        self.clock += 1;
        let phone = self.phones.entry(recipient.to_owned()).or_default();
        if phone.recipient.is_empty() {
            phone.recipient = recipient.to_owned();
        }
        if phone.sender != sender {
            phone.sender = sender.to_owned();
        }
        phone.touched = self.clock;
        if phone.bubbles.len() >= BUBBLES_MAX {
            phone.bubbles.remove(0);
        }
        phone.bubbles.push(bubble);
        if self.phones.len() >= PHONES_MAX * 2 {
            self.forget_oldest();
        }
    }

    /// Moves a message's mark forward; never back.
    pub(crate) fn mark(&mut self, recipient: &str, wamid: &str, mark: Mark) {
        let Some(phone) = self.phones.get_mut(recipient) else { return };
        if let Some(bubble) = phone.bubbles.iter_mut().find(|bubble| bubble.wamid == wamid) {
            bubble.mark = bubble.mark.max(mark);
        }
    }

    /// The phones whose number contains `digits`, latest first.
    pub(crate) fn latest(&self, limit: usize, digits: &str) -> Vec<Phone> {
        let mut phones: Vec<&Phone> =
            self.phones.values().filter(|phone| phone.recipient.contains(digits)).collect();
        phones.sort_by_key(|phone| std::cmp::Reverse(phone.touched));
        phones.into_iter().take(limit).cloned().collect()
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    fn forget_oldest(&mut self) {
        let mut ages: Vec<u64> = self.phones.values().map(|phone| phone.touched).collect();
        let (_, &mut edge, _) = ages.select_nth_unstable(PHONES_MAX);
        self.phones.retain(|_, phone| phone.touched >= edge);
    }
}

#[cfg(test)]
mod tests {
    use super::{Bubble, BubbleContent, Mark, PHONES_MAX, PhoneBook};

    fn bubble(wamid: &str) -> Bubble {
        Bubble {
            wamid: wamid.to_owned(),
            from_business: true,
            content: BubbleContent::text("hello"),
            at_ms: 0,
            mark: Mark::Accepted,
        }
    }

    #[test]
    fn the_latest_phones_stay_and_the_rest_is_forgotten() {
        let mut book = PhoneBook::default();
        for n in 0..PHONES_MAX * 3 {
            book.show(&format!("35191{n:07}"), "300", bubble("w"));
        }
        assert!(book.phones.len() < PHONES_MAX * 2);
        let newest = format!("35191{:07}", PHONES_MAX * 3 - 1);
        assert_eq!(book.latest(1, "")[0].recipient, newest);
        assert_eq!(book.latest(10, &newest).len(), 1);
    }

    #[test]
    fn a_mark_never_goes_back() {
        let mut book = PhoneBook::default();
        book.show("351910000001", "300", bubble("w"));
        book.mark("351910000001", "w", Mark::Read);
        book.mark("351910000001", "w", Mark::Delivered);
        assert_eq!(book.latest(1, "")[0].bubbles[0].mark, Mark::Read);
    }
}
