//! A running sandbox with a client that talks to it, and a callback that records what is posted to it.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, RequestBuilder};
use sandbox::{RunningSandbox, Sandbox, SandboxConfig, seed};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A sandbox and somebody who calls it.
pub struct Caller {
    pub sandbox: RunningSandbox,
    pub client: Client,
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> u64 {
        self.body["error"]["code"].as_u64().unwrap_or(0)
    }

    pub fn wamid(&self) -> &str {
        self.body["messages"][0]["id"].as_str().expect("a message id")
    }
}

impl Caller {
    pub async fn start(config: SandboxConfig) -> Self {
        let sandbox = Sandbox::start(config).await.expect("a loopback port is free");
        Self { sandbox, client: client() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    /// With the token that sees everything.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(self.client.get(self.url(path)).bearer_auth(seed::TOKEN)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(self.client.post(self.url(path)).bearer_auth(seed::TOKEN).json(&body)).await
    }

    pub async fn send(&self, body: Value) -> Answer {
        self.send_from(seed::NUMBER_ID, body).await
    }

    pub async fn send_from(&self, phone: &str, body: Value) -> Answer {
        self.post(&format!("/v24.0/{phone}/messages"), body).await
    }

    pub async fn ask(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.expect("a whole body");
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer { status, body }
    }
}

#[expect(clippy::disallowed_methods, reason = "the sandbox shares nothing with the crates it is a check on")]
pub fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client without special wishes")
}

pub fn text(to: &str, body: &str) -> Value {
    json!({ "messaging_product": "whatsapp", "to": to, "type": "text", "text": { "body": body } })
}

/// The static template.
pub fn welcome(to: &str) -> Value {
    json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": "template",
        "biz_opaque_callback_data": format!("r={to}"),
        "template": { "name": "club_welcome", "language": { "code": "en" } },
    })
}

/// A template with variables in header, body and button.
pub fn harvest(to: &str, body: &[&str]) -> Value {
    let texts: Vec<Value> = body.iter().map(|value| json!({ "type": "text", "text": value })).collect();
    json!({
        "messaging_product": "whatsapp", "to": to, "type": "template",
        "template": { "name": "winter_harvest", "language": { "code": "pt_PT" }, "components": [
            { "type": "header", "parameters": [{ "type": "text", "text": "Lisboa" }] },
            { "type": "body", "parameters": texts },
            { "type": "button", "sub_type": "quick_reply", "index": "0",
              "parameters": [{ "type": "payload", "payload": "BAG|42" }] },
            { "type": "button", "sub_type": "url", "index": "1", "parameters": [{ "type": "text", "text": "ines" }] },
        ] },
    })
}

pub fn utility(to: &str) -> Value {
    let texts = ["Ana", "BR-1", "Rua das Flores 12"].map(|value| json!({ "type": "text", "text": value }));
    json!({
        "messaging_product": "whatsapp", "to": to, "type": "template",
        "template": { "name": "order_ready", "language": { "code": "en" },
            "components": [{ "type": "body", "parameters": texts }] },
    })
}

/// One POST as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub body: Bytes,
    pub signature: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("webhooks are JSON")
    }

    pub fn is_signed(&self) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(seed::APP_SECRET.as_bytes()).expect("any key");
        mac.update(&self.body);
        self.signature == format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }
}

#[derive(Default)]
struct CallbackState {
    posts: Mutex<Vec<Received>>,
    count: watch::Sender<usize>,
    /// Posts to refuse before accepting; each takes one.
    refusals: AtomicU16,
    /// Refuses what is signed wrongly, as a sound client does.
    checks_signature: bool,
    /// The verify token the handshake has to bring.
    verify_token: String,
}

/// A callback that records posts.
pub struct Callback {
    state: Arc<CallbackState>,
    pub url: String,
    _server: JoinSet<()>,
}

impl Callback {
    pub async fn start() -> Self {
        Self::start_with(0, false).await
    }

    pub async fn start_with(refusals: u16, checks_signature: bool) -> Self {
        let state = Arc::new(CallbackState {
            refusals: AtomicU16::new(refusals),
            checks_signature,
            verify_token: seed::VERIFY_TOKEN.to_owned(),
            ..CallbackState::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound listener");
        let router = Router::new().route("/hook", get(handshake).post(take)).with_state(Arc::clone(&state));
        let mut server = JoinSet::new();
        server.spawn(async move {
            axum::serve(listener, router).await.expect("the callback serves until it is dropped");
        });
        Self { state, url: format!("http://{address}/hook"), _server: server }
    }

    pub fn posts(&self) -> Vec<Received> {
        self.state.posts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many posts have come.
    pub async fn wait_for(&self, count: usize) {
        self.state.count.subscribe().wait_for(|now| *now >= count).await.expect("the sender lives in self");
    }

    /// Every status in order of arrival: wamid, status, the whole object.
    pub fn statuses(&self) -> Vec<Value> {
        self.updates("statuses")
    }

    pub fn inbound(&self) -> Vec<Value> {
        self.updates("messages")
    }

    fn updates(&self, list: &str) -> Vec<Value> {
        let mut found = Vec::new();
        for post in self.posts() {
            for value in values(&post.json()) {
                found.extend(value[list].as_array().cloned().unwrap_or_default());
            }
        }
        found
    }

    /// The names of the statuses of one message, in order of arrival.
    pub fn history(&self, wamid: &str) -> Vec<String> {
        let of_message = |status: &Value| status["id"] == wamid;
        let name = |status: Value| status["status"].as_str().expect("a status has a name").to_owned();
        self.statuses().into_iter().filter(of_message).map(name).collect()
    }
}

/// The `value` of every change.
pub fn values(body: &Value) -> Vec<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    list(&body["entry"])
        .iter()
        .flat_map(|entry| list(&entry["changes"]))
        .map(|change| change["value"].clone())
        .collect()
}

async fn take(State(state): State<Arc<CallbackState>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature =
        headers.get("X-Hub-Signature-256").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let received = Received { body, signature: signature.to_owned() };
    let refused = (state.checks_signature && !received.is_signed())
        || state
            .refusals
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok();
    {
        let mut posts = state.posts.lock().unwrap_or_else(PoisonError::into_inner);
        posts.push(received);
        state.count.send_replace(posts.len());
    }
    if refused { StatusCode::UNAUTHORIZED } else { StatusCode::OK }
}

#[derive(serde::Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.verify_token")]
    verify_token: String,
    #[serde(rename = "hub.challenge")]
    challenge: String,
}

async fn handshake(
    State(state): State<Arc<CallbackState>>,
    Query(query): Query<Handshake>,
) -> (StatusCode, String) {
    if query.mode == "subscribe" && query.verify_token == state.verify_token {
        (StatusCode::OK, query.challenge)
    } else {
        (StatusCode::FORBIDDEN, String::new())
    }
}
