//! The courier: what this laptop holds, carried to another by hand.
//!
//! [`export()`] writes one file for chosen readers, [`import()`] takes one in. Both may be done as
//! often as one likes, in any order; a file that was cut short or damaged gives what is good
//! in it and says what is missing, by person and device.
//!
//! # Invariants
//! - A file is there whole or not at all: it is written under another name, synced, renamed.
//! - A reader reads every space of the file, so each must be entitled to each of them.
//! - What others signed and the server has not decided is relayed, like one's own.
mod export;
mod import;

pub use export::{Export, Exported, export};
pub use import::{EntriesMissing, Gap, ImportReport, SetAside, import};

use std::{io, path::PathBuf};

use shared::{
    bundle::{BundleError, WriteError},
    journal::{cbor, entry::Cursor},
    model::{DeviceId, SpaceId},
};

use super::{node::NodeError, vault::VaultError};

/// Why a courier's file could not be made or taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CourierError {
    /// This laptop could not do it.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The file cannot be read or written.
    #[error("{path}: {error}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the disk says.
        error: io::Error,
    },
    /// Nothing in the file can be used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The file cannot be made.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Nobody but this device may read all of these spaces.
    #[error("no other device may read all of these spaces; choose fewer")]
    NoReaders,
    /// A reader that was asked for may not read a space.
    #[error("device {device} may not read space {space}")]
    NotEntitled {
        /// The reader.
        device: DeviceId,
        /// The space.
        space: SpaceId,
    },
}

impl From<VaultError> for CourierError {
    fn from(error: VaultError) -> Self {
        Self::Node(error.into())
    }
}

/// The row that remembers how far another device had read a space.
fn peer_row(device: DeviceId, space: SpaceId) -> Vec<u8> {
    [b"peer/".as_slice(), device.as_bytes(), space.as_bytes()].concat()
}

fn read_cursor(row: &[u8]) -> Option<Cursor> {
    minicbor::decode(row).ok()
}

fn write_cursor(cursor: &Cursor) -> Vec<u8> {
    cbor::to_vec(cursor)
}

#[cfg(test)]
mod tests;
