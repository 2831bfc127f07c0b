//! Every edit, what it writes, and what the gate tells of it.
use std::collections::BTreeMap;

use super::*;
use crate::{
    doc::{EditError, Gate, Initial, Span, TextSplice},
    model::{EvidenceId, Touch, TouchKind},
};

/// Returns what the gate tells of a change to `base`.
fn told(base: &Document, body: &[u8]) -> Vec<(String, TouchKind)> {
    let touched = Gate::of(base).admit(&[body]).remove(0).expect("an honest change passes");
    assert_eq!(touched.birth, None);
    touched.touches.into_iter().map(|Touch { field, kind }| (field.0, kind)).collect()
}

fn fact(id: u8, text: &str) -> Edit {
    let evidence = EvidenceId::from_bytes([7; 16]).to_string();
    let fields = BTreeMap::from([
        ("text".to_owned(), Initial::Value(Value::Text(text.to_owned()))),
        ("evidence".to_owned(), Initial::Members(vec![evidence])),
    ]);
    Edit::AddItem { list: top("facts"), id: item(id), fields }
}

#[test]
fn the_gate_tells_a_birth_and_its_first_values() {
    let (_, birth) = workpaper();
    let mut gate = Gate::default();
    let touched = gate.admit(&[birth]).remove(0).unwrap();
    assert_eq!(touched.birth, Some(DocKind::Workpaper));
    let fields: Vec<_> = touched.touches.iter().map(|t| (t.field.0.as_str(), t.kind)).collect();
    assert_eq!(fields, [("source", TouchKind::Add), ("title", TouchKind::Set)]);
    let doc = gate.into_document().unwrap().unwrap();
    assert_eq!(paper(&doc.reading()).title, "某市甲局采购拆分问题");
}

#[test]
fn the_gate_tells_each_kind_of_edit() {
    let (mut doc, _) = workpaper();
    let fact_path = format!("facts/{}", item(1));
    let text_path = FieldPath::item("facts", item(1), "text");
    let member = EvidenceId::from_bytes([8; 16]).to_string();
    let evidence_path = FieldPath::item("facts", item(1), "evidence");
    let reason = "与事实二重复".to_owned();
    let cases = [
        (set("severity", "high"), "severity".to_owned(), TouchKind::Set),
        (splice("effect", 0, 0, "影响恶劣"), "effect".to_owned(), TouchKind::Splice),
        (
            Edit::ReplaceText { field: top("effect"), text: "影响较坏".into() },
            "effect".to_owned(),
            TouchKind::Splice,
        ),
        (fact(1, "甲局三次拆分采购"), fact_path.clone(), TouchKind::Add),
        (
            Edit::SpliceText { field: text_path.clone(), at: 0, delete: 1, insert: "乙".into() },
            text_path.0.clone(),
            TouchKind::Splice,
        ),
        (
            Edit::AddMember { field: evidence_path.clone(), member: member.clone() },
            evidence_path.0.clone(),
            TouchKind::Add,
        ),
        (
            Edit::RemoveMember { field: evidence_path.clone(), member, reason: reason.clone() },
            evidence_path.0.clone(),
            TouchKind::Remove,
        ),
        (
            Edit::RemoveItem { item: FieldPath(fact_path.clone()), reason },
            fact_path.clone(),
            TouchKind::Remove,
        ),
        (
            Edit::RestoreItem { item: FieldPath(fact_path.clone()) },
            fact_path.clone(),
            TouchKind::Add,
        ),
    ];
    for (e, field, kind) in cases {
        let base = doc.clone();
        let raw = edit(&mut doc, std::slice::from_ref(&e));
        assert_eq!(told(&base, &raw), [(field, kind)], "{e:?}");
    }
    let reading = doc.reading();
    assert_eq!(paper(&reading).facts[0].text, "乙局三次拆分采购");
    assert_eq!(paper(&reading).facts[0].removed, None);
    assert_eq!(paper(&reading).effect, "影响较坏");
}

