//! Deciding a consultation: raise, triage, invite, conclude, dissent, sign, act, close.
use super::{
    case::{Case, filled, not_configured, wrong_stage},
    command::{AgreedAction, Guest, Pin, TriageOutcome, Urgency},
    conflict,
    consultation::{ConsultationStage as Stage, ConsultationState},
    event::{Decision, DocEvent, Event, Links, Meaning, NewSpace, SpaceInfo, SpaceKind},
    ids,
    record::Record,
    refusal::Refusal,
    sign::check_pin,
    state::{GROUP_ROLES, Member, OFFICE_ROLES},
    workpaper::group_code,
};
use crate::model::{DocKind, ItemId, SpaceId, number::NumberKind, round::Role};

/// Decides `Raise`.
pub(super) fn raise(
    case: &Case<'_>,
    title: &str,
    question: &str,
    urgency: Urgency,
) -> Result<Decision, Refusal> {
    case.within(&[SpaceKind::Engagement])?;
    let leader = case.holding(&[Role::GroupLeader])?;
    let by = leader.person;
    let source = case.asked.doc;
    if case.state.records.contains_key(&source) {
        return Err(wrong_stage("raised"));
    }
    filled("question", question)?;
    if case.state.office_people().is_empty() {
        return Err(not_configured("office"));
    }
    let (space, consultation) =
        (ids::space(case.asked.envelope), ids::record(case.asked.envelope, "consultation"));
    let seq = case.count(NumberKind::CF) + 1;
    let number = case.number(NumberKind::CF, seq);
    let raised = Event::QuestionRaised {
        by,
        title: title.to_owned(),
        question: question.to_owned(),
        urgency,
        space,
        consultation,
    };
    let given = Event::NumberGiven { kind: NumberKind::CF, seq, number: number.clone() };
    let opened = Event::ConsultationOpened {
        by,
        group: group_code(case.state),
        title: title.to_owned(),
        question: question.to_owned(),
        urgency,
        source_space: case.space()?,
        source,
        number: number.clone(),
    };
    let mut events = vec![DocEvent::space(Event::SpaceOpened(space_info(case, space, &number)?))];
    events.extend(inherited(case));
    events.push(DocEvent::space(member_set(leader, case)));
    events.extend(
        case.state.office_people().iter().map(|guest| DocEvent::space(guest_set(guest, case))),
    );
    events.push(DocEvent::of(consultation, opened));
    let mut decision =
        Decision::of(vec![DocEvent::of(source, raised), DocEvent::of(source, given)]);
    decision.opens.push(NewSpace { id: space, events });
    let people = case.state.office_people().iter().map(|g| g.person).chain([by]);
    for person in people {
        let granted =
            Event::SpaceGranted { space, kind: SpaceKind::Consultation, title: number.clone() };
        let control = Some(ids::control_space(person));
        decision = decision.and_in(control, vec![DocEvent::space(granted)]);
    }
    Ok(decision)
}

/// Describes the new space. It names the group, not the unit: who takes part needs to know
/// what is shown, not where it was found.
fn space_info(case: &Case<'_>, id: SpaceId, number: &str) -> Result<SpaceInfo, Refusal> {
    let info = case.state.info.as_ref().ok_or(Refusal::WrongSpace)?;
    Ok(SpaceInfo {
        id,
        kind: SpaceKind::Consultation,
        title: number.to_owned(),
        round: info.round.clone(),
        prefix: info.prefix.clone(),
        group: info.group.clone(),
        unit: None,
        engagement: None,
        links: Links { office: info.links.office, engagements: vec![info.id], ..Links::default() },
        office_people: info.office_people.clone(),
    })
}

/// Carries over the rules by which limits are counted, and those who withdrew: a recusal
/// holds in the consultation as well (domain §5.5).
fn inherited(case: &Case<'_>) -> Vec<DocEvent> {
    let pack = case.state.rule_pack.clone().map(|pack| Event::RulePackSet { pack });
    let calendar = case.state.calendar.clone().map(|calendar| Event::CalendarSet { calendar });
    let recused = case
        .state
        .recused
        .iter()
        .map(|(person, reason)| Event::Recused { person: *person, reason: reason.clone() });
    pack.into_iter().chain(calendar).chain(recused).map(DocEvent::space).collect()
}

