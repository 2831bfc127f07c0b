//! Edits: everything a person can do to a document. Each call is one change, or several where
//! one would be longer than a body may be.
use std::collections::{BTreeMap, VecDeque};

use automerge::{
    AutomergeError, ObjId, ROOT, ReadDoc, ScalarValue,
    transaction::{CommitOptions, Transactable, Transaction},
};
use serde::{Deserialize, Serialize};

use super::{
    birth::container,
    diff,
    document::{Committed, Document},
    read::View,
    schema::{self, Address, Field, FieldType, ScalarType},
    upcast,
};
use crate::model::{FieldPath, ItemId, Value};

/// How much one change is given to hold. The gate refuses a body of more than 64 KiB or 20,000
/// operations, and a change can lie only in one body; each weight below is no less than what
/// its operation takes there, and what is left is for dependencies and the names of actors.
const ROOM: usize = 40 * 1024;
/// What an inserted character weighs beside its own bytes.
const INSERTED: usize = 3;
/// What a deleted character weighs: which one goes, by two actors' numbers.
const DELETED: usize = 12;
/// What any other edit weighs beside the text it holds; also a splice, for its place.
const EDITED: usize = 64;
/// A text of more bytes than this is not part of the birth of what holds it, but follows.
const LONG: usize = 4 * 1024;

/// The first content of a field of a new document or item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initial {
    /// Of a scalar, or of a text (as [`Value::Text`]).
    Value(Value),
    /// Of a set.
    Members(Vec<String>),
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    /// Sets a scalar field; [`Value::Empty`] clears it.
    SetField {
        /// The field.
        field: FieldPath,
        /// Its new value.
        value: Value,
    },
    /// Deletes and inserts characters in a text. Positions count code points.
    SpliceText {
        /// The text.
        field: FieldPath,
        /// Where.
        at: usize,
        /// How many characters go.
        delete: usize,
        /// What comes.
        insert: String,
    },
    /// Makes a text read `text` by the fewest splices, so that others' work in it survives.
    ReplaceText {
        /// The text.
        field: FieldPath,
        /// What it is to read.
        text: String,
    },
    /// Adds an item at the end of a list.
    AddItem {
        /// The list: `statements`.
        list: FieldPath,
        /// The new item's id.
        id: ItemId,
        /// Its first content, by field.
        #[serde(default)]
        fields: BTreeMap<String, Initial>,
    },
    /// Takes an item out. It stays visible, with the reason.
    RemoveItem {
        /// The item: `statements/<item>`.
        item: FieldPath,
        /// Why; not empty.
        reason: String,
    },
    /// Puts an item back that was taken out.
    RestoreItem {
        /// The item: `statements/<item>`.
        item: FieldPath,
    },
    /// Adds a member to a set, or puts it back.
    AddMember {
        /// The set.
        field: FieldPath,
        /// An id or a label.
        member: String,
    },
    /// Takes a member out of a set. It stays visible, with the reason.
    RemoveMember {
        /// The set.
        field: FieldPath,
        /// An id or a label.
        member: String,
        /// Why; not empty.
        reason: String,
    },
}

/// Why an edit cannot be made. Nothing of the call was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The kind of document has no such field.
    #[error("no field {field:?}")]
    UnknownField {
        /// As named.
        field: String,
    },
    /// The field is of another type than the edit or the value.
    #[error("field {field:?} does not take this")]
    WrongType {
        /// As named.
        field: String,
    },
    /// The document was born in a shape that has no place for the field.
    #[error("a document of shape {schema} has no place for {field:?}")]
    NotBorn {
        /// As named.
        field: String,
        /// The document's shape.
        schema: u32,
    },
    /// The position is past the end of the text.
    #[error("position {at} is past the end of {field:?}, which has {len} characters")]
    PastEnd {
        /// As named.
        field: String,
        /// The position, or the end of what was to be deleted.
        at: usize,
        /// The length, in code points.
        len: usize,
    },
    /// The list has no such item.
    #[error("no item {item}")]
    NoSuchItem {
        /// As named.
        item: ItemId,
    },
    /// The list has such an item already.
    #[error("item {item} is there already")]
    ItemExists {
        /// As named.
        item: ItemId,
    },
    /// The set has no such member.
    #[error("no member {member:?} in {field:?}")]
    NoSuchMember {
        /// The set.
        field: String,
        /// As named.
        member: String,
    },
    /// The value is longer than a scalar may be.
    #[error("value of {field:?} has {len} characters, more than {max}")]
    TooLong {
        /// As named.
        field: String,
        /// Its length, in code points.
        len: usize,
        /// The most allowed.
        max: usize,
    },
    /// Something is taken out without a reason.
    #[error("taking something out needs a reason")]
    NoReason,
    /// The document is damaged: a container of its shape is missing.
    #[error("the document lacks a part it was born with")]
    Internal,
}

