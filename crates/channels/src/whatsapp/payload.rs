//! The body of a send, prepared once per dispatch.
//!
//! Fifty thousand messages of a dispatch differ in a number, an id and a few values. Everything else is serialised when
//! the dispatch begins; a message is then a few copies into one buffer.

use std::io::Write;

use domain::delivery::{FailureReason, SendError};
use domain::ids::RecipientId;
use domain::template::{
    BODY_CHARS_MAX, ButtonAction, NotSendable, ParameterFormat, Piece, TemplateContent, VariablePlace,
    VariableSlot, clean_value,
};
use serde_json::{Value, json};

/// What Meta takes back in `biz_opaque_callback_data`, in characters.
#[cfg(test)]
const CALLBACK_DATA_CHARS_MAX: usize = 512;

/// A template ready to be filled for each recipient.
#[derive(Debug, Clone)]
pub struct PreparedTemplate {
    /// Constant JSON between the holes; one more than there are holes.
    literals: Vec<Box<[u8]>>,
    /// Which value stands in each hole.
    holes: Vec<Hole>,
    /// For each value, how often it stands in the body.
    body_uses: Vec<usize>,
    /// Characters of the body without its values.
    body_chars: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    Address,
    Recipient,
    Value(usize),
}

impl PreparedTemplate {
    /// Serialises what does not depend on the recipient.
    ///
    /// # Errors
    ///
    /// If the template holds something that cannot be filled.
    pub fn new(template: &TemplateContent) -> Result<Self, NotSendable> {
        if let Some(obstacle) = template.obstacles.first() {
            return Err(NotSendable::Obstacle(obstacle.clone()));
        }
        let slots = template.variables();
        let mut holes = Vec::new();
        // The message has no numbers of its own, so a number stands for the hole of that index.
        let mut hole = |hole| {
            holes.push(hole);
            Value::from(holes.len() - 1)
        };
        let message = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": hole(Hole::Address),
            "biz_opaque_callback_data": hole(Hole::Recipient),
            "type": "template",
            "template": template_object(template, &slots, |slot| hole(Hole::Value(slot))),
        });
        let mut skeleton = Skeleton::default();
        skeleton.write(&message);
        let body_keys = |slot: &VariableSlot| {
            let uses = |piece: &&Piece| matches!(piece, Piece::Variable(key) if *key == slot.key);
            if slot.place == VariablePlace::Body {
                template.body.pieces.iter().filter(uses).count()
            } else {
                0
            }
        };
        Ok(Self {
            holes: skeleton.order.iter().map(|index| holes[*index]).collect(),
            literals: skeleton.finish(),
            body_uses: slots.iter().map(body_keys).collect(),
            body_chars: template
                .body
                .pieces
                .iter()
                .map(|piece| if let Piece::Text(text) = piece { text.chars().count() } else { 0 })
                .sum(),
        })
    }

    /// The body of the request for one recipient.
    ///
    /// # Errors
    ///
    /// A failure of this recipient when the number or a value cannot be sent: it is known without asking.
    pub fn fill(
        &self,
        recipient: RecipientId,
        address: &str,
        values: &[String],
    ) -> Result<Vec<u8>, SendError> {
        if !is_e164(address) {
            return Err(refused(FailureReason::InvalidAddress));
        }
        let values = self.checked(values)?;
        let size = self.literals.iter().map(|literal| literal.len() + 64).sum();
        let mut body = Vec::with_capacity(size);
        let (last, literals) = self.literals.split_last().expect("there is a literal after the last hole");
        for (literal, hole) in literals.iter().zip(&self.holes) {
            body.extend_from_slice(literal);
            match hole {
                // Digits and a plus need no escaping, nor do the id's letters, digits and underscores.
                Hole::Address => body.extend_from_slice(address.as_bytes()),
                Hole::Recipient => write!(body, "{recipient}").expect("writing to memory does not fail"),
                Hole::Value(slot) => {
                    // The literals hold the quotes; the writer brings its own.
                    body.pop();
                    serde_json::to_writer(&mut body, &values[*slot])
                        .expect("writing to memory does not fail");
                    body.pop();
                }
            }
        }
        body.extend_from_slice(last);
        Ok(body)
    }

    fn checked<'v>(&self, values: &'v [String]) -> Result<Vec<std::borrow::Cow<'v, str>>, SendError> {
        if values.len() != self.body_uses.len() {
            return Err(refused(FailureReason::InvalidValue));
        }
        let values: Vec<_> = values.iter().map(|value| clean_value(value)).collect();
        if values.iter().any(|value| value.is_empty()) {
            return Err(refused(FailureReason::EmptyValue));
        }
        let filled: usize =
            self.body_uses.iter().zip(&values).map(|(uses, value)| uses * value.chars().count()).sum();
        if self.body_chars + filled > BODY_CHARS_MAX {
            return Err(refused(FailureReason::TextTooLong));
        }
        Ok(values)
    }
}

