//! Taking the laptop's state up from its store, at unlock.
use std::collections::BTreeMap;

use super::{
    Laptop, LaptopSpace, Note, Session,
    inbox::{self, Taking},
    outbox::{REWRITTEN, TRIED, VOID, marked},
    space::{Draft, Origin},
};
use crate::{
    crypto::{SigningKey, VerifyingKey},
    journal::{
        entry::Entry,
        envelope::{Envelope, SessionNonce},
        frame::Receipt,
        precheck,
    },
    model::{DocId, PersonId, SpaceId, Timestamp},
};

/// The rows of the laptop's store, each table in order.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Table `Meta`: markers of envelopes that cannot stand.
    pub meta: Vec<(Vec<u8>, Vec<u8>)>,
    /// Table `Session`.
    pub sessions: Vec<(Vec<u8>, Vec<u8>)>,
    /// Table `Draft`.
    pub drafts: Vec<(Vec<u8>, Vec<u8>)>,
    /// Table `Envelope`.
    pub envelopes: Vec<(Vec<u8>, Vec<u8>)>,
    /// Table `Entry`.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// Table `Receipt`.
    pub receipts: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Laptop {
    /// Takes the state up. Rows that cannot be read are left where they are and named; what
    /// is still to be written anew is named too.
    ///
    /// Signatures of entries and envelopes are not verified again: they were before these were
    /// stored, and whoever hands the rows in knows that they are what was stored (the vault, by
    /// seal, count and sum).
    ///
    /// Every load begins new sessions: a copied disk never collides with its original.
    /// Drafts that an earlier session left are sealed by the first [`super::Input::Seal`] or
    /// contact, under the session that wrote them.
    pub fn load(
        me: PersonId,
        key: SigningKey,
        server: VerifyingKey,
        loaded: Loaded,
    ) -> (Self, Vec<Note>) {
        let mut notes = Vec::new();
        let mut spaces: BTreeMap<SpaceId, LaptopSpace> = BTreeMap::new();
        let mut unreadable =
            |what: &str| notes.push(Note::Foreign { why: format!("a {what} of this store") });
        for (_, value) in loaded.envelopes {
            let origin = value.first().and_then(|n| Origin::from_number(*n));
            let envelope = value.get(1..).map(Envelope::from_bytes);
            let (Some(origin), Some(Ok(envelope))) = (origin, envelope) else {
                unreadable("envelope");
                continue;
            };
            let id = envelope.header().space;
            let space = spaces.entry(id).or_default();
            let mut kept = inbox::read(&envelope, origin);
            kept.durable = true;
            space.keep(envelope.hash(), kept);
        }
        let mut entries: BTreeMap<(SpaceId, u64), Entry> = BTreeMap::new();
        for (_, value) in loaded.entries {
            match Entry::from_bytes(&value) {
                Ok(entry) => {
                    entries.insert((entry.body().space, entry.body().pos), entry);
                }
                Err(_) => unreadable("entry"),
            }
        }
        // Folding says what changed; at unlock everything is read anew anyway.
        let mut taking = Taking::quiet();
        for ((id, _), entry) in &entries {
            let space = spaces.entry(*id).or_default();
            if entry.body().prev == space.head.hash && entry.body().pos == space.head.pos + 1 {
                // No document is in memory yet; finding out what was part of one for every entry
                // would cost by the square of a long note's envelopes.
                space.fold(entry, &mut taking);
            }
        }
        for (_, value) in loaded.receipts {
            let body = minicbor::decode::<Receipt>(&value).ok().and_then(|r| r.open(&server));
            let Some(body) = body else {
                unreadable("receipt");
                continue;
            };
            for hash in &body.envelopes {
                for space in spaces.values_mut() {
                    if let Some(kept) = space.kept.get_mut(hash) {
                        kept.received = Some((body.epoch, body.at));
                        space.unreceipted.remove(hash);
                    }
                }
            }
        }
        for (key, value) in loaded.sessions {
            let parts = split(&key).zip(minicbor::decode(&value).ok());
            let Some(((id, tail), (next, last))) = parts else {
                unreadable("session");
                continue;
            };
            let Ok(nonce) = <[u8; 16]>::try_from(tail) else { continue };
            let nonce = SessionNonce(nonce);
            let space = spaces.entry(id).or_default();
            space.old_sessions.insert(nonce, Session { nonce, next, last });
        }
        for (key, value) in loaded.drafts {
            type Row = (SessionNonce, DocId, Timestamp, minicbor::bytes::ByteVec);
            let n = |tail: &[u8]| <[u8; 8]>::try_from(tail).ok().map(u64::from_be_bytes);
            let parts = split(&key)
                .and_then(|(id, tail)| Some((id, n(tail)?)))
                .zip(minicbor::decode::<Row>(&value).ok());
            let Some(((id, n), (session, doc, at, bytes))) = parts else {
                unreadable("draft");
                continue;
            };
            let bytes: Vec<u8> = bytes.into();
            let Ok(changes) = precheck::check(&bytes, &precheck::Limits::default()) else {
                unreadable("draft");
                continue;
            };
            let space = spaces.entry(id).or_default();
            space.docs.entry(doc).or_default().index.add(&changes);
            space.next_draft = space.next_draft.max(n + 1);
            space.drafts.insert(n, Draft { session, doc, at, bytes, changes });
        }
        for (key, _) in &loaded.meta {
            let void = marked(VOID, key);
            let tried = marked(TRIED, key);
            for space in spaces.values_mut() {
                if let Some(hash) = &void
                    && space.kept.get(hash).is_some_and(|k| k.decided.is_none())
                {
                    space.annul(hash);
                }
                if let Some(kept) = tried.and_then(|h| space.kept.get_mut(&h)) {
                    kept.tried = true;
                }
                if let Some(kept) = marked(REWRITTEN, key).and_then(|h| space.kept.get_mut(&h)) {
                    kept.rewritten = true;
                }
            }
        }
        for (id, space) in &spaces {
            notes.extend(space.to_rewrite(*id));
        }
        let laptop = Self {
            me,
            key,
            server,
            spaces,
            epoch: None,
            online: false,
            tickets: 0,
            commits: BTreeMap::new(),
            tries: BTreeMap::new(),
            lost: BTreeMap::new(),
            out: Vec::new(),
            planted: Default::default(),
        };
        (laptop, notes)
    }
}

impl LaptopSpace {
    /// Names what was given up and, for want of time before the lock, not yet said anew.
    fn to_rewrite(&self, id: SpaceId) -> Vec<Note> {
        let mut docs: Vec<(DocId, Vec<(u64, crate::model::Digest)>)> = Vec::new();
        for (hash, kept) in self.unsaid() {
            let (doc, place) = (kept.header.doc, (kept.header.seq, *hash));
            match docs.iter_mut().find(|(d, _)| *d == doc) {
                Some((_, list)) => list.push(place),
                None => docs.push((doc, vec![place])),
            }
        }
        let note = |(doc, mut list): (DocId, Vec<(u64, crate::model::Digest)>)| {
            list.sort_unstable();
            let envelopes = list.into_iter().map(|(_, h)| h).collect();
            Note::Rewrite { space: id, doc, envelopes }
        };
        docs.into_iter().map(note).collect()
    }
}

/// Splits a key into the space and the rest.
fn split(key: &[u8]) -> Option<(SpaceId, &[u8])> {
    let (space, tail) = key.split_at_checked(16)?;
    Some((SpaceId::from_bytes(space.try_into().ok()?), tail))
}
