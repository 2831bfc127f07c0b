//! One space as the server holds it.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    journal::{
        changes::{ChangeIndex, Standing, Status},
        entry::Cursor,
        envelope::{Header, SessionNonce},
        precheck::ChangeHeader,
    },
    model::{ChangeHash, DeviceId, Digest, DocId, SpaceId, Timestamp},
    workflow::{Request, SpaceState},
};

/// A document in a space.
pub(super) type DocKey = (SpaceId, DocId);

/// Where one chain stands.
///
/// A chain has holes only after a recovery: entries come back with their envelopes, those
/// without an entry come later, from whoever holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) next: u64,
    pub(super) last: Digest,
    /// Places without an envelope, with the hash it must have where the one after it says so.
    holes: BTreeMap<u64, Option<Digest>>,
}

/// How an envelope stands to its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the next, or fills a hole.
    Free,
    /// Those from here on are missing before it.
    Gap(u64),
    /// Another one stands there, or before it.
    Taken,
}

impl Chain {
    /// Begins a chain before its first envelope.
    pub(super) fn new() -> Self {
        Self { next: 0, last: Digest::default(), holes: BTreeMap::new() }
    }

    /// Says whether an envelope may be put into the chain.
    pub(super) fn place(&self, header: &Header, hash: &Digest) -> Place {
        if header.seq > self.next {
            return Place::Gap(self.holes.keys().next().copied().unwrap_or(self.next));
        }
        if header.seq == self.next {
            let follows = header.seq == 0 || header.prev == Some(self.last);
            return if follows { Place::Free } else { Place::Taken };
        }
        match self.holes.get(&header.seq) {
            Some(due) if due.is_none_or(|due| due == *hash) => Place::Free,
            _ => Place::Taken,
        }
    }

    /// Puts a stored envelope into the chain; places before it that are empty become holes.
    pub(super) fn put(&mut self, header: &Header, hash: Digest) {
        self.holes.remove(&header.seq);
        for empty in self.next..header.seq {
            self.holes.insert(empty, None);
        }
        if let Some(before) = header.seq.checked_sub(1)
            && let Some(due) = self.holes.get_mut(&before)
        {
            *due = header.prev;
        }
        if header.seq >= self.next {
            self.next = header.seq + 1;
            self.last = hash;
        }
    }
}

/// A stored envelope, without its bytes.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) header: Header,
    /// The changes of a content envelope; empty for a command.
    pub(super) changes: Vec<ChangeHeader>,
    /// The request of a command envelope that can be read; an unreadable one is `Err`.
    pub(super) request: Option<Result<Request, String>>,
    /// How many of the requests it rests on, from the first, are known to be accepted.
    pub(super) rests: usize,
    /// Position of the entry that decided it.
    pub(super) decided: Option<u64>,
    /// How the entry read, for those that rest on it.
    pub(super) accepted: bool,
    /// Whether the commit that stores it is answered.
    pub(super) durable: bool,
    /// How often it has entered a sandbox alone.
    pub(super) attempts: u32,
    /// Whether it must be tried alone, after a death in company.
    pub(super) alone: bool,
    /// Whether its document was tried without it since, and is sound.
    pub(super) cleared: bool,
    /// What its changes are worth, once its device is known.
    pub(super) proof: Option<Proof>,
    /// Whether it is queued: false only while loading.
    pub(super) queued: bool,
}

/// What the changes of an envelope are worth, by its header and those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// They are under the actor that the header proves, at places of their own. Only these and
    /// `Taken` are in the index.
    Own,
    /// Other changes of this actor have their places.
    Taken,
    /// They are under another actor: the index never hears of them.
    Forged,
}

/// One document as the server holds it: an index and a queue, never its content.
#[derive(Debug, Default)]
pub(super) struct Doc {
    pub(super) index: ChangeIndex,
    /// Changes that a device brought under an actor not its own. What it writes on them falls
    /// with them; for everybody else they have not arrived.
    pub(super) forged: BTreeSet<(DeviceId, ChangeHash)>,
    /// Stored, undecided, in the order in which they came.
    pub(super) queue: VecDeque<Digest>,
    /// Content in the tray, in the order in which it was set aside.
    pub(super) aside: Vec<Digest>,
    /// Content that rests on changes not decided, with how many of these.
    pub(super) held: BTreeMap<Digest, usize>,
    /// These changes, and the held content that rests on each.
    pub(super) awaited: BTreeMap<ChangeHash, BTreeSet<Digest>>,
    /// Held content that may be ready.
    pub(super) stirred: Vec<Digest>,
    /// The position up to which the stored snapshot goes, if there is one.
    pub(super) snapshot: Option<u64>,
    /// Main envelopes since that snapshot, in order.
    pub(super) later: Vec<Digest>,
    /// Whether a trial or its commit is under way.
    pub(super) busy: bool,
    /// Whether a snapshot is being written; another would count what it contains twice.
    pub(super) keeping: bool,
    /// When to try again after a time-out.
    pub(super) again: Option<Timestamp>,
    /// Whether our own copy does not load: content waits, commands are refused.
    pub(super) damaged: bool,
}