fn refused(reason: FailureReason) -> SendError {
    SendError::Recipient { reason, code: None }
}

/// Meta adds the sender's own country code to a number without `+`, so one without it must never leave.
fn is_e164(address: &str) -> bool {
    address.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

/// JSON under construction, cut where a number stands.
#[derive(Default)]
struct Skeleton {
    literals: Vec<Box<[u8]>>,
    order: Vec<usize>,
    open: Vec<u8>,
}

impl Skeleton {
    fn write(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                self.list(b"{}", fields, |skeleton, (key, value)| {
                    skeleton.text(key);
                    skeleton.open.push(b':');
                    skeleton.write(value);
                });
            }
            Value::Array(items) => self.list(b"[]", items, |skeleton, item| skeleton.write(item)),
            Value::Number(index) => {
                self.open.push(b'"');
                self.literals.push(std::mem::take(&mut self.open).into());
                self.order.extend(index.as_u64().and_then(|index| usize::try_from(index).ok()));
                self.open.push(b'"');
            }
            Value::String(text) => self.text(text),
            Value::Null | Value::Bool(_) => self.open.extend_from_slice(value.to_string().as_bytes()),
        }
    }

    fn list<I: IntoIterator>(
        &mut self,
        brackets: &[u8; 2],
        items: I,
        mut write: impl FnMut(&mut Self, I::Item),
    ) {
        self.open.push(brackets[0]);
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.open.push(b',');
            }
            write(self, item);
        }
        self.open.push(brackets[1]);
    }

    fn text(&mut self, text: &str) {
        serde_json::to_writer(&mut self.open, text).expect("writing to memory does not fail");
    }

    fn finish(mut self) -> Vec<Box<[u8]>> {
        self.literals.push(self.open.into());
        self.literals
    }
}

fn template_object(
    template: &TemplateContent,
    slots: &[VariableSlot],
    mut value: impl FnMut(usize) -> Value,
) -> Value {
    let mut components = Vec::new();
    let mut parameters = |place: VariablePlace| -> Vec<Value> {
        let of_place = slots.iter().enumerate().filter(|(_, slot)| slot.place == place);
        of_place.map(|(index, slot)| parameter(template, slot, value(index))).collect()
    };
    let header = parameters(VariablePlace::Header);
    if !header.is_empty() {
        components.push(json!({"type": "header", "parameters": header}));
    }
    let body = parameters(VariablePlace::Body);
    if !body.is_empty() {
        components.push(json!({"type": "body", "parameters": body}));
    }
    for (index, button) in (0..=u8::MAX).zip(&template.buttons) {
        let sub_type = match button.action {
            ButtonAction::Url { .. } => "url",
            ButtonAction::CopyCode { .. } => "copy_code",
            ButtonAction::QuickReply
            | ButtonAction::PhoneNumber
            | ButtonAction::Flow
            | ButtonAction::Fixed => continue,
        };
        let parameters = parameters(VariablePlace::Button(index));
        if !parameters.is_empty() {
            components.push(json!({
                "type": "button", "sub_type": sub_type, "index": index.to_string(), "parameters": parameters,
            }));
        }
    }
    let mut object = json!({"name": template.name, "language": {"code": template.language}});
    if !components.is_empty() {
        object["components"] = Value::Array(components);
    }
    object
}

fn parameter(template: &TemplateContent, slot: &VariableSlot, value: Value) -> Value {
    match slot.place {
        VariablePlace::Button(index) => match template.buttons[usize::from(index)].action {
            ButtonAction::CopyCode { .. } => json!({"type": "coupon_code", "coupon_code": value}),
            _ => json!({"type": "text", "text": value}),
        },
        VariablePlace::Header | VariablePlace::Body => match template.parameter_format {
            ParameterFormat::Positional => json!({"type": "text", "text": value}),
            ParameterFormat::Named => json!({"type": "text", "parameter_name": slot.key, "text": value}),
        },
    }
}

#[cfg(test)]
mod tests;
