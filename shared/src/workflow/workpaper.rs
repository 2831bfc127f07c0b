//! The one-matter file (F2): gate, three-step sign-off, return, drop.
use serde::{Deserialize, Serialize};

use super::{
    case::{Case, reason_given, wrong_stage},
    command::{Pin, Step},
    conflict,
    event::{Decision, DocEvent, Event, Meaning, SpaceKind},
    finding::FindingStage,
    gate, ids,
    record::Record,
    refusal::Refusal,
    sign::check_pin,
    stand_in::{self, StandInAsked},
    state::{GROUP_ROLES, SpaceState},
};
use crate::model::{
    Body, DocId, DocKind, PersonId, Reading, Timestamp, edition::Edition, finding::Finding,
    number::NumberKind, round::Role, workpaper::Severity,
};

/// The state of a workpaper.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkpaperState {
    /// When the leader's approval first admitted it.
    pub admitted: Option<Timestamp>,
    /// The severity it was last approved with.
    pub severity: Option<Severity>,
    /// The line it was last approved with.
    pub title: String,
    /// The newest edition before the office.
    pub edition: Option<DocId>,
    /// The finding it opened.
    pub finding: Option<DocId>,
    /// Who gave it up, when, and why.
    pub dropped: Option<(PersonId, Timestamp, String)>,
    /// Requests for a stand-in, oldest first.
    #[serde(default)]
    pub stand_ins_asked: Vec<StandInAsked>,
}

/// Two people make a paper, whatever a rule pack says (承办人至少为两人).
const AT_LEAST_TWO: usize = 2;

impl Step {
    /// Returns the roles that take this step.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Maker => GROUP_ROLES,
            Self::Deputy => &[Role::DeputyLeader],
            Self::Leader => &[Role::GroupLeader],
        }
    }
}

/// Returns the step `person` took in this record, in any version of it.
pub fn step_taken(record: &Record, person: PersonId) -> Option<Step> {
    record.versions.iter().find_map(|v| v.step_of(person))
}

/// Returns who signed a step of the standing version.
fn signed(record: &Record, step: Step) -> Vec<PersonId> {
    record.standing().map(|v| v.signers(Meaning::Step(step)).collect()).unwrap_or_default()
}

/// Finds the workpaper asked about.
pub(super) fn open_workpaper<'a>(
    case: &Case<'a>,
) -> Result<(&'a Record, &'a WorkpaperState), Refusal> {
    case.within(&[SpaceKind::Engagement])?;
    let record = case.record()?;
    let state = record.matter.workpaper().ok_or(Refusal::WrongKind)?;
    if state.dropped.is_some() { Err(wrong_stage("dropped")) } else { Ok((record, state)) }
}

/// Checks that the person may take the step; returns the reason when as a stand-in.
fn entitled(case: &Case<'_>, record: &Record, step: Step) -> Result<Option<String>, Refusal> {
    let member = case.holding(GROUP_ROLES)?;
    if member.holds(step.roles()) {
        return Ok(None);
    }
    let Some(named) = stand_in::naming(case.state, step, member.person, case.now) else {
        return Err(Refusal::NotAllowed { needs: step.roles().to_vec() });
    };
    match stand_in::eligible(case.state, record, step, case.now) {
        Some(holder) => Err(Refusal::HolderExists { person: holder.person }),
        None => Ok(Some(named.reason.clone())),
    }
}

/// Decides `Sign`.
pub(super) fn sign(
    case: &Case<'_>,
    step: Step,
    pin: &Pin,
    gate_override: Option<&str>,
) -> Result<Decision, Refusal> {
    let by = case.member()?.person;
    let (record, state) = open_workpaper(case)?;
    match step_taken(record, by) {
        Some(taken) if taken != step => return Err(Refusal::TwoSteps { taken }),
        _ => {}
    }
    let stand_in = entitled(case, record, step)?;
    let makers = signed(record, Step::Maker);
    if makers.contains(&by) {
        return Err(Refusal::AlreadySigned);
    }
    match step {
        Step::Maker if !signed(record, Step::Leader).is_empty() => {
            return Err(wrong_stage("leader_approved"));
        }
        Step::Maker => {}
        Step::Deputy | Step::Leader => {
            let asked_for = case.state.rule_pack.as_ref().map_or(0, |p| p.minimums.makers.into());
            if makers.len() < AT_LEAST_TWO.max(asked_for) {
                return Err(Refusal::MakersMissing { signed: makers });
            }
            if step == Step::Leader && signed(record, Step::Deputy).is_empty() {
                return Err(Refusal::StepNotReached { first: Step::Deputy });
            }
            if !signed(record, step).is_empty() {
                return Err(Refusal::AlreadySigned);
            }
        }
    }
    let content = case.content()?;
    conflict::none_left(&content.reading, record)?;
    let pin = check_pin(record, content, pin)?;
    let reading = conflict::settle(&content.reading, &record.resolutions);
    let mut overridden = None;
    if step == Step::Maker {
        let gate = gate::gate(&reading, &case.state.gate_facts());
        if !gate.is_green() {
            match gate_override.filter(|reason| !reason.trim().is_empty()) {
                Some(reason) => overridden = Some(reason.to_owned()),
                None => return Err(Refusal::GateRed { red: gate.red }),
            }
        }
    }
    let event = Event::Signed {
        by,
        meaning: Meaning::Step(step),
        pin,
        stand_in,
        gate_override: overridden,
    };
    let mut decision = Decision::of(vec![DocEvent::of(record.doc, event)]);
    if step == Step::Leader {
        admit(case, record, state, &reading, by, &mut decision)?;
    }
    Ok(decision)
}

