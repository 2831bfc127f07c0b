//! Evidence (佐证材料): the file itself, with where it came from and who took it.
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
}
