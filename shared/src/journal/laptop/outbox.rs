//! From an edit to an envelope that is offered to the server.
use std::collections::BTreeSet;

use super::{AfterCommit, Effect, Laptop, LaptopSpace, Note, nonce};
use crate::{
    journal::{
        cbor,
        envelope::{Codec, Content, Envelope, MAX_BASIS, MAX_CONTENT, SessionNonce},
        frame::{Item, Place, Up},
        laptop::space::{Draft, Kept, Origin, Session},
        precheck,
        store::{Table, Write},
    },
    model::{Digest, DocId, SpaceId, Timestamp},
    workflow::Request,
};

/// The most bytes of envelopes in one frame.
const PUSH_BYTES: usize = 512 * 1024;
/// The most envelopes in one frame.
const PUSH_COUNT: usize = 256;
/// The most bytes of entries with their envelopes in one frame, where there are several.
const GIVE_BYTES: usize = 1024 * 1024;

impl Laptop {
    pub(super) fn session<R: rand_core::Rng + ?Sized>(
        &mut self,
        space: SpaceId,
        rng: &mut R,
    ) -> Session {
        let space = self.spaces.entry(space).or_default();
        let last = space.last_own;
        *space.session.get_or_insert_with(|| Session { nonce: nonce(rng), next: 0, last })
    }

    /// Keeps an edit, together with other writes; `false` if the gate would refuse it, and then
    /// nothing of it is kept.
    pub(super) fn edit<R: rand_core::Rng + ?Sized>(
        &mut self,
        space_id: SpaceId,
        doc: DocId,
        bytes: Vec<u8>,
        mut writes: Vec<Write>,
        now: Timestamp,
        rng: &mut R,
    ) -> bool {
        let session = self.session(space_id, rng);
        // The same gate as the server's: what it would refuse is never signed.
        let changes = match precheck::check_each(&bytes, &precheck::Limits::default()) {
            Ok(changes) => changes,
            Err(e) => {
                let why = e.to_string();
                self.out.push(Effect::NotKept { space: space_id, doc, why });
                return false;
            }
        };
        let Some(last) = changes.last().map(|c| c.hash) else { return false };
        let Some(space) = self.spaces.get_mut(&space_id) else { return false };
        space.docs.entry(doc).or_default().index.add(&changes);
        // A draft for each change: they need not fit into one envelope together.
        for change in changes {
            let n = space.next_draft;
            space.next_draft += 1;
            let bytes = bytes[change.start..change.start + change.len].to_vec();
            let changes = vec![precheck::ChangeHeader { start: 0, ..change }];
            let draft = Draft { session: session.nonce, doc, at: now, bytes, changes };
            writes.push(draft_row(space_id, n, &draft));
            space.drafts.insert(n, draft);
        }
        if session.next == 0 {
            writes.push(session_row(space_id, &session));
        }
        // The screen may not have heard yet that something left the document: what was written
        // on it leaves too, and its numbers are taken for whatever is written next.
        if !space.shows(doc, last) {
            space.rotate();
        }
        let saved = Note::Saved { space: space_id, doc, change: last };
        self.commit(writes, AfterCommit::Tell { notes: vec![saved], ready: Vec::new() });
        true
    }

    /// Envelopes that could not stand are said anew: in one commit with what says so.
    pub(super) fn rewritten<R: rand_core::Rng + ?Sized>(
        &mut self,
        space_id: SpaceId,
        doc: DocId,
        envelopes: &[Digest],
        changes: Vec<u8>,
        now: Timestamp,
        rng: &mut R,
    ) {
        let Some(space) = self.spaces.get(&space_id) else { return };
        let held = envelopes.iter().filter(|hash| space.kept.contains_key(hash));
        let writes = held.map(|hash| mark(REWRITTEN, hash)).collect();
        if changes.is_empty() {
            self.commit(writes, AfterCommit::Tell { notes: Vec::new(), ready: Vec::new() });
        } else if !self.edit(space_id, doc, changes, writes, now, rng) {
            // They are still to be said anew.
            return;
        }
        let Some(space) = self.spaces.get_mut(&space_id) else { return };
        for hash in envelopes {
            if let Some(kept) = space.kept.get_mut(hash) {
                kept.rewritten = true;
                space.noted += 1;
            }
        }
    }

