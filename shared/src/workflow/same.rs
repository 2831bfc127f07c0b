//! The same matter in more than one group, found in what the office reads: editions alone.
//!
//! What is found is a question, never a finding: people look at both papers. Nothing but what
//! both groups themselves put before the office is compared.
use std::collections::{BTreeMap, BTreeSet};

use super::state::SpaceState;
use crate::model::{Body, DocId};

/// What two matters have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SameBy {
    /// The other party concerned, as it was written first.
    Party(String),
    /// The instrument and the article, as they were written first.
    Article(String, String),
}

/// An edition in which it was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundIn {
    /// The group's code.
    pub group: String,
    /// The number under which people speak of the paper.
    pub number: String,
    /// The edition.
    pub edition: DocId,
}

/// Matters of different groups that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Same {
    /// What.
    pub by: SameBy,
    /// Where it was found, by group and number; at least two groups.
    pub found: Vec<FoundIn>,
}

/// Finds what workpapers of different groups have in common: the same other party, or the same
/// article of the same instrument. Parties come first.
pub fn same_matters(office: &SpaceState) -> Vec<Same> {
    let mut all: BTreeMap<(u8, String), (SameBy, BTreeSet<FoundIn>)> = BTreeMap::new();
    for (record, edition) in office.matters(|m| m.edition()) {
        if edition.replaced_by.is_some() {
            continue;
        }
        let edition = &edition.edition;
        let Some(Body::Workpaper(paper)) = edition.reading.as_ref().map(|r| &r.body) else {
            continue;
        };
        let found = FoundIn {
            group: edition.group.clone(),
            number: edition.number.clone(),
            edition: record.doc,
        };
        let mut add = |kind, key: String, by: SameBy| {
            let (_, places) = all.entry((kind, key)).or_insert_with(|| (by, BTreeSet::new()));
            places.insert(found.clone());
        };
        let party = plain(&paper.party);
        if !party.is_empty() {
            add(0, party, SameBy::Party(paper.party.trim().to_owned()));
        }
        for c in paper.criteria.iter().filter(|c| c.removed.is_none()) {
            let (instrument, article) = (plain(&c.instrument), plain(&c.article));
            if !instrument.is_empty() && !article.is_empty() {
                let by = SameBy::Article(c.instrument.trim().into(), c.article.trim().into());
                add(1, format!("{instrument}\n{article}"), by);
            }
        }
    }
    let several = |found: &BTreeSet<FoundIn>| {
        found.iter().map(|f| &f.group).collect::<BTreeSet<_>>().len() > 1
    };
    let all = all.into_values().filter(|(_, found)| several(found));
    all.map(|(by, found)| Same { by, found: found.into_iter().collect() }).collect()
}

/// Returns a name as it is compared: without blanks, quotation marks of titles, and the
/// difference between full and half width, which two people write differently.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '《' | '》' | '“' | '”' | '"'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c).to_ascii_lowercase()
            }
            c => c.to_ascii_lowercase(),
        })
        .collect()
}
