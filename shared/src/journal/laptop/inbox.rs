//! From a frame of the server to what is held and shown.
use std::collections::BTreeSet;

use super::{AfterCommit, DocumentChange, Effect, Laptop, LaptopSpace, Note};
use crate::{
    crypto::VerifyingKey,
    journal::{
        cbor,
        changes::Status,
        entry::{Entry, Verdict},
        envelope::{Codec, Envelope},
        frame::{Down, Item, Receipt, Reject, Up},
        laptop::{
            outbox::{self, VOID, envelope_row, mark},
            space::{Kept, Origin},
        },
        precheck,
        store::{Table, Write},
    },
    model::{ChangeHash, Digest, DocId, SpaceId},
    workflow::{self, EntryMeta, Event, Request},
};

/// What one frame or file comes to: one commit, then these notes.
#[derive(Default)]
pub(super) struct Taking {
    pub(super) writes: Vec<Write>,
    pub(super) notes: Vec<Note>,
    pub(super) ready: Vec<(SpaceId, Digest)>,
    /// Whether it is only taken up from the store: nothing is said of it then.
    quiet: bool,
    /// Documents to be made anew; what is applied to them is said by that alone.
    rebuild: Vec<(SpaceId, DocId)>,
    apply: Vec<(SpaceId, DocId, Vec<Digest>)>,
}

impl Laptop {
    pub(super) fn frame(&mut self, frame: Down) {
        match frame {
            Down::Welcome { epoch, now } => {
                self.epoch = Some(epoch);
                self.note(Note::ServerTime(now));
                self.offer();
            }
            Down::Receipt(receipt) => self.receipt(receipt),
            Down::Rejected { envelope, why } => self.rejected(envelope, why),
            Down::Entries { items, .. } => {
                let mut taking = Taking::default();
                for item in items {
                    self.item(item, &mut taking);
                }
                self.commit_taking(taking);
            }
            Down::Envelopes { envelopes } => self.wanted(envelopes),
            Down::Head { space, cursor } => {
                let behind = self.spaces.get(&space).is_none_or(|s| s.head != cursor);
                if !behind {
                    self.commit(
                        Vec::new(),
                        AfterCommit::Tell {
                            notes: vec![Note::CaughtUp { space, cursor }],
                            ready: Vec::new(),
                        },
                    );
                    self.ask_for_receipts(space);
                }
            }
            Down::WantTrail { space } => self.trail(space),
            Down::WantBack { space, after } => self.out.push(Effect::GiveBack { space, after }),
            Down::Rewind { space, to } => self.rewind(space, to),
            Down::Held { envelope, missing } => self.note(Note::Held { envelope, missing }),
            Down::Presence(presence) => self.note(Note::Present(presence)),
            Down::Withdrawn { space } => {
                if let Some(s) = self.spaces.get_mut(&space) {
                    s.withdrawn = true;
                    s.noted += 1;
                    self.note(Note::Withdrawn { space });
                }
            }
        }
    }

    fn receipt(&mut self, receipt: Receipt) {
        // A receipt that does not hold is no receipt: the envelope stays merely saved.
        let Some(body) = receipt.open(&self.server) else { return };
        let mut fresh = Vec::new();
        for hash in &body.envelopes {
            for space in self.spaces.values_mut() {
                if let Some(kept) = space.kept.get_mut(hash)
                    && kept.received.is_none_or(|(epoch, _)| epoch != body.epoch)
                {
                    kept.received = Some((body.epoch, body.at));
                    space.unreceipted.remove(hash);
                    space.noted += 1;
                    fresh.push(*hash);
                }
            }
        }
        if fresh.is_empty() {
            return;
        }
        let key = crate::crypto::hash::hash(
            crate::crypto::Context("xunji receipt row"),
            &[&receipt.body],
        );
        let row = Write::put(Table::Receipt, key.as_bytes().to_vec(), cbor::to_vec(&receipt));
        let notes = vec![Note::Received { envelopes: fresh }];
        self.commit(vec![row], AfterCommit::Tell { notes, ready: Vec::new() });
    }

