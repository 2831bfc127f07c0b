//! Deciding a notice on the unit's desk: acknowledge, object, plan, report, check, extend.
use jiff::civil::Date;

use super::{
    calendar::add_days,
    case::{Case, filled, reason_given, wrong_stage},
    command::{DisputeOutcome, MeasureReply, OnPaper, Sample},
    deadline::{end_of_day, local_day},
    event::{Decision, DeskStage as Stage, DocEvent, Event, SpaceKind},
    evidence,
    notice::{DeskState, MeasureReport, MeasureState},
    record::Record,
    refusal::Refusal,
    sign::check_paper,
    state::{GROUP_ROLES, UNIT_ROLES},
};
use crate::model::{
    Digest, EvidenceId, ItemId, PersonId, evidence::EvidenceClass, notice::PlannedMeasure,
    number::NumberKind, round::Role, workpaper::Severity,
};

impl Stage {
    /// Returns the stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Received => "received",
            Self::Disputed => "disputed",
            Self::Fixing => "fixing",
            Self::Reported => "reported",
            Self::Returned => "returned",
            Self::Done => "done",
            Self::CarriedToPlan => "carried_to_plan",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Tells whether the notice is over here: done, in the plan, or taken back.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::CarriedToPlan | Self::Withdrawn)
    }
}

/// Finds the notice asked about, at one of these points.
fn at<'a>(case: &Case<'a>, stages: &[Stage]) -> Result<(&'a Record, &'a DeskState), Refusal> {
    case.within(&[SpaceKind::UnitDesk])?;
    let record = case.record()?;
    let desk = record.matter.desk().ok_or(Refusal::WrongKind)?;
    if stages.contains(&desk.stage) {
        Ok((record, desk))
    } else {
        Err(wrong_stage(desk.stage.name()))
    }
}

/// Makes a decision of one event, and tells the source where the notice now is.
fn moved(record: &Record, desk: &DeskState, event: Event, stage: Stage, due: Date) -> Decision {
    let edition = &desk.notice.edition;
    let told = DocEvent::of(edition.source, Event::NoticeMoved { stage, due });
    Decision::of(vec![DocEvent::of(record.doc, event)])
        .and_in(Some(edition.source_space), vec![told])
}

/// Decides `Acknowledge`.
pub(super) fn acknowledge(
    case: &Case<'_>,
    rendering: Digest,
    on_paper: Option<&OnPaper>,
) -> Result<Decision, Refusal> {
    let member = case.member()?;
    let (record, desk) = at(case, &[Stage::Issued])?;
    let standing = desk.notice.edition.rendering_hash;
    match on_paper {
        // The head signed the paper; a member or the liaison brings it in.
        Some(paper) => {
            case.holding(&[GROUP_ROLES, UNIT_ROLES].concat())?;
            check_paper(case, paper, standing)?;
        }
        None => {
            case.holding(&[Role::UnitHead])?;
        }
    }
    if rendering != standing {
        return Err(Refusal::ScanOfAnotherVersion { standing });
    }
    let event = Event::Acknowledged { by: member.person, rendering, on_paper: on_paper.cloned() };
    Ok(moved(record, desk, event, Stage::Received, desk.due))
}

/// Decides `Dispute`.
pub(super) fn dispute(case: &Case<'_>, reason: &str) -> Result<Decision, Refusal> {
    let by = case.holding(UNIT_ROLES)?.person;
    let (record, desk) = at(case, &[Stage::Issued, Stage::Received])?;
    reason_given(reason)?;
    let event = Event::Disputed { by, reason: reason.to_owned() };
    Ok(moved(record, desk, event, Stage::Disputed, desk.due))
}

/// Decides `DecideDispute`. The days it took do not count against the unit.
pub(super) fn decide_dispute(
    case: &Case<'_>,
    outcome: &DisputeOutcome,
    reason: &str,
) -> Result<Decision, Refusal> {
    let deciders = &[Role::GroupLeader, Role::Delegate, Role::OfficeDirector];
    let by = case.holding(deciders)?.person;
    let (record, desk) = at(case, &[Stage::Disputed])?;
    reason_given(reason)?;
    if let DisputeOutcome::Amended { request } = outcome {
        filled("request", request)?;
    }
    let dispute = desk.disputes.last().ok_or_else(|| wrong_stage("undisputed"))?;
    let zone = case.rules()?.utc_offset;
    let prolonged = || -> Option<Date> {
        let raised = local_day(dispute.at, zone).ok()?;
        let days = case.today().ok()?.since(raised).ok()?.get_days();
        add_days(desk.due, days.max(0)).ok()
    };
    let due = prolonged().unwrap_or(desk.due).min(desk.exit_on.max(desk.due));
    let stage = match outcome {
        DisputeOutcome::Withdrawn => Stage::Withdrawn,
        _ => dispute.before,
    };
    let event =
        Event::DisputeDecided { by, outcome: outcome.clone(), reason: reason.to_owned(), due };
    Ok(moved(record, desk, event, stage, due))
}

