//! What runs, what needs a look, and what comes first.

pub mod page;
