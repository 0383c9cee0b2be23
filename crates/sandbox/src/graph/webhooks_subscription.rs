//! Where webhooks go: the app's callback, the subscription of an account, and overrides by account and number.
//! Every new address has to pass the verification handshake first.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State as Held};
use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Value, json};

use super::error::GraphError;
use super::{Node, ReadQuery, tokens};
use crate::state::{SandboxState, now_ms};

/// A callback must answer the handshake within this time.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const CALLBACK_LENGTH_MAX: usize = 200;

type Answer = Result<Json<Value>, GraphError>;

/// `POST /{waba}/subscribed_apps`. Without a body an existing override ends.
pub(super) async fn subscribe(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ReadQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    require_account(&state, &node, &headers, query.access_token.as_deref(), "post")?;
    let wanted = body_object(&body)?;
    let callback = text_in(&wanted, "override_callback_uri").filter(|url| !url.is_empty());
    if let Some(url) = &callback {
        let verify_token = text_in(&wanted, "verify_token").unwrap_or_default();
        handshake(&state, url, &verify_token).await?;
    }
    if let Some(account) = state.world_mut().accounts.get_mut(&node.id) {
        account.subscribed = true;
        account.override_callback = callback;
    }
    Ok(Json(json!({ "success": true })))
}

/// `DELETE /{waba}/subscribed_apps`.
pub(super) async fn unsubscribe(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ReadQuery>,
    headers: HeaderMap,
) -> Answer {
    require_account(&state, &node, &headers, query.access_token.as_deref(), "delete")?;
    if let Some(account) = state.world_mut().accounts.get_mut(&node.id) {
        account.subscribed = false;
        account.override_callback = None;
    }
    Ok(Json(json!({ "success": true })))
}

/// `GET /{waba}/subscribed_apps`.
pub(super) async fn list(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ReadQuery>,
    headers: HeaderMap,
) -> Answer {
    require_account(&state, &node, &headers, query.access_token.as_deref(), "get")?;
    let world = state.world();
    let subscribed = world.accounts.get(&node.id).filter(|account| account.subscribed);
    let data: Vec<Value> = subscribed
        .map(|account| {
            let mut entry = json!({ "whatsapp_business_api_data": {
                "id": world.app.id,
                "link": format!("{}/", state.base_url),
                "name": world.app.name,
            } });
            if let Some(url) = &account.override_callback {
                entry["override_callback_uri"] = url.as_str().into();
            }
            entry
        })
        .into_iter()
        .collect();
    Ok(Json(json!({ "data": data })))
}

/// `POST /{app}/subscriptions` by the app itself: the callback for everything that has no override.
pub(super) async fn set_app_callback(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ReadQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    require_app(&state, &node, &headers, query.access_token.as_deref(), "post")?;
    let wanted = body_object(&body)?;
    if text_in(&wanted, "object").as_deref() != Some("whatsapp_business_account") {
        return Err(GraphError::invalid("Param object must be one of {whatsapp_business_account}"));
    }
    let url = text_in(&wanted, "callback_url")
        .ok_or_else(|| GraphError::invalid("The parameter callback_url is required"))?;
    let verify_token = text_in(&wanted, "verify_token")
        .ok_or_else(|| GraphError::invalid("The parameter verify_token is required"))?;
    handshake(&state, &url, &verify_token).await?;
    let mut world = state.world_mut();
    world.app.callback_url = Some(url);
    world.app.verify_token = verify_token;
    Ok(Json(json!({ "success": true })))
}

/// `GET /{app}/subscriptions`.
pub(super) async fn read_app_callback(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ReadQuery>,
    headers: HeaderMap,
) -> Answer {
    require_app(&state, &node, &headers, query.access_token.as_deref(), "get")?;
    let callback = state.world().app.callback_url.clone();
    let data: Vec<Value> = callback
        .map(|url| {
            json!({
                "object": "whatsapp_business_account",
                "callback_url": url,
                "active": true,
                "fields": [{ "name": "messages" }, { "name": "message_template_status_update" }],
            })
        })
        .into_iter()
        .collect();
    Ok(Json(json!({ "data": data })))
}

