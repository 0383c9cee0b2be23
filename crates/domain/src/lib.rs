//! Types and rules of Fanfare.
//!
//! This crate knows what is allowed and what follows from what. It does no I/O, is not async, and never asks for the
//! time or for randomness: both are arguments. It compiles for the browser, so that what the server decides and what a
//! page previews come from the same lines.
//!
//! A new aggregate is a module here, a module of the same name in `storage`, and one in `service`.

pub mod account;
pub mod address;
pub mod campaign;
pub mod channel;
pub mod contact;
pub mod delivery;
pub mod dispatch;
pub mod ids;
pub mod import;
pub mod portfolio;
pub mod retry;
#[cfg(feature = "zones")]
pub mod schedule;
pub mod slices;
pub mod template;
#[cfg(feature = "zones")]
pub mod time_zone;
pub mod workspace;

/// An instant in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
