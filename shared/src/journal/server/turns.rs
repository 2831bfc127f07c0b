//! Whose turn it is: one queue for each document.
//!
//! Content at the front of a queue is tried in one batch; a command is decided alone, after
//! everything that stood before it. Documents do not wait for each other, except where a
//! request names another as its basis.
use std::collections::BTreeSet;

use super::{
    AfterCommit, Effect, Server, Write,
    settle::{Minutes, TRY_AGAIN_MILLIS},
    space::{DocKey, Job, Proof, Stored},
};
use crate::{
    journal::{
        changes::Standing,
        entry::{Fault, Verdict},
        frame::Down,
    },
    model::{Digest, SpaceId, Timestamp},
    workflow::{AsideReason, Command, Refusal},
};

/// The most envelopes in one trial.
const BATCH: usize = 64;
/// After this many deaths alone in a fresh process it is asked whose fault they are: the
/// document is tried without the envelope.
const DEATHS: u32 = 2;

/// What the front of a queue asks for.
enum Turn {
    Nothing,
    Settle(Digest, Verdict),
    Hold(Digest, Vec<crate::model::ChangeHash>),
    /// It waits for this one of those it rests on, counted from 0.
    Patience(Digest, usize),
    Alone(Digest),
    Batch(Vec<Digest>),
    Look(Digest),
    /// Try the document without this.
    Without(Digest),
    Decide(Digest),
}

impl Server {
    /// Gives each of these documents its turn, until all are busy or have nothing to do.
    pub(super) fn pump_all(&mut self, mut docs: Vec<DocKey>, now: Timestamp) {
        docs.sort_unstable();
        docs.dedup();
        let mut minutes = Minutes { woken: docs, ..Minutes::default() };
        self.pump_woken(now, &mut minutes);
        self.say_out(minutes);
    }

    pub(super) fn pump_woken(&mut self, now: Timestamp, minutes: &mut Minutes) {
        while let Some(key) = minutes.woken.pop() {
            self.pump(key, now, minutes);
            // What was just decided may be what others waited for.
            let mut patient = self.patient_no_more(key.0);
            minutes.woken.append(&mut patient);
        }
    }

    /// Puts commands back whose wait is over, and returns their documents.
    fn patient_no_more(&mut self, space_id: SpaceId) -> Vec<DocKey> {
        let Some(space) = self.spaces.get_mut(&space_id) else { return Vec::new() };
        let mut docs = Vec::new();
        for hash in std::mem::take(&mut space.ready) {
            let doc = space.stored[&hash].header.doc;
            if let Some(d) = space.docs.get_mut(&doc) {
                d.queue.push_front(hash);
                docs.push((space_id, doc));
            }
        }
        docs
    }

    fn pump(&mut self, key: DocKey, now: Timestamp, minutes: &mut Minutes) {
        loop {
            match self.turn(key, now) {
                Turn::Nothing => return,
                Turn::Settle(hash, verdict) => {
                    self.pop(key, &hash);
                    self.settle(hash, verdict, Vec::new(), key, now, minutes);
                }
                Turn::Hold(hash, missing) => {
                    self.pop(key, &hash);
                    let Some(space) = self.spaces.get_mut(&key.0) else { return };
                    let stored = &space.stored[&hash];
                    let device = stored.header.device;
                    if let Some(doc) = space.docs.get_mut(&key.1) {
                        doc.hold(hash, &stored.changes);
                    }
                    let to: Vec<_> = self
                        .readers
                        .iter()
                        .filter(|(_, r)| r.device == device)
                        .map(|(c, _)| *c)
                        .collect();
                    for conn in to {
                        self.send(conn, Down::Held { envelope: hash, missing: missing.clone() });
                    }
                }
                Turn::Patience(hash, n) => {
                    self.pop(key, &hash);
                    if let Some(space) = self.spaces.get_mut(&key.0) {
                        space.wait_for(hash, n);
                    }
                }
                Turn::Alone(hash) => {
                    let times = self.spaces.get_mut(&key.0).and_then(|s| {
                        let stored = s.stored.get_mut(&hash)?;
                        stored.attempts += 1;
                        Some(stored.attempts)
                    });
                    self.set_busy(key);
                    let write = Write::Attempt { envelope: hash, times: times.unwrap_or(1) };
                    self.commit(vec![write], AfterCommit::Alone(key, hash));
                    return;
                }
                Turn::Batch(batch) => {
                    self.set_busy(key);
                    self.trial(key, batch, false);
                    return;
                }
                Turn::Look(hash) => {
                    self.set_busy(key);
                    self.look(key, hash, false);
                    return;
                }
                Turn::Without(hash) => {
                    self.set_busy(key);
                    let ticket = self.ticket();
                    self.trials.insert(ticket, Job::Document { doc: key, without: hash });
                    self.push_trial(ticket, key, Vec::new(), (true, true));
                    return;
                }
                Turn::Decide(hash) => {
                    self.pop(key, &hash);
                    self.decide(hash, None, key, now, minutes);
                }
            }
        }
    }

