//! An unlocked laptop: its vault, its end of the journal, its working documents.
//!
//! Everything a person can do goes through here, from a screen or from the command line. The
//! link, the courier and the screens bring inputs; this carries out the core's effects in
//! order and hands out frames to send and notes to show.
//!
//! # Invariants
//! - A commit that fails is kept and tried again, in order, before anything newer; until it
//!   succeeds nothing that rests on it is called saved, sent or shown as saved.
//! - The text in memory is never thrown away because the disk is full.
use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    time::Duration,
};

use shared::{
    crypto::{Passphrase, RecoveryKey, SigningKey},
    doc::{Birth, Document, Edit, EditError, TrialReport, TrialRequest, trial::Bytes},
    journal::{
        Table, Write,
        entry::Entry,
        envelope::Envelope,
        frame::{Down, Item, Up},
        labels::{content, labels},
        laptop::{
            Courier, DocumentChange, Effect, Input, Laptop, LaptopSpace, Loaded, Note, Ticket,
            give_backs, pushes,
        },
    },
    model::{Digest, DocId, DocKind, Reading, SpaceId, Timestamp},
    workflow::{Command, Content, Request, SpaceState},
};

use super::{
    Identity,
    clock::Clock,
    documents::{self, Documents, WorkingError},
    preview::{Preview, preview},
    rng::{self, NodeRng},
    summary::{Summaries, Summary, summary_row},
    vault::{Vault, VaultError},
};

const IDENTITY: &[u8] = b"identity";
const OFFSET: &[u8] = b"clock offset";
/// How long the laptop's own sandbox may take for one courier's batch.
const TRIAL: Duration = Duration::from_secs(60);

/// Why something could not be done on this laptop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The store failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// This laptop is not enrolled.
    #[error("this laptop is not enrolled")]
    NotEnrolled,
    /// What enrolment left in the store cannot be read.
    #[error("what enrolment left on this laptop is damaged")]
    Identity,
    /// This laptop does not hold that space.
    #[error("no such space on this laptop")]
    NoSpace,
    /// A working document cannot be had.
    #[error(transparent)]
    Working(#[from] WorkingError),
    /// The edit does not fit the document.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The server's gate would refuse the edit: nothing of it is kept, and the document here is
    /// as it was.
    #[error("the edit cannot be kept: {why}")]
    NotKept {
        /// What the gate finds.
        why: String,
    },
    /// The disk is full; what was typed is kept in memory and tried again.
    #[error("the disk is full: {waiting} changes are not saved yet")]
    NotSaved {
        /// How many commits wait.
        waiting: usize,
    },
}

/// An unlocked laptop.
pub struct FieldNode {
    pub(super) vault: Vault,
    core: Laptop,
    identity: Identity,
    clock: Clock,
    ahead: Option<i64>,
    rng: NodeRng,
    pub(super) documents: Documents,
    pub(super) summaries: Summaries,
    /// Commits that the disk has not taken yet, in order.
    waiting: VecDeque<(Ticket, Vec<Write>)>,
    outgoing: Vec<Up>,
    notes: Vec<Note>,
    sandbox: Option<sandbox::Pool>,
}

impl FieldNode {
    /// Makes a home for an enrolled device.
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub async fn create(
        dir: &Path,
        passphrase: &Passphrase,
        identity: &Identity,
    ) -> Result<RecoveryKey, NodeError> {
        let mut rng = rng::fresh()?;
        let (mut vault, recovery) = Vault::create(dir, passphrase, &mut rng).await?;
        vault.commit(vec![Write::put(Table::Meta, IDENTITY, identity.to_row())]).await?;
        vault.lock().await?;
        Ok(recovery)
    }

    /// Unlocks a home.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`], [`NodeError::NotEnrolled`], and what the disk says.
    pub async fn open(dir: &Path, passphrase: &Passphrase) -> Result<Self, NodeError> {
        Self::unlock(Vault::open(dir, passphrase).await?).await
    }

