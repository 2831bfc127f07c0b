//! The tray: returning a signed record, taking late arrivals in, or leaving them out.
use super::{
    case::{Case, reason_given, wrong_stage},
    command::{FieldNote, Step},
    event::{Decision, DocEvent, Event, Meaning, SpaceKind},
    notice::{EditionStage, NoticeStage},
    record::{Late, LateOutcome, Matter, Record},
    refusal::Refusal,
    state::{GROUP_ROLES, LEADING_ROLES, OFFICE_ROLES},
};
use crate::model::{Digest, PersonId, round::Role};

const TEXTS: &[SpaceKind] = &[SpaceKind::Engagement, SpaceKind::Protected, SpaceKind::Consultation];

/// Decides `Return`.
pub(super) fn send_back(case: &Case<'_>, notes: &[FieldNote]) -> Result<Decision, Refusal> {
    let member = case.member()?;
    let by = member.person;
    let record = case.record()?;
    let returned = Event::Returned { by, notes: notes.to_vec() };
    let here = Decision::of(vec![DocEvent::of(record.doc, returned.clone())]);
    if let Matter::Edition(edition) = &record.matter {
        case.within(&[SpaceKind::Office])?;
        case.holding(&[Role::Delegate])?;
        if edition.stage != EditionStage::ForApproval {
            return Err(wrong_stage("not_for_approval"));
        }
        some_note(notes)?;
        let source = DocEvent::of(edition.edition.source, returned);
        return Ok(here.and_in(Some(edition.edition.source_space), vec![source]));
    }
    case.within(TEXTS)?;
    let standing = record.standing().ok_or_else(|| wrong_stage("draft"))?;
    let own = standing.signatures.iter().any(|s| s.person == by);
    match &record.matter {
        Matter::Workpaper(_) => {
            case.holding(GROUP_ROLES)?;
            if standing.signers(Meaning::Step(Step::Leader)).next().is_some() {
                return Err(wrong_stage("leader_approved"));
            }
            let stands_in = case.state.stand_ins.iter().any(|s| {
                s.person == by && s.step != Step::Maker && s.from <= case.now && case.now < s.until
            });
            if !own && !stands_in && !member.holds(LEADING_ROLES) {
                return Err(Refusal::NotAllowed { needs: LEADING_ROLES.to_vec() });
            }
            if !own {
                some_note(notes)?;
            }
        }
        Matter::Interview(interview) => {
            if interview.is_over() {
                return Err(wrong_stage("closed"));
            }
            if !own {
                return Err(Refusal::NotInterviewer);
            }
        }
        Matter::Notice(notice) => {
            case.holding(&[Role::GroupLeader])?;
            if notice.stage == NoticeStage::Issued {
                return Err(wrong_stage("issued"));
            }
            let office = case.state.info.as_ref().and_then(|info| info.links.office);
            let Some(edition) = notice.edition else { return Ok(here) };
            return Ok(here.and_in(office, vec![DocEvent::of(edition, returned)]));
        }
        Matter::Consultation(c) => {
            if c.closed_at.is_some() {
                return Err(wrong_stage("done"));
            }
            if !own {
                case.holding(OFFICE_ROLES)?;
                some_note(notes)?;
            }
        }
        _ => return Err(Refusal::WrongKind),
    }
    Ok(here)
}

fn some_note(notes: &[FieldNote]) -> Result<(), Refusal> {
    if notes.iter().any(|n| !n.text.trim().is_empty()) {
        Ok(())
    } else {
        Err(Refusal::ReasonMissing)
    }
}

/// Finds out who may decide on late arrivals of this record.
fn keeper(case: &Case<'_>, record: &Record) -> Result<PersonId, Refusal> {
    case.within(TEXTS)?;
    let member = case.member()?;
    match &record.matter {
        Matter::Interview(i) if i.is_over() => Err(wrong_stage("closed")),
        Matter::Interview(i) if i.interviewers.contains(&member.person) => Ok(member.person),
        Matter::Workpaper(w) if w.dropped.is_some() => Err(wrong_stage("dropped")),
        Matter::Notice(n) if n.stage == NoticeStage::Issued => Err(wrong_stage("issued")),
        Matter::Consultation(c) if c.closed_at.is_some() => Err(wrong_stage("done")),
        Matter::Consultation(c) if c.raised_by == member.person => Ok(member.person),
        Matter::Consultation(_) => Ok(case.holding(OFFICE_ROLES)?.person),
        _ => Ok(case.holding(LEADING_ROLES)?.person),
    }
}

fn waiting<'a>(record: &'a Record, envelopes: &[Digest]) -> Result<Vec<&'a Late>, Refusal> {
    envelopes
        .iter()
        .map(|envelope| {
            record
                .late_waiting()
                .find(|late| late.envelope == *envelope)
                .ok_or(Refusal::NotLate { envelope: *envelope })
        })
        .collect()
}

/// Decides `AdoptLate`.
pub(super) fn adopt(case: &Case<'_>, envelopes: &[Digest]) -> Result<Decision, Refusal> {
    let record = case.record()?;
    let by = keeper(case, record)?;
    if envelopes.is_empty() {
        return Err(Refusal::NotClosedSet { missing: Vec::new() });
    }
    let taken = waiting(record, envelopes)?;
    if let Some(late) = taken.iter().find(|late| !late.reason.adoptable()) {
        let (envelope, reason) = (late.envelope, late.reason.clone());
        return Err(Refusal::NotAdoptable { envelope, reason });
    }
    let in_document = |envelope: &Digest| {
        envelopes.contains(envelope)
            || record.late.iter().any(|late| {
                late.envelope == *envelope
                    && matches!(late.outcome, Some(LateOutcome::Adopted { .. }))
            })
    };
    let mut missing: Vec<Digest> = taken
        .iter()
        .flat_map(|late| &late.rests_on)
        .filter(|envelope| !in_document(envelope))
        .copied()
        .collect();
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        return Err(Refusal::NotClosedSet { missing });
    }
    let mut events = Vec::new();
    if record.text.is_none() {
        // A document that begins with a late arrival is opened for the one who wrote it.
        let birth = taken.iter().find_map(|late| late.birth.map(|kind| (kind, late.by)));
        let (kind, author) = birth.ok_or_else(|| wrong_stage("unopened"))?;
        if !case.state.holds_texts_of(kind) {
            return Err(Refusal::WrongSpace);
        }
        let event = Event::RecordOpened { kind, by: author, provisional: None };
        events.push(DocEvent::of(record.doc, event));
    }
    let event = Event::LateAdopted { by, envelopes: envelopes.to_vec() };
    events.push(DocEvent::of(record.doc, event));
    Ok(Decision::of(events))
}

/// Decides `DeclineLate`.
pub(super) fn decline(
    case: &Case<'_>,
    envelopes: &[Digest],
    reason: &str,
) -> Result<Decision, Refusal> {
    let record = case.record()?;
    let by = match keeper(case, record) {
        // What arrived after the end may still be answered, but not taken in.
        Err(Refusal::WrongStage { .. }) => case.holding(LEADING_ROLES)?.person,
        other => other?,
    };
    reason_given(reason)?;
    waiting(record, envelopes)?;
    let event =
        Event::LateDeclined { by, envelopes: envelopes.to_vec(), reason: reason.to_owned() };
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)]))
}
