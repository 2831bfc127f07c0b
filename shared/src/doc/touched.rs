//! What strangers' changes would do, told from their operations before anything is applied.
//!
//! The operations are read one by one against a table of the document's containers. Whatever
//! an honest build cannot write is a [`SchemaFault`]; nothing is inferred from the outcome,
//! so an operation that Automerge would hide or ignore is seen all the same.
use std::collections::{BTreeSet, HashMap};

use automerge::{
    Automerge, Change, ObjId, ObjType, ROOT, ScalarValue,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType},
};

use super::{
    birth::container,
    fault::{BirthFault, SchemaFault},
    history::Clock,
    known::{Added, Known, Place, object},
    read::View,
    schema::{self, Field, FieldType, MemberType, ScalarType},
    upcast,
};
use crate::model::{FieldPath, ItemId, Touch, TouchKind, Touched};

/// A write to a key of a map whose predecessors must be those its author saw.
#[derive(Debug, Clone)]
pub(crate) struct Overwrite {
    obj: ObjectId,
    key: String,
    pred: Vec<OpId>,
    deps: Vec<automerge::ChangeHash>,
    field: FieldPath,
    judgement: bool,
}

/// What the operations of one body do.
#[derive(Debug, Default)]
pub(crate) struct Inspected {
    pub(crate) touched: Touched,
    pub(crate) changes: Vec<Change>,
    pub(crate) overwrites: Vec<Overwrite>,
}

/// The reading of one change's operations.
pub(crate) struct Walk<'a> {
    pub(crate) known: &'a mut Known,
    pub(crate) change: &'a Change,
    pub(crate) am: &'a Automerge,
    /// What the change's author had seen.
    pub(crate) clock: &'a Clock,
    pub(crate) touches: &'a mut BTreeSet<Touch>,
    pub(crate) overwrites: &'a mut Vec<Overwrite>,
    /// The change's own newest write of each key.
    pub(crate) written: HashMap<(ObjectId, String), OpId>,
}

/// An item made in this change: what it still lacks.
struct NewItem {
    list: &'static Field,
    shape: &'static [Field],
    id: ItemId,
    made: BTreeSet<&'static str>,
}

