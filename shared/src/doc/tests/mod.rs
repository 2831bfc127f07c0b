//! What a person or an invariant would notice of documents.
#![allow(clippy::unwrap_used)]

mod convergence;
mod edits;
mod golden;
mod hostile;
mod trials;

use super::{Birth, Document, Edit};
use crate::model::{Body, DocKind, FieldPath, ItemId, Reading, Value, workpaper::WorkpaperReading};

/// The actor of test device `n`.
fn actor(n: u8) -> [u8; 16] {
    [n; 16]
}

fn item(n: u8) -> ItemId {
    ItemId::from_bytes([n; 16])
}

fn top(name: &str) -> FieldPath {
    FieldPath::top(name)
}

fn set(name: &str, value: &str) -> Edit {
    Edit::SetField { field: top(name), value: Value::Text(value.to_owned()) }
}

fn splice(name: &str, at: usize, delete: usize, insert: &str) -> Edit {
    Edit::SpliceText { field: top(name), at, delete, insert: insert.to_owned() }
}

/// A workpaper of device 1, and its birth.
fn workpaper() -> (Document, Vec<u8>) {
    let birth = Birth::new().text("title", "某市甲局采购拆分问题").members("source", &["谈话"]);
    Document::born(DocKind::Workpaper, actor(1), &birth).expect("the birth is well formed")
}

/// The same document on device `n`.
fn on(doc: &Document, n: u8) -> Document {
    let mut copy = Document::load(&doc.save()).expect("a save loads");
    copy.set_actor(actor(n));
    copy
}

/// Makes edits and returns the change.
fn edit(doc: &mut Document, edits: &[Edit]) -> Vec<u8> {
    doc.edit(edits).expect("the edits fit").expect("the edits change something").raw
}

fn paper(reading: &Reading) -> &WorkpaperReading {
    match &reading.body {
        Body::Workpaper(r) => r,
        other => unreachable!("a workpaper reads as one, not {other:?}"),
    }
}
