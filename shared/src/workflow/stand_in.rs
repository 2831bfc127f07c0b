//! Stand-ins (代行): a step of the three-step sign-off that nobody in the group may take.
//!
//! The group asks the office; with that the office learns the paper's number, the step, and who
//! of the group is left to choose from. It learns nothing of the text. The office names one of
//! them for a time, and that person's signature shows it.
use serde::{Deserialize, Serialize};

use super::{
    case::{Case, not_configured, reason_given, wrong_stage},
    command::{Command, Guest, Step},
    event::{Decision, DocEvent, EntryMeta, Event, Meaning, SpaceKind},
    ids,
    record::{Matter, Record},
    refusal::Refusal,
    state::{GROUP_ROLES, Member, SpaceState, StandIn},
    workpaper::{group_code, open_workpaper, step_taken},
};
use crate::model::{DocId, PersonId, SpaceId, Timestamp, round::Role};

/// A request for a stand-in, as the paper keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandInAsked {
    /// The request, in the office's space.
    pub request: DocId,
    /// The step nobody may take.
    pub step: Step,
    /// Who asked.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why nobody may.
    pub reason: String,
    /// Who was named; none while the office has not answered.
    pub named: Option<PersonId>,
}

/// What a group's request tells the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandInWanted {
    /// The engagement's space.
    pub space: SpaceId,
    /// What people call it: 第三组·甲局.
    pub stay: String,
    /// The code of the group.
    pub group: String,
    /// The paper.
    pub paper: DocId,
    /// Its number.
    pub number: String,
    /// The step nobody may take.
    pub step: Step,
    /// Who may be named: the group's members who took no other step in the paper.
    pub people: Vec<Guest>,
    /// Who asks.
    pub by: PersonId,
    /// Their name, for they are no member of the office.
    pub name: String,
    /// Why nobody may.
    pub reason: String,
}

/// A request for a stand-in, before the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandInState {
    /// What is asked.
    pub wanted: StandInWanted,
    /// Who was named last; none while it waits.
    pub named: Option<StandIn>,
}

/// Returns the step a paper waits for.
pub fn step_due(record: &Record) -> Option<Step> {
    let Some(standing) = record.standing() else { return Some(Step::Maker) };
    let signed = |step| standing.signers(Meaning::Step(step)).count();
    if signed(Step::Leader) > 0 {
        None
    } else if signed(Step::Deputy) > 0 {
        Some(Step::Leader)
    } else if signed(Step::Maker) >= 2 {
        Some(Step::Deputy)
    } else {
        Some(Step::Maker)
    }
}

/// Tells whether a person took no other step in any version of a paper.
fn is_free(record: &Record, person: PersonId, step: Step) -> bool {
    step_taken(record, person).is_none_or(|taken| taken == step)
}

/// Returns someone who may take a step in their own right.
pub fn eligible<'a>(
    state: &'a SpaceState,
    record: &Record,
    step: Step,
    now: Timestamp,
) -> Option<&'a Member> {
    state.holders(step.roles(), now).find(|m| is_free(record, m.person, step))
}

/// Returns by what naming a person may take a step now.
pub(super) fn naming(
    state: &SpaceState,
    step: Step,
    person: PersonId,
    now: Timestamp,
) -> Option<&StandIn> {
    let mut newest_first = state.stand_ins.iter().rev();
    newest_first.find(|s| s.step == step && s.person == person && s.from <= now && now < s.until)
}

/// Returns a stand-in who may take a step of a paper now.
pub fn stand_in<'a>(
    state: &'a SpaceState,
    record: &Record,
    step: Step,
    now: Timestamp,
) -> Option<&'a StandIn> {
    let mut group = state.holders(GROUP_ROLES, now).filter(|m| is_free(record, m.person, step));
    group.find_map(|m| naming(state, step, m.person, now))
}

/// Returns the step of a paper that nobody may take: no holder of its role, and no stand-in.
pub fn vacant(state: &SpaceState, record: &Record, now: Timestamp) -> Option<Step> {
    let paper = record.matter.workpaper()?;
    let step = step_due(record).filter(|s| *s != Step::Maker && paper.dropped.is_none())?;
    let nobody = eligible(state, record, step, now).is_none()
        && stand_in(state, record, step, now).is_none();
    nobody.then_some(step)
}

/// Returns the request for a step that the office has not answered.
pub fn unanswered(record: &Record, step: Step) -> Option<&StandInAsked> {
    let asked = &record.matter.workpaper()?.stand_ins_asked;
    asked.iter().find(|a| a.step == step && a.named.is_none())
}

