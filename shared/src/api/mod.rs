//! What laptop and server say to each other outside the journal: enrolment, sessions, files.
//!
//! JSON bodies for people's tools to read, headers for file chunks, and the length-prefixed
//! form in which frames fill an HTTP body. Binary values are lower-case hexadecimal.
//!
//! # Invariants
//! - Every signature has a context of its own; none of them fits an envelope or an entry.
//! - A proof names the server it is meant for, so that no other server can pass it on.
pub mod enrol;
pub mod files;
pub mod frames;
pub mod paths;
pub mod session;
