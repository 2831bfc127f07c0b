//! What no honest build writes is refused, alone, and hides nothing.
use automerge::{
    ActorId, Automerge, ObjType, ROOT, ReadDoc, ScalarValue,
    legacy::{ElementId, Key, OpId},
    transaction::{CommitOptions, Transactable, Transaction},
};

use super::*;
use crate::{
    doc::{Gate, SchemaFault, TrialRequest, chunk::ChunkError, document, try_batch},
    model::TouchKind,
};

/// Writes what `f` wants into a copy of `doc`, past every check, and returns the change.
fn forged(doc: &Document, n: u8, f: impl FnOnce(&mut Transaction<'_>)) -> Vec<u8> {
    let mut am = document::load(&doc.save()).unwrap();
    am.set_actor(ActorId::from(actor(n)));
    raw(&mut am, CommitOptions::default().with_time(0), f)
}

fn raw(
    am: &mut Automerge,
    options: CommitOptions,
    f: impl FnOnce(&mut Transaction<'_>),
) -> Vec<u8> {
    let mut tx = am.transaction();
    f(&mut tx);
    let hash = tx.commit_with(options).0.unwrap();
    am.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec()
}

fn fault(doc: &Document, body: &[u8]) -> SchemaFault {
    let mut gate = Gate::of(doc);
    let fault = gate.admit(&[body]).remove(0).expect_err("the gate refuses it");
    let after = gate.into_document().unwrap().unwrap();
    assert_eq!(after.heads(), doc.heads(), "nothing of it is applied");
    fault
}

#[test]
fn a_second_container_over_a_key_is_refused() {
    let (doc, _) = workpaper();
    let body = forged(&doc, 6, |tx| {
        tx.put_object(ROOT, "effect", ObjType::Text).unwrap();
    });
    assert_eq!(fault(&doc, &body), SchemaFault::SecondContainer { field: top("effect") });
    // And if one is there all the same, neither text is hidden.
    let mut both = on(&doc, 2);
    edit(&mut both, &[splice("effect", 0, 0, "原文")]);
    let other = forged(&doc, 6, |tx| {
        let text = tx.put_object(ROOT, "effect", ObjType::Text).unwrap();
        tx.splice_text(&text, 0, 0, "替换").unwrap();
    });
    let rival = forged(&doc, 7, |tx| {
        let text = tx.put_object(ROOT, "effect", ObjType::Text).unwrap();
        tx.splice_text(&text, 0, 0, "再换").unwrap();
    });
    both.apply(&[other, rival]).unwrap();
    let conflicts = both.reading().conflicts;
    let values: Vec<_> = conflicts[0].values.iter().filter_map(|v| v.value.as_text()).collect();
    assert_eq!(values, ["替换", "再换"]);
}

#[test]
fn unknown_keys_and_wrong_values_are_refused() {
    let (doc, _) = workpaper();
    let body = forged(&doc, 6, |tx| tx.put(ROOT, "approved", true).unwrap());
    assert_eq!(
        fault(&doc, &body),
        SchemaFault::UnknownKey { place: String::new(), key: "approved".into() }
    );
    let body = forged(&doc, 6, |tx| tx.put(ROOT, "amount_fen", "三万").unwrap());
    assert_eq!(fault(&doc, &body), SchemaFault::WrongValue { field: top("amount_fen") });
    let body = forged(&doc, 6, |tx| tx.put(ROOT, "title", ScalarValue::counter(1)).unwrap());
    assert_eq!(fault(&doc, &body), SchemaFault::WrongValue { field: top("title") });
    let body = forged(&doc, 6, |tx| tx.put(ROOT, "kind", "notice").unwrap());
    assert_eq!(fault(&doc, &body), SchemaFault::Immutable { field: top("kind") });
    let body = forged(&doc, 6, |tx| {
        let (_, set) = tx.get(ROOT, "evidence").unwrap().unwrap();
        tx.put(&set, "not an id", true).unwrap();
    });
    assert!(matches!(fault(&doc, &body), SchemaFault::UnknownKey { .. }));
}

#[test]
fn deleting_is_refused() {
    let (mut doc, _) = workpaper();
    let add = Edit::AddItem { list: top("facts"), id: item(1), fields: Default::default() };
    edit(&mut doc, &[add]);
    let body = forged(&doc, 6, |tx| tx.delete(ROOT, "effect").unwrap());
    assert_eq!(fault(&doc, &body), SchemaFault::Deleted { field: top("effect") });
    let body = forged(&doc, 6, |tx| tx.put(ROOT, "effect", "短").unwrap());
    assert_eq!(fault(&doc, &body), SchemaFault::Deleted { field: top("effect") });
    let body = forged(&doc, 6, |tx| {
        let (_, facts) = tx.get(ROOT, "facts").unwrap().unwrap();
        tx.delete(&facts, 0).unwrap();
    });
    assert_eq!(fault(&doc, &body), SchemaFault::Deleted { field: top("facts") });
}

#[test]
fn half_an_item_or_another_with_the_same_id_is_refused() {
    let (mut doc, _) = workpaper();
    let add = Edit::AddItem { list: top("facts"), id: item(1), fields: Default::default() };
    edit(&mut doc, &[add]);
    for (id, whole) in [(item(2), false), (item(1), true)] {
        let body = forged(&doc, 6, |tx| {
            let (_, facts) = tx.get(ROOT, "facts").unwrap().unwrap();
            let fact = tx.insert_object(&facts, 0, ObjType::Map).unwrap();
            tx.put(&fact, "id", id.to_string()).unwrap();
            tx.put_object(&fact, "text", ObjType::Text).unwrap();
            if whole {
                tx.put_object(&fact, "evidence", ObjType::Map).unwrap();
                tx.put_object(&fact, "statements", ObjType::Map).unwrap();
            }
        });
        assert_eq!(fault(&doc, &body), SchemaFault::PartialItem { list: top("facts") });
    }
}

#[test]
fn a_new_item_does_not_open_an_old_one_with_the_same_id() {
    let (mut doc, _) = workpaper();
    let add = Edit::AddItem { list: top("facts"), id: item(1), fields: Default::default() };
    edit(&mut doc, &[add]);
    let body = forged(&doc, 6, |tx| {
        let (_, criteria) = tx.get(ROOT, "criteria").unwrap().unwrap();
        let criterion = tx.insert_object(&criteria, 0, ObjType::Map).unwrap();
        tx.put(&criterion, "id", item(1).to_string()).unwrap();
        let (_, facts) = tx.get(ROOT, "facts").unwrap().unwrap();
        let (_, fact) = tx.get(&facts, 0).unwrap().unwrap();
        tx.put_object(&fact, "text", ObjType::Text).unwrap();
    });
    let field = FieldPath::item("facts", item(1), "text");
    assert_eq!(fault(&doc, &body), SchemaFault::SecondContainer { field });
}

#[test]
fn marks_and_blocks_in_a_text_are_refused() {
    use automerge::marks::{ExpandMark, Mark};
    let (mut doc, _) = workpaper();
    edit(&mut doc, &[splice("effect", 0, 0, "影响较坏")]);
    let body = forged(&doc, 6, |tx| {
        let (_, text) = tx.get(ROOT, "effect").unwrap().unwrap();
        tx.mark(&text, Mark::new("bold".into(), true, 0, 2), ExpandMark::Both).unwrap();
    });
    assert_eq!(fault(&doc, &body), SchemaFault::WrongOperation { field: top("effect") });
    let body = forged(&doc, 6, |tx| {
        let (_, text) = tx.get(ROOT, "effect").unwrap().unwrap();
        tx.split_block(&text, 1).unwrap();
    });
    assert_eq!(fault(&doc, &body), SchemaFault::WrongOperation { field: top("effect") });
}

#[test]
fn a_number_used_twice_by_one_actor_is_refused() {
    let (doc, _) = workpaper();
    let (mut a, mut b) = (on(&doc, 2), on(&doc, 2));
    let first = edit(&mut a, &[set("place", "某市")]);
    let twin = edit(&mut b, &[set("place", "某县")]);
    let after = edit(&mut a, &[set("party", "某公司")]);
    let mut gate = Gate::of(&doc);
    let told = gate.admit(&[&first, &twin, &after, &first]);
    assert!(told[0].is_ok() && told[2].is_ok());
    assert!(matches!(told[1], Err(SchemaFault::WrongSeq { found: 1, expected: 2, .. })));
    assert_eq!(told[3], Ok(Default::default()), "a known change is a no-op");
    let doc = gate.into_document().unwrap().unwrap();
    assert_eq!(doc.reading(), a.reading());
}

#[test]
fn a_conflict_cannot_be_settled_one_value_at_a_time() {
    let (doc, _) = workpaper();
    let (mut a, mut b) = (on(&doc, 2), on(&doc, 3));
    edit(&mut a, &[set("severity", "high")]);
    let from_b = edit(&mut b, &[set("severity", "low")]);
    a.apply(&[&from_b]).unwrap();
    // An honest change over both, re-encoded to overwrite only one of them.
    let mut copy = on(&a, 6);
    let raw = edit(&mut copy, &[set("severity", "medium")]);
    let mut change = automerge::Change::from_bytes(raw).unwrap().decode();
    let one = change.operations[0].pred.get(0).cloned().unwrap();
    change.operations[0].pred = vec![one].into();
    let forged = automerge::Change::from(change).raw_bytes().to_vec();
    assert_eq!(fault(&a, &forged), SchemaFault::WrongPred { field: top("severity") });
}

#[test]
fn headers_that_no_build_writes_are_refused() {
    let (doc, birth) = workpaper();
    let mut am = document::load(&doc.save()).unwrap();
    am.set_actor(ActorId::from(actor(6)));
    let dated = CommitOptions::default().with_time(1_700_000_000);
    let body = raw(&mut am, dated, |tx| tx.put(ROOT, "place", "某市").unwrap());
    assert!(matches!(fault(&doc, &body), SchemaFault::NotCanonical { .. }));

    let mut later = on(&doc, 2);
    edit(&mut later, &[set("place", "某市")]);
    let orphan = edit(&mut later, &[set("place", "某县")]);
    assert!(matches!(fault(&doc, &orphan), SchemaFault::MissingDep { .. }));

    let (_, second) = Document::born(DocKind::Workpaper, actor(7), &Birth::new()).unwrap();
    assert_eq!(fault(&doc, &second), SchemaFault::SecondBirth);
    assert_eq!(
        fault(&doc, &doc.save()),
        SchemaFault::Chunk(ChunkError::WrongType { at: 0, found: 0 })
    );
    let mut broken = birth.clone();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    let mut mixed = edit(&mut on(&doc, 8), &[set("place", "某市")]);
    mixed.extend(edit(&mut on(&doc, 9), &[set("place", "某县")]));
    assert_eq!(fault(&doc, &mixed), SchemaFault::MixedActors);
    assert!(matches!(fault(&doc, &broken), SchemaFault::Chunk(_)));
    assert!(matches!(fault(&doc, &birth[..20]), SchemaFault::Chunk(ChunkError::Short { at: 0 })));
}

#[test]
fn an_operation_at_a_place_that_does_not_exist_never_stops_the_others() {
    let (mut doc, _) = workpaper();
    edit(&mut doc, &[splice("effect", 0, 0, "影响较坏")]);
    let mut other = on(&doc, 6);
    let raw = edit(&mut other, &[splice("effect", 1, 0, "很")]);
    // Place 3 is another container; 999 is nowhere; the last is there but was not seen.
    let unseen = edit(&mut on(&doc, 5), &[splice("effect", 4, 0, "。")]);
    let after = automerge::Change::from_bytes(unseen.clone()).unwrap().start_op().get();
    let forged = [(3, 1), (999, 1), (after, 5)].map(|(counter, n)| {
        let mut change = automerge::Change::from_bytes(raw.clone()).unwrap().decode();
        let ghost = OpId::new(counter, &ActorId::from(actor(n)));
        change.operations[0].key = Key::Seq(ElementId::Id(ghost));
        automerge::Change::from(change).raw_bytes().to_vec()
    });
    let honest = edit(&mut on(&doc, 4), &[set("place", "某市")]);
    doc.apply(&[unseen]).unwrap();
    let mut gate = Gate::of(&doc);
    let [one, two, three] = forged;
    let told = gate.admit(&[one, two, three, honest]);
    for told in &told[..3] {
        assert_eq!(told, &Err(SchemaFault::UnknownElement { field: top("effect") }));
    }
    assert!(told[3].is_ok(), "{told:?}");
    let after = gate.into_document().unwrap().unwrap().reading();
    assert_eq!(
        (paper(&after).effect.as_str(), paper(&after).place.as_str()),
        ("影响较坏。", "某市")
    );
}

/// A workpaper as a build before this one could have made it, without most containers.
fn older() -> Document {
    let mut am = document::empty();
    am.set_actor(ActorId::from(actor(1)));
    raw(&mut am, CommitOptions::default().with_time(0), |tx| {
        tx.put(ROOT, "kind", "workpaper").unwrap();
        tx.put(ROOT, "schema", 0).unwrap();
        tx.put(ROOT, "title", "旧底稿").unwrap();
        let text = tx.put_object(ROOT, "condition", ObjType::Text).unwrap();
        tx.splice_text(&text, 0, 0, "旧文").unwrap();
    });
    Document::load(&am.save()).unwrap()
}

#[test]
fn older_shapes_are_read_and_never_grow_containers() {
    let mut doc = older();
    let reading = doc.reading();
    assert_eq!(reading.schema, 0);
    assert_eq!(
        (paper(&reading).title.as_str(), paper(&reading).condition.as_str()),
        ("旧底稿", "旧文")
    );
    assert_eq!((paper(&reading).effect.as_str(), paper(&reading).facts.len()), ("", 0));
    let add = splice("effect", 0, 0, "影响");
    assert_eq!(
        doc.edit(&[add]),
        Err(crate::doc::EditError::NotBorn { field: "effect".into(), schema: 0 })
    );
    doc.set_actor(actor(2));
    let base = doc.clone();
    let body = edit(&mut doc, &[set("severity", "low"), splice("condition", 2, 0, "新文")]);
    let touched = Gate::of(&base).admit(&[body]).remove(0).unwrap();
    assert_eq!(
        touched.touches.iter().map(|t| t.kind).collect::<Vec<_>>(),
        [TouchKind::Splice, TouchKind::Set]
    );
}

#[test]
fn a_birth_by_a_newer_build_waits_for_an_update() {
    let mut am = document::empty();
    let body = raw(&mut am, CommitOptions::default().with_time(0), |tx| {
        tx.put(ROOT, "kind", "workpaper").unwrap();
        tx.put(ROOT, "schema", 9).unwrap();
    });
    let request = TrialRequest { batch: vec![body.into()], ..TrialRequest::default() };
    let report = try_batch(&request).unwrap();
    assert_eq!(report.per, [Err(SchemaFault::NewerSchema { schema: 9 })]);
    assert_eq!((report.reading, report.heads.len()), (None, 0));
}

#[test]
fn writing_beside_what_another_deleted_is_honest() {
    let (mut doc, _) = workpaper();
    edit(&mut doc, &[splice("effect", 0, 0, "影响较坏")]);
    let late = edit(&mut on(&doc, 4), &[splice("effect", 2, 1, "很")]);
    edit(&mut doc, &[splice("effect", 0, 4, "")]);
    let mut gate = Gate::of(&doc);
    assert!(gate.admit(&[late])[0].is_ok());
    let after = gate.into_document().unwrap().unwrap().reading();
    assert_eq!(paper(&after).effect, "很");
}