    /// Unlocks a home with the office's recovery key.
    ///
    /// # Errors
    /// As [`FieldNode::open`].
    pub async fn open_with_recovery(dir: &Path, key: RecoveryKey) -> Result<Self, NodeError> {
        Self::unlock(Vault::open_with_recovery(dir, key).await?).await
    }

    async fn unlock(mut vault: Vault) -> Result<Self, NodeError> {
        let row = vault.get(Table::Meta, IDENTITY).await?.ok_or(NodeError::NotEnrolled)?;
        let identity = Identity::from_row(&row).ok_or(NodeError::Identity)?;
        let offset = vault.get(Table::Meta, OFFSET).await?;
        let offset = offset.and_then(|o| <[u8; 8]>::try_from(o).ok()).map_or(0, i64::from_be_bytes);
        let clock = Clock::with_offset(if identity.training { offset } else { 0 });
        let (core, notes) = load(&mut vault, &identity).await?;
        let mut node = Self {
            vault,
            core,
            identity,
            clock,
            ahead: None,
            rng: rng::fresh()?,
            documents: Documents::default(),
            summaries: Summaries::default(),
            waiting: VecDeque::new(),
            outgoing: Vec::new(),
            notes: Vec::new(),
            sandbox: None,
        };
        // Drafts an earlier unlock left are sealed at once, under the session that wrote them.
        node.input(Input::Seal).await?;
        // What was given up and not yet said anew is said now. A record of which that cannot
        // be said keeps nobody out: it is tried again at the next unlock, and never wiped.
        let notes = notes.into_iter().map(Effect::Note).collect();
        if let Err(error @ NodeError::Vault(_)) = Box::pin(node.carry_out(notes)).await {
            return Err(error);
        }
        Ok(node)
    }

    /// Gives the node the sandbox in which couriers' content is tried.
    pub fn use_sandbox(&mut self, pool: sandbox::Pool) {
        self.sandbox = Some(pool);
    }

    /// Seals every draft and closes the vault.
    ///
    /// # Errors
    /// What the disk says; the vault is closed all the same.
    pub async fn lock(mut self) -> Result<(), NodeError> {
        let sealed = self.input(Input::Seal).await;
        let kept = self.keep_summaries().await;
        self.documents.clear();
        self.vault.lock().await?;
        kept?;
        sealed
    }

    /// Gives the vault up, with nothing sealed or said: for a laptop that is handed over.
    pub(super) fn into_vault(self) -> Vault {
        self.vault
    }

    /// Returns who this laptop speaks for.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the device's signing key, for opening a session with the server.
    pub fn signing_key(&self) -> SigningKey {
        self.identity.signing_key()
    }

    /// Returns now, by the laptop's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns how many milliseconds this laptop's clock was ahead of the server's at the last
    /// contact of this unlock; negative if behind.
    pub fn ahead_of_server(&self) -> Option<i64> {
        self.ahead
    }

    /// Returns the laptop's end of the journal.
    pub fn core(&self) -> &Laptop {
        &self.core
    }

    /// Returns the vault, for files and settings.
    pub fn vault(&mut self) -> &mut Vault {
        &mut self.vault
    }

    /// Returns a generator for new ids.
    pub fn rng(&mut self) -> &mut NodeRng {
        &mut self.rng
    }

    /// Takes the notes given since the last call.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Puts notes back that were taken only to be counted.
    pub(super) fn put_back_notes(&mut self, notes: Vec<Note>) {
        self.notes.splice(0..0, notes);
    }

    /// Says how far this laptop has read, for a new connection.
    pub fn have(&self) -> Up {
        Up::Have { spaces: self.core.places() }
    }

    /// Takes the frames to be sent since the last call.
    pub fn take_outgoing(&mut self) -> Vec<Up> {
        std::mem::take(&mut self.outgoing)
    }

    /// Puts frames back, in front, that one request did not hold.
    pub(super) fn put_back_outgoing(&mut self, frames: Vec<Up>) {
        self.outgoing.splice(0..0, frames);
    }

    /// Returns how many commits wait for room on the disk.
    pub fn not_saved(&self) -> usize {
        self.waiting.len()
    }

