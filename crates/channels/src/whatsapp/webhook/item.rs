//! Reading the items of a webhook one by one.

use std::borrow::Cow;

use domain::Timestamp;
use domain::delivery::{DeliveryKind, FailureReason, ProviderCode, ProviderMessageId};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{InboundEvent, PreferenceEvent, ReportedError, StatusEvent, StatusKind, WebhookEvent, account};
use crate::whatsapp::error::{Decision, Reported, decision};

/// A text that borrows where it can. `Cow` alone copies inside an `Option`.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow, default)]
    field: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MessagesValue<'a> {
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    messages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    statuses: Option<&'a RawValue>,
    #[serde(borrow, default)]
    user_preferences: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    phone_number_id: Text<'a>,
}

#[derive(Deserialize)]
struct StatusItem<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    biz_opaque_callback_data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ErrorItem<'a> {
    #[serde(borrow, default)]
    code: Option<&'a RawValue>,
    #[serde(borrow, default)]
    title: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct InboundItem<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, default)]
    from: Option<&'a RawValue>,
    #[serde(borrow, default)]
    from_user_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    button: Option<&'a RawValue>,
    #[serde(borrow, default)]
    interactive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    image: Option<&'a RawValue>,
    #[serde(borrow, default)]
    video: Option<&'a RawValue>,
    #[serde(borrow, default)]
    document: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct PreferenceItem<'a> {
    #[serde(borrow, default)]
    wa_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    user_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    category: Option<Text<'a>>,
    #[serde(borrow)]
    value: Text<'a>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
}

/// What an entry says about all its changes.
pub(super) struct About<'a> {
    pub(super) waba_id: Cow<'a, str>,
    /// Only fields that are about a whole account come with a time.
    pub(super) time: Option<Timestamp>,
}

pub(super) fn read_change<'a>(raw: &'a RawValue, about: &About<'_>, events: &mut Vec<WebhookEvent<'a>>) {
    let other =
        |field| WebhookEvent::Other { field, waba_id: about.waba_id.clone().into_owned(), raw: raw.get() };
    let Ok(change) = serde_json::from_str::<Change<'a>>(raw.get()) else {
        events.push(WebhookEvent::Unreadable { raw: raw.get() });
        return;
    };
    let field = change.field.unwrap_or_default();
    let about_people = matches!(&*field, "messages" | "user_preferences");
    let Some(value) = change.value.filter(|_| about_people) else {
        let value = change.value.and_then(|value| serde_json::from_str::<Value>(value.get()).ok());
        let event = value.and_then(|value| account::read(&field, &about.waba_id, about.time, &value));
        events.push(event.map_or_else(|| other(field), WebhookEvent::Account));
        return;
    };
    let Ok(value) = serde_json::from_str::<MessagesValue<'a>>(value.get()) else {
        events.push(WebhookEvent::Unreadable { raw: raw.get() });
        return;
    };
    let number = value.metadata.and_then(|raw| serde_json::from_str::<Metadata<'a>>(raw.get()).ok());
    let number = number.map(|metadata| metadata.phone_number_id.0).unwrap_or_default();
    let before = events.len();
    read_items(value.statuses, events, |raw| status(raw, &number).map(Some));
    read_items(value.messages, events, |raw| inbound(raw, &number).map(Some));
    read_items(value.user_preferences, events, |raw| preference(raw, &number));
    if events.len() == before {
        events.push(other(field));
    }
}

/// Reads each item of a list. `None` from `read` is an item that cannot be read, `Some(None)` one that says nothing to us.
fn read_items<'a>(
    list: Option<&'a RawValue>,
    events: &mut Vec<WebhookEvent<'a>>,
    read: impl Fn(&'a RawValue) -> Option<Option<WebhookEvent<'a>>>,
) {
    let Some(list) = list else { return };
    match serde_json::from_str::<Vec<&'a RawValue>>(list.get()) {
        Ok(items) => events.extend(
            items
                .into_iter()
                .filter_map(|item| read(item).unwrap_or(Some(WebhookEvent::Unreadable { raw: item.get() }))),
        ),
        Err(_) => events.push(WebhookEvent::Unreadable { raw: list.get() }),
    }
}

fn status<'a>(raw: &'a RawValue, number: &Cow<'a, str>) -> Option<WebhookEvent<'a>> {
    let item: StatusItem<'a> = serde_json::from_str(raw.get()).ok()?;
    if item.id.0.is_empty() {
        return None;
    }
    let kind = match item.status.0.parse::<DeliveryKind>() {
        Ok(kind) => StatusKind::Known(kind),
        Err(_) => StatusKind::Other(item.status.0),
    };
    let failed = kind == StatusKind::Known(DeliveryKind::Failed);
    Some(WebhookEvent::Status(StatusEvent {
        phone_number_id: number.clone(),
        provider_message_id: ProviderMessageId::new(item.id.0),
        error: if failed { Some(reported_error(item.errors)) } else { None },
        kind,
        occurred_at: item.timestamp.and_then(instant),
        recipient: item.biz_opaque_callback_data.and_then(text).and_then(|data| data.parse().ok()),
        raw: raw.get(),
    }))
}

