//! What the gate knows of a document while it reads strangers' changes.
use std::{
    collections::{BTreeSet, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
};

use automerge::{
    Automerge, Change, ObjId, ROOT, ReadDoc,
    legacy::{ObjectId, OpId},
};

use super::{
    birth::container,
    chunk::ours,
    fault::SchemaFault,
    history::{Clock, History},
    read::View,
    schema::{self, Field, FieldType, MemberType},
    touched::{Inspected, Walk, op_id},
};
use crate::model::{DocKind, FieldPath, ItemId};

/// What an object of the document is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Text(FieldPath),
    Set(FieldPath, MemberType),
    List(&'static Field, &'static [Field]),
    Item(&'static Field, &'static [Field], ItemId),
}

/// What the gate knows of a document: its containers and the graph of its changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) born: Option<(DocKind, u32)>,
    pub(crate) places: HashMap<OpId, Place>,
    pub(crate) items: BTreeSet<(&'static str, ItemId)>,
    pub(crate) history: History,
    /// Elements of texts and lists met so far, with the object they are in.
    elements: HashMap<OpId, OpId>,
    /// Objects whose visible elements are in the table; all elements if there is no more.
    loaded: BTreeSet<(u64, Vec<u8>)>,
    loaded_all: bool,
    /// What was seen at the dependencies met last: bodies written offline share them.
    clocks: Vec<(Vec<automerge::ChangeHash>, Clock)>,
    /// What the body being inspected has added so far, so that a fault can take it back.
    pub(crate) undo: Vec<Added>,
}

#[derive(Debug, Clone)]
pub(crate) enum Added {
    Birth,
    Place(OpId),
    Item(&'static str, ItemId),
    Element(OpId),
    Change(Box<Change>, Option<(u64, automerge::ChangeHash)>),
}

impl Known {
    /// Reads the containers of a document of ours.
    pub(crate) fn of(am: &Automerge, born: Option<(DocKind, u32)>) -> Self {
        let mut out = Self { born, history: History::of(am), ..Self::default() };
        let Some((kind, _)) = born else { return out };
        let view = View::now(am);
        for field in schema::fields(kind) {
            let Some(ty) = container(field.ty) else { continue };
            for obj in view.containers(&ROOT, field.key, ty) {
                out.place(&obj, field, FieldPath::top(field.key));
                let FieldType::List(shape) = field.ty else { continue };
                for item in view.items(&obj) {
                    let Some(id) = view.item_id(&item) else { continue };
                    out.items.insert((field.key, id));
                    out.places.extend(op_id(&item).map(|o| (o, Place::Item(field, shape, id))));
                    for inner in shape {
                        let Some(ty) = container(inner.ty) else { continue };
                        for obj in view.containers(&item, inner.key, ty) {
                            out.place(&obj, inner, FieldPath::item(field.key, id, inner.key));
                        }
                    }
                }
            }
        }
        out
    }

    fn place(&mut self, obj: &ObjId, field: &'static Field, path: FieldPath) {
        if let Some(id) = op_id(obj) {
            self.put(id, field, path);
        }
    }

    pub(crate) fn put(&mut self, id: OpId, field: &'static Field, path: FieldPath) {
        let place = match field.ty {
            FieldType::Text => Place::Text(path),
            FieldType::Set(members) => Place::Set(path, members),
            FieldType::List(shape) => Place::List(field, shape),
            FieldType::Scalar(_) | FieldType::Judgement(_) => return,
        };
        self.undo.push(Added::Place(id.clone()));
        self.places.insert(id, place);
    }

    /// Reads one body. On success the table knows its containers and changes.
    ///
    /// On a fault the table is as it was. `am` is the document before any of the batch.
    pub(crate) fn inspect(
        &mut self,
        am: &Automerge,
        changes: Vec<Change>,
    ) -> Result<Inspected, SchemaFault> {
        if changes.windows(2).any(|w| w[0].actor_id() != w[1].actor_id()) {
            return Err(SchemaFault::MixedActors);
        }
        self.undo.clear();
        let result = self.walk(am, changes);
        if result.is_err() {
            for added in std::mem::take(&mut self.undo).into_iter().rev() {
                match added {
                    Added::Birth => self.born = None,
                    Added::Place(id) => drop(self.places.remove(&id)),
                    Added::Element(id) => drop(self.elements.remove(&id)),
                    Added::Item(list, id) => drop(self.items.remove(&(list, id))),
                    Added::Change(change, last) => self.history.take_back(&change, last),
                }
            }
        }
        result
    }