/// Decides `SetPlan`. A late plan is still a plan; that it is late is recorded by itself.
pub(super) fn set_plan(case: &Case<'_>, measures: &[PlannedMeasure]) -> Result<Decision, Refusal> {
    let by = case.holding(UNIT_ROLES)?.person;
    let (record, desk) = at(case, &[Stage::Received])?;
    let measures = numbered(case, desk, measures)?;
    Ok(moved(record, desk, Event::PlanSet { by, measures }, Stage::Fixing, desk.due))
}

/// Checks a plan, measure by measure, and numbers it.
fn numbered(
    case: &Case<'_>,
    desk: &DeskState,
    measures: &[PlannedMeasure],
) -> Result<Vec<(PlannedMeasure, String)>, Refusal> {
    let incomplete = |index: usize, missing: &str| Refusal::MeasureIncomplete {
        index,
        missing: missing.to_owned(),
    };
    if measures.is_empty() {
        return Err(incomplete(0, "act"));
    }
    let mut numbered = Vec::new();
    for (i, measure) in measures.iter().enumerate() {
        if measure.act.trim().is_empty() {
            return Err(incomplete(i + 1, "act"));
        }
        if measure.owner.trim().is_empty() {
            return Err(incomplete(i + 1, "owner"));
        }
        let due = measure.due.parse::<Date>().map_err(|_| incomplete(i + 1, "due"))?;
        if due > desk.due || measures.iter().take(i).any(|m| m.id == measure.id) {
            return Err(incomplete(i + 1, "due"));
        }
        let seq = u32::try_from(i + 1).unwrap_or(u32::MAX);
        let seq = case.count(NumberKind::MS).saturating_add(seq);
        numbered.push((measure.clone(), case.number(NumberKind::MS, seq)));
    }
    Ok(numbered)
}

/// Decides `ReportMeasure`.
pub(super) fn report(
    case: &Case<'_>,
    measure: ItemId,
    items: &[EvidenceId],
    note: &str,
) -> Result<Decision, Refusal> {
    let by = case.holding(UNIT_ROLES)?.person;
    let (record, desk) = at(case, &[Stage::Fixing, Stage::Returned])?;
    if !desk.measures.iter().any(|m| m.measure.id == measure) {
        return Err(Refusal::UnknownMeasure { measure });
    }
    evidence::classes(case, items)?;
    let event =
        Event::MeasureReported { by, measure, evidence: items.to_vec(), note: note.to_owned() };
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)]))
}