    pub(super) fn ask<R: rand_core::Rng + ?Sized>(
        &mut self,
        space_id: SpaceId,
        doc: DocId,
        mut request: Request,
        now: Timestamp,
        rng: &mut R,
    ) {
        let session = self.session(space_id, rng);
        let mut done = Sealed::default();
        self.seal_space(space_id, &mut done);
        let Some(space) = self.spaces.get_mut(&space_id) else { return };
        // This device's earlier requests about the same record that nobody has decided: this
        // one rests on them. Another's that a courier brought may never be decided, and would
        // hold this one for ever: whoever asks names those without which it cannot be.
        for (hash, kept) in space.requests() {
            let own = kept.origin == Origin::Own;
            if own && kept.header.doc == doc && !request.basis.contains(hash) {
                request.basis.push(*hash);
            }
        }
        space.shorten(&mut request.basis);
        let payload = cbor::to_named(&request);
        let session = space.session.unwrap_or(session);
        let content = Content {
            codec: Codec::Command,
            space: space_id,
            doc,
            session: session.nonce,
            seq: session.next,
            prev: session.last,
            changes: None,
            claimed_at: now,
            payload: &payload,
        };
        let envelope = Envelope::seal(content, &self.key);
        space.put_own(&envelope, Vec::new(), Some(request), &mut done);
        self.commit_sealed(done);
    }

    /// Puts all drafts into envelopes.
    pub(super) fn seal(&mut self) {
        let mut done = Sealed::default();
        let spaces: Vec<SpaceId> = self.spaces.keys().copied().collect();
        for space in spaces {
            self.seal_space(space, &mut done);
        }
        self.commit_sealed(done);
    }

    pub(super) fn commit_sealed(&mut self, done: Sealed) {
        if !done.writes.is_empty() {
            self.commit(done.writes, AfterCommit::Tell { notes: done.notes, ready: done.ready });
        }
    }

    /// Seals a space's drafts: one document's consecutive changes of one session to an
    /// envelope, up to its greatest length. Sealing the same drafts twice gives the same
    /// envelopes.
    pub(super) fn seal_space(&mut self, space_id: SpaceId, done: &mut Sealed) {
        let Some(space) = self.spaces.get_mut(&space_id) else { return };
        let drafts = std::mem::take(&mut space.drafts);
        let mut groups: Vec<(SessionNonce, DocId, Vec<Draft>)> = Vec::new();
        for (n, draft) in drafts {
            done.writes.push(Write::delete(Table::Draft, draft_key(space_id, n)));
            let fits = |group: &(SessionNonce, DocId, Vec<Draft>)| {
                group.2.iter().map(|d| d.bytes.len()).sum::<usize>() + draft.bytes.len()
                    <= MAX_CONTENT
            };
            let last = groups.iter().rposition(|g| g.0 == draft.session && g.1 == draft.doc);
            match last {
                Some(i) if fits(&groups[i]) => groups[i].2.push(draft),
                _ => groups.push((draft.session, draft.doc, vec![draft])),
            }
        }
        for (nonce, doc, drafts) in groups {
            let mut bodies = Vec::new();
            split(&drafts, &mut bodies);
            for Body { payload, changes, at } in bodies {
                let ends = (changes.first().map(|c| c.hash), changes.last().map(|c| c.hash));
                let (Some(first), Some(last)) = ends else { continue };
                let session = space.chain(nonce);
                let content = Content {
                    codec: Codec::Content,
                    space: space_id,
                    doc,
                    session: nonce,
                    seq: session.next,
                    prev: session.last,
                    changes: Some((first, last)),
                    claimed_at: at,
                    payload: &payload,
                };
                let envelope = Envelope::seal(content, &self.key);
                space.put_own(&envelope, changes, None, done);
            }
        }
    }

    /// The link is up: say what we have, and offer what has no verdict.
    pub(super) fn connected(&mut self) {
        self.online = true;
        for space in self.spaces.values_mut() {
            space.asked_for.clear();
            for kept in space.kept.values_mut() {
                kept.offered = false;
            }
        }
        self.out.push(Effect::Send(Up::Have { spaces: self.places() }));
        self.seal();
        self.offer();
        self.try_lost_again();
    }

