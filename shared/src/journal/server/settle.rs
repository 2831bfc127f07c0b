//! From a stored envelope to its entry.
//!
//! Each document has a queue. Content at its front is tried in one batch; a command is
//! decided alone, after everything that stood before it. Documents do not wait for each
//! other, except where a request names another as its basis.
use std::collections::BTreeSet;

use super::{
    AfterCommit, Alarm, Effect, Server, Trial, TrialFailure, Write,
    space::{DocKey, Job},
};
use crate::{
    journal::{
        changes::{Standing, Status},
        entry::{Cursor, Entry, EventRecord, Fault, Saying, Verdict},
        frame::Down,
        precheck::ChangeHeader,
    },
    model::{Digest, SpaceId, Timestamp},
    workflow::{self, Actor, AsideReason, Asked, Content, Decision, DocEvent, EntryMeta, Refusal},
};

/// The most envelopes in one trial.
const BATCH: usize = 64;
/// Main envelopes after which a new snapshot of a document is kept.
const SNAPSHOT_EVERY: usize = 100;
/// After a time-out, a document rests this long before it is tried again.
const TRY_AGAIN_MILLIS: i64 = 2_000;
/// After this many deaths alone in a fresh process an envelope is quarantined.
const DEATHS: u32 = 2;

/// Entries being made while one input is handled; they become one commit.
#[derive(Default)]
pub(super) struct Minutes {
    pub(super) writes: Vec<Write>,
    /// Spaces with new entries, each with the place of the last.
    pub(super) spaces: Vec<(SpaceId, Cursor)>,
    /// Documents whose queue has something to do again.
    pub(super) woken: Vec<DocKey>,
    /// Snapshots in these writes.
    pub(super) snapshots: Vec<Kept>,
}

/// A snapshot that is being kept.
pub(super) struct Kept {
    pub(super) doc: DocKey,
    pub(super) pos: u64,
    /// How many of the document's later envelopes it contains.
    pub(super) contains: usize,
}

/// What the front of a queue asks for.
enum Turn {
    Nothing,
    Settle(Digest, Verdict),
    Hold(Digest, Vec<crate::model::ChangeHash>),
    Patience(Digest),
    Alone(Digest),
    Batch(Vec<Digest>),
    Look(Digest),
    Decide(Digest),
}

impl Server {
    pub(super) fn committed(&mut self, ticket: super::Ticket, now: Timestamp) {
        match self.commits.remove(&ticket) {
            None => {}
            Some(AfterCommit::Stored { conn, stored, docs }) => {
                for (key, hash) in docs.iter().zip(&stored) {
                    let space = self.spaces.get_mut(&key.0);
                    if let Some(s) = space.and_then(|s| s.stored.get_mut(hash)) {
                        s.durable = true;
                    }
                }
                self.receipt(conn, stored, now);
                self.pump_all(docs, now);
            }
            Some(AfterCommit::Said { spaces, snapshots }) => {
                for kept in snapshots {
                    if let Some(doc) = self.doc(kept.doc) {
                        doc.keeping = false;
                        doc.snapshot = Some(kept.pos);
                        doc.later.drain(..kept.contains);
                    }
                }
                for (space, to) in spaces {
                    self.spread(space, to, now);
                }
            }
            Some(AfterCommit::Alone(key, hash)) => self.trial(key, vec![hash], true),
            Some(AfterCommit::Reload) => self.out.push(Effect::Reload),
        }
    }

    pub(super) fn doc(&mut self, (space, doc): DocKey) -> Option<&mut super::space::Doc> {
        self.spaces.get_mut(&space)?.docs.get_mut(&doc)
    }

    /// Gives each of these documents its turn, until all are busy or have nothing to do.
    pub(super) fn pump_all(&mut self, docs: Vec<DocKey>, now: Timestamp) {
        let mut minutes = Minutes { woken: docs, ..Minutes::default() };
        self.pump_woken(now, &mut minutes);
        self.say_out(minutes);
    }

    fn pump_woken(&mut self, now: Timestamp, minutes: &mut Minutes) {
        while let Some(key) = minutes.woken.pop() {
            self.pump(key, now, minutes);
            // What was just decided may be what others waited for.
            let mut patient = self.patient_no_more(key.0);
            minutes.woken.append(&mut patient);
        }
    }

