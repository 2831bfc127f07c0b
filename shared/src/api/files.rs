//! Files in chunks: a name, an offset, a hash for each chunk.
//!
//! A file is encrypted before it leaves the laptop and named by a keyed hash, so what lies on
//! the server's disk shows neither content nor equality across spaces. Its key stands in the
//! evidence index of the journal, which the server can read (docs/SECURITY.md). `HEAD` tells how much has arrived; `PUT`
//! sends the next chunk at exactly that offset; `GET ?offset=N` returns one chunk. A chunk
//! sent twice is harmless.
use crate::{
    crypto::{Context, hash::hash},
    model::Digest,
};

const CHUNK: Context = Context("xunji file chunk");

/// The length of every chunk but the last, in bytes.
pub const CHUNK_LEN: usize = 256 * 1024;
/// The longest file, in bytes.
pub const MAX_FILE: u64 = 4 * 1024 * 1024 * 1024;

/// Header: where a chunk begins, in bytes.
pub const OFFSET: &str = "x-xunji-offset";
/// Header: how long the whole file is, in bytes.
pub const TOTAL: &str = "x-xunji-total";
/// Header: how many bytes the server holds, in order.
pub const HELD: &str = "x-xunji-held";
/// Header: the hash of a chunk ([`chunk_hash`]).
pub const HASH: &str = "x-xunji-chunk-hash";

/// Returns the hash of a chunk, bound to its place in its file.
pub fn chunk_hash(name: &Digest, offset: u64, bytes: &[u8]) -> Digest {
    hash(CHUNK, &[name.as_bytes(), &offset.to_le_bytes(), bytes])
}