    /// Returns how far each space has been read.
    pub fn places(&self) -> Vec<Place> {
        self.spaces
            .iter()
            .filter(|(_, s)| !s.withdrawn)
            .map(|(id, s)| Place { space: *id, cursor: s.head })
            .collect()
    }

    /// Offers every durable envelope that has no verdict and no receipt of this epoch.
    pub(super) fn offer(&mut self) {
        let epoch = self.epoch;
        let mut batch = Vec::new();
        for (id, space) in &mut self.spaces {
            for hash in space.undecided.values() {
                let Some(kept) = space.kept.get_mut(hash) else { continue };
                let received = kept.received.is_some_and(|(e, _)| Some(e) == epoch);
                if kept.durable && !kept.offered && !received && !kept.void {
                    kept.offered = true;
                    batch.push((*id, *hash));
                }
            }
        }
        if !batch.is_empty() {
            self.out.push(Effect::Offer { envelopes: batch.iter().map(|b| b.1).collect() });
        }
    }
}

impl Laptop {
    /// Offers once more what is decided and was never receipted, now that the server's journal
    /// is ours: it knows these envelopes, and answers with the receipt alone. An entry is no
    /// receipt; *received* is said of nothing but that.
    pub(super) fn ask_for_receipts(&mut self, space: SpaceId) {
        let Some(s) = self.spaces.get_mut(&space) else { return };
        let mut envelopes = Vec::new();
        for hash in &s.unreceipted {
            if let Some(kept) = s.kept.get_mut(hash)
                && kept.durable
                && !kept.offered
            {
                kept.offered = true;
                envelopes.push(*hash);
            }
        }
        if !envelopes.is_empty() {
            self.out.push(Effect::Offer { envelopes });
        }
    }
}

/// What one envelope is to hold.
struct Body {
    payload: Vec<u8>,
    changes: Vec<precheck::ChangeHeader>,
    /// When the last of its changes was made.
    at: Timestamp,
}

/// Puts drafts into as few bodies as the gate passes: each passed alone when it was saved,
/// and together they may go beyond its limits.
fn split(drafts: &[Draft], bodies: &mut Vec<Body>) {
    let Some(last) = drafts.last() else { return };
    let payload: Vec<u8> = drafts.iter().flat_map(|d| d.bytes.iter().copied()).collect();
    let read = match drafts {
        [one] => Ok(one.changes.clone()),
        _ => precheck::check(&payload, &precheck::Limits::default()),
    };
    match read {
        Ok(changes) => bodies.push(Body { payload, changes, at: last.at }),
        Err(_) => {
            let (before, after) = drafts.split_at(drafts.len() / 2);
            split(before, bodies);
            split(after, bodies);
        }
    }
}

/// Envelopes just sealed.
#[derive(Default)]
pub(super) struct Sealed {
    writes: Vec<Write>,
    notes: Vec<Note>,
    ready: Vec<(SpaceId, Digest)>,
}

impl LaptopSpace {
    /// Returns the chain of a session: the present one, or an earlier one with drafts left.
    fn chain(&self, nonce: SessionNonce) -> Session {
        match self.session {
            Some(session) if session.nonce == nonce => session,
            _ => self.old_sessions.get(&nonce).copied().unwrap_or(Session {
                nonce,
                next: 0,
                last: self.last_own,
            }),
        }
    }

    /// Leaves out of a basis what another of it rests on, which says the same; and the oldest
    /// of what is still more than the server takes: they are offered first, and decided first.
    fn shorten(&self, basis: &mut Vec<Digest>) {
        let under = |hash: &Digest| {
            let request = self.kept.get(hash).and_then(|k| k.request.as_ref());
            request.map(|r| r.basis.clone()).unwrap_or_default()
        };
        let mut implied = BTreeSet::new();
        let mut next: Vec<Digest> = basis.iter().flat_map(under).collect();
        while let Some(hash) = next.pop() {
            if implied.insert(hash) {
                next.extend(under(&hash));
            }
        }
        basis.retain(|hash| !implied.contains(hash));
        if basis.len() > MAX_BASIS {
            basis.sort_by_key(|hash| self.kept.get(hash).map(|k| k.arrival));
            basis.drain(..basis.len() - MAX_BASIS);
        }
    }