    /// Returns a space.
    ///
    /// # Errors
    /// [`NodeError::NoSpace`].
    pub fn space(&self, space: SpaceId) -> Result<&LaptopSpace, NodeError> {
        self.core.space(space).ok_or(NodeError::NoSpace)
    }

    /// Begins a document and returns its id.
    ///
    /// # Errors
    /// [`NodeError::Edit`] when the birth does not fit the kind; what the disk says.
    pub async fn begin(
        &mut self,
        space: SpaceId,
        kind: DocKind,
        birth: &Birth,
    ) -> Result<DocId, NodeError> {
        let doc = DocId::mint(self.now(), &mut self.rng);
        self.begin_text(space, doc, kind, birth).await?;
        Ok(doc)
    }

    /// Begins the text of a record that is there before its text, as a consultation is.
    ///
    /// # Errors
    /// As [`FieldNode::begin`].
    pub async fn begin_text(
        &mut self,
        space: SpaceId,
        doc: DocId,
        kind: DocKind,
        birth: &Birth,
    ) -> Result<(), NodeError> {
        let actor = self.core.actor(space, doc, &mut self.rng);
        let (document, raw) = Document::born(kind, actor, birth)?;
        self.documents.put(space, doc, document);
        self.edited(space, doc, raw).await
    }

    /// Writes into a document. When this returns without error, it is saved.
    ///
    /// # Errors
    /// [`NodeError::Edit`], [`NodeError::NotKept`]; [`NodeError::NotSaved`] when the disk is
    /// full, with the text kept.
    pub async fn edit(
        &mut self,
        space: SpaceId,
        doc: DocId,
        edits: &[Edit],
    ) -> Result<(), NodeError> {
        match self.changed(space, doc, edits).await? {
            Some(changes) => self.edited(space, doc, changes).await,
            None => Ok(()),
        }
    }

    /// Writes into a document and seals every draft, in one commit: others wait for it.
    ///
    /// # Errors
    /// As [`FieldNode::edit`].
    pub async fn edit_and_seal(
        &mut self,
        space: SpaceId,
        doc: DocId,
        edits: &[Edit],
    ) -> Result<(), NodeError> {
        let Some(changes) = self.changed(space, doc, edits).await? else {
            return self.seal().await;
        };
        let mut effects = self.saving(space, doc, changes);
        let now = self.clock.now();
        effects.extend(self.core.handle(Input::Seal, now, &mut self.rng));
        self.carry_out(effects.into()).await
    }

    /// Changes the working document; returns the change, if it is one.
    async fn changed(
        &mut self,
        space: SpaceId,
        doc: DocId,
        edits: &[Edit],
    ) -> Result<Option<Vec<u8>>, NodeError> {
        let actor = self.core.actor(space, doc, &mut self.rng);
        let document = self.working(space, doc).await?;
        document.set_actor(actor);
        Ok(document.edit(edits)?.map(|committed| committed.raw))
    }

    /// Saves a change together with the line that lists show of its document.
    async fn edited(
        &mut self,
        space: SpaceId,
        doc: DocId,
        changes: Vec<u8>,
    ) -> Result<(), NodeError> {
        let effects = self.saving(space, doc, changes);
        self.carry_out(effects.into()).await
    }

    fn saving(&mut self, space: SpaceId, doc: DocId, changes: Vec<u8>) -> Vec<Effect> {
        let summary = self.documents.get(space, doc).map(|d| Summary::of(&d.reading()));
        let now = self.clock.now();
        let input = Input::Edit { space, doc, changes };
        let mut effects = self.core.handle(input, now, &mut self.rng);
        let commit = effects.iter_mut().find_map(|e| match e {
            Effect::Commit { writes, .. } => Some(writes),
            _ => None,
        });
        if let (Some(writes), Some(summary)) = (commit, summary) {
            writes.extend(summary_row(doc, &summary));
            self.summaries.stored(doc, summary);
        }
        effects
    }

