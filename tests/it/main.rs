//! Server, worker, sandbox and Postgres driven together.

mod accounts;
mod http_security;
mod sending;
mod world;
