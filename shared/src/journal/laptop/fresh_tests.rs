//! What was made of a record or a space, and by what one sees that it is no longer good.
#![allow(clippy::unwrap_used)]
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::{
    crypto::Secret,
    doc::{Birth, Document, Edit},
    journal::{
        entry::{Entry, Saying},
        envelope::{Codec, Content},
        frame::Item,
        precheck,
    },
    model::{DocKind, FieldPath},
};

const SPACE: SpaceId = SpaceId::from_bytes([5; 16]);
const DOC: DocId = DocId::from_bytes([6; 16]);

fn key(fill: u8) -> SigningKey {
    SigningKey::from_secret(&Secret::copy_from(&[fill; 32]))
}

/// Another's laptop that writes into one document, and the server that takes all of it.
struct Others {
    document: Option<Document>,
    last: Option<Digest>,
    seq: u64,
    head: Cursor,
}

impl Others {
    fn new() -> Self {
        Self { document: None, last: None, seq: 0, head: Cursor::default() }
    }

    /// Writes, and returns the entry with the envelope that it is about.
    fn writes(&mut self, text: &str) -> Item {
        let author = key(2);
        let session = SessionNonce([7; 16]);
        let actor = envelope::actor(&author.verifying_key(), SPACE, DOC, session);
        let payload = match &mut self.document {
            None => {
                let birth = Birth::new().text("note", text);
                let (document, raw) = Document::born(DocKind::Interview, actor, &birth).unwrap();
                self.document = Some(document);
                raw
            }
            Some(document) => {
                let field = FieldPath::top("note");
                let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: text.into() };
                document.edit(&[edit]).unwrap().unwrap().raw
            }
        };
        let changes = precheck::check(&payload, &precheck::Limits::default()).unwrap();
        let content = Content {
            codec: Codec::Content,
            space: SPACE,
            doc: DOC,
            session,
            seq: self.seq,
            prev: self.last,
            changes: Some((changes[0].hash, changes[changes.len() - 1].hash)),
            claimed_at: Timestamp(1),
            payload: &payload,
        };
        let envelope = Envelope::seal(content, &author);
        (self.seq, self.last) = (self.seq + 1, Some(envelope.hash()));
        let saying = Saying {
            epoch: Epoch::default(),
            space: SPACE,
            after: self.head,
            at: Timestamp(2),
            envelope: Some(envelope.hash()),
            verdict: Verdict::Main,
            events: Vec::new(),
        };
        let entry = Entry::sign(saying, &key(1));
        self.head = entry.cursor();
        Item { entry, envelope: Some(envelope) }
    }
}

fn laptop() -> Laptop {
    let me = PersonId::from_bytes([9; 16]);
    Laptop::load(me, key(3), key(1).verifying_key(), Loaded::default()).0
}

/// Has the laptop hear entries, and returns the notes once all is on disk.
fn hear(laptop: &mut Laptop, items: Vec<Item>) -> Vec<Note> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut todo = vec![Input::Frame(Down::Entries { space: SPACE, items })];
    let mut notes = Vec::new();
    while let Some(input) = todo.pop() {
        for effect in laptop.handle(input, Timestamp(3), &mut rng) {
            match effect {
                Effect::Commit { ticket, .. } => todo.push(Input::Committed(ticket)),
                Effect::Note(note) => notes.push(note),
                _ => {}
            }
        }
    }
    notes
}

#[test]
fn what_others_write_comes_into_a_document_that_is_open() {
    let (mut laptop, mut others) = (laptop(), Others::new());
    for text in ["问：", "答："] {
        let item = others.writes(text);
        let envelope = item.envelope.as_ref().unwrap().hash();
        let notes = hear(&mut laptop, vec![item]);
        let how = DocumentChange::Apply(vec![envelope]);
        let change = Note::Document { space: SPACE, doc: DOC, how };
        assert!(notes.contains(&change), "{notes:?}");
    }
}

#[test]
fn lines_and_lists_hold_as_long_as_nothing_has_changed() {
    let (mut laptop, mut others) = (laptop(), Others::new());
    let mut last = None;
    for text in ["问：", "答：", "问："] {
        hear(&mut laptop, vec![others.writes(text)]);
        let space = laptop.space(SPACE).unwrap();
        let heads = others.document.as_ref().unwrap().heads();
        assert_eq!(space.working_heads(DOC), heads, "a line made from these is good");
        assert_ne!(last.replace(space.revision()), Some(space.revision()));
    }
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let actor = laptop.actor(SPACE, DOC, &mut rng);
    let mut mine = Document::load(&others.document.as_ref().unwrap().save()).unwrap();
    mine.set_actor(actor);
    let field = FieldPath::top("note");
    let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: "补：".into() };
    let changes = mine.edit(&[edit]).unwrap().unwrap().raw;
    let before = laptop.space(SPACE).unwrap().revision();
    laptop.handle(Input::Edit { space: SPACE, doc: DOC, changes }, Timestamp(4), &mut rng);
    let space = laptop.space(SPACE).unwrap();
    assert_eq!(space.working_heads(DOC), mine.heads(), "drafts are part of it");
    assert_ne!(space.revision(), before);
    let drafted = space.revision();
    laptop.handle(Input::Seal, Timestamp(5), &mut rng);
    let space = laptop.space(SPACE).unwrap();
    assert_eq!(space.working_heads(DOC), mine.heads(), "and so is what is sealed");
    assert_ne!(space.revision(), drafted);
    assert_eq!(space.about(DOC).count(), 4, "every envelope about the record is found");
}
