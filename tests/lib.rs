//! A stage for whole runs: a workspace with a sender, a template and people, on a real Postgres.
//!
//! Shared by the tests of server and worker together (`it`), by the benchmarks (`bench`) and by the crash test (`chaos`).

pub mod chaos;
pub mod cluster;
pub mod stage;
