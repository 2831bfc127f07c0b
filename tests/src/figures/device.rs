//! A laptop's end of the journal without its disk, and records of the usual size.
//!
//! Twenty-five laptops have twenty-five disks. On one machine they would share one, and the
//! figure would say how fast that is; so where many are needed they keep their rows in memory.
use std::collections::HashMap;

use anyhow::Context;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use shared::{
    api::enrol::Enrolled,
    crypto::{SigningKey, VerifyingKey},
    doc::{Birth, Document, Edit},
    journal::{
        Table, Write,
        envelope::Envelope,
        frame::{Down, Up},
        laptop::{Effect, Input, Laptop, Loaded, Note, pushes},
    },
    model::{DocId, DocKind, FieldPath, SpaceId, Timestamp},
};
use tui::laptop::link::{Client, Live};

use super::place::Place;

/// What people write, in invented words.
const TALK: &str = "2025年3月采购宣传品4.1万元，由办公室经办，未见询价记录。合同由办公室主任签字，\
    付款由财务科办理，报销审批单由局长签批。其中一笔预付款为3.2万元，验收单由一人签字。";

/// Returns about so many characters of a talk, `n` making it another one.
pub(crate) fn talk(chars: usize, n: usize) -> String {
    format!("第{n}次谈话。").chars().chain(TALK.chars().cycle()).take(chars).collect()
}

/// Returns what the record of a talk says from the first moment.
pub(crate) fn birth(chars: usize, n: usize) -> Birth {
    Birth::new()
        .text("interviewee_name", &format!("张某{n}"))
        .text("interviewee_section", "财务科")
        .text("purpose", "了解宣传品采购的经过")
        .text("note", &talk(chars, n))
}

/// The field that grows.
pub(crate) fn note() -> FieldPath {
    FieldPath::top("note")
}

/// Returns an edit that puts a text into a note.
pub(crate) fn splice(at: usize, insert: &str) -> Edit {
    Edit::SpliceText { field: note(), at, delete: 0, insert: insert.to_owned() }
}

/// A laptop's end of the journal, its rows in memory.
pub(crate) struct Device {
    core: Laptop,
    key: SigningKey,
    server: VerifyingKey,
    enrolled: Enrolled,
    rows: HashMap<(Table, Vec<u8>), Vec<u8>>,
    rng: ChaCha20Rng,
    now: Timestamp,
    open: HashMap<DocId, Document>,
    out: Vec<Up>,
    notes: Vec<Note>,
}

impl Device {
    /// Enrols a device of a person; `seed` draws its key.
    pub(crate) async fn enrol(place: &Place, person: &str, seed: u64) -> anyhow::Result<Self> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let key = SigningKey::draw(&mut rng);
        let enrolled = place.certify(person, &key).await?;
        let server = VerifyingKey::from_bytes(&enrolled.server_key.0)
            .ok()
            .context("the server's key is none")?;
        let own = SigningKey::from_secret(&key.to_secret());
        let (core, _) = Laptop::load(enrolled.person, own, server, Loaded::default());
        Ok(Self {
            core,
            key,
            server,
            enrolled,
            rows: HashMap::new(),
            rng,
            now: place.now().await?,
            open: HashMap::new(),
            out: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Returns the device's id.
    pub(crate) fn id(&self) -> shared::model::DeviceId {
        self.core.device()
    }

    /// Returns its end of the journal.
    pub(crate) fn core(&self) -> &Laptop {
        &self.core
    }

    /// Begins the record of a talk.
    pub(crate) fn begin(&mut self, space: SpaceId, birth: &Birth) -> anyhow::Result<DocId> {
        let doc = DocId::mint(self.now, &mut self.rng);
        let actor = self.core.actor(space, doc, &mut self.rng);
        let (document, changes) = Document::born(DocKind::Interview, actor, birth)?;
        self.open.insert(doc, document);
        self.handle(Input::Edit { space, doc, changes })?;
        Ok(doc)
    }

    /// Writes into a record that was begun here and not closed.
    pub(crate) fn edit(
        &mut self,
        space: SpaceId,
        doc: DocId,
        edits: &[Edit],
    ) -> anyhow::Result<()> {
        let document = self.open.get_mut(&doc).context("it is not open")?;
        let committed = document.edit(edits)?.context("an edit that changes nothing")?;
        self.handle(Input::Edit { space, doc, changes: committed.raw })
    }

    /// Lets the open records go.
    pub(crate) fn close(&mut self) {
        self.open.clear();
    }

    /// Puts all drafts into envelopes and returns these.
    pub(crate) fn seal(&mut self) -> anyhow::Result<Vec<Envelope>> {
        self.handle(Input::Seal)?;
        let sealed: Vec<_> = self
            .take_notes()
            .into_iter()
            .filter_map(|n| match n {
                Note::Sealed { envelope, .. } => Some(envelope),
                _ => None,
            })
            .collect();
        sealed.iter().map(|hash| self.envelope(hash)).collect()
    }

    /// Takes the notes given since the last call.
    pub(crate) fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Takes the frames to be sent since the last call.
    pub(crate) fn take_outgoing(&mut self) -> Vec<Up> {
        std::mem::take(&mut self.out)
    }

    /// The server says something.
    pub(crate) fn heard(&mut self, frame: Down) -> anyhow::Result<()> {
        self.handle(Input::Frame(frame))
    }

    /// Opens a live link and says what there is to say.
    pub(crate) async fn connect(&mut self, place: &Place) -> anyhow::Result<Live> {
        let mut client = Client::new(&place.url(), Some(self.enrolled.certificate))?;
        client.open(&self.key, &self.server).await?;
        let live = Live::open(&client).await?;
        self.handle(Input::Connected)?;
        Ok(live)
    }

    fn envelope(&self, hash: &shared::model::Digest) -> anyhow::Result<Envelope> {
        let row = self.rows.get(&(Table::Envelope, hash.as_bytes().to_vec()));
        // The first byte says how the envelope came here.
        let bytes = row.and_then(|r| r.get(1..)).context("an envelope is not held")?;
        Ok(Envelope::from_bytes(bytes)?)
    }

    fn handle(&mut self, input: Input) -> anyhow::Result<()> {
        let mut todo = std::collections::VecDeque::from([input]);
        while let Some(input) = todo.pop_front() {
            for effect in self.core.handle(input, self.now, &mut self.rng) {
                match effect {
                    Effect::Commit { ticket, writes } => {
                        for write in writes {
                            match write {
                                Write::Put { table, key, value } => {
                                    self.rows.insert((table, key), value);
                                }
                                Write::Delete { table, key } => {
                                    self.rows.remove(&(table, key));
                                }
                            }
                        }
                        todo.push_back(Input::Committed(ticket));
                    }
                    Effect::Send(frame) => self.out.push(frame),
                    Effect::Offer { envelopes } => {
                        let all: anyhow::Result<Vec<_>> =
                            envelopes.iter().map(|h| self.envelope(h)).collect();
                        self.out.extend(pushes(all?));
                    }
                    Effect::Note(note) => self.notes.push(note),
                    Effect::NotKept { why, .. } => anyhow::bail!("an edit is not kept: {why}"),
                    Effect::Try { .. } | Effect::GiveBack { .. } | Effect::Reload => {
                        anyhow::bail!("the figures know no courier and no recovery");
                    }
                }
            }
        }
        Ok(())
    }
}
