//! Disks that forget what was not flushed.
//!
//! A commit is applied whole or not at all. What waits in a node's queue of commits is in
//! memory only: a crash loses it. Copying a disk is a clone of the value.
use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use shared::{
    journal::{
        Table, Write, cbor,
        entry::{Entry, Epoch},
        envelope::{Envelope, SessionNonce},
        laptop,
        server::{self, LoadedEnvelope},
    },
    model::{ChangeHash, Digest, DocId, SpaceId, Timestamp},
};

use super::changes::{self, ChangesOf};

type Row = (Vec<u8>, Vec<u8>);

#[derive(Clone, Default)]
struct Rows {
    next: u64,
    order: BTreeMap<u64, Vec<u8>>,
    rows: BTreeMap<Vec<u8>, (u64, Vec<u8>)>,
}

/// A laptop's disk: rows in the order in which their keys were first put.
#[derive(Clone, Default)]
pub(super) struct LaptopDisk {
    tables: BTreeMap<Table, Rows>,
    /// In how many rows each change is.
    held: BTreeMap<ChangeHash, usize>,
}

impl LaptopDisk {
    /// Carries out one commit; returns the changes that no row holds any more.
    pub(super) fn apply(&mut self, writes: &[Write], known: &mut ChangesOf) -> Vec<ChangeHash> {
        let mut gone = Vec::new();
        for write in writes {
            let (table, key) = write.target();
            if let Some((_, old)) = self.tables.get(&table).and_then(|t| t.rows.get(key)) {
                gone.extend(brings(table, old, known));
            }
            if let Write::Put { value, .. } = write {
                for change in brings(table, value, known) {
                    *self.held.entry(change).or_default() += 1;
                }
            }
            match write {
                Write::Put { table, key, value } => {
                    let t = self.tables.entry(*table).or_default();
                    match t.rows.get_mut(key) {
                        Some(row) => row.1.clone_from(value),
                        None => {
                            t.order.insert(t.next, key.clone());
                            t.rows.insert(key.clone(), (t.next, value.clone()));
                            t.next += 1;
                        }
                    }
                }
                Write::Delete { table, key } => {
                    let t = self.tables.entry(*table).or_default();
                    if let Some((n, _)) = t.rows.remove(key) {
                        t.order.remove(&n);
                    }
                }
            }
        }
        for change in &gone {
            if let Some(rows) = self.held.get_mut(change) {
                *rows -= 1;
            }
        }
        gone.retain(|c| !self.holds(c));
        gone
    }

    /// Tells whether a change is in some row.
    pub(super) fn holds(&self, change: &ChangeHash) -> bool {
        self.held.get(change).is_some_and(|rows| *rows > 0)
    }

    pub(super) fn rows(&self, table: Table) -> Vec<Row> {
        self.tables.get(&table).map_or_else(Vec::new, |t| {
            t.order.values().map(|k| (k.clone(), t.rows[k].1.clone())).collect()
        })
    }

    /// Returns the values of a table whose keys begin with `prefix`, in order of key.
    pub(super) fn under<'a>(
        &'a self,
        table: Table,
        prefix: &'a [u8],
    ) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.tables
            .get(&table)
            .into_iter()
            .flat_map(move |t| t.rows.range(prefix.to_vec()..))
            .take_while(move |(k, _)| k.starts_with(prefix))
            .map(|(_, (_, v))| &v[..])
    }

    pub(super) fn envelope(&self, hash: &Digest) -> Option<Envelope> {
        let row = self.tables.get(&Table::Envelope)?.rows.get(&hash.as_bytes()[..])?;
        Envelope::from_bytes(row.1.get(1..)?).ok()
    }

    pub(super) fn load(&self) -> laptop::Loaded {
        laptop::Loaded {
            meta: self.rows(Table::Meta),
            sessions: self.rows(Table::Session),
            drafts: self.rows(Table::Draft),
            envelopes: self.rows(Table::Envelope),
            entries: self.rows(Table::Entry),
            receipts: self.rows(Table::Receipt),
        }
    }
}

