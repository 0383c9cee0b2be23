//! A stand-in for WhatsApp's Graph API over real TCP: for trying Fanfare, testing it and measuring it.
//!
//! It is an independent reading of the provider's documentation. It shares no code with `channels`, so that the two
//! have to agree on the wire, and nothing here may ever depend on another crate of the workspace.
//!
//! As a library: [`Sandbox::start`] listens on a free loopback port and gives a [`RunningSandbox`] to look into and
//! to make trouble with. As a program: `sandbox --listen 127.0.0.1:9090 --webhook-url http://…`; see `sandbox --help`.
//!
//! # What it reproduces
//!
//! Every version prefix `/v{N}.0/` works; fields that came with v24.0 are unknown before it.
//!
//! | Call | Notes |
//! | --- | --- |
//! | `POST /{phone}/messages` | `text` and `template`; marking as read. Checked in this order: token (104, 190), number and permission (100 subcode 33, 10), envelope (100, 131008, 131009, 131051), registration (133010), template (132001, 132015, 132016), parameters (132000, 132012, 132018, 132005), limits (130429, 131056). `wa_id` is normalised for Brazil, Mexico and Argentina |
//! | `GET /{waba}/message_templates`, `GET /{template}` | filters, `fields`, cursor paging with at most [`SandboxConfig::template_page_max`] per page; a bad cursor is 131059 |
//! | `GET /{waba}`, `GET /{waba}/phone_numbers`, `GET /{phone}` | `fields` with nesting; an unknown field fails the read with 100 |
//! | `GET /debug_token` | by app token or any token that works |
//! | `GET`, `POST`, `DELETE /{waba}/subscribed_apps` | with `override_callback_uri` and its handshake |
//! | `GET`, `POST /{app}/subscriptions` | app-level callback with its handshake |
//! | `POST /{phone}` | `webhook_configuration` with its handshake |
//!
//! Webhooks are signed over the exact bytes, escaped to ASCII, batched, shuffled, repeated on anything but 200, and go
//! to the number's, the account's or the app's callback, in this order, if the account is subscribed. Messages that were
//! accepted while no callback was set stay without events.
//!
//! Free-form messages outside the 24-hour window are accepted and fail later with 131047. The portfolio's limit of
//! unique people per day is shown but not enforced, because no answer to exceeding it is documented.
//!
//! What becomes of a message is a function of the seed and the person: [`Behaviour::fate_of`]. Some numbers are special:
//! [`MAGIC_NUMBERS`]. What exists at the start is in [`seed`].
//!
//! # Control API
//!
//! JSON over the same port. Errors are `{"problem": "…"}`.
//!
//! | Call | Body |
//! | --- | --- |
//! | `GET`, `PUT /_sandbox/faults` | `[{"kind": "cut_after_accepting", "trigger": {"next": 3}}]`; kinds `internal_error`, `unavailable`, `{"html_page": {"status": 502}}`, `{"graph_error": {"code": 131057}}`, `cut_before_accepting`, `cut_after_accepting`, `{"slow_answer": {"delay_ms": 400}}`, `silence`; triggers `{"next": 3}`, `{"share": 0.1}`, `"always"`; optional `phone_number_id`, and `scope` `messages` (default) or `everything` |
//! | `GET`, `PUT`, `PATCH /_sandbox/behaviour` | fields of [`Behaviour`]; `PUT` takes defaults for what is left out, `PATCH` leaves it |
//! | `GET`, `PUT /_sandbox/rate` | `"documented"`, `"unlimited"` or `{"per_second": 250}` |
//! | `GET`, `PUT /_sandbox/webhook` | `{"url": "http://…"}` or `{"url": null}` |
//! | `POST /_sandbox/webhook/verify` | performs the handshake |
//! | `GET /_sandbox/ledger` | [`LedgerSummary`] |
//! | `GET /_sandbox/ledger/recipients?offset&limit&repeated_only` | [`RecipientPage`] |
//! | `GET /_sandbox/ledger/messages?offset&limit&to` | [`AcceptedMessage`]s |
//! | `GET /_sandbox/fate?to&category` | what would become of a message |
//! | `POST /_sandbox/inbound` | `{"from": "+351…", "text": "STOP"}` or `"button": "label"`, optional `context` |
//! | `POST /_sandbox/tokens/revoke` | `{"token": "sandbox-token"}` |
//! | `POST /_sandbox/templates/status` | `{"name", "language", "status"}`; posts a webhook |
//! | `POST /_sandbox/reset` | forgets messages, faults and scheduled webhooks; restores tokens, templates, numbers |
//!
//! `GET /healthz` answers when it is up, and `GET /` shows what the phones received.
//!
//! # Adding a call
//!
//! A route in `graph.rs`, a file of its own beside the others, its errors from `graph/codes.rs`, and a test over TCP in
//! `tests/it` written from the documentation.

mod behaviour;
mod config;
mod control;
mod delivery;
mod faults;
mod graph;
mod ledger;
mod page;
mod people;
mod phones;
mod rate;
mod recipient;
mod running;
pub mod seed;
mod server;
mod state;
mod wamid;
pub mod world;

pub use behaviour::{Behaviour, DelayRange, FailureShare, Fate, MAGIC_NUMBERS, Reply};
pub use config::SandboxConfig;
pub use control::actions::ActionError;
pub use faults::{Fault, FaultKind, FaultScope, Trigger};
pub use ledger::{
    AcceptedMessage, LedgerSummary, NumberSummary, PortfolioSummary, QuickReply, RecipientEntry,
    RecipientPage, ReportedEvents, WebhookCounts,
};
pub use rate::RateLimit;
pub use recipient::normalised_wa_id;
pub use running::{InboundReply, RunningSandbox, Sandbox, StartError};