#[test]
fn a_removed_item_stays_with_its_reason() {
    let (mut doc, _) = workpaper();
    edit(&mut doc, &[fact(1, "甲局拆分采购")]);
    let path = FieldPath(format!("facts/{}", item(1)));
    edit(&mut doc, &[Edit::RemoveItem { item: path.clone(), reason: "查无实据".into() }]);
    let reading = doc.reading();
    assert_eq!(paper(&reading).facts[0].text, "甲局拆分采购");
    assert_eq!(paper(&reading).facts[0].removed.as_deref(), Some("查无实据"));
    let no_reason = Edit::RemoveItem { item: path, reason: " ".into() };
    assert_eq!(doc.edit(&[no_reason]), Err(EditError::NoReason));
}

#[test]
fn settling_a_conflict_is_told_apart_from_setting() {
    let (doc, _) = workpaper();
    let (mut a, mut b) = (on(&doc, 2), on(&doc, 3));
    edit(&mut a, &[set("severity", "high"), set("title", "甲")]);
    let from_b = edit(&mut b, &[set("severity", "low"), set("title", "乙")]);
    a.apply(&[from_b]).unwrap();
    let base = a.clone();
    let raw = edit(&mut a, &[set("severity", "medium"), set("title", "丙")]);
    assert_eq!(
        told(&base, &raw),
        [("severity".to_owned(), TouchKind::SetOverConflict), ("title".to_owned(), TouchKind::Set)]
    );
}

#[test]
fn a_failing_edit_leaves_nothing_of_its_call() {
    let (mut doc, _) = workpaper();
    let (reading, heads) = (doc.reading(), doc.heads());
    let mut fresh = on(&doc, 5);
    for doc in [&mut doc, &mut fresh] {
        let past = splice("effect", 5, 0, "无");
        assert_eq!(
            doc.edit(&[set("place", "某市"), past]),
            Err(EditError::PastEnd { field: "effect".into(), at: 5, len: 0 })
        );
        assert_eq!(
            doc.edit(&[set("nothing", "x")]),
            Err(EditError::UnknownField { field: "nothing".into() })
        );
        assert_eq!(
            doc.edit(&[set("effect", "x")]),
            Err(EditError::WrongType { field: "effect".into() })
        );
        assert_eq!(
            doc.edit(&[set("severity", "huge")]),
            Err(EditError::WrongType { field: "severity".into() })
        );
        let ghost = Edit::RemoveItem {
            item: FieldPath(format!("facts/{}", item(9))),
            reason: "误录".into(),
        };
        assert_eq!(doc.edit(&[ghost]), Err(EditError::NoSuchItem { item: item(9) }));
        assert_eq!(doc.reading(), reading);
        assert_eq!(Document::load(&doc.save()).unwrap().heads(), heads);
        edit(doc, &[fact(3, "仍可继续写")]);
    }
}

#[test]
fn a_long_edit_is_several_changes_that_the_gate_passes_one_by_one() {
    use crate::journal::precheck::{Limits, check_each};

    let (mut doc, birth) = workpaper();
    let text: String = ["甲a", "乙b"].repeat(4_000).concat();
    let long = BTreeMap::from([("text".to_owned(), Initial::Value(Value::Text(text.clone())))]);
    let add = Edit::AddItem { list: top("facts"), id: item(1), fields: long };
    let mut raw = edit(&mut doc, &[add, splice("effect", 0, 0, &text)]);
    // Somebody writes into it everywhere, so that what goes out is nowhere in one piece.
    let mut other = on(&doc, 2);
    let between: Vec<Edit> = (0..1_000).map(|n| splice("effect", 2 * n, 0, "夹")).collect();
    let theirs = edit(&mut other, &between);
    doc.apply(std::slice::from_ref(&theirs)).unwrap();
    let replaced: String = paper(&doc.reading()).effect.chars().rev().collect();
    let replace = Edit::ReplaceText { field: top("effect"), text: replaced.clone() };
    raw.extend(edit(&mut doc, &[replace]));

    let limits = Limits::default();
    let made = check_each(&raw, &limits).unwrap();
    assert!(made.len() > 3);
    assert!(made.iter().all(|c| c.len <= limits.bytes && c.ops <= limits.ops));
    check_each(&theirs, &limits).unwrap();
    let reading = doc.reading();
    assert_eq!((&paper(&reading).effect, &paper(&reading).facts[0].text), (&replaced, &text));
    let received = Document::from_bodies(&[birth, raw, theirs]).unwrap();
    assert_eq!(received.reading(), reading);
}

