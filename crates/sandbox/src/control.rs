//! `/_sandbox/…`: the same as [`crate::RunningSandbox`]'s methods, as JSON over HTTP, for whoever started the binary.

pub(crate) mod actions;

use std::sync::Arc;

use axum::extract::{Query, State as Held};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::behaviour::{Behaviour, Fate, MAGIC_NUMBERS};
use crate::faults::Fault;
use crate::ledger::{AcceptedMessage, LedgerSummary, RecipientPage};
use crate::rate::RateLimit;
use crate::recipient::normalised_wa_id;
use crate::running::InboundReply;
use crate::state::SandboxState;
use crate::world::Category;
use actions::ActionError;

/// Most entries on a page of the ledger.
const PAGE_MAX: usize = 1_000;

type Shared = Held<Arc<SandboxState>>;

pub(crate) fn router() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/_sandbox/faults", get(read_faults).put(replace_faults))
        .route("/_sandbox/behaviour", get(read_behaviour).put(replace_behaviour).patch(change_behaviour))
        .route("/_sandbox/rate", get(read_rate).put(replace_rate))
        .route("/_sandbox/webhook", get(read_webhook).put(replace_webhook))
        .route("/_sandbox/webhook/verify", post(verify_webhook))
        .route("/_sandbox/ledger", get(read_ledger))
        .route("/_sandbox/ledger/recipients", get(read_recipients))
        .route("/_sandbox/ledger/messages", get(read_messages))
        .route("/_sandbox/fate", get(read_fate))
        .route("/_sandbox/inbound", post(add_inbound))
        .route("/_sandbox/tokens/revoke", post(revoke_token))
        .route("/_sandbox/templates/status", post(set_template_status))
        .route("/_sandbox/reset", post(reset))
}

impl IntoResponse for ActionError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::UnknownTemplate | Self::UnknownToken | Self::UnknownNumber => StatusCode::NOT_FOUND,
            Self::NotANumber | Self::NoSuchButton | Self::Unacceptable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoCallback | Self::CallbackFailed => StatusCode::CONFLICT,
        };
        (status, Json(json!({ "problem": self.to_string() }))).into_response()
    }
}

type Outcome = Result<Json<Value>, ActionError>;

fn done() -> Json<Value> {
    Json(json!({ "success": true }))
}

async fn read_faults(Held(state): Shared) -> Json<Vec<Fault>> {
    Json(state.faults().active())
}

async fn replace_faults(Held(state): Shared, Json(faults): Json<Vec<Fault>>) -> Outcome {
    if let Some(problem) = faults.iter().find_map(Fault::problem) {
        return Err(ActionError::Unacceptable(problem.to_owned()));
    }
    state.faults().replace(faults);
    Ok(done())
}

async fn read_behaviour(Held(state): Shared) -> Json<Behaviour> {
    Json(Behaviour::clone(&state.behaviour()))
}

/// What is left out takes its default.
async fn replace_behaviour(Held(state): Shared, Json(behaviour): Json<Behaviour>) -> Outcome {
    accept_behaviour(&state, behaviour)
}

/// What is left out stays as it is.
async fn change_behaviour(Held(state): Shared, Json(changes): Json<Value>) -> Outcome {
    let unacceptable = |error: serde_json::Error| ActionError::Unacceptable(error.to_string());
    let mut behaviour = serde_json::to_value(&*state.behaviour()).map_err(unacceptable)?;
    match (behaviour.as_object_mut(), changes) {
        (Some(current), Value::Object(changes)) => current.extend(changes),
        _ => return Err(ActionError::Unacceptable("an object is expected".to_owned())),
    }
    let behaviour = serde_json::from_value(behaviour).map_err(unacceptable)?;
    accept_behaviour(&state, behaviour)
}

fn accept_behaviour(state: &SandboxState, behaviour: Behaviour) -> Outcome {
    match behaviour.problem() {
        Some(problem) => Err(ActionError::Unacceptable(problem)),
        None => {
            state.set_behaviour(behaviour);
            Ok(done())
        }
    }
}

