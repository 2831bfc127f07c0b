//! Judgement fields with concurrent values: shown, settled by a command, never by overwriting.
use std::collections::BTreeMap;

use super::{
    case::{Case, reason_given, wrong_stage},
    event::{Decision, DocEvent, Event, SpaceKind},
    record::{Matter, Record, Resolution},
    refusal::Refusal,
    state::{LEADING_ROLES, OFFICE_ROLES},
};
use crate::model::{Body, Conflict, FieldPath, Reading, Value, workpaper::Severity};

/// Returns the operations of a conflict, sorted: the set a resolution names.
pub fn ops_of(conflict: &Conflict) -> Vec<String> {
    let mut ops: Vec<String> = conflict.values.iter().map(|v| v.op.clone()).collect();
    ops.sort_unstable();
    ops.dedup();
    ops
}

/// Returns the conflicts nobody has settled: those without a resolution that names exactly
/// the values that stand beside each other now.
pub fn unsettled<'a>(
    reading: &'a Reading,
    resolutions: &BTreeMap<FieldPath, Resolution>,
) -> Vec<&'a Conflict> {
    let settled = |c: &&Conflict| resolutions.get(&c.field).is_some_and(|r| r.ops == ops_of(c));
    reading.conflicts.iter().filter(|c| !settled(c)).collect()
}

/// Returns the reading with settled fields showing the value chosen, and only unsettled
/// conflicts left. This is what is rendered, signed and checked by the gate.
pub fn settle(reading: &Reading, resolutions: &BTreeMap<FieldPath, Resolution>) -> Reading {
    let mut out = reading.clone();
    out.conflicts = unsettled(reading, resolutions).into_iter().cloned().collect();
    for conflict in &reading.conflicts {
        if let Some(r) = resolutions.get(&conflict.field)
            && r.ops == ops_of(conflict)
        {
            choose(&mut out.body, &conflict.field, &r.chosen);
        }
    }
    out
}

fn choose(body: &mut Body, field: &FieldPath, chosen: &Value) {
    let text = || chosen.as_text().unwrap_or_default().to_owned();
    match (body, field.0.as_str()) {
        (Body::Workpaper(w), "severity") => {
            w.severity = chosen.as_text().and_then(Severity::from_name);
        }
        (Body::Workpaper(w), "responsible") => w.responsible = text(),
        (Body::Workpaper(w), "characterisation") => w.characterisation = text(),
        (Body::Workpaper(w), "amount_fen") => {
            w.amount_fen = match chosen {
                Value::Int(fen) => Some(*fen),
                _ => None,
            };
        }
        (Body::Consultation(c), "characterisation") => c.characterisation = text(),
        (Body::Consultation(c), "sufficiency") => c.sufficiency = text(),
        (Body::Consultation(c), "disposition") => c.disposition = text(),
        // A field this build does not show settled stays as the schema reads it.
        _ => {}
    }
}

/// Checks that no judgement field is left unsettled.
pub(super) fn none_left(reading: &Reading, record: &Record) -> Result<(), Refusal> {
    let fields: Vec<FieldPath> =
        unsettled(reading, &record.resolutions).into_iter().map(|c| c.field.clone()).collect();
    if fields.is_empty() { Ok(()) } else { Err(Refusal::Conflicted { fields }) }
}

/// Decides `ResolveConflict`.
pub(super) fn resolve(
    case: &Case<'_>,
    field: &FieldPath,
    ops: &[String],
    chosen: &Value,
    reason: &str,
) -> Result<Decision, Refusal> {
    case.within(&[SpaceKind::Engagement, SpaceKind::Protected, SpaceKind::Consultation])?;
    let record = case.record()?;
    let by = match &record.matter {
        Matter::Consultation(c) if case.actor.who() == Some(c.raised_by) => case.member()?.person,
        Matter::Consultation(_) => case.holding(OFFICE_ROLES)?.person,
        _ => case.holding(LEADING_ROLES)?.person,
    };
    if record.standing().is_some() {
        return Err(wrong_stage("signed"));
    }
    reason_given(reason)?;
    let conflict = case
        .content()?
        .reading
        .conflicts
        .iter()
        .find(|c| c.field == *field)
        .ok_or(Refusal::NotAConflict)?;
    let mut named = ops.to_vec();
    named.sort_unstable();
    named.dedup();
    let standing = ops_of(conflict);
    if named != standing {
        return Err(Refusal::ValuesDiffer { ops: standing });
    }
    if !conflict.values.iter().any(|v| v.value == *chosen) {
        return Err(Refusal::NotOneOfTheValues);
    }
    Ok(Decision::of(vec![DocEvent::of(
        record.doc,
        Event::ConflictResolved {
            by,
            field: field.clone(),
            ops: named,
            chosen: chosen.clone(),
            reason: reason.to_owned(),
        },
    )]))
}
