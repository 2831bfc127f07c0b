//! One space as the laptop holds it.
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    journal::{
        changes::{ChangeIndex, Standing, Status},
        entry::{Cursor, Epoch, Verdict},
        envelope::{self, Header, SessionNonce},
        frame::{ChainEnd, Item},
        precheck::ChangeHeader,
    },
    model::{ChangeHash, Digest, DocId, Timestamp},
    workflow::{Request, SpaceState},
};

/// How an envelope came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Origin {
    /// This device sealed it.
    Own = 1,
    /// The server sent it with its entry.
    Server = 2,
    /// A courier brought it; it may not be on the server yet.
    Courier = 3,
}

impl Origin {
    pub(super) fn from_number(n: u8) -> Option<Self> {
        [Self::Own, Self::Server, Self::Courier].into_iter().find(|o| *o as u8 == n)
    }
}

/// An envelope held here, without its body.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The header.
    pub header: Header,
    /// How it came.
    pub origin: Origin,
    /// The request, if it is a command that can be read.
    pub request: Option<Request>,
    /// When the server received it, and under which epoch, once its receipt is held.
    pub received: Option<(Epoch, Timestamp)>,
    /// The position of the entry that decided it, and the verdict.
    pub decided: Option<(u64, Option<Verdict>)>,
    pub(super) changes: Vec<ChangeHeader>,
    /// How many came into this space before it.
    pub(super) arrival: u64,
    /// Whether the commit that stores it is answered.
    pub(super) durable: bool,
    /// Whether it was offered on the present connection.
    pub(super) offered: bool,
    /// Whether this laptop's sandbox has passed it; own and main content needs no trial.
    pub(super) tried: bool,
    /// Whether it cannot stand as it is: its text is written anew elsewhere.
    pub(super) void: bool,
    /// Whether that has been done.
    pub(super) rewritten: bool,
}

impl Kept {
    /// Tells whether the server's verdict is still awaited.
    pub fn undecided(&self) -> bool {
        self.decided.is_none() && !self.void
    }

    /// Tells whether it cannot stand and what was left to say of it was said anew.
    pub fn said_anew(&self) -> bool {
        self.void && self.rewritten && self.decided.is_none()
    }

    /// Tells whether this is content.
    pub fn is_content(&self) -> bool {
        !self.changes.is_empty()
    }
}

/// This device's chain in one space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Its nonce.
    pub nonce: SessionNonce,
    /// The sequence number of the next envelope.
    pub(super) next: u64,
    /// The envelope before it.
    pub(super) last: Option<Digest>,
}

/// How much of one chain is held here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHeld {
    /// Its end, as far as it is known here.
    pub end: ChainEnd,
    /// Envelopes held; fewer than `end.next` where some are missing.
    pub held: u64,
    /// Changes in these, a command counting as one.
    pub changes: u64,
}

/// Changes that no envelope holds yet.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) session: SessionNonce,
    pub(super) doc: DocId,
    pub(super) at: Timestamp,
    pub(super) bytes: Vec<u8>,
    pub(super) changes: Vec<ChangeHeader>,
}

/// What a working document is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Envelopes in the document by the server's word, in an order that can be applied.
    pub main: Vec<Digest>,
    /// Envelopes without a verdict that are shown as part of it, after those.
    pub working: Vec<Digest>,
    /// Raw changes that no envelope holds yet, after those.
    pub drafts: Vec<Vec<u8>>,
}

/// One document as the laptop's journal knows it.
#[derive(Debug, Default)]
pub(super) struct Doc {
    pub(super) index: ChangeIndex,
    /// Envelopes that came into main, in that order.
    pub(super) main: Vec<Digest>,
    /// Undecided content, in the order in which it came.
    pub(super) pending: Vec<Digest>,
    /// Every envelope about it: nobody looks through a whole space for those of one record.
    about: BTreeSet<Digest>,
}

/// How often a space has changed: what was made of it holds while this stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Revision([u64; 6]);

