//! How the people behind the numbers behave, and how Meta reports it.
//!
//! What becomes of a message depends only on the seed and the recipient's WhatsApp id, so a test can ask
//! [`Behaviour::fate_of`] beforehand and compare. The draws are: FNV-1a (64 bit) over the id's digits, xored with
//! the seed, starts a SplitMix64 stream; each trait of a fate takes its own draw in the fixed order of
//! [`Fate`]'s code, so changing one share does not move the others.
//!
//! Some recipients are special whatever the shares say, unless `magic_numbers` is off: see [`MAGIC_NUMBERS`].

mod draws;
mod magic;

use serde::{Deserialize, Serialize};

pub(crate) use draws::{Draws, fnv1a, mix};
pub use magic::MAGIC_NUMBERS;
use magic::magic_of;

use crate::recipient::normalised_wa_id;
use crate::world::Category;

/// Shares, delays and delivery habits. Shares are between 0 and 1, delays in milliseconds as `[least, most]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Start of every draw.
    pub seed: u64,
    /// Answer time of `messages`, before the answer is written.
    pub answer_after_ms: DelayRange,
    /// From acceptance to `sent` (or `failed`).
    pub sent_after_ms: DelayRange,
    /// From `sent` to `delivered`.
    pub delivered_after_ms: DelayRange,
    /// From `delivered` to `read`.
    pub read_after_ms: DelayRange,
    /// From `read` to a reply.
    pub reply_after_ms: DelayRange,
    /// Share of the messages that fail later, by error code. The shares add up.
    pub failures: Vec<FailureShare>,
    /// Share of the accepted, not failed messages that reach the phone.
    pub delivered_share: f64,
    /// Share of the delivered messages whose reading is reported.
    pub read_share: f64,
    /// Share of the read messages that are answered.
    pub reply_share: f64,
    /// Share of the answers to a template with quick-reply buttons that press one.
    pub button_share: f64,
    /// What people write when they do not press a button.
    pub reply_texts: Vec<String>,
    /// Share of the read messages whose `delivered` is never reported.
    pub skip_delivered_share: f64,
    /// Share of the read messages whose `read` comes before `delivered`.
    pub swapped_share: f64,
    /// Share of the messages whose every event is posted twice.
    pub duplicated_share: f64,
    /// Share of the messages whose `sent` is posted before the HTTP answer is written.
    pub before_answer_share: f64,
    /// Share of the messages of which nothing is ever heard.
    pub silent_share: f64,
    /// Share of the posts that come with a wrong signature first, and rightly signed when refused.
    pub wrong_signature_share: f64,
    /// Most events in one post. Meta documents up to 1,000.
    pub batch_max: usize,
    /// How long events wait for company before they are posted.
    pub flush_after_ms: u64,
    /// Mixes the order of events within a post and of posts with each other.
    pub shuffled: bool,
    /// Posts on the wire at the same time.
    pub posts_in_flight_max: usize,
    /// A post unanswered for this long has failed.
    pub post_timeout_ms: u64,
    /// Wait before the first repetition of a failed post; doubles each time.
    pub retry_first_ms: u64,
    /// Longest wait between repetitions.
    pub retry_max_ms: u64,
    /// After this many repetitions a post is given up and counted as lost.
    pub retries_max: u32,
    /// Whether [`MAGIC_NUMBERS`] apply.
    pub magic_numbers: bool,
}

/// Least and most milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayRange(pub u64, pub u64);

/// A share of messages failing with one code.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureShare {
    /// Error code of the `failed` status.
    pub code: u32,
    /// Share of all messages, 0 to 1.
    pub share: f64,
}

