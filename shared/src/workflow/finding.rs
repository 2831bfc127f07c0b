//! The finding: opened by an approved workpaper, never without a next holder until its end.
use serde::{Deserialize, Serialize};

use super::{
    case::{Case, reason_given, wrong_stage},
    event::{Decision, DeskStage, DocEvent, Event, SpaceKind},
    refusal::Refusal,
};
use crate::model::{DocId, PersonId, Timestamp, finding::Finding, round::Role};

/// How far a finding has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingStage {
    /// Opened; the leader has not yet taken it up.
    Proposed,
    /// The leader stands by it.
    LeaderOk,
    /// A notice about it was issued and is not yet done.
    InRectification,
    /// Put right and checked during the stay.
    Rectified,
    /// Undone at exit: it is in the plan.
    CarriedToPlan,
    /// Withdrawn, with a reason.
    Withdrawn,
}

/// The state of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingState {
    /// What it says.
    pub finding: Finding,
    /// How far it has come.
    pub stage: FindingStage,
    /// Notices about it, oldest first.
    pub notices: Vec<DocId>,
    /// Its milestones, oldest first: what the chain view prints.
    pub chain: Vec<Milestone>,
    /// Why it was withdrawn.
    pub withdrawn: Option<(PersonId, Timestamp, String)>,
}

/// A step in the life of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: MilestoneKind,
    /// The record that brought it about.
    pub doc: DocId,
}

/// What a milestone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneKind {
    /// The finding was opened.
    Opened,
    /// The leader stands by it.
    Approved,
    /// A notice was issued.
    NoticeIssued,
    /// The notice went on, on the unit's desk.
    Notice(DeskStage),
    /// Withdrawn.
    Withdrawn,
}

impl FindingStage {
    /// Returns the stored name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::LeaderOk => "leader_ok",
            Self::InRectification => "in_rectification",
            Self::Rectified => "rectified",
            Self::CarriedToPlan => "carried_to_plan",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Finds the finding asked about.
fn open_finding<'a>(case: &Case<'a>) -> Result<&'a FindingState, Refusal> {
    case.within(&[SpaceKind::Engagement])?;
    case.record()?.matter.finding().ok_or(Refusal::WrongKind)
}

/// Decides `ApproveFinding`.
pub(super) fn approve(case: &Case<'_>) -> Result<Decision, Refusal> {
    let by = case.holding(&[Role::GroupLeader])?.person;
    let finding = open_finding(case)?;
    if finding.stage != FindingStage::Proposed {
        return Err(wrong_stage(finding.stage.name()));
    }
    Ok(Decision::of(vec![DocEvent::of(case.asked.doc, Event::FindingApproved { by })]))
}

/// Decides `WithdrawFinding`.
pub(super) fn withdraw(case: &Case<'_>, reason: &str) -> Result<Decision, Refusal> {
    let by = case.holding(&[Role::GroupLeader])?.person;
    let finding = open_finding(case)?;
    if !matches!(finding.stage, FindingStage::Proposed | FindingStage::LeaderOk) {
        return Err(wrong_stage(finding.stage.name()));
    }
    reason_given(reason)?;
    let event = Event::FindingWithdrawn { by, reason: reason.to_owned() };
    Ok(Decision::of(vec![DocEvent::of(case.asked.doc, event)]))
}
