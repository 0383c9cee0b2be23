//! Senders: what can send, how much, and connecting one more.

pub mod account;
mod card;
pub mod connect;
pub mod forms;
pub mod page;
pub(crate) mod state;

/// Where Meta shows what is wrong with a business account, and lets it be put right.
pub(crate) const WHATSAPP_MANAGER: &str = "https://business.facebook.com/wa/manage/";