impl Default for Behaviour {
    /// People as they are: seconds pass, some read, few answer, and one in forty cannot be reached. Nobody is withheld with
    /// 131049: that holds a person back for a day, and a campaign would not end while one watches.
    fn default() -> Self {
        Self {
            seed: 20_261_121,
            answer_after_ms: DelayRange(0, 0),
            sent_after_ms: DelayRange(200, 1_200),
            delivered_after_ms: DelayRange(400, 6_000),
            read_after_ms: DelayRange(2_000, 30_000),
            reply_after_ms: DelayRange(4_000, 40_000),
            failures: vec![
                FailureShare { code: 131026, share: 0.021 },
                FailureShare { code: 131050, share: 0.002 },
                FailureShare { code: 130472, share: 0.002 },
            ],
            delivered_share: 0.97,
            read_share: 0.72,
            reply_share: 0.08,
            button_share: 0.6,
            reply_texts: [
                "Thank you!",
                "Can I order online?",
                "Obrigada 🙏 já encomendei",
                "Até quando é válido?",
                "STOP",
                "See you on Saturday ☕",
            ]
            .map(str::to_owned)
            .to_vec(),
            skip_delivered_share: 0.01,
            swapped_share: 0.01,
            duplicated_share: 0.02,
            before_answer_share: 0.0,
            silent_share: 0.0,
            wrong_signature_share: 0.0,
            batch_max: 50,
            flush_after_ms: 100,
            shuffled: true,
            posts_in_flight_max: 8,
            post_timeout_ms: 10_000,
            retry_first_ms: 1_000,
            retry_max_ms: 60_000,
            retries_max: 12,
            magic_numbers: true,
        }
    }
}

impl Behaviour {
    /// The same people in a hurry: everything that takes seconds takes milliseconds.
    pub fn fast(self) -> Self {
        Self {
            sent_after_ms: DelayRange(5, 30),
            delivered_after_ms: DelayRange(10, 120),
            read_after_ms: DelayRange(30, 300),
            reply_after_ms: DelayRange(50, 400),
            flush_after_ms: 20,
            retry_first_ms: 50,
            retry_max_ms: 2_000,
            ..self
        }
    }

    /// Everybody gets and reads everything, nobody answers, and every event is posted once and in order.
    pub fn flawless() -> Self {
        Self {
            failures: Vec::new(),
            delivered_share: 1.0,
            read_share: 1.0,
            reply_share: 0.0,
            skip_delivered_share: 0.0,
            swapped_share: 0.0,
            duplicated_share: 0.0,
            shuffled: false,
            // One post after another, or a later event might overtake an earlier one.
            posts_in_flight_max: 1,
            batch_max: 200,
            magic_numbers: false,
            ..Self::default().fast()
        }
    }

    /// The same people with the delays of others.
    pub fn at_pace_of(self, other: &Self) -> Self {
        Self {
            answer_after_ms: other.answer_after_ms,
            sent_after_ms: other.sent_after_ms,
            delivered_after_ms: other.delivered_after_ms,
            read_after_ms: other.read_after_ms,
            reply_after_ms: other.reply_after_ms,
            flush_after_ms: other.flush_after_ms,
            retry_first_ms: other.retry_first_ms,
            retry_max_ms: other.retry_max_ms,
            ..self
        }
    }

