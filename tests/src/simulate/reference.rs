//! What the server may say: a second, much simpler account of its journals.
//!
//! It is fed with what the server is about to commit, entry by entry and in that order, and
//! knows four things of each space: who may read and write, which changes are in which
//! document, what is signed, and how the chains of envelopes run. It shares no rule with the
//! server: where the two differ, one of them is wrong.
use std::collections::{BTreeMap, BTreeSet};

use shared::{
    journal::{
        entry::{Entry, Verdict},
        envelope::{Envelope, SessionNonce},
        precheck::ChangeHeader,
        server::Write,
    },
    model::{ChangeHash, DeviceId, Digest, DocId, PersonId, SpaceId},
    workflow::{Event, Pin, SpaceKind},
};

use super::{book::Ctx, disk::ServerDisk};

/// The account of all spaces.
#[derive(Default)]
pub(super) struct Reference {
    spaces: BTreeMap<SpaceId, Space>,
    chains: BTreeMap<(SpaceId, DeviceId, SessionNonce), Chain>,
    headers: BTreeMap<Digest, (SpaceId, DocId, DeviceId, Vec<ChangeHeader>)>,
    /// Rights that ended by entries which a recovery took out and has not yet said again.
    ended: BTreeSet<(SpaceId, PersonId)>,
    /// Whether a chain may have holes: the disk was put back.
    holes: bool,
    /// Whether a recovery is rewriting the disk; everything is read anew after it.
    stale: bool,
}

/// The envelopes of a chain by their places, each with the one it says it follows.
type Chain = BTreeMap<u64, (Digest, Option<Digest>)>;

#[derive(Default)]
struct Space {
    /// Whose control space it is.
    owner: Option<PersonId>,
    /// Members, and whether they still are.
    members: BTreeMap<PersonId, bool>,
    devices: BTreeMap<DeviceId, PersonId>,
    docs: BTreeMap<DocId, Doc>,
}

#[derive(Default)]
struct Doc {
    main: BTreeSet<ChangeHash>,
    /// Changes on which something in the document rests.
    under: BTreeSet<ChangeHash>,
    envelopes: Vec<Digest>,
    signed: Option<Pin>,
}

/// A signature just decided, with the envelopes that were the document then.
pub(super) struct FirstSignature {
    pub(super) space: SpaceId,
    pub(super) doc: DocId,
    pub(super) pin: Pin,
    pub(super) envelopes: Vec<Digest>,
}

impl Reference {
    /// Reads everything anew from a disk. With `holes`, chains may lack envelopes.
    pub(super) fn of(disk: &ServerDisk, holes: bool, ctx: &mut Ctx) -> Self {
        let mut account = Self { holes, ..Self::default() };
        for envelope in disk.envelopes() {
            account.stored(envelope, ctx);
        }
        for entry in disk.all_entries() {
            account.said(entry, ctx);
        }
        for entry in disk.unsaid() {
            for event in entry.body().events.iter().filter_map(|r| r.read()) {
                match event.event {
                    Event::MemberEnded { person, .. } | Event::AuthorisationLapsed { person } => {
                        account.ended.insert((entry.body().space, person));
                    }
                    Event::MemberSet { person, .. } => {
                        account.ended.remove(&(entry.body().space, person));
                    }
                    _ => {}
                }
            }
        }
        account
    }

    /// Takes in what is about to be committed; returns the first signatures among it.
    pub(super) fn take(&mut self, writes: &[Write], ctx: &mut Ctx) -> Vec<FirstSignature> {
        let mut signed = Vec::new();
        for write in writes {
            if matches!(write, Write::Displace { .. }) {
                self.stale = true;
            }
            if self.stale {
                continue;
            }
            match write {
                Write::Envelope(envelope) => self.stored(envelope, ctx),
                Write::Entry(entry) => signed.extend(self.said(entry, ctx)),
                _ => {}
            }
        }
        signed
    }

    /// Tells whether a person may be sent bytes of a space now.
    pub(super) fn may_read(&self, person: PersonId, space: SpaceId) -> bool {
        let Some(held) = self.spaces.get(&space) else { return false };
        match held.owner {
            Some(owner) => owner == person,
            None => {
                held.members.get(&person) == Some(&true) && !self.ended.contains(&(space, person))
            }
        }
    }

