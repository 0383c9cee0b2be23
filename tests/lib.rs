//! A stage for whole runs: a workspace with a sender, a template and people, on a real Postgres.
//!
//! Shared by the tests of server and worker together (`it`) and by the benchmarks (`bench`).

pub mod stage;
