//! Xunji's sync server: one journal for each space, answered in two steps.
//!
//! The rules and the journal live in `shared`; this crate is the I/O around them: a store
//! ([`store`]), the task that owns the core ([`app`]), a door ([`http`]), and what an
//! administrator does ([`admin`]).
//!
//! # Invariants
//! - Nothing is sent that is not on disk: receipts and entries follow their commit.
//! - This process never parses a document; children that may be lost do ([`sandbox_child`]).
//! - Logs name ids, never content, codes or tokens.
pub mod admin;
pub mod app;
pub mod cli;
pub mod codes;
pub mod http;
pub mod identity;
pub mod limits;
mod serve;
pub mod store;
mod words;

pub use app::{SandboxProgram, sandbox_child};
pub use limits::Limits;
pub use serve::{Config, Running, ServeError, serve, start};

/// The hidden argument by which the program starts itself as a sandbox child.
pub const SANDBOX_ARG: &str = "sandbox-child";
