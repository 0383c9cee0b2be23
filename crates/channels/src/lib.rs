//! The only crate that talks to providers.
//!
//! A channel is a module here and a variant of [`Transport`]. It knows its provider's addresses, payloads and codes, and
//! turns every answer into the words of `domain::delivery`. It does not know the database, does not decide when to try
//! again, and never logs an address, a text or a token.
//!
//! To add one: a module, a variant in `transport`, and the compiler lists the rest.

pub mod pusher;
mod transport;
pub mod whatsapp;

/// The HTTP client that a process makes once and every channel shares.
pub use reqwest::Client as HttpClient;
pub use transport::{OutboundMessage, PreparedMessage, Transport};
