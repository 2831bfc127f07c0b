//! The edition: what one audience shows another, without history.
use serde::{Deserialize, Serialize};

use super::{Digest, DocId, DocKind, Reading, SpaceId};

/// A rendering and the fields chosen with it, put into the reader's space.
///
/// What it left out is listed at the source only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// Identity of the edition in the reader's space.
    pub id: DocId,
    /// The space it came from; opaque to the reader.
    pub source_space: SpaceId,
    /// The record it shows; opaque to the reader.
    pub source: DocId,
    /// The kind of record.
    pub kind: DocKind,
    /// The number, provisional or official, under which people speak of it.
    pub number: String,
    /// The code of the group it comes from.
    pub group: String,
    /// The rendered text.
    pub rendering: String,
    /// The hash of the rendering that was signed, if it was.
    pub rendering_hash: Digest,
    /// The fields shown, possibly masked; no history, no authors by actor.
    pub reading: Option<Reading>,
    /// Whether names were masked.
    pub masked: bool,
}
