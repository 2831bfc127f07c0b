//! The index of one document's changes: enough to admit a change without loading anything.
//!
//! Each change is known by hash with its actor, sequence number, highest operation and
//! status. Both ends keep this index; neither ever applies a change here.
use std::collections::{BTreeMap, BTreeSet};

use super::precheck::ChangeHeader;
use crate::model::ChangeHash;

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Stored, not decided.
    Undecided,
    /// In the document.
    Main,
    /// Stored and shown, not in the document.
    Aside,
    /// Something an honest build cannot make.
    Refused,
}

/// How the changes of one envelope stand to what is already known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Every change is in the document already: a no-op.
    AllMain,
    /// All that they rest on is in the document (or in front of them in the same body).
    Ready,
    /// They rest on undecided changes.
    Waits,
    /// They rest on changes that have not arrived.
    Held(Vec<ChangeHash>),
    /// They rest on something set aside.
    FollowsAside,
    /// They rest on something refused.
    FollowsRefused,
    /// Their actor lacks changes before them, or their operation numbers are not those of an
    /// honest build.
    Faulty,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    max_op: u64,
    status: Status,
}

/// The changes of one document.
#[derive(Debug, Clone, Default)]
pub struct ChangeIndex {
    known: BTreeMap<ChangeHash, Known>,
    /// The sequence numbers seen of each actor, whatever became of the changes.
    seen: BTreeMap<[u8; 16], Runs>,
    heads: BTreeSet<ChangeHash>,
}

impl ChangeIndex {
    /// Returns the heads of the document: main changes on which no main change rests.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.heads.iter().copied().collect()
    }

    /// Returns the number of changes known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Tells whether no change is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Returns where a change stands, if it is known.
    pub fn status(&self, change: &ChangeHash) -> Option<Status> {
        self.known.get(change).map(|k| k.status)
    }

    /// Says how the changes of one body stand; `with` are changes about to become main.
    pub fn standing(&self, headers: &[ChangeHeader], with: &BTreeSet<ChangeHash>) -> Standing {
        if headers.iter().all(|h| self.status(&h.hash) == Some(Status::Main)) {
            return Standing::AllMain;
        }
        let own: BTreeSet<_> = headers.iter().map(|h| h.hash).collect();
        let (mut waits, mut aside, mut missing) = (false, false, Vec::new());
        for dep in headers.iter().flat_map(|h| &h.deps) {
            if own.contains(dep) || with.contains(dep) {
                continue;
            }
            match self.status(dep) {
                Some(Status::Main) => {}
                Some(Status::Undecided) => waits = true,
                Some(Status::Aside) => aside = true,
                Some(Status::Refused) => return Standing::FollowsRefused,
                None => missing.push(*dep),
            }
        }
        if !missing.is_empty() {
            missing.sort_unstable();
            missing.dedup();
            Standing::Held(missing)
        } else if waits {
            Standing::Waits
        } else if !self.complete(headers) {
            Standing::Faulty
        } else if aside {
            Standing::FollowsAside
        } else if self.honest(headers) {
            Standing::Ready
        } else {
            Standing::Faulty
        }
    }

    /// Tells whether operation numbers continue exactly where what they rest on ends.
    fn honest(&self, headers: &[ChangeHeader]) -> bool {
        let mut inside: BTreeMap<ChangeHash, u64> = BTreeMap::new();
        headers.iter().all(|h| {
            let rests_on = h.deps.iter().map(|d| {
                inside.get(d).copied().or_else(|| self.known.get(d).map(|k| k.max_op)).unwrap_or(0)
            });
            let fits = h.start_op == rests_on.max().unwrap_or(0) + 1;
            inside.insert(h.hash, h.max_op);
            fits
        })
    }

    /// Tells whether their actors' sequences are here without a gap before them. An honest
    /// change rests on the one before it: where all it rests on is here, so is all of these.
    fn complete(&self, headers: &[ChangeHeader]) -> bool {
        headers.iter().all(|h| self.seen.get(&h.actor).is_some_and(|seen| seen.reaches(h.seq)))
    }

    /// Tells whether no other change has the place of one of these in its actor's sequence.
    /// They need not come in order: after a recovery what is missing before them comes later.
    pub fn places_free(&self, headers: &[ChangeHeader]) -> bool {
        let mut own = BTreeSet::new();
        headers.iter().filter(|h| !self.known.contains_key(&h.hash)).all(|h| {
            let taken = self.seen.get(&h.actor).is_some_and(|seen| seen.holds(h.seq));
            !taken && own.insert((h.actor, h.seq))
        })
    }

    /// Takes stored changes in as undecided; known ones stay as they are.
    pub fn add(&mut self, headers: &[ChangeHeader]) {
        for h in headers {
            self.known
                .entry(h.hash)
                .or_insert(Known { max_op: h.max_op, status: Status::Undecided });
            self.seen.entry(h.actor).or_default().add(h.seq);
        }
    }

    /// Records what became of changes. Main is never taken back here: what is in the
    /// document stays.
    pub fn settle(&mut self, headers: &[ChangeHeader], status: Status) {
        self.add(headers);
        for h in headers {
            let Some(known) = self.known.get_mut(&h.hash) else { continue };
            if known.status == Status::Main {
                continue;
            }
            known.status = status;
            if status == Status::Main {
                for dep in &h.deps {
                    self.heads.remove(dep);
                }
                self.heads.insert(h.hash);
            }
        }
    }
}

