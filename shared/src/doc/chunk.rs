//! Raw change chunks: the form in which content travels.
//!
//! A body is consecutive chunks, each one uncompressed change (type 1) with a right checksum.
//! Automerge itself also takes documents, compressed changes and bundles in the same place;
//! those are refused here, since each can swell on reading.
use automerge::Change;
use serde::{Deserialize, Serialize};

use crate::model::ChangeHash;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;

/// Why bytes are not a body of changes. Offsets count bytes from the start of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ChunkError {
    /// The body holds no change.
    #[error("no change in the body")]
    Empty,
    /// No chunk begins where one should.
    #[error("no chunk at byte {at}")]
    NoMagic {
        /// Where.
        at: usize,
    },
    /// The chunk is a document, a compressed change, a bundle or unknown.
    #[error("chunk of type {found} at byte {at}, only plain changes are taken")]
    WrongType {
        /// Where.
        at: usize,
        /// The type byte.
        found: u8,
    },
    /// The body ends before the chunk does.
    #[error("chunk at byte {at} is cut short")]
    Short {
        /// Where.
        at: usize,
    },
    /// The chunk's checksum is not that of its contents.
    #[error("chunk at byte {at} has a wrong checksum")]
    Checksum {
        /// Where.
        at: usize,
    },
    /// The chunk's contents do not parse.
    #[error("chunk at byte {at} does not parse: {why}")]
    Unreadable {
        /// Where.
        at: usize,
        /// What the parser says; for diagnostics only.
        why: String,
    },
}

/// Reads a body into its changes.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<Change>, ChunkError> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let rest = &body[at..];
        let len = chunk_len(rest, at)?;
        let chunk = rest.get(..len).ok_or(ChunkError::Short { at })?;
        let change = Change::try_from(chunk)
            .map_err(|e| ChunkError::Unreadable { at, why: e.to_string() })?;
        if change.hash().0[..4] != chunk[4..8] {
            return Err(ChunkError::Checksum { at });
        }
        out.push(change);
        at += len;
    }
    if out.is_empty() { Err(ChunkError::Empty) } else { Ok(out) }
}

/// Returns the length of the chunk that begins at `rest`, header included.
fn chunk_len(rest: &[u8], at: usize) -> Result<usize, ChunkError> {
    if rest.len() < 10 {
        return Err(ChunkError::Short { at });
    }
    if rest[..4] != MAGIC {
        return Err(ChunkError::NoMagic { at });
    }
    if rest[8] != CHANGE {
        return Err(ChunkError::WrongType { at, found: rest[8] });
    }
    let mut len: usize = 0;
    for (i, byte) in rest[9..].iter().take(5).enumerate() {
        len |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return len.checked_add(10 + i).ok_or(ChunkError::Short { at });
        }
    }
    Err(ChunkError::Short { at })
}

pub(crate) const fn ours(hash: automerge::ChangeHash) -> ChangeHash {
    ChangeHash(hash.0)
}

pub(crate) fn theirs(heads: &[ChangeHash]) -> Vec<automerge::ChangeHash> {
    heads.iter().map(|h| automerge::ChangeHash(h.0)).collect()
}