/// Decides `AskStandIn`: the request goes before the office, with those who may be named.
pub(super) fn ask(case: &Case<'_>, step: Step, reason: &str) -> Result<Decision, Refusal> {
    let by = case.holding(GROUP_ROLES)?;
    let (record, _) = open_workpaper(case)?;
    reason_given(reason)?;
    match step_due(record) {
        // Every member may be a maker: a stand-in could do no more.
        Some(Step::Maker) => return Err(wrong_stage("draft")),
        None => return Err(wrong_stage("leader_approved")),
        Some(first) if first != step => return Err(Refusal::StepNotReached { first }),
        Some(_) => {}
    }
    if let Some(holder) = eligible(case.state, record, step, case.now) {
        return Err(Refusal::HolderExists { person: holder.person });
    }
    if let Some(named) = stand_in(case.state, record, step, case.now) {
        return Err(Refusal::HolderExists { person: named.person });
    }
    if unanswered(record, step).is_some() {
        return Err(wrong_stage("stand_in_asked"));
    }
    let info = case.state.info.as_ref();
    let office = info.and_then(|i| i.links.office).ok_or_else(|| not_configured("office"))?;
    let request = ids::record(case.asked.envelope, "stand-in");
    let people = case.state.holders(GROUP_ROLES, case.now);
    let people = people.filter(|m| is_free(record, m.person, step)).map(|m| Guest {
        person: m.person,
        name: m.name.clone(),
        post: m.post.clone(),
        roles: m.roles.clone(),
    });
    let wanted = StandInWanted {
        space: case.space()?,
        stay: info.map(|i| i.title.clone()).unwrap_or_default(),
        group: group_code(case.state),
        paper: record.doc,
        number: record.number().unwrap_or_default().to_owned(),
        step,
        people: people.collect(),
        by: by.person,
        name: by.name.clone(),
        reason: reason.to_owned(),
    };
    let asked = Event::StandInAsked { step, by: by.person, reason: reason.to_owned(), request };
    Ok(Decision::of(vec![DocEvent::of(record.doc, asked)])
        .and_in(Some(office), vec![DocEvent::of(request, Event::StandInWanted { wanted })]))
}

/// Decides `NameStandIn`, in answer to a request or without one. Whether someone eligible is
/// there is asked when the stand-in signs: who is in the engagement that day is known there.
pub(super) fn name(case: &Case<'_>) -> Result<Decision, Refusal> {
    let Command::NameStandIn { space, step, person, from, until, reason } =
        &case.asked.request.command
    else {
        return Err(Refusal::WrongKind);
    };
    let (space, step, from, until) = (*space, *step, *from, *until);
    case.within(&[SpaceKind::Office])?;
    let by = case.holding(&[Role::OfficeDirector])?.person;
    reason_given(reason)?;
    let known = case.state.info.as_ref().is_some_and(|i| i.links.engagements.contains(&space));
    if !known {
        return Err(not_configured("engagement"));
    }
    if until <= from || until <= case.now {
        return Err(Refusal::TimePassed);
    }
    let asked = case.state.records.get(&case.asked.doc);
    let asked = asked.and_then(|r| r.matter.stand_in().map(|s| (r.doc, &s.wanted)));
    if asked.is_some_and(|(_, wanted)| (wanted.space, wanted.step) != (space, step)) {
        return Err(Refusal::WrongKind);
    }
    let reason = reason.clone();
    let event = Event::StandInNamed { step, person: *person, from, until, reason, by };
    let (here, there) = (asked.map(|(doc, _)| doc), asked.map(|(_, wanted)| wanted.paper));
    Ok(Decision::of(vec![DocEvent { doc: here, event: event.clone() }])
        .and_in(Some(space), vec![DocEvent { doc: there, event }]))
}

/// Folds what a request says of itself; tells whether it was that.
pub(super) fn fold(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, event: &Event) -> bool {
    match event {
        Event::StandInAsked { step, by, reason, request } => {
            let record = state.records.get_mut(&doc);
            if let Some(paper) = record.and_then(|r| r.matter.workpaper_mut()) {
                paper.stand_ins_asked.push(StandInAsked {
                    request: *request,
                    step: *step,
                    by: *by,
                    at: meta.at,
                    reason: reason.clone(),
                    named: None,
                });
            }
        }
        Event::StandInWanted { wanted } => {
            let record = state.records.entry(doc).or_insert_with(|| Record::unopened(doc, meta.at));
            record.official = Some(wanted.number.clone());
            record.by = Some(wanted.by);
            let wanted = wanted.clone();
            record.matter = Matter::StandIn(StandInState { wanted, named: None });
        }
        _ => return false,
    }
    true
}

/// Takes note of a naming in the request it answers, on either side.
pub(super) fn answered(state: &mut SpaceState, doc: DocId, named: &StandIn) {
    let Some(record) = state.records.get_mut(&doc) else { return };
    if let Some(request) = record.matter.stand_in_mut() {
        request.named = Some(named.clone());
    }
    if let Some(paper) = record.matter.workpaper_mut() {
        let open = paper.stand_ins_asked.iter_mut().rev().find(|a| a.step == named.step);
        if let Some(asked) = open {
            asked.named = Some(named.person);
        }
    }
}
