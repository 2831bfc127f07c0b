//! A laptop without its screen: what the core's effects and notes ask of whoever runs it.
//!
//! Commits wait in a queue until the disk takes them, in order, however often it was full.
//! The working document of each record is kept as the core's notes say, and made anew from
//! [`LaptopSpace::plan`](shared::journal::laptop::LaptopSpace::plan) when they ask for that
//! or when there is none.
use std::collections::{BTreeMap, VecDeque};

use shared::{
    crypto::{Secret, SigningKey, VerifyingKey},
    doc::{
        Birth, Document, Edit, Rendering, TrialRequest, again,
        trial::{self, Bytes},
    },
    journal::{
        Table, Write, cbor,
        entry::{Entry, Fault, Verdict},
        envelope::{Codec, Envelope},
        frame::{Down, Item, Up},
        labels,
        laptop::{
            Courier, DocumentChange, Effect, Input, Laptop, Note, Ticket, give_backs, pushes,
        },
        server::Conn,
    },
    model::{ChangeHash, Digest, DocId, DocKind, PersonId, Reading, SpaceId, Timestamp},
    workflow::{AsideReason, Command, Content, Pin, Refusal, Request},
};

use super::{
    book::Ctx,
    changes,
    disk::LaptopDisk,
    hunt::{self, Bug},
};

/// Entries in one frame on a stick.
const ON_STICK: usize = 32;

/// One laptop and its person.
pub(super) struct Station {
    pub(super) name: usize,
    pub(super) person: PersonId,
    secret: [u8; 32],
    server: VerifyingKey,
    pub(super) disk: LaptopDisk,
    /// Whether the disk takes nothing at present.
    pub(super) full: bool,
    /// How far the clock is off, in milliseconds.
    skew: i64,
    core: Laptop,
    pub(super) todo: VecDeque<Effect>,
    pub(super) unwritten: VecDeque<(Ticket, Vec<Write>)>,
    working: BTreeMap<(SpaceId, DocId), Document>,
    pub(super) conn: Option<Conn>,
}

impl Station {
    pub(super) fn new(
        name: usize,
        person: PersonId,
        secret: [u8; 32],
        server: VerifyingKey,
        disk: LaptopDisk,
        ctx: &mut Ctx,
    ) -> Self {
        let (core, notes) = Self::unlock(person, secret, server, &disk, ctx.bug);
        let skew = ctx.chance.below(7_200_000) as i64 - 3_600_000;
        let todo = notes.into_iter().map(Effect::Note).collect();
        Self {
            name,
            person,
            secret,
            server,
            disk,
            full: false,
            skew,
            core,
            todo,
            unwritten: VecDeque::new(),
            working: BTreeMap::new(),
            conn: None,
        }
    }

    fn key(secret: [u8; 32]) -> SigningKey {
        SigningKey::from_secret(&Secret::copy_from(&secret))
    }

    fn unlock(
        person: PersonId,
        secret: [u8; 32],
        server: VerifyingKey,
        disk: &LaptopDisk,
        bug: Option<Bug>,
    ) -> (Laptop, Vec<Note>) {
        let (mut core, notes) = Laptop::load(person, Self::key(secret), server, disk.load());
        hunt::plant_laptop(&mut core, bug);
        (core, notes)
    }

    pub(super) fn verifying_key(&self) -> VerifyingKey {
        Self::key(self.secret).verifying_key()
    }

    /// Makes a second machine of this one's disk.
    pub(super) fn clone_disk(&self, name: usize, ctx: &mut Ctx) -> Self {
        Self::new(name, self.person, self.secret, self.server, self.disk.clone(), ctx)
    }

    pub(super) fn core(&self) -> &Laptop {
        &self.core
    }

    pub(super) fn clock(&self, ctx: &Ctx) -> Timestamp {
        ctx.now.plus_millis(self.skew)
    }

    /// Loses all that is in memory and begins anew from the disk.
    pub(super) fn restart(&mut self, ctx: &mut Ctx) {
        if !self.unwritten.is_empty() {
            ctx.hit("unflushed lost");
        }
        self.todo.clear();
        self.unwritten.clear();
        self.working.clear();
        if let Some(conn) = self.conn.take() {
            ctx.links.remove(&conn);
        }
        let (core, notes) =
            Self::unlock(self.person, self.secret, self.server, &self.disk, ctx.bug);
        self.core = core;
        self.todo.extend(notes.into_iter().map(Effect::Note));
    }

