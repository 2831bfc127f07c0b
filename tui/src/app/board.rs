//! The office's board: counts by group, what is silent, and the same matter in two groups.
//!
//! It reads editions only, and says as of when: nothing here is anybody's working text.
use std::collections::BTreeMap;

use shared::{
    model::{Body, DocKind, Timestamp},
    workflow::{
        SpaceKind,
        notice::EditionStage,
        record::{Matter, Record},
    },
};

use super::data::{Place, Snapshot};

/// How long a group may be silent before the board says so, in milliseconds: three days.
const SILENT: i64 = 3 * 24 * 3_600_000;

/// A group's part in the round, as far as the office has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupTotals {
    /// The group's code.
    pub group: String,
    /// Workpapers admitted.
    pub workpapers: usize,
    /// Notices put up or approved.
    pub notices: usize,
    /// Notices that wait for the delegate.
    pub for_approval: usize,
    /// Judgement fields with concurrent values among its editions.
    pub conflicts: usize,
    /// Remarks of the office.
    pub comments: usize,
    /// When its newest edition came.
    pub newest: Timestamp,
    /// Whether that is longer ago than a group should be silent.
    pub silent: bool,
}

/// What two matters have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SameBy {
    /// The other party concerned.
    Party(String),
    /// The instrument and the article.
    Article(String, String),
}

/// Matters of different groups that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Same {
    /// What.
    pub by: SameBy,
    /// Their numbers and groups.
    pub found: Vec<(Place, String, String)>,
}

/// The board.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    /// The newest entry it rests on.
    pub as_of: Timestamp,
    /// By group, in the order of their codes.
    pub groups: Vec<GroupTotals>,
    /// The same matter in more than one group.
    pub same: Vec<Same>,
}

/// Makes the board from the office's space; empty without one.
pub fn board(known: &Snapshot) -> Board {
    let Some(office) = known.spaces.iter().find(|s| s.state.kind() == Some(SpaceKind::Office))
    else {
        return Board::default();
    };
    let mut groups: BTreeMap<String, GroupTotals> = BTreeMap::new();
    let mut same: BTreeMap<SameBy, Vec<(Place, String, String)>> = BTreeMap::new();
    for record in office.state.records.values() {
        let Matter::Edition(edition) = &record.matter else { continue };
        if edition.replaced_by.is_some() {
            continue;
        }
        let group = edition.edition.group.clone();
        count(groups.entry(group.clone()).or_insert_with(|| none_yet(&group)), record);
        let Some(reading) = &edition.edition.reading else { continue };
        let Body::Workpaper(paper) = &reading.body else { continue };
        let at = Place { space: office.id, doc: record.doc };
        let number = edition.edition.number.clone();
        let mut add = |by| same.entry(by).or_default().push((at, number.clone(), group.clone()));
        if !paper.party.trim().is_empty() {
            add(SameBy::Party(paper.party.trim().to_owned()));
        }
        for c in paper.criteria.iter().filter(|c| c.removed.is_none() && !c.article.is_empty()) {
            add(SameBy::Article(c.instrument.clone(), c.article.clone()));
        }
    }
    let mut groups: Vec<GroupTotals> = groups.into_values().collect();
    for group in &mut groups {
        group.silent = known.now.since(group.newest) > SILENT;
    }
    let across = |found: &[(Place, String, String)]| {
        found.iter().any(|(_, _, group)| Some(group) != found.first().map(|(_, _, first)| first))
    };
    let same = same
        .into_iter()
        .filter(|(_, found)| across(found))
        .map(|(by, found)| Same { by, found })
        .collect();
    Board { as_of: office.state.at, groups, same }
}

fn none_yet(group: &str) -> GroupTotals {
    GroupTotals {
        group: group.to_owned(),
        workpapers: 0,
        notices: 0,
        for_approval: 0,
        conflicts: 0,
        comments: 0,
        newest: Timestamp(0),
        silent: false,
    }
}

fn count(totals: &mut GroupTotals, record: &Record) {
    let Matter::Edition(edition) = &record.matter else { return };
    match edition.edition.kind {
        DocKind::Workpaper => totals.workpapers += 1,
        DocKind::Notice => totals.notices += 1,
        DocKind::Interview | DocKind::Consultation => {}
    }
    totals.for_approval += usize::from(edition.stage == EditionStage::ForApproval);
    totals.conflicts += edition.edition.reading.as_ref().map_or(0, |r| r.conflicts.len());
    totals.comments += record.comments.len();
    totals.newest = totals.newest.max(record.at);
}
