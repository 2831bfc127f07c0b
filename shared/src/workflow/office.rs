//! What the office does: it comments, and names stand-ins. It never edits a group's text.
use super::{
    case::{Case, filled, not_configured, reason_given},
    command::Step,
    event::{Decision, DocEvent, Event, SpaceKind},
    refusal::Refusal,
    state::OFFICE_ROLES,
};
use crate::model::{PersonId, SpaceId, Timestamp, round::Role};

/// Decides `CommentEdition`. The comment is shown beside the edition and at the source.
pub(super) fn comment(case: &Case<'_>, text: &str) -> Result<Decision, Refusal> {
    case.within(&[SpaceKind::Office])?;
    let member = case.holding(&[OFFICE_ROLES, &[Role::Delegate]].concat())?;
    let record = case.record()?;
    let edition = record.matter.edition().ok_or(Refusal::WrongKind)?;
    filled("text", text)?;
    let event =
        Event::Commented { by: member.person, name: member.name.clone(), text: text.to_owned() };
    let source = DocEvent::of(edition.edition.source, event.clone());
    Ok(Decision::of(vec![DocEvent::of(record.doc, event)])
        .and_in(Some(edition.edition.source_space), vec![source]))
}

/// Decides `NameStandIn`. Whether someone eligible is there is asked when the stand-in signs:
/// the office does not know who is in the engagement that day.
pub(super) fn name_stand_in(
    case: &Case<'_>,
    space: SpaceId,
    step: Step,
    person: PersonId,
    (from, until): (Timestamp, Timestamp),
    reason: &str,
) -> Result<Decision, Refusal> {
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
    let event = Event::StandInNamed { step, person, from, until, reason: reason.to_owned(), by };
    Ok(Decision::of(vec![DocEvent::space(event.clone())])
        .and_in(Some(space), vec![DocEvent::space(event)]))
}