    /// Gives the core an input and queues what it asks for.
    pub(super) fn feed(&mut self, ctx: &mut Ctx, input: Input) {
        let now = self.clock(ctx);
        let effects = self.core.handle(input, now, ctx.chance.rng());
        self.todo.extend(effects);
    }

    /// Carries out one effect; `false` when there is none.
    pub(super) fn step(&mut self, ctx: &mut Ctx) -> bool {
        let Some(effect) = self.todo.pop_front() else { return false };
        match effect {
            Effect::Commit { ticket, writes } => {
                self.unwritten.push_back((ticket, writes));
                if ctx.healing || ctx.chance.per_mille(700) {
                    self.flush(ctx);
                }
            }
            Effect::Send(frame) => self.send(ctx, &frame),
            Effect::Offer { envelopes } => {
                ctx.note(format_args!("L{} offers {envelopes:?}", self.name));
                let held = envelopes.iter().filter_map(|h| self.disk.envelope(h)).collect();
                for frame in pushes(held) {
                    self.send(ctx, &frame);
                }
            }
            Effect::Try { ticket, base, batch, .. } => self.try_courier(ctx, ticket, &base, &batch),
            Effect::GiveBack { space, after } => self.give_back(ctx, space, after),
            Effect::NotKept { why, .. } => {
                ctx.check(false, || format!("L{} cannot keep its own edit: {why}", self.name));
            }
            Effect::Reload => {
                ctx.hit("rewind");
                self.restart(ctx);
            }
            Effect::Note(note) => self.note(ctx, note),
        }
        true
    }

    /// Lets the disk take what waits, unless it is full.
    pub(super) fn flush(&mut self, ctx: &mut Ctx) {
        if self.full {
            if !self.unwritten.is_empty() {
                ctx.hit("laptop disk full");
            }
            return;
        }
        while let Some((ticket, writes)) = self.unwritten.pop_front() {
            for write in &writes {
                if let Write::Put { value, .. } = write {
                    ctx.check_marks(self.person, value, "the disk");
                }
            }
            for gone in self.disk.apply(&writes, &mut ctx.changes) {
                let kept = !ctx.saved.contains_key(&(self.name, gone));
                ctx.check(kept, || format!("L{} drops {gone:?}, which was saved", self.name));
            }
            self.feed(ctx, Input::Committed(ticket));
        }
    }

    fn send(&self, ctx: &mut Ctx, frame: &Up) {
        let Some(link) = self.conn.and_then(|c| ctx.links.get_mut(&c)) else { return };
        link.up.push_back(cbor::to_vec(frame));
    }

    /// Returns the payload of an envelope, from the disk or from what is about to be on it.
    fn body(&self, hash: &Digest) -> Option<Vec<u8>> {
        let written = || self.disk.envelope(hash);
        let waiting = || {
            self.unwritten
                .iter()
                .flat_map(|(_, w)| w)
                .chain(self.todo.iter().flat_map(|e| match e {
                    Effect::Commit { writes, .. } => &writes[..],
                    _ => &[],
                }))
                .find_map(|w| match w {
                    Write::Put { table: Table::Envelope, key, value } if key[..] == hash.0[..] => {
                        Envelope::from_bytes(value.get(1..)?).ok()
                    }
                    _ => None,
                })
        };
        written().or_else(waiting).map(|e| e.payload().to_vec())
    }

    fn bodies(&self, hashes: &[Digest]) -> Vec<Vec<u8>> {
        hashes.iter().filter_map(|h| self.body(h)).collect()
    }

    /// Makes a record's working document anew.
    pub(super) fn rebuilt(&self, space: SpaceId, doc: DocId) -> Option<Document> {
        let plan = self.core.space(space)?.plan(doc);
        let mut bodies = self.bodies(&plan.main);
        bodies.extend(self.bodies(&plan.working));
        bodies.extend(plan.drafts);
        if bodies.is_empty() { None } else { Document::from_bodies(&bodies).ok() }
    }

    /// Returns a record's working document.
    pub(super) fn working(&mut self, space: SpaceId, doc: DocId) -> Option<&mut Document> {
        if !self.working.contains_key(&(space, doc)) {
            let made = self.rebuilt(space, doc)?;
            self.working.insert((space, doc), made);
        }
        self.working.get_mut(&(space, doc))
    }

    /// Returns the heads of the working document kept, if one is.
    pub(super) fn kept_heads(&self, space: SpaceId, doc: DocId) -> Option<Vec<ChangeHash>> {
        self.working.get(&(space, doc)).map(Document::heads)
    }

