//! What both binaries need before anything else: settings, telemetry, shutdown, tasks, the one HTTP client, health.
//!
//! It must not know what Fanfare does: no accounts, no campaigns. A new setting is a key in `fanfare.toml`, a field in
//! [`config`], and a line in `config::KEYS`.

pub mod config;
pub mod http;
pub mod operations;
pub mod shutdown;
pub mod tasks;
pub mod telemetry;
