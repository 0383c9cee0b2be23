//! Who is calling, and what `debug_token` says about a token.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State as Held};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::GraphError;
use super::parse_version;
use crate::state::SandboxState;
use crate::world::{Token, TokenState, World};

/// Permission to send.
const MESSAGING: &str = "whatsapp_business_messaging";
/// Permission to read and change accounts.
const MANAGEMENT: &str = "whatsapp_business_management";

/// The token of a call, if it works. Missing is 104, unknown, expired and revoked are 190.
pub(crate) fn authorise<'w>(
    world: &'w World,
    headers: &HeaderMap,
    query_token: Option<&str>,
) -> Result<&'w Token, GraphError> {
    check(world, presented(headers, query_token)?)
}

fn presented<'h>(headers: &'h HeaderMap, query_token: Option<&'h str>) -> Result<&'h str, GraphError> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("OAuth ")))
        .or(query_token)
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .ok_or_else(|| {
            GraphError::generic(401, 104, None, "An access token is required to request this resource.")
        })
}

fn check<'w>(world: &'w World, text: &str) -> Result<&'w Token, GraphError> {
    let token = world
        .tokens
        .get(text)
        .ok_or_else(|| GraphError::token(None, "Invalid OAuth access token - Cannot parse access token"))?;
    match token.state {
        TokenState::Valid => Ok(token),
        TokenState::Expired => {
            Err(GraphError::token(Some(463), "Error validating access token: Session has expired"))
        }
        TokenState::Revoked => Err(GraphError::token(
            Some(460),
            "Error validating access token: The session has been invalidated because the user changed their password \
             or the token was revoked",
        )),
    }
}

/// The token may send through numbers of this account.
pub(crate) fn require_messaging(token: &Token, account_id: &str, node_id: &str) -> Result<(), GraphError> {
    require(token, account_id, "post", node_id, MESSAGING)
}

/// The token may read and change this account.
pub(crate) fn require_management(
    token: &Token,
    account_id: &str,
    method: &str,
    node_id: &str,
) -> Result<(), GraphError> {
    require(token, account_id, method, node_id, MANAGEMENT)
}

fn require(
    token: &Token,
    account_id: &str,
    method: &str,
    node_id: &str,
    scope: &str,
) -> Result<(), GraphError> {
    if !token.accounts.iter().any(|granted| granted == account_id) {
        return Err(GraphError::unknown_object(method, node_id));
    }
    if token.scopes.iter().any(|granted| granted == scope) {
        return Ok(());
    }
    Err(GraphError::generic(403, 10, None, "(#10) Application does not have permission for this action"))
}

/// The app itself calls: bearer `id|secret`.
pub(crate) fn is_app_token(
    world: &World,
    headers: &HeaderMap,
    query_token: Option<&str>,
) -> Result<bool, GraphError> {
    let text = presented(headers, query_token)?;
    Ok(text.split_once('|') == Some((world.app.id.as_str(), world.app.secret.as_str())))
}

#[derive(Debug, Deserialize)]
pub(crate) struct DebugQuery {
    input_token: Option<String>,
    access_token: Option<String>,
}

/// `GET /debug_token`: about a token, by the app or by any token that works. A bad input token answers 200.
pub(crate) async fn debug(
    Held(state): Held<Arc<SandboxState>>,
    Path(version): Path<String>,
    Query(query): Query<DebugQuery>,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    parse_version(&version)?;
    let world = state.world();
    if !is_app_token(&world, &headers, query.access_token.as_deref())? {
        authorise(&world, &headers, query.access_token.as_deref())?;
    }
    let input =
        query.input_token.ok_or_else(|| GraphError::invalid("The parameter input_token is required"))?;
    let data = match (check(&world, &input), world.tokens.get(&input)) {
        (Ok(token), _) => report(&world, token),
        (Err(error), Some(token)) => {
            let mut data = report(&world, token);
            data["is_valid"] = false.into();
            data["error"] = error.as_token_report();
            data
        }
        (Err(error), None) => json!({ "is_valid": false, "scopes": [], "error": error.as_token_report() }),
    };
    Ok(Json(json!({ "data": data })))
}

fn report(world: &World, token: &Token) -> Value {
    const SIXTY_DAYS_S: u64 = 60 * 24 * 60 * 60;
    let expires_at = if token.state == TokenState::Expired { token.issued_at + SIXTY_DAYS_S } else { 0 };
    let granular: Vec<Value> =
        token.scopes.iter().map(|scope| json!({ "scope": scope, "target_ids": token.accounts })).collect();
    let mut scopes = token.scopes.clone();
    scopes.push("public_profile".to_owned());
    json!({
        "app_id": world.app.id,
        "type": "SYSTEM_USER",
        "application": world.app.name,
        "is_valid": true,
        "issued_at": token.issued_at,
        "expires_at": expires_at,
        "data_access_expires_at": 0,
        "user_id": "122000000000001",
        "scopes": scopes,
        "granular_scopes": granular,
    })
}
