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
    /// They are not in sequence, or their operation numbers are not those of an honest build.
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
    /// The highest sequence number seen of each actor, whatever became of the change.
    last_seq: BTreeMap<[u8; 16], u64>,
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

    /// Tells whether new changes of this actor continue its sequence; known changes do not count.
    pub fn in_sequence(&self, headers: &[ChangeHeader]) -> bool {
        let fresh = headers.iter().filter(|h| !self.known.contains_key(&h.hash));
        let first = headers.first().map_or(1, |h| self.next_seq(&h.actor));
        fresh.zip(first..).all(|(h, next)| h.seq == next)
    }

    /// Returns the sequence number the next change of this actor must have.
    pub fn next_seq(&self, actor: &[u8; 16]) -> u64 {
        self.last_seq.get(actor).copied().unwrap_or(0) + 1
    }

    /// Takes stored changes in as undecided; known ones stay as they are.
    pub fn add(&mut self, headers: &[ChangeHeader]) {
        for h in headers {
            self.known
                .entry(h.hash)
                .or_insert(Known { max_op: h.max_op, status: Status::Undecided });
            let last = self.last_seq.entry(h.actor).or_insert(0);
            *last = (*last).max(h.seq);
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
