//! `GET /{waba}/message_templates` with cursors, and `GET /{template}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State as Held};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::GraphError;
use super::{Node, fields, tokens};
use crate::state::SandboxState;
use crate::world::{Button, Header, ParameterFormat, Template, placeholders};

const NODE: &str = "MessageTemplate";
const DEFAULT_FIELDS: &str = "name,parameter_format,components,language,status,category,sub_category,id";
/// What a list shows when the client does not say.
const LIMIT_DEFAULT: usize = 25;

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    fields: Option<String>,
    access_token: Option<String>,
    limit: Option<usize>,
    after: Option<String>,
    before: Option<String>,
    status: Option<String>,
    name: Option<String>,
    language: Option<String>,
    category: Option<String>,
}

impl ListQuery {
    fn wants(&self, template: &Template) -> bool {
        let fits = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(actual))
        };
        fits(&self.status, &template.status)
            && fits(&self.language, &template.language)
            && fits(&self.category, template.category.as_str())
            // A filter by name also finds names that merely contain it.
            && self.name.as_deref().is_none_or(|wanted| template.name.contains(wanted))
    }
}

/// One page of an account's templates.
pub(super) async fn list(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    let world = state.world();
    let token = tokens::authorise(&world, &headers, query.access_token.as_deref())?;
    let account = world.accounts.get(&node.id).ok_or_else(|| GraphError::unknown_object("get", &node.id))?;
    tokens::require_management(token, &account.id, "get", &node.id)?;
    let wanted: Vec<&Arc<Template>> = world
        .templates
        .iter()
        .filter(|template| template.account_id == account.id && query.wants(template))
        .collect();
    let limit = query.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, state.template_page_max);
    let (from, to) = page_bounds(&wanted, &query, limit)?;
    let page = &wanted[from..to];
    let data =
        page.iter().map(|template| read(template, query.fields.as_deref())).collect::<Result<Vec<_>, _>>()?;
    let mut paging = Map::new();
    if let (Some(first), Some(last)) = (page.first(), page.last()) {
        paging.insert("cursors".to_owned(), json!({ "before": cursor(first), "after": cursor(last) }));
        let link =
            |side: &str, cursor: String| page_url(&state.base_url, &node, &query, limit, side, &cursor);
        if to < wanted.len() {
            paging.insert("next".to_owned(), link("after", cursor(last)).into());
        }
        if from > 0 {
            paging.insert("previous".to_owned(), link("before", cursor(first)).into());
        }
    }
    Ok(Json(json!({ "data": data, "paging": paging })))
}

/// A template with the wanted fields.
pub(super) fn read(template: &Template, wanted: Option<&str>) -> Result<Value, GraphError> {
    let wanted = fields::parse(wanted.unwrap_or(DEFAULT_FIELDS))?;
    fields::select(&object(template), &wanted, NODE)
}

/// The part of the list between the cursors, as indices.
fn page_bounds(
    wanted: &[&Arc<Template>],
    query: &ListQuery,
    limit: usize,
) -> Result<(usize, usize), GraphError> {
    let position = |cursor: &str| {
        URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|id| wanted.iter().position(|template| template.id.as_bytes() == id))
            .ok_or_else(|| GraphError::whatsapp(131059, "The paging cursor is not valid for this list"))
    };
    if let Some(before) = &query.before {
        let to = position(before)?;
        return Ok((to.saturating_sub(limit), to));
    }
    let from = match &query.after {
        Some(after) => position(after)? + 1,
        None => 0,
    };
    Ok((from, wanted.len().min(from + limit)))
}

fn cursor(template: &Template) -> String {
    URL_SAFE_NO_PAD.encode(&template.id)
}

/// The full address of a neighbouring page, with the same filters.
fn page_url(
    base_url: &str,
    node: &Node,
    query: &ListQuery,
    limit: usize,
    side: &str,
    cursor: &str,
) -> String {
    let mut url = format!("{base_url}/v{}.0/{}/message_templates?limit={limit}", node.version, node.id);
    let kept = [
        ("fields", &query.fields),
        ("status", &query.status),
        ("name", &query.name),
        ("language", &query.language),
        ("category", &query.category),
    ];
    for (name, value) in kept {
        if let Some(value) = value {
            url.push_str(&format!("&{name}={}", percent_encode(value)));
        }
    }
    url.push_str(&format!("&{side}={cursor}"));
    url
}

fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

fn object(template: &Template) -> Map<String, Value> {
    let named = template.parameter_format == ParameterFormat::Named;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", template.id.as_str().into());
    put("name", template.name.as_str().into());
    put("language", template.language.as_str().into());
    put("status", template.status.as_str().into());
    put("category", template.category.as_str().into());
    put("previous_category", Value::Null);
    put("correct_category", Value::Null);
    put("sub_category", "CUSTOM".into());
    put("parameter_format", if named { "NAMED" } else { "POSITIONAL" }.into());
    put("rejected_reason", if template.status == "REJECTED" { "INVALID_FORMAT" } else { "NONE" }.into());
    put(
        "quality_score",
        json!({ "score": if template.status == "PAUSED" { "RED" } else { "GREEN" }, "date": 1_767_225_600 }),
    );
    put("message_send_ttl_seconds", Value::Null);
    put("cta_url_link_tracking_opted_out", false.into());
    put("library_template_name", Value::Null);
    put("components", components(template).into());
    object
}

fn components(template: &Template) -> Vec<Value> {
    let mut components = Vec::new();
    match &template.header {
        Some(Header::Text { text, example }) => {
            components.push(header_component(template, text, example.as_deref()))
        }
        Some(Header::Media { format }) => components.push(json!({ "type": "HEADER", "format": format })),
        None => {}
    }
    components.push(body_component(template));
    if let Some(footer) = &template.footer {
        components.push(json!({ "type": "FOOTER", "text": footer }));
    }
    if !template.buttons.is_empty() {
        let buttons: Vec<Value> = template.buttons.iter().map(button).collect();
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    components
}

fn header_component(template: &Template, text: &str, example: Option<&str>) -> Value {
    let mut component = json!({ "type": "HEADER", "format": "TEXT", "text": text });
    if let (Some(example), Some(name)) = (example, placeholders(text).first()) {
        component["example"] = match template.parameter_format {
            ParameterFormat::Positional => json!({ "header_text": [example] }),
            ParameterFormat::Named => {
                json!({ "header_text_named_params": [{ "param_name": name, "example": example }] })
            }
        };
    }
    component
}

fn body_component(template: &Template) -> Value {
    let mut component = json!({ "type": "BODY", "text": template.body });
    let names = placeholders(&template.body);
    if !names.is_empty() {
        component["example"] = match template.parameter_format {
            ParameterFormat::Positional => json!({ "body_text": [template.body_examples] }),
            ParameterFormat::Named => {
                let pairs = names.iter().zip(&template.body_examples);
                let examples: Vec<Value> =
                    pairs.map(|(name, example)| json!({ "param_name": name, "example": example })).collect();
                json!({ "body_text_named_params": examples })
            }
        };
    }
    component
}

fn button(button: &Button) -> Value {
    match button {
        Button::QuickReply { text } => json!({ "type": "QUICK_REPLY", "text": text }),
        Button::Url { text, url, example: Some(example) } => {
            json!({ "type": "URL", "text": text, "url": url, "example": [example] })
        }
        Button::Url { text, url, example: None } => json!({ "type": "URL", "text": text, "url": url }),
        Button::PhoneNumber { text, phone_number } => {
            json!({ "type": "PHONE_NUMBER", "text": text, "phone_number": phone_number })
        }
    }
}
