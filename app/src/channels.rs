//! Senders: what can send, how much, and connecting one more.

pub mod account;
mod card;
pub mod connect;
pub mod forms;
pub mod page;
pub(crate) mod state;
