//! Xunji's sync server.