/// A set of numbers from 1, as runs: of an honest actor there is one.
#[derive(Debug, Clone, Default)]
struct Runs(BTreeMap<u64, u64>);

impl Runs {
    fn holds(&self, n: u64) -> bool {
        self.0.range(..=n).next_back().is_some_and(|(_, last)| n <= *last)
    }

    /// Tells whether every number from 1 to this one is in it.
    fn reaches(&self, n: u64) -> bool {
        self.0.get(&1).is_some_and(|last| n <= *last)
    }

    fn add(&mut self, n: u64) {
        if self.holds(n) {
            return;
        }
        let after = n.checked_add(1).and_then(|next| self.0.remove(&next)).unwrap_or(n);
        match self.0.range_mut(..n).next_back() {
            Some((_, last)) if last.checked_add(1) == Some(n) => *last = after,
            _ => {
                self.0.insert(n, after);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTOR: [u8; 16] = [7; 16];

    /// The change at a place of the actor's sequence, on the one before it; `other` makes
    /// another one of it.
    fn change(seq: u64, other: u8) -> ChangeHeader {
        let hash = |seq: u64| ChangeHash([seq as u8 + other; 32]);
        let deps = if seq > 1 { vec![hash(seq - 1)] } else { Vec::new() };
        ChangeHeader {
            hash: hash(seq),
            actor: ACTOR,
            seq,
            start_op: seq,
            max_op: seq,
            deps,
            ops: 1,
            start: 0,
            len: 0,
        }
    }

    #[test]
    fn what_comes_before_its_predecessor_waits_for_it_and_is_not_faulty() {
        let mut index = ChangeIndex::default();
        let [first, second, third] = [1, 2, 3].map(|seq| vec![change(seq, 0)]);
        let none = BTreeSet::new();
        // As a recovery may bring them: the last with its entry, the others from who holds them.
        for late in [&third, &second, &first] {
            assert!(index.places_free(late));
            index.add(late);
        }
        assert_eq!(index.standing(&second, &none), Standing::Waits);
        for next in [&first, &second, &third] {
            assert_eq!(index.standing(next, &none), Standing::Ready);
            index.settle(next, Status::Main);
        }
    }

    #[test]
    fn a_place_in_a_sequence_is_taken_once() {
        let mut index = ChangeIndex::default();
        index.add(&[change(1, 0), change(2, 0)]);
        assert!(index.places_free(&[change(2, 0), change(3, 0)]));
        assert!(!index.places_free(&[change(2, 100)]));
    }

    #[test]
    fn a_change_that_leaves_a_place_before_it_empty_is_faulty() {
        let mut index = ChangeIndex::default();
        index.settle(&[change(1, 0)], Status::Main);
        let mut skips = change(3, 0);
        skips.deps = vec![change(1, 0).hash];
        skips.start_op = 2;
        index.add(&[skips.clone()]);
        assert_eq!(index.standing(&[skips], &BTreeSet::new()), Standing::Faulty);
    }
}
