//! From a pushed envelope to its receipt.
use super::{
    AfterCommit, Alarm, Conn, Server, Write,
    space::{Chain, Place, Proof, Stored},
};
use crate::{
    crypto::VerifyingKey,
    deliberate::{Bug, Planted},
    journal::{
        cbor,
        envelope::{self, Codec, Envelope, Header, MAX_BASIS, SessionNonce},
        frame::{Down, Receipt, ReceiptBody, Reject},
        precheck,
    },
    model::{Digest, Timestamp},
    workflow::Request,
};

impl Server {
    pub(super) fn push(&mut self, conn: Conn, envelopes: Vec<Envelope>, now: Timestamp) {
        let (mut writes, mut stored, mut again, mut docs) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for envelope in envelopes {
            let hash = envelope.hash();
            let key = (envelope.header().space, envelope.header().doc);
            match self.admit(&envelope) {
                Ok(Admitted::New) => {
                    writes.push(Write::Envelope(envelope));
                    stored.push(hash);
                    docs.push(key);
                }
                Ok(Admitted::Durable) => again.push(hash),
                // Another connection's commit is under way: its receipt would be too early.
                Ok(Admitted::UnderWay) => {
                    stored.push(hash);
                    docs.push(key);
                }
                Err(why) => {
                    if let Reject::ChainForked { .. } = why {
                        let device = envelope.header().device;
                        self.out.push(super::Effect::Alarm(Alarm::Forked { device }));
                    }
                    self.send(conn, Down::Rejected { envelope: hash, why });
                }
            }
        }
        if !again.is_empty() {
            self.receipt(conn, again, now);
        }
        if self.planted.has(Bug::ReceiptBeforeSync) && !stored.is_empty() {
            self.receipt(conn, stored.clone(), now);
        }
        if !stored.is_empty() {
            self.commit(writes, AfterCommit::Stored { conn, stored, docs });
        }
    }

    pub(super) fn receipt(&mut self, conn: Conn, envelopes: Vec<Digest>, now: Timestamp) {
        let body = ReceiptBody { epoch: self.epoch, at: now, envelopes };
        let receipt = Receipt::sign(&body, &self.key);
        self.send(conn, Down::Receipt(receipt));
    }

    fn admit(&mut self, envelope: &Envelope) -> Result<Admitted, Reject> {
        let header = envelope.header().clone();
        let hash = envelope.hash();
        let unchecked = self.planted.has(Bug::ChainUnchecked);
        let space = self.spaces.get_mut(&header.space).ok_or(Reject::NoSpace)?;
        // A device that was never let into this space cannot tell it from one that does not
        // exist. One that has lost its right is heard: its words are stored and set aside.
        let device = space.state.device(header.device).ok_or(Reject::NoSpace)?;
        let key = VerifyingKey::from_bytes(&device.key).map_err(|_| Reject::UnknownDevice)?;
        envelope.verify(&key).map_err(|_| Reject::BadSignature)?;
        if let Some(known) = space.stored.get(&hash) {
            return Ok(if known.durable { Admitted::Durable } else { Admitted::UnderWay });
        }
        let id = (header.device, header.session);
        let place = match space.chains.get(&id) {
            _ if unchecked => Place::Free,
            Some(chain) => chain.place(&header, &hash),
            None => Chain::new().place(&header, &hash),
        };
        match place {
            Place::Free => {}
            Place::Gap(expected) => return Err(Reject::ChainGap { expected }),
            Place::Taken => return Err(space.forked(&header)),
        }
        let stored = read(envelope)?;
        // Not in `read`: what is on disk is never judged by a newer limit.
        if let Some(Ok(request)) = &stored.request
            && request.basis.len() > MAX_BASIS
        {
            let why = format!("rests on {} requests, at most {MAX_BASIS}", request.basis.len());
            return Err(Reject::BadBody { why });
        }
        space.chains.entry(id).or_insert_with(Chain::new).put(&header, hash);
        space.enqueue(hash, stored, self.planted);
        Ok(Admitted::New)
    }
}

enum Admitted {
    New,
    UnderWay,
    Durable,
}

/// Reads what the index needs from an envelope's payload; bounded, never through Automerge.
pub(super) fn read(envelope: &Envelope) -> Result<Stored, Reject> {
    let header = envelope.header().clone();
    let bad = |why: String| Reject::BadBody { why };
    let (changes, request) = match header.codec {
        Codec::Content => {
            let changes = precheck::check(envelope.payload(), &precheck::Limits::default())
                .map_err(|e| bad(e.to_string()))?;
            if changes.first().map(|c| c.hash) != header.first
                || changes.last().map(|c| c.hash) != header.last
            {
                return Err(bad("the header names other changes".into()));
            }
            (changes, None)
        }
        Codec::Command => (Vec::new(), Some(cbor::from_named::<Request>(envelope.payload()))),
    };
    Ok(Stored {
        header,
        changes,
        request,
        rests: 0,
        decided: None,
        accepted: false,
        durable: false,
        attempts: 0,
        alone: false,
        cleared: false,
        proof: None,
        queued: false,
    })
}

impl super::Space {
    /// Finds out what an envelope's changes are worth, once, and tells the index of those that
    /// are under the actor that the header proves. Nothing else may take a place in an actor's
    /// sequence, nor say of a change that it has come: anybody can copy or forge another's
    /// changes into an envelope of his own.
    ///
    /// While the device is not known here, as may be while a recovery is under way, nothing is
    /// found out: the envelope waits for the certificate.
    pub(super) fn prove(&mut self, hash: Digest, planted: Planted) {
        let Some(stored) = self.stored.get_mut(&hash) else { return };
        if stored.changes.is_empty() || stored.proof.is_some() {
            return;
        }
        let mut header = stored.header.clone();
        if planted.has(Bug::ActorReused) {
            header.session = SessionNonce([0; 16]);
        }
        let Some(actor) = envelope::actor_of(&header, &self.state) else {
            return self.unproven.push(hash);
        };
        let doc = self.docs.entry(header.doc).or_default();
        stored.proof = Some(if stored.changes.iter().any(|c| c.actor != actor) {
            doc.forged.extend(stored.changes.iter().map(|c| (header.device, c.hash)));
            Proof::Forged
        } else {
            let free = doc.index.places_free(&stored.changes);
            doc.index.add(&stored.changes);
            if free { Proof::Own } else { Proof::Taken }
        });
    }

    /// Says what becomes of an envelope whose place is taken. Its author writes anew what is
    /// left to say; so everything that took a place from there on is decided first.
    fn forked(&self, header: &Header) -> Reject {
        let open = self
            .stored
            .values()
            .filter(|s| s.header.device == header.device && s.header.session == header.session)
            .filter(|s| s.header.seq >= header.seq)
            .any(|s| s.decided.is_none_or(|pos| pos > self.durable.pos));
        if open { Reject::NotYet } else { Reject::ChainForked { known_at: self.durable } }
    }

    /// Takes an envelope in as stored and undecided.
    pub(super) fn enqueue(&mut self, hash: Digest, mut stored: Stored, planted: Planted) {
        *self.waiting.entry(stored.header.device).or_default() += 1;
        let doc = self.docs.entry(stored.header.doc).or_default();
        stored.queued = true;
        doc.queue.push_back(hash);
        self.stored.insert(hash, stored);
        self.prove(hash, planted);
    }
}
