//! Campaigns: the list, the composer, the live page.
//!
//! The live page is drawn from one value, the `snapshot`: into the page, and again whenever it changed, by the same
//! functions of the server (`live_cards`). What a snapshot means in words is in `words`, what it looks like in `drawing`.
//! The browser gets the parts that changed as HTML over a socket and puts them in place (`islands`, `connection`,
//! `patch`); it carries no code to draw them.

#[expect(missing_docs, reason = "the macro makes items of its own out of the documented function")]
pub mod api;
#[cfg(feature = "hydrate")]
mod connection;
#[expect(missing_docs, reason = "the macro makes items of its own out of the documented component")]
pub mod islands;
#[cfg(feature = "hydrate")]
mod patch;

#[cfg(feature = "ssr")]
mod compose_audience;
#[cfg(feature = "ssr")]
mod compose_forms;
#[cfg(feature = "ssr")]
pub mod compose_page;
#[cfg(feature = "ssr")]
mod compose_schedule;
#[cfg(feature = "ssr")]
mod compose_sender;
#[cfg(feature = "ssr")]
mod compose_steps;
#[cfg(feature = "ssr")]
mod compose_template;
#[cfg(feature = "ssr")]
mod compose_variables;
#[cfg(feature = "ssr")]
mod compose_waits;
#[cfg(feature = "ssr")]
mod drawing;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod list_page;
#[cfg(feature = "ssr")]
mod list_rows;
#[cfg(feature = "ssr")]
mod live_again;
#[cfg(feature = "ssr")]
mod live_cards;
#[cfg(feature = "ssr")]
pub mod live_page;
#[cfg(feature = "ssr")]
mod live_parts;
#[cfg(feature = "ssr")]
mod pace;
#[cfg(feature = "ssr")]
mod reasons;
#[cfg(feature = "ssr")]
pub mod recent;
#[cfg(feature = "ssr")]
mod recipient_words;
#[cfg(feature = "ssr")]
mod recipients;
#[cfg(feature = "ssr")]
mod retry_forms;
#[cfg(feature = "ssr")]
pub mod retry_page;
#[cfg(feature = "ssr")]
mod review_limit;
#[cfg(feature = "ssr")]
mod review_page;
#[cfg(feature = "ssr")]
mod review_preview;
#[cfg(feature = "ssr")]
mod review_zones;
#[cfg(feature = "ssr")]
mod scheduled_page;
#[cfg(feature = "ssr")]
mod snapshot;
#[cfg(feature = "ssr")]
mod times;
#[cfg(feature = "ssr")]
mod watching;
#[cfg(feature = "ssr")]
mod words;