    fn set_busy(&mut self, key: DocKey) {
        if let Some(doc) = self.doc(key) {
            doc.busy = true;
        }
    }

    pub(super) fn pop(&mut self, key: DocKey, hash: &Digest) {
        if let Some(doc) = self.doc(key) {
            doc.queue.retain(|h| h != hash);
        }
    }

    /// Looks at the front of a document's queue.
    fn turn(&self, key: DocKey, now: Timestamp) -> Turn {
        let Some(space) = self.spaces.get(&key.0) else { return Turn::Nothing };
        let Some(doc) = space.docs.get(&key.1) else { return Turn::Nothing };
        // A time further off than any rest is from before the clock was moved.
        let rests = |at: Timestamp| (1..=TRY_AGAIN_MILLIS).contains(&at.since(now));
        if doc.busy || doc.again.is_some_and(rests) {
            return Turn::Nothing;
        }
        let Some(first) = doc.queue.front() else { return Turn::Nothing };
        if !space.stored[first].durable {
            return Turn::Nothing;
        }
        match &space.stored[first].request {
            Some(Err(why)) => Turn::Settle(*first, Verdict::Malformed(Fault::Command(why.clone()))),
            Some(Ok(request)) => {
                if self.recovering {
                    return Turn::Nothing;
                }
                // Those before were found accepted when it began to wait.
                let rests = space.stored[first].rests;
                for (n, basis) in request.basis.iter().enumerate().skip(rests) {
                    match space.stored.get(basis) {
                        Some(s) if s.decided.is_some() && !s.accepted => {
                            let refusal = Refusal::BasisRefused { basis: *basis };
                            return Turn::Settle(*first, Verdict::Declined(refusal));
                        }
                        Some(s) if s.decided.is_some() => {}
                        // Whatever it rests on is awaited; it blocks nobody meanwhile.
                        _ => return Turn::Patience(*first, n),
                    }
                }
                // What lies in the tray because it rests on something there was never tried.
                let look = request.command.needs_content()
                    || matches!(request.command, Command::AdoptLate { .. });
                if look && doc.damaged {
                    Turn::Settle(*first, Verdict::Declined(Refusal::ReadOnly))
                } else if look && !doc.index.is_empty() {
                    let late = || self.to_adopt(key, first).first().copied();
                    let refused = || match late() {
                        Some(envelope) => Refusal::NotLate { envelope },
                        None => Refusal::ReadOnly,
                    };
                    let stored = &space.stored[first];
                    match stored.alone {
                        true => suspect(stored, *first, || Verdict::Declined(refused())),
                        false => Turn::Look(*first),
                    }
                } else {
                    Turn::Decide(*first)
                }
            }
            None if doc.damaged => Turn::Nothing,
            None => self.content_turn(key, *first),
        }
    }

