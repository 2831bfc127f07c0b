//! What waits for a person today: the first screen, and `xunji status`.
//!
//! A task is something this person may do now, found by the same state that decides it.
//! Conflicts live in documents' readings and are added by the caller.
use serde::{Deserialize, Serialize};

use super::{
    command::{DeadlineKind, Step},
    consultation::ConsultationStage,
    deadline::{AlertLevel, Due},
    event::{DeskStage, Meaning},
    finding::FindingStage,
    notice::{EditionStage, NoticeStage},
    record::{Fell, Matter, Record},
    stand_in,
    state::{GROUP_ROLES, LEADING_ROLES, Member, OFFICE_ROLES, SpaceState, UNIT_ROLES},
    timers,
    workpaper::step_taken,
};
use crate::model::{DocId, PersonId, Timestamp, round::Role};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A paper came back: look at the notes.
    Returned,
    /// A paper was changed after signing: sign anew.
    SignAgain,
    /// Confirm a talk's note as its second interviewer.
    ConfirmInterview,
    /// Record how the interviewee took the note.
    RecordReview,
    /// Close a talk.
    CloseInterview,
    /// Sign as a second maker.
    SignMaker,
    /// Review as deputy.
    SignDeputy,
    /// Approve as leader.
    SignLeader,
    /// Nobody may take the next step: ask the office for a stand-in.
    AskStandIn,
    /// Name the stand-in a group asks for.
    NameStandIn,
    /// Take up a finding.
    ApproveFinding,
    /// Answer late arrivals.
    LateArrivals,
    /// Approve a notice put up.
    ApproveNotice,
    /// Issue an approved notice.
    IssueNotice,
    /// Acknowledge a notice.
    Acknowledge,
    /// Set the plan of a notice.
    SetPlan,
    /// Carry out, and report, the measures.
    ReportMeasures,
    /// Check on the spot.
    Check,
    /// Answer an objection.
    DecideDispute,
    /// Triage a question.
    Triage,
    /// Bring a session to its conclusion.
    Conclude,
    /// Sign the minutes.
    SignMinutes,
    /// Do what was agreed, and close.
    FinishConsultation,
    /// Close a question that was answered directly.
    CloseConsultation,
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The record.
    pub doc: DocId,
    /// Its number.
    pub number: Option<String>,
    /// What is to be done.
    pub kind: TaskKind,
    /// By when.
    pub due: Option<Due>,
    /// How loudly to remind.
    pub level: Option<AlertLevel>,
    /// Since when it waits, as far as known.
    pub since: Timestamp,
}

/// Returns what waits for `person`, loudest and soonest first.
pub fn waiting_for(state: &SpaceState, person: PersonId, now: Timestamp) -> Vec<Task> {
    let Some(me) = state.active(person, now) else { return Vec::new() };
    let mut tasks = Vec::new();
    for record in state.records.values() {
        for kind in kinds(state, me, record, now) {
            tasks.push(task(state, record, kind, now));
        }
    }
    tasks.sort_by(|a, b| {
        let key = |t: &Task| {
            let at = t.due.as_ref().map_or(Timestamp(i64::MAX), |due| due.at);
            (std::cmp::Reverse(t.level), at, t.since, t.doc, t.kind)
        };
        key(a).cmp(&key(b))
    });
    tasks
}

fn task(state: &SpaceState, record: &Record, kind: TaskKind, now: Timestamp) -> Task {
    let deadline = match kind {
        TaskKind::Acknowledge => Some(DeadlineKind::Acknowledge),
        TaskKind::SetPlan => Some(DeadlineKind::Plan),
        TaskKind::ReportMeasures | TaskKind::Check | TaskKind::DecideDispute => {
            Some(DeadlineKind::Notice)
        }
        TaskKind::Triage => Some(DeadlineKind::Triage),
        TaskKind::SignMinutes => Some(DeadlineKind::Minutes),
        _ => None,
    };
    let due = timers::deadlines(state, record)
        .into_iter()
        .find(|(kind, _)| Some(*kind) == deadline)
        .map(|(_, due)| due);
    let level = due.as_ref().and_then(|due| timers::level(state, record, due, now));
    let since = record.standing().and_then(|v| v.signatures.last()).map_or(record.at, |s| s.at);
    Task { doc: record.doc, number: record.number().map(str::to_owned), kind, due, level, since }
}