impl Walk<'_> {
    /// Reads all operations; returns whether the change is the document's birth.
    pub(crate) fn run(&mut self, ops: &[Op]) -> Result<bool, SchemaFault> {
        let birth = self.known.born.is_none();
        let mut made = BTreeSet::new();
        let start = if birth { self.birth(ops)? } else { 0 };
        let mut new: Vec<NewItem> = Vec::new();
        let mut i = start;
        while let Some(op) = ops.get(i) {
            let id = self.op(i);
            i += 1;
            match &op.obj {
                ObjectId::Root => {
                    let (kind, _) = self.known.born.ok_or(SchemaFault::UnknownObject)?;
                    let open = birth.then_some(&mut made);
                    self.map_op(op, id, schema::fields(kind), None, open, true)?;
                }
                ObjectId::Id(obj) if !self.sees(obj) => return Err(SchemaFault::UnknownObject),
                ObjectId::Id(obj) => match self.known.places.get(obj).cloned() {
                    None => return Err(SchemaFault::UnknownObject),
                    Some(Place::Text(path)) => {
                        let fresh = new.iter().any(|n| is_in(&path, n));
                        self.text_op(op, id, obj, path, fresh)?;
                    }
                    Some(Place::Set(path, members)) => {
                        let fresh = new.iter().any(|n| is_in(&path, n));
                        self.set_op(op, id, path, members, fresh)?;
                    }
                    Some(Place::List(list, shape)) => {
                        new.push(self.list_op(op, id, ops.get(i), list, shape)?);
                        i += 1;
                    }
                    Some(Place::Item(list, shape, item)) => {
                        // The id alone would not do: an item of another list may bear the same.
                        let made_here = |n: &&mut NewItem| n.id == item && n.list == list;
                        let open = new.iter_mut().find(made_here).map(|n| &mut n.made);
                        let report = open.is_none();
                        self.map_op(op, id, shape, Some((list.key, item)), open, report)?;
                    }
                },
            }
        }
        let (kind, version) = self.known.born.ok_or(SchemaFault::UnknownObject)?;
        let whole = |shape: &[Field], made: &BTreeSet<&str>| {
            shape
                .iter()
                .filter(|f| f.ty.is_container() && upcast::has_place(version, f))
                .all(|f| made.contains(f.key))
        };
        if birth && !whole(schema::fields(kind), &made) {
            return Err(SchemaFault::NotABirth { why: BirthFault::Container });
        }
        match new.iter().find(|n| !whole(n.shape, &n.made)) {
            Some(n) => Err(SchemaFault::PartialItem { list: FieldPath::top(n.list.key) }),
            None => Ok(birth),
        }
    }

    /// Returns whether the author had seen an operation, or made it earlier in this change.
    fn sees(&self, id: &OpId) -> bool {
        let own = id.actor() == self.change.actor_id() && id.0 >= self.change.start_op().get();
        own || self.clock.get(id.actor()).is_some_and(|newest| id.0 <= *newest)
    }

    /// Checks the element that an operation on a sequence refers to, and notes a new one.
    fn element(
        &mut self,
        op: &Op,
        id: OpId,
        obj: &OpId,
        path: &FieldPath,
    ) -> Result<(), SchemaFault> {
        if let Key::Seq(ElementId::Id(element)) = &op.key
            && !(self.sees(element) && self.known.is_in(self.am, element, obj))
        {
            return Err(SchemaFault::UnknownElement { field: path.clone() });
        }
        if op.insert {
            self.known.element(id, obj.clone());
        }
        Ok(())
    }

    fn op(&self, i: usize) -> OpId {
        OpId::new(self.change.start_op().get().saturating_add(i as u64), self.change.actor_id())
    }

    /// Reads kind and shape, the first two operations of a birth.
    fn birth(&mut self, ops: &[Op]) -> Result<usize, SchemaFault> {
        let put = |i: usize, key: &str| match ops.get(i) {
            Some(Op {
                action: OpType::Put(v),
                obj: ObjectId::Root,
                key: Key::Map(k),
                pred,
                insert: false,
            }) if k == key && pred.is_empty() => Some(v.clone()),
            _ => None,
        };
        let kind = put(0, schema::KIND)
            .and_then(|v| v.as_str().and_then(schema::kind_from_name))
            .ok_or(SchemaFault::NotABirth { why: BirthFault::Kind })?;
        let version = match put(1, schema::SCHEMA) {
            Some(ScalarValue::Int(n)) => n,
            _ => return Err(SchemaFault::NotABirth { why: BirthFault::Schema }),
        };
        match u32::try_from(version) {
            Ok(v) if (1..=schema::VERSION).contains(&v) => {
                self.known.undo.push(Added::Birth);
                self.known.born = Some((kind, v));
            }
            _ => return Err(SchemaFault::NewerSchema { schema: version }),
        }
        Ok(2)
    }

    /// Reads an operation on the document itself or on an item.
    ///
    /// `open` is the set of containers made so far while they may be made; `report` says
    /// whether touches are told (those of a new item are part of its being added).
    fn map_op(
        &mut self,
        op: &Op,
        id: OpId,
        fields: &'static [Field],
        item: Option<(&'static str, ItemId)>,
        open: Option<&mut BTreeSet<&'static str>>,
        report: bool,
    ) -> Result<(), SchemaFault> {
        let Key::Map(key) = &op.key else { return Err(SchemaFault::UnknownObject) };
        let place = item.map(|(list, id)| schema::item_path(list, id));
        let path = match item {
            None => FieldPath::top(key),
            Some((list, id)) => FieldPath::item(list, id, key),
        };
        if op.insert {
            return Err(SchemaFault::WrongOperation { field: path });
        }
        let Some(field) = schema::find(fields, key) else {
            return match (place, key.as_str()) {
                (Some(_), schema::ID) | (None, schema::KIND | schema::SCHEMA) => {
                    Err(SchemaFault::Immutable { field: path })
                }
                (Some(place), schema::REMOVED) if report => self.tombstone(op, id, place),
                (place, key) => Err(SchemaFault::UnknownKey {
                    place: place.map(|p| p.0).unwrap_or_default(),
                    key: key.chars().take(schema::MAX_MEMBER_CHARS).collect(),
                }),
            };
        };
        match (&op.action, container(field.ty)) {
            (OpType::Make(ty), Some(due)) => match open {
                Some(made) if *ty == due && op.pred.is_empty() && !made.contains(field.key) => {
                    made.insert(field.key);
                    self.known.put(id, field, path);
                    Ok(())
                }
                _ => Err(SchemaFault::SecondContainer { field: path }),
            },
            (OpType::Make(_), None) => Err(SchemaFault::SecondContainer { field: path }),
            (OpType::Put(_) | OpType::Delete, Some(_)) | (OpType::Delete, None) => {
                Err(SchemaFault::Deleted { field: path })
            }
            (OpType::Put(value), None) => {
                let judgement = matches!(field.ty, FieldType::Judgement(_));
                if !field.ty.scalar().is_some_and(|ty| takes(ty, value)) {
                    return Err(SchemaFault::WrongValue { field: path });
                }
                if report {
                    self.touch(&path, TouchKind::Set);
                }
                self.overwrite(op, id, path, judgement)
            }
            _ => Err(SchemaFault::WrongOperation { field: path }),
        }
    }

    fn tombstone(&mut self, op: &Op, id: OpId, item: FieldPath) -> Result<(), SchemaFault> {
        let kind = match &op.action {
            OpType::Put(ScalarValue::Null) => TouchKind::Add,
            OpType::Put(ScalarValue::Str(r)) if is_reason(r) => TouchKind::Remove,
            OpType::Put(_) => return Err(SchemaFault::WrongValue { field: item }),
            _ => return Err(SchemaFault::WrongOperation { field: item }),
        };
        self.touch(&item, kind);
        self.overwrite(op, id, item, false)
    }

    fn set_op(
        &mut self,
        op: &Op,
        id: OpId,
        path: FieldPath,
        members: MemberType,
        fresh: bool,
    ) -> Result<(), SchemaFault> {
        let Key::Map(member) = &op.key else {
            return Err(SchemaFault::WrongOperation { field: path });
        };
        if !schema::is_member(members, member) {
            let key = member.chars().take(schema::MAX_MEMBER_CHARS).collect();
            return Err(SchemaFault::UnknownKey { place: path.0, key });
        }
        let kind = match &op.action {
            OpType::Put(ScalarValue::Boolean(true)) => TouchKind::Add,
            OpType::Put(ScalarValue::Str(r)) if is_reason(r) => TouchKind::Remove,
            OpType::Put(_) => return Err(SchemaFault::WrongValue { field: path }),
            OpType::Delete => return Err(SchemaFault::Deleted { field: path }),
            _ => return Err(SchemaFault::WrongOperation { field: path }),
        };
        if op.insert {
            return Err(SchemaFault::WrongOperation { field: path });
        }
        if !fresh {
            self.touch(&path, kind);
        }
        self.overwrite(op, id, path, false)
    }

    fn text_op(
        &mut self,
        op: &Op,
        id: OpId,
        obj: &OpId,
        path: FieldPath,
        fresh: bool,
    ) -> Result<(), SchemaFault> {
        let fits = match (&op.action, &op.key) {
            (OpType::Put(ScalarValue::Str(c)), Key::Seq(_)) => {
                op.insert && op.pred.is_empty() && c.chars().count() == 1
            }
            (OpType::Delete, Key::Seq(ElementId::Id(element))) => {
                !op.insert && op.pred.len() == 1 && op.pred.get(0) == Some(element)
            }
            _ => false,
        };
        if !fits {
            return Err(SchemaFault::WrongOperation { field: path });
        }
        self.element(op, id, obj, &path)?;
        if !fresh {
            self.touch(&path, TouchKind::Splice);
        }
        Ok(())
    }

    /// Reads the making of an item; its id is the next operation.
    fn list_op(
        &mut self,
        op: &Op,
        obj: OpId,
        next: Option<&Op>,
        list: &'static Field,
        shape: &'static [Field],
    ) -> Result<NewItem, SchemaFault> {
        let field = FieldPath::top(list.key);
        match (&op.action, &op.key) {
            (OpType::Make(ObjType::Map), Key::Seq(_)) if op.insert && op.pred.is_empty() => {}
            (OpType::Delete, _) => return Err(SchemaFault::Deleted { field }),
            _ => return Err(SchemaFault::WrongOperation { field }),
        }
        let id = match next {
            Some(Op {
                action: OpType::Put(ScalarValue::Str(id)),
                obj: ObjectId::Id(o),
                pred,
                ..
            }) if *o == obj && pred.is_empty() && schema::is_id(id) => id.parse().ok(),
            _ => None,
        };
        let next_is_id = next.is_some_and(is_id_put);
        let id: ItemId = match id {
            Some(id) if next_is_id && self.known.items.insert((list.key, id)) => id,
            _ => return Err(SchemaFault::PartialItem { list: field }),
        };
        if let ObjectId::Id(list) = &op.obj {
            self.element(op, obj.clone(), list, &field)?;
        }
        self.known.undo.push(Added::Item(list.key, id));
        self.known.undo.push(Added::Place(obj.clone()));
        self.known.places.insert(obj, Place::Item(list, shape, id));
        self.touch(&schema::item_path(list.key, id), TouchKind::Add);
        Ok(NewItem { list, shape, id, made: BTreeSet::new() })
    }

    fn touch(&mut self, field: &FieldPath, kind: TouchKind) {
        self.touches.insert(Touch { field: field.clone(), kind });
    }

    /// Checks what a write claims to overwrite as far as this change alone can tell, and
    /// notes the rest for [`unseen`].
    fn overwrite(
        &mut self,
        op: &Op,
        id: OpId,
        field: FieldPath,
        judgement: bool,
    ) -> Result<(), SchemaFault> {
        let Key::Map(key) = &op.key else { return Err(SchemaFault::UnknownObject) };
        let pred: Vec<OpId> = op.pred.iter().cloned().collect();
        let slot = (op.obj.clone(), key.to_string());
        match self.written.insert(slot, id) {
            Some(own) if pred == [own.clone()] => Ok(()),
            Some(_) => Err(SchemaFault::WrongPred { field }),
            None => {
                self.overwrites.push(Overwrite {
                    obj: op.obj.clone(),
                    key: key.to_string(),
                    pred,
                    deps: self.change.deps().to_vec(),
                    field,
                    judgement,
                });
                Ok(())
            }
        }
    }
}

