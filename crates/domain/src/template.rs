//! Message templates: what they hold, which values they ask for, how they look filled in.
//!
//! [`TemplateContent`] is read once from the provider's JSON ([`TemplateContent::read`]), frozen as its own JSON, and
//! from then on the same value decides what a preview shows and what is sent. Nothing here needs the server: a browser
//! renders with the same lines.

mod parse;
mod render;
mod text;
mod variables;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use render::{RenderedButton, RenderedPiece, RenderedTemplate, ValueProblem};
pub use text::{Piece, TemplateText, clean_value};
pub use variables::{
    ContactField, MappingProblem, UnknownField, VariableMapping, VariablePlace, VariableSlot, VariableSource,
};

/// Longest body, in characters, with its values filled in.
pub const BODY_CHARS_MAX: usize = 1_024;

/// An open set of the provider's words: those we know, and any other as it was written.
macro_rules! open_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that this version does not know, kept as it was written.
            Other(String),
        }

        impl $name {
            /// The provider's word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                Self::from(word.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

open_words! {
    /// What the provider says about a template. Only an approved one can be sent.
    TemplateState {
        /// Can be sent.
        Approved "APPROVED",
        /// In review.
        Pending "PENDING",
        /// Refused in review.
        Rejected "REJECTED",
        /// Stopped for a while because of its quality.
        Paused "PAUSED",
        /// Stopped for good.
        Disabled "DISABLED",
        /// The refusal is being looked at again.
        InAppeal "IN_APPEAL",
        /// The account has too many templates.
        LimitExceeded "LIMIT_EXCEEDED",
        /// Being deleted.
        PendingDeletion "PENDING_DELETION",
        /// Deleted.
        Deleted "DELETED",
        /// Put away after a year without use.
        Archived "ARCHIVED",
        /// Cannot be changed or sent.
        Locked "LOCKED",
    }
}

impl TemplateState {
    /// A few words for a chip on screen.
    pub fn label(&self) -> &str {
        match self {
            Self::Approved => "Approved",
            Self::Pending => "In review",
            Self::Rejected => "Rejected",
            Self::Paused => "Paused",
            Self::Disabled => "Disabled",
            Self::InAppeal => "In appeal",
            Self::LimitExceeded => "Limit exceeded",
            Self::PendingDeletion => "Being deleted",
            Self::Deleted => "Deleted",
            Self::Archived => "Archived",
            Self::Locked => "Locked",
            Self::Other(word) => word,
        }
    }
}

open_words! {
    /// What a template is for, as the provider files it. Decides price, limits and whether consent is needed.
    TemplateCategory {
        /// Offers and news.
        Marketing "MARKETING",
        /// About something the person did or asked for.
        Utility "UTILITY",
        /// One-time codes.
        Authentication "AUTHENTICATION",
    }
}

impl TemplateCategory {
    /// Whether only people with a confirmed opt-in may get it. An unknown category is taken for marketing.
    pub fn needs_consent(&self) -> bool {
        !matches!(self, Self::Utility | Self::Authentication)
    }

    /// A word for the screen.
    pub fn label(&self) -> &str {
        match self {
            Self::Marketing => "Marketing",
            Self::Utility => "Utility",
            Self::Authentication => "Authentication",
            Self::Other(word) => word,
        }
    }
}

/// How the variables of a template are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterFormat {
    /// By number: `{{1}}`, `{{2}}`.
    #[default]
    Positional,
    /// By name: `{{first_name}}`.
    Named,
}

impl ParameterFormat {
    /// Reads the provider's word; anything but `NAMED` is positional, as at the provider.
    pub fn from_provider(word: &str) -> Self {
        if word == "NAMED" { Self::Named } else { Self::Positional }
    }

    /// The provider's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positional => "POSITIONAL",
            Self::Named => "NAMED",
        }
    }
}

