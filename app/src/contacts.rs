//! People, lists and suppressions.

mod addresses;
pub mod detail;
mod details;
pub mod edit;
pub mod forms;
pub mod lists;
pub mod page;
pub(crate) mod places;
mod standing;
pub mod suppressions;
mod words;
