//! The outer part of a send: what every message has whatever its type.

use serde_json::Value;

use super::error::GraphError;
use crate::recipient::{RecipientProblem, wa_id};

const TEXT_BODY_MAX: usize = 4_096;
const CALLBACK_DATA_MAX: usize = 512;

/// A well-formed send.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// `to` exactly as written.
    pub(super) input: String,
    /// The person's WhatsApp id.
    pub(super) wa_id: String,
    pub(super) callback_data: Option<&'a str>,
    pub(super) content: Content<'a>,
}

/// What is to be sent.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Text { body: &'a str },
    Template { name: &'a str, language: &'a str, components: &'a [Value] },
}

/// What a body posted to `messages` asks for.
#[derive(Debug)]
pub(super) enum Request<'a> {
    Send(Envelope<'a>),
    /// `status: read` of an inbound message.
    MarkRead,
}

/// Checks everything that does not depend on the number or the template.
pub(super) fn parse<'a>(body: &'a Value, sender_calling_code: &str) -> Result<Request<'a>, GraphError> {
    let object =
        body.as_object().ok_or_else(|| GraphError::invalid("The request body is not a JSON object"))?;
    match object.get("messaging_product").map(Value::as_str) {
        None => return Err(GraphError::invalid("The parameter messaging_product is required.")),
        Some(Some("whatsapp")) => {}
        Some(_) => return Err(GraphError::invalid("Param messaging_product must be one of {WHATSAPP}")),
    }
    if object.get("status").and_then(Value::as_str) == Some("read") {
        require_text(body, "message_id")?;
        return Ok(Request::MarkRead);
    }
    match object.get("recipient_type").map(Value::as_str) {
        None | Some(Some("individual")) => {}
        Some(_) => return Err(GraphError::invalid("Param recipient_type must be one of {INDIVIDUAL}")),
    }
    let input = recipient(object.get("to"))?;
    let wa_id = wa_id(&input, sender_calling_code).map_err(|problem| match problem {
        RecipientProblem::NotANumber => wrong_value("to: the value is not a phone number"),
        RecipientProblem::Length => wrong_value("to: a phone number has seven to fifteen digits"),
    })?;
    let callback_data = callback_data(object.get("biz_opaque_callback_data"))?;
    let content = content(body)?;
    Ok(Request::Send(Envelope { input, wa_id, callback_data, content }))
}

fn recipient(to: Option<&Value>) -> Result<String, GraphError> {
    match to {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        None | Some(Value::Null | Value::String(_)) => {
            Err(GraphError::invalid("The parameter to is required."))
        }
        Some(_) => Err(GraphError::invalid("Param to must be a string")),
    }
}

fn callback_data(value: Option<&Value>) -> Result<Option<&str>, GraphError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= CALLBACK_DATA_MAX => Ok(Some(text)),
        Some(Value::String(_)) => {
            Err(GraphError::invalid("Param biz_opaque_callback_data must be at most 512 characters long"))
        }
        Some(_) => Err(GraphError::invalid("Param biz_opaque_callback_data must be a string")),
    }
}

fn content(body: &Value) -> Result<Content<'_>, GraphError> {
    match body.get("type").map(Value::as_str) {
        None | Some(Some("text")) => text_content(body),
        Some(Some("template")) => template_content(body),
        Some(Some(other)) => Err(GraphError::whatsapp(
            131051,
            format!("The sandbox sends text and template messages, not {other}"),
        )),
        Some(None) => Err(GraphError::invalid("Param type must be a string")),
    }
}

fn text_content(body: &Value) -> Result<Content<'_>, GraphError> {
    let text = require_object(body, "text")?;
    let body = require_text(text, "body").map_err(|_| missing("text.body"))?;
    match body.chars().count() {
        0 => Err(missing("text.body")),
        1..=TEXT_BODY_MAX => Ok(Content::Text { body }),
        _ => Err(GraphError::invalid("Param text['body'] must be at most 4096 characters long.")),
    }
}

fn template_content(body: &Value) -> Result<Content<'_>, GraphError> {
    let template = require_object(body, "template")?;
    let name = require_text(template, "name").map_err(|_| missing("template.name"))?;
    let language = template.get("language").ok_or_else(|| missing("template.language"))?;
    let language = require_text(language, "code").map_err(|_| missing("template.language.code"))?;
    let components = match template.get("components") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(components)) => components,
        Some(_) => return Err(GraphError::invalid("Param template['components'] must be an array.")),
    };
    Ok(Content::Template { name, language, components })
}

fn require_object<'a>(object: &'a Value, name: &str) -> Result<&'a Value, GraphError> {
    match object.get(name) {
        Some(value) if value.is_object() => Ok(value),
        Some(_) => Err(GraphError::invalid(format!("Param {name} must be a JSON object."))),
        None => Err(missing(name)),
    }
}

fn require_text<'a>(object: &'a Value, name: &str) -> Result<&'a str, GraphError> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> GraphError {
    GraphError::whatsapp(131008, format!("Parameter {name} is missing"))
}

fn wrong_value(details: &str) -> GraphError {
    GraphError::whatsapp(131009, details)
}