    fn rejected(&mut self, envelope: Digest, why: Reject) {
        let found = self
            .spaces
            .iter()
            .find_map(|(id, s)| s.kept.get(&envelope).map(|k| (*id, k.header.clone())));
        let Some((space_id, header)) = found else { return };
        let Some(space) = self.spaces.get_mut(&space_id) else { return };
        // What was given up is said anew elsewhere. Only where its place is taken is there
        // more to do: what came after it in its chain cannot stand either.
        let given_up = space.kept.get(&envelope).is_none_or(|kept| kept.void);
        if given_up && !matches!(why, Reject::ChainForked { .. }) {
            return;
        }
        let early = match &why {
            Reject::NotYet => true,
            // What stands there is not known here before its entry is. Without the right to
            // read it this envelope waits, as it is.
            Reject::ChainForked { known_at } => known_at.pos > 0 && !space.holds(known_at),
            _ => false,
        };
        if early {
            // Offered again after the next commit; an entry that comes is one.
            if let Some(kept) = space.kept.get_mut(&envelope) {
                kept.offered = false;
            }
            return;
        }
        if !given_up {
            self.out.push(Effect::Note(Note::NotStored { envelope, why: why.clone() }));
        }
        let chain =
            |k: &Kept| k.header.device == header.device && k.header.session == header.session;
        match why {
            // The server lacks something before it: offer that chain again, from there, also
            // what was given up because of another chain: its place must be taken.
            Reject::ChainGap { expected } => {
                let again: Vec<Digest> = space
                    .kept
                    .iter()
                    .filter(|(_, k)| {
                        chain(k) && k.header.seq >= expected && k.header.seq < header.seq
                    })
                    .map(|(h, _)| *h)
                    .collect();
                // With nothing before it here there is nothing to offer; recovery brings it.
                if again.is_empty() {
                    return;
                }
                let mut order: Vec<(u64, Digest)> = space
                    .kept
                    .iter()
                    .filter(|(_, k)| chain(k) && k.header.seq >= expected && k.durable)
                    .map(|(h, k)| (k.header.seq, *h))
                    .collect();
                order.sort_unstable();
                let envelopes = order.into_iter().map(|(_, h)| h).collect();
                self.out.push(Effect::Offer { envelopes });
            }
            // Two machines run one disk, or this build signed what the server's gate refuses:
            // this chain ends here; what it still held is written anew under a new session.
            // Another's that a courier brought is given up here; what it says is its author's
            // to write anew.
            Reject::ChainForked { .. } | Reject::BadBody { .. } => {
                self.rewrite(space_id, |k| chain(k) && k.header.seq >= header.seq);
            }
            // Kept, shown, and offered again at the next contact.
            _ => {}
        }
    }

    /// Gives up undecided envelopes that cannot stand, with what of ours rests on them: the
    /// present session ends, and what they say is to be written anew.
    fn rewrite(&mut self, space_id: SpaceId, which: impl Fn(&Kept) -> bool) {
        // What is still a draft of that chain would be refused like the rest of it.
        let mut sealed = outbox::Sealed::default();
        self.seal_space(space_id, &mut sealed);
        self.commit_sealed(sealed);
        let Some(space) = self.spaces.get_mut(&space_id) else { return };
        let void = space.falling(which);
        if void.is_empty() {
            return;
        }
        space.rotate();
        let mut taking = Taking::default();
        let mut docs: Vec<(DocId, Vec<Digest>)> = Vec::new();
        for hash in void {
            space.annul(&hash);
            taking.writes.push(mark(VOID, &hash));
            let kept = &space.kept[&hash];
            let own = (kept.origin == Origin::Own).then_some(hash);
            match docs.iter_mut().find(|(d, _)| *d == kept.header.doc) {
                Some((_, list)) => list.extend(own),
                None => docs.push((kept.header.doc, own.into_iter().collect())),
            }
        }
        for (doc, envelopes) in docs {
            taking.rebuild.push((space_id, doc));
            if !envelopes.is_empty() {
                taking.notes.push(Note::Rewrite { space: space_id, doc, envelopes });
            }
        }
        self.commit_taking(taking);
    }

