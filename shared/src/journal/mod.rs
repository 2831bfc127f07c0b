//! The signed journal: envelopes that devices sign, entries that the server signs.
//!
//! A space's journal is the sequence of its entries. The same frames carry it by WebSocket,
//! by HTTP and by courier; both ends are state machines without I/O: [`server::Server`] and
//! [`laptop::Laptop`] take inputs and return effects, and everything that must be stored,
//! tried in a sandbox or sent is answered by a completion. Time and randomness are arguments.
//!
//! # Invariants
//! - No document is applied here; the index ([`changes`]) knows hashes, never text.
//! - A receipt follows its commit, an entry follows its commit, a note follows its commit.
//! - Hostile bytes meet [`precheck`] before anything else, and Automerge only in a sandbox.
pub mod cbor;
pub mod changes;
pub mod entry;
pub mod envelope;
pub mod frame;
#[cfg(test)]
mod golden;
pub mod labels;
pub mod laptop;
pub mod precheck;
pub mod server;
pub mod store;

pub use store::{Table, Write};