/// A template with everything that is needed to fill, show and send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateContent {
    /// Name at the provider.
    pub name: String,
    /// Locale at the provider, for example `pt_BR`.
    pub language: String,
    /// What it is for.
    pub category: TemplateCategory,
    /// How its variables are named.
    pub parameter_format: ParameterFormat,
    /// Line above the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<TemplateText>,
    /// The text.
    pub body: TemplateText,
    /// Small line below the body; never has variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// Buttons, in the provider's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// What it holds that this version cannot fill.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What the button says.
    pub text: String,
    /// What it does.
    pub action: ButtonAction,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ButtonAction {
    /// Answers with its text.
    QuickReply,
    /// Opens an address; its end may be a variable.
    Url {
        /// The address.
        url: TemplateText,
    },
    /// Copies a code, which is a value of its own.
    CopyCode {
        /// The code shown in review.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        example: Option<String>,
    },
    /// Calls a number.
    PhoneNumber,
    /// Opens a Flow.
    Flow,
    /// Something that needs no value when it is sent: catalogue, call, request for contact details.
    Fixed,
}

/// A part of a template that this version cannot fill.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Obstacle {
    /// A header that needs a file or a place with every message.
    MediaHeader {
        /// The provider's word: IMAGE, VIDEO, DOCUMENT, GIF, LOCATION, PRODUCT.
        format: String,
    },
    /// One-time codes.
    OneTimeCode,
    /// Cards to swipe through.
    Carousel,
    /// An offer with an end.
    LimitedTimeOffer,
    /// A component of a kind this version does not know.
    UnknownComponent {
        /// The provider's word.
        component: String,
    },
    /// A button of a kind this version cannot fill.
    UnknownButton {
        /// The provider's word.
        button: String,
    },
    /// It has no text.
    NoBody,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MediaHeader { format } => {
                write!(
                    f,
                    "Its header is {} that has to be given with every message; text headers work.",
                    media(format)
                )
            }
            Self::OneTimeCode => f.write_str("It is made for one-time codes, not for campaigns."),
            Self::Carousel => f.write_str("It is a carousel; templates with one message work."),
            Self::LimitedTimeOffer => {
                f.write_str("It has a limited-time offer, which needs an end for every message.")
            }
            Self::UnknownComponent { component } => {
                write!(f, "It has a part that this version does not know ({component}).")
            }
            Self::UnknownButton { button } => {
                write!(f, "It has a button that this version cannot fill ({button}).")
            }
            Self::NoBody => f.write_str("It has no text."),
        }
    }
}

fn media(format: &str) -> &'static str {
    match format {
        "IMAGE" => "an image",
        "VIDEO" => "a video",
        "GIF" => "an animation",
        "DOCUMENT" => "a file",
        "LOCATION" => "a place",
        _ => "something",
    }
}

/// Why a template cannot be sent. The text is a sentence for the screen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSendable {
    /// The provider does not let it be sent now.
    #[error("Only approved templates can be sent; this one is: {}.", .0.label())]
    State(TemplateState),
    /// It holds something that this version cannot fill.
    #[error("{0}")]
    Obstacle(Obstacle),
    /// A later sync did not find it any more.
    #[error("It is no longer at WhatsApp.")]
    Removed,
}

impl TemplateContent {
    /// Whether a campaign may use it, given what the provider last said about it.
    pub fn sendable(&self, state: &TemplateState) -> Result<(), NotSendable> {
        if *state != TemplateState::Approved {
            return Err(NotSendable::State(state.clone()));
        }
        self.obstacles.first().map_or(Ok(()), |obstacle| Err(NotSendable::Obstacle(obstacle.clone())))
    }

    /// Whether the template's language is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        let language = self.language.split(['_', '-']).next().unwrap_or_default();
        matches!(language, "ar" | "he" | "fa" | "ur" | "prs" | "ps")
    }

    /// The language as HTML and BCP 47 write it: `pt-BR`.
    pub fn language_tag(&self) -> String {
        self.language.replace('_', "-")
    }
}

#[cfg(test)]
mod tests;
