//! The one-matter file (问题底稿), form F2 of domain §2.4.
use serde::{Deserialize, Serialize};

use super::{EvidenceId, ItemId};

/// How grave a matter is. A judgement: concurrent values are kept and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Slight.
    Low,
    /// Moderate.
    Medium,
    /// Grave: closure will need evidence of effect.
    High,
}

impl Severity {
    /// All degrees, slightest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// Returns the stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Reads a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// A rule or standard that was breached (依据): instrument, article and version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// Its identity.
    pub id: ItemId,
    /// The instrument: 某市采购限额办法.
    pub instrument: String,
    /// The article: 第九条.
    pub article: String,
    /// The version in force: v2024.
    pub version: String,
    /// Why it was taken out; the item stays visible, struck through (domain §5.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
}

/// One asserted fact and the evidence that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its identity.
    pub id: ItemId,
    /// The assertion.
    pub text: String,
    /// The evidence that carries it; empty means the gate is red.
    pub evidence: Vec<EvidenceId>,
    /// Statements of interviews that carry it, as `interview/item`.
    pub statements: Vec<String>,
    /// Why it was taken out; the item stays visible, struck through (domain §5.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
}

/// What a workpaper document says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkpaperReading {
    /// The matter, in one line.
    pub title: String,
    /// Where the matter came from: interview, petition, documents (free labels).
    pub source: Vec<String>,
    /// What was found (事实概述).
    pub condition: String,
    /// The rules breached (依据).
    pub criteria: Vec<Criterion>,
    /// Why it happened (原因).
    pub cause: String,
    /// Harm or risk (影响后果).
    pub effect: String,
    /// The facts asserted, each with its evidence.
    pub facts: Vec<Fact>,
    /// Who is responsible: a post or a body. A judgement field.
    pub responsible: String,
    /// The other party concerned: a vendor, a contractor; used to find the same matter elsewhere.
    pub party: String,
    /// When, as established.
    pub when: String,
    /// Where, as established.
    pub place: String,
    /// How it was established (了解方式).
    pub method: String,
    /// Amount in fen (0.01 yuan). A judgement field.
    pub amount_fen: Option<i64>,
    /// What speaks for those concerned; must be considered before signing.
    pub exculpatory: String,
    /// Where else it was looked for (举一反三).
    pub extent_check: String,
    /// What was said with the unit's head about it.
    pub communication: String,
    /// How grave. A judgement field; `None` when not entered.
    pub severity: Option<Severity>,
    /// The label put on the facts (定性). A judgement field.
    pub characterisation: String,
    /// Problem taxonomy (free labels).
    pub themes: Vec<String>,
    /// Evidence attached to the paper as a whole.
    pub evidence: Vec<EvidenceId>,
}
