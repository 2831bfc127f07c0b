//! What is shared by all of one seed's world: chance, time, links, and what was promised.
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
};

use shared::{
    journal::{entry::Verdict, server::Conn},
    model::{ChangeHash, DeviceId, Digest, DocId, PersonId, SpaceId, Timestamp},
};

use super::{canary, chance::Chance, changes::ChangesOf, hunt::Bug, world::Play};

/// Faults and rare states, each of which must occur in a run of many seeds.
pub(super) const FAULTS: &[&str] = &[
    "drop",
    "duplicate",
    "reorder",
    "delay",
    "partition",
    "cut",
    "laptop crash",
    "server crash",
    "unflushed lost",
    "laptop locked",
    "laptop disk full",
    "server disk full",
    "sandbox death",
    "sandbox death on a laptop",
    "sandbox later",
    "sandbox alone",
    "another's actor used",
    "another's changes brought",
    "a claimed place kept",
    "courier",
    "courier twice",
    "courier cut short",
    "disk cloned",
    "server restored",
    "recovery",
    "recovery ended by hand",
    "rewind",
    "refused in mid-chain",
    "descendant refused",
    "aside",
    "follows aside",
    "follows a peer's aside",
    "late",
    "adopted",
    "right lost",
    "heads moved",
    "basis refused",
    "conflict",
    "conflict resolved",
    "signed",
    "returned",
    "held",
    "snapshot",
];

/// What occurs besides where disks of running laptops are copied.
pub(super) const COPIES: &[&str] = &["running disk cloned", "chain forked", "rewritten"];

/// One connection: frames under way, oldest first.
pub(super) struct Link {
    pub(super) station: usize,
    pub(super) device: DeviceId,
    pub(super) person: PersonId,
    pub(super) up: VecDeque<Vec<u8>>,
    pub(super) down: VecDeque<Vec<u8>>,
    pub(super) up_blocked: bool,
    pub(super) down_blocked: bool,
}

/// Everything that is not a node.
pub(super) struct Ctx {
    pub(super) chance: Chance,
    pub(super) now: Timestamp,
    pub(super) links: BTreeMap<Conn, Link>,
    pub(super) conns: u64,
    /// Whether faults are over: everything is flushed and delivered at once.
    pub(super) healing: bool,
    pub(super) hits: BTreeMap<&'static str, u64>,
    /// How often an invariant was looked at.
    pub(super) checks: u64,
    /// Changes of which a laptop has said that they are saved, with their documents.
    pub(super) saved: BTreeMap<(usize, ChangeHash), DocId>,
    /// Envelopes of which a laptop has said that they are received.
    pub(super) received: BTreeSet<Digest>,
    /// Envelopes that receipts of the server name.
    pub(super) receipts: BTreeSet<Digest>,
    /// The last verdict that a laptop was told of an envelope.
    pub(super) told: BTreeMap<Digest, Option<Verdict>>,
    /// The changes that say again what envelopes say that were given up; none where nothing
    /// was left to say.
    pub(super) anew: BTreeMap<Digest, Vec<ChangeHash>>,
    /// Whether the server's disk was put back, so that it may say otherwise what was lost.
    pub(super) restored: bool,
    /// The spaces that have marks, in the order of the cast.
    pub(super) marked: Vec<SpaceId>,
    /// Of these, the ones that each person may read or once might.
    pub(super) ever: BTreeMap<PersonId, BTreeSet<SpaceId>>,
    /// What envelopes bring.
    pub(super) changes: ChangesOf,
    /// Changes that no honest build of these devices brings.
    pub(super) crafted: BTreeSet<(DeviceId, ChangeHash)>,
    /// Changes on which every sandbox dies.
    pub(super) poison: BTreeSet<ChangeHash>,
    /// Envelopes that were alone in a sandbox when the server crashed.
    pub(super) interrupted: BTreeSet<Digest>,
    /// The first breach of an invariant.
    pub(super) broken: Option<String>,
    /// The bug that every core is given.
    pub(super) bug: Option<Bug>,
    trace: u64,
    print: bool,
}

impl Ctx {
    pub(super) fn new(play: &Play) -> Self {
        Self {
            chance: Chance::new(play.seed),
            now: Timestamp(1_780_000_000_000),
            links: BTreeMap::new(),
            conns: 0,
            healing: false,
            hits: BTreeMap::new(),
            checks: 0,
            saved: BTreeMap::new(),
            received: BTreeSet::new(),
            receipts: BTreeSet::new(),
            told: BTreeMap::new(),
            anew: BTreeMap::new(),
            restored: false,
            marked: Vec::new(),
            ever: BTreeMap::new(),
            changes: ChangesOf::default(),
            crafted: BTreeSet::new(),
            poison: BTreeSet::new(),
            interrupted: BTreeSet::new(),
            broken: None,
            trace: 0xcbf2_9ce4_8422_2325,
            print: play.print,
            bug: play.bug,
        }
    }

    pub(super) fn hit(&mut self, fault: &'static str) {
        *self.hits.entry(fault).or_default() += 1;
    }

    /// Looks at an invariant; the first breach ends the seed.
    pub(super) fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds && self.broken.is_none() {
            self.broken = Some(what());
        }
    }

    pub(super) fn note(&mut self, what: fmt::Arguments<'_>) {
        struct Fnv<'a>(&'a mut u64);
        impl fmt::Write for Fnv<'_> {
            fn write_str(&mut self, s: &str) -> fmt::Result {
                for b in s.bytes() {
                    *self.0 = (*self.0 ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
                }
                Ok(())
            }
        }
        // Writing into a number cannot fail.
        let _ = fmt::write(&mut Fnv(&mut self.trace), what);
        if self.print {
            println!("{what}");
        }
    }

    /// No mark of a space that a person never might read is among some bytes.
    pub(super) fn check_marks(&mut self, person: PersonId, bytes: &[u8], what: &str) {
        let found = canary::found(bytes, &self.marked);
        let ever = self.ever.get(&person);
        let strange = found.into_iter().find(|s| !ever.is_some_and(|e| e.contains(s)));
        self.check(strange.is_none(), || format!("{what} of {person} has text of {strange:?}"));
    }

    /// Returns the hash of everything that happened.
    pub(super) fn trace(&self) -> u64 {
        self.trace
    }
}