/// One space as the laptop holds it.
#[derive(Debug, Default)]
pub struct LaptopSpace {
    pub(super) state: SpaceState,
    pub(super) head: Cursor,
    /// Every entry's place, by position from 1.
    pub(super) cursors: Vec<Cursor>,
    pub(super) kept: BTreeMap<Digest, Kept>,
    /// Undecided envelopes of all origins, by arrival.
    pub(super) undecided: BTreeMap<u64, Digest>,
    /// Own envelopes that are decided and of which no receipt is held: the server's entry came
    /// by a courier, or its receipt was lost with a connection.
    pub(super) unreceipted: BTreeSet<Digest>,
    /// How many envelopes have come.
    arrivals: u64,
    /// How often something was noted about what is here already: a receipt, a trial.
    pub(super) noted: u64,
    pub(super) docs: BTreeMap<DocId, Doc>,
    pub(super) session: Option<Session>,
    /// Chains of earlier sessions that still have drafts.
    pub(super) old_sessions: BTreeMap<SessionNonce, Session>,
    pub(super) drafts: BTreeMap<u64, Draft>,
    pub(super) next_draft: u64,
    /// The last envelope this device sealed here.
    pub(super) last_own: Option<Digest>,
    /// Entries whose envelopes are missing, or that came out of order.
    pub(super) inbox: BTreeMap<u64, Item>,
    /// Envelopes asked for since the last contact.
    pub(super) asked_for: BTreeSet<Digest>,
    /// Whether the server says this person may no longer read it.
    pub(super) withdrawn: bool,
    /// When the last entry of each device was recorded.
    pub(super) heard: BTreeMap<crate::model::DeviceId, Timestamp>,
}

impl LaptopSpace {
    /// Returns the state the server's entries make.
    pub fn state(&self) -> &SpaceState {
        &self.state
    }

    /// Returns the place of the last entry held.
    pub fn head(&self) -> Cursor {
        self.head
    }

    /// Returns the revision: another one after everything that changes what is held here,
    /// or what is known of it.
    pub fn revision(&self) -> Revision {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Revision([
            self.head.pos,
            self.arrivals,
            count(self.undecided.len()),
            self.next_draft,
            count(self.drafts.len()),
            self.noted,
        ])
    }

    /// Tells whether the server has withdrawn this space.
    pub fn withdrawn(&self) -> bool {
        self.withdrawn
    }

    /// Returns an envelope held here.
    pub fn envelope(&self, hash: &Digest) -> Option<&Kept> {
        self.kept.get(hash)
    }

    /// Returns all envelopes without a verdict, in the order in which they came.
    pub fn undecided(&self) -> impl Iterator<Item = (&Digest, &Kept)> {
        self.undecided.values().filter_map(|h| self.kept.get(h).map(|k| (h, k)))
    }

    /// Returns the requests without a verdict, in the order in which they came.
    pub fn requests(&self) -> impl Iterator<Item = (&Digest, &Kept)> {
        self.undecided().filter(|(_, k)| k.request.is_some())
    }

    /// Returns the undecided envelopes that wait for something that is not here: one before
    /// them in their chain, or a request they rest on. They may wait for ever.
    pub fn stuck(&self) -> BTreeSet<Digest> {
        let mut stuck: BTreeSet<Digest> = BTreeSet::new();
        loop {
            let comes = |hash: &Digest| {
                let kept = self.kept.get(hash);
                kept.is_some_and(|k| k.decided.is_some() || !(k.void || stuck.contains(hash)))
            };
            let waits = |kept: &Kept| {
                let before = kept.header.prev.filter(|_| kept.header.seq > 0);
                let mut basis = kept.request.iter().flat_map(|r| &r.basis);
                before.is_some_and(|prev| !comes(&prev)) || basis.any(|b| !comes(b))
            };
            let more: Vec<Digest> = self
                .undecided()
                .filter(|(hash, kept)| !stuck.contains(*hash) && waits(kept))
                .map(|(hash, _)| *hash)
                .collect();
            if more.is_empty() {
                return stuck;
            }
            stuck.extend(more);
        }
    }

    /// Returns what this device said that cannot stand as it is and was not said anew, in order
    /// of hash: the only copy of its text is here.
    pub fn unsaid(&self) -> impl Iterator<Item = (&Digest, &Kept)> {
        let unsaid = |k: &Kept| k.void && !k.rewritten && k.decided.is_none();
        self.kept.iter().filter(move |(_, k)| k.origin == Origin::Own && unsaid(k))
    }

    /// Returns everything held about one record, in order of hash.
    pub fn about(&self, doc: DocId) -> impl Iterator<Item = (&Digest, &Kept)> {
        let about = self.docs.get(&doc).into_iter().flat_map(|d| &d.about);
        about.filter_map(move |h| self.kept.get_key_value(h))
    }

