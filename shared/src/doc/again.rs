//! Saying again: what was written between two places of a document, as edits of another.
//!
//! Changes that cannot stand as they are (a copied disk, a right that was lost in between) are
//! not moved; what they say is written anew, by the same person, under another actor.
use automerge::{Automerge, ObjId, ObjType, ROOT, Value as Stored};

use super::{
    chunk::theirs,
    diff,
    document::Document,
    read::{View, scalar},
    schema::{self, Field, FieldType},
    text::TextSplice,
    write::Edit,
};
use crate::model::{ChangeHash, FieldPath, ItemId, Value};

/// Returns the edits that write into `onto` what `from` says at `after` and not at `before`.
///
/// Texts are carried by their splices, so that what others wrote meanwhile survives; what
/// `onto` says already is not said twice. Heads that `from` does not know say nothing.
///
/// `actor` is the one under which the edits will be made. Items are named anew for it: two
/// machines that run one disk may both say the same item again, and neither knows of the other.
pub fn again(
    from: &Document,
    before: &[ChangeHash],
    after: &[ChangeHash],
    onto: &Document,
    actor: [u8; 16],
) -> Vec<Edit> {
    let known = |heads: &[ChangeHash]| -> Vec<ChangeHash> {
        heads.iter().filter(|h| from.has(h)).copied().collect()
    };
    let (before, after) = (known(before), known(after));
    let mut walk = Walk {
        before: View::at(&from.am, theirs(&before)),
        after: View::at(&from.am, theirs(&after)),
        onto: View::now(&onto.am),
        actor,
        out: Vec::new(),
    };
    // Nothing is there before the first change: not even the containers.
    let held = (!before.is_empty()).then_some(ROOT);
    walk.fields(schema::fields(from.kind), held.as_ref(), &ROOT, Some(&ROOT), &|key| {
        FieldPath::top(key)
    });
    walk.out
}

struct Walk<'a> {
    before: View<'a, Automerge>,
    after: View<'a, Automerge>,
    onto: View<'a, Automerge>,
    actor: [u8; 16],
    out: Vec<Edit>,
}

impl Walk<'_> {
    fn fields(
        &mut self,
        shape: &'static [Field],
        before: Option<&ObjId>,
        after: &ObjId,
        onto: Option<&ObjId>,
        path: &dyn Fn(&str) -> FieldPath,
    ) {
        for field in shape {
            let place = path(field.key);
            match field.ty {
                FieldType::Text => {
                    let was = before.map_or_else(String::new, |o| text(&self.before, o, field.key));
                    let is = text(&self.after, after, field.key);
                    let now = onto.map_or_else(String::new, |o| text(&self.onto, o, field.key));
                    for s in carried(&was, &is, &now).into_iter().rev() {
                        let (at, delete, insert) = (s.at, s.delete, s.insert);
                        if delete == 0 && stands_before(&now, at, &insert) {
                            continue;
                        }
                        let field = place.clone();
                        self.out.push(Edit::SpliceText { field, at, delete, insert });
                    }
                }
                FieldType::Scalar(_) | FieldType::Judgement(_) => {
                    let was = before.map_or(Value::Empty, |o| shown(&self.before, o, field.key));
                    let is = shown(&self.after, after, field.key);
                    let now = onto.map_or(Value::Empty, |o| shown(&self.onto, o, field.key));
                    if is != was && is != now {
                        self.out.push(Edit::SetField { field: place, value: is });
                    }
                }
                FieldType::Set(_) => self.members(field, before, after, onto, &place),
                FieldType::List(inner) => self.items(field, inner, before, after),
            }
        }
    }

    fn members(
        &mut self,
        field: &Field,
        before: Option<&ObjId>,
        after: &ObjId,
        onto: Option<&ObjId>,
        place: &FieldPath,
    ) {
        let was = before.map_or_else(Vec::new, |o| members(&self.before, o, field.key));
        let now = onto.map_or_else(Vec::new, |o| members(&self.onto, o, field.key));
        for (member, value) in members(&self.after, after, field.key) {
            let (same, there) = (
                was.iter().any(|m| *m == (member.clone(), value.clone())),
                now.iter().find(|(m, _)| *m == member).map(|(_, v)| v),
            );
            if same || there == Some(&value) {
                continue;
            }
            let field = place.clone();
            match value {
                Value::Text(reason) if there.is_some() => {
                    self.out.push(Edit::RemoveMember { field, member, reason });
                }
                Value::Text(_) => {}
                _ => self.out.push(Edit::AddMember { field, member }),
            }
        }
    }

    fn items(
        &mut self,
        list: &'static Field,
        shape: &'static [Field],
        before: Option<&ObjId>,
        after: &ObjId,
    ) {
        let find = |view: &View<'_, Automerge>, holder: &ObjId, id| {
            view.containers(holder, list.key, ObjType::List).iter().find_map(|l| view.item(l, id))
        };
        let lists = self.after.containers(after, list.key, ObjType::List);
        let items: Vec<ObjId> = lists.iter().flat_map(|l| self.after.items(l)).collect();
        for item in items {
            let Some(mut id) = self.after.item_id(&item) else { continue };
            let was = before.and_then(|o| find(&self.before, o, id));
            let now = find(&self.onto, &ROOT, id);
            match (&was, &now) {
                // Made here, and brought already by whoever else holds the change.
                (None, Some(_)) => continue,
                (None, None) => {
                    id = named_anew(id, self.actor);
                    let (list, fields) = (FieldPath::top(list.key), Default::default());
                    self.out.push(Edit::AddItem { list, id, fields });
                }
                // It was there and is not: nothing can be said of it.
                (Some(_), None) => continue,
                (Some(_), Some(_)) => {}
            }
            let key = list.key;
            self.fields(shape, was.as_ref(), &item, now.as_ref(), &|f| FieldPath::item(key, id, f));
            let removed = |view: &View<'_, Automerge>, o: &ObjId| shown(view, o, schema::REMOVED);
            let old = was.as_ref().map_or(Value::Empty, |o| removed(&self.before, o));
            let (item, new) = (schema::item_path(key, id), removed(&self.after, &item));
            match new {
                new if new == old => {}
                Value::Text(reason) => self.out.push(Edit::RemoveItem { item, reason }),
                _ => self.out.push(Edit::RestoreItem { item }),
            }
        }
    }
}