    fn walk(&mut self, am: &Automerge, changes: Vec<Change>) -> Result<Inspected, SchemaFault> {
        let mut out = Inspected::default();
        let mut touches = BTreeSet::new();
        let mut seen: Option<(automerge::ChangeHash, Clock)> = None;
        for change in changes {
            // A known change is a no-op, whichever body brings it.
            if self.history.has(&change.hash()) {
                continue;
            }
            self.check_header(&change)?;
            let hash = ours(change.hash());
            // An actor index outside the change's own table panics inside the decoder.
            let ops = catch_unwind(AssertUnwindSafe(|| change.decode().operations))
                .map_err(|_| SchemaFault::Undecodable { change: hash })?;
            let clock = match seen.take() {
                // A device's consecutive changes: only its own operations came on top.
                Some((last, mut clock)) if change.deps() == [last] => {
                    clock.insert(change.actor_id().clone(), change.start_op().get() - 1);
                    clock
                }
                _ => self.clock(change.deps()),
            };
            let mut walk = Walk {
                known: self,
                am,
                clock: &clock,
                change: &change,
                touches: &mut touches,
                overwrites: &mut out.overwrites,
                written: HashMap::new(),
            };
            if walk.run(&ops)? {
                out.touched.birth = self.born.map(|b| b.0);
            }
            let last = self.history.last_of(change.actor_id());
            self.undo.push(Added::Change(Box::new(change.clone()), last));
            self.history.add(&change);
            seen = Some((change.hash(), clock));
            out.changes.push(change);
        }
        out.touched.touches = touches.into_iter().collect();
        Ok(out)
    }

    /// Notes an element that the body being inspected inserts.
    pub(crate) fn element(&mut self, id: OpId, obj: OpId) {
        self.undo.push(Added::Element(id.clone()));
        self.elements.insert(id, obj);
    }

    /// Returns whether an operation inserted an element into the object.
    ///
    /// Automerge asserts this when it is too late. Visible elements are cheap to list; only
    /// for one that was deleted all changes are decoded, once.
    pub(crate) fn is_in(&mut self, am: &Automerge, element: &OpId, obj: &OpId) -> bool {
        let key = (obj.0, obj.1.to_bytes().to_vec());
        if !self.elements.contains_key(element) && self.loaded.insert(key) {
            let visible = visible_in(am, obj).into_iter().map(|id| (id, obj.clone()));
            self.elements.extend(visible);
        }
        if !self.elements.contains_key(element) && !self.loaded_all {
            self.loaded_all = true;
            self.elements.extend(am.get_changes(&[]).iter().flat_map(inserted_by));
        }
        self.elements.get(element) == Some(obj)
    }

    fn clock(&mut self, deps: &[automerge::ChangeHash]) -> Clock {
        const KEPT: usize = 8;
        if let Some((_, clock)) = self.clocks.iter().find(|(d, _)| d == deps) {
            return clock.clone();
        }
        let clock = self.history.clock(deps);
        if self.clocks.len() >= KEPT {
            self.clocks.remove(0);
        }
        self.clocks.push((deps.to_vec(), clock.clone()));
        clock
    }

    fn check_header(&self, change: &Change) -> Result<(), SchemaFault> {
        let hash = ours(change.hash());
        if change.timestamp() != 0 || change.message().is_some() || !change.extra_bytes().is_empty()
        {
            return Err(SchemaFault::NotCanonical { change: hash });
        }
        if let Some(missing) = change.deps().iter().find(|d| !self.history.has(d)) {
            return Err(SchemaFault::MissingDep { change: hash, missing: ours(*missing) });
        }
        let last = self.history.last_of(change.actor_id());
        let expected = last.map_or(0, |l| l.0).saturating_add(1);
        if change.seq() != expected {
            return Err(SchemaFault::WrongSeq { change: hash, found: change.seq(), expected });
        }
        if last.is_some_and(|(_, l)| !self.history.rests_on(change.deps(), &l)) {
            return Err(SchemaFault::ActorForked { change: hash });
        }
        let expected = self.history.max_op(change.deps()).saturating_add(1);
        let found = change.start_op().get();
        if found != expected {
            return Err(SchemaFault::WrongStart { change: hash, found, expected });
        }
        if change.deps().is_empty() && !self.history.is_empty() {
            return Err(SchemaFault::SecondBirth);
        }
        Ok(())
    }
}

/// Names an object by the operation that made it.
///
/// The last number is only a hint where to find the actor.
pub(crate) fn object(id: &OpId) -> ObjId {
    ObjId::Id(id.counter(), id.actor().clone(), 0)
}

/// Returns the elements of a text or list that are visible now.
fn visible_in(am: &Automerge, obj: &OpId) -> Vec<OpId> {
    am.list_range(object(obj), ..).filter_map(|i| op_id(&i.id())).collect()
}

/// Returns the elements that a change of a document of ours inserts, with their objects.
fn inserted_by(change: &Change) -> Vec<(OpId, OpId)> {
    let start = change.start_op().get();
    let made = (start..).map(|counter| OpId::new(counter, change.actor_id()));
    made.zip(change.decode().operations)
        .filter_map(|(id, op)| match op.obj {
            ObjectId::Id(obj) if op.insert => Some((id, obj)),
            _ => None,
        })
        .collect()
}

/// Returns whether an operation, any that a stranger may name, inserted an element into the
/// object, whether or not it is still visible.
pub(crate) fn is_element(am: &Automerge, element: &OpId, obj: &OpId) -> bool {
    visible_in(am, obj).contains(element)
        || am
            .hash_for_opid(&object(element))
            .and_then(|h| am.get_change_by_hash(&h))
            .is_some_and(|c| inserted_by(&c).contains(&(element.clone(), obj.clone())))
}