    fn put_own(
        &mut self,
        envelope: &Envelope,
        changes: Vec<precheck::ChangeHeader>,
        request: Option<Request>,
        done: &mut Sealed,
    ) {
        let (hash, header) = (envelope.hash(), envelope.header().clone());
        let session = Session { nonce: header.session, next: header.seq + 1, last: Some(hash) };
        match &mut self.session {
            Some(s) if s.nonce == header.session => *s = session,
            _ => {
                self.old_sessions.insert(header.session, session);
            }
        }
        done.writes.push(session_row(header.space, &session));
        done.writes.push(envelope_row(Origin::Own, envelope));
        done.notes.push(Note::Sealed { space: header.space, doc: header.doc, envelope: hash });
        done.ready.push((header.space, hash));
        let kept = Kept {
            header,
            origin: Origin::Own,
            request,
            received: None,
            decided: None,
            changes,
            arrival: 0,
            durable: false,
            offered: false,
            tried: true,
            void: false,
            rewritten: false,
        };
        self.keep(hash, kept);
    }

    /// Ends the present session: the next edit opens another, under other actors.
    pub(super) fn rotate(&mut self) {
        if let Some(session) = self.session.take() {
            self.old_sessions.insert(session.nonce, session);
        }
    }
}

/// Splits envelopes into frames of bounded size.
pub fn pushes(envelopes: Vec<Envelope>) -> Vec<Up> {
    let mut frames = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for envelope in envelopes {
        if !batch.is_empty() && (bytes + envelope.len() > PUSH_BYTES || batch.len() >= PUSH_COUNT) {
            frames.push(Up::Push { envelopes: std::mem::take(&mut batch) });
            bytes = 0;
        }
        bytes += envelope.len();
        batch.push(envelope);
    }
    if !batch.is_empty() {
        frames.push(Up::Push { envelopes: batch });
    }
    frames
}

/// Splits entries that are given back into frames of bounded size.
pub fn give_backs(space: SpaceId, items: Vec<Item>) -> Vec<Up> {
    let mut frames = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for item in items {
        let len = item.entry.to_bytes().len() + item.envelope.as_ref().map_or(0, Envelope::len);
        if !batch.is_empty() && bytes + len > GIVE_BYTES {
            frames.push(Up::GiveBack { space, items: std::mem::take(&mut batch) });
            bytes = 0;
        }
        bytes += len;
        batch.push(item);
    }
    if !batch.is_empty() {
        frames.push(Up::GiveBack { space, items: batch });
    }
    frames
}

pub(super) fn envelope_row(origin: Origin, envelope: &Envelope) -> Write {
    let mut value = vec![origin as u8];
    value.extend_from_slice(&envelope.to_bytes());
    Write::put(Table::Envelope, envelope.hash().as_bytes().to_vec(), value)
}

/// Marks an envelope that cannot stand.
pub(super) const VOID: &[u8] = b"void/";
/// Marks one of those that was said anew.
pub(super) const REWRITTEN: &[u8] = b"rewritten/";
/// Marks a courier's content that this laptop's sandbox has passed.
pub(super) const TRIED: &[u8] = b"tried/";

/// Writes a marker about an envelope.
pub(super) fn mark(what: &[u8], envelope: &Digest) -> Write {
    Write::put(Table::Meta, [what, envelope.as_bytes()].concat(), Vec::new())
}

/// Reads which envelope a marker is about, if it is a marker of this kind.
pub(super) fn marked(what: &[u8], key: &[u8]) -> Option<Digest> {
    key.strip_prefix(what)?.try_into().ok().map(Digest)
}

fn session_row(space: SpaceId, session: &Session) -> Write {
    let mut key = space.as_bytes().to_vec();
    key.extend_from_slice(&session.nonce.0);
    let value = cbor::to_vec(&(session.next, session.last));
    Write::put(Table::Session, key, value)
}

fn draft_key(space: SpaceId, n: u64) -> Vec<u8> {
    let mut key = space.as_bytes().to_vec();
    key.extend_from_slice(&n.to_be_bytes());
    key
}

fn draft_row(space: SpaceId, n: u64, draft: &Draft) -> Write {
    let value = cbor::to_vec(&(
        draft.session,
        draft.doc,
        draft.at,
        minicbor::bytes::ByteVec::from(draft.bytes.clone()),
    ));
    Write::put(Table::Draft, draft_key(space, n), value)
}