/// Returns the changes in a row.
fn brings(table: Table, value: &[u8], known: &mut ChangesOf) -> Vec<ChangeHash> {
    match table {
        Table::Envelope => value
            .get(1..)
            .and_then(|bytes| Envelope::from_bytes(bytes).ok())
            .map(|envelope| known.of(&envelope))
            .unwrap_or_default(),
        Table::Draft => cbor::from_slice::<(SessionNonce, DocId, Timestamp, ByteVec)>(value)
            .map(|(_, _, _, bytes)| changes::read(&bytes).into_iter().map(|c| c.hash).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The server's disk.
#[derive(Clone, Default)]
pub(super) struct ServerDisk {
    epoch: Epoch,
    recovering: bool,
    order: Vec<Digest>,
    envelopes: BTreeMap<Digest, (Envelope, u32)>,
    entries: BTreeMap<(SpaceId, u64), Entry>,
    snapshots: BTreeMap<(SpaceId, DocId), (u64, Vec<u8>)>,
    displaced: Vec<(Entry, bool)>,
}

impl ServerDisk {
    pub(super) fn apply(&mut self, writes: Vec<server::Write>) {
        for write in writes {
            match write {
                server::Write::Envelope(envelope) => {
                    let hash = envelope.hash();
                    if !self.envelopes.contains_key(&hash) {
                        self.order.push(hash);
                        self.envelopes.insert(hash, (envelope, 0));
                    }
                }
                server::Write::Entry(entry) => {
                    self.entries.insert((entry.body().space, entry.body().pos), entry);
                }
                server::Write::Snapshot { space, doc, pos, saved } => {
                    self.snapshots.insert((space, doc), (pos, saved));
                }
                server::Write::Attempt { envelope, times } => {
                    if let Some(row) = self.envelopes.get_mut(&envelope) {
                        row.1 = times;
                    }
                }
                server::Write::Displace { space, from } => self.displace(space, from),
                server::Write::Epoch(epoch) => self.epoch = epoch,
                // The simulation's round is a training round: its clock is never in doubt.
                server::Write::Clock { .. } => {}
                server::Write::Recovering(on) => self.recovering = on,
                server::Write::Reissued(hash) => {
                    for row in self.displaced.iter_mut().filter(|(e, _)| e.hash() == hash) {
                        row.1 = true;
                    }
                }
            }
        }
    }

    fn displace(&mut self, space: SpaceId, from: u64) {
        let keys: Vec<_> =
            self.entries.range((space, from)..=(space, u64::MAX)).map(|(k, _)| *k).collect();
        for key in keys {
            if let Some(entry) = self.entries.remove(&key) {
                self.displaced.push((entry, false));
            }
        }
        // A snapshot beyond the place holds what is no longer in the document.
        self.snapshots.retain(|(s, _), (pos, _)| *s != space || *pos < from);
    }

    /// Returns the envelopes that have entered a sandbox alone.
    pub(super) fn attempted(&self) -> impl Iterator<Item = Digest> + '_ {
        self.envelopes.iter().filter(|(_, (_, times))| *times > 0).map(|(h, _)| *h)
    }

    pub(super) fn holds(&self, hash: &Digest) -> bool {
        self.envelopes.contains_key(hash)
    }

    pub(super) fn envelope(&self, hash: &Digest) -> Option<&Envelope> {
        self.envelopes.get(hash).map(|(e, _)| e)
    }

    pub(super) fn envelopes(&self) -> impl Iterator<Item = &Envelope> {
        self.order.iter().filter_map(|h| self.envelope(h))
    }

    /// Returns all entries, each space in order.
    pub(super) fn all_entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(super) fn entry(&self, space: SpaceId, pos: u64) -> Option<&Entry> {
        self.entries.get(&(space, pos))
    }

    /// Returns the entries that a recovery took out and has not said again.
    pub(super) fn unsaid(&self) -> impl Iterator<Item = &Entry> {
        self.displaced
            .iter()
            .filter(|(e, again)| !again && e.body().envelope.is_none())
            .map(|d| &d.0)
    }

    pub(super) fn entries(&self, space: SpaceId, after: u64) -> impl Iterator<Item = &Entry> {
        self.entries.range((space, after + 1)..=(space, u64::MAX)).map(|(_, e)| e)
    }

    pub(super) fn snapshot(&self, space: SpaceId, doc: DocId) -> Option<&[u8]> {
        self.snapshots.get(&(space, doc)).map(|(_, saved)| &saved[..])
    }

    pub(super) fn load(&self) -> server::Loaded {
        server::Loaded {
            clock: None,
            epoch: self.epoch,
            recovering: self.recovering,
            envelopes: self
                .order
                .iter()
                .filter_map(|h| self.envelopes.get(h))
                .map(|(e, attempts)| LoadedEnvelope { envelope: e.clone(), attempts: *attempts })
                .collect(),
            entries: self.entries.values().cloned().collect(),
            snapshots: self.snapshots.iter().map(|((s, d), (p, _))| (*s, *d, *p)).collect(),
            displaced: self.displaced.clone(),
        }
    }
}
