//! The notice (F4), on both sides: written, proposed, approved and issued by the group; on the
//! unit's desk acknowledged, planned, carried out, reported and checked.
//!
//! The two sides are two records in two spaces. The group's side knows the workpapers behind
//! the notice; the desk's side never does (domain §1 M14).
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    case::{Case, filled, not_configured, wrong_stage},
    command::{DisputeOutcome, OnPaper, Pin, Sample, Step},
    conflict,
    event::{Decision, DeskNotice, DeskStage, DocEvent, Event, Meaning, SpaceKind},
    ids,
    record::Record,
    refusal::Refusal,
    sign::check_pin,
    workpaper::{for_edition, group_code},
};
use crate::model::{
    Body, Digest, DocId, DocKind, EvidenceId, FieldPath, PersonId, SpaceId, Timestamp,
    edition::Edition, notice::PlannedMeasure, number::NumberKind, round::Role, workpaper::Severity,
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

/// A reply of the unit that was entered from a signed paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperReply {
    /// Who entered it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The paper.
    pub on_paper: OnPaper,
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
    /// Replies that came on paper, oldest first.
    #[serde(default)]
    pub replies: Vec<PaperReply>,
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

/// Decides `ProposeNotice`: the leader signs it and puts it before the delegate.
pub(super) fn propose(case: &Case<'_>, pin: &Pin) -> Result<Decision, Refusal> {
    let by = case.holding(&[Role::GroupLeader])?.person;
    let (record, state) = written_notice(case)?;
    if state.stage != NoticeStage::Draft {
        return Err(wrong_stage(state.stage.name()));
    }
    let info = case.state.info.as_ref().ok_or(Refusal::WrongSpace)?;
    let office = info.links.office.ok_or_else(|| not_configured("office"))?;
    let content = case.content()?;
    let Body::Notice(notice) = &content.reading.body else { return Err(Refusal::WrongKind) };
    filled("title", &notice.title)?;
    filled("matter", &notice.matter)?;
    filled("rule_breached", &notice.rule_breached)?;
    filled("request", &notice.request)?;
    if notice.workpapers.is_empty() {
        return Err(Refusal::FieldMissing { field: FieldPath::top("workpapers") });
    }
    let mut severity = None;
    for doc in &notice.workpapers {
        let not_approved = Refusal::WorkpaperNotApproved { doc: *doc };
        let paper = case.state.records.get(doc).ok_or_else(|| not_approved.clone())?;
        let state = paper.matter.workpaper().ok_or_else(|| not_approved.clone())?;
        let leader = Meaning::Step(Step::Leader);
        let approved = paper.standing().is_some_and(|v| v.signers(leader).next().is_some());
        if !approved || state.dropped.is_some() {
            return Err(not_approved);
        }
        severity = severity.max(state.severity);
    }
    conflict::none_left(&content.reading, record)?;
    let pin = check_pin(record, content, pin)?;
    let id = ids::record(case.asked.envelope, "edition");
    let edition = Edition {
        id,
        source_space: info.id,
        source: record.doc,
        kind: DocKind::Notice,
        number: record.number().unwrap_or_default().to_owned(),
        group: group_code(case.state),
        rendering: pin.text.clone().unwrap_or_default(),
        rendering_hash: pin.rendering,
        reading: Some(for_edition(&conflict::settle(&content.reading, &record.resolutions))),
        masked: false,
    };
    let placed = Event::EditionPlaced { edition, for_approval: true, replaces: state.edition, by };
    let signed =
        Event::Signed { by, meaning: Meaning::Proposal, pin, stand_in: None, gate_override: None };
    let proposed =
        Event::NoticeProposed { by, edition: id, workpapers: notice.workpapers.clone(), severity };
    let events = vec![DocEvent::of(record.doc, signed), DocEvent::of(record.doc, proposed)];
    let told = [DocEvent::of(id, placed)].into_iter().chain(case.devices_heard());
    Ok(Decision::of(events).and_in(Some(office), told.collect()))
}

/// Decides `ApproveNotice`, in the office space.
pub(super) fn approve(case: &Case<'_>) -> Result<Decision, Refusal> {
    case.within(&[SpaceKind::Office])?;
    let by = case.holding(&[Role::Delegate])?.person;
    let record = case.record()?;
    let edition = record.matter.edition().ok_or(Refusal::WrongKind)?;
    if edition.stage != EditionStage::ForApproval || edition.replaced_by.is_some() {
        return Err(wrong_stage("not_for_approval"));
    }
    let event = Event::NoticeApproved {
        by,
        role: Role::Delegate,
        rendering: edition.edition.rendering_hash,
    };
    let source = DocEvent::of(edition.edition.source, event.clone());
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)])
        .and_in(Some(edition.edition.source_space), vec![source]))
}

/// Decides `IssueNotice`: the edition goes to the unit's desk.
pub(super) fn issue(case: &Case<'_>, due: Date) -> Result<Decision, Refusal> {
    let by = case.holding(&[Role::GroupLeader])?.person;
    let (record, state) = written_notice(case)?;
    if state.stage != NoticeStage::Approved {
        return Err(wrong_stage(state.stage.name()));
    }
    let standing = record.standing().ok_or_else(|| wrong_stage("draft"))?;
    let info = case.state.info.as_ref().ok_or(Refusal::WrongSpace)?;
    let desk = info.links.desk.ok_or_else(|| not_configured("desk"))?;
    let stay = info.engagement.as_ref().ok_or_else(|| not_configured("engagement"))?;
    if due > stay.exit_on {
        return Err(Refusal::DueAfterExit);
    }
    case.not_past(due)?;
    let seq = case.count(NumberKind::NT) + 1;
    let number = case.number(NumberKind::NT, seq);
    let id = ids::record(case.asked.envelope, "notice");
    let edition = Edition {
        id,
        source_space: info.id,
        source: record.doc,
        kind: DocKind::Notice,
        number: number.clone(),
        group: group_code(case.state),
        rendering: standing.text.clone(),
        rendering_hash: standing.rendering,
        // The text approved says all the unit is to know.
        reading: None,
        masked: false,
    };
    let placed = Event::NoticePlaced(DeskNotice {
        edition,
        number: number.clone(),
        engagement: stay.id,
        exit_on: stay.exit_on,
        due,
        severity: state.severity,
        issued_by: by,
    });
    let issued = Event::NoticeIssued { by, desk, notice: id, due };
    let given = Event::NumberGiven { kind: NumberKind::NT, seq, number };
    let events = vec![DocEvent::of(record.doc, issued), DocEvent::of(record.doc, given)];
    Ok(Decision::of(events).and_in(Some(desk), vec![DocEvent::of(id, placed)]))
}

/// Finds the notice asked about, where it is written.
fn written_notice<'a>(case: &Case<'a>) -> Result<(&'a Record, &'a NoticeState), Refusal> {
    case.within(&[SpaceKind::Engagement])?;
    let record = case.record()?;
    Ok((record, record.matter.notice().ok_or(Refusal::WrongKind)?))
}

impl NoticeStage {
    /// Returns the stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Issued => "issued",
        }
    }
}
