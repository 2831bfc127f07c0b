//! What is shared by all of one seed's world: chance, time, links, and what was promised.
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
};

use shared::{
    journal::{entry::Verdict, server::Conn},
    model::{ChangeHash, DeviceId, Digest, DocId, SpaceId, Timestamp},
};

use super::chance::Chance;

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
    "sandbox later",
    "sandbox alone",
    "courier",
    "courier twice",
    "courier cut short",
    "disk cloned",
    "chain forked",
    "rewritten",
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

/// One connection: frames under way, oldest first.
pub(super) struct Link {
    pub(super) station: usize,
    pub(super) device: DeviceId,
    pub(super) up: VecDeque<Vec<u8>>,
    pub(super) down: VecDeque<Vec<u8>>,
    pub(super) up_blocked: bool,
    pub(super) down_blocked: bool,
}

/// A saved change: on which laptop, in which document, which.
pub(super) type Saved = (usize, SpaceId, DocId, ChangeHash);

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
    /// Changes of which a laptop has said that they are saved.
    pub(super) saved: BTreeSet<Saved>,
    /// Envelopes of which a laptop has said that they are received.
    pub(super) received: BTreeSet<Digest>,
    /// The last verdict each laptop was told of an envelope.
    pub(super) told: BTreeMap<(usize, Digest), Option<Verdict>>,
    /// Changes that no honest build makes.
    pub(super) crafted: BTreeSet<ChangeHash>,
    /// Changes on which every sandbox dies.
    pub(super) poison: BTreeSet<ChangeHash>,
    /// Envelopes that were alone in a sandbox when the server crashed.
    pub(super) interrupted: BTreeSet<Digest>,
    /// The first breach of an invariant.
    pub(super) broken: Option<String>,
    trace: u64,
    print: bool,
}

impl Ctx {
    pub(super) fn new(seed: u64, print: bool) -> Self {
        Self {
            chance: Chance::new(seed),
            now: Timestamp(1_780_000_000_000),
            links: BTreeMap::new(),
            conns: 0,
            healing: false,
            hits: BTreeMap::new(),
            checks: 0,
            saved: BTreeSet::new(),
            received: BTreeSet::new(),
            told: BTreeMap::new(),
            crafted: BTreeSet::new(),
            poison: BTreeSet::new(),
            interrupted: BTreeSet::new(),
            broken: None,
            trace: 0xcbf2_9ce4_8422_2325,
            print,
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

    /// Returns the hash of everything that happened.
    pub(super) fn trace(&self) -> u64 {
        self.trace
    }
}