/// `POST /{phone}` with `webhook_configuration`: an override for one number; an empty address removes it.
pub(super) async fn configure_number(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ReadQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    {
        let world = state.world();
        let token = tokens::authorise(&world, &headers, query.access_token.as_deref())?;
        let number =
            world.numbers.get(&node.id).ok_or_else(|| GraphError::unknown_object("post", &node.id))?;
        tokens::require_management(token, &number.account_id, "post", &node.id)?;
    }
    let wanted = body_object(&body)?;
    let configuration = wanted
        .get("webhook_configuration")
        .ok_or_else(|| GraphError::invalid("The parameter webhook_configuration is required"))?;
    let url = text_in(configuration, "override_callback_uri")
        .ok_or_else(|| GraphError::invalid("The parameter override_callback_uri is required"))?;
    let callback = (!url.is_empty()).then_some(url);
    if let Some(url) = &callback {
        let verify_token = text_in(configuration, "verify_token").unwrap_or_default();
        handshake(&state, url, &verify_token).await?;
    }
    if let Some(number) = state.world_mut().numbers.get_mut(&node.id) {
        number.override_callback = callback;
    }
    Ok(Json(json!({ "success": true })))
}

/// Asks a callback to prove itself: it must answer 200 with the challenge as the whole body.
pub(crate) async fn handshake(state: &SandboxState, url: &str, verify_token: &str) -> Result<(), GraphError> {
    let refused = |reason: String| {
        let message = format!("(#2200) Callback verification failed with the following errors: {reason}");
        GraphError::generic(400, 2200, None, message)
    };
    if url.len() > CALLBACK_LENGTH_MAX {
        return Err(GraphError::invalid("Param override_callback_uri must be at most 200 characters long"));
    }
    let challenge = (now_ms() ^ state.next_request()).to_string();
    let request = state
        .http
        .get(url)
        .query(&[
            ("hub.mode", "subscribe"),
            ("hub.verify_token", verify_token),
            ("hub.challenge", &challenge),
        ])
        .timeout(HANDSHAKE_TIMEOUT);
    let answer = request.send().await.map_err(|_| refused("the callback could not be reached".to_owned()))?;
    if answer.status() != reqwest::StatusCode::OK {
        return Err(refused(format!("HTTP Status Code = {}", answer.status().as_u16())));
    }
    match answer.text().await {
        Ok(body) if body == challenge => Ok(()),
        _ => Err(refused("the response does not match the challenge".to_owned())),
    }
}

fn require_account(
    state: &SandboxState,
    node: &Node,
    headers: &HeaderMap,
    query_token: Option<&str>,
    method: &str,
) -> Result<(), GraphError> {
    let world = state.world();
    let token = tokens::authorise(&world, headers, query_token)?;
    let account = world.accounts.get(&node.id).ok_or_else(|| GraphError::unknown_object(method, &node.id))?;
    tokens::require_management(token, &account.id, method, &node.id)
}

fn require_app(
    state: &SandboxState,
    node: &Node,
    headers: &HeaderMap,
    query_token: Option<&str>,
    method: &str,
) -> Result<(), GraphError> {
    let world = state.world();
    if !tokens::is_app_token(&world, headers, query_token)? {
        return Err(GraphError::generic(
            400,
            15,
            None,
            "(#15) This method must be called with an app access_token.",
        ));
    }
    if world.app.id != node.id {
        return Err(GraphError::unknown_object(method, &node.id));
    }
    Ok(())
}

/// A JSON object, or nothing at all.
fn body_object(body: &Bytes) -> Result<Value, GraphError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(json!({}));
    }
    serde_json::from_slice::<Value>(body)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| GraphError::invalid("The request body is not a JSON object"))
}

fn text_in(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}