/// The first error that can be read; a failure without one still failed.
fn reported_error(raw: Option<&RawValue>) -> ReportedError<'_> {
    let items: Vec<&RawValue> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let first = items.into_iter().find_map(|raw| serde_json::from_str::<ErrorItem<'_>>(raw.get()).ok());
    let (code, title) = match first {
        Some(item) => (item.code.and_then(number), item.title.map(|title| title.0)),
        None => (None, None),
    };
    let code = code.and_then(|code| i32::try_from(code).ok());
    let known = code.and_then(decision);
    let (reason, hold) = match known.map(|decision| decision.reported) {
        None => (FailureReason::Refused, None),
        Some(Reported::Failed(reason)) => (reason, None),
        Some(Reported::Dropped(hold)) => (hold.failure(), Some(hold)),
    };
    ReportedError {
        code: code.map(ProviderCode::new),
        title,
        reason,
        hold,
        stops: known.and_then(Decision::stops),
    }
}

fn inbound<'a>(raw: &'a RawValue, number: &Cow<'a, str>) -> Option<WebhookEvent<'a>> {
    let item: InboundItem<'a> = serde_json::from_str(raw.get()).ok()?;
    if item.id.0.is_empty() {
        return None;
    }
    let (words, payload) = said(&item);
    Some(WebhookEvent::Inbound(InboundEvent {
        phone_number_id: number.clone(),
        provider_message_id: ProviderMessageId::new(item.id.0),
        from: item.from.and_then(text).and_then(|digits| e164(&digits)),
        user_id: item.from_user_id.map(|id| id.0),
        kind: item.kind.map_or(Cow::Borrowed("unknown"), |kind| kind.0),
        text: words,
        payload,
        context: member(item.context, "id").map(ProviderMessageId::new),
        occurred_at: item.timestamp.and_then(instant),
        raw: raw.get(),
    }))
}

/// The words of a message, and what the pressed button carried.
fn said<'a>(item: &InboundItem<'a>) -> (Option<Cow<'a, str>>, Option<Cow<'a, str>>) {
    if let Some(button) = item.button {
        return (member(Some(button), "text"), member(Some(button), "payload"));
    }
    if let Some(interactive) = item.interactive.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok())
    {
        let reply = ["button_reply", "list_reply", "nfm_reply"].map(|kind| &interactive[kind]);
        let reply = reply.into_iter().find(|reply| reply.is_object()).unwrap_or(&Value::Null);
        let owned = |keys: &[&str]| {
            keys.iter().find_map(|key| reply[*key].as_str()).map(|text| Cow::Owned(text.to_owned()))
        };
        return (owned(&["title", "body"]), owned(&["id", "response_json"]));
    }
    let caption = [item.image, item.video, item.document].into_iter().flatten().next();
    (member(item.text, "body").or_else(|| member(caption, "caption")), None)
}

/// `Some(None)` for a preference about something other than marketing.
fn preference<'a>(raw: &'a RawValue, number: &Cow<'a, str>) -> Option<Option<WebhookEvent<'a>>> {
    let item: PreferenceItem<'a> = serde_json::from_str(raw.get()).ok()?;
    if item.category.is_some_and(|category| category.0 != "marketing_messages") {
        return Some(None);
    }
    Some(Some(WebhookEvent::Preference(PreferenceEvent {
        phone_number_id: number.clone(),
        from: item.wa_id.and_then(text).and_then(|digits| e164(&digits)),
        user_id: item.user_id.map(|id| id.0),
        wants_marketing: match &*item.value.0 {
            "stop" => Some(false),
            "resume" => Some(true),
            _ => None,
        },
        occurred_at: item.timestamp.and_then(instant),
        raw: raw.get(),
    })))
}

/// One text inside an object.
fn member<'a>(object: Option<&'a RawValue>, key: &str) -> Option<Cow<'a, str>> {
    let members: std::collections::HashMap<Cow<'a, str>, &'a RawValue> =
        serde_json::from_str(object?.get()).ok()?;
    members.get(key).copied().and_then(text)
}

/// A string, or a number as text: Meta is not of one mind.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    match serde_json::from_str::<Text<'_>>(raw.get()) {
        Ok(text) => Some(text.0),
        Err(_) => number(raw).map(|number| Cow::Owned(number.to_string())),
    }
}

/// A whole number, or a string of one.
fn number(raw: &RawValue) -> Option<i64> {
    raw.get().trim_matches('"').parse().ok()
}

/// Seconds since 1970, between the first phones with WhatsApp and the end of the century. Others are not times.
pub(super) fn instant(raw: &RawValue) -> Option<Timestamp> {
    number(raw)
        .filter(|seconds| (1_230_000_000..4_100_000_000).contains(seconds))
        .and_then(|seconds| Timestamp::from_timestamp(seconds, 0))
}

/// WhatsApp ids are numbers without the plus; groups and hidden people have other ids.
fn e164(digits: &str) -> Option<String> {
    let valid = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| format!("+{digits}"))
}
