//! Who hears what: connections, catching up, memberships that carry certificates along, and
//! what falls due by itself.
use super::{Conn, Effect, Reader, Server, settle::Minutes};
use crate::{
    crypto::VerifyingKey,
    journal::{
        entry::Cursor,
        frame::{Down, Place, Presence},
    },
    model::{DeviceId, Digest, PersonId, SpaceId, Timestamp},
    workflow::{self, Actor, Asked, DocEvent, Event, Request, SpaceKind, ids},
};

/// The most envelopes that are sent for one asking; a laptop asks for one.
const MAX_WANT: usize = 1024;

/// The longest field path or caret of a presence, in bytes; longer ones are not forwarded.
const PRESENCE_LEN: usize = 512;

impl Server {
    pub(super) fn connected(&mut self, conn: Conn, device: DeviceId, now: Timestamp) {
        let reader = Reader { device, listening: false, sent: Default::default() };
        self.readers.insert(conn, reader);
        self.send(conn, Down::Welcome { epoch: self.epoch, now });
    }

    /// Tells whether the holder of a device may read a space now.
    pub(super) fn may_read(&self, device: DeviceId, space: SpaceId, now: Timestamp) -> bool {
        let Some(person) = self.holder(device) else { return false };
        self.spaces.get(&space).is_some_and(|s| {
            s.state.may_read(person, now)
                && !self.displaced.ends(space, person, device)
                && s.state.device(device).is_some_and(|d| d.revoked_at.is_none())
        })
    }

    pub(super) fn have(&mut self, conn: Conn, device: DeviceId, places: &[Place], now: Timestamp) {
        if let Some(reader) = self.readers.get_mut(&conn) {
            reader.listening = true;
        }
        let mut agrees = true;
        for place in places {
            if self.may_read(device, place.space, now) {
                continue;
            }
            let stands = self
                .spaces
                .get(&place.space)
                .map_or(place.cursor.pos == 0, |s| s.stands(&place.cursor));
            // A restored server may have lost the space, or the right, with the entries that
            // this device holds. Asking tells nothing: it is asked of any place that is not
            // ours, whether the space exists or not.
            if stands {
                self.send(conn, Down::Withdrawn { space: place.space });
            } else {
                agrees = false;
                self.send(conn, Down::WantTrail { space: place.space });
            }
        }
        let readable: Vec<SpaceId> =
            self.spaces.keys().filter(|s| self.may_read(device, **s, now)).copied().collect();
        for space in readable {
            let cursor =
                places.iter().find(|p| p.space == space).map(|p| p.cursor).unwrap_or_default();
            if self.spaces[&space].stands(&cursor) {
                self.stream(conn, space, cursor.pos);
            } else {
                agrees = false;
                self.send(conn, Down::WantTrail { space });
            }
        }
        if agrees {
            self.stood(device);
        }
    }

    /// Sends what a reader lacks after `pos`, as far as it is on disk.
    pub(super) fn stream(&mut self, conn: Conn, space: SpaceId, pos: u64) {
        let until = self.spaces[&space].durable;
        if let Some(reader) = self.readers.get_mut(&conn) {
            reader.sent.insert(space, until.pos);
        }
        if pos < until.pos {
            self.out.push(Effect::Stream { conn, space, after: pos, until });
        } else {
            self.send(conn, Down::Head { space, cursor: until });
        }
    }

    /// Sends new entries to everyone who listens and may read them.
    pub(super) fn spread(&mut self, space_id: SpaceId, to: Cursor, now: Timestamp) {
        if let Some(space) = self.spaces.get_mut(&space_id) {
            space.durable = to;
        }
        let conns: Vec<(Conn, DeviceId)> =
            self.readers.iter().filter(|(_, r)| r.listening).map(|(c, r)| (*c, r.device)).collect();
        for (conn, device) in conns {
            let sent = self.readers[&conn].sent.get(&space_id).copied();
            if self.may_read(device, space_id, now) {
                self.stream(conn, space_id, sent.unwrap_or(0));
            } else if sent.is_some() {
                if let Some(reader) = self.readers.get_mut(&conn) {
                    reader.sent.remove(&space_id);
                }
                self.send(conn, Down::Withdrawn { space: space_id });
            }
        }
    }

    pub(super) fn want(
        &mut self,
        conn: Conn,
        device: DeviceId,
        space: SpaceId,
        mut envelopes: Vec<Digest>,
        now: Timestamp,
    ) {
        if !self.may_read(device, space, now) {
            return;
        }
        envelopes.sort_unstable();
        envelopes.dedup();
        envelopes.truncate(MAX_WANT);
        envelopes.retain(|e| self.spaces[&space].holds(e));
        if !envelopes.is_empty() {
            self.out.push(Effect::Fetch { conn, envelopes });
        }
    }

    pub(super) fn presence(
        &mut self,
        conn: Conn,
        device: DeviceId,
        mut presence: Presence,
        now: Timestamp,
    ) {
        let short = presence.field.len() <= PRESENCE_LEN && presence.caret.len() <= PRESENCE_LEN;
        if !short || !self.may_read(device, presence.space, now) {
            return;
        }
        presence.device = Some(device);
        let others: Vec<Conn> = self
            .readers
            .iter()
            .filter(|(c, r)| **c != conn && r.sent.contains_key(&presence.space))
            .map(|(c, _)| *c)
            .collect();
        for other in others {
            self.send(other, Down::Presence(presence.clone()));
        }
    }

