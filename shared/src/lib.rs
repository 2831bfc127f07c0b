//! What Xunji knows, without any I/O.
//!
//! This crate holds the records of an inspection ([`model`]), the CRDT schema in which they
//! are written ([`doc`]), the rules by which legal steps are decided ([`workflow`]), and both
//! ends of the signed journal in which all of it travels ([`journal`]).
//!
//! # Invariants
//! - Nothing here reads a clock, draws a random number, opens a file or a socket, or prints.
//!   `now` and `rng` are arguments; everything that must be stored, sent or tried in a
//!   sandbox is returned as an effect and answered by a completion.
//! - A rule of work lives in [`workflow`] and nowhere else.
//! - Only [`doc`] applies Automerge changes; [`journal`] reads their headers.
pub mod api;
pub mod bundle;
pub mod crypto;
mod deliberate;
pub mod doc;
pub mod journal;
pub mod model;
pub mod workflow;

#[cfg(feature = "deliberate-bugs")]
pub use deliberate::Bug;
