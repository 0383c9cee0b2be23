//! Webhook bodies: the envelope, the statuses, the inbound messages, and Meta's way of escaping text.

use serde_json::{Map, Value, json};

use super::event::{Event, InboundBody, InboundEvent, StatusEvent, StatusKind, TemplateEvent};
use crate::graph::describe;
use crate::people;
use crate::world::World;

/// One body for all events. Events of one kind and number share a `value`; accounts share an `entry`.
pub(super) fn body(world: &World, events: &[Event]) -> String {
    let mut entries: Vec<Entry> = Vec::new();
    for event in events {
        let (account_id, time) = match event {
            Event::Template(template) => (template.account_id.as_str(), Some(template.at_s)),
            _ => (
                world.numbers.get(event.phone_number_id()).map_or("0", |number| number.account_id.as_str()),
                None,
            ),
        };
        let entry =
            match entries.iter().position(|entry| entry.account_id == account_id && entry.time == time) {
                Some(position) => &mut entries[position],
                None => {
                    entries.push(Entry { account_id: account_id.to_owned(), time, changes: Vec::new() });
                    let last = entries.len() - 1;
                    &mut entries[last]
                }
            };
        entry.add(world, event);
    }
    let entries: Vec<Value> = entries.into_iter().map(Entry::into_json).collect();
    escape_non_ascii(&json!({ "object": "whatsapp_business_account", "entry": entries }).to_string())
}

struct Entry {
    account_id: String,
    /// Present for account-level fields only.
    time: Option<u64>,
    changes: Vec<Change>,
}

struct Change {
    /// What may share a `value`: number and kind of update.
    key: (String, &'static str),
    field: &'static str,
    value: Map<String, Value>,
}

impl Entry {
    fn add(&mut self, world: &World, event: &Event) {
        match event {
            Event::Status(status) => {
                let value = self.message_value(world, &status.message.phone_number_id, "statuses");
                // People come along with what reached them, not with failures.
                if !matches!(status.kind, StatusKind::Failed(_)) {
                    append_contact(value, &status.message.recipient);
                }
                append(value, "statuses", status_json(status));
            }
            Event::Inbound(inbound) => {
                let sender = world.numbers.get(&inbound.phone_number_id).map(crate::world::Number::digits);
                let value = self.message_value(world, &inbound.phone_number_id, "messages");
                append_contact(value, &inbound.from);
                append(value, "messages", inbound_json(inbound, sender.as_deref().unwrap_or_default()));
            }
            Event::Template(template) => self.changes.push(Change {
                key: (template.template_id.clone(), "template"),
                field: "message_template_status_update",
                value: template_json(template),
            }),
        }
    }

    fn message_value(
        &mut self,
        world: &World,
        number_id: &str,
        kind: &'static str,
    ) -> &mut Map<String, Value> {
        let found = self.changes.iter().position(|change| change.key.0 == number_id && change.key.1 == kind);
        let position = found.unwrap_or_else(|| {
            let display = world.numbers.get(number_id).map(crate::world::Number::digits).unwrap_or_default();
            let mut value = Map::new();
            value.insert("messaging_product".to_owned(), "whatsapp".into());
            value.insert(
                "metadata".to_owned(),
                json!({ "display_phone_number": display, "phone_number_id": number_id }),
            );
            self.changes.push(Change { key: (number_id.to_owned(), kind), field: "messages", value });
            self.changes.len() - 1
        });
        &mut self.changes[position].value
    }