    /// Gives birth to a record.
    pub(super) fn give_birth(
        &mut self,
        ctx: &mut Ctx,
        space: SpaceId,
        doc: DocId,
        kind: DocKind,
        birth: &Birth,
    ) {
        let actor = self.core.actor(space, doc, ctx.chance.rng());
        let Ok((mut made, raw)) = Document::born(kind, actor, birth) else { return };
        made.take_changes();
        self.working.insert((space, doc), made);
        self.feed(ctx, Input::Edit { space, doc, changes: raw });
    }

    /// Edits a record's working document; tells whether anything changed.
    pub(super) fn edit(
        &mut self,
        ctx: &mut Ctx,
        space: SpaceId,
        doc: DocId,
        edits: &[Edit],
    ) -> Option<ChangeHash> {
        let actor = self.core.actor(space, doc, ctx.chance.rng());
        self.edit_as(ctx, space, doc, actor, edits)
    }

    /// Edits under an actor of the caller's choice.
    pub(super) fn edit_as(
        &mut self,
        ctx: &mut Ctx,
        space: SpaceId,
        doc: DocId,
        actor: [u8; 16],
        edits: &[Edit],
    ) -> Option<ChangeHash> {
        let working = self.working(space, doc)?;
        working.set_actor(actor);
        let made = working.edit(edits).ok()??;
        working.take_changes();
        let hash = made.hash;
        self.feed(ctx, Input::Edit { space, doc, changes: made.raw });
        Some(hash)
    }

    /// Asks for a legal step.
    pub(super) fn ask(&mut self, ctx: &mut Ctx, space: SpaceId, doc: DocId, command: Command) {
        let request = Request { basis: Vec::new(), command };
        self.feed(ctx, Input::Ask { space, doc, request });
    }

    /// Returns what the document says at its main heads, and its rendering, as rules see them.
    fn main_content(&mut self, space: SpaceId, doc: DocId) -> Option<(Content, Rendering)> {
        let heads = self.core.space(space)?.main_heads(doc);
        if heads.is_empty() {
            return None;
        }
        let reading = self.working(space, doc)?.reading_at(&heads).ok()?;
        Some(labels::content(self.core.space(space)?.state(), doc, &reading))
    }

    /// Returns what the document says at its main heads, with settled conflicts settled.
    pub(super) fn main_reading(&mut self, space: SpaceId, doc: DocId) -> Option<Reading> {
        self.main_content(space, doc).map(|(content, _)| content.reading)
    }

    /// Returns a pin of the main document as this laptop knows it.
    pub(super) fn pin(&mut self, space: SpaceId, doc: DocId) -> Option<Pin> {
        let (content, rendering) = self.main_content(space, doc)?;
        let (heads, text) = (content.reading.heads, Some(rendering.text));
        Some(Pin { heads, rendering: content.rendering, text })
    }

    fn try_courier(&mut self, ctx: &mut Ctx, ticket: Ticket, base: &[Digest], batch: &[Digest]) {
        let batch: Vec<Vec<u8>> = self.bodies(batch);
        let killer =
            batch.iter().flat_map(|b| changes::read(b)).any(|c| ctx.poison.contains(&c.hash));
        let lost = !ctx.healing && ctx.chance.per_mille(100);
        let per = if killer || lost {
            ctx.hit("sandbox death on a laptop");
            None
        } else {
            let request = TrialRequest {
                base: None,
                later: self.bodies(base).into_iter().map(Bytes).collect(),
                batch: batch.into_iter().map(Bytes).collect(),
                ..TrialRequest::default()
            };
            trial::try_batch(&request).ok().map(|report| {
                report.per.into_iter().map(|r| r.map_err(|f| f.to_string())).collect()
            })
        };
        self.feed(ctx, Input::Tried { ticket, per });
    }

    fn give_back(&mut self, ctx: &mut Ctx, space: SpaceId, after: u64) {
        for frame in give_backs(space, self.items(space, after)) {
            self.send(ctx, &frame);
        }
    }

    /// Returns the entries on this disk after a position, with their envelopes.
    fn items(&self, space: SpaceId, after: u64) -> Vec<Item> {
        self.disk
            .under(Table::Entry, space.as_bytes())
            .filter_map(|row| Entry::from_bytes(row).ok())
            .filter(|e| e.body().pos > after)
            .map(|entry| {
                let envelope = entry.body().envelope.and_then(|h| self.disk.envelope(&h));
                Item { entry, envelope }
            })
            .collect()
    }

