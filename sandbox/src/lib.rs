//! A process that can be lost: where hostile bytes meet a parser that is not ours.
//!
//! Automerge may take seconds and gigabytes for a few hundred bytes, may panic, and may save
//! what it cannot load (design D5). So documents are tried in a child process without files,
//! without network, and with little memory and time ([`child`]); the program itself only
//! sends bytes and takes bytes or a death ([`Pool`]). What the bytes mean is none of this
//! crate's business.
//!
//! It is a crate of its own because the server and the laptop both need it, and neither may
//! import the other: a laptop in the field carries no server.
//!
//! # Invariants
//! - The child reads no byte of a request before it is confined, and where it cannot be
//!   confined on Linux it exits.
//! - A child holds nothing but what it was sent. It can be killed at any moment.
//! - No answer of a child is trusted to be short: frames have a hard limit both ways.
//! - A death is never a verdict here. [`SandboxDeath::may_be_the_input`] says which deaths
//!   can count against the bytes; judging needs [`Pool::run_alone`], twice.
//!
//! # What each system gives
//! | | Linux (x86-64, ARM 64, RISC-V 64) | other Unix | Windows |
//! |---|---|---|---|
//! | no files, no network, no processes | seccomp, kills | no | no |
//! | memory | address space limit | no | no |
//! | processor time | limit, and time-out by the pool | the same | time-out by the pool |
//! | no core dump, no file written | limits | limits | no |
pub mod child;
mod confine;
mod death;
mod frame;
mod pool;

pub use confine::{Confinement, no_core_dumps};
pub use death::SandboxDeath;
pub use frame::MAX_FRAME;
pub use pool::{Pool, PoolConfig};