    fn content_turn(&self, key: DocKey, first: Digest) -> Turn {
        let space = &self.spaces[&key.0];
        let doc = &space.docs[&key.1];
        let mut batch = Vec::new();
        let mut with = BTreeSet::new();
        for hash in doc.queue.iter().take(BATCH) {
            let stored = &space.stored[hash];
            // A right that is in doubt while a recovery is under way is not used meanwhile.
            if stored.request.is_some() || !stored.durable || self.in_doubt(key.0, stored) {
                break;
            }
            let front = *hash == first;
            let standing = match stored.proof {
                Some(Proof::Own) => doc.standing(stored, &with),
                Some(Proof::Taken | Proof::Forged) => Standing::Faulty,
                // Its certificate is awaited; nothing is said of it meanwhile.
                None => break,
            };
            match standing {
                Standing::Ready if stored.alone => {
                    if front {
                        let verdict = || Verdict::Malformed(Fault::Quarantined);
                        return suspect(stored, *hash, verdict);
                    }
                    break;
                }
                Standing::Ready => {
                    with.extend(stored.changes.iter().map(|c| c.hash));
                    batch.push(*hash);
                }
                _ if !front => break,
                Standing::AllMain => return Turn::Settle(*hash, Verdict::Main),
                Standing::FollowsAside => {
                    return Turn::Settle(*hash, Verdict::Aside(AsideReason::FollowsAside));
                }
                Standing::FollowsRefused => {
                    return Turn::Settle(*hash, Verdict::Malformed(Fault::FollowsRefused));
                }
                Standing::Faulty => {
                    return Turn::Settle(*hash, Verdict::Malformed(Fault::Actor));
                }
                Standing::Held(missing) => return Turn::Hold(*hash, missing),
                // It rests on something that is itself held.
                Standing::Waits => return Turn::Hold(*hash, Vec::new()),
            }
        }
        if batch.is_empty() { Turn::Nothing } else { Turn::Batch(batch) }
    }

    fn in_doubt(&self, space: SpaceId, stored: &Stored) -> bool {
        let device = stored.header.device;
        self.holder(device).is_some_and(|person| self.displaced.ends(space, person, device))
    }

    /// Returns the late arrivals that a command would put into the document, in the order in
    /// which they were set aside: they are tried together with it.
    pub(super) fn to_adopt(&self, key: DocKey, command: &Digest) -> Vec<Digest> {
        let space = &self.spaces[&key.0];
        let Some(Ok(request)) = &space.stored[command].request else { return Vec::new() };
        let Command::AdoptLate { envelopes } = &request.command else { return Vec::new() };
        let aside = space.docs.get(&key.1).map(|d| &d.aside[..]).unwrap_or_default();
        aside.iter().filter(|e| envelopes.contains(e)).copied().collect()
    }

    /// Tries what has been alone in a sandbox, or must be.
    pub(super) fn alone(&mut self, key: DocKey, hash: Digest) {
        match self.spaces[&key.0].stored[&hash].request {
            Some(_) => self.look(key, hash, true),
            None => self.trial(key, vec![hash], true),
        }
    }

    /// Reads the document, with what a command would put into it.
    fn look(&mut self, key: DocKey, command: Digest, alone: bool) {
        let ticket = self.ticket();
        self.trials.insert(ticket, Job::Command { doc: key, envelope: command });
        let adopted = self.to_adopt(key, &command);
        self.push_trial(ticket, key, adopted, (alone, true));
    }

    fn trial(&mut self, key: DocKey, batch: Vec<Digest>, alone: bool) {
        let ticket = self.ticket();
        self.trials.insert(ticket, Job::Content { doc: key, batch: batch.clone() });
        self.push_trial(ticket, key, batch, (alone, false));
    }

    fn push_trial(
        &mut self,
        ticket: super::Ticket,
        key: DocKey,
        batch: Vec<Digest>,
        (alone, read): (bool, bool),
    ) {
        let held = &self.spaces[&key.0].docs[&key.1];
        let (snapshot, later) = (held.snapshot.is_some(), held.later.clone());
        let (space, doc) = key;
        self.out.push(Effect::Trial { ticket, space, doc, snapshot, later, batch, alone, read });
    }
}

/// What is to be done with that on which a sandbox died: it is tried alone, then its document
/// without it, and only then it is to blame.
fn suspect(stored: &Stored, hash: Digest, blamed: impl Fn() -> Verdict) -> Turn {
    if stored.attempts < DEATHS {
        Turn::Alone(hash)
    } else if stored.cleared {
        Turn::Settle(hash, blamed())
    } else {
        Turn::Without(hash)
    }
}
