//! Handing messages to a WhatsApp number.

use std::borrow::Cow;
use std::time::Duration;

use domain::delivery::{Accepted, FailureReason, Pacing, ProviderCode, ProviderMessageId, SendError};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Response, Url};
use secrecy::SecretString;
use serde::Deserialize;

use super::error::classify;
use super::{CALL_TIMEOUT, GraphAddress, GraphId, InvalidToken, bearer};

/// An answer to a send has about 300 bytes; more than this is not read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Sends for one WhatsApp number.
#[derive(Debug, Clone)]
pub struct WhatsAppTransport {
    http: reqwest::Client,
    messages: Url,
    authorization: HeaderValue,
    timeout: Duration,
}

impl WhatsAppTransport {
    /// Takes the shared HTTP client, where Graph answers, the sending number and its token.
    ///
    /// # Errors
    ///
    /// If the token has characters that cannot stand in a header.
    pub fn new(
        http: reqwest::Client,
        graph: &GraphAddress,
        phone_number_id: &GraphId,
        token: &SecretString,
    ) -> Result<Self, InvalidToken> {
        Ok(Self {
            http,
            messages: graph.at(&[phone_number_id.as_str(), "messages"]),
            authorization: bearer(token)?,
            timeout: CALL_TIMEOUT,
        })
    }

    /// The same transport, waiting this long for a whole answer.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Posts a prepared body.
    pub(crate) async fn send(&self, body: Vec<u8>) -> Result<Accepted, SendError> {
        let request = self
            .http
            .post(self.messages.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .timeout(self.timeout)
            .body(body);
        let response = request.send().await.map_err(|error| unanswered(&error))?;
        let status = response.status();
        // From here on Meta has the request: an answer that breaks off may have been about a message that exists.
        let body = read_at_most(response, ANSWER_BYTES_MAX).await.ok_or(SendError::Ambiguous)?;
        if status.is_success()
            && let Some(accepted) = accepted(&body)
        {
            return Ok(accepted);
        }
        let error = classify(status, &body);
        match &error {
            SendError::Ambiguous => {
                tracing::warn!(
                    http.status = status.as_u16(),
                    answer.bytes = body.len(),
                    "unusable answer to a send"
                );
            }
            SendError::Recipient { reason: FailureReason::Refused, code } => {
                tracing::warn!(
                    http.status = status.as_u16(),
                    provider.code = code.map(ProviderCode::get),
                    "unknown refusal"
                );
            }
            _ => {}
        }
        Err(error)
    }
}

/// A request without an answer: safe to repeat only if no connection was ever made.
fn unanswered(error: &reqwest::Error) -> SendError {
    if error.is_connect() {
        SendError::Unreachable
    } else if error.is_builder() {
        SendError::RetryLater { after: None, code: None }
    } else {
        SendError::Ambiguous
    }
}

/// Reads an answer; `None` if it broke off or is longer than it can be.
pub(super) async fn read_at_most(mut response: Response, bytes_max: usize) -> Option<Vec<u8>> {
    let announced = response.content_length().unwrap_or(0);
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(bytes_max).min(bytes_max));
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > bytes_max {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    messages: Vec<AnswerMessage<'a>>,
}

#[derive(Deserialize)]
struct AnswerMessage<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    message_status: Option<Cow<'a, str>>,
}

fn accepted(body: &[u8]) -> Option<Accepted> {
    let answer: Answer<'_> = serde_json::from_slice(body).ok()?;
    let message = answer.messages.into_iter().next().filter(|message| !message.id.is_empty())?;
    let pacing = match message.message_status.as_deref() {
        Some("held_for_quality_assessment") => Pacing::HeldForQuality,
        Some("paused") => Pacing::TemplatePaused,
        _ => Pacing::Normal,
    };
    Some(Accepted { provider_message_id: ProviderMessageId::new(message.id), pacing })
}

#[cfg(test)]
mod tests;
