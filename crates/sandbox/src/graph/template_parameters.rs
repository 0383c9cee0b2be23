//! Fitting the parameters of a send into a template: counts, kinds, forbidden characters, and the resulting text.

use std::collections::HashMap;

use serde_json::Value;

use super::error::GraphError;
use crate::ledger::QuickReply;
use crate::phones::BubbleContent;
use crate::world::{Button, Header, ParameterFormat, Template, placeholders, substitute};

const HEADER_MAX: usize = 60;
const BODY_MAX: usize = 1_024;
/// More consecutive spaces than this are refused.
const SPACES_MAX: usize = 4;

/// A template with its variables filled in.
#[derive(Debug)]
pub(super) struct Hydrated {
    pub(super) content: BubbleContent,
    pub(super) quick_replies: Vec<QuickReply>,
}

/// Fills a template, or says which parameter does not fit.
pub(super) fn hydrate(template: &Template, components: &[Value]) -> Result<Hydrated, GraphError> {
    let given = Given::sort(components)?;
    let header = fill_header(template, given.header)?;
    let names = placeholders(&template.body);
    let values = text_values("body", given.body, &names, template.parameter_format)?;
    let body = substitute(&template.body, |name| values.get(name).copied());
    if body.chars().count() > BODY_MAX {
        return Err(GraphError::whatsapp(
            132005,
            "body: the text with its parameters is longer than 1024 characters",
        ));
    }
    let quick_replies = check_buttons(template, &given.buttons)?;
    Ok(Hydrated { content: BubbleContent::template(template, header, body), quick_replies })
}

/// The components of a send by their kind.
struct Given<'a> {
    header: &'a [Value],
    body: &'a [Value],
    buttons: HashMap<usize, GivenButton<'a>>,
}

struct GivenButton<'a> {
    sub_type: &'a str,
    parameters: &'a [Value],
}

impl<'a> Given<'a> {
    fn sort(components: &'a [Value]) -> Result<Self, GraphError> {
        let mut given = Self { header: &[], body: &[], buttons: HashMap::new() };
        for component in components {
            let kind = component.get("type").and_then(Value::as_str).unwrap_or_default();
            let parameters = match component.get("parameters") {
                None | Some(Value::Null) => &[][..],
                Some(Value::Array(parameters)) => parameters,
                Some(_) => return Err(GraphError::invalid("Param parameters must be an array.")),
            };
            match kind.to_ascii_lowercase().as_str() {
                "header" => given.header = parameters,
                "body" => given.body = parameters,
                "button" => {
                    let sub_type = component.get("sub_type").and_then(Value::as_str).unwrap_or_default();
                    given.buttons.insert(button_index(component)?, GivenButton { sub_type, parameters });
                }
                _ => {
                    return Err(GraphError::invalid(
                        "Param template['components'][i]['type'] must be one of {HEADER, BODY, BUTTON}",
                    ));
                }
            }
        }
        Ok(given)
    }
}

/// `index` comes as text or as a number.
fn button_index(component: &Value) -> Result<usize, GraphError> {
    let index = match component.get("index") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_u64().and_then(|index| usize::try_from(index).ok()),
        _ => None,
    };
    index.ok_or_else(|| GraphError::whatsapp(131008, "button: a zero-based index is required"))
}

fn fill_header(template: &Template, parameters: &[Value]) -> Result<Option<String>, GraphError> {
    let Some(header) = &template.header else {
        return match parameters.len() {
            0 => Ok(None),
            given => Err(wrong_count("header", given, 0)),
        };
    };
    match header {
        Header::Text { text, .. } => {
            let names = placeholders(text);
            let values = text_values("header", parameters, &names, template.parameter_format)?;
            let filled = substitute(text, |name| values.get(name).copied());
            if filled.chars().count() > HEADER_MAX {
                return Err(GraphError::whatsapp(132005, "header: the text is longer than 60 characters"));
            }
            Ok(Some(filled))
        }
        Header::Media { format } => {
            let [parameter] = parameters else { return Err(wrong_count("header", parameters.len(), 1)) };
            let kind = format.to_ascii_lowercase();
            let media = parameter.get(&kind).filter(|_| parameter_type(parameter) == kind);
            match media.filter(|media| media.get("id").is_some() || media.get("link").is_some()) {
                Some(_) => Ok(None),
                None => Err(wrong_format(&format!("header: an {kind} with id or link is expected"))),
            }
        }
    }
}

