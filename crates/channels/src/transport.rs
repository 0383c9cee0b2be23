//! One way to send, whatever the channel.

use domain::delivery::{Accepted, SendError};
use domain::ids::RecipientId;
use domain::template::{NotSendable, TemplateContent};

use crate::whatsapp::{PreparedTemplate, WhatsAppTransport};

/// Sends for one channel account. Cheap to clone; holds the account's credential.
#[derive(Debug, Clone)]
pub enum Transport {
    /// A WhatsApp number.
    WhatsApp(WhatsAppTransport),
}

/// A message with everything in it that is the same for all recipients of a dispatch.
#[derive(Debug, Clone)]
pub enum PreparedMessage {
    /// A WhatsApp template.
    WhatsApp(PreparedTemplate),
}

/// One message to one recipient.
#[derive(Clone, Copy)]
pub struct OutboundMessage<'a> {
    /// Travels with the message and comes back in webhooks.
    pub recipient: RecipientId,
    /// Where it goes; for WhatsApp a number in E.164 with its `+`.
    pub address: &'a str,
    /// What is the same for everybody.
    pub prepared: &'a PreparedMessage,
    /// This person's values, in the order of `TemplateContent::variables`.
    pub variables: &'a [String],
}

impl std::fmt::Debug for OutboundMessage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboundMessage").field("recipient", &self.recipient).finish_non_exhaustive()
    }
}

impl Transport {
    /// Prepares a template for sending: what does not depend on the recipient is serialised once.
    ///
    /// # Errors
    ///
    /// If the template holds something that cannot be filled.
    pub fn prepare(&self, template: &TemplateContent) -> Result<PreparedMessage, NotSendable> {
        match self {
            Self::WhatsApp(_) => PreparedTemplate::new(template).map(PreparedMessage::WhatsApp),
        }
    }

    /// Hands one message to the provider. The request carries the recipient's id, so that a webhook can settle it when
    /// no answer comes.
    ///
    /// # Errors
    ///
    /// What is to be done instead; see [`SendError`].
    pub async fn send(&self, message: &OutboundMessage<'_>) -> Result<Accepted, SendError> {
        match (self, message.prepared) {
            (Self::WhatsApp(transport), PreparedMessage::WhatsApp(template)) => {
                let body = template.fill(message.recipient, message.address, message.variables)?;
                transport.send(body).await
            }
        }
    }
}
