//! Signatures, hashes and sealing, each named by a suite number so that another can stand beside it.
//!
//! Nothing here draws randomness or touches a disk: generators are arguments, results are
//! bytes. Every hash, signature and derived key says in a fixed *context* string what it is
//! for, so that bytes made for one purpose are never accepted for another.
//!
//! # Invariants
//! - A secret is never printed: [`Secret`], [`SigningKey`] and [`Passphrase`] show only their
//!   kind, and are wiped when dropped.
//! - Whatever is sealed starts with its [`Suite`] number.
//! - No length or cost read from a disk is believed before it is bounded.
pub mod envelope_to;
pub mod hash;
pub mod kdf;
pub mod manifest;
pub mod seal;
pub mod secret;
pub mod sign;
pub mod slots;
pub mod stream;
pub mod suite;

pub use hash::Context;
pub use kdf::{Cost, Passphrase};
pub use manifest::FileManifest;
pub use seal::{OpenError, SealError};
pub use secret::Secret;
pub use sign::{Signature, SigningKey, VerifyingKey};
pub use slots::{KeySlots, RecoveryKey, SlotError, StoreId};
pub use suite::Suite;