impl From<AutomergeError> for EditError {
    fn from(_: AutomergeError) -> Self {
        // Every position, key and type is checked before Automerge sees it.
        Self::Internal
    }
}

impl Document {
    /// Makes edits, all or none; `None` when they change nothing. They are one change, or
    /// several in order where one would be longer than the gate passes.
    ///
    /// # Errors
    /// On the first edit that cannot be made; then the document is as it was.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<Option<Committed>, EditError> {
        let (kind, schema) = (self.kind, self.schema);
        let before = self.am.get_heads();
        let mut left: VecDeque<Edit> = edits.iter().cloned().collect();
        let mut made: Option<Committed> = None;
        while !left.is_empty() {
            let step = commit(self, |tx| Writer { tx, kind, schema, room: ROOM }.some(&mut left));
            match step {
                Ok(Some(next)) => made = Some(made.map_or(next.clone(), |m| m.then(next))),
                Ok(None) => {}
                Err(e) => {
                    if let Some(made) = made {
                        self.back_to(&before, &made)?;
                    }
                    return Err(e);
                }
            }
        }
        self.fresh.extend(made.clone());
        Ok(made)
    }

    /// Takes out what was made after these heads, which nobody has seen yet.
    fn back_to(
        &mut self,
        heads: &[automerge::ChangeHash],
        made: &Committed,
    ) -> Result<(), EditError> {
        let change = self.am.get_change_by_hash(&automerge::ChangeHash(made.hash.0));
        let actor = change.ok_or(EditError::Internal)?.actor_id().clone();
        self.am = self.am.fork_at(heads)?;
        self.am.set_actor(actor);
        Ok(())
    }
}

