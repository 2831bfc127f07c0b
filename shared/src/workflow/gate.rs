//! The evidence gate of a workpaper (domain §3.2): what is missing before it may be signed.
//!
//! The gate never judges; it lists what a reader of the paper would ask for. A maker may sign
//! over a red gate with a reason, which the signature shows.
use serde::{Deserialize, Serialize};

use crate::model::{EvidenceId, FieldPath, ItemId};

/// One of the four accuracies (四个准确) that a paper states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accuracy {
    /// 了解方式: how it was established.
    Method,
    /// 责任主体: who is responsible.
    Responsible,
    /// 时间: when.
    When,
    /// 地点: where.
    Place,
    /// 政策依据: under which rule.
    Rule,
}

/// Something the gate misses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateItem {
    /// What was found is not written.
    ConditionEmpty,
    /// No fact is asserted.
    NoFacts,
    /// A rule is named without its article or version.
    CriterionWithoutArticle {
        /// The criterion.
        criterion: ItemId,
        /// The instrument named.
        instrument: String,
    },
    /// A fact rests on nothing.
    FactWithoutEvidence {
        /// The fact.
        fact: ItemId,
        /// Its text.
        text: String,
    },
    /// A fact rests on opinion alone.
    OnlyOpinion {
        /// The fact.
        fact: ItemId,
        /// Its text.
        text: String,
    },
    /// A fact points to a statement of an interview that is not confirmed, or unknown.
    StatementNotConfirmed {
        /// The fact.
        fact: ItemId,
        /// The statement, as `interview/item`.
        statement: String,
    },
    /// An item is used that is not in the evidence index.
    EvidenceUnknown {
        /// The item.
        evidence: EvidenceId,
    },
    /// An item has neither a file nor a place where the original is kept.
    EvidenceWithoutCustody {
        /// The item.
        evidence: EvidenceId,
    },
    /// Fewer than the needed independent items, and no conclusive document.
    TooFewItems {
        /// How many there are.
        have: u32,
        /// How many it takes.
        need: u32,
    },
    /// What speaks for those concerned was not considered.
    ExculpatoryEmpty,
    /// A judgement field has concurrent values.
    Conflicted {
        /// The field.
        field: FieldPath,
    },
    /// One of the four accuracies is missing.
    AccuracyMissing {
        /// Which.
        accuracy: Accuracy,
    },
    /// No severity is entered.
    SeverityEmpty,
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Gate {
    /// What is missing; empty means green.
    pub red: Vec<GateItem>,
}

impl Gate {
    /// Tells whether nothing is missing.
    pub fn is_green(&self) -> bool {
        self.red.is_empty()
    }
}