    /// Writes a stick for someone: what is in the spaces both may read, as far as this disk
    /// holds it.
    pub(super) fn export(&self, reader: PersonId, now: Timestamp) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        for (id, space) in self.core.spaces() {
            if space.withdrawn() || !space.state().may_read(reader, now) {
                continue;
            }
            for chunk in self.items(*id, 0).chunks(ON_STICK) {
                frames.push(cbor::to_vec(&Down::Entries { space: *id, items: chunk.to_vec() }));
            }
            let open: Vec<Envelope> =
                space.undecided().filter_map(|(h, _)| self.disk.envelope(h)).collect();
            frames.extend(pushes(open).iter().map(cbor::to_vec));
        }
        frames
    }

    /// Reads a stick.
    pub(super) fn import(&mut self, ctx: &mut Ctx, frames: &[Vec<u8>]) {
        let mut courier = Courier::default();
        for frame in frames {
            if let Ok(Down::Entries { items, .. }) = cbor::from_slice::<Down>(frame) {
                courier.items.extend(items);
            } else if let Ok(Up::Push { envelopes }) = cbor::from_slice::<Up>(frame) {
                courier.envelopes.extend(envelopes);
            }
        }
        self.feed(ctx, Input::Courier(courier));
    }

    fn note(&mut self, ctx: &mut Ctx, note: Note) {
        match note {
            Note::Saved { doc, change, .. } => {
                let there = self.disk.holds(&change);
                ctx.check(there, || format!("L{} says saved, and it is not on disk", self.name));
                ctx.saved.insert((self.name, change), doc);
            }
            Note::Received { envelopes } => {
                let all = envelopes.iter().all(|e| ctx.receipts.contains(e));
                ctx.check(all, || format!("L{} says received without a receipt", self.name));
                ctx.received.extend(envelopes);
            }
            Note::Decided { space, doc, envelope, verdict } => {
                ctx.note(format_args!("L{} {doc} {envelope:?}: {verdict:?}", self.name));
                self.told(ctx, space, envelope, verdict.as_ref());
                let before = ctx.told.insert(envelope, verdict.clone());
                let same = ctx.restored || before.is_none_or(|b| b == verdict);
                ctx.check(same, || format!("L{} is told otherwise of {envelope:?}", self.name));
            }
            Note::Document { space, doc, how } => self.document_moved(space, doc, &how),
            Note::Held { envelope, missing } => {
                ctx.note(format_args!("L{} {envelope:?} awaits {missing:?}", self.name));
                ctx.hit("held");
            }
            Note::NotStored { envelope, why } => {
                ctx.note(format_args!("L{} {envelope:?} is not stored: {why:?}", self.name));
            }
            Note::Rewrite { space, doc, envelopes } => self.rewrite(ctx, space, doc, &envelopes),
            Note::Foreign { why } => {
                ctx.note(format_args!("L{} foreign: {why}", self.name));
            }
            _ => {}
        }
    }

    fn told(&self, ctx: &mut Ctx, space: SpaceId, envelope: Digest, verdict: Option<&Verdict>) {
        let Some(kept) = self.core.space(space).and_then(|s| s.envelope(&envelope)) else { return };
        if kept.header.device != self.core.device() {
            return;
        }
        let command = kept.request.as_ref().map(|r| &r.command);
        match (command, verdict) {
            (Some(Command::AdoptLate { .. }), Some(Verdict::Accepted)) => ctx.hit("adopted"),
            (Some(Command::Return { .. }), Some(Verdict::Accepted)) => ctx.hit("returned"),
            (Some(Command::ResolveConflict { .. }), Some(Verdict::Accepted)) => {
                ctx.hit("conflict resolved");
            }
            (
                Some(Command::Sign { .. } | Command::ConfirmInterview { .. }),
                Some(Verdict::Accepted),
            ) => {
                ctx.hit("signed");
            }
            _ => {}
        }
        match verdict {
            Some(Verdict::Malformed(Fault::FollowsRefused)) => ctx.hit("descendant refused"),
            Some(Verdict::Malformed(_)) => ctx.hit("refused in mid-chain"),
            Some(Verdict::Declined(Refusal::HeadsMoved { .. })) => ctx.hit("heads moved"),
            Some(Verdict::Declined(Refusal::BasisRefused { .. })) => ctx.hit("basis refused"),
            Some(Verdict::Aside(AsideReason::FollowsAside)) => {
                ctx.hit("follows aside");
                if self.follows_a_peer(space, kept.header.doc, envelope) {
                    ctx.hit("follows a peer's aside");
                }
            }
            Some(Verdict::Aside(AsideReason::Late)) => ctx.hit("late"),
            Some(Verdict::Aside(_)) => ctx.hit("aside"),
            _ => {}
        }
    }

    /// Tells whether an envelope in the tray rests there on another device's.
    fn follows_a_peer(&self, space: SpaceId, doc: DocId, envelope: Digest) -> bool {
        let Some(held) = self.core.space(space) else { return false };
        let lies =
            held.state().record(doc).and_then(|r| r.late.iter().find(|l| l.envelope == envelope));
        lies.is_some_and(|late| {
            late.rests_on
                .iter()
                .filter_map(|e| held.envelope(e))
                .any(|k| k.header.device != self.core.device())
        })
    }

    fn document_moved(&mut self, space: SpaceId, doc: DocId, how: &DocumentChange) {
        let applied = match how {
            DocumentChange::Rebuild => false,
            DocumentChange::Apply(envelopes) => {
                let bodies = self.bodies(envelopes);
                self.working.get_mut(&(space, doc)).is_some_and(|w| w.apply(&bodies).is_ok())
            }
        };
        if !applied {
            self.working.remove(&(space, doc));
        }
    }

    /// Writes anew what envelopes say that cannot stand.
    fn rewrite(&mut self, ctx: &mut Ctx, space: SpaceId, doc: DocId, envelopes: &[Digest]) {
        ctx.hit("rewritten");
        ctx.note(format_args!("L{} writes {envelopes:?} of {doc} anew", self.name));
        let held: Vec<Envelope> = envelopes.iter().filter_map(|h| self.disk.envelope(h)).collect();
        let (content, commands): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|e| e.header().codec == Codec::Content);
        let void: Vec<Digest> = content.iter().map(Envelope::hash).collect();
        if !content.is_empty() {
            let changes = self.said_again(ctx, space, doc, &void).unwrap_or_default();
            let made: Vec<ChangeHash> = changes::read(&changes).iter().map(|c| c.hash).collect();
            ctx.anew.extend(void.iter().map(|hash| (*hash, made.clone())));
            self.feed(ctx, Input::Rewritten { space, doc, envelopes: void, changes });
        }
        for envelope in commands {
            let Ok(request) = cbor::from_named::<Request>(envelope.payload()) else { continue };
            self.ask(ctx, space, doc, request.command);
            let envelopes = vec![envelope.hash()];
            self.feed(ctx, Input::Rewritten { space, doc, envelopes, changes: Vec::new() });
        }
    }

    /// Makes the change that says again what some content says; `None` when nothing is left.
    fn said_again(
        &mut self,
        ctx: &mut Ctx,
        space: SpaceId,
        doc: DocId,
        void: &[Digest],
    ) -> Option<Vec<u8>> {
        let (before, after) = self.core.space(space)?.left_to_say(void)?;
        let from = self.everything(space, doc)?;
        let actor = self.core.actor(space, doc, ctx.chance.rng());
        self.working.remove(&(space, doc));
        let mut raw = Vec::new();
        let mut onto = match self.rebuilt(space, doc) {
            Some(onto) => onto,
            None => {
                let (born, birth) = Document::born(from.kind(), actor, &Birth::new()).ok()?;
                raw = birth;
                born
            }
        };
        let edits = again(&from, &before, &after, &onto, actor);
        onto.set_actor(actor);
        match onto.edit(&edits) {
            Ok(made) => raw.extend(made.into_iter().flat_map(|c| c.raw)),
            Err(e) => ctx.check(false, || format!("L{} cannot say again: {e}", self.name)),
        }
        onto.take_changes();
        self.working.insert((space, doc), onto);
        (!raw.is_empty()).then_some(raw)
    }

    /// Returns the document with everything held here about it, whatever became of it.
    fn everything(&self, space: SpaceId, doc: DocId) -> Option<Document> {
        let held = self.core.space(space)?;
        let mut bodies: Vec<Vec<u8>> = held
            .about(doc)
            .filter(|(_, k)| k.is_content())
            .filter_map(|(h, _)| self.body(h))
            .collect();
        let plan = held.plan(doc);
        if let Ok(all) = Document::from_bodies(&bodies) {
            return Some(all);
        }
        let mut made = Document::from_bodies(&self.bodies(&plan.main)).ok()?;
        loop {
            let before = bodies.len();
            bodies.retain(|b| made.apply(std::slice::from_ref(b)).is_err());
            if bodies.len() == before {
                return Some(made);
            }
        }
    }
}
