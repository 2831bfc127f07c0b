//! What falls due by itself: asked by the server, decided by the same rules, recorded once.
//!
//! A laptop never ends anything by its clock; it shows "probably overdue" until the entry
//! comes. After downtime the server asks for everything that passed meanwhile.
use jiff::civil::Date;

use super::{
    case::Case,
    command::{Command, DeadlineKind},
    consultation::{ConsultationStage, ConsultationState},
    deadline::{self, Due, Pause, due_with_pauses, end_of_day},
    event::{Decision, DeskStage, DocEvent, Event},
    notice::DeskState,
    record::{Matter, Record},
    refusal::Refusal,
    rule_pack::{PauseCause, Unit, rule_id},
    state::{PassedDeadline, SpaceState},
};
use crate::model::{DocId, PersonId, Timestamp};

/// Returns what the server has to ask by itself at `now`, as [`super::Actor::Server`].
///
/// Each is asked once: what it records takes it off the list. The order is that in which the
/// answers depend on each other.
pub fn due(state: &SpaceState, now: Timestamp) -> Vec<(DocId, Command)> {
    let mut out = Vec::new();
    if state.frozen {
        return out;
    }
    for record in state.records.values().filter(|r| !state.is_frozen(r.doc)) {
        for (kind, due) in deadlines(state, record) {
            let passed = PassedDeadline { doc: record.doc, deadline: kind, due: due.at };
            if due.is_over(now) && !state.passed.contains(&passed) {
                out.push((record.doc, Command::RecordOverdue { deadline: kind }));
            }
        }
        match &record.matter {
            Matter::Exhibit(e) if e.ended.is_none() && e.until <= now => {
                out.push((record.doc, Command::ExpireExhibit));
            }
            Matter::Desk(d) if !d.stage.is_over() && exit_over(state, d.exit_on, now) => {
                out.push((record.doc, Command::CarryToPlan));
            }
            _ => {}
        }
    }
    for member in state.members.values() {
        if member.ended.is_none() && member.until.is_some_and(|until| until <= now) {
            let doc = DocId::from_bytes(*member.person.as_bytes());
            out.push((doc, Command::LapseMembership { person: member.person }));
        }
    }
    out
}

fn exit_over(state: &SpaceState, exit_on: Date, now: Timestamp) -> bool {
    let pack = state.rule_pack.as_ref();
    pack.and_then(|pack| end_of_day(exit_on, pack.utc_offset).ok()).is_some_and(|exit| exit <= now)
}

/// Returns the deadlines of a record that still run, by the space's rule pack and calendar;
/// none without them.
pub fn deadlines(state: &SpaceState, record: &Record) -> Vec<(DeadlineKind, Due)> {
    match &record.matter {
        Matter::Desk(desk) => desk_deadlines(state, desk),
        Matter::Consultation(c) => consultation_deadlines(state, c),
        _ => Vec::new(),
    }
}

/// Counts a rule of the pack from a moment.
fn count(state: &SpaceState, id: &str, from: Timestamp, pauses: &[Pause]) -> Option<Due> {
    let (pack, calendar) = (state.rule_pack.as_deref()?, state.calendar.as_deref()?);
    let rule = pack.deadlines.iter().find(|rule| rule.id == id)?;
    due_with_pauses(rule, from, None, pauses, calendar, pack).ok()
}

fn desk_deadlines(state: &SpaceState, desk: &DeskState) -> Vec<(DeadlineKind, Due)> {
    if desk.stage.is_over() {
        return Vec::new();
    }
    let pauses: Vec<Pause> = desk
        .disputes
        .iter()
        .map(|d| Pause {
            cause: PauseCause::Dispute,
            from: d.at,
            until: d.decided.as_ref().map(|(_, at, ..)| *at),
        })
        .collect();
    let mut out = Vec::new();
    match (&desk.acknowledged, desk.plan_at) {
        (None, _) => {
            let due = count(state, rule_id::RECEIPT_ACK, desk.issued_at, &pauses);
            out.extend(due.map(|due| (DeadlineKind::Acknowledge, due)));
        }
        (Some(ack), None) => {
            let due = count(state, rule_id::PLAN_SET, ack.at, &pauses);
            out.extend(due.map(|due| (DeadlineKind::Plan, due)));
        }
        _ => {}
    }
    out.extend(desk_due(state, desk).map(|due| (DeadlineKind::Notice, due)));
    out
}

