//! A real server on a free port, and devices that talk to it as laptops do.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

mod admin;
mod device;
mod enrol;
mod exchange;
mod files;
mod limits;
mod link;
mod place;
mod restart;
mod round;
mod store;
