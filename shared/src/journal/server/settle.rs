//! From a stored envelope to its entry.
//!
//! What a sandbox reports becomes a verdict, a command becomes a decision, and both become
//! entries, in one commit for everything that one input brought about.
use std::collections::BTreeSet;

use super::{
    AfterCommit, Alarm, Effect, Server, Trial, TrialFailure, Write,
    space::{DocKey, Job, Stored},
};
use crate::{
    deliberate::Bug,
    journal::entry::{Cursor, Entry, EventRecord, Fault, Saying, Verdict},
    model::{Digest, SpaceId, Timestamp},
    workflow::{self, Actor, AsideReason, Asked, Command, Content, Decision, DocEvent, Refusal},
};

/// Main envelopes after which a new snapshot of a document is kept.
const SNAPSHOT_EVERY: usize = 100;
/// After a time-out, a document rests this long before it is tried again.
pub(super) const TRY_AGAIN_MILLIS: i64 = 2_000;

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
            Some(AfterCommit::Alone(key, hash)) => self.alone(key, hash),
            Some(AfterCommit::Reload) => self.out.push(Effect::Reload),
        }
    }

    pub(super) fn doc(&mut self, (space, doc): DocKey) -> Option<&mut super::space::Doc> {
        self.spaces.get_mut(&space)?.docs.get_mut(&doc)
    }

    fn stored(&mut self, (space, _): DocKey, hash: &Digest) -> Option<&mut Stored> {
        self.spaces.get_mut(&space)?.stored.get_mut(hash)
    }

    pub(super) fn say_out(&mut self, minutes: Minutes) {
        if minutes.writes.is_empty() {
            return;
        }
        let after = AfterCommit::Said { spaces: minutes.spaces, snapshots: minutes.snapshots };
        self.commit(minutes.writes, after);
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
            Job::Content { doc, .. } | Job::Command { doc, .. } | Job::Document { doc, .. } => *doc,
        };
        if let Some(doc) = self.doc(key) {
            doc.busy = false;
        }
        match (job, outcome) {
            (job, Err(TrialFailure::Later)) => {
                if let Some(doc) = self.doc(key) {
                    doc.again = Some(now.plus_millis(TRY_AGAIN_MILLIS));
                }
                self.not_tried(key, &job.envelopes(), &mut minutes);
            }
            // Our own copy: whoever writes next is not to blame. Content waits, and a command
            // about it is refused as read-only.
            (job @ Job::Document { .. }, Err(TrialFailure::Died))
            | (job, Err(TrialFailure::Damaged)) => {
                let (space, doc) = key;
                self.out.push(Effect::Alarm(Alarm::Damaged { space, doc }));
                if let Some(doc) = self.doc(key) {
                    doc.damaged = true;
                }
                self.not_tried(key, &job.envelopes(), &mut minutes);
            }
            // A death in company is no verdict, also where the company is the trials before it.
            (job, Err(TrialFailure::Died)) => {
                for hash in job.envelopes() {
                    if let Some(stored) = self.stored(key, &hash) {
                        stored.alone = true;
                    }
                }
            }
            (Job::Document { without, .. }, Ok(trial)) => {
                if let Some(stored) = self.stored(key, &without) {
                    stored.cleared = true;
                }
                // A command that only reads has seen now what it needs to see.
                let reads = self.spaces[&key.0].stored[&without].request.is_some()
                    && self.to_adopt(key, &without).is_empty();
                if reads {
                    self.pop(key, &without);
                    self.decide(without, trial.content.as_ref(), key, now, &mut minutes);
                }
            }
            (Job::Content { batch, .. }, Ok(trial)) => {
                self.tried_content(key, batch, trial, now, &mut minutes);
            }
            (Job::Command { envelope, .. }, Ok(trial)) => {
                let adopted = self.to_adopt(key, &envelope);
                let unfit = adopted.iter().zip(&trial.per).find(|(_, tried)| tried.is_err());
                self.pop(key, &envelope);
                match unfit {
                    Some((late, _)) => {
                        let refusal = Refusal::NotLate { envelope: *late };
                        let verdict = Verdict::Declined(refusal);
                        self.settle(envelope, verdict, Vec::new(), key, now, &mut minutes);
                    }
                    None => {
                        self.decide(envelope, trial.content.as_ref(), key, now, &mut minutes);
                    }
                }
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
                        Err(reason) if self.overlooks(&reason) => (Verdict::Main, Vec::new()),
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

    /// Tells whether a planted bug takes in what ought to be set aside for this reason.
    fn overlooks(&self, reason: &AsideReason) -> bool {
        match reason {
            AsideReason::Late => self.planted.has(Bug::LateMerged),
            AsideReason::NotAMember | AsideReason::Lapsed => self.planted.has(Bug::RightsUnchecked),
            _ => false,
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

    pub(super) fn decide(
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
        let stale = content.filter(|_| self.planted.has(Bug::StaleMeaning)).cloned();
        let stale = stale.map(|seen| as_signed(&request.command, seen));
        let content = stale.as_ref().or(content);
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
    pub(super) fn settle(
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
        space.take(&entry, self.planted);
        minutes.spaces.retain(|(s, _)| *s != space_id);
        minutes.spaces.push((space_id, entry.cursor()));
        minutes.writes.push(Write::Entry(entry));
        self.follow_up(space_id, &events, now, minutes);
    }
}

/// What a planted bug takes for the document: what the signer saw.
fn as_signed(command: &Command, mut content: Content) -> Content {
    if let Command::Sign { pin, .. } | Command::ConfirmInterview { pin } = command {
        content.reading.heads.clone_from(&pin.heads);
        content.rendering = pin.rendering;
    }
    content
}