/// What the leader's approval brings: the number, the finding, the edition before the office.
fn admit(
    case: &Case<'_>,
    record: &Record,
    state: &WorkpaperState,
    reading: &Reading,
    by: PersonId,
    decision: &mut Decision,
) -> Result<(), Refusal> {
    let Body::Workpaper(paper) = &reading.body else { return Err(Refusal::WrongKind) };
    let standing = record.standing().ok_or_else(|| wrong_stage("draft"))?;
    let doc = record.doc;
    let number = match &record.official {
        Some(number) => number.clone(),
        None => {
            decision.events.push(case.next_number(doc, NumberKind::WP));
            case.number(NumberKind::WP, case.count(NumberKind::WP) + 1)
        }
    };
    let office = case.state.info.as_ref().and_then(|info| info.links.office);
    let edition = office.map(|_| ids::record(case.asked.envelope, "edition"));
    decision.events.push(DocEvent::of(
        doc,
        Event::WorkpaperAdmitted { severity: paper.severity, title: paper.title.clone(), edition },
    ));
    if state.finding.is_none() {
        let id = ids::record(case.asked.envelope, "finding");
        let finding = Finding {
            id,
            workpapers: vec![doc],
            title: paper.title.clone(),
            severity: paper.severity,
            characterisation: paper.characterisation.clone(),
        };
        decision.events.push(DocEvent::of(id, Event::FindingOpened { finding }));
        decision.events.push(case.next_number(id, NumberKind::FD));
    }
    if let (Some(office), Some(id)) = (office, edition) {
        let edition = Edition {
            id,
            source_space: case.space()?,
            source: doc,
            kind: DocKind::Workpaper,
            number,
            group: group_code(case.state),
            rendering: standing.text.clone(),
            rendering_hash: standing.rendering,
            reading: Some(for_edition(reading)),
            masked: false,
        };
        let event =
            Event::EditionPlaced { edition, for_approval: false, replaces: state.edition, by };
        let told = [DocEvent::of(id, event)].into_iter().chain(case.devices_heard());
        decision.elsewhere.push((office, told.collect()));
    }
    Ok(())
}

/// Returns the code of the group a space belongs to.
pub(super) fn group_code(state: &SpaceState) -> String {
    let group = state.info.as_ref().and_then(|info| info.group.as_ref());
    group.map(|g| g.code.clone()).unwrap_or_default()
}

/// Returns the fields an edition shows: no heads, no actors, nothing that was taken out.
pub fn for_edition(reading: &Reading) -> Reading {
    let mut out = reading.clone();
    out.heads.clear();
    out.conflicts.clear();
    out.removed.clear();
    match &mut out.body {
        Body::Interview(r) => {
            r.statements.retain(|s| s.removed.is_none());
            r.statements.iter_mut().for_each(|s| s.actor.clear());
        }
        Body::Workpaper(r) => {
            r.criteria.retain(|c| c.removed.is_none());
            r.facts.retain(|f| f.removed.is_none());
        }
        Body::Consultation(r) => {
            r.positions.retain(|p| p.removed.is_none());
            r.positions.iter_mut().for_each(|p| p.actor.clear());
            r.actions.retain(|a| a.removed.is_none());
        }
        // The unit never sees which papers are behind a notice.
        Body::Notice(r) => r.workpapers.clear(),
    }
    out
}

/// Decides `Drop`.
pub(super) fn drop_paper(case: &Case<'_>, reason: &str) -> Result<Decision, Refusal> {
    let by = case.holding(&[Role::GroupLeader])?.person;
    let (record, state) = open_workpaper(case)?;
    reason_given(reason)?;
    let dropped = Event::Dropped { by, reason: reason.to_owned() };
    let mut events = vec![DocEvent::of(record.doc, dropped)];
    let finding = state.finding.and_then(|id| case.state.records.get(&id));
    if let Some((id, finding)) = finding.and_then(|r| r.matter.finding().map(|f| (r.doc, f))) {
        match finding.stage {
            FindingStage::Proposed | FindingStage::LeaderOk => {
                let event = Event::FindingWithdrawn { by, reason: reason.to_owned() };
                events.push(DocEvent::of(id, event));
            }
            FindingStage::Withdrawn => {}
            // Something was asked of the unit on the strength of this paper.
            _ => return Err(wrong_stage("in_rectification")),
        }
    }
    Ok(Decision::of(events))
}
