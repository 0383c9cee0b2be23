//! `POST /{phone}/messages`: checks in the documented order, then accepts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State as Held;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::envelope::{self, Content, Envelope, Request};
use super::error::GraphError;
use super::template_parameters::hydrate;
use super::{Node, tokens, trouble};
use crate::behaviour::{Draws, Fate, fnv1a};
use crate::delivery::{self, Dispatched};
use crate::faults::FaultScope;
use crate::ledger::{AcceptedMessage, QuickReply};
use crate::phones::{Bubble, BubbleContent, Mark};
use crate::recipient::calling_code;
use crate::server::cut_connection;
use crate::state::{SandboxState, now_ms};
use crate::wamid::Direction;
use crate::world::{Category, Number, Template, World};

/// Takes a send, lets faults strike before and after, and answers.
pub(super) async fn send(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let struck = state.faults().before(FaultScope::Messages, &node.id);
    if let Some(kind) = struck {
        return trouble(&state, kind);
    }
    match accept(&state, &node, &headers, &body) {
        Ok(Answer::MarkedRead) => Json(json!({ "success": true })).into_response(),
        Ok(Answer::Accepted(accepted)) => answer(&state, *accepted).await,
        Err(error) => {
            if state.world().numbers.contains_key(&node.id) {
                state.ledger().refuse(&node.id, error.code);
            }
            error.into_response()
        }
    }
}

enum Answer {
    MarkedRead,
    Accepted(Box<Dispatched>),
}

/// Everything up to the entry in the ledger, without an await: a message is accepted wholly or not at all.
fn accept(
    state: &SandboxState,
    node: &Node,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Answer, GraphError> {
    let world = state.world();
    let token = tokens::authorise(&world, headers, None)?;
    let number = world.numbers.get(&node.id).ok_or_else(|| GraphError::unknown_object("post", &node.id))?;
    tokens::require_messaging(token, &number.account_id, &node.id)?;
    let sender = number.digits();
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| GraphError::invalid("The request body is not valid JSON"))?;
    let envelope = match envelope::parse(&body, calling_code(&sender))? {
        Request::Send(envelope) => envelope,
        Request::MarkRead => return Ok(Answer::MarkedRead),
    };
    if !number.registered {
        return Err(GraphError::whatsapp(133010, "The phone number is not registered on the platform"));
    }
    let message = Message::of(&world, number, &envelope)?;
    if envelope.wa_id == sender {
        return Err(GraphError::whatsapp(131021, "Recipient phone number cannot be the sender phone number"));
    }
    let fate = state.behaviour().fate_of(&envelope.wa_id, message.category.unwrap_or(Category::Utility));
    if let Some(code) = fate.refused {
        return Err(GraphError::whatsapp(code, "This recipient is one of the sandbox's special numbers"));
    }
    take_from_limits(state, number, &envelope.wa_id)?;
    let dispatched = record(state, &world, number, envelope, message, fate);
    Ok(Answer::Accepted(Box::new(dispatched)))
}

/// What is sent, once it is known to be sendable.
struct Message {
    template: Option<Arc<Template>>,
    category: Option<Category>,
    content: BubbleContent,
    quick_replies: Vec<QuickReply>,
}

impl Message {
    fn of(world: &World, number: &Number, envelope: &Envelope<'_>) -> Result<Self, GraphError> {
        match envelope.content {
            Content::Text { body } => Ok(Self {
                template: None,
                category: None,
                content: BubbleContent::text(body),
                quick_replies: Vec::new(),
            }),
            Content::Template { name, language, components } => {
                let template = sendable_template(world, number, name, language)?;
                let hydrated = hydrate(template, components)?;
                Ok(Self {
                    template: Some(Arc::clone(template)),
                    category: Some(template.category),
                    content: hydrated.content,
                    quick_replies: hydrated.quick_replies,
                })
            }
        }
    }
}

/// The template by name and language, if it may be sent now.
fn sendable_template<'w>(
    world: &'w World,
    number: &Number,
    name: &str,
    language: &str,
) -> Result<&'w Arc<Template>, GraphError> {
    let template = world
        .templates
        .iter()
        .find(|template| {
            template.account_id == number.account_id && template.name == name && template.language == language
        })
        .ok_or_else(|| {
            GraphError::whatsapp(132001, format!("template name ({name}) does not exist in {language}"))
        })?;
    match template.status.as_str() {
        "APPROVED" => Ok(template),
        "PAUSED" => Err(GraphError::whatsapp(132015, "The template is paused because of its low quality")),
        "DISABLED" => {
            Err(GraphError::whatsapp(132016, "The template was paused too often and is disabled for good"))
        }
        other => Err(GraphError::whatsapp(
            132001,
            format!("template name ({name}) in {language} is not approved: {other}"),
        )),
    }
}

