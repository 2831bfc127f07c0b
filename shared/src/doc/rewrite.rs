//! Writing the same again: what changed between two moments, as edits of a person.
//!
//! When changes cannot stand under the actor that made them (a copied disk, something they
//! rested on was set aside), their text is written anew under another actor. That must not
//! need the changes themselves, only what the document said before and after.
use std::collections::BTreeMap;

use automerge::{ObjId, ObjType, ROOT, ReadDoc};

use super::{
    chunk::theirs,
    document::Document,
    read::{View, scalar},
    schema::{self, Field, FieldType},
    write::{Edit, Initial},
};
use crate::model::{ChangeHash, FieldPath, ItemId, Value};

/// What one field says, whatever its type.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Text(String),
    Scalar(Value),
    Set(Vec<String>),
    List(Vec<Item>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    id: ItemId,
    removed: Option<String>,
    fields: Vec<(&'static Field, Said)>,
}

impl Document {
    /// Returns edits that make a document that says what this one said at `before` say what
    /// it says now. Empty when `before` is unknown or nothing changed.
    pub fn edits_since(&self, before: &[ChangeHash]) -> Vec<Edit> {
        if !before.iter().all(|h| self.has(h)) {
            return Vec::new();
        }
        let fields = schema::fields(self.kind);
        let then = View::at(&self.am, theirs(before));
        let now = View::now(&self.am);
        let mut edits = Vec::new();
        let old = said_of(&then, &ROOT, fields);
        let new = said_of(&now, &ROOT, fields);
        compare(&old, &new, &|key| FieldPath::top(key), &mut edits);
        edits
    }
}

fn said_of<R: ReadDoc>(
    view: &View<'_, R>,
    obj: &ObjId,
    fields: &'static [Field],
) -> Vec<(&'static Field, Said)> {
    fields.iter().map(|f| (f, said(view, obj, f))).collect()
}

fn said<R: ReadDoc>(view: &View<'_, R>, obj: &ObjId, field: &'static Field) -> Said {
    match field.ty {
        FieldType::Text => Said::Text(
            view.containers(obj, field.key, ObjType::Text)
                .first()
                .map(|t| view.text_of(t))
                .unwrap_or_default(),
        ),
        FieldType::Scalar(_) | FieldType::Judgement(_) => {
            Said::Scalar(view.all(obj, field.key).last().map_or(Value::Empty, |(v, _)| scalar(v)))
        }
        FieldType::Set(_) => {
            let mut members: Vec<String> = view
                .containers(obj, field.key, ObjType::Map)
                .iter()
                .flat_map(|set| {
                    view.keys(set).into_iter().filter(|m| {
                        view.all(set, m).iter().any(|(v, _)| scalar(v) == Value::Bool(true))
                    })
                })
                .collect();
            members.sort();
            members.dedup();
            Said::Set(members)
        }
        FieldType::List(fields) => Said::List(
            view.containers(obj, field.key, ObjType::List)
                .iter()
                .flat_map(|list| view.items(list))
                .filter_map(|item| {
                    let removed = view
                        .all(&item, schema::REMOVED)
                        .last()
                        .and_then(|(v, _)| scalar(v).as_text().map(str::to_owned));
                    let id = view.item_id(&item)?;
                    Some(Item { id, removed, fields: said_of(view, &item, fields) })
                })
                .collect(),
        ),
    }
}

fn compare(
    old: &[(&'static Field, Said)],
    new: &[(&'static Field, Said)],
    path: &dyn Fn(&str) -> FieldPath,
    edits: &mut Vec<Edit>,
) {
    for ((field, old), (_, new)) in old.iter().zip(new) {
        if old == new {
            continue;
        }
        let field_path = path(field.key);
        match (old, new) {
            (Said::Text(_), Said::Text(text)) => {
                edits.push(Edit::ReplaceText { field: field_path, text: text.clone() });
            }
            (Said::Scalar(_), Said::Scalar(value)) => {
                edits.push(Edit::SetField { field: field_path, value: value.clone() });
            }
            (Said::Set(old), Said::Set(new)) => {
                for member in new.iter().filter(|m| !old.contains(m)) {
                    let (field, member) = (field_path.clone(), member.clone());
                    edits.push(Edit::AddMember { field, member });
                }
                for member in old.iter().filter(|m| !new.contains(m)) {
                    edits.push(Edit::RemoveMember {
                        field: field_path.clone(),
                        member: member.clone(),
                        reason: "—".into(),
                    });
                }
            }
            (Said::List(old), Said::List(new)) => lists(field.key, old, new, edits),
            _ => {}
        }
    }
}

fn lists(list: &'static str, old: &[Item], new: &[Item], edits: &mut Vec<Edit>) {
    for item in new {
        let path = |key: &str| FieldPath::item(list, item.id, key);
        match old.iter().find(|o| o.id == item.id) {
            Some(before) => {
                compare(&before.fields, &item.fields, &path, edits);
                match (&before.removed, &item.removed) {
                    (None, Some(reason)) => edits.push(Edit::RemoveItem {
                        item: schema::item_path(list, item.id),
                        reason: reason.clone(),
                    }),
                    (Some(_), None) => {
                        edits.push(Edit::RestoreItem { item: schema::item_path(list, item.id) });
                    }
                    _ => {}
                }
            }
            None => {
                let fields: BTreeMap<String, Initial> = item
                    .fields
                    .iter()
                    .filter_map(|(field, said)| {
                        let initial = match said {
                            Said::Text(t) if !t.is_empty() => {
                                Initial::Value(Value::Text(t.clone()))
                            }
                            Said::Scalar(v) if *v != Value::Empty => Initial::Value(v.clone()),
                            Said::Set(m) if !m.is_empty() => Initial::Members(m.clone()),
                            _ => return None,
                        };
                        Some((field.key.to_owned(), initial))
                    })
                    .collect();
                let list_path = FieldPath::top(list);
                edits.push(Edit::AddItem { list: list_path, id: item.id, fields });
                if let Some(reason) = &item.removed {
                    edits.push(Edit::RemoveItem {
                        item: schema::item_path(list, item.id),
                        reason: reason.clone(),
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{doc::Birth, model::DocKind};

    #[test]
    fn what_one_wrote_can_be_written_again_by_another_actor() {
        let birth = Birth::new().text("title", "甲局拆分采购").members("themes", &["采购"]);
        let (mut mine, raw) = Document::born(DocKind::Workpaper, [1; 16], &birth).unwrap();
        let before = mine.heads();
        let mut clean = Document::from_bodies(&[raw]).unwrap();
        let fact = ItemId::from_bytes([9; 16]);
        mine.edit(&[
            Edit::ReplaceText {
                field: FieldPath::top("effect"), text: "多付3.2万元。𠀀".into()
            },
            Edit::SetField { field: FieldPath::top("severity"), value: Value::Text("high".into()) },
            Edit::AddItem {
                list: FieldPath::top("facts"),
                id: fact,
                fields: BTreeMap::from([(
                    "text".to_owned(),
                    Initial::Value(Value::Text("三份合同同一供应商".into())),
                )]),
            },
            Edit::RemoveMember {
                field: FieldPath::top("themes"),
                member: "采购".into(),
                reason: "归类有误".into(),
            },
        ])
        .unwrap();
        mine.edit(&[Edit::ReplaceText {
            field: FieldPath::item("facts", fact, "text"),
            text: "三份合同为同一供应商".into(),
        }])
        .unwrap();

        let edits = mine.edits_since(&before);
        clean.set_actor([2; 16]);
        clean.edit(&edits).unwrap();

        let (a, b) = (mine.reading(), clean.reading());
        let strip = |r: &crate::model::Reading| match &r.body {
            crate::model::Body::Workpaper(w) => w.clone(),
            _ => Default::default(),
        };
        assert_eq!(strip(&a), strip(&b));
        assert!(mine.edits_since(&mine.heads()).is_empty());
    }
}
