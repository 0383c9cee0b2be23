//! What Meta tells us afterwards: signatures, the handshake, and the events in a webhook.
//!
//! Everything nested may be missing and every word may be new. An item that cannot be read is an event of its own
//! ([`WebhookEvent::Unreadable`]), so that it neither hides nor takes its neighbours with it.

mod account;
mod item;

use std::borrow::Cow;

use domain::Timestamp;
use domain::delivery::{DeliveryKind, FailureReason, Hold, PauseReason, ProviderCode, ProviderMessageId};
use domain::ids::RecipientId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub use self::account::{AccountEvent, AccountNews, TemplateNews};
use super::text::storable;

/// Largest webhook that Meta sends is 3 MB; a larger one is not from Meta.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Whether Meta signed exactly these bytes. `header` is the value of `X-Hub-Signature-256`. Takes the same time
/// whatever the signature is.
pub fn verify_signature(app_secret: &SecretString, raw_body: &[u8], header: Option<&str>) -> bool {
    let Some(signature) = header.and_then(|value| value.strip_prefix("sha256=")) else { return false };
    let mut expected = [0; 32];
    if hex::decode_to_slice(signature.trim_end(), &mut expected).is_err() {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app_secret.expose_secret().as_bytes()) else {
        return false;
    };
    mac.update(raw_body);
    mac.verify_slice(&expected).is_ok()
}

/// What to answer to Meta's handshake: the challenge, if the mode is `subscribe` and the token is ours. `None` means 403.
pub fn challenge<'q>(
    verify_token: &SecretString,
    mode: Option<&str>,
    token: Option<&str>,
    challenge: Option<&'q str>,
) -> Option<&'q str> {
    let ours = verify_token.expose_secret().as_bytes();
    let known = !ours.is_empty() && bool::from(ours.ct_eq(token.unwrap_or_default().as_bytes()));
    // The answer repeats what the caller sent, so it is kept to what Meta sends.
    let plain = |text: &&str| {
        (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if known && mode == Some("subscribe") { challenge.filter(plain) } else { None }
}

/// A body that is not a webhook at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or not an object with `entry`.
    #[error("the body is not a webhook of Graph")]
    NotAWebhook,
    /// About another product of Meta.
    #[error("the webhook is not about a WhatsApp Business account")]
    OtherObject,
}

/// A webhook's text, made safe for Postgres. Events borrow from it.
#[derive(Debug)]
pub struct Webhook<'a> {
    text: Cow<'a, str>,
}

impl<'a> Webhook<'a> {
    /// Takes the bytes as received.
    pub fn new(raw_body: &'a [u8]) -> Self {
        Self { text: storable(raw_body) }
    }

    /// The events in it, in their order.
    ///
    /// # Errors
    ///
    /// If the body as a whole cannot be read.
    pub fn events(&self) -> Result<Vec<WebhookEvent<'_>>, Unreadable> {
        let envelope: Envelope<'_> = serde_json::from_str(&self.text).map_err(|_| Unreadable::NotAWebhook)?;
        if envelope.object.is_some_and(|object| object != "whatsapp_business_account") {
            return Err(Unreadable::OtherObject);
        }
        let mut events = Vec::new();
        for entry in &envelope.entry {
            match serde_json::from_str::<Entry<'_>>(entry.get()) {
                Ok(entry) => {
                    let about = item::About {
                        waba_id: entry.id.unwrap_or_default(),
                        time: entry.time.and_then(item::instant),
                    };
                    for change in entry.changes {
                        item::read_change(change, &about, &mut events);
                    }
                }
                Err(_) => events.push(WebhookEvent::Unreadable { raw: entry.get() }),
            }
        }
        Ok(events)
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    object: Option<Cow<'a, str>>,
    #[serde(borrow)]
    entry: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    time: Option<&'a RawValue>,
    #[serde(borrow, default)]
    changes: Vec<&'a RawValue>,
}