fn member_set(member: &Member, case: &Case<'_>) -> Event {
    Event::MemberSet {
        person: member.person,
        name: member.name.clone(),
        post: member.post.clone(),
        roles: member.roles.clone(),
        from: case.now,
        until: None,
    }
}

fn guest_set(guest: &Guest, case: &Case<'_>) -> Event {
    let roles = if guest.roles.is_empty() { vec![Role::Expert] } else { guest.roles.clone() };
    Event::MemberSet {
        person: guest.person,
        name: guest.name.clone(),
        post: guest.post.clone(),
        roles,
        from: case.now,
        until: None,
    }
}

/// Finds the consultation asked about, which is not over.
fn open<'a>(case: &Case<'a>) -> Result<(&'a Record, &'a ConsultationState), Refusal> {
    case.within(&[SpaceKind::Consultation])?;
    let record = case.record()?;
    let state = record.matter.consultation().ok_or(Refusal::WrongKind)?;
    if state.stage == Stage::Done { Err(wrong_stage("done")) } else { Ok((record, state)) }
}

fn at(state: &ConsultationState, stages: &[Stage]) -> Result<(), Refusal> {
    if stages.contains(&state.stage) { Ok(()) } else { Err(wrong_stage(state.stage.name())) }
}

/// The office, or the leader who raised the question.
fn convenor_or_raiser<'a>(
    case: &Case<'a>,
    state: &ConsultationState,
) -> Result<&'a Member, Refusal> {
    let member = case.member()?;
    if member.person == state.raised_by { Ok(member) } else { case.holding(OFFICE_ROLES) }
}

/// Decides `Triage`.
pub(super) fn triage(case: &Case<'_>, outcome: &TriageOutcome) -> Result<Decision, Refusal> {
    let (record, state) = open(case)?;
    let by = case.holding(OFFICE_ROLES)?.person;
    at(state, &[Stage::Raised])?;
    match outcome {
        TriageOutcome::AnsweredDirectly { answer } => filled("answer", answer)?,
        TriageOutcome::Merged { into } => filled("into", into)?,
        TriageOutcome::Convened => {}
    }
    let event = Event::Triaged { by, outcome: outcome.clone() };
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)]))
}

/// Decides `Invite`.
pub(super) fn invite(case: &Case<'_>, guests: &[Guest]) -> Result<Decision, Refusal> {
    let (record, state) = open(case)?;
    case.holding(OFFICE_ROLES)?;
    at(state, &[Stage::Raised, Stage::Convened, Stage::Concluded])?;
    let may_be = [GROUP_ROLES, &[Role::Expert]].concat();
    let space = case.space()?;
    let mut decision = Decision::default();
    for guest in guests {
        if case.state.recused.contains_key(&guest.person) {
            return Err(Refusal::Recused);
        }
        // An invitation makes nobody part of the office.
        if guest.roles.iter().any(|role| !may_be.contains(role)) {
            return Err(Refusal::NotAllowed { needs: may_be });
        }
        if case.state.active(guest.person, case.now).is_some() {
            continue;
        }
        decision.events.push(DocEvent::space(guest_set(guest, case)));
        let title = record.number().unwrap_or_default().to_owned();
        let granted = Event::SpaceGranted { space, kind: SpaceKind::Consultation, title };
        let control = Some(ids::control_space(guest.person));
        decision = decision.and_in(control, vec![DocEvent::space(granted)]);
    }
    Ok(decision)
}

/// Decides `Conclude`.
pub(super) fn conclude(
    case: &Case<'_>,
    characterisation: &str,
    sufficiency: &str,
    disposition: &str,
    actions: &[AgreedAction],
) -> Result<Decision, Refusal> {
    let (record, state) = open(case)?;
    let by = convenor_or_raiser(case, state)?.person;
    at(state, &[Stage::Convened, Stage::Concluded])?;
    if record.standing().is_some() {
        return Err(wrong_stage("signed"));
    }
    filled("characterisation", characterisation)?;
    filled("sufficiency", sufficiency)?;
    filled("disposition", disposition)?;
    for action in actions {
        filled("actions", &action.who)?;
        filled("actions", &action.what)?;
    }
    let actions = actions
        .iter()
        .enumerate()
        .map(|(i, action)| (ids::item(case.asked.envelope, i), action.clone()))
        .collect();
    let event = Event::Concluded {
        by,
        characterisation: characterisation.to_owned(),
        sufficiency: sufficiency.to_owned(),
        disposition: disposition.to_owned(),
        actions,
    };
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)]))
}