async fn read_rate(Held(state): Shared) -> Json<RateLimit> {
    Json(state.rate())
}

async fn replace_rate(Held(state): Shared, Json(rate): Json<RateLimit>) -> Json<Value> {
    state.set_rate(rate);
    done()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookBody {
    url: Option<String>,
}

async fn read_webhook(Held(state): Shared) -> Json<Value> {
    let url = state.world().app.callback_url.clone();
    Json(json!({ "url": url, "events_outstanding": state.deliveries.outstanding() }))
}

async fn replace_webhook(Held(state): Shared, Json(body): Json<WebhookBody>) -> Json<Value> {
    state.world_mut().app.callback_url = body.url;
    done()
}

async fn verify_webhook(Held(state): Shared) -> Outcome {
    actions::verify_webhook(&state).await.map(|()| done())
}

async fn read_ledger(Held(state): Shared) -> Json<LedgerSummary> {
    Json(state.ledger().summary())
}

#[derive(Debug, Deserialize)]
struct PageQuery {
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
    #[serde(default)]
    repeated_only: bool,
    /// Only messages to this person.
    to: Option<String>,
}

impl PageQuery {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(100).min(PAGE_MAX)
    }
}

async fn read_recipients(Held(state): Shared, Query(query): Query<PageQuery>) -> Json<RecipientPage> {
    Json(state.ledger().recipients(query.offset, query.limit(), query.repeated_only))
}

async fn read_messages(Held(state): Shared, Query(query): Query<PageQuery>) -> Json<Value> {
    let ledger = state.ledger();
    let (total, page): (usize, Vec<Arc<AcceptedMessage>>) = match &query.to {
        Some(person) => {
            let all = ledger.messages_to(&normalised_wa_id(person));
            (all.len(), all.into_iter().skip(query.offset).take(query.limit()).collect())
        }
        None => {
            let total = usize::try_from(ledger.accepted()).unwrap_or(usize::MAX);
            (total, ledger.messages(query.offset, query.limit()))
        }
    };
    let next = query.offset + page.len();
    let data: Vec<&AcceptedMessage> = page.iter().map(|message| &**message).collect();
    Json(json!({ "data": data, "next_offset": (next < total).then_some(next) }))
}

#[derive(Debug, Deserialize)]
struct FateQuery {
    to: String,
    category: Option<Category>,
}

/// What would become of a message to this person.
async fn read_fate(Held(state): Shared, Query(query): Query<FateQuery>) -> Json<Value> {
    let fate: Fate = state.behaviour().fate_of(&query.to, query.category.unwrap_or(Category::Marketing));
    let magic: Vec<Value> =
        MAGIC_NUMBERS.map(|(suffix, what)| json!({ "ends_in": suffix, "what": what })).to_vec();
    Json(json!({ "fate": fate, "special_numbers": magic }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InboundBody {
    from: String,
    text: Option<String>,
    button: Option<String>,
    context: Option<String>,
}

async fn add_inbound(Held(state): Shared, Json(body): Json<InboundBody>) -> Outcome {
    let reply = match (body.text, body.button) {
        (Some(text), None) => InboundReply::Text(text),
        (None, Some(button)) => InboundReply::Button(button),
        _ => return Err(ActionError::Unacceptable("either text or button is expected".to_owned())),
    };
    let wamid = actions::add_inbound(&state, &body.from, reply, body.context.as_deref())?;
    Ok(Json(json!({ "id": wamid })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    token: String,
}

async fn revoke_token(Held(state): Shared, Json(body): Json<TokenBody>) -> Outcome {
    actions::revoke_token(&state, &body.token).map(|()| done())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateStatusBody {
    name: String,
    language: String,
    status: String,
}

async fn set_template_status(Held(state): Shared, Json(body): Json<TemplateStatusBody>) -> Outcome {
    actions::set_template_status(&state, &body.name, &body.language, &body.status).map(|()| done())
}

async fn reset(Held(state): Shared) -> Json<Value> {
    state.reset();
    done()
}