fn kinds(state: &SpaceState, me: &Member, record: &Record, now: Timestamp) -> Vec<TaskKind> {
    let mut out = Vec::new();
    if me.holds(LEADING_ROLES) && record.late_waiting().next().is_some() {
        out.push(TaskKind::LateArrivals);
    }
    match &record.matter {
        Matter::Interview(i) if !i.is_over() => out.extend(interview(me, record)),
        Matter::Workpaper(w) if w.dropped.is_none() => {
            out.extend(workpaper(state, me, record, now));
        }
        Matter::Finding(f) if f.stage == FindingStage::Proposed => {
            out.extend(me.holds(&[Role::GroupLeader]).then_some(TaskKind::ApproveFinding));
        }
        Matter::Notice(n) if me.holds(&[Role::GroupLeader]) => match n.stage {
            NoticeStage::Approved => out.push(TaskKind::IssueNotice),
            NoticeStage::Draft if !record.returns.is_empty() => out.push(TaskKind::Returned),
            _ => {}
        },
        Matter::Edition(e) if e.stage == EditionStage::ForApproval => {
            out.extend(me.holds(&[Role::Delegate]).then_some(TaskKind::ApproveNotice));
        }
        Matter::StandIn(s) if s.named.is_none() => {
            out.extend(me.holds(&[Role::OfficeDirector]).then_some(TaskKind::NameStandIn));
        }
        Matter::Desk(d) => out.extend(desk(me, d.stage)),
        Matter::Consultation(c) => {
            let office = me.holds(OFFICE_ROLES);
            let mine = c.raised_by == me.person;
            out.extend(match c.stage {
                ConsultationStage::Raised if office => Some(TaskKind::Triage),
                ConsultationStage::Convened if office => Some(TaskKind::Conclude),
                ConsultationStage::Concluded if !signed_minutes(me, record) => {
                    Some(TaskKind::SignMinutes)
                }
                ConsultationStage::Minuted if office || mine => Some(TaskKind::FinishConsultation),
                ConsultationStage::Answered if mine => Some(TaskKind::CloseConsultation),
                _ => None,
            });
        }
        _ => {}
    }
    out
}

fn signed_minutes(me: &Member, record: &Record) -> bool {
    record.standing().is_some_and(|v| v.signers(Meaning::Minutes).any(|p| p == me.person))
}

fn interview(me: &Member, record: &Record) -> Option<TaskKind> {
    let i = record.matter.interview()?;
    if !i.interviewers.contains(&me.person) {
        return None;
    }
    let Some(standing) = record.standing() else {
        return record.amended_after_signing().then_some(TaskKind::SignAgain);
    };
    if !standing.signers(Meaning::Interviewer).any(|p| p == me.person) {
        return Some(TaskKind::ConfirmInterview);
    }
    if i.review.as_ref().is_none_or(|r| r.rendering != standing.rendering) {
        return Some(TaskKind::RecordReview);
    }
    (standing.signers(Meaning::Interviewer).count() >= 2).then_some(TaskKind::CloseInterview)
}

fn workpaper(state: &SpaceState, me: &Member, record: &Record, now: Timestamp) -> Option<TaskKind> {
    let taken = step_taken(record, me.person);
    let Some(standing) = record.standing() else {
        let mine = taken == Some(Step::Maker) || (taken.is_none() && record.by == Some(me.person));
        return match record.versions.last()?.fell? {
            Fell::Amended { .. } => mine.then_some(TaskKind::SignAgain),
            Fell::Returned { .. } => mine.then_some(TaskKind::Returned),
        };
    };
    let step = stand_in::step_due(record)?;
    let kind = match step {
        Step::Maker => TaskKind::SignMaker,
        Step::Deputy => TaskKind::SignDeputy,
        Step::Leader => TaskKind::SignLeader,
    };
    let free = taken.is_none_or(|taken| taken == step) && standing.step_of(me.person).is_none();
    // A second maker is one of the members; leaders sign as makers only when they choose to.
    let role: &[Role] = if step == Step::Maker { &[Role::Member] } else { step.roles() };
    if free && me.holds(role) {
        return Some(kind);
    }
    if step == Step::Maker
        || !me.holds(GROUP_ROLES)
        || stand_in::eligible(state, record, step, now).is_some()
    {
        return None;
    }
    if free && stand_in::naming(state, step, me.person, now).is_some() {
        return Some(kind);
    }
    let waits = stand_in::unanswered(record, step).is_some();
    (!waits && stand_in::vacant(state, record, now).is_some()).then_some(TaskKind::AskStandIn)
}

fn desk(me: &Member, stage: DeskStage) -> Option<TaskKind> {
    match stage {
        DeskStage::Issued => me.holds(&[Role::UnitHead]).then_some(TaskKind::Acknowledge),
        DeskStage::Received => me.holds(UNIT_ROLES).then_some(TaskKind::SetPlan),
        DeskStage::Fixing | DeskStage::Returned => {
            me.holds(UNIT_ROLES).then_some(TaskKind::ReportMeasures)
        }
        DeskStage::Reported => me.holds(GROUP_ROLES).then_some(TaskKind::Check),
        DeskStage::Disputed => me
            .holds(&[Role::GroupLeader, Role::Delegate, Role::OfficeDirector])
            .then_some(TaskKind::DecideDispute),
        DeskStage::Done | DeskStage::CarriedToPlan | DeskStage::Withdrawn => None,
    }
}