    /// Asks for a legal step that rests on these earlier requests.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) async fn ask_on(
        &mut self,
        space: SpaceId,
        doc: DocId,
        basis: Vec<Digest>,
        command: Command,
    ) -> Result<Digest, NodeError> {
        let request = Request { basis, command };
        let before = self.notes.len();
        self.input(Input::Ask { space, doc, request }).await?;
        self.notes[before..]
            .iter()
            .rev()
            .find_map(|n| match n {
                Note::Sealed { doc: d, envelope, .. } if *d == doc => Some(*envelope),
                _ => None,
            })
            .ok_or(NodeError::NotSaved { waiting: self.waiting.len() })
    }

    /// Returns the working document, made when first asked for.
    ///
    /// # Errors
    /// [`NodeError::Working`].
    pub async fn working(
        &mut self,
        space: SpaceId,
        doc: DocId,
    ) -> Result<&mut Document, NodeError> {
        if self.documents.get(space, doc).is_none() {
            let plan = self.space(space)?.plan(doc);
            let document = documents::build(&mut self.vault, &plan).await?;
            self.documents.put(space, doc, document);
        }
        self.documents.get(space, doc).ok_or(NodeError::Working(WorkingError::Absent))
    }

    /// Reads a working document.
    ///
    /// # Errors
    /// [`NodeError::Working`].
    pub async fn reading(&mut self, space: SpaceId, doc: DocId) -> Result<Reading, NodeError> {
        Ok(self.working(space, doc).await?.reading())
    }

    /// Reads a working document as it would be with the envelopes `before`, which were set
    /// aside, in it; and with `last` besides. The document itself stays as it is.
    ///
    /// # Errors
    /// [`NodeError::Working`], also when one of them is not here.
    pub async fn with_aside(
        &mut self,
        space: SpaceId,
        doc: DocId,
        before: &[Digest],
        last: Digest,
    ) -> Result<(Reading, Reading), NodeError> {
        let plan = self.space(space)?.plan(doc);
        let mut document = documents::build(&mut self.vault, &plan).await?;
        let bodies = documents::bodies(&mut self.vault, before).await?;
        document.apply(&bodies).map_err(WorkingError::Document)?;
        let was = document.reading();
        let body = documents::bodies(&mut self.vault, &[last]).await?;
        document.apply(&body).map_err(WorkingError::Document)?;
        Ok((was, document.reading()))
    }

    /// Reads a working document with its rendering, as a signature pins it.
    ///
    /// # Errors
    /// [`NodeError::Working`].
    pub async fn content(
        &mut self,
        space: SpaceId,
        doc: DocId,
        state: &SpaceState,
    ) -> Result<(Content, String), NodeError> {
        let reading = self.working(space, doc).await?.reading();
        let (content, rendering) = content(state, doc, &reading);
        Ok((content, rendering.text))
    }

    /// Returns the space as it would be if every request held here were decided.
    ///
    /// # Errors
    /// [`NodeError::NoSpace`], [`NodeError::Working`].
    pub async fn preview(&mut self, space: SpaceId) -> Result<Preview, NodeError> {
        self.preview_with(space, |_| true).await
    }

    /// Returns the space as it would be if those of the requests held here were decided that
    /// `counts` picks.
    ///
    /// # Errors
    /// As [`FieldNode::preview`].
    pub(super) async fn preview_with(
        &mut self,
        space: SpaceId,
        counts: impl Fn(&Digest) -> bool,
    ) -> Result<Preview, NodeError> {
        let undecided: Vec<DocId> = self
            .space(space)?
            .documents()
            .filter(|d| self.core.space(space).is_some_and(|s| s.state().record(*d).is_none()))
            .collect();
        let asked: Vec<DocId> = self.space(space)?.requests().map(|(_, k)| k.header.doc).collect();
        let mut kinds = BTreeMap::new();
        for doc in undecided {
            if let Ok(document) = self.working(space, doc).await {
                kinds.insert(doc, document.kind());
            }
        }
        let mut readings = BTreeMap::new();
        for doc in asked {
            if let Ok(document) = self.working(space, doc).await {
                readings.insert(doc, document.reading());
            }
        }
        let read =
            |state: &SpaceState, doc: DocId| Some(content(state, doc, readings.get(&doc)?).0);
        let now = self.now();
        Ok(preview(
            self.space(space)?,
            (self.identity.person, self.core.device()),
            &kinds,
            counts,
            read,
            now,
        ))
    }

    /// The link is up.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn connected(&mut self) -> Result<(), NodeError> {
        // All that is outstanding is said anew, and asked for anew.
        self.outgoing.clear();
        self.input(Input::Connected).await
    }

    /// The link is down.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn disconnected(&mut self) -> Result<(), NodeError> {
        self.input(Input::Disconnected).await
    }

    /// The server says something.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn heard(&mut self, frame: Down) -> Result<(), NodeError> {
        self.heard_all([frame]).await
    }

    /// The server says several things, which become one commit where they can.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn heard_all(
        &mut self,
        frames: impl IntoIterator<Item = Down>,
    ) -> Result<(), NodeError> {
        let mut effects = VecDeque::new();
        let mut done = Ok(());
        for frame in frames {
            if let Down::Welcome { now, .. } = &frame {
                if self.identity.training {
                    done = done.and(self.follow(*now).await);
                }
                self.ahead = Some(self.now().since(*now));
            }
            let rewinds = matches!(frame, Down::Rewind { .. });
            let now = self.clock.now();
            effects.extend(self.core.handle(Input::Frame(frame), now, &mut self.rng));
            if rewinds {
                // What follows is for the core that is loaded anew.
                done = done.and(self.carry_out(std::mem::take(&mut effects)).await);
            }
        }
        self.carry_out(effects).await.and(done)
    }

    /// Follows a training server's clock.
    async fn follow(&mut self, server: Timestamp) -> Result<(), NodeError> {
        self.clock.follow(server);
        let offset = self.clock.offset().to_be_bytes().to_vec();
        match self.vault.commit(vec![Write::put(Table::Meta, OFFSET, offset)]).await {
            // It comes again with every contact; what was typed must not end on it.
            Ok(()) | Err(VaultError::Full | VaultError::Io(_)) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// A courier's file, unsealed and read.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn courier(&mut self, courier: Courier) -> Result<(), NodeError> {
        self.input(Input::Courier(courier)).await
    }

    /// Seals drafts into envelopes, so that they can be sent or exported.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn seal(&mut self) -> Result<(), NodeError> {
        self.input(Input::Seal).await
    }

    /// Hands one input to the core and carries out what follows.
    ///
    /// # Errors
    /// What the disk says. [`NodeError::NotSaved`] leaves everything to be tried again.
    pub async fn input(&mut self, input: Input) -> Result<(), NodeError> {
        let now = self.clock.now();
        let effects = self.core.handle(input, now, &mut self.rng);
        self.carry_out(effects.into()).await
    }

    /// Tries again what a full disk did not take.
    ///
    /// # Errors
    /// [`NodeError::NotSaved`] while it is still full.
    pub async fn retry(&mut self) -> Result<(), NodeError> {
        self.carry_out(VecDeque::new()).await
    }

    /// Carries effects out, all of them: what one of them comes to is no reason to drop what
    /// others would store or send. Of several errors the first is returned.
    async fn carry_out(&mut self, mut effects: VecDeque<Effect>) -> Result<(), NodeError> {
        let mut full = false;
        let mut failed = None;
        loop {
            while let Some(Effect::Commit { .. }) = effects.front()
                && let Some(Effect::Commit { ticket, writes }) = effects.pop_front()
            {
                self.waiting.push_back((ticket, writes));
            }
            if !full && !self.waiting.is_empty() {
                full = !self.commit_waiting(&mut effects).await?;
            }
            let Some(effect) = effects.pop_front() else { break };
            if let Err(error) = self.one(effect, &mut effects).await {
                full |= matches!(error, NodeError::NotSaved { .. });
                failed.get_or_insert(error);
            }
        }
        match (failed, self.waiting.len()) {
            (None | Some(NodeError::NotSaved { .. }), 0) => Ok(()),
            (None | Some(NodeError::NotSaved { .. }), waiting) => {
                Err(NodeError::NotSaved { waiting })
            }
            (Some(error), _) => Err(error),
        }
    }

    /// Commits what waits, together if the disk takes it so; `false` if it is full.
    async fn commit_waiting(&mut self, effects: &mut VecDeque<Effect>) -> Result<bool, NodeError> {
        let mut together = self.waiting.len();
        while !self.waiting.is_empty() {
            together = together.min(self.waiting.len());
            let some = self.waiting.iter().take(together);
            let writes = some.flat_map(|(_, writes)| writes.iter().cloned()).collect();
            match self.vault.commit(writes).await {
                Ok(()) => {
                    for (ticket, _) in self.waiting.drain(..together).collect::<Vec<_>>() {
                        let now = self.clock.now();
                        let input = Input::Committed(ticket);
                        effects.extend(self.core.handle(input, now, &mut self.rng));
                    }
                }
                // There may be room for the first of them.
                Err(VaultError::Full | VaultError::Io(_)) if together > 1 => together = 1,
                Err(VaultError::Full | VaultError::Io(_)) => return Ok(false),
                Err(e) => return Err(e.into()),
            }
        }
        Ok(true)
    }

    /// Carries out one effect; what follows from it is added to the others.
    async fn one(
        &mut self,
        effect: Effect,
        effects: &mut VecDeque<Effect>,
    ) -> Result<(), NodeError> {
        match effect {
            Effect::Commit { ticket, writes } => self.waiting.push_back((ticket, writes)),
            Effect::Send(frame) => self.outgoing.push(frame),
            Effect::Offer { envelopes } => self.offer(&envelopes).await?,
            Effect::GiveBack { space, after } => self.give_back(space, after).await?,
            Effect::Try { ticket, space, doc, base, batch } => {
                // Without an answer the core would wait for it until the next unlock.
                let tried = self.try_batch(space, doc, &base, &batch).await;
                let (per, failed) = match tried {
                    Ok(per) => (per, Ok(())),
                    Err(error) => (None, Err(error)),
                };
                let now = self.clock.now();
                let input = Input::Tried { ticket, per };
                effects.extend(self.core.handle(input, now, &mut self.rng));
                failed?;
            }
            Effect::Reload => {
                let (core, notes) = load(&mut self.vault, &self.identity).await?;
                self.core = core;
                self.documents.clear();
                effects.extend(notes.into_iter().map(Effect::Note));
                let now = self.clock.now();
                effects.extend(self.core.handle(Input::Connected, now, &mut self.rng));
            }
            Effect::NotKept { space, doc, why } => {
                // What is in memory holds what is not kept; it is made anew from what is.
                self.documents.forget(space, doc);
                return Err(NodeError::NotKept { why });
            }
            Effect::Note(note) => {
                let done = self.noted(&note).await;
                self.notes.push(note);
                done?;
            }
        }
        Ok(())
    }

    /// Does what a note asks of whoever runs the core.
    async fn noted(&mut self, note: &Note) -> Result<(), NodeError> {
        match note {
            Note::Document { space, doc, how } => {
                let known = self.documents.get(*space, *doc).is_some();
                match how {
                    DocumentChange::Apply(envelopes) if known => {
                        let bodies = documents::bodies(&mut self.vault, envelopes).await;
                        let fits = bodies.as_ref().is_ok_and(|bodies| {
                            let document = self.documents.get(*space, *doc);
                            document.is_some_and(|d| d.apply(bodies).is_ok())
                        });
                        if !fits {
                            self.documents.forget(*space, *doc);
                        }
                        bodies?;
                    }
                    _ => {
                        self.documents.forget(*space, *doc);
                    }
                }
            }
            Note::Rewrite { space, doc, envelopes } => {
                self.rewrite(*space, *doc, envelopes).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns the actor for the next edit of a document.
    pub(super) fn actor(&mut self, space: SpaceId, doc: DocId) -> [u8; 16] {
        self.core.actor(space, doc, &mut self.rng)
    }

    /// Puts a working document in the place of the one in memory.
    pub(super) fn replace_working(&mut self, space: SpaceId, doc: DocId, document: Document) {
        self.documents.put(space, doc, document);
    }

    async fn offer(&mut self, hashes: &[Digest]) -> Result<(), NodeError> {
        let mut envelopes: Vec<Envelope> = Vec::with_capacity(hashes.len());
        for hash in hashes {
            envelopes.push(documents::envelope(&mut self.vault, hash).await?);
        }
        self.outgoing.extend(pushes(envelopes));
        Ok(())
    }

    async fn give_back(&mut self, space: SpaceId, after: u64) -> Result<(), NodeError> {
        let items = self.items(space, after).await?;
        // The server asks at every contact until it has them: what was to be said before is
        // said by this.
        self.outgoing.retain(|f| !matches!(f, Up::GiveBack { space: s, .. } if *s == space));
        self.outgoing.extend(give_backs(space, items));
        Ok(())
    }

    /// Returns a space's entries after a position, with their envelopes.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn items(&mut self, space: SpaceId, after: u64) -> Result<Vec<Item>, NodeError> {
        let last = self.space(space)?.head().pos;
        let mut items = Vec::new();
        for pos in after + 1..=last {
            let mut key = space.as_bytes().to_vec();
            key.extend_from_slice(&pos.to_be_bytes());
            let row = self.vault.get(Table::Entry, &key).await?;
            let Some(entry) = row.and_then(|r| Entry::from_bytes(&r).ok()) else { break };
            let envelope = match entry.body().envelope {
                Some(hash) => documents::envelope(&mut self.vault, &hash).await.ok(),
                None => None,
            };
            items.push(Item { entry, envelope });
        }
        Ok(items)
    }

    /// Returns every envelope held without a verdict, for a courier.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn undecided(&mut self, space: SpaceId) -> Result<Vec<Envelope>, NodeError> {
        let hashes: Vec<Digest> = self.space(space)?.undecided().map(|(h, _)| *h).collect();
        let mut envelopes = Vec::with_capacity(hashes.len());
        for hash in hashes {
            envelopes.push(documents::envelope(&mut self.vault, &hash).await?);
        }
        Ok(envelopes)
    }

    async fn try_batch(
        &mut self,
        space: SpaceId,
        doc: DocId,
        base: &[Digest],
        batch: &[Digest],
    ) -> Result<Option<Vec<Result<shared::model::Touched, String>>>, NodeError> {
        let Some(pool) = &self.sandbox else { return Ok(None) };
        let wrap = |bodies: Vec<Vec<u8>>| bodies.into_iter().map(Bytes).collect();
        let later = wrap(documents::bodies(&mut self.vault, base).await?);
        let batch = wrap(documents::bodies(&mut self.vault, batch).await?);
        let labels = labels(self.core.space(space).ok_or(NodeError::NoSpace)?.state(), doc);
        let request = TrialRequest { base: None, later, batch, labels, brief: true };
        let Ok(bytes) = request.to_cbor() else { return Ok(None) };
        let Ok(answer) = pool.run(&bytes, TRIAL).await else { return Ok(None) };
        let Ok(report) = TrialReport::from_cbor(&answer) else { return Ok(None) };
        Ok(Some(report.per.into_iter().map(|r| r.map_err(|e| e.to_string())).collect()))
    }
}

/// Reads the core's tables from the vault.
async fn load(vault: &mut Vault, identity: &Identity) -> Result<(Laptop, Vec<Note>), NodeError> {
    let loaded = Loaded {
        meta: vault.scan(Table::Meta).await?,
        sessions: vault.scan(Table::Session).await?,
        drafts: vault.scan(Table::Draft).await?,
        envelopes: vault.scan(Table::Envelope).await?,
        entries: vault.scan(Table::Entry).await?,
        receipts: vault.scan(Table::Receipt).await?,
    };
    let server = identity.server().ok_or(NodeError::Identity)?;
    Ok(Laptop::load(identity.person, identity.signing_key(), server, loaded))
}
