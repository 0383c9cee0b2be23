//! A template with one person's values in it.

use serde::{Deserialize, Serialize};

use super::{
    BODY_CHARS_MAX, ButtonAction, Piece, TemplateContent, TemplateText, VariablePlace, VariableSlot,
    clean_value,
};

/// A stretch of a rendered text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RenderedPiece {
    /// The same for everybody.
    Text {
        /// The words.
        text: String,
    },
    /// A person's value.
    Value {
        /// Position in [`TemplateContent::variables`].
        slot: usize,
        /// The value as it is sent.
        text: String,
    },
    /// A variable for which no value was given.
    Missing {
        /// Position in [`TemplateContent::variables`].
        slot: usize,
        /// Its number or name.
        key: String,
    },
}

/// A button with its value filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedButton {
    /// What it says.
    pub text: String,
    /// The address it opens or the code it copies.
    pub value: Vec<RenderedPiece>,
    /// What it does; the same tags as [`ButtonAction`].
    pub action: ButtonAction,
}

/// A template as one person gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedTemplate {
    /// Line above the body.
    pub header: Vec<RenderedPiece>,
    /// The text.
    pub body: Vec<RenderedPiece>,
    /// Small line below.
    pub footer: Option<String>,
    /// Buttons in order.
    pub buttons: Vec<RenderedButton>,
}

/// Why values cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblem {
    /// There are more or fewer values than variables.
    #[error("the number of values differs from the number of variables")]
    Count,
    /// A value is empty, which the provider refuses.
    #[error("value {slot} is empty")]
    Empty {
        /// Position in [`TemplateContent::variables`].
        slot: usize,
    },
    /// The filled body is too long.
    #[error("the text has {chars} characters; {BODY_CHARS_MAX} are allowed")]
    BodyTooLong {
        /// Its length with the values, in characters.
        chars: usize,
    },
}

impl TemplateContent {
    /// Fills in values given in the order of [`Self::variables`]. A value that is empty or not given shows as missing.
    pub fn render<V: AsRef<str>>(&self, values: &[V]) -> RenderedTemplate {
        let slots = self.variables();
        let fill = |place, text: &TemplateText| fill(&slots, place, text, values);
        RenderedTemplate {
            header: self
                .header
                .as_ref()
                .map(|header| fill(VariablePlace::Header, header))
                .unwrap_or_default(),
            body: fill(VariablePlace::Body, &self.body),
            footer: self.footer.clone(),
            buttons: (0..=u8::MAX)
                .zip(&self.buttons)
                .map(|(index, button)| RenderedButton {
                    text: button.text.clone(),
                    value: match &button.action {
                        ButtonAction::Url { url } => fill(VariablePlace::Button(index), url),
                        ButtonAction::CopyCode { .. } => fill(
                            VariablePlace::Button(index),
                            &TemplateText {
                                pieces: vec![Piece::Variable("code".to_owned())],
                                examples: Vec::new(),
                            },
                        ),
                        _ => Vec::new(),
                    },
                    action: button.action.clone(),
                })
                .collect(),
        }
    }

    /// Renders with the provider's example values.
    pub fn render_examples(&self) -> RenderedTemplate {
        let examples: Vec<String> =
            self.variables().into_iter().map(|slot| slot.example.unwrap_or_default()).collect();
        self.render(&examples)
    }

    /// Whether these values can be sent.
    pub fn check_values<V: AsRef<str>>(&self, values: &[V]) -> Result<(), ValueProblem> {
        if values.len() != self.variables().len() {
            return Err(ValueProblem::Count);
        }
        if let Some(slot) = values.iter().position(|value| clean_value(value.as_ref()).is_empty()) {
            return Err(ValueProblem::Empty { slot });
        }
        let chars = self.render(values).body.iter().map(RenderedPiece::chars).sum();
        if chars > BODY_CHARS_MAX { Err(ValueProblem::BodyTooLong { chars }) } else { Ok(()) }
    }
}

impl RenderedPiece {
    /// The words; a missing value shows its key in braces.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Text { text } | Self::Value { text, .. } => text.into(),
            Self::Missing { key, .. } => format!("{{{{{key}}}}}").into(),
        }
    }

    fn chars(&self) -> usize {
        self.text().chars().count()
    }
}

fn fill<V: AsRef<str>>(
    slots: &[VariableSlot],
    place: VariablePlace,
    text: &TemplateText,
    values: &[V],
) -> Vec<RenderedPiece> {
    text.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => RenderedPiece::Text { text: text.clone() },
            Piece::Variable(key) => {
                let slot = slots
                    .iter()
                    .position(|slot| slot.place == place && slot.key == *key)
                    .unwrap_or(slots.len());
                match values.get(slot).map(|value| clean_value(value.as_ref())) {
                    Some(value) if !value.is_empty() => {
                        RenderedPiece::Value { slot, text: value.into_owned() }
                    }
                    _ => RenderedPiece::Missing { slot, key: key.clone() },
                }
            }
        })
        .collect()
}
