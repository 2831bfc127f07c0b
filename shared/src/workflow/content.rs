//! Whether text comes into the document or is set aside.
//!
//! What is set aside is stored, receipted and shown in the tray; it is never thrown away and
//! never comes in silently. The office writes no group's text, whatever role it holds there.
use super::{
    command::Actor,
    event::{DocEvent, Event},
    ids::provisional_number,
    record::{Matter, Record},
    refusal::AsideReason,
    state::{Member, SpaceState, writers},
};
use crate::model::{DocId, DocKind, ItemId, TouchKind, Touched, number::NumberKind};

/// Answers content: into the document, with what follows from it, or aside.
///
/// # Errors
/// The [`AsideReason`]; the journal records it as [`Event::ContentAside`].
pub fn decide_content(
    state: &SpaceState,
    actor: &Actor,
    doc: DocId,
    touched: &Touched,
) -> Result<Vec<DocEvent>, AsideReason> {
    if state.is_frozen(doc) {
        return Err(AsideReason::ReadOnly);
    }
    let member = writer(state, actor)?;
    let record = state.records.get(&doc);
    if record.is_some_and(is_over) {
        return Err(AsideReason::Closed);
    }
    let mut events = Vec::new();
    match touched.birth {
        Some(kind) => {
            born(state, record, kind)?;
            let provisional = provisional(state, actor, doc, kind);
            let event = Event::RecordOpened { kind, by: member.person, provisional };
            events.push(DocEvent::of(doc, event));
        }
        None if record.is_none_or(|r| r.text.is_none()) => return Err(AsideReason::UnknownRecord),
        None => {}
    }
    let Some(record) = record else { return Ok(events) };
    let fixed = record.matter.interview().map_or(&[][..], |i| &i.statements);
    for touch in &touched.touches {
        if touch.kind == TouchKind::SetOverConflict {
            return Err(AsideReason::OverConflict { field: touch.field.clone() });
        }
        let mut path = touch.field.0.split('/');
        if path.next() == Some("statements")
            && touch.kind != TouchKind::Add
            && let Some(item) = path.next().and_then(|id| id.parse::<ItemId>().ok())
            && fixed.contains(&item)
        {
            return Err(AsideReason::ConfirmedStatement);
        }
    }
    if record.standing().is_some() { Err(AsideReason::Late) } else { Ok(events) }
}

/// Returns the member who writes, if the person and the device may.
fn writer<'a>(state: &'a SpaceState, actor: &Actor) -> Result<&'a Member, AsideReason> {
    let Actor::Person { person, device } = *actor else { return Err(AsideReason::NotAllowed) };
    if let Some(known) = device.and_then(|d| state.devices.get(&d))
        && (known.revoked_at.is_some() || known.person != person)
    {
        return Err(AsideReason::RevokedDevice);
    }
    let member = state.members.get(&person).ok_or(AsideReason::NotAMember)?;
    if state.recused.contains_key(&person) {
        return Err(AsideReason::Recused);
    }
    if member.ended.is_some() {
        return Err(AsideReason::Lapsed);
    }
    let kind = state.kind().ok_or(AsideReason::WrongKind)?;
    if writers(kind).is_some_and(|roles| !member.holds(roles)) {
        return Err(AsideReason::NotAllowed);
    }
    Ok(member)
}

/// Tells whether the record takes no more text, ever.
fn is_over(record: &Record) -> bool {
    match &record.matter {
        Matter::Interview(i) => i.is_over(),
        Matter::Workpaper(w) => w.dropped.is_some(),
        Matter::Consultation(c) => c.closed_at.is_some(),
        _ => false,
    }
}

/// Checks that a document may be born here, once.
fn born(state: &SpaceState, record: Option<&Record>, kind: DocKind) -> Result<(), AsideReason> {
    if !state.holds_texts_of(kind) {
        return Err(AsideReason::WrongKind);
    }
    match (record.map(|r| (r.text, &r.matter)), kind) {
        (Some((Some(_), _)), _) => Err(AsideReason::BornTwice),
        // A consultation is there before its text.
        (Some((None, Matter::Consultation(_))), DocKind::Consultation) => Ok(()),
        (_, DocKind::Consultation) => Err(AsideReason::UnknownRecord),
        (None | Some((None, Matter::Unopened)), _) => Ok(()),
        (Some(_), _) => Err(AsideReason::BornTwice),
    }
}

fn provisional(state: &SpaceState, actor: &Actor, doc: DocId, kind: DocKind) -> Option<String> {
    let Actor::Person { device: Some(device), .. } = *actor else { return None };
    let kind = match kind {
        DocKind::Interview => NumberKind::IN,
        DocKind::Workpaper => NumberKind::WP,
        DocKind::Notice => NumberKind::NT,
        DocKind::Consultation => return None,
    };
    let prefix = state.info.as_ref().map_or("", |info| &info.prefix);
    Some(provisional_number(prefix, kind, device, doc))
}