    fn into_json(self) -> Value {
        let changes: Vec<Value> = self
            .changes
            .into_iter()
            .map(|change| json!({ "field": change.field, "value": change.value }))
            .collect();
        match self.time {
            Some(time) => json!({ "id": self.account_id, "time": time, "changes": changes }),
            None => json!({ "id": self.account_id, "changes": changes }),
        }
    }
}

fn append(value: &mut Map<String, Value>, list: &str, update: Value) {
    if let Value::Array(updates) = value.entry(list).or_insert_with(|| json!([])) {
        updates.push(update);
    }
}

fn append_contact(value: &mut Map<String, Value>, wa_id: &str) {
    let contact = json!({
        "wa_id": wa_id,
        "profile": { "name": people::name(wa_id) },
        "user_id": people::business_scoped_id(wa_id),
    });
    append(value, "contacts", contact);
}

fn status_json(status: &StatusEvent) -> Value {
    let name = match status.kind {
        StatusKind::Sent => "sent",
        StatusKind::Delivered => "delivered",
        StatusKind::Read => "read",
        StatusKind::Failed(_) => "failed",
    };
    let mut update = json!({
        "id": status.message.wamid,
        "status": name,
        "timestamp": status.at_s.to_string(),
        "recipient_id": status.message.recipient,
        "recipient_user_id": people::business_scoped_id(&status.message.recipient),
    });
    if let Some(reference) = &status.message.biz_opaque_callback_data {
        update["biz_opaque_callback_data"] = reference.as_str().into();
    }
    if let Some(category) = status.pricing {
        let kind = if category == "service" { "free_customer_service" } else { "regular" };
        update["pricing"] = json!({
            "billable": kind == "regular",
            "pricing_model": "PMP",
            "category": category,
            "type": kind,
        });
    }
    if let StatusKind::Failed(code) = status.kind {
        let (_, title) = describe(code);
        update["errors"] = json!([{
            "code": code,
            "title": title,
            "message": title,
            "error_data": { "details": title },
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }]);
    }
    update
}

fn inbound_json(inbound: &InboundEvent, business_digits: &str) -> Value {
    let mut message = json!({
        "from": inbound.from,
        "from_user_id": people::business_scoped_id(&inbound.from),
        "id": inbound.wamid,
        "timestamp": inbound.at_s.to_string(),
    });
    match &inbound.body {
        InboundBody::Text(text) => {
            message["type"] = "text".into();
            message["text"] = json!({ "body": text });
        }
        InboundBody::Button { text, payload } => {
            message["type"] = "button".into();
            message["button"] = json!({ "payload": payload, "text": text });
        }
    }
    if let Some(context) = &inbound.context {
        message["context"] = json!({ "from": business_digits, "id": context });
    }
    message
}

fn template_json(template: &TemplateEvent) -> Map<String, Value> {
    let id = template
        .template_id
        .parse::<u64>()
        .map_or_else(|_| template.template_id.as_str().into(), Value::from);
    let mut value = Map::new();
    value.insert("event".to_owned(), template.status.as_str().into());
    value.insert("message_template_id".to_owned(), id);
    value.insert("message_template_name".to_owned(), template.name.as_str().into());
    // The documentation writes the locale with a hyphen here and with an underscore everywhere else.
    value.insert("message_template_language".to_owned(), template.language.replace('_', "-").into());
    value.insert("message_template_category".to_owned(), template.category.into());
    value.insert(
        "reason".to_owned(),
        if template.status == "REJECTED" { "INVALID_FORMAT" } else { "NONE" }.into(),
    );
    if template.status == "PAUSED" {
        let pause =
            json!({ "title": "FIRST_PAUSE", "description": "Paused for 3 hours because of low quality" });
        value.insert("other_info".to_owned(), pause);
    }
    value
}

/// Writes every character outside ASCII as `\uXXXX` in lower case. In JSON such characters only occur within
/// strings, so the text may be treated as a whole.
pub(crate) fn escape_non_ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 64);
    let mut units = [0_u16; 2];
    for character in json.chars() {
        if character.is_ascii() {
            out.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut units) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape_non_ascii;

    #[test]
    fn escaped_text_is_ascii_and_means_the_same() {
        let plain = serde_json::json!({ "name": "Inês ☕ 🙏", "ascii": "a\"b\\c" }).to_string();
        let escaped = escape_non_ascii(&plain);
        assert!(escaped.is_ascii());
        assert!(escaped.contains("In\\u00eas \\u2615 \\ud83d\\ude4f"), "{escaped}");
        let (before, after): (serde_json::Value, serde_json::Value) = (
            serde_json::from_str(&plain).expect("our own JSON"),
            serde_json::from_str(&escaped).expect("escaped JSON stays JSON"),
        );
        assert_eq!(before, after);
    }
}
