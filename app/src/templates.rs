//! WhatsApp templates: which there are, in which state, and how they look.

#[cfg(feature = "ssr")]
pub mod detail;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod page;
pub mod preview;
#[cfg(feature = "ssr")]
mod state;
