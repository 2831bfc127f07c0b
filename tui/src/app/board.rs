//! The office's board: counts by group, what is silent, and the same matter in two groups.
//!
//! It reads editions only, and says as of when: nothing here is anybody's working text. So it
//! counts no conflicts: a paper with one cannot be signed, and no edition is made of it.
use std::collections::BTreeMap;

pub use shared::workflow::same::SameBy;
use shared::{
    model::{DocKind, Timestamp},
    workflow::{
        SpaceKind,
        notice::EditionStage,
        record::{Matter, Record},
        same::{Same, same_matters},
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
    /// Remarks of the office.
    pub comments: usize,
    /// When its newest edition came.
    pub newest: Timestamp,
    /// Whether that is longer ago than a group should be silent.
    pub silent: bool,
}

/// A device of a group that has been silent longer than it should be, as far as the office
/// was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The group's code.
    pub group: String,
    /// The device's short name.
    pub device: String,
    /// Whose it is.
    pub person: String,
    /// When it was last heard; never, if it was only enrolled.
    pub heard: Option<Timestamp>,
    /// When the office was told: with the group's newest edition.
    pub told: Timestamp,
}

/// Matters of different groups that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameMatter {
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
    /// Devices that are silent.
    pub gaps: Vec<Gap>,
    /// The same matter in more than one group.
    pub same: Vec<SameMatter>,
}

/// Makes the board from the office's space; empty without one.
pub fn board(known: &Snapshot) -> Board {
    let Some(office) = known.spaces.iter().find(|s| s.state.kind() == Some(SpaceKind::Office))
    else {
        return Board::default();
    };
    let mut groups: BTreeMap<String, GroupTotals> = BTreeMap::new();
    for record in office.state.records.values() {
        let Matter::Edition(edition) = &record.matter else { continue };
        if edition.replaced_by.is_some() {
            continue;
        }
        let group = edition.edition.group.clone();
        count(groups.entry(group.clone()).or_insert_with(|| none_yet(&group)), record);
    }
    let mut groups: Vec<GroupTotals> = groups.into_values().collect();
    for group in &mut groups {
        group.silent = known.now.since(group.newest) > SILENT;
    }
    let same = same_matters(&office.state)
        .into_iter()
        .map(|Same { by, found }| SameMatter {
            by,
            found: found
                .into_iter()
                .map(|f| (Place { space: office.id, doc: f.edition }, f.number, f.group))
                .collect(),
        })
        .collect();
    let mut gaps: Vec<Gap> = office
        .state
        .group_devices
        .iter()
        .filter(|(_, d)| known.now.since(d.heard_at.unwrap_or(Timestamp(0))) > SILENT)
        .map(|(device, d)| Gap {
            group: d.group.clone(),
            device: device.tag(),
            person: d.name.clone(),
            heard: d.heard_at,
            told: d.told_at,
        })
        .collect();
    gaps.sort_by(|a, b| (&a.group, a.heard, &a.device).cmp(&(&b.group, b.heard, &b.device)));
    Board { as_of: office.state.at, groups, gaps, same }
}

fn none_yet(group: &str) -> GroupTotals {
    GroupTotals {
        group: group.to_owned(),
        workpapers: 0,
        notices: 0,
        for_approval: 0,
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
    totals.comments += record.comments.len();
    totals.newest = totals.newest.max(record.at);
}
