//! The server without its network: what the core's effects ask of whoever runs it.
use std::collections::VecDeque;

use shared::{
    crypto::{Secret, SigningKey, VerifyingKey},
    doc::{
        Document, TrialRequest,
        trial::{self, Bytes},
    },
    journal::{
        cbor,
        frame::{Down, Item},
        labels,
        server::{Alarm, Conn, Effect, Input, Server, Ticket, Trial, TrialFailure, Write},
    },
    model::{ChangeHash, Digest, DocId, SpaceId},
};

use super::{
    book::Ctx,
    canary,
    disk::ServerDisk,
    hunt::{self, Bug},
    reference::{FirstSignature, Reference},
};

/// Entries in one frame.
const ENTRIES: usize = 16;

/// A trial that waits for a process.
pub(super) struct Waiting {
    ticket: Ticket,
    space: SpaceId,
    doc: DocId,
    snapshot: bool,
    later: Vec<Digest>,
    batch: Vec<Digest>,
    alone: bool,
}

/// The server and its disk.
pub(super) struct Host {
    secret: [u8; 32],
    pub(super) disk: ServerDisk,
    pub(super) full: bool,
    core: Server,
    /// What is to be done, with the spaces that its receiver might read when it was decided.
    pub(super) todo: VecDeque<(Effect, Vec<SpaceId>)>,
    pub(super) unwritten: VecDeque<(Ticket, Vec<Write>)>,
    pub(super) trials: VecDeque<Waiting>,
    reference: Reference,
}

impl Host {
    pub(super) fn new(secret: [u8; 32], bug: Option<Bug>) -> Self {
        let disk = ServerDisk::default();
        let core = Self::start(secret, &disk, bug);
        Self {
            secret,
            disk,
            full: false,
            core,
            todo: VecDeque::new(),
            unwritten: VecDeque::new(),
            trials: VecDeque::new(),
            reference: Reference::default(),
        }
    }

    fn key(secret: [u8; 32]) -> SigningKey {
        SigningKey::from_secret(&Secret::copy_from(&secret))
    }

    fn start(secret: [u8; 32], disk: &ServerDisk, bug: Option<Bug>) -> Server {
        let mut core = hunt::load_server(Self::key(secret), disk.load(), bug);
        core.trust_clock();
        core
    }

    pub(super) fn verifying_key(&self) -> VerifyingKey {
        Self::key(self.secret).verifying_key()
    }

    pub(super) fn core(&self) -> &Server {
        &self.core
    }

    /// Loses all that is in memory, with every connection, and begins anew from the disk.
    pub(super) fn restart(&mut self, ctx: &mut Ctx) {
        if !self.unwritten.is_empty() {
            ctx.hit("unflushed lost");
        }
        // What was alone in a sandbox when the server crashed cannot be told from a killer.
        ctx.interrupted.extend(self.disk.attempted());
        self.todo.clear();
        self.unwritten.clear();
        self.trials.clear();
        ctx.links.clear();
        self.core = Self::start(self.secret, &self.disk, ctx.bug);
        self.reference = Reference::of(&self.disk, ctx.restored, ctx);
        self.feed(ctx, Input::Tick);
    }

    pub(super) fn feed(&mut self, ctx: &mut Ctx, input: Input) {
        let effects = self.core.handle(input, ctx.now, ctx.chance.rng());
        for effect in effects {
            let readable = self.decided(ctx, &effect);
            self.todo.push_back((effect, readable));
        }
    }

    /// Holds what was decided against the reference; returns the spaces that the receiver of
    /// an effect may read in this moment.
    fn decided(&mut self, ctx: &mut Ctx, effect: &Effect) -> Vec<SpaceId> {
        let (conn, sent): (Conn, Vec<SpaceId>) = match effect {
            Effect::Commit { writes, .. } => {
                for signature in self.reference.take(writes, ctx) {
                    self.check_rendering(ctx, &signature);
                }
                return Vec::new();
            }
            Effect::Stream { conn, space, .. } => (*conn, vec![*space]),
            Effect::Fetch { conn, envelopes } => {
                let held = envelopes.iter().filter_map(|h| self.disk.envelope(h));
                (*conn, held.map(|e| e.header().space).collect())
            }
            Effect::Send { conn, .. } => (*conn, Vec::new()),
            _ => return Vec::new(),
        };
        let Some(person) = ctx.links.get(&conn).map(|l| l.person) else { return Vec::new() };
        for space in sent {
            let may = self.reference.may_read(person, space);
            ctx.check(may, || format!("{person} is sent {space} and may not read it"));
        }
        let marked = ctx.marked.iter();
        marked.filter(|s| self.reference.may_read(person, **s)).copied().collect()
    }

