//! Folding an entry in: what it decides, what follows, and who was waiting for it.
use std::collections::BTreeSet;

use super::space::Proof;
use crate::{
    deliberate::Planted,
    journal::{
        changes::{Standing, Status},
        entry::{Entry, Verdict},
        precheck::ChangeHeader,
    },
    model::Digest,
    workflow::{self, EntryMeta},
};

impl super::Space {
    /// Folds an entry in: what it decides and what follows.
    pub(super) fn take(&mut self, entry: &Entry, planted: Planted) {
        let body = entry.body();
        let mut by = None;
        if let Some(hash) = body.envelope {
            by = self.decided(hash, entry.verdict(), body.pos);
        }
        let device = body.envelope.and_then(|h| self.stored.get(&h)).map(|s| s.header.device);
        if let Some(device) = device {
            self.state.heard(device, body.at);
        }
        let meta = EntryMeta { pos: body.pos, at: body.at, envelope: body.envelope, by };
        for record in &body.events {
            match record.read() {
                Some(event) => {
                    if let workflow::Event::LateAdopted { envelopes, .. } = &event.event {
                        self.adopt(envelopes, body.pos);
                    }
                    workflow::fold(&mut self.state, &meta, &event);
                    if let workflow::Event::DeviceCertified { .. } = &event.event {
                        for hash in std::mem::take(&mut self.unproven) {
                            self.prove(hash, planted);
                        }
                    }
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
        if stored.decided.is_none()
            && let Some(waiting) = self.waiting.get_mut(&stored.header.device)
        {
            *waiting = waiting.saturating_sub(1);
        }
        stored.decided = Some(pos);
        stored.durable = true;
        stored.accepted = matches!(verdict, Some(Verdict::Main | Verdict::Accepted));
        let doc = self.docs.entry(stored.header.doc).or_default();
        doc.queue.retain(|h| *h != hash);
        doc.held.remove(&hash);
        self.ready.extend(self.patient.remove(&hash).unwrap_or_default());
        if !stored.changes.is_empty() {
            let status = match verdict {
                Some(Verdict::Main) => Some(Status::Main),
                // That somebody brought another's changes says nothing of these.
                Some(Verdict::Malformed(_)) => {
                    (stored.proof != Some(Proof::Forged)).then_some(Status::Refused)
                }
                _ => Some(Status::Aside),
            };
            let changes: Vec<ChangeHeader> = stored.changes.clone();
            if status == Some(Status::Main)
                && changes.iter().any(|c| doc.index.status(&c.hash) != Some(Status::Main))
            {
                doc.later.push(hash);
            }
            if status == Some(Status::Aside) {
                doc.aside.push(hash);
            }
            if let Some(status) = status {
                doc.index.settle(&changes, status);
            }
            doc.said_of(&changes);
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
    pub(super) fn rehold(&mut self, id: crate::model::DocId) -> bool {
        let Some(doc) = self.docs.get_mut(&id) else { return false };
        let mut ready = false;
        for hash in std::mem::take(&mut doc.stirred) {
            if !doc.held.contains_key(&hash) {
                continue;
            }
            let standing = doc.standing(&self.stored[&hash], &BTreeSet::new());
            if !matches!(standing, Standing::Held(_) | Standing::Waits) {
                doc.held.remove(&hash);
                doc.queue.push_back(hash);
                ready = true;
            }
        }
        ready
    }
}