#[test]
fn a_long_edit_that_fails_late_leaves_nothing_of_its_call() {
    let (mut doc, _) = workpaper();
    let (reading, heads) = (doc.reading(), doc.heads());
    let edits = [splice("effect", 0, 0, &"甲".repeat(30_000)), splice("place", 0, 0, "错")];
    assert!(matches!(doc.edit(&edits), Err(EditError::WrongType { .. })));
    assert_eq!((doc.reading(), doc.heads()), (reading, heads));
    edit(&mut doc, &[splice("effect", 0, 0, "乙")]);
    assert_eq!(paper(&doc.reading()).effect, "乙");
}

#[test]
fn a_long_text_follows_the_birth() {
    let text = "甲".repeat(60_000);
    let birth = Birth::new().text("effect", &text).text("title", "甲局");
    let (doc, raw) = Document::born(DocKind::Workpaper, actor(1), &birth).unwrap();
    assert_eq!(paper(&doc.reading()).effect, text);
    let received = Document::from_bodies(&[raw]).unwrap();
    assert_eq!(received.reading(), doc.reading());
}

#[test]
fn an_edit_that_changes_nothing_makes_no_change() {
    let (mut doc, _) = workpaper();
    edit(&mut doc, &[splice("effect", 0, 0, "影响")]);
    let same = Edit::ReplaceText { field: top("effect"), text: "影响".into() };
    assert_eq!(doc.edit(&[same]), Ok(None));
    assert_eq!(doc.take_changes().len(), 2);
    assert_eq!(doc.take_changes(), []);
}

#[test]
fn characters_beyond_the_basic_plane_count_as_one() {
    let (mut doc, _) = workpaper();
    let base = doc.clone();
    let raw = edit(&mut doc, &[splice("effect", 0, 0, "𠮷某👨‍👩‍👧e\u{301}家")]);
    assert_eq!(told(&base, &raw).len(), 1);
    edit(&mut doc, &[splice("effect", 1, 1, "张")]);
    assert_eq!(paper(&doc.reading()).effect, "𠮷张👨‍👩‍👧e\u{301}家");
    assert_eq!(doc.authors(&top("effect")), [Span { range: 0..10, actor: "01".repeat(16) }]);
}

#[test]
fn authors_are_told_for_each_stretch() {
    let (mut doc, _) = workpaper();
    edit(&mut doc, &[splice("cause", 0, 0, "制度不全。")]);
    let mut other = on(&doc, 2);
    edit(&mut other, &[splice("cause", 2, 0, "长期")]);
    let (one, two) = ("01".repeat(16), "02".repeat(16));
    assert_eq!(
        other.authors(&top("cause")),
        [
            Span { range: 0..2, actor: one.clone() },
            Span { range: 2..4, actor: two },
            Span { range: 4..7, actor: one },
        ]
    );
}

#[test]
fn others_work_reaches_an_open_editor_as_splices() {
    let (mut doc, _) = workpaper();
    edit(&mut doc, &[splice("cause", 0, 0, "𠮷制度不全。")]);
    let caret = doc.cursor_at(&top("cause"), 3).unwrap();
    let mut other = on(&doc, 2);
    let heads = doc.heads();
    edit(&mut other, &[splice("cause", 1, 0, "长期"), set("place", "某市")]);
    edit(&mut other, &[splice("cause", 7, 1, "，监督不力。")]);
    let bodies: Vec<_> = other.changes_since(&heads).into_iter().map(|c| c.raw).collect();
    let mut text: Vec<char> = doc.text(&top("cause")).unwrap().chars().collect();
    for TextSplice { at, delete, insert } in doc.apply_with_splices(&bodies, &top("cause")).unwrap()
    {
        text.splice(at..at + delete, insert.chars());
    }
    assert_eq!(text.into_iter().collect::<String>(), other.text(&top("cause")).unwrap());
    assert_eq!(doc.index_of(&top("cause"), &caret), Some(5));
    assert_eq!(other.index_of(&top("cause"), &caret), Some(5));
    let elsewhere = format!("3@{}", "01".repeat(16));
    let nobody = format!("3@{}", "09".repeat(16));
    for junk in ["", "@", "-", "度", "9@zz", "1@", &elsewhere, &nobody] {
        assert_eq!(doc.index_of(&top("cause"), junk), None, "{junk:?}");
    }
}