    /// Says what is wrong with the values, if something is.
    pub fn problem(&self) -> Option<String> {
        let shares = [
            ("delivered_share", self.delivered_share),
            ("read_share", self.read_share),
            ("reply_share", self.reply_share),
            ("button_share", self.button_share),
            ("skip_delivered_share", self.skip_delivered_share),
            ("swapped_share", self.swapped_share),
            ("duplicated_share", self.duplicated_share),
            ("before_answer_share", self.before_answer_share),
            ("silent_share", self.silent_share),
            ("wrong_signature_share", self.wrong_signature_share),
            ("the sum of failures", self.failures.iter().map(|failure| failure.share).sum()),
        ];
        let delays = [
            ("answer_after_ms", self.answer_after_ms),
            ("sent_after_ms", self.sent_after_ms),
            ("delivered_after_ms", self.delivered_after_ms),
            ("read_after_ms", self.read_after_ms),
            ("reply_after_ms", self.reply_after_ms),
        ];
        if let Some((name, _)) = shares.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            return Some(format!("{name} must lie between 0 and 1"));
        }
        if let Some((name, _)) = delays.iter().find(|(_, range)| range.0 > range.1) {
            return Some(format!("{name} must be [least, most]"));
        }
        if self.batch_max == 0 || self.posts_in_flight_max == 0 {
            return Some("batch_max and posts_in_flight_max must be at least 1".to_owned());
        }
        None
    }

    /// What becomes of a message of this category to this person, in any spelling of the number.
    pub fn fate_of(&self, recipient: &str, category: Category) -> Fate {
        let wa_id = normalised_wa_id(recipient);
        let mut draws = Draws::new(self.seed ^ fnv1a(&wa_id));
        let failure = self.draw_failure(draws.unit(), category);
        let delivered = draws.unit() < self.delivered_share;
        let read = draws.unit() < self.read_share && delivered;
        let replies = draws.unit() < self.reply_share && read;
        let presses = draws.unit() < self.button_share;
        let choice = draws.next();
        let skips_delivered = draws.unit() < self.skip_delivered_share && read;
        let swapped = draws.unit() < self.swapped_share && read;
        let duplicated = draws.unit() < self.duplicated_share;
        let before_answer = draws.unit() < self.before_answer_share;
        let silent = draws.unit() < self.silent_share;
        let fate = Fate {
            refused: None,
            held: false,
            failure,
            delivered: delivered && failure.is_none(),
            read: read && failure.is_none(),
            skips_delivered,
            swapped,
            duplicated,
            before_answer,
            silent,
            reply: (replies && failure.is_none()).then(|| self.reply(presses, choice)),
        };
        match magic_of(&wa_id).filter(|_| self.magic_numbers) {
            Some(magic) => magic.apply(fate),
            None => fate,
        }
    }

    fn draw_failure(&self, draw: f64, category: Category) -> Option<u32> {
        let mut edge = 0.0;
        self.failures
            .iter()
            .find(|failure| {
                edge += failure.share;
                draw < edge
            })
            .map(|failure| failure.code)
            .filter(|code| category == Category::Marketing || !MARKETING_ONLY.contains(code))
    }

    fn reply(&self, presses: bool, choice: u64) -> Reply {
        let text = match self.reply_texts.len() {
            0 => "OK".to_owned(),
            count => self.reply_texts[usize::try_from(choice % count as u64).unwrap_or(0)].clone(),
        };
        Reply { button: presses.then_some(choice), text }
    }
}

/// Codes with which only marketing messages are withheld.
const MARKETING_ONLY: [u32; 3] = [131049, 131050, 130472];

/// What becomes of one message. Which draws it takes, in order: failure, delivered, read, reply, button, choice
/// of reply, skipped `delivered`, swapped, duplicated, before the answer, silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// Refused at once with this code.
    pub refused: Option<u32>,
    /// Answered with `held_for_quality_assessment`; dropped later with 132015.
    pub held: bool,
    /// Fails later with this code.
    pub failure: Option<u32>,
    /// Reaches the phone.
    pub delivered: bool,
    /// Is read, and the reading reported.
    pub read: bool,
    /// `delivered` is never reported although it happened.
    pub skips_delivered: bool,
    /// `read` is reported before `delivered`.
    pub swapped: bool,
    /// Every event is posted twice.
    pub duplicated: bool,
    /// `sent` is posted before the HTTP answer.
    pub before_answer: bool,
    /// No event is ever posted.
    pub silent: bool,
    /// The answer, if the person gives one.
    pub reply: Option<Reply>,
}

/// What a person answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// Presses the quick-reply button at this position (modulo their number), if the template has one.
    pub button: Option<u64>,
    /// What is written otherwise.
    pub text: String,
}

#[cfg(test)]
mod tests;
