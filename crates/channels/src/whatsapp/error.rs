//! Meta's error codes, and what each means for us.
//!
//! Decisions are made on the code alone: titles will be withdrawn, and the HTTP status is not reliable. The codes are in
//! [`table`]. An unknown code in an answered 4xx is a refusal of this message: Meta says that it made none. In an answered
//! 5xx it is ambiguous.

mod table;

use std::time::Duration;

use domain::delivery::{FailureReason, PauseReach, ProviderCode, SendError};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use table::Verdict;
pub(super) use table::{Decision, Reported, decision};

impl Verdict {
    fn into_send_error(self, code: ProviderCode) -> SendError {
        let wait = |seconds: u64| (seconds > 0).then(|| Duration::from_secs(seconds));
        match self {
            Self::Retry(seconds) => SendError::RetryLater { after: wait(seconds), code: Some(code) },
            Self::RetryOnce(otherwise) => SendError::RetryOnce { otherwise, code },
            Self::Slow(seconds) => SendError::SlowDown { after: wait(seconds), code },
            Self::HoldBack(hold) => SendError::HoldBack { hold, code },
            Self::Fail(reason) => SendError::Recipient { reason, code: Some(code) },
            Self::OptOut => SendError::OptedOut { code },
            Self::Pause(reason) if reason.reach() == PauseReach::Dispatch => {
                SendError::PauseDispatch { reason, code }
            }
            Self::Pause(reason) => SendError::PauseSender { reason, code },
        }
    }
}

/// The error object of Graph. Every field may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct GraphErrorBody {
    pub(super) code: Option<i32>,
    pub(super) subcode: Option<i64>,
    pub(super) transient: bool,
}

impl GraphErrorBody {
    /// Finds the error object in an answer; `None` if there is none, as in a page of some proxy.
    pub(super) fn find(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Envelope {
            error: Value,
        }
        let error = serde_json::from_slice::<Envelope>(body).ok()?.error;
        error.is_object().then(|| Self {
            code: whole_number(&error["code"]).and_then(|code| i32::try_from(code).ok()),
            subcode: whole_number(&error["error_subcode"]),
            transient: error["is_transient"] == Value::Bool(true),
        })
    }
}

/// Meta writes numbers as numbers, and sometimes as text.
fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// What an answer other than success means for the message it was about.
pub(super) fn classify(status: StatusCode, body: &[u8]) -> SendError {
    let Some(error) = GraphErrorBody::find(body) else { return classify_foreign(status) };
    // Code 100 with subcode 33: Meta does not show the sending number to this token.
    let code = match (error.code, error.subcode) {
        (Some(100), Some(33)) => Some(33),
        (code, _) => code,
    };
    let known = code.and_then(decision).map(|decision| decision.answered);
    let code = code.map(ProviderCode::new);
    match (known, code) {
        (Some(verdict), Some(code)) => verdict.into_send_error(code),
        _ if error.transient => SendError::RetryLater { after: None, code },
        _ if status.is_server_error() => SendError::Ambiguous,
        _ => SendError::Recipient { reason: FailureReason::Refused, code },
    }
}

/// An answer that Graph did not write: something in between did. What refuses a request does not pass it on; what reports
/// trouble behind it may have.
fn classify_foreign(status: StatusCode) -> SendError {
    let refused =
        (status.is_redirection() || status.is_client_error()) && status != StatusCode::REQUEST_TIMEOUT;
    if refused { SendError::RetryLater { after: None, code: None } } else { SendError::Ambiguous }
}

/// Why Graph did not answer a question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Meta does not accept the token.
    #[error("Meta does not accept the token")]
    TokenInvalid,
    /// The token lacks a permission.
    #[error("the token lacks a permission")]
    PermissionMissing,
    /// Meta has no such object, or does not show it to this token.
    #[error("Meta does not know this id, or does not show it to this token")]
    NotFound,
    /// A field of the question is unknown to this version of Graph, or a value in it is wrong.
    #[error("Meta does not understand the question")]
    NotUnderstood,
    /// Too many questions.
    #[error("Meta takes no more questions now")]
    RateLimited {
        /// When it does again, if Meta said so.
        after: Option<Duration>,
    },
    /// No answer, or one that Graph did not write, or Graph is in trouble.
    #[error("Meta could not be reached")]
    Unreachable,
    /// An answer that this version does not understand.
    #[error("Meta gave an answer that this version does not understand (code {code:?})")]
    Unexpected {
        /// The code of the error, if there was one.
        code: Option<i32>,
    },
}

impl GraphError {
    pub(super) fn of_answer(status: StatusCode, body: &[u8], regain_after: Option<Duration>) -> Self {
        let Some(error) = GraphErrorBody::find(body) else {
            return if status.is_success() { Self::Unexpected { code: None } } else { Self::Unreachable };
        };
        match (error.code, error.subcode) {
            (Some(100), Some(33)) | (Some(33 | 803), _) => Self::NotFound,
            (Some(100), _) => Self::NotUnderstood,
            (Some(0 | 102 | 104 | 190), _) => Self::TokenInvalid,
            (Some(3 | 10 | 200..=299 | 131_005), _) => Self::PermissionMissing,
            (Some(4 | 17 | 32 | 613 | 80_007 | 80_008), _) => Self::RateLimited { after: regain_after },
            (Some(1 | 2 | 131_000 | 131_016 | 133_004), _) => Self::Unreachable,
            _ if error.transient => Self::Unreachable,
            (code, _) => Self::Unexpected { code },
        }
    }
}

#[cfg(test)]
mod tests;