    /// Makes memberships effective: a member's devices are certified in the space, and the
    /// member's control space says that the space is open.
    pub(super) fn follow_up(
        &mut self,
        space_id: SpaceId,
        events: &[DocEvent],
        now: Timestamp,
        minutes: &mut Minutes,
    ) {
        let Some(info) = self.spaces.get(&space_id).and_then(|s| s.state.info.clone()) else {
            return;
        };
        if let SpaceKind::Control { .. } = info.kind {
            for event in events {
                if let Event::DeviceCertified { device, person, .. } = &event.event {
                    self.devices.insert(*device, *person);
                }
            }
            return;
        }
        for event in events {
            match &event.event {
                Event::MemberSet { person, .. } => {
                    let control = ids::control_space(*person);
                    let certificates: Vec<DocEvent> = self
                        .spaces
                        .get(&control)
                        .into_iter()
                        .flat_map(|c| &c.state.devices)
                        .filter(|(id, d)| {
                            d.revoked_at.is_none()
                                && self.spaces[&space_id].state.device(**id).is_none()
                        })
                        .map(|(id, d)| {
                            DocEvent::space(Event::DeviceCertified {
                                device: *id,
                                key: d.key,
                                person: d.person,
                                name: d.name.clone(),
                            })
                        })
                        .collect();
                    self.say_own(space_id, certificates, now, minutes);
                    let granted = Event::SpaceGranted {
                        space: space_id,
                        kind: info.kind,
                        title: info.title.clone(),
                    };
                    if self.spaces.contains_key(&control) {
                        self.say_own(control, vec![DocEvent::space(granted)], now, minutes);
                    }
                }
                Event::MemberEnded { person, .. } | Event::AuthorisationLapsed { person } => {
                    let control = ids::control_space(*person);
                    if self.spaces.contains_key(&control) {
                        let withdrawn = Event::SpaceWithdrawn { space: space_id };
                        self.say_own(control, vec![DocEvent::space(withdrawn)], now, minutes);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn say(&mut self, words: Vec<(SpaceId, Vec<DocEvent>)>, now: Timestamp) {
        let mut minutes = Minutes::default();
        for (space, events) in words {
            self.spaces.entry(space).or_default();
            self.say_own(space, events, now, &mut minutes);
        }
        self.say_out(minutes);
    }

    pub(super) fn enrol(
        &mut self,
        person: PersonId,
        key: VerifyingKey,
        name: String,
        now: Timestamp,
    ) {
        let device = key.device_id();
        // What was revoked stays so, also in spaces that came later; and nobody is given what is
        // another's.
        let known =
            self.spaces.get(&ids::control_space(person)).and_then(|s| s.state.device(device));
        let refused = known.is_some_and(|d| d.revoked_at.is_some())
            || self.holder(device).is_some_and(|holder| holder != person);
        if refused {
            return;
        }
        let certified = |name: &str| {
            DocEvent::space(Event::DeviceCertified {
                device,
                key: *key.as_bytes(),
                person,
                name: name.to_owned(),
            })
        };
        let mut minutes = Minutes::default();
        for space in self.spaces_of(person) {
            if self.spaces[&space].state.device(device).is_none() {
                self.say_own(space, vec![certified(&name)], now, &mut minutes);
            }
        }
        self.say_out(minutes);
    }

    pub(super) fn revoke(&mut self, device: DeviceId, reason: String, now: Timestamp) {
        let Some(person) = self.holder(device) else { return };
        let mut minutes = Minutes::default();
        for space in self.spaces_of(person) {
            if self.spaces[&space].state.device(device).is_some_and(|d| d.revoked_at.is_none()) {
                let event = Event::DeviceRevoked { device, reason: reason.clone() };
                self.say_own(space, vec![DocEvent::space(event)], now, &mut minutes);
            }
        }
        self.say_out(minutes);
    }

    fn spaces_of(&self, person: PersonId) -> Vec<SpaceId> {
        let control = ids::control_space(person);
        self.spaces
            .iter()
            .filter(|(id, s)| **id == control || s.state.members.contains_key(&person))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Lets what is due happen, once, also after downtime.
    pub(super) fn tick(&mut self, now: Timestamp) {
        self.retry_trials(now);
        if self.clock.suspended || self.recovering {
            return;
        }
        let mut minutes = Minutes::default();
        let spaces: Vec<SpaceId> = self.spaces.keys().copied().collect();
        for space in spaces {
            for (doc, command) in workflow::due(&self.spaces[&space].state, now) {
                let request = Request { basis: Vec::new(), command };
                let head = self.spaces[&space].head;
                // The server's own requests have no envelope: what they open is named after
                // the entry they follow.
                let asked = Asked { doc, envelope: head.hash, request: &request, claimed_at: now };
                let state = &self.spaces[&space].state;
                let at = now.max(self.spaces[&space].at);
                if let Ok(decision) = workflow::decide(state, &Actor::Server, &asked, None, at) {
                    self.carry_out(None, decision, (space, doc), now, &mut minutes);
                }
            }
        }
        self.say_out(minutes);
    }

    fn retry_trials(&mut self, now: Timestamp) {
        let due: Vec<_> = self
            .spaces
            .iter()
            .flat_map(|(space, s)| {
                s.docs
                    .iter()
                    .filter(|(_, d)| !d.queue.is_empty() && !d.busy)
                    .map(|(doc, _)| (*space, *doc))
            })
            .collect();
        if !due.is_empty() {
            self.pump_all(due, now);
        }
    }
}