/// Runs `f` in a transaction and commits it with time 0 and no message.
pub(crate) fn commit(
    doc: &mut Document,
    f: impl FnOnce(&mut Transaction<'_>) -> Result<(), EditError>,
) -> Result<Option<Committed>, EditError> {
    let mut tx = doc.am.transaction();
    if let Err(e) = f(&mut tx) {
        tx.rollback();
        return Err(e);
    }
    let (hash, _) = tx.commit_with(CommitOptions::default().with_time(0));
    Ok(hash.and_then(|h| doc.am.get_change_by_hash(&h)).map(|c| Committed::of(&c)))
}

struct Writer<'t, 'd> {
    tx: &'t mut Transaction<'d>,
    kind: crate::model::DocKind,
    schema: u32,
    /// How much the change may still hold.
    room: usize,
}

impl Writer<'_, '_> {
    /// Makes edits from the front until the change is full or none is left. What of an edit
    /// is to be part of the next change is put back in front.
    fn some(&mut self, left: &mut VecDeque<Edit>) -> Result<(), EditError> {
        while self.room > 0
            && let Some(edit) = left.pop_front()
        {
            self.room = self.room.saturating_sub(weight(&edit));
            self.one(&edit, left)?;
        }
        Ok(())
    }

    fn one(&mut self, edit: &Edit, left: &mut VecDeque<Edit>) -> Result<(), EditError> {
        match edit {
            Edit::SetField { field, value } => {
                let (obj, f) = self.place(field)?;
                put(self.tx, &obj, f, value)
            }
            Edit::SpliceText { field, at, delete, insert } => {
                let text = self.inside(field, |t| matches!(t, FieldType::Text))?.0;
                self.splice(field, &text, (*at, *delete), insert, left)
            }
            Edit::ReplaceText { field, text } => {
                let obj = self.inside(field, |t| matches!(t, FieldType::Text))?.0;
                let now = self.tx.text(&obj)?;
                // Each goes before those in front of it: so the last one is made first, and the
                // positions of the earlier ones stay right.
                for s in diff::splices(&now, text) {
                    let (at, delete, insert, field) = (s.at, s.delete, s.insert, field.clone());
                    left.push_front(Edit::SpliceText { field, at, delete, insert });
                }
                Ok(())
            }
            Edit::AddItem { list, id, fields } => {
                let (obj, f) = self.inside(list, |t| matches!(t, FieldType::List(_)))?;
                let FieldType::List(shape) = f.ty else { return Err(wrong(list)) };
                let (fields, texts) = without_long(shape, fields);
                self.add_item(&obj, shape, *id, &fields)?;
                let place = |key: &str| FieldPath::item(f.key, *id, key);
                texts
                    .into_iter()
                    .rev()
                    .for_each(|(key, text)| left.push_front(said(place(key), text)));
                Ok(())
            }
            Edit::RemoveItem { item, reason } => {
                let obj = self.item(item)?;
                check_reason(reason)?;
                assign(self.tx, &obj, schema::REMOVED, reason.as_str().into(), None)
            }
            Edit::RestoreItem { item } => {
                let obj = self.item(item)?;
                match self.tx.get(&obj, schema::REMOVED)? {
                    Some(_) => assign(self.tx, &obj, schema::REMOVED, ScalarValue::Null, None),
                    None => Ok(()),
                }
            }
            Edit::AddMember { field, member } => {
                let (set, f) = self.inside(field, |t| matches!(t, FieldType::Set(_)))?;
                add_member(self.tx, &set, f, member)
            }
            Edit::RemoveMember { field, member, reason } => {
                let set = self.inside(field, |t| matches!(t, FieldType::Set(_)))?.0;
                check_reason(reason)?;
                if self.tx.get(&set, member.as_str())?.is_none() {
                    let (field, member) = (field.0.clone(), member.clone());
                    return Err(EditError::NoSuchMember { field, member });
                }
                assign(self.tx, &set, member.as_str(), reason.as_str().into(), None)
            }
        }
    }

    /// Splices as much as the change has room for; the rest is put back in front.
    fn splice(
        &mut self,
        field: &FieldPath,
        text: &ObjId,
        (at, delete): (usize, usize),
        insert: &str,
        left: &mut VecDeque<Edit>,
    ) -> Result<(), EditError> {
        let len = self.tx.length(text);
        let end = at.saturating_add(delete);
        if end > len {
            return Err(EditError::PastEnd { field: field.0.clone(), at: end, len });
        }
        // One at least, so that every change gets on.
        let goes = delete.min((self.room / DELETED).max(1));
        self.room = self.room.saturating_sub(goes * DELETED);
        let (mut comes, mut bytes) = (0, 0);
        if goes == delete {
            for c in insert.chars() {
                if self.room == 0 && comes + goes > 0 {
                    break;
                }
                self.room = self.room.saturating_sub(c.len_utf8() + INSERTED);
                comes += 1;
                bytes += c.len_utf8();
            }
        }
        let (now, later) = insert.split_at(bytes);
        if goes < delete || !later.is_empty() {
            let (at, delete, insert) = (at + comes, delete - goes, later.to_owned());
            left.push_front(Edit::SpliceText { field: field.clone(), at, delete, insert });
        }
        // The length of a text in memory fits.
        let goes = isize::try_from(goes).map_err(|_| EditError::Internal)?;
        Ok(self.tx.splice_text(text, at, goes, now)?)
    }

    fn add_item(
        &mut self,
        list: &ObjId,
        shape: &'static [Field],
        id: ItemId,
        fields: &BTreeMap<String, Initial>,
    ) -> Result<(), EditError> {
        if View::now(&*self.tx).item(list, id).is_some() {
            return Err(EditError::ItemExists { item: id });
        }
        let end = self.tx.length(list);
        let item = self.tx.insert_object(list, end, automerge::ObjType::Map)?;
        self.tx.put(&item, schema::ID, id.to_string())?;
        for field in shape.iter().filter(|f| upcast::has_place(self.schema, f)) {
            if let Some(ty) = container(field.ty) {
                self.tx.put_object(&item, field.key, ty)?;
            }
        }
        initial(self.tx, &item, shape, fields)
    }

    /// Returns the object that holds the field named, and the field.
    fn place(&self, path: &FieldPath) -> Result<(ObjId, &'static Field), EditError> {
        match schema::address(self.kind, path) {
            Some(Address::Top(f)) => Ok((ROOT, f)),
            Some(Address::ItemField(list, item, f)) => Ok((self.item_of(list, item)?, f)),
            Some(Address::Item(..)) => Err(wrong(path)),
            None => Err(EditError::UnknownField { field: path.0.clone() }),
        }
    }

    /// Returns the container named, if it is of the type asked for.
    fn inside(
        &self,
        path: &FieldPath,
        fits: impl Fn(FieldType) -> bool,
    ) -> Result<(ObjId, &'static Field), EditError> {
        let (holder, field) = self.place(path)?;
        if !fits(field.ty) {
            return Err(wrong(path));
        }
        let ty = container(field.ty).ok_or(EditError::Internal)?;
        match View::now(&*self.tx).containers(&holder, field.key, ty).into_iter().next() {
            Some(obj) => Ok((obj, field)),
            None => Err(EditError::NotBorn { field: path.0.clone(), schema: self.schema }),
        }
    }

    fn item(&self, path: &FieldPath) -> Result<ObjId, EditError> {
        match schema::address(self.kind, path) {
            Some(Address::Item(list, item)) => self.item_of(list, item),
            Some(_) => Err(wrong(path)),
            None => Err(EditError::UnknownField { field: path.0.clone() }),
        }
    }

    fn item_of(&self, list: &Field, item: ItemId) -> Result<ObjId, EditError> {
        let view = View::now(&*self.tx);
        view.containers(&ROOT, list.key, automerge::ObjType::List)
            .iter()
            .find_map(|l| view.item(l, item))
            .ok_or(EditError::NoSuchItem { item })
    }
}

/// Returns what an edit weighs, without the text that a splice brings or takes.
fn weight(edit: &Edit) -> usize {
    match edit {
        Edit::SetField { value: Value::Text(text), .. } => 2 * EDITED + text.len(),
        Edit::AddItem { fields, .. } => {
            let held = |first: &Initial| match first {
                Initial::Value(Value::Text(text)) if text.len() > LONG => 0,
                Initial::Value(Value::Text(text)) => text.chars().map(|c| c.len_utf8() + 3).sum(),
                Initial::Value(_) => EDITED,
                Initial::Members(members) => members.iter().map(|m| m.len() + EDITED).sum(),
            };
            8 * EDITED + fields.values().map(held).sum::<usize>()
        }
        Edit::RemoveItem { reason, .. } => EDITED + reason.len(),
        Edit::AddMember { member, .. } => 2 * EDITED + member.len(),
        Edit::RemoveMember { member, reason, .. } => 2 * EDITED + member.len() + reason.len(),
        _ => EDITED,
    }
}

/// Takes the long texts out of first contents: in the order of the schema, to be spliced in
/// afterwards.
pub(crate) fn without_long(
    shape: &'static [Field],
    fields: &BTreeMap<String, Initial>,
) -> (BTreeMap<String, Initial>, Vec<(&'static str, String)>) {
    let (mut short, mut long) = (fields.clone(), Vec::new());
    for field in shape.iter().filter(|f| matches!(f.ty, FieldType::Text)) {
        if let Some(Initial::Value(Value::Text(text))) = fields.get(field.key)
            && text.len() > LONG
        {
            short.remove(field.key);
            long.push((field.key, text.clone()));
        }
    }
    (short, long)
}

/// Makes the edit that says a text in an empty field.
pub(crate) fn said(field: FieldPath, insert: String) -> Edit {
    Edit::SpliceText { field, at: 0, delete: 0, insert }
}

/// Writes first contents, in the order of the schema whatever the order given.
pub(crate) fn initial(
    tx: &mut Transaction<'_>,
    obj: &ObjId,
    shape: &'static [Field],
    fields: &BTreeMap<String, Initial>,
) -> Result<(), EditError> {
    if let Some(field) = fields.keys().find(|k| schema::find(shape, k).is_none()) {
        return Err(EditError::UnknownField { field: field.clone() });
    }
    for field in shape {
        match (fields.get(field.key), field.ty) {
            (None, _) => {}
            (Some(Initial::Value(Value::Text(text))), FieldType::Text) => {
                let inner = made(tx, obj, field)?;
                tx.splice_text(&inner, 0, 0, text)?;
            }
            (Some(Initial::Members(members)), FieldType::Set(_)) => {
                let inner = made(tx, obj, field)?;
                members.iter().try_for_each(|m| add_member(tx, &inner, field, m))?;
            }
            // An empty value is what the field holds anyway.
            (Some(Initial::Value(Value::Empty)), FieldType::Text) => {}
            (Some(Initial::Value(value)), _) if *value == Value::Empty => {
                field.ty.scalar().ok_or_else(|| wrong_key(field.key))?;
            }
            (Some(Initial::Value(value)), _) => put(tx, obj, field, value)?,
            (Some(Initial::Members(_)), _) => return Err(wrong_key(field.key)),
        }
    }
    Ok(())
}

fn made(tx: &Transaction<'_>, obj: &ObjId, field: &Field) -> Result<ObjId, EditError> {
    match tx.get(obj, field.key)? {
        Some((automerge::Value::Object(_), id)) => Ok(id),
        _ => Err(EditError::Internal),
    }
}

fn put(
    tx: &mut Transaction<'_>,
    obj: &ObjId,
    field: &Field,
    value: &Value,
) -> Result<(), EditError> {
    let ty = field.ty.scalar().ok_or_else(|| wrong_key(field.key))?;
    let stored: ScalarValue = match (ty, value) {
        (_, Value::Empty) => ScalarValue::Null,
        (ScalarType::Text, Value::Text(t)) => {
            let len = t.chars().count();
            if len > schema::MAX_SCALAR_CHARS {
                let (field, max) = (field.key.to_owned(), schema::MAX_SCALAR_CHARS);
                return Err(EditError::TooLong { field, len, max });
            }
            t.as_str().into()
        }
        (ScalarType::Choice(names), Value::Text(t)) if names.contains(&t.as_str()) => {
            t.as_str().into()
        }
        (ScalarType::Id, Value::Text(t)) if schema::is_id(t) => t.as_str().into(),
        (ScalarType::Int, Value::Int(n)) => (*n).into(),
        (ScalarType::Bool, Value::Bool(b)) => (*b).into(),
        _ => return Err(wrong_key(field.key)),
    };
    assign(tx, obj, field.key, stored, Some(ScalarValue::Null))
}

/// Writes a value under a key.
///
/// Where concurrent values stand and the one shown is written once more, Automerge deletes
/// the others in place of writing, and nothing is ever deleted here: another value is written
/// first, one that stands there already or else `spare`. Without either, all of them are this
/// value, and there is nothing to write.
fn assign(
    tx: &mut Transaction<'_>,
    obj: &ObjId,
    key: &str,
    value: ScalarValue,
    spare: Option<ScalarValue>,
) -> Result<(), EditError> {
    let stands: Vec<ScalarValue> =
        tx.get_all(obj, key)?.into_iter().filter_map(|(v, _)| v.into_scalar().ok()).collect();
    let shown = tx.get(obj, key)?.and_then(|(v, _)| v.into_scalar().ok());
    if stands.len() > 1 && shown.as_ref() == Some(&value) {
        let other = stands.into_iter().find(|v| *v != value);
        match other.or(spare.filter(|s| *s != value)) {
            Some(other) => tx.put(obj, key, other)?,
            None => return Ok(()),
        }
    }
    Ok(tx.put(obj, key, value)?)
}

fn add_member(
    tx: &mut Transaction<'_>,
    set: &ObjId,
    field: &Field,
    member: &str,
) -> Result<(), EditError> {
    match field.ty {
        FieldType::Set(ty) if schema::is_member(ty, member) => {
            assign(tx, set, member, true.into(), None)
        }
        _ => Err(wrong_key(field.key)),
    }
}

fn check_reason(reason: &str) -> Result<(), EditError> {
    let len = reason.chars().count();
    if reason.trim().is_empty() {
        Err(EditError::NoReason)
    } else if len > schema::MAX_SCALAR_CHARS {
        let field = schema::REMOVED.to_owned();
        Err(EditError::TooLong { field, len, max: schema::MAX_SCALAR_CHARS })
    } else {
        Ok(())
    }
}

fn wrong(path: &FieldPath) -> EditError {
    EditError::WrongType { field: path.0.clone() }
}

fn wrong_key(key: &str) -> EditError {
    EditError::WrongType { field: key.to_owned() }
}
