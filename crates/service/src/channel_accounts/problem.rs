//! Why a number was not connected, in sentences with the next step.

use channels::whatsapp::GraphError;
use storage::StorageError;

/// A field of the form that connects a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectField {
    /// The access token.
    Token,
    /// The id of the number.
    PhoneNumberId,
    /// The id of the WhatsApp Business account.
    WabaId,
}

/// What is wrong. Whatever it is, nothing was stored. Each text is for the screen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectProblem {
    /// The token cannot be one.
    #[error("This is not a token: it is empty or has spaces or line breaks inside. Copy it again at Meta.")]
    TokenMalformed,
    /// Meta does not accept the token.
    #[error(
        "Meta does not accept this token. It may have expired or been withdrawn. Make a new one for a system user of \
         your business and paste it here."
    )]
    TokenRefused,
    /// The token was made for another app, whose webhooks would not come here.
    #[error(
        "This token was made for another Meta app ({app_id}). Make one for the app this installation is set up with, \
         or no delivery reports will arrive."
    )]
    TokenOfAnotherApp {
        /// The app it was made for.
        app_id: String,
    },
    /// The token lacks a permission.
    #[error(
        "The token lacks the permission {permission}. Give it to the system user at Meta and make a new token."
    )]
    PermissionMissing {
        /// Meta's name of it.
        permission: &'static str,
    },
    /// The token sees no such number.
    #[error(
        "With this token Meta knows no number with this id. Copy the phone number ID, not the number itself, and check \
         that the token's system user may use it."
    )]
    NumberNotFound,
    /// The token sees no such account.
    #[error(
        "With this token Meta knows no WhatsApp Business account with this id. Copy it from the same page as the phone \
         number ID."
    )]
    AccountNotFound,
    /// The number belongs to another account.
    #[error(
        "The number does not belong to this WhatsApp Business account. Copy both ids from the same page at Meta."
    )]
    NumberOfAnotherAccount,
    /// This workspace has the number already.
    #[error(
        "This number is connected already, as “{name}”. To renew its token, open it and choose Replace token."
    )]
    AlreadyConnected {
        /// What the sender is called.
        name: String,
    },
    /// Another workspace has the number.
    #[error(
        "This number is connected in another workspace of this installation. It has to be disconnected there first."
    )]
    ConnectedElsewhere,
    /// Meta did not answer.
    #[error("Meta could not be reached, so nothing was stored. Try again in a minute.")]
    Unreachable,
    /// Meta takes no more questions now.
    #[error(
        "Meta takes no more questions for this account now, so nothing was stored. Try again in {minutes} minutes."
    )]
    RateLimited {
        /// How long to wait.
        minutes: u64,
    },
    /// Meta said something that this version does not know.
    #[error("Meta refused with something this version does not know (code {}), so nothing was stored.", in_digits(*.code))]
    Unexpected {
        /// Meta's code, if it gave one.
        code: Option<i32>,
    },
    /// The settings do not say where Graph answers.
    #[error(
        "This installation is not set up for WhatsApp: whatsapp.graph_url or whatsapp.graph_version is wrong."
    )]
    Misconfigured,
}

fn in_digits(code: Option<i32>) -> String {
    code.map_or_else(|| "none".to_owned(), |code| code.to_string())
}

impl ConnectProblem {
    /// The field it belongs to; `None` for the form as a whole.
    pub const fn field(&self) -> Option<ConnectField> {
        match self {
            Self::TokenMalformed
            | Self::TokenRefused
            | Self::TokenOfAnotherApp { .. }
            | Self::PermissionMissing { .. } => Some(ConnectField::Token),
            Self::NumberNotFound | Self::AlreadyConnected { .. } | Self::ConnectedElsewhere => {
                Some(ConnectField::PhoneNumberId)
            }
            Self::AccountNotFound | Self::NumberOfAnotherAccount => Some(ConnectField::WabaId),
            Self::Unreachable | Self::RateLimited { .. } | Self::Unexpected { .. } | Self::Misconfigured => {
                None
            }
        }
    }

    /// What a refusal of Graph means when the question was about something with this problem of not being found, and
    /// needed this permission.
    pub(super) fn of_graph(error: &GraphError, not_found: Self, permission: &'static str) -> Self {
        match error {
            GraphError::TokenInvalid => Self::TokenRefused,
            GraphError::PermissionMissing => Self::PermissionMissing { permission },
            GraphError::NotFound | GraphError::NotUnderstood => not_found,
            GraphError::RateLimited { after } => {
                Self::RateLimited { minutes: after.map_or(10, |after| after.as_secs().div_ceil(60).max(1)) }
            }
            GraphError::Unreachable => Self::Unreachable,
            GraphError::Unexpected { code } => Self::Unexpected { code: *code },
        }
    }
}

/// Why a number was not connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Something the person at the form can put right, or wait for.
    #[error("{0}")]
    Refused(ConnectProblem),
    /// The workspace has no such sender.
    #[error("there is no such sender")]
    NotFound,
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ConnectProblem> for ConnectError {
    fn from(problem: ConnectProblem) -> Self {
        Self::Refused(problem)
    }
}