    /// A chain never forks, and every envelope names the one before it.
    fn stored(&mut self, envelope: &Envelope, ctx: &mut Ctx) {
        let (header, hash) = (envelope.header(), envelope.hash());
        let place = (header.space, header.device, header.session);
        let chain = self.chains.entry(place).or_default();
        if let Some((other, _)) = chain.get(&header.seq) {
            ctx.check(*other == hash, || format!("two envelopes are at {} of a chain", header.seq));
        }
        let before = header.seq.checked_sub(1).and_then(|seq| chain.get(&seq));
        let follows = match before {
            Some((before, _)) => header.prev == Some(*before),
            None => header.seq == 0 || self.holes,
        };
        ctx.check(follows, || format!("{hash:?} does not follow its chain"));
        let after = chain.get(&(header.seq + 1));
        ctx.check(after.is_none_or(|(_, prev)| *prev == Some(hash)), || {
            format!("{hash:?} is not what the next of its chain follows")
        });
        chain.insert(header.seq, (hash, header.prev));
        let read = ctx.changes.headers(envelope).to_vec();
        self.headers.insert(hash, (header.space, header.doc, header.device, read));
    }

    fn said(&mut self, entry: &Entry, ctx: &mut Ctx) -> Vec<FirstSignature> {
        let body = entry.body();
        let space = self.spaces.entry(body.space).or_default();
        if let Some(hash) = body.envelope {
            let Some((_, doc, device, changes)) = self.headers.get(&hash) else {
                ctx.check(false, || format!("{hash:?} is decided and not stored"));
                return Vec::new();
            };
            if let Some(Verdict::Main | Verdict::Accepted) = entry.verdict() {
                let person = space.devices.get(device);
                let may = person.is_some_and(|p| space.members.get(p) == Some(&true));
                ctx.check(may, || format!("{hash:?} counts, and its author has no right"));
            }
            if entry.verdict() == Some(&Verdict::Main) {
                let held = space.docs.entry(*doc).or_default();
                let news = changes.iter().any(|c| !held.main.contains(&c.hash));
                ctx.check(!news || held.signed.is_none(), || {
                    format!("{hash:?} came into {doc}, which is signed")
                });
                held.put(hash, changes);
            }
        }
        let mut first = Vec::new();
        for record in &body.events {
            let Some(event) = record.read() else { continue };
            match event.event {
                Event::SpaceOpened(info) => {
                    if let SpaceKind::Control { person } = info.kind {
                        space.owner = Some(person);
                    }
                }
                Event::MemberSet { person, .. } => {
                    space.members.insert(person, true);
                    self.ended.remove(&(body.space, person));
                }
                Event::MemberEnded { person, .. } | Event::AuthorisationLapsed { person } => {
                    space.members.insert(person, false);
                    self.ended.remove(&(body.space, person));
                }
                Event::DeviceCertified { device, person, .. } => {
                    space.devices.insert(device, person);
                }
                Event::Signed { pin, .. } => {
                    let Some(doc) = event.doc else { continue };
                    let held = space.docs.entry(doc).or_default();
                    let (heads, fits) = (held.heads(), held.fits(&pin));
                    ctx.check(fits, || {
                        format!("a signature of {doc} covers {:?}, not {heads:?}", pin.heads)
                    });
                    if held.signed.is_none() {
                        let envelopes = held.envelopes.clone();
                        held.signed = Some(pin.clone());
                        first.push(FirstSignature { space: body.space, doc, pin, envelopes });
                    }
                }
                Event::Returned { .. } => {
                    if let Some(held) = event.doc.and_then(|d| space.docs.get_mut(&d)) {
                        held.signed = None;
                    }
                }
                Event::LateAdopted { envelopes, .. } => {
                    let Some(held) = event.doc.map(|d| space.docs.entry(d).or_default()) else {
                        continue;
                    };
                    held.signed = None;
                    for envelope in envelopes {
                        let brings = self.headers.get(&envelope);
                        held.put(envelope, brings.map_or(&[], |(_, _, _, changes)| changes));
                    }
                }
                _ => {}
            }
        }
        first
    }
}

impl Doc {
    fn put(&mut self, envelope: Digest, changes: &[ChangeHeader]) {
        self.envelopes.push(envelope);
        for change in changes {
            self.main.insert(change.hash);
            self.under.extend(&change.deps);
        }
    }

    fn heads(&self) -> Vec<ChangeHash> {
        self.main.difference(&self.under).copied().collect()
    }

    fn fits(&self, pin: &Pin) -> bool {
        match &self.signed {
            Some(first) => first.heads == pin.heads && first.rendering == pin.rendering,
            None => self.heads() == pin.heads,
        }
    }
}
