//! Where Meta reports: `/webhooks/whatsapp`.
//!
//! A webhook is answered with 200 once it is durable, and not before. Webhooks that come while a write is under way
//! share the next one, so that many a second cost few commits.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream::{FuturesUnordered, StreamExt as _};
use runtime::tasks::Tasks;
use runtime::telemetry::chain;
use serde::Deserialize;
use service::{Services, webhooks};
use tokio::sync::{mpsc, oneshot};

/// Webhooks written with one commit.
const GROUP_MAX: usize = 256;
/// Writes at once: while the disk confirms one, the next is prepared.
const WRITES_MAX: usize = 2;
/// Webhooks that may wait for a write; more are told to come back, which Meta does.
const WAITING_MAX: usize = 2_048;
/// A webhook that is not durable by then is answered with 503; Meta sends it again.
const STORE_WITHIN: Duration = Duration::from_secs(5);

/// A webhook waiting to be written, and where to tell that it was.
type Waiting = (Vec<u8>, oneshot::Sender<bool>);

#[derive(Clone)]
struct Endpoint {
    services: Services,
    waiting: mpsc::Sender<Waiting>,
}

/// The endpoint. What it receives is written by a task of this set, which ends with the router.
pub fn routes<S>(services: Services, tasks: &Tasks) -> Router<S> {
    let (waiting, received) = mpsc::channel(WAITING_MAX);
    tasks.spawn(write(services.clone(), received));
    Router::new()
        .route("/webhooks/whatsapp", get(handshake).post(receive))
        .layer(DefaultBodyLimit::max(webhooks::BODY_BYTES_MAX))
        .with_state(Endpoint { services, waiting })
}

#[derive(Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

/// Meta asks once whether this address expects its webhooks.
async fn handshake(State(endpoint): State<Endpoint>, Query(asked): Query<Handshake>) -> Response {
    let Some(token) = &endpoint.services.settings.whatsapp.webhook_verify_token else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let (mode, given, challenge) =
        (asked.mode.as_deref(), asked.verify_token.as_deref(), asked.challenge.as_deref());
    match webhooks::challenge(token, mode, given, challenge) {
        Some(challenge) => challenge.to_owned().into_response(),
        None => StatusCode::FORBIDDEN.into_response(),
    }
}

async fn receive(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    let signed = endpoint
        .services
        .settings
        .whatsapp
        .app_secret
        .as_ref()
        .is_some_and(|secret| webhooks::verify_signature(secret, &body, signature));
    if !signed {
        metrics::counter!("fanfare_webhooks_total", "result" => "wrong_signature").increment(1);
        return StatusCode::UNAUTHORIZED;
    }
    let (stored, is_stored) = oneshot::channel();
    if endpoint.waiting.try_send((body.to_vec(), stored)).is_err() {
        metrics::counter!("fanfare_webhooks_total", "result" => "overloaded").increment(1);
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if let Ok(Ok(true)) = tokio::time::timeout(STORE_WITHIN, is_stored).await {
        metrics::counter!("fanfare_webhooks_total", "result" => "stored").increment(1);
        StatusCode::OK
    } else {
        metrics::counter!("fanfare_webhooks_total", "result" => "not_stored").increment(1);
        StatusCode::SERVICE_UNAVAILABLE
    }
}

/// Writes what has gathered while the writes before were under way. Ends when nobody can send any more and all is written.
async fn write(services: Services, mut received: mpsc::Receiver<Waiting>) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    let mut writes = FuturesUnordered::new();
    loop {
        tokio::select! {
            count = received.recv_many(&mut group, GROUP_MAX), if writes.len() < WRITES_MAX => {
                if count == 0 {
                    break;
                }
                writes.push(store(&services, std::mem::take(&mut group)));
            }
            Some(()) = writes.next() => {}
        }
    }
    writes.collect::<()>().await;
}

async fn store(services: &Services, group: Vec<Waiting>) {
    let (bodies, told): (Vec<Vec<u8>>, Vec<oneshot::Sender<bool>>) = group.into_iter().unzip();
    let stored = match webhooks::ingest(services, &bodies).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(webhooks = bodies.len(), error = %chain(&error), "webhooks not stored");
            false
        }
    };
    for tell in told {
        // Whoever waited may have given up.
        let _ = tell.send(stored);
    }
}
