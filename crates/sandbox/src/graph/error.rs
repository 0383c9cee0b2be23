//! Errors in the shape of Graph: the generic one, and the one with `error_data` that WhatsApp endpoints give.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::codes::describe;
use crate::behaviour::mix;

/// An error answer.
#[derive(Debug, Clone)]
pub(crate) struct GraphError {
    pub(crate) code: u32,
    status: u16,
    subcode: Option<u32>,
    kind: &'static str,
    message: String,
    details: Option<String>,
}

impl GraphError {
    /// An error of a WhatsApp endpoint: `(#code) title`, and the details apart.
    pub(crate) fn whatsapp(code: u32, details: impl Into<String>) -> Self {
        let (status, title) = describe(code);
        Self {
            code,
            status,
            subcode: None,
            kind: "OAuthException",
            message: format!("(#{code}) {title}"),
            details: Some(details.into()),
        }
    }

    /// Code 100 in the generic shape, without `error_data`.
    pub(crate) fn invalid(message: impl AsRef<str>) -> Self {
        Self::generic(400, 100, None, format!("(#100) {}", message.as_ref()))
    }

    /// A generic error of Graph itself.
    pub(crate) fn generic(status: u16, code: u32, subcode: Option<u32>, message: impl Into<String>) -> Self {
        Self { code, status, subcode, kind: "OAuthException", message: message.into(), details: None }
    }

    /// An object that does not exist or that the token may not see: Graph does not say which.
    pub(crate) fn unknown_object(method: &str, id: &str) -> Self {
        let message = format!(
            "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation"
        );
        Self { kind: "GraphMethodException", ..Self::generic(400, 100, Some(33), message) }
    }

    /// A token that does not work, as code 190.
    pub(crate) fn token(subcode: Option<u32>, message: &str) -> Self {
        Self::generic(401, 190, subcode, message)
    }

    /// The part that `debug_token` repeats about a token that does not work.
    pub(crate) fn as_token_report(&self) -> serde_json::Value {
        json!({ "code": self.code, "message": self.message, "subcode": self.subcode })
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": trace_id(),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if let Some(details) = self.details {
            error["error_data"] = json!({ "messaging_product": "whatsapp", "details": details });
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, Json(json!({ "error": error }))).into_response()
    }
}

/// A trace id that differs from call to call.
fn trace_id() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = mix(CALLS.fetch_add(1, Ordering::Relaxed));
    format!(
        "A{}{}",
        URL_SAFE_NO_PAD.encode(call.to_be_bytes()),
        URL_SAFE_NO_PAD.encode(mix(call).to_be_bytes())
    )
}
