//! The talk (F1): two interviewers confirm, the interviewee's review is recorded, it closes.
use serde::{Deserialize, Serialize};

use super::{
    case::{Case, filled, reason_given, wrong_stage},
    command::{Correction, OnPaper, Pin, ReviewOutcome},
    conflict,
    event::{Decision, DocEvent, Event, Meaning, SpaceKind},
    record::Record,
    refusal::Refusal,
    sign::{check_paper, check_pin},
    state::{GROUP_ROLES, LEADING_ROLES},
};
use crate::model::{Body, Digest, ItemId, PersonId, Timestamp, number::NumberKind};

/// The interviewee's review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// How the note was taken.
    pub outcome: ReviewOutcome,
    /// By whom it was recorded.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The signed paper.
    pub on_paper: Option<OnPaper>,
    /// The version reviewed.
    pub rendering: Digest,
}

/// A correction, beside the statement's old text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// What.
    pub correction: Correction,
    /// By whom it was recorded.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// The state of an interview.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InterviewState {
    /// The interviewers its confirmed note names.
    pub interviewers: Vec<PersonId>,
    /// Statements that were confirmed; never rewritten.
    pub statements: Vec<ItemId>,
    /// The interviewee's review.
    pub review: Option<Review>,
    /// Corrections, oldest first.
    pub corrections: Vec<Corrected>,
    /// Who closed it, and when.
    pub closed: Option<(PersonId, Timestamp)>,
    /// Who called it off, when, and why.
    pub cancelled: Option<(PersonId, Timestamp, String)>,
}

const SPACES: &[SpaceKind] = &[SpaceKind::Engagement, SpaceKind::Protected];
/// A talk is held by two, whatever a rule pack says (domain §1 M07).
const AT_LEAST_TWO: usize = 2;

impl InterviewState {
    fn open(&self) -> Result<(), Refusal> {
        if self.closed.is_some() {
            Err(wrong_stage("closed"))
        } else if self.cancelled.is_some() {
            Err(wrong_stage("cancelled"))
        } else {
            Ok(())
        }
    }

    /// Tells whether the talk is over: closed or called off.
    pub const fn is_over(&self) -> bool {
        self.closed.is_some() || self.cancelled.is_some()
    }
}

/// Finds the interview asked about, which is still open.
fn open_interview<'a>(case: &Case<'a>) -> Result<(&'a Record, &'a InterviewState), Refusal> {
    case.within(SPACES)?;
    let record = case.record()?;
    let state = record.matter.interview().ok_or(Refusal::WrongKind)?;
    state.open()?;
    Ok((record, state))
}

/// Decides `ConfirmInterview`.
pub(super) fn confirm(case: &Case<'_>, pin: &Pin) -> Result<Decision, Refusal> {
    let by = case.holding(GROUP_ROLES)?.person;
    let (record, _) = open_interview(case)?;
    let content = case.content()?;
    let Body::Interview(note) = &content.reading.body else { return Err(Refusal::WrongKind) };
    if !note.interviewers.contains(&by) {
        return Err(Refusal::NotInterviewer);
    }
    conflict::none_left(&content.reading, record)?;
    let first = record.standing().is_none();
    if record.standing().is_some_and(|v| v.signers(Meaning::Interviewer).any(|p| p == by)) {
        return Err(Refusal::AlreadySigned);
    }
    let pin = check_pin(record, content, pin)?;
    let signed = Event::Signed {
        by,
        meaning: Meaning::Interviewer,
        pin,
        stand_in: None,
        gate_override: None,
    };
    let mut events = vec![DocEvent::of(record.doc, signed)];
    if first {
        let statements =
            note.statements.iter().filter(|s| s.removed.is_none()).map(|s| (s.id, s.tag)).collect();
        let interviewers = note.interviewers.clone();
        events.push(DocEvent::of(record.doc, Event::StatementsFixed { statements, interviewers }));
    }
    Ok(Decision::of(events))
}

/// Decides `RecordReview`.
pub(super) fn review(
    case: &Case<'_>,
    outcome: ReviewOutcome,
    corrections: &[Correction],
    on_paper: Option<&OnPaper>,
) -> Result<Decision, Refusal> {
    let by = case.holding(GROUP_ROLES)?.person;
    let (record, state) = open_interview(case)?;
    if !state.interviewers.contains(&by) && record.standing().is_some() {
        return Err(Refusal::NotInterviewer);
    }
    let standing = record.standing().ok_or_else(|| wrong_stage("drafted"))?;
    if (outcome == ReviewOutcome::Corrected) == corrections.is_empty() {
        return Err(Refusal::CorrectionsMismatch { outcome });
    }
    for correction in corrections {
        filled("corrections", &correction.text)?;
        if !state.statements.contains(&correction.statement) {
            return Err(Refusal::UnknownStatement { statement: correction.statement });
        }
    }
    if let Some(paper) = on_paper {
        check_paper(case, paper, standing.rendering)?;
    }
    Ok(Decision::of(vec![DocEvent::of(
        record.doc,
        Event::ReviewRecorded {
            by,
            outcome,
            corrections: corrections.to_vec(),
            on_paper: on_paper.cloned(),
            rendering: standing.rendering,
        },
    )]))
}

/// Decides `CloseInterview`.
pub(super) fn close(case: &Case<'_>) -> Result<Decision, Refusal> {
    let member = case.holding(GROUP_ROLES)?;
    let (record, state) = open_interview(case)?;
    if !member.holds(LEADING_ROLES)
        && !state.interviewers.is_empty()
        && !state.interviewers.contains(&member.person)
    {
        return Err(Refusal::NotInterviewer);
    }
    let standing = record.standing();
    let mut confirmed: Vec<PersonId> =
        standing.map(|v| v.signers(Meaning::Interviewer).collect()).unwrap_or_default();
    confirmed.sort_unstable();
    confirmed.dedup();
    let asked_for = case.state.rule_pack.as_ref().map_or(0, |p| p.minimums.interviewers.into());
    let Some(standing) = standing.filter(|_| confirmed.len() >= AT_LEAST_TWO.max(asked_for)) else {
        return Err(Refusal::TwoInterviewers { confirmed });
    };
    let review = state.review.as_ref().ok_or(Refusal::ReviewMissing)?;
    if review.rendering != standing.rendering {
        return Err(Refusal::ReviewOfAnotherVersion { standing: standing.rendering });
    }
    let mut events = vec![DocEvent::of(record.doc, Event::InterviewClosed { by: member.person })];
    if record.official.is_none() {
        events.push(case.next_number(record.doc, NumberKind::IN));
    }
    Ok(Decision::of(events))
}

/// Decides `CancelInterview`.
pub(super) fn cancel(case: &Case<'_>, reason: &str) -> Result<Decision, Refusal> {
    let by = case.holding(GROUP_ROLES)?.person;
    let (record, _) = open_interview(case)?;
    if record.standing().is_some() {
        return Err(wrong_stage("confirmed"));
    }
    reason_given(reason)?;
    let event = Event::InterviewCancelled { by, reason: reason.to_owned() };
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)]))
}