/// The values of text parameters by variable name.
fn text_values<'a>(
    place: &str,
    parameters: &'a [Value],
    names: &[&'a str],
    format: ParameterFormat,
) -> Result<HashMap<&'a str, &'a str>, GraphError> {
    if parameters.len() != names.len() {
        return Err(wrong_count(place, parameters.len(), names.len()));
    }
    let mut values = HashMap::with_capacity(names.len());
    for (position, parameter) in parameters.iter().enumerate() {
        let value = text_value(place, parameter)?;
        let name = match format {
            // The variables of a positional template are numbers, and the order of the parameters is theirs.
            ParameterFormat::Positional => {
                let wanted = (position + 1).to_string();
                names.iter().find(|name| **name == wanted).or(names.get(position)).copied()
            }
            ParameterFormat::Named => {
                let given = parameter
                    .get("parameter_name")
                    .and_then(Value::as_str)
                    .filter(|name| !name.is_empty())
                    .ok_or_else(|| {
                        GraphError::invalid("Invalid parameter: Parameter name is missing or empty")
                    })?;
                names.iter().find(|name| **name == given).copied()
            }
        };
        let name =
            name.ok_or_else(|| wrong_format(&format!("{place}: no variable has that parameter_name")))?;
        if values.insert(name, value).is_some() {
            return Err(wrong_format(&format!("{place}: a parameter_name is given twice")));
        }
    }
    Ok(values)
}

fn text_value<'a>(place: &str, parameter: &'a Value) -> Result<&'a str, GraphError> {
    let text = match parameter_type(parameter) {
        "text" => parameter.get("text"),
        kind @ ("currency" | "date_time") => {
            parameter.get(kind).and_then(|value| value.get("fallback_value"))
        }
        _ => return Err(wrong_format(&format!("{place}: a text parameter is expected"))),
    };
    let text = text.and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| {
        GraphError::whatsapp(131008, format!("{place}: a parameter of type text has no text"))
    })?;
    if is_forbidden(text) {
        return Err(GraphError::whatsapp(
            132018,
            format!(
                "{place}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
            ),
        ));
    }
    Ok(text)
}

fn is_forbidden(text: &str) -> bool {
    let mut spaces = 0;
    text.chars().any(|character| {
        spaces = if character == ' ' { spaces + 1 } else { 0 };
        matches!(character, '\n' | '\r' | '\t') || spaces > SPACES_MAX
    })
}

/// Checks the button parameters and gives what pressing a quick reply will send back.
fn check_buttons(
    template: &Template,
    given: &HashMap<usize, GivenButton<'_>>,
) -> Result<Vec<QuickReply>, GraphError> {
    if let Some(index) = given.keys().find(|index| **index >= template.buttons.len()) {
        return Err(wrong_format(&format!("button: the template has no button at index {index}")));
    }
    let mut quick_replies = Vec::new();
    for (index, button) in template.buttons.iter().enumerate() {
        let place = format!("button at index {index}");
        let given = given.get(&index);
        let parameters = given.map_or(&[][..], |given| given.parameters);
        let sub_type_is =
            |wanted: &str| given.is_none_or(|given| given.sub_type.eq_ignore_ascii_case(wanted));
        let fits = match button {
            Button::QuickReply { text } => {
                quick_replies.push(quick_reply(&place, text, parameters)?);
                sub_type_is("quick_reply")
            }
            Button::Url { url, .. } => {
                let names = placeholders(url);
                // The variable of an address has no name, also in a named template.
                text_values(&place, parameters, &names, ParameterFormat::Positional)?;
                sub_type_is("url")
            }
            Button::PhoneNumber { .. } => given.is_none(),
        };
        if !fits {
            return Err(wrong_format(&format!("{place}: the template has another kind of button there")));
        }
    }
    Ok(quick_replies)
}

/// A quick reply answers its payload, or its own text when the send brought none.
fn quick_reply(place: &str, text: &str, parameters: &[Value]) -> Result<QuickReply, GraphError> {
    let payload = match parameters {
        [] => text,
        [parameter] => parameter
            .get("payload")
            .and_then(Value::as_str)
            .filter(|_| parameter_type(parameter) == "payload")
            .ok_or_else(|| wrong_format(&format!("{place}: a payload is expected")))?,
        more => return Err(wrong_count(place, more.len(), 1)),
    };
    Ok(QuickReply { text: text.to_owned(), payload: payload.to_owned() })
}

fn parameter_type(parameter: &Value) -> &str {
    parameter.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn wrong_count(place: &str, given: usize, expected: usize) -> GraphError {
    let details = format!(
        "{place}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
    );
    GraphError::whatsapp(132000, details)
}

fn wrong_format(details: &str) -> GraphError {
    GraphError::whatsapp(132012, details)
}

#[cfg(test)]
mod tests;
