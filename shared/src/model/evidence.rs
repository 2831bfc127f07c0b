//! Evidence (佐证材料): the file itself, with where it came from and who took it.
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Digest, EvidenceId, PersonId};

/// What an item of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A document of the unit: contract, invoice, rule.
    Document,
    /// A record of proceedings: minutes, register.
    Record,
    /// Data drawn from a system.
    DataExtract,
    /// A photograph.
    Photo,
    /// A written statement.
    Statement,
    /// A survey.
    Survey,
    /// What the members saw on site.
    SiteNote,
    /// From a third party.
    ThirdParty,
    /// A signed paper, scanned.
    Scan,
}

/// How far evidence goes toward showing that something was put right (domain C06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceClass {
    /// Supports a fact; says nothing about putting right.
    Base,
    /// A plan, minutes, a pledge: someone means to.
    Intent,
    /// Something was done: a refund, an amended rule in force, a photo with place and time.
    Act,
    /// It worked: a metric, a sample, a satisfied visitor.
    Effect,
}

/// What is known of one item of evidence. Append-only: a correction is a new item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its identity.
    pub id: EvidenceId,
    /// The file's name, or a title.
    pub name: String,
    /// What it is.
    pub kind: EvidenceKind,
    /// How far it goes.
    pub class: EvidenceClass,
    /// Where it came from.
    pub origin: String,
    /// Who obtained it; two people for what is taken on site.
    pub obtained_by: Vec<PersonId>,
    /// The day it was obtained, ISO.
    pub obtained_on: String,
    /// Where the original is kept.
    pub original_kept_at: String,
    /// Whether this one item settles what it is offered for (a conclusive document).
    pub conclusive: bool,
    /// Length of the file in bytes; 0 when there is only a reference.
    pub size: u64,
    /// BLAKE3 hash of the file's bytes.
    pub content: Option<Digest>,
    /// Where the file itself is and how it is opened; none when there is only a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRef>,
}

/// A sealed file, so that every member of the space can fetch and open it.
///
/// It stands in the space's journal with its key. The journal is sealed on laptops and in
/// couriers' files but readable by the server, so root on the server can read evidence like
/// everything else there (docs/SECURITY). What the key is good for is the road: relays, the
/// folder of files and its backups show neither content nor equality.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// The name under which the file is found everywhere.
    pub address: Digest,
    /// The file's own key.
    pub key: FileKey,
    /// Length of the file in bytes.
    pub len: u64,
    /// Size of its chunks, as a power of two.
    pub chunk: u8,
    /// Hash of the file.
    pub content: Digest,
    /// Hash of its sealed form.
    pub sealed: Digest,
}

/// The key of one file; never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileKey(Digest);

impl FileKey {
    /// Takes the 32 bytes of a key.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Digest(bytes))
    }

    /// Returns the 32 bytes.
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(…)")
    }
}
