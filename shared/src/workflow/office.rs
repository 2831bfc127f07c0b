//! What the office does with what is put before it: it comments, and never edits a group's text.
use super::{
    case::{Case, filled},
    event::{Decision, DocEvent, Event, SpaceKind},
    refusal::Refusal,
    state::OFFICE_ROLES,
};
use crate::model::round::Role;

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
