//! The signed journal: envelopes that devices sign, entries that the server signs.
pub mod precheck;
pub mod store;

pub use store::{Table, Write};
