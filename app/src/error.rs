//! What a browser may see of a failure.

use std::fmt;

use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::ui::form_errors::FieldError;

/// What sort of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Nobody is signed in.
    Unauthenticated,
    /// Somebody is signed in whose role does not allow it.
    Forbidden,
    /// It is not there, or it belongs to another workspace: which of the two is not said.
    NotFound,
    /// What was sent cannot be used; `fields` says why.
    Invalid,
    /// It does not fit what is there now.
    Conflict,
    /// More than the server takes at once.
    TooLarge,
    /// Too often; the message says when to try again.
    TooManyRequests,
    /// Something that is needed does not answer at the moment.
    Unavailable,
    /// Our mistake; `incident` finds it in the log.
    Internal,
}

impl ErrorKind {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::Invalid => 422,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// A failure as a browser may see it: a kind, a sentence, and where to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// What sort of failure it is.
    pub kind: ErrorKind,
    /// What happened and what to do, for the person at the screen.
    pub message: String,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// Under which the operator finds the details in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AppError {}

impl AppError {
    /// A failure of this kind, in a sentence.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fields: Vec::new(), incident: None }
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(ErrorKind::Unauthenticated, "You are signed out. Sign in and try again.")
    }

    /// It is not there, or not yours.
    pub fn not_found() -> Self {
        Self::new(
            ErrorKind::NotFound,
            "It was moved or deleted, or the link has a mistake. Check the address.",
        )
    }

    /// What was sent cannot be used.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// It does not fit what is there now.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// The same, with what is wrong in a field.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.push(FieldError::new(field, message));
        self
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(
                ErrorKind::Unavailable,
                "The server cannot be reached. Check your connection and try again.",
            ),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::invalid("The page and the server do not agree. Reload the page and try again.")
            }
            ServerFnErrorErr::Deserialization(_) => Self::new(
                ErrorKind::Unavailable,
                "The answer could not be read. Reload the page and try again.",
            ),
            _ => Self::new(ErrorKind::Internal, "The server could not do this. Try again in a moment."),
        }
    }

    fn ser(&self) -> server_fn::Bytes {
        #[cfg(feature = "ssr")]
        server::announce_status(self.kind);
        JsonEncoding::encode_error(self)
    }
}

/// Writes an error as JSON; the shape is fixed, so it cannot fail.
trait EncodeError {
    fn encode_error(error: &AppError) -> server_fn::Bytes;
}

impl EncodeError for JsonEncoding {
    fn encode_error(error: &AppError) -> server_fn::Bytes {
        use server_fn::Encodes;
        Self::encode(error).expect("an error has only texts in it, and texts are JSON")
    }
}

#[cfg(feature = "ssr")]
mod server {
    use std::error::Error;

    use axum::response::{IntoResponse, Response};
    use http::StatusCode;
    use leptos::prelude::use_context;
    use service::StorageError;
    use service::access::{AccessError, Forbidden};

    use super::{AppError, ErrorKind};

    const UNREACHABLE: &str = "The database does not answer. Nothing was changed; try again in a moment.";

    impl ErrorKind {
        /// The HTTP status.
        pub fn status_code(self) -> StatusCode {
            StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }

    /// Gives the answer under way, if there is one, the status of the error. Leptos would answer 500 to every error of
    /// a server function.
    pub(super) fn announce_status(kind: ErrorKind) {
        if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
            response.set_status(kind.status_code());
        }
    }

    impl AppError {
        /// A failure nobody foresaw: the whole chain goes to the log, an incident number to the browser.
        pub fn internal(error: &(dyn Error + 'static)) -> Self {
            Self::reported(
                ErrorKind::Internal,
                "The server could not do this. Nothing was changed; try again in a moment.",
                error,
            )
        }

        /// A session that could not be read or kept: mostly because the database does not answer.
        pub(crate) fn session(error: tower_sessions::session::Error) -> Self {
            match error {
                tower_sessions::session::Error::Store(error) => {
                    Self::reported(ErrorKind::Unavailable, UNREACHABLE, &error)
                }
                other => Self::internal(&other),
            }
        }

        fn reported(kind: ErrorKind, message: &str, error: &(dyn Error + 'static)) -> Self {
            let incident = incident();
            tracing::error!(incident.id = %incident, error.chain = %chain(error), "a request failed");
            Self { incident: Some(incident), ..Self::new(kind, message) }
        }
    }

    /// Eight letters and digits that can be read over the phone.
    fn incident() -> String {
        const LETTERS: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        let entropy = service::clock::id_entropy();
        let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
        let (first, second) = entropy[..8].split_at(4);
        format!(
            "{}-{}",
            first.iter().map(letter).collect::<String>(),
            second.iter().map(letter).collect::<String>()
        )
    }

    fn chain(error: &(dyn Error + 'static)) -> String {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        text
    }

    impl From<StorageError> for AppError {
        fn from(error: StorageError) -> Self {
            if error.is_unreachable() {
                Self::reported(ErrorKind::Unavailable, UNREACHABLE, &error)
            } else {
                Self::internal(&error)
            }
        }
    }

    impl From<Forbidden> for AppError {
        fn from(error: Forbidden) -> Self {
            let message = format!(
                "This needs the role {} or above. Ask an owner or admin of the workspace.",
                error.least_role
            );
            Self::new(ErrorKind::Forbidden, message)
        }
    }

    impl From<AccessError> for AppError {
        fn from(error: AccessError) -> Self {
            match error {
                AccessError::NotFound => Self::not_found(),
                AccessError::Forbidden(forbidden) => forbidden.into(),
                AccessError::Storage(error) => error.into(),
            }
        }
    }

    /// The status and the error as JSON, as callers of server functions read it. `server::error_pages` puts a page in
    /// its place for people.
    impl IntoResponse for AppError {
        fn into_response(self) -> Response {
            let mut response = (self.kind.status_code(), axum::Json(&self)).into_response();
            response.extensions_mut().insert(self);
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_wire() {
        let error = AppError::conflict("It was launched already.").with_field("name", "Another one");
        assert_eq!(AppError::de(error.ser()), error);
    }

    #[test]
    fn what_cannot_be_read_is_still_an_error_with_a_next_step() {
        let error = AppError::de(server_fn::Bytes::from_static(b"<html>"));
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert!(error.message.contains("Reload"));
    }
}
