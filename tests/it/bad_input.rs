//! What comes in at the edges and is not as it should be: it is said what is wrong, and nothing is kept of it.

mod connect;
mod nonsense;
mod retry;
mod schedule;
mod uploads;
mod webhooks;
