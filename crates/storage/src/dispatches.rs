//! The send ledger: dispatches, batches, recipients, handovers.
//!
//! Whoever changes recipients of a dispatch locks the row of the dispatch first ([`counts`]); the counts then change in
//! the same transaction, the schema checks that they add up, and no two writers wait for each other in a circle.

pub mod again;
pub mod canary;
pub mod claim;
pub mod control;
pub mod counts;
pub mod handover;
mod holds;
mod late;
pub mod launch;
pub mod lease;
pub mod live;
pub mod locks;
pub mod outcome;
mod planner;
pub mod publishing;
pub mod quiet;
pub mod read;
pub mod reports;
mod slices;
pub mod superseded;
pub mod sweep;
pub mod undo;
pub mod waiting;
pub mod whole;
pub mod window;
pub mod zones;

#[cfg(test)]
mod tests;