fn take_from_limits(state: &SandboxState, number: &Number, wa_id: &str) -> Result<(), GraphError> {
    let now = Instant::now();
    let limit = state.rate().per_second(number);
    if !state.pair_limit && limit.is_none() {
        return Ok(());
    }
    let mut rates = state.rates();
    if limit.is_some_and(|per_second| !rates.take_for_number(&number.id, per_second, now)) {
        return Err(GraphError::whatsapp(130429, "Cloud API message throughput has been reached."));
    }
    if state.pair_limit && !rates.take_for_pair(&number.id, wa_id, now) {
        let details = "Too many messages from this phone number to the same phone number in a short time";
        return Err(GraphError::whatsapp(131056, details));
    }
    Ok(())
}

/// Enters the message into the ledger and shows it on the person's phone.
fn record(
    state: &SandboxState,
    world: &World,
    number: &Number,
    envelope: Envelope<'_>,
    message: Message,
    fate: Fate,
) -> Dispatched {
    let now_ms = now_ms();
    let template = message.template.as_deref();
    let accepted = Arc::new(AcceptedMessage {
        wamid: state.wamids.next(Direction::Outbound, &envelope.wa_id),
        phone_number_id: number.id.clone(),
        recipient: envelope.wa_id,
        input: envelope.input,
        template: template.map(|template| template.name.clone()),
        language: template.map(|template| template.language.clone()),
        text: message.content.as_text(),
        biz_opaque_callback_data: envelope.callback_data.map(str::to_owned),
        quick_replies: message.quick_replies,
        accepted_at_ms: now_ms,
    });
    let window_open = {
        let mut ledger = state.ledger();
        ledger.accept(Arc::clone(&accepted), delivery::template_key(&accepted));
        if template.is_some()
            && let Some(portfolio) = world.portfolio_of(&number.account_id)
        {
            ledger.count_person(&portfolio.id, &accepted.recipient, now_ms);
        }
        template.is_some() || ledger.window_is_open(&number.id, &accepted.recipient, now_ms)
    };
    let bubble = Bubble {
        wamid: accepted.wamid.clone(),
        from_business: true,
        content: message.content,
        at_ms: now_ms,
        mark: Mark::Accepted,
    };
    state.phones().show(&accepted.recipient, &number.id, bubble);
    // A free-form message outside the service window is accepted and fails later.
    let fate = if window_open {
        fate
    } else {
        Fate { failure: Some(131047), delivered: false, read: false, reply: None, ..fate }
    };
    Dispatched {
        message: accepted,
        category: message.category,
        fate,
        reachable: delivery::has_target(world, number),
    }
}

/// Arranges the webhooks and writes the answer, or whatever the faults in force make of it.
async fn answer(state: &Arc<SandboxState>, dispatched: Dispatched) -> Response {
    let message = Arc::clone(&dispatched.message);
    let behaviour = state.behaviour();
    let aftermath = state.faults().after(&message.phone_number_id);
    let held = dispatched.fate.held;
    if !aftermath.silent && !dispatched.fate.silent && dispatched.reachable {
        delivery::schedule(state, &behaviour, dispatched).await;
    } else {
        state.ledger().keep_silent_about(&message.wamid);
    }
    let waits_ms = aftermath.delay_ms + Draws::new(fnv1a(&message.wamid)).within(behaviour.answer_after_ms);
    if waits_ms > 0 {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(waits_ms)) => {}
            () = state.shutdown.cancelled() => {}
        }
    }
    if aftermath.cut {
        state.ledger().connections_cut += 1;
        return cut_connection();
    }
    let mut sent = json!({ "id": message.wamid });
    if message.template.is_some() {
        sent["message_status"] = if held { "held_for_quality_assessment" } else { "accepted" }.into();
    }
    Json(json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": message.input, "wa_id": message.recipient }],
        "messages": [sent],
    }))
    .into_response()
}