/// Something a webhook tells. `raw` is always valid JSON that Postgres takes as `jsonb`.
#[derive(Debug, Clone, PartialEq)]
pub enum WebhookEvent<'a> {
    /// How far a message of ours came.
    Status(StatusEvent<'a>),
    /// Someone wrote.
    Inbound(InboundEvent<'a>),
    /// Someone stopped or resumed marketing messages.
    Preference(PreferenceEvent<'a>),
    /// Something about a whole business account.
    Account(AccountEvent),
    /// A field of webhooks that is not about messages, or that this version does not read.
    Other {
        /// Its name.
        field: Cow<'a, str>,
        /// The business account it is about.
        waba_id: String,
        /// The change as it came.
        raw: &'a str,
    },
    /// Something that has not the shape it should have.
    Unreadable {
        /// The item as it came.
        raw: &'a str,
    },
}

/// How far a message of ours came.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusEvent<'a> {
    /// The sending number; empty if Meta did not say.
    pub phone_number_id: Cow<'a, str>,
    /// The message.
    pub provider_message_id: ProviderMessageId,
    /// What happened to it.
    pub kind: StatusKind<'a>,
    /// When, to the second.
    pub occurred_at: Option<Timestamp>,
    /// Our recipient, if the message carried one.
    pub recipient: Option<RecipientId>,
    /// What went wrong, for a failure.
    pub error: Option<ReportedError<'a>>,
    /// The item as it came.
    pub raw: &'a str,
}

/// What a status says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusKind<'a> {
    /// One that this version acts on.
    Known(DeliveryKind),
    /// A word to be kept and otherwise ignored.
    Other(Cow<'a, str>),
}

impl StatusKind<'_> {
    /// The word to store.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(kind) => kind.as_str(),
            Self::Other(word) => word,
        }
    }
}

/// Why a message failed that Meta had taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedError<'a> {
    /// Meta's code; none if it gave none.
    pub code: Option<ProviderCode>,
    /// Meta's words.
    pub title: Option<Cow<'a, str>>,
    /// Our reason.
    pub reason: FailureReason,
    /// What the person waits for if Meta dropped the message for now; the reason above is for when that is too late.
    pub hold: Option<Hold>,
    /// What stands still because of it, beyond this message; the reason knows how far it reaches.
    pub stops: Option<PauseReason>,
}

/// A message to us.
#[derive(Clone, PartialEq)]
pub struct InboundEvent<'a> {
    /// The number it was written to; empty if Meta did not say.
    pub phone_number_id: Cow<'a, str>,
    /// The message.
    pub provider_message_id: ProviderMessageId,
    /// The writer's number as E.164 with `+`; absent for people who hide it.
    pub from: Option<String>,
    /// The writer's id with this business.
    pub user_id: Option<Cow<'a, str>>,
    /// `text`, `button`, `interactive`, … An open set.
    pub kind: Cow<'a, str>,
    /// What they wrote, or the words on the button they pressed, or a caption.
    pub text: Option<Cow<'a, str>>,
    /// What the button they pressed carried.
    pub payload: Option<Cow<'a, str>>,
    /// The message of ours that it answers.
    pub context: Option<ProviderMessageId>,
    /// When, to the second.
    pub occurred_at: Option<Timestamp>,
    /// The item as it came.
    pub raw: &'a str,
}

/// Someone stopped or resumed marketing messages from this business.
#[derive(Clone, PartialEq)]
pub struct PreferenceEvent<'a> {
    /// The number they told it; empty if Meta did not say.
    pub phone_number_id: Cow<'a, str>,
    /// Their number as E.164 with `+`; absent for people who hide it.
    pub from: Option<String>,
    /// Their id with this business.
    pub user_id: Option<Cow<'a, str>>,
    /// Whether they want no more of it (`stop`) or want it again (`resume`); none for a new word.
    pub wants_marketing: Option<bool>,
    /// When, to the second.
    pub occurred_at: Option<Timestamp>,
    /// The item as it came.
    pub raw: &'a str,
}

impl std::fmt::Debug for InboundEvent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboundEvent")
            .field("provider_message_id", &self.provider_message_id)
            .field("kind", &self.kind)
            .field("occurred_at", &self.occurred_at)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PreferenceEvent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreferenceEvent")
            .field("wants_marketing", &self.wants_marketing)
            .field("occurred_at", &self.occurred_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
