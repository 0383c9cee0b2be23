//! The sandbox over real TCP, against what the documentation says.

mod control;
mod faults;
mod graph_reads;
mod limits;
mod sends;
mod subscriptions;
mod support;
mod webhooks;
