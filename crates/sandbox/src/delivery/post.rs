//! One webhook POST: signing, sending, trying again.

use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use sha2::Sha256;
use tokio::time::Instant;
use tracing::debug;

use crate::behaviour::Behaviour;
use crate::state::SandboxState;

/// A body on its way to a callback. Repetitions send the very same bytes.
#[derive(Debug)]
pub(crate) struct Post {
    url: String,
    body: Bytes,
    /// How many events the body tells.
    pub(super) events: usize,
    /// Comes with a wrong signature first.
    forged: bool,
    tries: u32,
}

/// The header value for a body: `sha256=` and the HMAC in hexadecimal.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

impl Post {
    pub(super) fn new(url: String, body: String, events: usize, forged: bool) -> Self {
        Self { url, body: body.into(), events, forged, tries: 0 }
    }

    /// Posts, and on failure goes back into the queue or is given up.
    pub(super) async fn send(mut self, state: &SandboxState, behaviour: &Behaviour) {
        let secret = state.world().app.secret.clone();
        if std::mem::take(&mut self.forged) {
            let believed = self.reaches(state, behaviour, &signature("not the app secret", &self.body)).await;
            if believed {
                state.ledger().webhooks.forgeries_believed += 1;
                state.deliveries.finish(self.events);
                return;
            }
            state.ledger().webhooks.failed_tries += 1;
        }
        if self.reaches(state, behaviour, &signature(&secret, &self.body)).await {
            state.ledger().webhooks.confirmed += 1;
            state.deliveries.finish(self.events);
            return;
        }
        state.ledger().webhooks.failed_tries += 1;
        if self.tries >= behaviour.retries_max {
            state.ledger().webhooks.lost += 1;
            state.deliveries.finish(self.events);
            return;
        }
        let wait_ms =
            behaviour.retry_first_ms.saturating_mul(1 << self.tries.min(20)).min(behaviour.retry_max_ms);
        self.tries += 1;
        state.deliveries.repeat(Instant::now() + Duration::from_millis(wait_ms), self);
    }

    /// Whether the callback answered 200.
    async fn reaches(&self, state: &SandboxState, behaviour: &Behaviour, signature: &str) -> bool {
        let answer = state
            .http
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "facebookexternalua")
            .header("X-Hub-Signature-256", signature)
            .timeout(Duration::from_millis(behaviour.post_timeout_ms))
            .body(self.body.clone())
            .send()
            .await;
        match answer {
            Ok(answer) if answer.status() == StatusCode::OK => true,
            Ok(answer) => {
                debug!(
                    webhook.status = answer.status().as_u16(),
                    webhook.events = self.events,
                    "webhook refused"
                );
                false
            }
            Err(error) => {
                debug!(%error, webhook.events = self.events, "webhook not answered");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_signature_is_hmac_sha256_of_the_bytes() {
        // RFC 4231, test case 2.
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
