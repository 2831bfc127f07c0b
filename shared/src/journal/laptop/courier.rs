//! What a courier brings: the same frames, from a file.
//!
//! Entries are the server's, whoever carries them. Envelopes without a verdict become part of
//! the working document only after this laptop's own sandbox has passed them.
use super::{
    Courier, Effect, Laptop, Note,
    inbox::{self, Taking},
    outbox::{TRIED, envelope_row, mark},
};
use crate::{
    crypto::VerifyingKey,
    journal::laptop::space::Origin,
    model::{Digest, DocId, SpaceId, Touched},
};

impl Laptop {
    pub(super) fn courier(&mut self, courier: Courier) {
        let mut taking = Taking::default();
        for item in courier.items {
            self.item(item, &mut taking);
        }
        for envelope in courier.envelopes {
            let header = envelope.header().clone();
            let hash = envelope.hash();
            let Some(space) = self.spaces.get_mut(&header.space) else {
                taking.notes.push(Note::Foreign { why: "a space that is not open here".into() });
                continue;
            };
            if space.kept.contains_key(&hash) {
                continue;
            }
            let key = space
                .state
                .device(header.device)
                .and_then(|d| VerifyingKey::from_bytes(&d.key).ok());
            if key.is_none_or(|key| envelope.verify(&key).is_err()) {
                taking.notes.push(Note::Foreign { why: "a device that is not known here".into() });
                continue;
            }
            let before = space
                .kept
                .values()
                .filter(|k| k.header.device == header.device && k.header.session == header.session)
                .map(|k| k.header.seq.saturating_add(1))
                .max()
                .unwrap_or(0);
            if header.seq > before {
                taking.notes.push(Note::Gap {
                    space: header.space,
                    device: header.device,
                    missing: header.seq - before,
                });
            }
            let kept = inbox::read(&envelope, Origin::Courier);
            taking.writes.push(envelope_row(Origin::Courier, &envelope));
            taking.ready.push((header.space, hash));
            space.keep(hash, kept);
            taking.notes.push(Note::Moved { space: header.space });
        }
        self.commit_taking(taking);
        self.try_lost_again();
    }

    /// Has the sandbox try everything once more, also what it was lost with when it was alone.
    pub(super) fn try_lost_again(&mut self) {
        self.lost.clear();
        self.try_untried();
    }

    /// Has the sandbox try couriers' content that has what it rests on. What was in company
    /// when a sandbox was lost is tried alone, so that one killer stops nobody else.
    pub(super) fn try_untried(&mut self) {
        let mut jobs: Vec<(SpaceId, DocId, Vec<Digest>, Vec<Digest>)> = Vec::new();
        for (id, space) in &self.spaces {
            for (doc, d) in &space.docs {
                if d.pending.iter().all(|h| space.kept[h].tried) {
                    continue;
                }
                let (working, mut with) = space.working(d);
                let mut batch = Vec::new();
                for hash in &d.pending {
                    let kept = &space.kept[hash];
                    let busy = self.tries.values().any(|(_, _, b)| b.contains(hash));
                    let idle = kept.tried || busy || !space.proves(kept);
                    if idle || !space.fits(d, &kept.changes, &with) {
                        continue;
                    }
                    match self.lost.get(hash) {
                        None => {
                            extend(&mut with, kept);
                            batch.push(*hash);
                        }
                        Some(false) if batch.is_empty() => {
                            batch.push(*hash);
                            break;
                        }
                        Some(_) => {}
                    }
                }
                if !batch.is_empty() {
                    let base = d.main.iter().copied().chain(working).collect();
                    jobs.push((*id, *doc, base, batch));
                }
            }
        }
        for (space, doc, base, batch) in jobs {
            let ticket = self.ticket();
            self.tries.insert(ticket, (space, doc, batch.clone()));
            self.out.push(Effect::Try { ticket, space, doc, base, batch });
        }
    }

    pub(super) fn tried(
        &mut self,
        ticket: super::Ticket,
        per: Option<Vec<Result<Touched, String>>>,
    ) {
        let Some((id, doc, batch)) = self.tries.remove(&ticket) else { return };
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let Some(per) = per else {
            // Alone it is not asked again at once, but at the next contact or file.
            let alone = batch.len() == 1;
            self.lost.extend(batch.into_iter().map(|hash| (hash, alone)));
            return self.try_untried();
        };
        let mut taking = Taking::default();
        for (hash, result) in batch.into_iter().zip(per) {
            if result.is_err() {
                self.lost.insert(hash, true);
                continue;
            }
            self.lost.remove(&hash);
            if let Some(kept) = space.kept.get_mut(&hash)
                && !kept.tried
            {
                kept.tried = true;
                space.noted += 1;
                taking.writes.push(mark(TRIED, &hash));
                // What was decided meanwhile is in the document, or is not, by that alone.
                if kept.undecided() {
                    taking.apply(id, doc, hash);
                }
            }
        }
        self.commit_taking(taking);
        self.try_untried();
    }
}

fn extend(with: &mut std::collections::BTreeSet<crate::model::ChangeHash>, kept: &super::Kept) {
    with.extend(kept.changes.iter().map(|c| c.hash));
}
