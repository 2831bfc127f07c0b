//! Taking the server's state up from what is on disk.
use std::collections::BTreeSet;

use super::{Server, Space, admit, clock::Clock, space::Chain};
use crate::{
    crypto::SigningKey,
    deliberate::Planted,
    journal::{
        entry::{Entry, Epoch, EventRecord},
        envelope::Envelope,
    },
    model::{DeviceId, Digest, DocId, PersonId, SpaceId, Timestamp},
    workflow::{Event, SpaceKind},
};

/// An envelope as the store holds it.
#[derive(Debug)]
pub struct LoadedEnvelope {
    /// The envelope.
    pub envelope: Envelope,
    /// How often it has entered a sandbox alone.
    pub attempts: u32,
}

/// All that is on disk, in order.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The epoch last written.
    pub epoch: Epoch,
    /// Whether recovery was under way.
    pub recovering: bool,
    /// The time that was trusted last, and whether timers rested.
    pub clock: Option<(Timestamp, bool)>,
    /// Received envelopes of all spaces, in the order in which they were stored.
    pub envelopes: Vec<LoadedEnvelope>,
    /// Entries of all spaces, each space in order of position.
    pub entries: Vec<Entry>,
    /// Snapshots kept: space, document, position.
    pub snapshots: Vec<(SpaceId, DocId, u64)>,
    /// Entries that a recovery displaced, and whether they were said again.
    pub displaced: Vec<(Entry, bool)>,
}

/// What a recovery took out of the journals.
#[derive(Debug, Default)]
pub(super) struct Displaced {
    /// Hashes of displaced entries: who holds them must rewind.
    pub(super) hashes: BTreeSet<Digest>,
    /// The server's own words that must be said again, in order.
    pub(super) own: Vec<(Digest, SpaceId, Vec<EventRecord>)>,
    /// What laptops were told of envelopes: envelope, and whether it was main or accepted.
    pub(super) told: Vec<(SpaceId, Digest, bool)>,
    /// Rights that words of these ended: they stay ended until the words are said again.
    ended: BTreeSet<(SpaceId, PersonId)>,
    /// Devices that words of these revoked, likewise.
    revoked: BTreeSet<(SpaceId, DeviceId)>,
}

impl Server {
    /// Takes the state up from disk. The first [`super::Input::Tick`] sets undecided
    /// envelopes going.
    pub fn load(key: SigningKey, loaded: Loaded) -> Self {
        Self::load_with(key, loaded, Planted::default())
    }

    /// Takes the state up as [`Server::load`] does, with a bug for the simulation to find.
    #[cfg(feature = "deliberate-bugs")]
    pub fn load_planted(key: SigningKey, loaded: Loaded, bug: Option<crate::Bug>) -> Self {
        Self::load_with(key, loaded, Planted(bug))
    }

    fn load_with(key: SigningKey, loaded: Loaded, planted: Planted) -> Self {
        let mut server = Self {
            key,
            epoch: loaded.epoch,
            recovering: loaded.recovering,
            reloading: false,
            spaces: Default::default(),
            devices: Default::default(),
            readers: Default::default(),
            tickets: 0,
            commits: Default::default(),
            trials: Default::default(),
            displaced: Displaced::default(),
            reported: BTreeSet::new(),
            clock: Clock::load(loaded.clock),
            out: Vec::new(),
            planted,
        };
        for stored in loaded.envelopes {
            let header = stored.envelope.header().clone();
            let hash = stored.envelope.hash();
            let space = server.spaces.entry(header.space).or_default();
            let chain = space.chains.entry((header.device, header.session));
            chain.or_insert_with(Chain::new).put(&header, hash);
            // What was stored passed the pre-check once; a build with a stricter one keeps
            // the bytes and leaves them undecided.
            let Ok(mut read) = admit::read(&stored.envelope) else { continue };
            read.durable = true;
            read.attempts = stored.attempts;
            read.alone = stored.attempts > 0;
            space.arrivals.push(hash);
            space.stored.insert(hash, read);
        }
        for entry in loaded.entries {
            let id = entry.body().space;
            let space = server.spaces.entry(id).or_default();
            space.take_loaded(&entry, planted);
        }
        for space in server.spaces.values_mut() {
            space.settle_in(planted);
        }
        for (space, doc, pos) in loaded.snapshots {
            if let Some(space) = server.spaces.get_mut(&space) {
                space.snapshot_stands(doc, pos);
            }
        }
        let certified: Vec<_> = server
            .spaces
            .values()
            .filter(|s| {
                s.state.info.as_ref().is_some_and(|i| matches!(i.kind, SpaceKind::Control { .. }))
            })
            .flat_map(|s| s.state.devices.iter().map(|(id, d)| (*id, d.person)))
            .collect();
        server.devices.extend(certified);
        for (entry, again) in loaded.displaced {
            server.displaced.note(&entry, again);
        }
        server
    }
}

