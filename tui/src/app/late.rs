//! What content that was set aside would change, for whoever is to answer it.
use shared::model::{Reading, Value};

use super::{
    data::{LateChange, LateWhat},
    sheet::{FieldRow, FieldValue, sheet},
};

/// How much of a long text is shown whole, in characters.
const WHOLE: usize = 60;
/// How much is shown on each side of the place that changes.
const BESIDE: usize = 12;

/// Compares what a document says with what it would say. `name` names a member of a set.
pub fn changes(was: &Reading, now: &Reading, name: impl Fn(&str) -> String) -> Vec<LateChange> {
    let before = sheet(was, None);
    let mut out = Vec::new();
    for row in sheet(now, None) {
        let old = before.iter().find(|r| r.path == row.path);
        let FieldValue::Item { id, text, removed, .. } = &row.value else {
            out.extend(field(old, &row, &name));
            continue;
        };
        let what = match old.map(|r| &r.value) {
            None => LateWhat::Added(text.clone()),
            Some(FieldValue::Item { removed: None, .. }) if removed.is_some() => {
                LateWhat::TakenOut(text.clone())
            }
            Some(_) => {
                let within = |reading: &Reading| -> Vec<FieldRow> {
                    let rows = sheet(reading, Some(*id)).into_iter();
                    rows.filter(|r| r.item() == Some(*id) && r.path != row.path).collect()
                };
                let old = within(was);
                for sub in within(now) {
                    out.extend(field(old.iter().find(|r| r.path == sub.path), &sub, &name));
                }
                continue;
            }
        };
        out.push(LateChange { field: shared::model::FieldPath::top(row.key), what });
    }
    out
}

fn field(
    old: Option<&FieldRow>,
    row: &FieldRow,
    name: &impl Fn(&str) -> String,
) -> Option<LateChange> {
    let before = old.map(|r| &r.value);
    let changed = |value| LateChange { field: row.path.clone(), what: LateWhat::Now(value) };
    if before != Some(&row.value) {
        return told(before, &row.value, name).map(changed);
    }
    // Another judgement may stand beside the one that is shown.
    let known = old.and_then(|r| r.conflict.as_ref());
    let mut values = row.conflict.iter().flat_map(|c| &c.values);
    let new = values.find(|v| match known {
        Some(known) => known.values.iter().all(|k| k.op != v.op),
        None => told(None, &row.value, name).as_ref() != Some(&v.value),
    });
    new.map(|v| changed(v.value.clone()))
}

fn told(
    old: Option<&FieldValue>,
    new: &FieldValue,
    name: &impl Fn(&str) -> String,
) -> Option<Value> {
    let text = |text: Option<&str>| {
        let text = text.filter(|t| !t.is_empty());
        text.map_or(Value::Empty, |t| Value::Text(t.to_owned()))
    };
    Some(match new {
        FieldValue::Line(line) => text(Some(line)),
        FieldValue::Text(now) => {
            let before = match old {
                Some(FieldValue::Text(before)) => before.as_str(),
                _ => "",
            };
            text(Some(&place(before, now)))
        }
        FieldValue::Choice { value, .. } => text(value.as_deref()),
        FieldValue::Amount(fen) => fen.map_or(Value::Empty, Value::Int),
        FieldValue::Bool(yes) => Value::Bool(*yes),
        FieldValue::Person(person) => text(person.as_deref().map(name).as_deref()),
        FieldValue::Members { members, .. } => {
            let names: Vec<String> = members.iter().map(|m| name(m)).collect();
            text(Some(&names.join(" ")))
        }
        FieldValue::List(_) | FieldValue::Item { .. } => return None,
    })
}

/// Cuts out of a long text the place that changes, with a little on both sides.
fn place(before: &str, now: &str) -> String {
    let (a, b): (Vec<char>, Vec<char>) = (before.chars().collect(), now.chars().collect());
    if b.len() <= WHOLE {
        return now.to_owned();
    }
    let same = |a: &mut dyn Iterator<Item = &char>, b: &mut dyn Iterator<Item = &char>| {
        a.zip(b).take_while(|(x, y)| x == y).count()
    };
    let head = same(&mut a.iter(), &mut b.iter());
    let most = a.len().min(b.len()) - head;
    let tail = same(&mut a.iter().rev(), &mut b.iter().rev()).min(most);
    let from = head.saturating_sub(BESIDE);
    let to = (b.len() - tail + BESIDE).min(b.len());
    let cut: String = b[from..to].iter().collect();
    let (left, right) = (if from > 0 { "……" } else { "" }, if to < b.len() { "……" } else { "" });
    format!("{left}{cut}{right}")
}

#[cfg(test)]
mod tests {
    use shared::model::{Body, FieldPath, workpaper::Severity};

    use super::*;
    use crate::app::fixture::{self, Length};

    #[test]
    fn what_is_added_said_and_judged_anew_is_told() {
        let was = fixture::paper(Length::Usual);
        let mut now = was.clone();
        let Body::Workpaper(paper) = &mut now.body else { unreachable!() };
        paper.condition = "分四次采购。".into();
        paper.severity = Some(Severity::Low);
        let mut fact = paper.facts[0].clone();
        (fact.id, fact.text) = (fixture::item(77), "第四次在12月".into());
        paper.facts.push(fact);
        let told = |field: &str, what| LateChange { field: FieldPath::top(field), what };
        let text = |text: &str| LateWhat::Now(Value::Text(text.into()));
        assert_eq!(
            changes(&was, &now, str::to_owned),
            [
                told("condition", text("分四次采购。")),
                told("facts", LateWhat::Added("第四次在12月".into())),
                told("severity", text("low")),
            ]
        );
        assert!(changes(&was, &was, str::to_owned).is_empty());
    }

    #[test]
    fn of_a_long_text_the_place_that_changes_is_told() {
        let long = "甲".repeat(100);
        let changed = format!("{}乙{}", &long[..150], &long[150..]);
        let around = "甲".repeat(12);
        assert_eq!(place(&long, &changed), format!("……{around}乙{around}……"));
        assert_eq!(place("", "短"), "短");
    }
}