/// Returns the day the notice itself is due, as a deadline.
fn desk_due(state: &SpaceState, desk: &DeskState) -> Option<Due> {
    let (pack, calendar) = (state.rule_pack.as_deref()?, state.calendar.as_deref()?);
    let paused =
        (desk.stage == DeskStage::Disputed).then(|| desk.disputes.last().map(|d| d.at)).flatten();
    Some(Due {
        at: end_of_day(desk.due, pack.utc_offset).ok()?,
        date: desk.due,
        provisional: paused.is_some(),
        rule_id: rule_id::IMMEDIATE_FIX.to_owned(),
        from: desk.issued_at,
        unit: Unit::Day,
        paused_since: paused,
        pack: pack.id.clone(),
        pack_version: pack.version,
        calendar: calendar.id.clone(),
    })
}

fn consultation_deadlines(state: &SpaceState, c: &ConsultationState) -> Vec<(DeadlineKind, Due)> {
    let (kind, rule, from) = match (c.stage, &c.conclusion) {
        (ConsultationStage::Raised, _) => {
            (DeadlineKind::Triage, rule_id::CONSULTATION_TRIAGE, c.raised_at)
        }
        (ConsultationStage::Concluded, Some(conclusion)) => {
            (DeadlineKind::Minutes, rule_id::CONSULTATION_MINUTES, conclusion.at)
        }
        _ => return Vec::new(),
    };
    count(state, rule, from, &[]).map(|due| (kind, due)).into_iter().collect()
}

/// Returns how loudly to remind of a deadline (domain §5.6); `None` without a rule pack.
pub fn level(
    state: &SpaceState,
    record: &Record,
    due: &Due,
    now: Timestamp,
) -> Option<deadline::AlertLevel> {
    let (pack, calendar) = (state.rule_pack.as_deref()?, state.calendar.as_deref()?);
    let extensions = record.matter.desk().map_or(0, DeskState::extensions);
    let standing = deadline::Standing { extensions, ..deadline::Standing::default() };
    deadline::alert_level(due, now, standing, calendar, pack).ok()
}

/// Decides `RecordOverdue`.
pub(super) fn record_overdue(case: &Case<'_>, kind: DeadlineKind) -> Result<Decision, Refusal> {
    case.server()?;
    let record = case.record()?;
    let not_due = Refusal::NotDue { what: Some(kind) };
    let found = deadlines(case.state, record).into_iter().find(|(k, _)| *k == kind);
    let (_, due) = found.ok_or_else(|| not_due.clone())?;
    let passed = PassedDeadline { doc: record.doc, deadline: kind, due: due.at };
    if !due.is_over(case.now) || case.state.passed.contains(&passed) {
        return Err(not_due);
    }
    let event = Event::DeadlinePassed { deadline: kind, due: due.at };
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)]))
}

/// Decides `LapseMembership`.
pub(super) fn lapse(case: &Case<'_>, person: PersonId) -> Result<Decision, Refusal> {
    case.server()?;
    let member = case.state.members.get(&person).ok_or(Refusal::NotAMember)?;
    if member.ended.is_some() || member.until.is_none_or(|until| until > case.now) {
        return Err(Refusal::NotDue { what: None });
    }
    let space = case.space()?;
    let withdrawn = vec![DocEvent::space(Event::SpaceWithdrawn { space })];
    Ok(Decision::of(vec![DocEvent::space(Event::AuthorisationLapsed { person })])
        .and_in(Some(super::ids::control_space(person)), withdrawn))
}