    /// Takes an entry in, if it is the next; keeps it if it came early.
    pub(super) fn item(&mut self, mut item: Item, taking: &mut Taking) {
        // An envelope the entry does not name is not its envelope, and is asked for.
        item.envelope = item.envelope.filter(|e| item.entry.body().envelope == Some(e.hash()));
        let id = item.entry.body().space;
        if item.entry.verify(&self.server).is_err() {
            taking.notes.push(Note::Foreign { why: "entry signature".into() });
            return;
        }
        let space = self.spaces.entry(id).or_default();
        space.withdrawn = false;
        let pos = item.entry.body().pos;
        if pos <= space.head.pos {
            return;
        }
        space.inbox.insert(pos, item);
        while let Some(mut next) = space.inbox.remove(&(space.head.pos + 1)) {
            if next.entry.body().prev != space.head.hash {
                // Another line of the journal: the server will ask where we come from.
                space.inbox.clear();
                return;
            }
            // One whose signature does not hold is as good as none: the server is asked.
            next.envelope = next.envelope.filter(|e| space.believes(e));
            if let Some(hash) = next.entry.body().envelope
                && next.envelope.is_none()
                && !space.kept.contains_key(&hash)
            {
                // Every later entry that comes meanwhile finds it missing too.
                if space.asked_for.insert(hash) {
                    let want = Up::Want { space: id, envelopes: vec![hash] };
                    self.out.push(Effect::Send(want));
                }
                space.inbox.insert(next.entry.body().pos, next);
                return;
            }
            space.take(next, taking);
        }
    }

    /// Envelopes we asked for have come: entries waiting for them go on.
    fn wanted(&mut self, envelopes: Vec<Envelope>) {
        let mut taking = Taking::default();
        for envelope in envelopes {
            let id = envelope.header().space;
            let hash = envelope.hash();
            let Some(space) = self.spaces.get_mut(&id) else { continue };
            // Asked for again at the next contact.
            if !space.believes(&envelope) {
                continue;
            }
            let waiting = space.inbox.values_mut().find(|i| i.entry.body().envelope == Some(hash));
            if let Some(item) = waiting {
                item.envelope = Some(envelope);
                let pos = item.entry.body().pos;
                if let Some(item) = space.inbox.remove(&pos) {
                    self.item(item, &mut taking);
                }
            }
        }
        self.commit_taking(taking);
    }

    pub(super) fn commit_taking(&mut self, mut taking: Taking) {
        if taking.writes.is_empty() && taking.notes.is_empty() {
            return;
        }
        for (space, doc) in &taking.rebuild {
            let how = DocumentChange::Rebuild;
            taking.notes.push(Note::Document { space: *space, doc: *doc, how });
        }
        for (space, doc, envelopes) in taking.apply {
            if !taking.rebuild.contains(&(space, doc)) {
                let how = DocumentChange::Apply(envelopes);
                taking.notes.push(Note::Document { space, doc, how });
            }
        }
        let (notes, ready) = (taking.notes, taking.ready);
        self.commit(taking.writes, AfterCommit::Tell { notes, ready });
    }

    /// Shows the server places of our journal, ever wider apart.
    fn trail(&mut self, space: SpaceId) {
        let Some(s) = self.spaces.get(&space) else { return };
        let mut points = Vec::new();
        let (mut back, mut step) = (0usize, 1usize);
        while back < s.cursors.len() {
            points.push(s.cursors[s.cursors.len() - 1 - back]);
            back += step;
            step *= 2;
        }
        points.extend(s.cursors.first().copied());
        self.out.push(Effect::Send(Up::Trail { space, points }));
    }

    /// The server displaced what came after `to`: it comes anew, and what it decided is
    /// undecided again here.
    fn rewind(&mut self, space: SpaceId, to: u64) {
        let Some(s) = self.spaces.get_mut(&space) else { return };
        let writes: Vec<Write> = s
            .cursors
            .iter()
            .filter(|c| c.pos > to)
            .map(|c| Write::delete(Table::Entry, entry_key(space, c.pos)))
            .collect();
        self.commit(writes, AfterCommit::Reload);
    }
}