    /// What was signed is what the document says at the heads named.
    fn check_rendering(&self, ctx: &mut Ctx, signature: &FirstSignature) {
        let FirstSignature { space, doc, pin, envelopes } = signature;
        let bodies: Vec<Vec<u8>> = envelopes
            .iter()
            .filter_map(|h| self.disk.envelope(h).map(|e| e.payload().to_vec()))
            .collect();
        let reading =
            Document::from_bodies(&bodies).ok().and_then(|d| d.reading_at(&pin.heads).ok());
        let rendering = reading
            .zip(self.core.space(*space))
            .map(|(reading, held)| labels::content(held.state(), *doc, &reading).1);
        let same = rendering
            .is_some_and(|r| r.digest() == pin.rendering && Some(&r.text) == pin.text.as_ref());
        ctx.check(same, || format!("a signature of {doc} is not of what the document says"));
    }

    /// Carries out one effect; `false` when there is none.
    pub(super) fn step(&mut self, ctx: &mut Ctx) -> bool {
        let Some((effect, readable)) = self.todo.pop_front() else { return false };
        match effect {
            Effect::Commit { ticket, writes } => {
                self.unwritten.push_back((ticket, writes));
                if ctx.healing || ctx.chance.per_mille(700) {
                    self.flush(ctx);
                }
            }
            Effect::Trial { ticket, space, doc, snapshot, later, batch, alone, .. } => {
                self.trials.push_back(Waiting {
                    ticket,
                    space,
                    doc,
                    snapshot,
                    later,
                    batch,
                    alone,
                });
                if ctx.healing || ctx.chance.per_mille(700) {
                    self.try_next(ctx);
                }
            }
            Effect::Send { conn, frame } => self.send(ctx, conn, &frame, &readable),
            Effect::Stream { conn, space, after, until } => {
                let items: Vec<Item> = self
                    .disk
                    .entries(space, after)
                    .take_while(|e| e.body().pos <= until.pos)
                    .map(|entry| {
                        let envelope = entry
                            .body()
                            .envelope
                            .and_then(|h| self.disk.envelope(&h))
                            // Who wrote it holds it, unless the disk was put back.
                            .filter(|e| !self.is_of(ctx, conn, e.header().device))
                            .cloned();
                        Item { entry: entry.clone(), envelope }
                    })
                    .collect();
                for chunk in items.chunks(ENTRIES) {
                    let frame = Down::Entries { space, items: chunk.to_vec() };
                    self.send(ctx, conn, &frame, &readable);
                }
                self.send(ctx, conn, &Down::Head { space, cursor: until }, &readable);
            }
            Effect::Fetch { conn, envelopes } => {
                let envelopes: Vec<_> =
                    envelopes.iter().filter_map(|h| self.disk.envelope(h).cloned()).collect();
                self.send(ctx, conn, &Down::Envelopes { envelopes }, &readable);
            }
            Effect::Reload => self.restart(ctx),
            Effect::Alarm(alarm) => self.alarm(ctx, &alarm),
        }
        true
    }

    /// Lets the disk take what waits. A full disk fails a commit: the core is dropped.
    pub(super) fn flush(&mut self, ctx: &mut Ctx) {
        if self.full {
            if !self.unwritten.is_empty() {
                ctx.hit("server disk full");
                self.restart(ctx);
            }
            return;
        }
        while let Some((ticket, writes)) = self.unwritten.pop_front() {
            self.disk.apply(writes);
            self.feed(ctx, Input::Committed(ticket));
        }
    }

    fn is_of(&self, ctx: &Ctx, conn: Conn, device: shared::model::DeviceId) -> bool {
        ctx.links.get(&conn).is_some_and(|l| l.device == device)
    }

