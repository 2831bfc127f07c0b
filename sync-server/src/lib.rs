//! Xunji's sync server.
pub mod admin;
