//! What is known of a document's changes without reading their contents.
use std::collections::{HashMap, HashSet};

use automerge::{ActorId, Automerge, Change, ChangeHash};

#[derive(Debug, Clone)]
struct Known {
    actor: ActorId,
    max_op: u64,
    deps: Vec<ChangeHash>,
}

/// The highest operation counter of each actor among some changes and all they rest on.
pub(crate) type Clock = HashMap<ActorId, u64>;

/// The graph of changes with what a change's place in it must agree with.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    changes: HashMap<ChangeHash, Known>,
    actors: HashMap<ActorId, (u64, ChangeHash)>,
}

impl History {
    /// Reads the graph of a document.
    pub(crate) fn of(am: &Automerge) -> Self {
        let mut out = Self::default();
        for meta in am.get_changes_meta(&[]) {
            out.record(&meta.actor, meta.seq, meta.hash, meta.max_op, &meta.deps);
        }
        out
    }

    fn record(&mut self, a: &ActorId, seq: u64, h: ChangeHash, max_op: u64, deps: &[ChangeHash]) {
        self.changes.insert(h, Known { actor: a.clone(), max_op, deps: deps.to_vec() });
        let last = self.actors.entry(a.clone()).or_insert((seq, h));
        if last.0 < seq {
            *last = (seq, h);
        }
    }

    /// Adds a change.
    pub(crate) fn add(&mut self, change: &Change) {
        self.record(change.actor_id(), change.seq(), change.hash(), change.max_op(), change.deps());
    }

    /// Takes back the change added last, if it was its actor's newest.
    pub(crate) fn take_back(&mut self, change: &Change, before: Option<(u64, ChangeHash)>) {
        self.changes.remove(&change.hash());
        match before {
            Some(last) => drop(self.actors.insert(change.actor_id().clone(), last)),
            None => drop(self.actors.remove(change.actor_id())),
        }
    }

    /// Returns whether the change is there.
    pub(crate) fn has(&self, hash: &ChangeHash) -> bool {
        self.changes.contains_key(hash)
    }

    /// Returns whether there is no change.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the number and hash of an actor's newest change.
    pub(crate) fn last_of(&self, actor: &ActorId) -> Option<(u64, ChangeHash)> {
        self.actors.get(actor).copied()
    }

    /// Returns the highest operation counter among changes and all they rest on.
    pub(crate) fn max_op(&self, deps: &[ChangeHash]) -> u64 {
        deps.iter().filter_map(|d| self.changes.get(d)).map(|k| k.max_op).max().unwrap_or(0)
    }

    /// Returns what somebody who held `deps` had seen.
    pub(crate) fn clock(&self, deps: &[ChangeHash]) -> Clock {
        let mut out = Clock::new();
        let mut seen = HashSet::new();
        let mut open = deps.to_vec();
        while let Some(hash) = open.pop() {
            if let Some(known) = self.changes.get(&hash)
                && seen.insert(hash)
            {
                let newest = out.entry(known.actor.clone()).or_default();
                *newest = known.max_op.max(*newest);
                open.extend_from_slice(&known.deps);
            }
        }
        out
    }

    /// Returns whether `target` is among `deps` or something they rest on.
    ///
    /// Counters only grow along the graph, so branches below the target's are not followed.
    pub(crate) fn rests_on(&self, deps: &[ChangeHash], target: &ChangeHash) -> bool {
        let Some(floor) = self.changes.get(target).map(|k| k.max_op) else { return false };
        let mut seen = HashSet::new();
        let mut open = deps.to_vec();
        while let Some(hash) = open.pop() {
            if hash == *target {
                return true;
            }
            if let Some(known) = self.changes.get(&hash)
                && known.max_op >= floor
                && seen.insert(hash)
            {
                open.extend_from_slice(&known.deps);
            }
        }
        false
    }
}