impl Doc {
    /// Lets content wait for what it rests on and nobody has decided.
    pub(super) fn hold(&mut self, hash: Digest, changes: &[ChangeHeader]) {
        let own: BTreeSet<ChangeHash> = changes.iter().map(|c| c.hash).collect();
        let open = |dep: &&ChangeHash| {
            let status = self.index.status(dep);
            !own.contains(dep) && matches!(status, None | Some(Status::Undecided))
        };
        let open: BTreeSet<ChangeHash> =
            changes.iter().flat_map(|c| &c.deps).filter(open).copied().collect();
        self.held.insert(hash, open.len());
        for change in open {
            self.awaited.entry(change).or_default().insert(hash);
        }
    }

    /// Stirs what waits for changes of which something was just said: each time by the number
    /// of those that wait for them, never by all that wait.
    pub(super) fn said_of(&mut self, changes: &[ChangeHeader]) {
        for change in changes {
            let stands = match self.index.status(&change.hash) {
                Some(Status::Main | Status::Aside) => true,
                Some(Status::Refused) => false,
                None | Some(Status::Undecided) => {
                    self.stirred.extend(self.awaited.get(&change.hash).into_iter().flatten());
                    continue;
                }
            };
            for hash in self.awaited.remove(&change.hash).unwrap_or_default() {
                let Some(open) = self.held.get_mut(&hash) else { continue };
                *open = open.saturating_sub(1);
                if *open == 0 || !stands {
                    self.stirred.push(hash);
                }
            }
        }
    }

    /// Says how stored content stands; `with` are changes about to become main.
    pub(super) fn standing(&self, stored: &Stored, with: &BTreeSet<ChangeHash>) -> Standing {
        let device = stored.header.device;
        match self.index.standing(&stored.changes, with) {
            Standing::Held(missing)
                if missing.iter().any(|c| self.forged.contains(&(device, *c))) =>
            {
                Standing::FollowsRefused
            }
            standing => standing,
        }
    }
}

/// One space as the server holds it.
#[derive(Debug, Default)]
pub struct Space {
    pub(super) state: SpaceState,
    pub(super) head: Cursor,
    /// The last entry known to be on disk; nothing beyond it is sent.
    pub(super) durable: Cursor,
    pub(super) at: Timestamp,
    /// The hash of each entry, by position from 1.
    pub(super) hashes: Vec<Digest>,
    pub(super) chains: BTreeMap<(DeviceId, SessionNonce), Chain>,
    pub(super) stored: BTreeMap<Digest, Stored>,
    pub(super) docs: BTreeMap<DocId, Doc>,
    /// How many undecided envelopes each device has here.
    pub(super) waiting: BTreeMap<DeviceId, usize>,
    /// Envelopes not decided, and the commands that wait for each. A command waits for the
    /// first such one that it rests on.
    pub(super) patient: BTreeMap<Digest, BTreeSet<Digest>>,
    /// Commands whose wait is over.
    pub(super) ready: BTreeSet<Digest>,
    /// Late arrivals that were adopted, with the position of the entry that did it.
    pub(super) adopted: BTreeMap<Digest, u64>,
    /// Content of devices that are not known here (yet, while a recovery is under way), in
    /// order of arrival.
    pub(super) unproven: Vec<Digest>,
    /// While loading: stored envelopes in order of arrival, and how far they are queued.
    pub(super) arrivals: Vec<Digest>,
    pub(super) next_arrival: usize,
}

impl Space {
    /// Lets a command wait for the n-th, from 0, of those it rests on.
    pub(super) fn wait_for(&mut self, command: Digest, n: usize) {
        let Some(stored) = self.stored.get_mut(&command) else { return };
        let Some(Ok(request)) = &stored.request else { return };
        let Some(basis) = request.basis.get(n) else { return };
        stored.rests = n;
        self.patient.entry(*basis).or_default().insert(command);
    }

    /// Returns the folded state.
    pub fn state(&self) -> &SpaceState {
        &self.state
    }

    /// Returns the place of the last entry.
    pub fn head(&self) -> Cursor {
        self.head
    }

    /// Returns the number of documents with an index.
    pub fn documents(&self) -> usize {
        self.docs.len()
    }

    /// Returns the number of envelopes stored and not yet decided.
    pub fn undecided(&self) -> usize {
        self.stored.values().filter(|s| s.decided.is_none()).count()
    }

    /// Tells whether an envelope is stored durably.
    pub fn holds(&self, envelope: &Digest) -> bool {
        self.stored.get(envelope).is_some_and(|s| s.durable)
    }
}

impl Job {
    /// Returns the envelopes that a death in it speaks against.
    pub(super) fn envelopes(&self) -> Vec<Digest> {
        match self {
            Self::Content { batch, .. } => batch.clone(),
            Self::Command { envelope, .. } => vec![*envelope],
            Self::Document { .. } => Vec::new(),
        }
    }
}

/// A trial under way.
#[derive(Debug)]
pub(super) enum Job {
    /// Content: these envelopes, in order.
    Content { doc: DocKey, batch: Vec<Digest> },
    /// A command that must see the document.
    Command { doc: DocKey, envelope: Digest },
    /// The document alone, without this, on which a sandbox died.
    Document { doc: DocKey, without: Digest },
}
