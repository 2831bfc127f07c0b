//! The courier's file: the same frames as on the wire, carried by hand.
//!
//! Two laptops with no server in sight pass on what they hold: entries, which are the
//! server's whoever carries them; envelopes without a verdict, whoever signed them; and, if
//! wanted, files of evidence. Importing the same file twice, two files in either order, or
//! half a file and later the whole, all end in the same state.
//!
//! # Form
//! ```text
//! "xunji courier\n" | version (1) | suite (1) | readers (2, big endian)
//! one key slot for each reader (crypto::envelope_to)
//! records: length (4, big endian) | sealed record
//! ```
//! Every record is CBOR, sealed alone under the file's key and bound to the header and to its
//! place: a record left out, moved, repeated or changed does not open, and a file cut short
//! still gives everything before the cut. The first record is the [`Manifest`], signed by the
//! device that made the file; the last says how many there are and their running hash, signed
//! as well. Do not reorder fields or variants.
//!
//! # Invariants
//! - Nothing is believed because it stands in a bundle: entries are checked against the
//!   server's key, envelopes against their device's, when the journal takes them in.
//! - No length read from a file is allocated before it is bounded.
mod manifest;
mod read;
mod write;

pub use manifest::{Chain, FilePart, Manifest, SpacePart};
pub use read::{Reader, Record};
pub use write::{WriteError, Writer};

use crate::crypto::Context;

/// The version of the file this build writes.
pub const VERSION: u8 = 1;
/// The most readers of one file.
pub const MAX_READERS: usize = 1000;
/// The longest sealed record, in bytes: a manifest, an item, a piece of a file.
pub const MAX_RECORD: usize = 6 * 1024 * 1024;
/// The length of every piece of a file but the last, in bytes of its sealed form.
pub const PIECE: usize = 256 * 1024;

const MAGIC: &[u8; 14] = b"xunji courier\n";
const HEAD_LEN: usize = MAGIC.len() + 4;
const HEADER: Context = Context("xunji courier header");
const RUNNING: Context = Context("xunji courier records");
const MANIFEST: Context = Context("xunji courier manifest signature");
const END: Context = Context("xunji courier end signature");

/// Why a courier's file, or the rest of one, cannot be used. What came before was good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The file is of another kind.
    #[error("not a courier's file")]
    NotABundle,
    /// Made by a newer build.
    #[error("courier's file of version {0}, which this build does not know")]
    Version(u8),
    /// It is not for this laptop.
    #[error("the courier's file is not for this laptop: {0}")]
    Foreign(Foreign),
    /// A record does not hold.
    #[error("the courier's file is damaged at byte {at}: {what}")]
    Damaged {
        /// Where the record begins, in bytes.
        at: u64,
        /// What was found.
        what: Damage,
    },
    /// The file ends before its end.
    #[error("the courier's file is cut short: {have} records of {of:?}")]
    Truncated {
        /// Whole records that were there.
        have: u64,
        /// Records there should be; none if not even the manifest was there.
        of: Option<u64>,
    },
}

/// Why a file is not for this laptop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// None of its key slots opens with this device's key.
    #[error("it is sealed for other readers")]
    Reader,
    /// It comes from another server's round.
    #[error("it comes from another round")]
    Round,
    /// A training round's file (演练) in a real round, or the reverse.
    #[error("training rounds and real ones are never mixed")]
    Training,
    /// No space says that its maker is one of us.
    #[error("the device that made it is not known here")]
    Maker,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Its length is none a record can have.
    #[error("impossible length")]
    Length,
    /// It was changed or moved.
    #[error("a record does not open")]
    Seal,
    /// It opens, and is not what should stand there.
    #[error("a record is of the wrong kind")]
    Kind,
    /// The maker's signature does not hold.
    #[error("the maker's signature does not hold")]
    Signature,
    /// What was read is not what the maker wrote.
    #[error("count or running hash differ")]
    Count,
    /// Something follows the end.
    #[error("bytes after the end")]
    AfterEnd,
}

/// What the maker says at the end of the file.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
struct End {
    #[n(0)]
    count: u64,
    #[n(1)]
    hash: crate::model::Digest,
    #[n(2)]
    signature: crate::crypto::Signature,
}

impl End {
    fn message(header: &crate::model::Digest, count: u64, hash: &crate::model::Digest) -> Vec<u8> {
        crate::journal::cbor::to_vec(&(header, count, hash))
    }
}

/// A record as it is sealed.
#[derive(Debug, minicbor::Encode, minicbor::Decode)]
enum Wire {
    #[n(0)]
    Manifest {
        #[n(0)]
        body: minicbor::bytes::ByteVec,
        #[n(1)]
        signature: crate::crypto::Signature,
    },
    #[n(1)]
    Item(#[n(0)] minicbor::bytes::ByteVec),
    #[n(2)]
    Envelope(#[n(0)] minicbor::bytes::ByteVec),
    #[n(3)]
    Piece {
        #[n(0)]
        file: crate::model::Digest,
        #[n(1)]
        offset: u64,
        #[n(2)]
        bytes: minicbor::bytes::ByteVec,
    },
    #[n(4)]
    End(#[n(0)] End),
}

#[cfg(test)]
mod tests;
