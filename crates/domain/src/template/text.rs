//! Text with variables in it, and values fit to stand there.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A stretch of a template's text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Words that are the same for everybody.
    Text(String),
    /// A variable by its key: a number or a name, as the template has it between braces.
    Variable(String),
}

/// A text with variables, and the provider's example values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct TemplateText {
    /// Its pieces in order.
    pub pieces: Vec<Piece>,
    /// Example values by key, in the provider's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<(String, String)>,
}

impl TemplateText {
    /// Splits a text at its `{{variables}}`. Braces that hold no key stay text, as they do at the provider.
    pub fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            let (before, from_open) = rest.split_at(open);
            plain.push_str(before);
            match variable_at_start(from_open) {
                Some((key, length)) => {
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(Piece::Variable(key.to_owned()));
                    rest = &from_open[length..];
                }
                None => {
                    plain.push('{');
                    rest = &from_open[1..];
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Self { pieces, examples: Vec::new() }
    }

    /// The same text with example values.
    pub fn with_examples(self, examples: Vec<(String, String)>) -> Self {
        Self { examples, ..self }
    }

    /// Keys of its variables, each once: numbers in numeric order and before names, names in order of appearance. This
    /// is the order in which the provider expects the values.
    pub fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = Vec::new();
        for piece in &self.pieces {
            if let Piece::Variable(key) = piece
                && !keys.contains(&key.as_str())
            {
                keys.push(key);
            }
        }
        keys.sort_by_key(|key| key.parse::<u32>().unwrap_or(u32::MAX));
        keys
    }

    /// The example value of a variable.
    pub fn example(&self, key: &str) -> Option<&str> {
        self.examples.iter().find(|(of, _)| of == key).map(|(_, example)| example.as_str())
    }

    /// Whether it has no characters at all.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// The key and the length in bytes of a variable that the text begins with.
fn variable_at_start(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix("{{")?;
    let close = inside.find("}}")?;
    let key = inside[..close].trim_matches(' ');
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_key.then_some((key, close + 4))
}

/// A value as WhatsApp takes it: without line breaks, tabs or long runs of spaces, each of which becomes one space.
///
/// The provider refuses the whole message otherwise. Previews show the cleaned value, because that is what is sent.
pub fn clean_value(value: &str) -> Cow<'_, str> {
    if !needs_cleaning(value) {
        return Cow::Borrowed(value);
    }
    let mut clean = String::with_capacity(value.len());
    let mut rest = value.trim_matches(is_blank);
    while let Some(start) = rest.find(is_blank) {
        let (words, from_blank) = rest.split_at(start);
        clean.push_str(words);
        let end = from_blank.find(|c| !is_blank(c)).unwrap_or(from_blank.len());
        let (blanks, after) = from_blank.split_at(end);
        if blanks.len() <= SPACES_KEPT_MAX && blanks.bytes().all(|byte| byte == b' ') {
            clean.push_str(blanks);
        } else {
            clean.push(' ');
        }
        rest = after;
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// The provider allows four; one less is allowed by every account of its rule.
const SPACES_KEPT_MAX: usize = 3;

fn is_blank(c: char) -> bool {
    c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn needs_cleaning(value: &str) -> bool {
    value.starts_with(' ')
        || value.ends_with(' ')
        || value.contains("    ")
        || value.chars().any(|c| c != ' ' && is_blank(c))
}