    fn send(&self, ctx: &mut Ctx, conn: Conn, frame: &Down, readable: &[SpaceId]) {
        if let Down::Receipt(receipt) = frame {
            let said = receipt.open(&self.core.verifying_key()).map(|b| b.envelopes);
            let said = said.unwrap_or_default();
            let all = !said.is_empty() && said.iter().all(|e| self.disk.holds(e));
            ctx.check(all, || "a receipt for what is not on disk".into());
            ctx.receipts.extend(said);
        }
        let Some(name) = ctx.links.get(&conn).map(|l| l.station) else { return };
        match frame {
            Down::Rejected { envelope, why } => {
                ctx.note(format_args!("to L{name}: {envelope:?} is not stored: {why:?}"));
            }
            Down::WantTrail { .. }
            | Down::WantBack { .. }
            | Down::Rewind { .. }
            | Down::Head { .. }
            | Down::Withdrawn { .. } => ctx.note(format_args!("to L{name}: {frame:?}")),
            _ => {}
        }
        let Some(link) = ctx.links.get_mut(&conn) else { return };
        let (bytes, person) = (cbor::to_vec(frame), link.person);
        let found = canary::found(&bytes, &ctx.marked);
        link.down.push_back(bytes);
        let strange = found.into_iter().find(|s| !readable.contains(s));
        ctx.check(strange.is_none(), || format!("{person} is sent text of {strange:?}"));
    }

    fn alarm(&self, ctx: &mut Ctx, alarm: &Alarm) {
        ctx.note(format_args!("alarm {alarm:?}"));
        match alarm {
            Alarm::Forked { .. } => ctx.hit("chain forked"),
            Alarm::Recovering { .. } => ctx.hit("recovery"),
            _ => {}
        }
    }

    /// Gives the next trial a process.
    pub(super) fn try_next(&mut self, ctx: &mut Ctx) {
        let Some(waiting) = self.trials.pop_front() else { return };
        let outcome = self.sandbox(ctx, &waiting);
        self.feed(ctx, Input::Tried { ticket: waiting.ticket, outcome });
    }

    fn sandbox(&mut self, ctx: &mut Ctx, waiting: &Waiting) -> Result<Trial, TrialFailure> {
        if waiting.alone {
            ctx.hit("sandbox alone");
        }
        let poisoned = waiting.batch.iter().any(|h| {
            self.disk
                .envelope(h)
                .is_some_and(|e| ctx.changes.of(e).iter().any(|c| ctx.poison.contains(c)))
        });
        if poisoned {
            return Err(TrialFailure::Died);
        }
        if !ctx.healing {
            if ctx.chance.per_mille(40) {
                ctx.hit("sandbox later");
                return Err(TrialFailure::Later);
            }
            // A death in company proves nothing against anybody in it.
            if !waiting.alone && ctx.chance.per_mille(40) {
                ctx.hit("sandbox death");
                return Err(TrialFailure::Died);
            }
        }
        let bodies = |hashes: &[Digest]| {
            hashes
                .iter()
                .filter_map(|h| self.disk.envelope(h).map(|e| Bytes(e.payload().to_vec())))
                .collect::<Vec<_>>()
        };
        let base = if waiting.snapshot {
            self.disk.snapshot(waiting.space, waiting.doc).map(|s| Bytes(s.to_vec()))
        } else {
            None
        };
        if base.is_some() {
            ctx.hit("snapshot");
        }
        let request = TrialRequest {
            base,
            later: bodies(&waiting.later),
            batch: bodies(&waiting.batch),
            ..TrialRequest::default()
        };
        let report = match trial::try_batch(&request) {
            Ok(report) => report,
            Err(e) => {
                ctx.check(false, || format!("a document does not load: {e}"));
                return Err(TrialFailure::Damaged);
            }
        };
        let state = self.core.space(waiting.space).map(|s| s.state());
        let content = report
            .reading
            .zip(state)
            .map(|(reading, state)| labels::content(state, waiting.doc, &reading).0);
        Ok(Trial {
            per: report.per.into_iter().map(|r| r.map_err(|f| f.to_string())).collect(),
            saved: report.saved.0,
            heads: report.heads,
            content,
        })
    }

    /// Returns the changes an envelope on this disk brings.
    pub(super) fn changes_of(&self, ctx: &mut Ctx, hash: &Digest) -> Vec<ChangeHash> {
        self.disk.envelope(hash).map(|e| ctx.changes.of(e)).unwrap_or_default()
    }
}
