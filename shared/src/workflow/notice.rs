//! The notice (F4), on both sides: written, proposed, approved and issued by the group; on the
//! unit's desk acknowledged, planned, carried out, reported and checked.
//!
//! The two sides are two records in two spaces. The group's side knows the workpapers behind
//! the notice; the desk's side never does (domain §1 M14).
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    command::{DisputeOutcome, OnPaper, Sample},
    event::{DeskNotice, DeskStage},
};
use crate::model::{
    Digest, DocId, EvidenceId, PersonId, SpaceId, Timestamp, edition::Edition,
    notice::PlannedMeasure, round::Role, workpaper::Severity,
};

/// How far a notice has come where it is written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum NoticeStage {
    /// Being written.
    #[default]
    Draft,
    /// Put up for approval.
    Proposed,
    /// Approved; to be issued.
    Approved,
    /// On the unit's desk.
    Issued,
}

/// The state of a notice where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoticeState {
    /// How far it has come.
    pub stage: NoticeStage,
    /// The edition before the delegate.
    pub edition: Option<DocId>,
    /// The workpapers it rests on.
    pub workpapers: Vec<DocId>,
    /// How grave the gravest of them is.
    pub severity: Option<Severity>,
    /// Who approved it, under which role, and when.
    pub approved: Option<(PersonId, Role, Timestamp)>,
    /// Who issued it, and when.
    pub issued: Option<(PersonId, Timestamp)>,
    /// The desk, and the notice there.
    pub desk: Option<(SpaceId, DocId)>,
    /// The day it is due.
    pub due: Option<Date>,
    /// How it fares on the desk.
    pub on_desk: Option<DeskStage>,
}

/// A measure, with what was reported on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureState {
    /// The measure.
    pub measure: PlannedMeasure,
    /// Its number.
    pub number: String,
    /// Reports, oldest first.
    pub reports: Vec<MeasureReport>,
}

/// A report on a measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureReport {
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// What shows it.
    pub evidence: Vec<EvidenceId>,
    /// What was done.
    pub note: String,
}

/// A check on the spot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckMade {
    /// When.
    pub at: Timestamp,
    /// Who checked.
    pub checkers: Vec<PersonId>,
    /// What they found.
    pub sample: Sample,
    /// What they took as evidence.
    pub evidence: Vec<EvidenceId>,
    /// Remarks.
    pub notes: String,
    /// Whether it was done.
    pub done: bool,
}

/// An objection of the unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeMade {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// Where the notice was before.
    pub before: DeskStage,
    /// By whom it was decided, when, how and why.
    pub decided: Option<(PersonId, Timestamp, DisputeOutcome, String)>,
}

/// A day that was moved; the first `was` is the original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedDue {
    /// The day before.
    pub was: Date,
    /// The day after.
    pub due: Date,
    /// When it was moved.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Why; empty when the time of an objection was left out.
    pub reason: String,
    /// Whether it was granted as an extension.
    pub extension: bool,
}

/// Who acknowledged a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgedBy {
    /// The head, or a witness of the paper.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The signed paper.
    pub on_paper: Option<OnPaper>,
    /// The hash of the text acknowledged.
    pub rendering: Digest,
}

/// The state of a notice on the unit's desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskState {
    /// The notice as issued.
    pub notice: DeskNotice,
    /// How far it has come.
    pub stage: DeskStage,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The day it is due now.
    pub due: Date,
    /// Every move of that day; the original stays visible (I9).
    pub moved: Vec<MovedDue>,
    /// Last day of the stay.
    pub exit_on: Date,
    /// The acknowledgement.
    pub acknowledged: Option<AcknowledgedBy>,
    /// Objections, oldest first.
    pub disputes: Vec<DisputeMade>,
    /// What is asked, where an objection changed it.
    pub amended_request: Option<String>,
    /// When the plan was set.
    pub plan_at: Option<Timestamp>,
    /// The measures.
    pub measures: Vec<MeasureState>,
    /// When the check was last asked for.
    pub check_requested: Option<Timestamp>,
    /// Checks, oldest first.
    pub checks: Vec<CheckMade>,
    /// When it was done, carried into the plan or withdrawn.
    pub ended_at: Option<Timestamp>,
}

impl DeskState {
    /// Returns the day it was first due.
    pub fn original_due(&self) -> Date {
        self.moved.first().map_or(self.due, |m| m.was)
    }

    /// Returns how many extensions were granted.
    pub fn extensions(&self) -> u16 {
        u16::try_from(self.moved.iter().filter(|m| m.extension).count()).unwrap_or(u16::MAX)
    }
}

/// The state of an edition before this space's readers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionState {
    /// It.
    pub edition: Edition,
    /// Who put it there.
    pub by: PersonId,
    /// What it was put there for.
    pub stage: EditionStage,
    /// A newer edition of the same record.
    pub replaced_by: Option<DocId>,
}

/// What an edition was put before readers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditionStage {
    /// To be read and commented.
    Shown,
    /// To be approved.
    ForApproval,
    /// Approved.
    Approved,
    /// Sent back.
    SentBack,
}