    /// Tells whether an entry of another's journal is part of this one.
    pub fn holds(&self, cursor: &Cursor) -> bool {
        let index = cursor.pos.checked_sub(1).and_then(|i| usize::try_from(i).ok());
        index.and_then(|i| self.cursors.get(i)) == Some(cursor)
    }

    /// Returns how much is held of every chain, in order of device and session.
    pub fn chains(&self) -> Vec<ChainHeld> {
        let mut chains: BTreeMap<_, ChainHeld> = BTreeMap::new();
        for (hash, kept) in self.kept.iter().filter(|(_, k)| !k.void) {
            let header = &kept.header;
            let end = ChainEnd {
                device: header.device,
                session: header.session,
                next: header.seq.saturating_add(1),
                last: *hash,
            };
            let chain = chains
                .entry((header.device, header.session))
                .or_insert_with(|| ChainHeld { end: end.clone(), held: 0, changes: 0 });
            chain.held += 1;
            chain.changes += kept.changes.len().max(1) as u64;
            if end.next > chain.end.next {
                chain.end = end;
            }
        }
        chains.into_values().collect()
    }

    /// Returns the number of changes that no envelope holds yet.
    pub fn drafts(&self) -> usize {
        self.drafts.len()
    }

    /// Returns when an entry about each device's words was last recorded.
    pub fn heard(&self) -> &BTreeMap<crate::model::DeviceId, Timestamp> {
        &self.heard
    }

