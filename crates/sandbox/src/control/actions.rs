//! What tests and the control API can make happen.

use std::sync::Arc;

use crate::delivery::{self, Event, InboundBody, InboundEvent, TemplateEvent};
use crate::graph;
use crate::ledger::{AcceptedMessage, QuickReply};
use crate::recipient::normalised_wa_id;
use crate::running::InboundReply;
use crate::state::{SandboxState, now_ms};
use crate::wamid::Direction;
use crate::world::TokenState;

/// Why something could not be made to happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// No template has that name and language.
    #[error("no template has this name and language")]
    UnknownTemplate,
    /// The token is not known.
    #[error("the token is not known")]
    UnknownToken,
    /// The sandbox has no number to write to.
    #[error("there is no business number to write to")]
    UnknownNumber,
    /// The person's number has no digits.
    #[error("`from` is not a phone number")]
    NotANumber,
    /// The person has no message with such a button.
    #[error("no message to this person has a quick-reply button with this label")]
    NoSuchButton,
    /// A value makes no sense.
    #[error("{0}")]
    Unacceptable(String),
    /// There is no callback to verify.
    #[error("no callback address is set")]
    NoCallback,
    /// The callback failed the handshake.
    #[error("the callback did not answer the handshake with 200 and the challenge")]
    CallbackFailed,
}

pub(crate) async fn verify_webhook(state: &SandboxState) -> Result<(), ActionError> {
    let (url, verify_token) = {
        let app = &state.world().app;
        (app.callback_url.clone().ok_or(ActionError::NoCallback)?, app.verify_token.clone())
    };
    graph::handshake(state, &url, &verify_token).await.map_err(|_| ActionError::CallbackFailed)
}

pub(crate) fn revoke_token(state: &SandboxState, token: &str) -> Result<(), ActionError> {
    let mut world = state.world_mut();
    let token = world.tokens.get_mut(token).ok_or(ActionError::UnknownToken)?;
    token.state = TokenState::Revoked;
    Ok(())
}

pub(crate) fn set_template_status(
    state: &SandboxState,
    name: &str,
    language: &str,
    status: &str,
) -> Result<(), ActionError> {
    let event = {
        let mut world = state.world_mut();
        let template = world
            .templates
            .iter_mut()
            .find(|template| template.name == name && template.language == language)
            .ok_or(ActionError::UnknownTemplate)?;
        let template = Arc::make_mut(template);
        status.clone_into(&mut template.status);
        let event = TemplateEvent {
            account_id: template.account_id.clone(),
            template_id: template.id.clone(),
            name: template.name.clone(),
            language: template.language.clone(),
            status: template.status.clone(),
            category: template.category.as_str(),
            at_s: now_ms() / 1_000,
        };
        let heard = world.app.callback_url.is_some()
            && world.accounts.get(&event.account_id).is_some_and(|account| account.subscribed);
        heard.then_some(event)
    };
    if let Some(event) = event {
        delivery::schedule_event(state, Event::Template(event));
    }
    Ok(())
}

pub(crate) fn add_inbound(
    state: &SandboxState,
    from: &str,
    reply: InboundReply,
    context: Option<&str>,
) -> Result<String, ActionError> {
    let from = normalised_wa_id(from);
    if from.is_empty() {
        return Err(ActionError::NotANumber);
    }
    let received = state.ledger().messages_to(&from);
    let (body, quoted) = match reply {
        InboundReply::Text(text) => (InboundBody::Text(text), None),
        InboundReply::Button(label) => {
            let (message, button) = pressed(&received, &label, context).ok_or(ActionError::NoSuchButton)?;
            let body = InboundBody::Button { text: button.text.clone(), payload: button.payload.clone() };
            (body, Some(message.wamid.clone()))
        }
    };
    let phone_number_id = match received.last() {
        Some(message) => message.phone_number_id.clone(),
        None => state.world().numbers.keys().next().cloned().ok_or(ActionError::UnknownNumber)?,
    };
    let wamid = state.wamids.next(Direction::Inbound, &from);
    // The person has written: the window is open before the webhook tells of it.
    state.ledger().open_window(&phone_number_id, &from, now_ms());
    let event = InboundEvent {
        phone_number_id,
        wamid: wamid.clone(),
        from,
        body,
        context: context.map(str::to_owned).or(quoted),
        at_s: now_ms() / 1_000,
        repeated: false,
    };
    delivery::schedule_event(state, Event::Inbound(event));
    Ok(wamid)
}

/// The latest message with that button, or the quoted one.
fn pressed<'m>(
    received: &'m [Arc<AcceptedMessage>],
    label: &str,
    context: Option<&str>,
) -> Option<(&'m AcceptedMessage, &'m QuickReply)> {
    received.iter().rev().filter(|message| context.is_none_or(|wamid| message.wamid == wamid)).find_map(
        |message| {
            let button = message.quick_replies.iter().find(|button| button.text == label)?;
            Some((&**message, button))
        },
    )
}
