//! The evidence gate of a workpaper (domain §3.2): what is missing before it may be signed.
//!
//! The gate never judges; it lists what a reader of the paper would ask for. A maker may sign
//! over a red gate with a reason, which the signature shows.
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::state::{FixedStatement, Registered};
use crate::model::{
    Body, DocId, EvidenceId, FieldPath, ItemId, Reading, interview::StatementTag, workpaper::Fact,
};

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

/// What the gate looks things up in.
#[derive(Debug, Clone, Copy)]
pub struct GateFacts<'a> {
    /// The evidence index.
    pub evidence: &'a BTreeMap<EvidenceId, Registered>,
    /// Statements of confirmed interviews.
    pub statements: &'a BTreeMap<ItemId, FixedStatement>,
    /// What counts as enough.
    pub need_items: u32,
    /// How many conclusive documents do instead.
    pub need_conclusive: u32,
}

/// Checks a workpaper; any other document is green.
///
/// `reading` is what would be signed: with settled conflicts settled
/// ([`super::conflict::settle`]).
pub fn gate(reading: &Reading, facts: &GateFacts<'_>) -> Gate {
    let Body::Workpaper(paper) = &reading.body else { return Gate::default() };
    let mut red = Vec::new();
    let blank = |text: &str| text.trim().is_empty();
    if blank(&paper.condition) {
        red.push(GateItem::ConditionEmpty);
    }
    let criteria: Vec<_> = paper.criteria.iter().filter(|c| c.removed.is_none()).collect();
    for criterion in &criteria {
        if blank(&criterion.article) || blank(&criterion.version) || blank(&criterion.instrument) {
            red.push(GateItem::CriterionWithoutArticle {
                criterion: criterion.id,
                instrument: criterion.instrument.clone(),
            });
        }
    }
    let mut used = Used::default();
    let asserted: Vec<_> = paper.facts.iter().filter(|f| f.removed.is_none()).collect();
    if asserted.is_empty() {
        red.push(GateItem::NoFacts);
    }
    for fact in asserted {
        fact_carried(fact, facts, &mut used, &mut red);
    }
    used.items.extend(&paper.evidence);
    let (have, conclusive) = used.weigh(facts, &mut red);
    if have < facts.need_items && conclusive < facts.need_conclusive {
        red.push(GateItem::TooFewItems { have, need: facts.need_items });
    }
    if blank(&paper.exculpatory) {
        red.push(GateItem::ExculpatoryEmpty);
    }
    for (accuracy, missing) in [
        (Accuracy::Method, blank(&paper.method)),
        (Accuracy::Responsible, blank(&paper.responsible)),
        (Accuracy::When, blank(&paper.when)),
        (Accuracy::Place, blank(&paper.place)),
        (Accuracy::Rule, criteria.is_empty()),
    ] {
        if missing {
            red.push(GateItem::AccuracyMissing { accuracy });
        }
    }
    if paper.severity.is_none() {
        red.push(GateItem::SeverityEmpty);
    }
    red.extend(reading.conflicts.iter().map(|c| GateItem::Conflicted { field: c.field.clone() }));
    Gate { red }
}

/// What a paper rests on: items, and talks whose statements carry a fact.
#[derive(Default)]
struct Used {
    items: BTreeSet<EvidenceId>,
    talks: BTreeSet<DocId>,
}

impl Used {
    /// Counts independent items and conclusive documents. The same file under two ids is one
    /// item, and so is one talk, however many of its statements are used.
    fn weigh(&self, facts: &GateFacts<'_>, red: &mut Vec<GateItem>) -> (u32, u32) {
        let mut files = BTreeSet::new();
        let (mut have, mut conclusive) = (0, 0);
        for id in &self.items {
            let Some(item) = facts.evidence.get(id).map(|r| &r.evidence) else {
                red.push(GateItem::EvidenceUnknown { evidence: *id });
                continue;
            };
            if item.content.is_none() && item.original_kept_at.trim().is_empty() {
                red.push(GateItem::EvidenceWithoutCustody { evidence: *id });
            }
            if item.content.is_none_or(|hash| files.insert(hash)) {
                have += 1;
                conclusive += u32::from(item.conclusive);
            }
        }
        (have + u32::try_from(self.talks.len()).unwrap_or(u32::MAX), conclusive)
    }
}

/// Checks that a fact rests on something, and not on opinion alone.
fn fact_carried(fact: &Fact, facts: &GateFacts<'_>, used: &mut Used, red: &mut Vec<GateItem>) {
    used.items.extend(&fact.evidence);
    let mut opinion = false;
    let mut carried = !fact.evidence.is_empty();
    for named in &fact.statements {
        let item = named.rsplit('/').next().and_then(|id| id.parse::<ItemId>().ok());
        let Some(statement) = item.and_then(|id| facts.statements.get(&id)) else {
            red.push(GateItem::StatementNotConfirmed { fact: fact.id, statement: named.clone() });
            continue;
        };
        match statement.tag {
            Some(StatementTag::Fact | StatementTag::Hearsay) => {
                carried = true;
                used.talks.insert(statement.interview);
            }
            Some(StatementTag::Opinion) => opinion = true,
            // A pointer leads to evidence, and a procedural note to nothing.
            _ => {}
        }
    }
    if !carried {
        let (id, text) = (fact.id, fact.text.clone());
        red.push(if opinion {
            GateItem::OnlyOpinion { fact: id, text }
        } else {
            GateItem::FactWithoutEvidence { fact: id, text }
        });
    }
}