/// Decides `Dissent`.
pub(super) fn dissent(case: &Case<'_>, text: &str) -> Result<Decision, Refusal> {
    let (record, state) = open(case)?;
    let by = case.member()?.person;
    at(state, &[Stage::Convened, Stage::Concluded, Stage::Minuted])?;
    filled("text", text)?;
    let event = Event::Dissented { by, text: text.to_owned() };
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)]))
}

/// Decides `SignMinutes`.
pub(super) fn sign_minutes(case: &Case<'_>, pin: &Pin) -> Result<Decision, Refusal> {
    let (record, state) = open(case)?;
    let member = case.member()?;
    let by = member.person;
    at(state, &[Stage::Concluded, Stage::Minuted])?;
    let standing = record.standing();
    if standing.is_some_and(|v| v.signers(Meaning::Minutes).any(|p| p == by)) {
        return Err(Refusal::AlreadySigned);
    }
    let content = case.content()?;
    if content.reading.kind() != DocKind::Consultation {
        return Err(Refusal::WrongKind);
    }
    conflict::none_left(&content.reading, record)?;
    let pin = check_pin(record, content, pin)?;
    let signed =
        Event::Signed { by, meaning: Meaning::Minutes, pin, stand_in: None, gate_override: None };
    let mut events = vec![DocEvent::of(record.doc, signed)];
    let signers: Vec<_> =
        standing.map(|v| v.signers(Meaning::Minutes).collect()).unwrap_or_default();
    let directs = |p| case.state.members.get(&p).is_some_and(|m| m.holds(&[Role::OfficeDirector]));
    let director = directs(by) || signers.iter().any(|p| directs(*p));
    let raiser = by == state.raised_by || signers.contains(&state.raised_by);
    if state.stage == Stage::Concluded && director && raiser {
        events.push(DocEvent::of(record.doc, Event::Minuted));
    }
    Ok(Decision::of(events))
}

/// Decides `ActionDone`.
pub(super) fn action_done(
    case: &Case<'_>,
    action: ItemId,
    note: &str,
) -> Result<Decision, Refusal> {
    let (record, state) = open(case)?;
    let by = case.member()?.person;
    let found =
        state.actions.iter().find(|a| a.id == action).ok_or(Refusal::UnknownAction { action })?;
    if found.done.is_some() {
        return Err(wrong_stage("action_done"));
    }
    let event = Event::ActionReported { by, action, note: note.to_owned() };
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)]))
}

/// Decides `CloseConsultation`.
pub(super) fn close(case: &Case<'_>) -> Result<Decision, Refusal> {
    let (record, state) = open(case)?;
    let by = convenor_or_raiser(case, state)?.person;
    match state.stage {
        Stage::Answered => {}
        Stage::Minuted => {
            let open = state.actions.iter().filter(|a| a.done.is_none());
            let actions: Vec<ItemId> = open.map(|a| a.id).collect();
            if !actions.is_empty() {
                return Err(Refusal::ActionsOpen { actions });
            }
        }
        Stage::Concluded => return Err(Refusal::MinutesUnsigned),
        Stage::Raised | Stage::Convened | Stage::Done => {
            return Err(wrong_stage(state.stage.name()));
        }
    }
    let outcome = match (&state.conclusion, &state.triage) {
        (Some(conclusion), _) => conclusion.characterisation.clone(),
        (None, Some((_, _, TriageOutcome::AnsweredDirectly { answer }))) => answer.clone(),
        (None, Some((_, _, TriageOutcome::Merged { into }))) => into.clone(),
        _ => String::new(),
    };
    let closed = Event::ConsultationClosed { by, outcome };
    // What was shown, was shown for the session's life.
    let shown = case.state.records.values().filter_map(|r| {
        let open = r.matter.exhibit().is_some_and(|e| e.ended.is_none());
        open.then(|| DocEvent::of(r.doc, Event::ExhibitExpired))
    });
    let events = [DocEvent::of(record.doc, closed.clone())].into_iter().chain(shown).collect();
    let at_source = vec![DocEvent::of(state.source, closed)];
    Ok(Decision::of(events).and_in(Some(state.source_space), at_source))
}
