//! Recovery: a server restored from an older copy takes back what it had signed.
//!
//! A laptop that holds entries above the server's head gives them back, verbatim and in
//! order. They go to the place they had; what the server had put there in the meantime is
//! displaced and said again after them; a right that it ended stays ended meanwhile. Until
//! every active device has shown where it stands, or an administrator ends recovery, no
//! command is decided.
use std::collections::BTreeMap;

use super::{AfterCommit, Alarm, Conn, Effect, Server, Space, Write, load, settle::Minutes};
use crate::{
    crypto::VerifyingKey,
    journal::{
        entry::{Cursor, Entry, Epoch, EventRecord},
        envelope::Envelope,
        frame::{Down, Item},
    },
    model::{DeviceId, SpaceId, Timestamp},
    workflow::{DocEvent, Event, SpaceState},
};

/// Devices that the entries given back certify.
#[derive(Default)]
struct Certified(BTreeMap<DeviceId, [u8; 32]>);

impl Certified {
    fn read(&mut self, entry: &Entry) {
        for said in entry.body().events.iter().filter_map(EventRecord::read) {
            if let Event::DeviceCertified { device, key, .. } = said.event {
                self.0.insert(device, key);
            }
        }
    }

    /// Tells whether an envelope is signed by the device that its header names.
    fn signed(&self, envelope: &Envelope, state: &SpaceState) -> bool {
        let device = envelope.header().device;
        let key = self.0.get(&device).or_else(|| state.device(device).map(|d| &d.key));
        key.and_then(|key| VerifyingKey::from_bytes(key).ok())
            .is_some_and(|key| envelope.verify(&key).is_ok())
    }
}

impl Space {
    /// Tells whether a place is on this journal.
    pub(super) fn stands(&self, cursor: &Cursor) -> bool {
        cursor.pos == 0
            || (cursor.pos <= self.head.pos
                && self.hashes.get(cursor.pos as usize - 1) == Some(&cursor.hash))
    }
}

impl Server {
    /// A device's journal agrees with ours.
    pub(super) fn stood(&mut self, device: DeviceId) {
        if self.recovering {
            self.reported.insert(device);
        }
    }

    /// A laptop shows places of its journal: find the last one both hold.
    pub(super) fn trail(
        &mut self,
        conn: Conn,
        device: DeviceId,
        space: SpaceId,
        points: &[Cursor],
        now: Timestamp,
    ) {
        let common = self
            .spaces
            .get(&space)
            .map_or(0, |s| points.iter().filter(|c| s.stands(c)).map(|c| c.pos).max().unwrap_or(0));
        let displaced = points.iter().any(|c| self.displaced.hashes.contains(&c.hash));
        if displaced {
            self.send(conn, Down::Rewind { space, to: common });
            if self.may_read(device, space, now) {
                self.stream(conn, space, common);
            }
        } else {
            self.send(conn, Down::WantBack { space, after: common });
        }
    }

