//! Who has the ball: the next holder of every record (I10), and the chain of a finding.
use serde::{Deserialize, Serialize};

use super::{
    command::Step,
    consultation::ConsultationStage,
    event::DeskStage,
    finding::{FindingStage, Milestone},
    notice::{EditionStage, NoticeStage},
    record::{Matter, Record},
    stand_in,
    state::SpaceState,
};
use crate::model::{DocId, Timestamp};

/// Who has to act next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The interviewers of a talk.
    Interviewers,
    /// The makers of a paper.
    Makers,
    /// The deputy leader.
    Deputy,
    /// The group leader.
    Leader,
    /// The group: two members check.
    Group,
    /// The office.
    Office,
    /// The leading group's delegate.
    Delegate,
    /// The unit's head.
    UnitHead,
    /// The unit's desk.
    Unit,
    /// Those who take part in a consultation.
    Participants,
    /// Nobody: it is at its end, or it is there to be read.
    Nobody,
}

impl Holder {
    /// Returns the stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interviewers => "interviewers",
            Self::Makers => "makers",
            Self::Deputy => "deputy",
            Self::Leader => "leader",
            Self::Group => "group",
            Self::Office => "office",
            Self::Delegate => "delegate",
            Self::UnitHead => "unit_head",
            Self::Unit => "unit",
            Self::Participants => "participants",
            Self::Nobody => "nobody",
        }
    }
}

/// Returns who has to act next on a record.
pub fn next_holder(record: &Record) -> Holder {
    match &record.matter {
        Matter::Unopened => Holder::Leader,
        Matter::Interview(i) if i.is_over() => Holder::Nobody,
        Matter::Interview(_) => Holder::Interviewers,
        Matter::Workpaper(w) if w.dropped.is_some() => Holder::Nobody,
        Matter::Workpaper(_) => workpaper(record),
        Matter::Finding(f) => finding(&f.stage),
        Matter::Notice(n) => match n.stage {
            NoticeStage::Draft | NoticeStage::Approved => Holder::Leader,
            NoticeStage::Proposed => Holder::Delegate,
            NoticeStage::Issued => n.on_desk.map_or(Holder::UnitHead, desk),
        },
        Matter::Desk(d) => desk(d.stage),
        Matter::Question(q) if q.closed.is_some() => Holder::Nobody,
        Matter::Question(_) => Holder::Office,
        Matter::Consultation(c) => match c.stage {
            ConsultationStage::Raised | ConsultationStage::Convened => Holder::Office,
            ConsultationStage::Answered => Holder::Leader,
            ConsultationStage::Concluded | ConsultationStage::Minuted => Holder::Participants,
            ConsultationStage::Done => Holder::Nobody,
        },
        Matter::Exhibit(_) => Holder::Nobody,
        Matter::StandIn(s) if s.named.is_none() => Holder::Office,
        Matter::StandIn(_) => Holder::Nobody,
        Matter::Edition(e) if e.stage == EditionStage::ForApproval => Holder::Delegate,
        Matter::Edition(_) => Holder::Nobody,
    }
}

fn workpaper(record: &Record) -> Holder {
    let Some(step) = stand_in::step_due(record) else { return Holder::Nobody };
    if stand_in::unanswered(record, step).is_some() {
        return Holder::Office;
    }
    match step {
        Step::Maker => Holder::Makers,
        Step::Deputy => Holder::Deputy,
        Step::Leader => Holder::Leader,
    }
}

const fn finding(stage: &FindingStage) -> Holder {
    match stage {
        FindingStage::Proposed => Holder::Leader,
        // It goes into the report, and later to a return visit.
        FindingStage::LeaderOk | FindingStage::Rectified => Holder::Office,
        FindingStage::InRectification | FindingStage::CarriedToPlan => Holder::Unit,
        FindingStage::Withdrawn => Holder::Nobody,
    }
}

const fn desk(stage: DeskStage) -> Holder {
    match stage {
        DeskStage::Issued => Holder::UnitHead,
        DeskStage::Disputed => Holder::Leader,
        DeskStage::Received | DeskStage::Fixing | DeskStage::Returned => Holder::Unit,
        // In the plan it is the unit's, followed up by the plan and no longer by the notice.
        DeskStage::CarriedToPlan => Holder::Unit,
        DeskStage::Reported => Holder::Group,
        DeskStage::Done | DeskStage::Withdrawn => Holder::Nobody,
    }
}

/// The chain of a finding: its links, what is missing, who holds the ball and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The finding.
    pub finding: DocId,
    /// Its number.
    pub number: Option<String>,
    /// The workpapers that carry it.
    pub workpapers: Vec<DocId>,
    /// Notices about it.
    pub notices: Vec<DocId>,
    /// Its milestones, oldest first.
    pub milestones: Vec<Milestone>,
    /// Who has to act next.
    pub holder: Holder,
    /// Since when.
    pub since: Timestamp,
    /// Workpapers it names that do not stand: dropped, returned, or changed after signing.
    pub broken: Vec<DocId>,
}

/// Returns the chain of a finding; `None` for any other record.
pub fn chain(state: &SpaceState, doc: DocId) -> Option<Chain> {
    let record = state.records.get(&doc)?;
    let finding = record.matter.finding()?;
    let stands = |paper: &DocId| {
        state.records.get(paper).is_some_and(|r| {
            r.matter.workpaper().is_some_and(|w| w.dropped.is_none()) && r.standing().is_some()
        })
    };
    Some(Chain {
        finding: doc,
        number: record.official.clone(),
        workpapers: finding.finding.workpapers.clone(),
        notices: finding.notices.clone(),
        milestones: finding.chain.clone(),
        holder: next_holder(record),
        since: finding.chain.last().map_or(record.at, |m| m.at),
        broken: finding.finding.workpapers.iter().filter(|p| !stands(p)).copied().collect(),
    })
}