    /// Returns the documents with content, in order of id.
    pub fn documents(&self) -> impl Iterator<Item = DocId> + '_ {
        self.docs.iter().filter(|(_, d)| !d.index.is_empty()).map(|(id, _)| *id)
    }

    /// Returns the heads of a document by the server's word.
    pub fn main_heads(&self, doc: DocId) -> Vec<crate::model::ChangeHash> {
        self.docs.get(&doc).map(|d| d.index.heads()).unwrap_or_default()
    }

    /// Tells which person wrote under an Automerge actor, from the headers held.
    pub fn author(&self, doc: DocId, actor: &str) -> Option<crate::model::PersonId> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(actor.as_bytes()).ok()?;
        let device = self
            .about(doc)
            .find(|(_, k)| {
                k.changes.first().is_some_and(|c| c.actor[..] == bytes[..]) && self.proves(k)
            })
            .map(|(_, k)| k.header.device)?;
        self.state.device(device).map(|d| d.person)
    }

    /// Returns the heads of the working document, sorted: a cache of what it says holds
    /// exactly as long as these stand.
    pub fn working_heads(&self, doc: DocId) -> Vec<crate::model::ChangeHash> {
        let Some(d) = self.docs.get(&doc) else { return Vec::new() };
        let mut heads: BTreeSet<_> = d.index.heads().into_iter().collect();
        let mut add = |changes: &[ChangeHeader]| {
            for change in changes {
                for dep in &change.deps {
                    heads.remove(dep);
                }
                heads.insert(change.hash);
            }
        };
        let (working, mut with) = self.working(d);
        for hash in &working {
            add(&self.kept[hash].changes);
        }
        for draft in self.drafts_of(doc, d, &mut with) {
            add(&draft.changes);
        }
        heads.into_iter().collect()
    }

    /// Tells whether a draft's change is part of the working document.
    pub(super) fn shows(&self, doc: DocId, change: ChangeHash) -> bool {
        let Some(d) = self.docs.get(&doc) else { return false };
        let (_, mut with) = self.working(d);
        self.drafts_of(doc, d, &mut with);
        with.contains(&change)
    }

    /// Returns the drafts that are part of a working document.
    fn drafts_of<'s>(
        &'s self,
        doc: DocId,
        d: &'s Doc,
        with: &mut BTreeSet<crate::model::ChangeHash>,
    ) -> Vec<&'s Draft> {
        let mut drafts = Vec::new();
        for draft in self.drafts.values().filter(|draft| draft.doc == doc) {
            if self.fits(d, &draft.changes, with) {
                with.extend(draft.changes.iter().map(|c| c.hash));
                drafts.push(draft);
            }
        }
        drafts
    }

    /// Returns what the working document is made of.
    ///
    /// Undecided content is part of it unless it rests on something set aside, refused or
    /// missing, or is a courier's and has not passed this laptop's own sandbox.
    pub fn plan(&self, doc: DocId) -> Plan {
        let Some(d) = self.docs.get(&doc) else { return Plan::default() };
        let (working, mut with) = self.working(d);
        let drafts = self.drafts_of(doc, d, &mut with);
        let drafts = drafts.into_iter().map(|draft| draft.bytes.clone()).collect();
        Plan { main: d.main.clone(), working, drafts }
    }

    /// Returns the undecided envelopes that are part of a working document, and their changes.
    pub(super) fn working(&self, d: &Doc) -> (Vec<Digest>, BTreeSet<crate::model::ChangeHash>) {
        let mut with = BTreeSet::new();
        let mut working = Vec::new();
        let mut waiting: Vec<&Digest> = d.pending.iter().collect();
        // What came first may rest on what came later (two couriers): go round until nothing
        // more fits.
        loop {
            let before = waiting.len();
            waiting.retain(|hash| {
                let kept = &self.kept[*hash];
                let shown = !kept.void && kept.tried && self.proves(kept);
                if !shown || !self.fits(d, &kept.changes, &with) {
                    return true;
                }
                with.extend(kept.changes.iter().map(|c| c.hash));
                working.push(**hash);
                false
            });
            if waiting.len() == before {
                return (working, with);
            }
        }
    }

    pub(super) fn fits(
        &self,
        doc: &Doc,
        changes: &[ChangeHeader],
        with: &BTreeSet<crate::model::ChangeHash>,
    ) -> bool {
        matches!(doc.index.standing(changes, with), Standing::Ready | Standing::AllMain)
    }

    /// Returns between which heads lies what is left to say of envelopes that cannot stand:
    /// before it, and with it. Nothing is left of changes that another envelope has brought
    /// too, once that one is decided, whatever became of it.
    pub fn left_to_say(&self, envelopes: &[Digest]) -> Option<(Vec<ChangeHash>, Vec<ChangeHash>)> {
        let brought: BTreeSet<ChangeHash> = self
            .kept
            .iter()
            .filter(|(hash, kept)| kept.decided.is_some() && !envelopes.contains(hash))
            .flat_map(|(_, kept)| kept.changes.iter().map(|c| c.hash))
            .collect();
        let all: Vec<&ChangeHeader> =
            envelopes.iter().filter_map(|h| self.kept.get(h)).flat_map(|k| &k.changes).collect();
        let (said, left): (Vec<&ChangeHeader>, Vec<&ChangeHeader>) =
            all.into_iter().partition(|c| brought.contains(&c.hash));
        let own: BTreeSet<ChangeHash> = left.iter().map(|c| c.hash).collect();
        let mut before: BTreeSet<ChangeHash> = said.iter().map(|c| c.hash).collect();
        before.extend(left.iter().flat_map(|c| &c.deps).filter(|d| !own.contains(d)));
        let after = before.union(&own).copied().collect();
        (!own.is_empty()).then(|| (before.into_iter().collect(), after))
    }

    /// Takes an envelope in; `false` if it is held already.
    pub(super) fn keep(&mut self, hash: Digest, mut kept: Kept) -> bool {
        if self.kept.contains_key(&hash) {
            return false;
        }
        kept.arrival = self.arrivals;
        self.arrivals += 1;
        let doc = self.docs.entry(kept.header.doc).or_default();
        doc.about.insert(hash);
        doc.index.add(&kept.changes);
        if kept.is_content() && kept.decided.is_none() {
            doc.pending.push(hash);
        }
        if kept.decided.is_none() {
            self.undecided.insert(kept.arrival, hash);
        }
        if kept.origin == Origin::Own {
            self.last_own = Some(hash);
        }
        self.kept.insert(hash, kept);
        true
    }

    /// Tells whether changes are this device's own, or under the actor that the header of their
    /// envelope proves. All others are kept and offered, and never applied here: anybody can
    /// copy or forge another's changes into an envelope of his own.
    pub(super) fn proves(&self, kept: &Kept) -> bool {
        if kept.origin == Origin::Own {
            return true;
        }
        let actor = envelope::actor_of(&kept.header, &self.state);
        kept.changes.iter().all(|c| Some(c.actor) == actor)
    }

    /// Marks own content as unable to stand; its changes no longer carry anything.
    pub(super) fn annul(&mut self, hash: &Digest) {
        let Some(kept) = self.kept.get_mut(hash) else { return };
        kept.void = true;
        let (doc, changes) = (kept.header.doc, kept.changes.clone());
        self.undecided.remove(&kept.arrival);
        if let Some(d) = self.docs.get_mut(&doc) {
            d.pending.retain(|h| h != hash);
            d.index.settle(&changes, Status::Refused);
        }
    }
}
