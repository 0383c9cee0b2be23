//! The user interface of Fanfare, by feature. What pages are drawn with is in [`ui`], what stands around them in
//! [`shell`].
//!
//! A feature is a folder: `page.rs` (components that only the server renders), `forms.rs` (what its plain forms post
//! to), `api.rs` (server functions that its islands call), `islands.rs` (what reacts in the browser). Pages and forms
//! exist with `ssr` only; the browser gets islands, the server functions they call, and nothing else.
//!
//! Everything works without script: a page is server HTML, a form is a plain POST that redirects. See `page` and `forms`
//! for the two patterns, and `app` for where a new page is listed.

pub mod campaigns;
pub mod error;
#[cfg(any(feature = "ssr", feature = "wizard"))]
pub mod imports;
pub mod shell;
pub mod templates;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod accounts;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod channels;
#[cfg(feature = "ssr")]
pub mod contacts;
#[cfg(feature = "ssr")]
pub mod dashboard;
#[cfg(feature = "ssr")]
pub mod document;
#[cfg(feature = "ssr")]
pub mod form_routes;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod visit;

pub use error::AppError;