impl Displaced {
    pub(super) fn note(&mut self, entry: &Entry, again: bool) {
        self.hashes.insert(entry.hash());
        let body = entry.body();
        match body.envelope {
            Some(envelope) => {
                let good = matches!(
                    entry.verdict(),
                    Some(
                        crate::journal::entry::Verdict::Main
                            | crate::journal::entry::Verdict::Accepted
                    )
                );
                self.told.push((body.space, envelope, good));
            }
            None if !again => {
                self.own.push((entry.hash(), body.space, body.events.clone()));
                for said in body.events.iter().filter_map(EventRecord::read) {
                    self.note_right(body.space, &said.event);
                }
            }
            None => {}
        }
    }

    fn note_right(&mut self, space: SpaceId, event: &Event) {
        match event {
            Event::MemberEnded { person, .. }
            | Event::AuthorisationLapsed { person }
            | Event::Recused { person, .. } => {
                self.ended.insert((space, *person));
            }
            Event::MemberSet { person, .. } => {
                self.ended.remove(&(space, *person));
            }
            Event::DeviceRevoked { device, .. } => {
                self.revoked.insert((space, *device));
            }
            _ => {}
        }
    }

    /// Tells whether words that recovery took out, and has not said again, end the right of
    /// a person or a device in a space. Nobody regains a right because a server was restored.
    pub(super) fn ends(&self, space: SpaceId, person: PersonId, device: DeviceId) -> bool {
        self.ended.contains(&(space, person)) || self.revoked.contains(&(space, device))
    }

    /// Takes the server's own words out, to be said again; they no longer bind by themselves.
    pub(super) fn take_own(&mut self) -> Vec<(Digest, SpaceId, Vec<EventRecord>)> {
        self.ended.clear();
        self.revoked.clear();
        std::mem::take(&mut self.own)
    }
}

impl Space {
    /// Folds an entry from disk; changes enter the index in the order in which they were
    /// stored, so sequence checks come out as they did.
    fn take_loaded(&mut self, entry: &Entry, planted: Planted) {
        if let Some(hash) = entry.body().envelope {
            self.queue_up_to(&hash, planted);
        }
        self.take(entry, planted);
        self.durable = self.head;
    }

    /// Queues stored envelopes in order of arrival, up to and with this one.
    fn queue_up_to(&mut self, last: &Digest, planted: Planted) {
        if self.stored.get(last).is_none_or(|s| s.queued) {
            return;
        }
        while self.next_arrival < self.arrivals.len() {
            let hash = self.arrivals[self.next_arrival];
            self.next_arrival += 1;
            self.queue(hash, planted);
            if hash == *last {
                return;
            }
        }
    }

    fn queue(&mut self, hash: Digest, planted: Planted) {
        let Some(stored) = self.stored.remove(&hash) else { return };
        self.enqueue(hash, stored, planted);
    }

    /// Queues what no entry has decided.
    fn settle_in(&mut self, planted: Planted) {
        while self.next_arrival < self.arrivals.len() {
            let hash = self.arrivals[self.next_arrival];
            self.next_arrival += 1;
            self.queue(hash, planted);
        }
        self.arrivals = Vec::new();
        self.durable = self.head;
    }

    /// Notes that a stored snapshot contains main up to this position.
    fn snapshot_stands(&mut self, doc: DocId, pos: u64) {
        let Some(d) = self.docs.get_mut(&doc) else { return };
        let stored = &self.stored;
        let adopted = &self.adopted;
        d.later.retain(|e| {
            adopted.get(e).copied().or_else(|| stored.get(e).and_then(|s| s.decided)) > Some(pos)
        });
        d.snapshot = Some(pos);
    }
}

/// Tells whether an event is about a device's certificate.
pub(super) fn is_certificate(event: &Event) -> bool {
    matches!(event, Event::DeviceCertified { .. } | Event::DeviceRevoked { .. })
}
