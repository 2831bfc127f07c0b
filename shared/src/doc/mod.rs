//! The CRDT schema: the only place that knows Automerge keys and applies changes.
//!
//! A document is born whole ([`birth`]): every text, list and set of its kind is made in its
//! first change, so that two laptops can never make the same one twice and hide one text.
//! Afterwards people only set fields, splice texts, add items and take them out with a
//! reason ([`mod@write`]). What a document says is a [`crate::model::Reading`] ([`read`]); what
//! strangers' changes would do to it is told before they reach anyone ([`gate`],
//! [`trial`]).
//!
//! # Invariants
//! - No clock and no randomness reach a document: the actor is an argument, the commit time
//!   is always 0, there is never a message. The same edits by the same actor are the same
//!   bytes.
//! - Positions in texts count Unicode code points, on every device.
//! - Nothing is deleted: removal writes a reason beside the item or member.
//! - Two devices that hold the same changes have equal readings and equal conflict lists.
pub mod again;
pub mod birth;
pub mod chunk;
pub mod diff;
pub mod document;
pub mod export;
pub mod fault;
pub mod gate;
mod history;
mod known;
pub mod read;
pub mod render;
pub mod schema;
pub mod text;
mod touched;
pub mod trial;
pub mod upcast;
pub mod write;

#[cfg(test)]
mod tests;

pub use again::again;
pub use birth::Birth;
pub use document::{Committed, DocError, Document};
pub use fault::SchemaFault;
pub use gate::Gate;
pub use render::{Labels, Rendering, render};
pub use text::{Span, TextSplice};

pub use trial::{TrialError, TrialReport, TrialRequest, Trials, try_batch};
pub use write::{Edit, EditError, Initial};
