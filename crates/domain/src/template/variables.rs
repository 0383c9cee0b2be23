//! Which values a template asks for, and where a campaign takes them from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ButtonAction, TemplateContent};

/// Where in a template a variable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariablePlace {
    /// In the line above the body.
    Header,
    /// In the text.
    Body,
    /// In a button, by its position from 0.
    Button(u8),
}

/// One value that a template asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableSlot {
    /// Where it stands.
    pub place: VariablePlace,
    /// Its number or name; `code` for a button that copies one.
    pub key: String,
    /// The provider's example.
    pub example: Option<String>,
}

impl VariableSlot {
    /// How the slot is called on screen: `{{1}}`, `{{first_name}}`.
    pub fn label(&self) -> String {
        match self.place {
            VariablePlace::Header => format!("{{{{{}}}}} in the header", self.key),
            VariablePlace::Body => format!("{{{{{}}}}}", self.key),
            VariablePlace::Button(index) => format!("{{{{{}}}}} in button {}", self.key, index + 1),
        }
    }
}

impl TemplateContent {
    /// The values it asks for, always in the same order: header, body, then buttons by position. Frozen recipients hold
    /// their values in this order.
    pub fn variables(&self) -> Vec<VariableSlot> {
        let mut slots = Vec::new();
        let mut of_text = |place, text: &super::TemplateText| {
            slots.extend(text.keys().into_iter().map(|key| VariableSlot {
                place,
                key: key.to_owned(),
                example: text.example(key).map(str::to_owned),
            }));
        };
        if let Some(header) = &self.header {
            of_text(VariablePlace::Header, header);
        }
        of_text(VariablePlace::Body, &self.body);
        for (index, button) in (0..=u8::MAX).zip(&self.buttons) {
            match &button.action {
                ButtonAction::Url { url } => of_text(VariablePlace::Button(index), url),
                ButtonAction::CopyCode { example } => of_text(
                    VariablePlace::Button(index),
                    &super::TemplateText {
                        pieces: vec![super::Piece::Variable("code".to_owned())],
                        examples: example
                            .iter()
                            .map(|example| ("code".to_owned(), example.clone()))
                            .collect(),
                    },
                ),
                ButtonAction::QuickReply
                | ButtonAction::PhoneNumber
                | ButtonAction::Flow
                | ButtonAction::Fixed => {}
            }
        }
        slots
    }
}

/// A field of a contact that can fill a variable. Its text form is `name`, `first_name`, `phone`, `email` or
/// `attribute:KEY`, in forms and in JSON alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ContactField {
    /// The whole name.
    Name,
    /// The name up to the first space.
    FirstName,
    /// The first phone number.
    Phone,
    /// The first email address.
    Email,
    /// An attribute by its key.
    Attribute(String),
}

/// A text that is not a field of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("contacts have no such field")]
pub struct UnknownField;

impl ContactField {
    /// The word for the SQL function `resolve_audience`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Attribute(_) => "attribute",
        }
    }

    /// How the field is called on screen.
    pub fn label(&self) -> &str {
        match self {
            Self::Name => "Name",
            Self::FirstName => "First name",
            Self::Phone => "Phone",
            Self::Email => "Email",
            Self::Attribute(key) => key,
        }
    }
}

impl fmt::Display for ContactField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(key) => write!(f, "attribute:{key}"),
            other => f.write_str(other.word()),
        }
    }
}

impl FromStr for ContactField {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        match text {
            "name" => Ok(Self::Name),
            "first_name" => Ok(Self::FirstName),
            "phone" => Ok(Self::Phone),
            "email" => Ok(Self::Email),
            _ => match text.strip_prefix("attribute:") {
                Some(key) if !key.trim().is_empty() => Ok(Self::Attribute(key.to_owned())),
                _ => Err(UnknownField),
            },
        }
    }
}

impl TryFrom<String> for ContactField {
    type Error = UnknownField;

    fn try_from(text: String) -> Result<Self, UnknownField> {
        text.parse()
    }
}

impl From<ContactField> for String {
    fn from(field: ContactField) -> Self {
        field.to_string()
    }
}

/// Where the value of one variable comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum VariableSource {
    /// A field of the contact.
    Field {
        /// The field.
        field: ContactField,
        /// Stands in when the field is empty; without one such people are skipped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback: Option<String>,
    },
    /// The same text for everybody.
    Fixed {
        /// The text.
        text: String,
    },
}

impl VariableSource {
    /// The word for the SQL function `resolve_audience`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Field { field, .. } => field.word(),
            Self::Fixed { .. } => "fixed",
        }
    }

    /// The attribute's key; empty for other sources.
    pub fn attribute(&self) -> &str {
        match self {
            Self::Field { field: ContactField::Attribute(key), .. } => key,
            _ => "",
        }
    }

    /// What stands where the field gives nothing: the fallback, or the fixed text; empty for none.
    pub fn fallback(&self) -> &str {
        match self {
            Self::Field { fallback, .. } => fallback.as_deref().unwrap_or(""),
            Self::Fixed { text } => text,
        }
    }
}

/// Where each variable of a template takes its value from, in the order of [`TemplateContent::variables`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VariableMapping(pub Vec<VariableSource>);

/// Why a mapping does not fill a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MappingProblem {
    /// It was made for another version of the template.
    #[error("The template asks for {asked} values, the campaign gives {given}.")]
    Count {
        /// Values that the template asks for.
        asked: usize,
        /// Values that the mapping gives.
        given: usize,
    },
    /// A fixed text has no characters.
    #[error("Value {position} has no text.")]
    EmptyText {
        /// Which one, from 1.
        position: usize,
    },
}

impl VariableMapping {
    /// Whether it fills every variable of this template.
    pub fn fits(&self, template: &TemplateContent) -> Result<(), MappingProblem> {
        let asked = template.variables().len();
        if asked != self.0.len() {
            return Err(MappingProblem::Count { asked, given: self.0.len() });
        }
        let empty = |source: &VariableSource| matches!(source, VariableSource::Fixed { text } if super::clean_value(text).is_empty());
        match self.0.iter().position(empty) {
            Some(index) => Err(MappingProblem::EmptyText { position: index + 1 }),
            None => Ok(()),
        }
    }
}