/// Returns the evidence reported for all measures.
fn reported(desk: &DeskState) -> Vec<EvidenceId> {
    let mut all: Vec<EvidenceId> = desk
        .measures
        .iter()
        .flat_map(|m| &m.reports)
        .flat_map(|r| r.evidence.iter().copied())
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Checks that something was done, not only intended (domain C06); with `closing`, also that
/// a grave matter is shown to be better.
fn enough(
    case: &Case<'_>,
    desk: &DeskState,
    items: &[EvidenceId],
    closing: bool,
) -> Result<(), Refusal> {
    let mut have = evidence::classes(case, items)?;
    let severity = desk.notice.severity;
    let rule = case
        .state
        .rule_pack
        .as_ref()
        .and_then(|pack| pack.severities.iter().find(|rule| Some(rule.level) == severity));
    // At least one act, and one effect for a grave matter, whatever a rule pack says (I3).
    let acts = rule.map_or(1, |rule| usize::from(rule.closing_acts)).max(1);
    let grave = usize::from(severity == Some(Severity::High));
    let effects = rule.map_or(grave, |rule| usize::from(rule.closing_effects)).max(grave);
    let count = |class| have.iter().filter(|c| **c == class).count();
    let (done, worked) = (count(EvidenceClass::Act), count(EvidenceClass::Effect));
    if done < acts {
        have.sort_unstable();
        have.dedup();
        return Err(Refusal::IntentOnly { have });
    }
    if closing && worked < effects {
        return Err(Refusal::EffectMissing);
    }
    Ok(())
}

/// Decides `ReplyOnPaper`: the unit's part of the form (F4), entered from the signed paper by a
/// member or at the desk. It says what the unit would have said itself, under the same rules.
pub(super) fn reply(
    case: &Case<'_>,
    paper: &OnPaper,
    measures: &[PlannedMeasure],
    reports: &[MeasureReply],
    check: bool,
) -> Result<Decision, Refusal> {
    let by = case.holding(&[GROUP_ROLES, UNIT_ROLES].concat())?.person;
    let (record, desk) = at(case, &[Stage::Received, Stage::Fixing, Stage::Returned])?;
    check_paper(case, paper, desk.notice.edition.rendering_hash)?;
    let mut after = desk.clone();
    let mut events = vec![Event::ReplyRecorded { by, on_paper: paper.clone() }];
    if desk.stage == Stage::Received {
        let measures = numbered(case, desk, measures)?;
        after.measures = measures.iter().map(planned).collect();
        after.stage = Stage::Fixing;
        events.push(Event::PlanSet { by, measures });
    } else if !measures.is_empty() {
        return Err(wrong_stage(desk.stage.name()));
    }
    for MeasureReply { measure, evidence: items, note } in reports {
        let known = after.measures.iter_mut().find(|m| m.measure.id == *measure);
        let known = known.ok_or(Refusal::UnknownMeasure { measure: *measure })?;
        evidence::classes(case, items)?;
        let (items, note) = (items.clone(), note.clone());
        let report = MeasureReport { by, at: case.now, evidence: items, note };
        known.reports.push(report.clone());
        let MeasureReport { evidence, note, .. } = report;
        events.push(Event::MeasureReported { by, measure: *measure, evidence, note });
    }
    if check {
        ready(case, &after)?;
        after.stage = Stage::Reported;
        events.push(Event::CheckRequested { by });
    }
    let source = &desk.notice.edition;
    let told =
        DocEvent::of(source.source, Event::NoticeMoved { stage: after.stage, due: desk.due });
    let events = events.into_iter().map(|event| DocEvent::of(record.doc, event)).collect();
    let decision = Decision::of(events);
    // A reply that leaves the notice where it was is no news at its source.
    Ok(match after.stage == desk.stage {
        true => decision,
        false => decision.and_in(Some(source.source_space), vec![told]),
    })
}

fn planned((measure, number): &(PlannedMeasure, String)) -> MeasureState {
    MeasureState { measure: measure.clone(), number: number.clone(), reports: Vec::new() }
}

/// Checks that every measure has a report and that something was done.
fn ready(case: &Case<'_>, desk: &DeskState) -> Result<(), Refusal> {
    let silent = desk.measures.iter().filter(|m| m.reports.is_empty());
    let measures: Vec<ItemId> = silent.map(|m| m.measure.id).collect();
    if !measures.is_empty() {
        return Err(Refusal::MeasureNotReported { measures });
    }
    enough(case, desk, &reported(desk), false)
}

/// Decides `RequestCheck`.
pub(super) fn request_check(case: &Case<'_>) -> Result<Decision, Refusal> {
    let by = case.holding(UNIT_ROLES)?.person;
    let (record, desk) = at(case, &[Stage::Fixing, Stage::Returned])?;
    ready(case, desk)?;
    Ok(moved(record, desk, Event::CheckRequested { by }, Stage::Reported, desk.due))
}

/// Decides `Check`: all in order means done, else it goes back.
pub(super) fn check(
    case: &Case<'_>,
    checkers: &[PersonId],
    sample: Sample,
    items: &[EvidenceId],
    notes: &str,
) -> Result<Decision, Refusal> {
    let by = case.holding(GROUP_ROLES)?.person;
    let (record, desk) = at(case, &[Stage::Reported])?;
    let asked_for: usize = case.state.rule_pack.as_ref().map_or(0, |p| p.minimums.checkers.into());
    let distinct = case.distinct_members(checkers, GROUP_ROLES);
    if distinct.is_none_or(|n| n < asked_for.max(2)) || !checkers.contains(&by) {
        return Err(Refusal::TwoCheckers);
    }
    if sample.of == 0 || sample.passed > sample.of {
        return Err(Refusal::SampleEmpty);
    }
    evidence::classes(case, items)?;
    let done = sample.passed == sample.of;
    if done {
        let mut all = reported(desk);
        all.extend(items);
        enough(case, desk, &all, true)?;
    }
    let event = Event::Checked {
        by,
        checkers: checkers.to_vec(),
        sample,
        evidence: items.to_vec(),
        notes: notes.to_owned(),
        done,
    };
    let stage = if done { Stage::Done } else { Stage::Returned };
    Ok(moved(record, desk, event, stage, desk.due))
}

const OPEN: &[Stage] =
    &[Stage::Issued, Stage::Received, Stage::Fixing, Stage::Reported, Stage::Returned];

/// Decides `ExtendDeadline`.
pub(super) fn extend(case: &Case<'_>, due: Date, reason: &str) -> Result<Decision, Refusal> {
    let by = case.holding(&[Role::GroupLeader])?.person;
    let (record, desk) = at(case, OPEN)?;
    reason_given(reason)?;
    if due <= desk.due {
        return Err(Refusal::NotLater);
    }
    if due > desk.exit_on {
        return Err(Refusal::DueAfterExit);
    }
    case.not_past(due)?;
    let event = Event::DeadlineExtended { by, was: desk.due, due, reason: reason.to_owned() };
    Ok(moved(record, desk, event, desk.stage, due))
}

/// Decides `CarryToPlan`, asked by the server at exit.
pub(super) fn carry(case: &Case<'_>) -> Result<Decision, Refusal> {
    case.server()?;
    let (record, desk) = at(case, &[OPEN, &[Stage::Disputed]].concat())?;
    match end_of_day(desk.exit_on, case.rules()?.utc_offset) {
        Ok(exit) if exit <= case.now => {
            Ok(moved(record, desk, Event::CarriedToPlan, Stage::CarriedToPlan, desk.due))
        }
        _ => Err(Refusal::NotDue { what: None }),
    }
}
