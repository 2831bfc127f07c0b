//! What an administrator does to a server from its command line.
pub mod round_file;