/// Checks, with the changes applied, that a write overwrites exactly what its author saw.
///
/// Returns whether it decides between differing values of a judgement field. Otherwise
/// somebody could settle a conflict by overwriting its values one at a time.
pub(crate) fn unseen(am: &Automerge, write: &Overwrite) -> Result<bool, SchemaFault> {
    let obj = match &write.obj {
        ObjectId::Root => ROOT,
        ObjectId::Id(id) => object(id),
    };
    let seen = View::at(am, write.deps.clone()).all(&obj, &write.key);
    let mut ids: Vec<_> = seen.iter().filter_map(|(_, id)| op_id(id)).collect();
    let mut pred = write.pred.clone();
    let order = |a: &OpId, b: &OpId| (a.0, &a.1).cmp(&(b.0, &b.1));
    ids.sort_by(order);
    pred.sort_by(order);
    if ids != pred {
        return Err(SchemaFault::WrongPred { field: write.field.clone() });
    }
    Ok(write.judgement && seen.iter().any(|(v, _)| *v != seen[0].0))
}

impl Overwrite {
    /// Returns the field written.
    pub(crate) const fn field(&self) -> &FieldPath {
        &self.field
    }
}

pub(crate) fn op_id(obj: &ObjId) -> Option<OpId> {
    match obj {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some(OpId::new(*counter, actor)),
    }
}

fn takes(ty: ScalarType, value: &ScalarValue) -> bool {
    match (ty, value) {
        (_, ScalarValue::Null) => true,
        (ScalarType::Text, ScalarValue::Str(t)) => t.chars().count() <= schema::MAX_SCALAR_CHARS,
        (ScalarType::Choice(names), ScalarValue::Str(t)) => names.contains(&t.as_str()),
        (ScalarType::Id, ScalarValue::Str(t)) => schema::is_id(t),
        (ScalarType::Int, ScalarValue::Int(_)) => true,
        (ScalarType::Bool, ScalarValue::Boolean(_)) => true,
        _ => false,
    }
}

fn is_reason(reason: &str) -> bool {
    !reason.trim().is_empty() && reason.chars().count() <= schema::MAX_SCALAR_CHARS
}

fn is_id_put(op: &Op) -> bool {
    matches!(&op.key, Key::Map(k) if k == schema::ID) && matches!(op.action, OpType::Put(_))
}

fn is_in(path: &FieldPath, item: &NewItem) -> bool {
    path.0.starts_with(&schema::item_path(item.list.key, item.id).0)
}
