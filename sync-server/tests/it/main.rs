//! A real server on a free port, and devices that talk to it as laptops do.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

mod admin;
mod device;
#[cfg(target_os = "linux")]
mod disk;
mod enrol;
mod exchange;
mod files;
mod hostile;
mod limits;
mod link;
mod place;
mod recovery;
mod restart;
mod round;
#[cfg(unix)]
mod stopping;
mod store;