impl LaptopSpace {
    /// Tells whether an envelope is signed by its device, as far as that is known here. Its
    /// hash is of its header alone, so that it is named by an entry says nothing of that.
    fn believes(&self, envelope: &Envelope) -> bool {
        self.state.device(envelope.header().device).is_none_or(|device| {
            VerifyingKey::from_bytes(&device.key).is_ok_and(|key| envelope.verify(&key).is_ok())
        })
    }

    /// Returns the undecided envelopes picked, and those of this device that rest on them, in
    /// the order in which they came.
    fn falling(&self, which: impl Fn(&Kept) -> bool) -> Vec<Digest> {
        let mut fallen: BTreeSet<Digest> =
            self.undecided().filter(|(_, k)| which(k)).map(|(h, _)| *h).collect();
        let mut changes: BTreeSet<ChangeHash> = BTreeSet::new();
        loop {
            changes.extend(fallen.iter().flat_map(|h| &self.kept[h].changes).map(|c| c.hash));
            let rests = |k: &Kept| {
                k.changes.iter().flat_map(|c| &c.deps).any(|d| changes.contains(d))
                    || k.request.iter().flat_map(|r| &r.basis).any(|b| fallen.contains(b))
            };
            let more: Vec<Digest> = self
                .undecided()
                .filter(|(h, k)| k.origin == Origin::Own && !fallen.contains(h) && rests(k))
                .map(|(h, _)| *h)
                .collect();
            if more.is_empty() {
                return self.undecided().map(|(h, _)| *h).filter(|h| fallen.contains(h)).collect();
            }
            fallen.extend(more);
        }
    }

    /// Folds the next entry in.
    fn take(&mut self, item: Item, taking: &mut Taking) {
        let id = item.entry.body().space;
        let pos = item.entry.body().pos;
        taking.writes.push(Write::put(Table::Entry, entry_key(id, pos), item.entry.to_bytes()));
        if let Some(envelope) = item.envelope {
            let hash = envelope.hash();
            if !self.kept.contains_key(&hash) {
                taking.writes.push(envelope_row(Origin::Server, &envelope));
                self.keep(hash, read(&envelope, Origin::Server));
                taking.ready.push((id, hash));
            }
        }
        self.fold(&item.entry, taking);
        taking.notes.push(Note::Moved { space: id });
    }

    /// Folds an entry whose envelope, if any, is held.
    pub(super) fn fold(&mut self, entry: &Entry, taking: &mut Taking) {
        let body = entry.body();
        let id = body.space;
        let mut by = None;
        if let Some(hash) = body.envelope {
            by = self.decided(id, hash, entry, taking);
        }
        let device = body.envelope.and_then(|h| self.kept.get(&h)).map(|k| k.header.device);
        if let Some(device) = device {
            self.state.heard(device, body.at);
        }
        let meta = EntryMeta { pos: body.pos, at: body.at, envelope: body.envelope, by };
        for record in &body.events {
            match record.read() {
                Some(event) => {
                    if let Event::LateAdopted { envelopes, .. } = &event.event {
                        self.adopt(id, envelopes, taking);
                    }
                    workflow::fold(&mut self.state, &meta, &event);
                }
                None => self.state.freeze(record.doc),
            }
        }
        if entry.verdict().is_none() {
            let doc = body.envelope.and_then(|h| self.kept.get(&h)).map(|k| k.header.doc);
            self.state.freeze(doc);
        }
        self.head = entry.cursor();
        self.cursors.push(self.head);
    }

