//! The evidence index: append-only, each item with its origin and who took it.
use super::{
    case::Case,
    event::{Decision, DocEvent, Event, SpaceKind},
    refusal::Refusal,
    state::{GROUP_ROLES, UNIT_ROLES},
};
use crate::model::{
    EvidenceId,
    evidence::{Evidence, EvidenceClass, EvidenceKind},
    number::NumberKind,
};

/// Tells whether such an item is taken on site, so that two people take it.
pub const fn taken_on_site(kind: EvidenceKind) -> bool {
    matches!(kind, EvidenceKind::Photo | EvidenceKind::SiteNote)
}

/// Decides `RegisterEvidence`.
///
/// What a unit hands in at its desk shows who handed it in; that two people took it is asked
/// of the group's own items only.
pub(super) fn register(case: &Case<'_>, evidence: &Evidence) -> Result<Decision, Refusal> {
    let desk = case.state.kind() == Some(SpaceKind::UnitDesk);
    let member = if desk {
        case.holding(&[GROUP_ROLES, UNIT_ROLES].concat())?
    } else {
        case.within(&[SpaceKind::Engagement, SpaceKind::Protected])?;
        case.holding(GROUP_ROLES)?
    };
    if case.state.evidence.contains_key(&evidence.id) {
        return Err(Refusal::EvidenceExists { evidence: evidence.id });
    }
    for (field, text) in [
        ("name", &evidence.name),
        ("origin", &evidence.origin),
        ("obtained_on", &evidence.obtained_on),
    ] {
        if text.trim().is_empty() {
            return Err(Refusal::EvidenceIncomplete { missing: field.to_owned() });
        }
    }
    if evidence.obtained_by.is_empty() {
        return Err(Refusal::EvidenceIncomplete { missing: "obtained_by".to_owned() });
    }
    if evidence.content.is_none() && evidence.original_kept_at.trim().is_empty() {
        return Err(Refusal::EvidenceIncomplete { missing: "file".to_owned() });
    }
    if taken_on_site(evidence.kind) && member.holds(GROUP_ROLES) {
        match case.distinct_members(&evidence.obtained_by, GROUP_ROLES) {
            Some(2..) => {}
            _ => return Err(Refusal::TwoObtainers { kind: evidence.kind }),
        }
    }
    let seq = case.count(NumberKind::EV) + 1;
    let event = Event::EvidenceRegistered {
        evidence: evidence.clone(),
        number: case.number(NumberKind::EV, seq),
        by: member.person,
    };
    Ok(Decision::of(vec![DocEvent::of(case.asked.doc, event)]))
}

/// Checks that every item is in the index, and returns their classes.
pub(super) fn classes(
    case: &Case<'_>,
    items: &[EvidenceId],
) -> Result<Vec<EvidenceClass>, Refusal> {
    items
        .iter()
        .map(|id| {
            let item = case.state.evidence.get(id);
            item.map(|e| e.evidence.class).ok_or(Refusal::UnknownEvidence { evidence: *id })
        })
        .collect()
}
