//! What webhooks can tell.

use std::sync::Arc;

use crate::ledger::AcceptedMessage;

/// One update.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Status(StatusEvent),
    Inbound(InboundEvent),
    Template(TemplateEvent),
}

impl Event {
    /// The number the update is about; empty for templates.
    pub(super) fn phone_number_id(&self) -> &str {
        match self {
            Self::Status(status) => &status.message.phone_number_id,
            Self::Inbound(inbound) => &inbound.phone_number_id,
            Self::Template(_) => "",
        }
    }
}

/// A message got somewhere, or failed.
#[derive(Debug, Clone)]
pub(crate) struct StatusEvent {
    pub(crate) message: Arc<AcceptedMessage>,
    pub(crate) kind: StatusKind,
    /// `pricing.category`, where this status carries the price.
    pub(crate) pricing: Option<&'static str>,
    /// Unix seconds at which it happened, which is not when it is posted.
    pub(crate) at_s: u64,
    /// The same update was posted before.
    pub(crate) repeated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusKind {
    Sent,
    Delivered,
    Read,
    Failed(u32),
}

/// A person wrote or pressed a button.
#[derive(Debug, Clone)]
pub(crate) struct InboundEvent {
    pub(crate) phone_number_id: String,
    /// WhatsApp id of the person.
    pub(crate) from: String,
    pub(crate) wamid: String,
    pub(crate) body: InboundBody,
    /// The business message it answers.
    pub(crate) context: Option<String>,
    pub(crate) at_s: u64,
    pub(crate) repeated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InboundBody {
    Text(String),
    Button { text: String, payload: String },
}

impl InboundBody {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Button { text, .. } => text,
        }
    }
}

/// A template's status changed.
#[derive(Debug, Clone)]
pub(crate) struct TemplateEvent {
    pub(crate) account_id: String,
    pub(crate) template_id: String,
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) status: String,
    pub(crate) category: &'static str,
    pub(crate) at_s: u64,
}
