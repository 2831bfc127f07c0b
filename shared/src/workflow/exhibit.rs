//! Showing a paper to a consultation, and ending that.
//!
//! An exhibit is an edition, never the original: the fields chosen, names masked unless a
//! reason is given, for a time. Only the leader who raised the question shows the group's
//! papers.
use super::{
    case::{Case, filled, wrong_stage},
    command::Command,
    consultation::ExhibitEnd,
    event::{Decision, DocEvent, Event, SpaceKind},
    ids,
    refusal::Refusal,
    workpaper::{for_edition, group_code},
};
use crate::model::{DocId, edition::Edition, round::Role};

/// Decides `GrantExhibit`.
pub(super) fn grant(case: &Case<'_>) -> Result<Decision, Refusal> {
    let Command::GrantExhibit {
        consultation,
        rendering,
        reading,
        masked,
        unmasked_reason,
        left_out,
        until,
    } = &case.asked.request.command
    else {
        return Err(Refusal::WrongKind);
    };
    case.within(&[SpaceKind::Engagement])?;
    let by = case.holding(&[Role::GroupLeader])?.person;
    let question = case.record_of(*consultation)?;
    let question = question.matter.question().ok_or(Refusal::WrongKind)?;
    if question.by != by {
        return Err(Refusal::NotTheRaisingLeader);
    }
    if question.closed.is_some() {
        return Err(wrong_stage("closed"));
    }
    let source = case.record()?;
    let kind = source.text.ok_or(Refusal::WrongKind)?;
    filled("rendering", rendering)?;
    if *until <= case.now {
        return Err(Refusal::TimePassed);
    }
    if !masked && unmasked_reason.as_deref().is_none_or(|r| r.trim().is_empty()) {
        return Err(Refusal::UnmaskedWithoutReason);
    }
    let exhibit = ids::record(case.asked.envelope, "exhibit");
    let edition = Edition {
        id: exhibit,
        source_space: case.space()?,
        source: source.doc,
        kind,
        number: source.number().unwrap_or_default().to_owned(),
        group: group_code(case.state),
        rendering: rendering.clone(),
        rendering_hash: ids::rendering_digest(rendering),
        reading: reading.as_ref().map(for_edition),
        masked: *masked,
    };
    let granted = Event::ExhibitGranted {
        by,
        source: source.doc,
        space: question.space,
        exhibit,
        until: *until,
        masked: *masked,
        unmasked_reason: unmasked_reason.clone().filter(|_| !masked),
        left_out: left_out.clone(),
    };
    let placed = Event::ExhibitPlaced { edition, until: *until, by };
    Ok(Decision::of(vec![DocEvent::of(*consultation, granted)])
        .and_in(Some(question.space), vec![DocEvent::of(exhibit, placed)]))
}

/// Decides `RevokeExhibit`.
pub(super) fn revoke(case: &Case<'_>, exhibit: DocId, reason: &str) -> Result<Decision, Refusal> {
    case.within(&[SpaceKind::Engagement])?;
    let by = case.holding(&[Role::GroupLeader])?.person;
    let found = case.state.matters(|m| m.question()).find_map(|(record, question)| {
        let shown = question.exhibits.iter().find(|e| e.exhibit == exhibit)?;
        Some((record.doc, question, shown))
    });
    let (doc, question, shown) = found.ok_or(Refusal::UnknownRecord { doc: exhibit })?;
    if question.by != by {
        return Err(Refusal::NotTheRaisingLeader);
    }
    if shown.revoked.is_some() {
        return Err(wrong_stage("revoked"));
    }
    let event = Event::ExhibitRevoked { exhibit, by, reason: reason.to_owned() };
    Ok(Decision::of(vec![DocEvent::of(doc, event.clone())])
        .and_in(Some(question.space), vec![DocEvent::of(exhibit, event)]))
}

/// Decides `OpenExhibit`: the opening is recorded in the consultation's own space, where its
/// participants and the leader who shows it see it.
///
/// This records what honest programs do. The bytes came to the participant's laptop with the
/// exhibit; a changed program reads them without asking.
pub(super) fn open(case: &Case<'_>) -> Result<Decision, Refusal> {
    case.within(&[SpaceKind::Consultation])?;
    let by = case.member()?.person;
    let record = case.record()?;
    let exhibit = record.matter.exhibit().ok_or(Refusal::WrongKind)?;
    match exhibit.ended {
        Some((_, ExhibitEnd::Revoked)) => Err(wrong_stage("revoked")),
        Some((_, ExhibitEnd::Expired)) => Err(wrong_stage("expired")),
        None => Ok(Decision::of(vec![DocEvent::of(record.doc, Event::ExhibitOpened { by })])),
    }
}

/// Decides `ExpireExhibit`, asked by the server.
pub(super) fn expire(case: &Case<'_>) -> Result<Decision, Refusal> {
    case.server()?;
    let record = case.record()?;
    let exhibit = record.matter.exhibit().ok_or(Refusal::WrongKind)?;
    if exhibit.ended.is_some() || exhibit.until > case.now {
        return Err(Refusal::NotDue { what: None });
    }
    Ok(Decision::of(vec![DocEvent::of(record.doc, Event::ExhibitExpired)]))
}