/// Returns the id under which an actor says an item again: the same each time.
fn named_anew(id: ItemId, actor: [u8; 16]) -> ItemId {
    let mut bytes = *id.as_bytes();
    // The time in front stays, and the bits that say what kind of id it is.
    for (byte, salt) in bytes[9..].iter_mut().zip(actor) {
        *byte ^= salt;
    }
    ItemId::from_bytes(bytes)
}

fn shown(view: &View<'_, Automerge>, obj: &ObjId, key: &str) -> Value {
    view.all(obj, key).last().map_or(Value::Empty, |(v, _)| scalar(v))
}

fn text(view: &View<'_, Automerge>, obj: &ObjId, key: &str) -> String {
    view.containers(obj, key, ObjType::Text).first().map(|t| view.text_of(t)).unwrap_or_default()
}

/// Returns the members of a set: `true` for one that is in it, a reason for one taken out.
fn members(view: &View<'_, Automerge>, obj: &ObjId, key: &str) -> Vec<(String, Value)> {
    let sets = view.containers(obj, key, ObjType::Map);
    sets.iter()
        .flat_map(|set| view.keys(set).into_iter().map(move |member| (set, member)))
        .filter_map(|(set, member)| {
            let all = view.all(set, &member);
            // Adding wins over concurrent removal.
            let added = all
                .iter()
                .any(|(v, _)| matches!(v, Stored::Scalar(s) if s.as_bool() == Some(true)));
            let value = if added { Value::Bool(true) } else { scalar(&all.last()?.0) };
            Some((member, value))
        })
        .collect()
}

/// Carries the splices from `was` to `is` over to `now`, ascending, with positions in `now`.
fn carried(was: &str, is: &str, now: &str) -> Vec<TextSplice> {
    if was == is || is == now {
        return Vec::new();
    }
    let len = was.chars().count();
    // Where each character of `was` is in `now`, and whether it is still there.
    let mut at = vec![(0, false); len + 1];
    let (mut from, mut to) = (0, 0);
    for s in diff::splices(was, now) {
        for place in &mut at[from..s.at] {
            *place = (to, true);
            to += 1;
        }
        at[s.at..s.at + s.delete].fill((to, false));
        to += s.insert.chars().count();
        from = s.at + s.delete;
    }
    for place in &mut at[from..len] {
        *place = (to, true);
        to += 1;
    }
    at[len] = (to, false);
    let mut out: Vec<TextSplice> = Vec::new();
    for s in diff::splices(was, is) {
        if !s.insert.is_empty() {
            out.push(TextSplice { at: at[s.at].0, delete: 0, insert: s.insert });
        }
        for (place, there) in at[s.at..s.at + s.delete].iter().copied() {
            if !there {
                continue;
            }
            match out.last_mut() {
                Some(last) if last.insert.is_empty() && last.at + last.delete == place => {
                    last.delete += 1;
                }
                _ => out.push(TextSplice { at: place, delete: 1, insert: String::new() }),
            }
        }
    }
    out
}

