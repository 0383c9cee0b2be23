//! Server, worker, sandbox and Postgres driven together.

mod accounts;
mod bad_input;
mod http_security;
mod logs;
mod permissions;
mod sending;
mod state;
mod tenancy;
mod world;