    /// A laptop gives back entries that we signed and do not hold.
    pub(super) fn give_back<R: rand_core::Rng + ?Sized>(
        &mut self,
        conn: Conn,
        device: DeviceId,
        space_id: SpaceId,
        items: Vec<Item>,
        now: Timestamp,
        rng: &mut R,
    ) {
        // A space that this copy never had comes back from nothing: the entries are signed.
        let none = Space::default();
        let space = self.spaces.get(&space_id).unwrap_or(&none);
        let key = self.key.verifying_key();
        let Some(first) = items.iter().find(|i| {
            let pos = i.entry.body().pos;
            !space.stands(&i.entry.cursor()) || pos > space.head.pos
        }) else {
            return;
        };
        let from = first.entry.body().pos;
        if self.displaced.hashes.contains(&first.entry.hash()) {
            // A line that was displaced once: what it had after that place, and we never knew
            // again, cannot stand either.
            let to = from.saturating_sub(1);
            self.send(conn, Down::Rewind { space: space_id, to });
            if self.may_read(device, space_id, now) {
                self.stream(conn, space_id, to);
            }
            return;
        }
        let mut at = match from.checked_sub(2).and_then(|i| space.hashes.get(i as usize)) {
            Some(hash) => *hash,
            None if from == 1 => Default::default(),
            None => return,
        };
        let mut writes = Vec::new();
        let mut certified = Certified::default();
        let items = items.into_iter().filter(|i| i.entry.body().pos >= from);
        for (pos, mut item) in (from..).zip(items) {
            let body = item.entry.body();
            // Its hash is of its header alone: what a laptop gives back with a signature that
            // does not hold would stand so for good. Somebody else has it whole.
            item.envelope = item
                .envelope
                .filter(|e| body.envelope == Some(e.hash()) && certified.signed(e, &space.state));
            let ours = body.space == space_id
                && body.pos == pos
                && body.prev == at
                && item.entry.verify(&key).is_ok()
                && !self.displaced.hashes.contains(&item.entry.hash())
                && body.envelope.is_none_or(|named| {
                    item.envelope.is_some() || space.stored.contains_key(&named)
                });
            if !ours {
                break;
            }
            certified.read(&item.entry);
            at = item.entry.hash();
            if let Some(envelope) = item.envelope {
                writes.push(Write::Envelope(envelope));
            }
            writes.push(Write::Entry(item.entry));
        }
        if writes.is_empty() {
            return;
        }
        let epoch = if self.recovering {
            self.epoch
        } else {
            Epoch { no: self.epoch.no + 1, nonce: rng.next_u64() }
        };
        let mut all = vec![Write::Displace { space: space_id, from }];
        all.append(&mut writes);
        all.push(Write::Epoch(epoch));
        all.push(Write::Recovering(true));
        self.epoch = epoch;
        self.out.push(Effect::Alarm(Alarm::Recovering { space: space_id }));
        self.recovering = true;
        self.reloading = true;
        self.commit(all, AfterCommit::Reload);
    }

    /// Ends recovery: says again what was displaced, and decides commands once more.
    pub(super) fn end_recovery(&mut self, now: Timestamp) {
        if !self.recovering {
            return;
        }
        self.recovering = false;
        self.reported.clear();
        let mut minutes = Minutes::default();
        minutes.writes.push(Write::Recovering(false));
        for (hash, space, records) in self.displaced.take_own() {
            let events: Vec<DocEvent> = records
                .iter()
                .filter_map(|r| r.read())
                .filter(|e| !self.already_so(space, e))
                .collect();
            self.say_own(space, events, now, &mut minutes);
            minutes.writes.push(Write::Reissued(hash));
        }
        self.say_out(minutes);
        let clashes: Vec<_> = self
            .displaced
            .told
            .iter()
            .filter(|(space, envelope, good)| {
                self.spaces
                    .get(space)
                    .and_then(|s| s.stored.get(envelope))
                    .is_some_and(|s| s.decided.is_some() && s.accepted != *good)
            })
            .map(|(space, envelope, _)| (*space, *envelope))
            .collect();
        for (space, envelope) in clashes {
            self.out.push(Effect::Alarm(Alarm::VerdictClash { space, envelope }));
        }
        let docs =
            self.spaces.iter().flat_map(|(id, s)| s.docs.keys().map(|d| (*id, *d))).collect();
        self.pump_all(docs, now);
    }

    fn already_so(&self, space: SpaceId, event: &DocEvent) -> bool {
        load::is_certificate(&event.event)
            && match &event.event {
                crate::workflow::Event::DeviceCertified { device, .. } => {
                    self.spaces.get(&space).is_some_and(|s| s.state.device(*device).is_some())
                }
                _ => false,
            }
    }

    /// Ends recovery once every active device has shown where it stands.
    pub(super) fn recovery_over(&mut self, now: Timestamp) {
        if !self.recovering {
            return;
        }
        let active = self.devices.keys().all(|d| {
            self.reported.contains(d)
                || self.holder(*d).is_none_or(|p| {
                    self.spaces
                        .get(&crate::workflow::ids::control_space(p))
                        .and_then(|s| s.state.device(*d))
                        .is_none_or(|d| d.revoked_at.is_some())
                })
        });
        if active {
            self.end_recovery(now);
        }
    }
}