    pub(super) fn say_out(&mut self, minutes: Minutes) {
        if minutes.writes.is_empty() {
            return;
        }
        let after = AfterCommit::Said { spaces: minutes.spaces, snapshots: minutes.snapshots };
        self.commit(minutes.writes, after);
    }

    /// Puts patient commands back whose basis is decided, and returns their documents.
    fn patient_no_more(&mut self, space_id: SpaceId) -> Vec<DocKey> {
        let Some(space) = self.spaces.get_mut(&space_id) else { return Vec::new() };
        let ready: Vec<Digest> = space
            .patient
            .iter()
            .filter(|hash| match &space.stored[hash].request {
                Some(Ok(request)) => request
                    .basis
                    .iter()
                    .all(|b| space.stored.get(b).is_some_and(|s| s.decided.is_some())),
                _ => true,
            })
            .copied()
            .collect();
        let mut docs = Vec::new();
        for hash in ready {
            space.patient.remove(&hash);
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
                    if let Some(doc) = self.doc(key) {
                        doc.held.insert(hash);
                    }
                    let device = self.spaces[&key.0].stored[&hash].header.device;
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
                Turn::Patience(hash) => {
                    self.pop(key, &hash);
                    if let Some(space) = self.spaces.get_mut(&key.0) {
                        space.patient.insert(hash);
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
                    let ticket = self.ticket();
                    self.trials.insert(ticket, Job::Command { doc: key, envelope: hash });
                    self.push_trial(ticket, key, Vec::new(), false);
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

    fn pop(&mut self, key: DocKey, hash: &Digest) {
        if let Some(doc) = self.doc(key) {
            doc.queue.retain(|h| h != hash);
        }
    }

    /// Looks at the front of a document's queue.
    fn turn(&self, key: DocKey, now: Timestamp) -> Turn {
        let Some(space) = self.spaces.get(&key.0) else { return Turn::Nothing };
        let Some(doc) = space.docs.get(&key.1) else { return Turn::Nothing };
        if doc.busy || doc.again.is_some_and(|at| now < at) {
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
                for basis in &request.basis {
                    match space.stored.get(basis) {
                        Some(s) if s.decided.is_some() && !s.accepted => {
                            let refusal = Refusal::BasisRefused { basis: *basis };
                            return Turn::Settle(*first, Verdict::Declined(refusal));
                        }
                        Some(s) if s.decided.is_some() => {}
                        // Whatever it rests on is awaited; it blocks nobody meanwhile.
                        _ => return Turn::Patience(*first),
                    }
                }
                if request.command.needs_content() && doc.damaged {
                    Turn::Settle(*first, Verdict::Declined(Refusal::ReadOnly))
                } else if request.command.needs_content() && !doc.index.heads().is_empty() {
                    Turn::Look(*first)
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
            if stored.request.is_some() || !stored.durable {
                break;
            }
            let front = *hash == first;
            let standing = match space.honest(stored) {
                Some(true) => doc.index.standing(&stored.changes, &with),
                Some(false) => Standing::Faulty,
                // Its certificate is awaited; nothing is said of it meanwhile.
                None => break,
            };
            match standing {
                Standing::Ready if stored.alone => {
                    if front {
                        return if stored.attempts >= DEATHS {
                            Turn::Settle(*hash, Verdict::Malformed(Fault::Quarantined))
                        } else {
                            Turn::Alone(*hash)
                        };
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

    fn trial(&mut self, key: DocKey, batch: Vec<Digest>, alone: bool) {
        let ticket = self.ticket();
        self.trials.insert(ticket, Job::Content { doc: key, batch: batch.clone() });
        self.push_trial(ticket, key, batch, alone);
    }

    fn push_trial(&mut self, ticket: super::Ticket, key: DocKey, batch: Vec<Digest>, alone: bool) {
        let held = &self.spaces[&key.0].docs[&key.1];
        let (snapshot, later) = (held.snapshot.is_some(), held.later.clone());
        let (space, doc) = key;
        self.out.push(Effect::Trial { ticket, space, doc, snapshot, later, batch, alone });
    }

    pub(super) fn tried(
        &mut self,
        ticket: super::Ticket,
        outcome: Result<Trial, TrialFailure>,
        now: Timestamp,
    ) {
        let Some(job) = self.trials.remove(&ticket) else { return };
        let mut minutes = Minutes::default();
        let key = match &job {
            Job::Content { doc, .. } | Job::Command { doc, .. } => *doc,
        };
        if let Some(doc) = self.doc(key) {
            doc.busy = false;
        }
        match (job, outcome) {
            (job, Err(TrialFailure::Later)) => {
                if let Some(doc) = self.doc(key) {
                    doc.again = Some(now.plus_millis(TRY_AGAIN_MILLIS));
                }
                if let Job::Content { batch, .. } = job {
                    self.not_tried(key, &batch, &mut minutes);
                }
            }
            (job, Err(TrialFailure::Damaged)) => {
                let (space, doc) = key;
                self.out.push(Effect::Alarm(Alarm::Damaged { space, doc }));
                if let Some(doc) = self.doc(key) {
                    doc.damaged = true;
                }
                if let Job::Content { batch, .. } = job {
                    self.not_tried(key, &batch, &mut minutes);
                }
            }
            (Job::Content { batch, .. }, Err(TrialFailure::Died)) => {
                if let Some(space) = self.spaces.get_mut(&key.0) {
                    for hash in &batch {
                        if let Some(stored) = space.stored.get_mut(hash) {
                            stored.alone = true;
                        }
                    }
                }
            }
            // The document itself does not load: a command about it is refused as read-only.
            (Job::Command { envelope, .. }, Err(TrialFailure::Died)) => {
                self.pop(key, &envelope);
                let refusal = Verdict::Declined(Refusal::ReadOnly);
                self.settle(envelope, refusal, Vec::new(), key, now, &mut minutes);
            }
            (Job::Content { batch, .. }, Ok(trial)) => {
                self.tried_content(key, batch, trial, now, &mut minutes);
            }
            (Job::Command { envelope, .. }, Ok(trial)) => {
                self.pop(key, &envelope);
                self.decide(envelope, trial.content.as_ref(), key, now, &mut minutes);
            }
        }
        minutes.woken.push(key);
        self.pump_woken(now, &mut minutes);
        self.say_out(minutes);
    }

    /// An attempt that was no attempt, for want of time or memory, does not count.
    fn not_tried(&mut self, key: DocKey, batch: &[Digest], minutes: &mut Minutes) {
        let Some(space) = self.spaces.get_mut(&key.0) else { return };
        for hash in batch {
            let Some(stored) = space.stored.get_mut(hash).filter(|s| s.attempts > 0) else {
                continue;
            };
            stored.attempts -= 1;
            let times = stored.attempts;
            minutes.writes.push(Write::Attempt { envelope: *hash, times });
        }
    }

    /// Settles a tried batch up to its first envelope that is not main; the rest is tried
    /// again without it.
    fn tried_content(
        &mut self,
        key: DocKey,
        batch: Vec<Digest>,
        trial: Trial,
        now: Timestamp,
        minutes: &mut Minutes,
    ) {
        let all = batch.len();
        let mut main = 0;
        for (hash, result) in batch.into_iter().zip(trial.per) {
            let actor = self.actor(key.0, &hash);
            let (verdict, events) = match result {
                Err(why) => (Verdict::Malformed(Fault::Schema(why)), Vec::new()),
                Ok(touched) => {
                    let state = &self.spaces[&key.0].state;
                    match workflow::decide_content(state, &actor, key.1, &touched) {
                        Ok(events) => (Verdict::Main, events),
                        Err(reason) => {
                            let said = self.aside(key, hash, reason.clone(), touched.birth);
                            (Verdict::Aside(reason), said)
                        }
                    }
                }
            };
            let stop = verdict != Verdict::Main;
            self.pop(key, &hash);
            self.settle(hash, verdict, events, key, now, minutes);
            if stop {
                break;
            }
            main += 1;
        }
        let pos = self.spaces[&key.0].head.pos;
        let Some(doc) = self.doc(key) else { return };
        let contains = doc.later.len();
        let due = main == all && contains >= SNAPSHOT_EVERY && !doc.keeping;
        if due && doc.index.heads() == trial.heads {
            doc.keeping = true;
            let saved = trial.saved;
            minutes.writes.push(Write::Snapshot { space: key.0, doc: key.1, pos, saved });
            minutes.snapshots.push(Kept { doc: key, pos, contains });
        }
    }

    fn actor(&self, space: SpaceId, envelope: &Digest) -> Actor {
        let space = &self.spaces[&space];
        let device = space.stored[envelope].header.device;
        // An envelope is only stored from a device the space knows.
        space
            .state
            .device(device)
            .map_or(Actor::Server, |d| Actor::Person { person: d.person, device: Some(device) })
    }

    fn decide(
        &mut self,
        hash: Digest,
        content: Option<&Content>,
        key: DocKey,
        now: Timestamp,
        minutes: &mut Minutes,
    ) {
        let space = &self.spaces[&key.0];
        let stored = &space.stored[&hash];
        let Some(Ok(request)) = &stored.request else { return };
        let asked =
            Asked { doc: key.1, envelope: hash, request, claimed_at: stored.header.claimed_at };
        let at = now.max(space.at);
        let decided =
            workflow::decide(&space.state, &self.actor(key.0, &hash), &asked, content, at);
        match decided {
            Ok(decision) => self.carry_out(Some(hash), decision, key, now, minutes),
            Err(refusal) => {
                self.settle(hash, Verdict::Declined(refusal), Vec::new(), key, now, minutes);
            }
        }
    }

    /// Writes down what a decision says, in its own space and in others.
    pub(super) fn carry_out(
        &mut self,
        envelope: Option<Digest>,
        decision: Decision,
        key: DocKey,
        now: Timestamp,
        minutes: &mut Minutes,
    ) {
        for new in decision.opens {
            self.spaces.entry(new.id).or_default();
            self.say_own(new.id, new.events, now, minutes);
        }
        match envelope {
            Some(hash) => {
                self.settle(hash, Verdict::Accepted, decision.events, key, now, minutes);
            }
            None => self.say_own(key.0, decision.events, now, minutes),
        }
        for (space, events) in decision.elsewhere {
            if self.spaces.contains_key(&space) {
                self.say_own(space, events, now, minutes);
            }
        }
    }

    /// Writes an entry of the server's own.
    pub(super) fn say_own(
        &mut self,
        space: SpaceId,
        events: Vec<DocEvent>,
        now: Timestamp,
        minutes: &mut Minutes,
    ) {
        if !events.is_empty() {
            self.append(space, None, Verdict::Own, events, now, minutes);
        }
    }

    /// Writes the entry that decides an envelope.
    fn settle(
        &mut self,
        hash: Digest,
        verdict: Verdict,
        events: Vec<DocEvent>,
        key: DocKey,
        now: Timestamp,
        minutes: &mut Minutes,
    ) {
        let events = match &verdict {
            // Set aside without a trial: it rests on something in the tray, so it is no birth.
            Verdict::Aside(reason) if events.is_empty() => {
                self.aside(key, hash, reason.clone(), None)
            }
            _ => events,
        };
        if let Verdict::Malformed(_) = verdict {
            let device = self.spaces[&key.0].stored[&hash].header.device;
            self.out.push(Effect::Alarm(Alarm::Hostile { device, envelope: hash }));
        }
        self.append(key.0, Some(hash), verdict, events, now, minutes);
        if self.spaces.get_mut(&key.0).is_some_and(|s| s.rehold(key.1)) {
            minutes.woken.push(key);
        }
    }

    /// Says that content was set aside, and which envelopes in the tray it rests on.
    fn aside(
        &self,
        key: DocKey,
        hash: Digest,
        reason: AsideReason,
        birth: Option<crate::model::DocKind>,
    ) -> Vec<DocEvent> {
        let space = &self.spaces[&key.0];
        let stored = &space.stored[&hash];
        let deps: BTreeSet<_> = stored.changes.iter().flat_map(|c| &c.deps).collect();
        let rests_on = space
            .docs
            .get(&key.1)
            .map(|doc| &doc.aside[..])
            .unwrap_or_default()
            .iter()
            .filter(|e| space.stored[*e].changes.iter().any(|c| deps.contains(&c.hash)))
            .copied()
            .collect();
        let Some(by) = space.state.device(stored.header.device).map(|d| d.person) else {
            return Vec::new();
        };
        let event = workflow::Event::ContentAside { envelope: hash, by, reason, rests_on, birth };
        vec![DocEvent::of(key.1, event)]
    }

    fn append(
        &mut self,
        space_id: SpaceId,
        envelope: Option<Digest>,
        verdict: Verdict,
        events: Vec<DocEvent>,
        now: Timestamp,
        minutes: &mut Minutes,
    ) {
        let Some(space) = self.spaces.get_mut(&space_id) else { return };
        let entry = Entry::sign(
            Saying {
                epoch: self.epoch,
                space: space_id,
                after: space.head,
                at: now.max(space.at),
                envelope,
                verdict,
                events: events.iter().map(EventRecord::of).collect(),
            },
            &self.key,
        );
        space.take(&entry);
        minutes.spaces.retain(|(s, _)| *s != space_id);
        minutes.spaces.push((space_id, entry.cursor()));
        minutes.writes.push(Write::Entry(entry));
        self.follow_up(space_id, &events, now, minutes);
    }
}

impl super::Space {
    /// Folds an entry in: what it decides and what follows.
    pub(super) fn take(&mut self, entry: &Entry) {
        let body = entry.body();
        let mut by = None;
        if let Some(hash) = body.envelope {
            by = self.decided(hash, entry.verdict(), body.pos);
        }
        let meta = EntryMeta { pos: body.pos, at: body.at, envelope: body.envelope, by };
        for record in &body.events {
            match record.read() {
                Some(event) => {
                    if let workflow::Event::LateAdopted { envelopes, .. } = &event.event {
                        self.adopt(envelopes, body.pos);
                    }
                    workflow::fold(&mut self.state, &meta, &event);
                }
                None => self.state.freeze(record.doc),
            }
        }
        if entry.verdict().is_none() {
            let doc = body.envelope.and_then(|h| self.stored.get(&h)).map(|s| s.header.doc);
            self.state.freeze(doc);
        }
        self.head = entry.cursor();
        self.at = body.at;
        self.hashes.push(entry.hash());
    }

    fn decided(
        &mut self,
        hash: Digest,
        verdict: Option<&Verdict>,
        pos: u64,
    ) -> Option<crate::model::PersonId> {
        let stored = self.stored.get_mut(&hash)?;
        stored.decided = Some(pos);
        stored.durable = true;
        stored.accepted = matches!(verdict, Some(Verdict::Main | Verdict::Accepted));
        let doc = self.docs.entry(stored.header.doc).or_default();
        doc.queue.retain(|h| *h != hash);
        doc.held.remove(&hash);
        self.patient.remove(&hash);
        if !stored.changes.is_empty() {
            let status = match verdict {
                Some(Verdict::Main) => Status::Main,
                Some(Verdict::Malformed(_)) => Status::Refused,
                _ => Status::Aside,
            };
            let changes: Vec<ChangeHeader> = stored.changes.clone();
            if status == Status::Main
                && changes.iter().any(|c| doc.index.status(&c.hash) != Some(Status::Main))
            {
                doc.later.push(hash);
            }
            if status == Status::Aside {
                doc.aside.push(hash);
            }
            doc.index.settle(&changes, status);
        }
        self.state.device(stored.header.device).map(|d| d.person)
    }

    /// Moves late arrivals into the document, in the order in which they were set aside,
    /// whatever the order in which the command names them.
    fn adopt(&mut self, envelopes: &[Digest], pos: u64) {
        let mut set: Vec<_> =
            envelopes.iter().filter_map(|h| Some((self.stored.get(h)?.decided, *h))).collect();
        set.sort_unstable();
        for (_, hash) in set {
            let stored = &self.stored[&hash];
            let changes = stored.changes.clone();
            if let Some(doc) = self.docs.get_mut(&stored.header.doc) {
                doc.index.settle(&changes, Status::Main);
                self.adopted.insert(hash, pos);
                doc.later.push(hash);
                doc.aside.retain(|e| *e != hash);
            }
        }
    }

    /// Puts held content whose dependencies have arrived back into its document's queue.
    fn rehold(&mut self, id: crate::model::DocId) -> bool {
        let Some(doc) = self.docs.get_mut(&id) else { return false };
        let ready: Vec<Digest> = doc
            .held
            .iter()
            .filter(|h| {
                let standing = doc.index.standing(&self.stored[*h].changes, &BTreeSet::new());
                !matches!(standing, Standing::Held(_) | Standing::Waits)
            })
            .copied()
            .collect();
        for hash in &ready {
            doc.held.remove(hash);
            doc.queue.push_back(*hash);
        }
        !ready.is_empty()
    }
}
