//! The web process: pages, forms, server functions, built files, health.
//!
//! [`router`] puts the parts together; the order of its layers is the order in which a request is judged. A route for
//! machines (webhooks, downloads) is a module here; a page is one in `app`.

pub mod commands;
pub mod demo;
pub mod router;

mod client_address;
mod error_pages;
mod headers;
mod observe;
mod origin;
mod pages;
mod serve;
mod session_store;
mod site_files;
pub mod webhooks;

pub use pages::{endpoints, server_functions};
pub use serve::{ServeError, serve, services};