    fn decided(
        &mut self,
        id: SpaceId,
        hash: Digest,
        entry: &Entry,
        taking: &mut Taking,
    ) -> Option<crate::model::PersonId> {
        let main = matches!(entry.verdict(), Some(Verdict::Main));
        let in_working = !taking.quiet && {
            let kept = self.kept.get(&hash)?;
            let doc = self.docs.get(&kept.header.doc);
            // What came together with its entry is in nobody's working document yet.
            kept.durable
                && doc
                    .is_some_and(|d| d.pending.contains(&hash) && self.working(d).0.contains(&hash))
        };
        let proven = self.kept.get(&hash).is_some_and(|k| self.proves(k));
        let kept = self.kept.get_mut(&hash)?;
        kept.decided = Some((entry.body().pos, entry.verdict().cloned()));
        let (doc, device, own) = (kept.header.doc, kept.header.device, kept.origin == Origin::Own);
        let (changes, void) = (kept.changes.clone(), kept.void);
        if own && kept.received.is_none() {
            self.unreceipted.insert(hash);
        }
        kept.void = false;
        self.undecided.remove(&kept.arrival);
        self.heard.insert(device, entry.body().at);
        if !taking.quiet {
            taking.notes.push(Note::Decided {
                space: id,
                doc,
                envelope: hash,
                verdict: entry.verdict().cloned(),
            });
        }
        let d = self.docs.entry(doc).or_default();
        d.pending.retain(|h| *h != hash);
        if !changes.is_empty() {
            let status = match entry.verdict() {
                Some(Verdict::Main) => Some(Status::Main),
                // That somebody brought another's changes says nothing of these.
                Some(Verdict::Malformed(_)) => proven.then_some(Status::Refused),
                _ => Some(Status::Aside),
            };
            let news = changes.iter().any(|c| d.index.status(&c.hash) != Some(Status::Main));
            if let Some(status) = status {
                d.index.settle(&changes, status);
            }
            if main && news {
                d.main.push(hash);
            }
            if main && (!in_working || void) {
                taking.apply(id, doc, hash);
            }
            if !main && in_working {
                // What rested on it leaves the working document too; own edits go on under
                // other actors, because these have numbers that no longer count.
                taking.rebuild(id, doc);
            }
            if !main && (own || in_working) {
                self.rotate();
            }
        }
        self.state.device(device).map(|d| d.person)
    }

    fn adopt(&mut self, id: SpaceId, envelopes: &[Digest], taking: &mut Taking) {
        // In the order in which they were set aside, as the server takes them in.
        let place = |h: &Digest| Some((self.kept.get(h)?.decided.as_ref()?.0, *h));
        let mut set: Vec<(u64, Digest)> = envelopes.iter().filter_map(place).collect();
        set.sort_unstable();
        for (_, hash) in set {
            let kept = &self.kept[&hash];
            let (doc, changes) = (kept.header.doc, kept.changes.clone());
            if let Some(d) = self.docs.get_mut(&doc) {
                d.index.settle(&changes, Status::Main);
                if !d.main.contains(&hash) {
                    d.main.push(hash);
                }
            }
            taking.apply(id, doc, hash);
        }
    }
}

impl Taking {
    /// For what is taken up from the store, of which nothing is said.
    pub(super) fn quiet() -> Self {
        Self { quiet: true, ..Self::default() }
    }

    pub(super) fn rebuild(&mut self, space: SpaceId, doc: DocId) {
        if !self.rebuild.contains(&(space, doc)) {
            self.rebuild.push((space, doc));
        }
    }

    pub(super) fn apply(&mut self, space: SpaceId, doc: DocId, hash: Digest) {
        if self.quiet {
            return;
        }
        match self.apply.iter_mut().find(|(s, d, _)| *s == space && *d == doc) {
            Some((_, _, list)) => list.push(hash),
            None => self.apply.push((space, doc, vec![hash])),
        }
    }
}

/// Reads what the index needs from an envelope. One that the pre-check refuses has no
/// changes here: it is kept and never applied.
pub(super) fn read(envelope: &Envelope, origin: Origin) -> Kept {
    let header = envelope.header().clone();
    let (changes, request) = match header.codec {
        Codec::Content => (
            precheck::check(envelope.payload(), &precheck::Limits::default()).unwrap_or_default(),
            None,
        ),
        Codec::Command => (Vec::new(), cbor::from_named::<Request>(envelope.payload()).ok()),
    };
    Kept {
        header,
        origin,
        request,
        received: None,
        decided: None,
        changes,
        arrival: 0,
        durable: false,
        offered: false,
        tried: origin != Origin::Courier,
        void: false,
        rewritten: false,
    }
}

pub(super) fn entry_key(space: SpaceId, pos: u64) -> Vec<u8> {
    let mut key = space.as_bytes().to_vec();
    key.extend_from_slice(&pos.to_be_bytes());
    key
}
