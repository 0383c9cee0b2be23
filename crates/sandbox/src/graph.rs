//! The Graph API: one router for every version, and what its calls have in common.

pub(crate) mod accounts;
mod codes;
mod envelope;
mod error;
mod fields;
mod messages;
mod numbers;
mod template_parameters;
mod templates;
mod tokens;
mod webhooks_subscription;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{FromRequestParts, Path, Query, Request, State as Held};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;

pub(crate) use codes::describe;
use error::GraphError;
pub(crate) use webhooks_subscription::handshake;

use crate::faults::{FaultKind, FaultScope};
use crate::server::cut_connection;
use crate::state::SandboxState;

/// All routes below `/v{N}.0/`.
pub(crate) fn router(state: &Arc<SandboxState>) -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/{version}/debug_token", get(tokens::debug))
        .route("/{version}/{id}/message_templates", get(templates::list))
        .route("/{version}/{id}/phone_numbers", get(numbers::list))
        .route(
            "/{version}/{id}/subscribed_apps",
            get(webhooks_subscription::list)
                .post(webhooks_subscription::subscribe)
                .delete(webhooks_subscription::unsubscribe),
        )
        .route(
            "/{version}/{id}/subscriptions",
            get(webhooks_subscription::read_app_callback).post(webhooks_subscription::set_app_callback),
        )
        .route("/{version}/{id}", get(read_node).post(webhooks_subscription::configure_number))
        .route_layer(from_fn_with_state(Arc::clone(state), strike))
        // Sends look up their faults themselves, because some strike after acceptance.
        .route("/{version}/{id}/messages", post(messages::send))
}

/// What an unknown path answers.
pub(crate) async fn unknown_path(request: Request) -> Response {
    GraphError::generic(400, 2500, None, format!("Unknown path components: {}", request.uri().path()))
        .into_response()
}

/// The node a call is about: `/v24.0/300000000000001`.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) version: u32,
    pub(crate) id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Node {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Path((version, id)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let version = parse_version(&version).map_err(IntoResponse::into_response)?;
        Ok(Self { version, id })
    }
}

/// The number in `v24.0`.
fn parse_version(segment: &str) -> Result<u32, GraphError> {
    segment
        .strip_prefix('v')
        .and_then(|rest| rest.strip_suffix(".0"))
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| GraphError::generic(400, 2500, None, format!("Unknown path components: /{segment}")))
}

/// `GET /{id}`: Graph finds out by itself what kind of thing an id is.
async fn read_node(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ReadQuery>,
    headers: HeaderMap,
) -> Result<Json<serde_json::Value>, GraphError> {
    let world = state.world();
    let token = tokens::authorise(&world, &headers, query.access_token.as_deref())?;
    let fields = query.fields.as_deref();
    if let Some(number) = world.numbers.get(&node.id) {
        tokens::require_management(token, &number.account_id, "get", &node.id)?;
        return numbers::read(&world, number, node.version, fields).map(Json);
    }
    if let Some(account) = world.accounts.get(&node.id) {
        tokens::require_management(token, &account.id, "get", &node.id)?;
        return accounts::read(&world, account, node.version, fields).map(Json);
    }
    if let Some(template) = world.templates.iter().find(|template| template.id == node.id) {
        tokens::require_management(token, &template.account_id, "get", &node.id)?;
        return templates::read(template, fields).map(Json);
    }
    Err(GraphError::unknown_object("get", &node.id))
}

/// What every read may carry.
#[derive(Debug, serde::Deserialize)]
struct ReadQuery {
    fields: Option<String>,
    access_token: Option<String>,
}

/// Lets a fault strike a call that is not a send.
async fn strike(Held(state): Held<Arc<SandboxState>>, request: Request, next: Next) -> Response {
    let id = request.uri().path().split('/').nth(2).unwrap_or_default();
    let struck = state.faults().before(FaultScope::Everything, id);
    match struck {
        Some(kind) => trouble(&state, kind),
        None => next.run(request).await,
    }
}

/// The answer of a fault that strikes before acceptance.
fn trouble(state: &SandboxState, kind: FaultKind) -> Response {
    const HTML: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Error</title></head><body>\
        <h1>Sorry, something went wrong.</h1><p>We're working on getting this fixed as soon as we can.</p></body></html>\n";
    match kind {
        FaultKind::InternalError => GraphError::whatsapp(131000, "Something went wrong.").into_response(),
        FaultKind::Unavailable => {
            GraphError::generic(503, 2, None, "(#2) Service temporarily unavailable").into_response()
        }
        FaultKind::HtmlPage { status } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], HTML).into_response()
        }
        FaultKind::GraphError { code } => requested_error(code).into_response(),
        FaultKind::CutBeforeAccepting => {
            state.ledger().connections_cut += 1;
            cut_connection()
        }
        // These follow an acceptance and never come here.
        FaultKind::CutAfterAccepting | FaultKind::SlowAnswer { .. } | FaultKind::Silence => {
            Json(json!({ "success": true })).into_response()
        }
    }
}

fn requested_error(code: u32) -> GraphError {
    match code {
        190 => {
            GraphError::token(Some(460), "Error validating access token: the session has been invalidated")
        }
        0..=4 | 10 | 100..=299 | 368 | 80007 | 80008 => {
            let (status, title) = describe(code);
            GraphError::generic(status, code, None, format!("(#{code}) {title}"))
        }
        _ => GraphError::whatsapp(code, describe(code).1),
    }
}