/// Tells whether `insert` stands in `text` right before place `at`: it was said already.
fn stands_before(text: &str, at: usize, insert: &str) -> bool {
    let Some(from) = at.checked_sub(insert.chars().count()) else { return false };
    text.chars().skip(from).take(at - from).eq(insert.chars())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use super::*;
    use crate::{
        doc::Birth,
        model::{Body, DocKind},
    };

    fn edited(doc: &mut Document, actor: u8, at: usize, insert: &str) {
        doc.set_actor([actor; 16]);
        let edit = Edit::SpliceText {
            field: FieldPath::top("condition"),
            at,
            delete: 0,
            insert: insert.into(),
        };
        doc.edit(&[edit]).unwrap();
    }

    fn condition(doc: &Document) -> String {
        text(&View::now(&doc.am), &ROOT, "condition")
    }

    #[test]
    fn text_is_said_again_beside_what_others_wrote() {
        let birth = Birth::new().text("condition", "甲局采购");
        let (base, _) = Document::born(DocKind::Workpaper, [1; 16], &birth).unwrap();
        let before = base.heads();
        let mut mine = base.fork_at(&before, [2; 16]).unwrap();
        edited(&mut mine, 2, 4, "未经比价");
        let mut others = base.fork_at(&before, [3; 16]).unwrap();
        edited(&mut others, 3, 0, "经查，");
        let edits = again(&mine, &before, &mine.heads(), &others, [4; 16]);
        others.set_actor([4; 16]);
        others.edit(&edits).unwrap();
        assert_eq!(condition(&others), "经查，甲局采购未经比价");
        assert_eq!(again(&mine, &before, &mine.heads(), &others, [4; 16]), Vec::new());
    }

    #[test]
    fn a_whole_document_is_said_again_into_an_empty_one() {
        let birth = Birth::new().text("condition", "账目不符").members("themes", &["采购"]);
        let (mut from, _) = Document::born(DocKind::Workpaper, [1; 16], &birth).unwrap();
        let id = crate::model::ItemId::from_bytes([7; 16]);
        let severity = FieldPath::top("severity");
        from.edit(&[
            Edit::AddItem { list: FieldPath::top("facts"), id, fields: Default::default() },
            Edit::SpliceText {
                field: FieldPath::item("facts", id, "text"),
                at: 0,
                delete: 0,
                insert: "三笔付款".into(),
            },
            Edit::SetField { field: severity, value: Value::Text("high".into()) },
        ])
        .unwrap();
        let (mut onto, _) = Document::born(DocKind::Workpaper, [2; 16], &Birth::new()).unwrap();
        onto.edit(&again(&from, &[], &from.heads(), &onto, [2; 16])).unwrap();
        let (Body::Workpaper(mut said), Body::Workpaper(was)) =
            (onto.reading().body, from.reading().body)
        else {
            panic!("both are workpapers");
        };
        assert_eq!(said.facts[0].id, named_anew(id, [2; 16]));
        said.facts[0].id = id;
        assert_eq!(said, was);
    }

    #[test]
    fn two_machines_may_say_the_same_item_again() {
        let (base, _) = Document::born(DocKind::Workpaper, [1; 16], &Birth::new()).unwrap();
        let before = base.heads();
        let mut lost = base.fork_at(&before, [2; 16]).unwrap();
        let (list, id) = (FieldPath::top("facts"), ItemId::from_bytes([7; 16]));
        lost.edit(&[Edit::AddItem { list, id, fields: Default::default() }]).unwrap();
        let said = [[3; 16], [4; 16]].map(|actor| {
            let mut onto = base.fork_at(&before, actor).unwrap();
            onto.edit(&again(&lost, &before, &lost.heads(), &onto, actor)).unwrap().unwrap().raw
        });
        let told = crate::doc::gate::Gate::of(&base).admit(&said);
        assert!(told.iter().all(Result::is_ok), "{told:?}");
    }
}
