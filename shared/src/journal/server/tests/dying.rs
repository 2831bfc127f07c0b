//! Whose fault it is when a sandbox dies.
use super::*;
use crate::{
    doc::{Birth, Document, Edit},
    journal::{
        cbor,
        entry::{Fault, Verdict},
        envelope, precheck,
    },
    model::{DocKind, FieldPath},
    workflow::{Command, Pin, Refusal, Request},
};

const CONN: Conn = Conn(1);
const DOC: DocId = DocId::from_bytes([8; 16]);
const SESSION: SessionNonce = SessionNonce([9; 16]);

/// A trial that was asked for.
#[derive(Debug)]
struct Tried {
    ticket: Ticket,
    batch: Vec<Digest>,
    alone: bool,
}

fn trial(effects: &[Effect]) -> Option<Tried> {
    effects.iter().find_map(|e| match e {
        Effect::Trial { ticket, batch, alone, .. } => {
            Some(Tried { ticket: *ticket, batch: batch.clone(), alone: *alone })
        }
        _ => None,
    })
}

/// A stay with one document, which the next envelope of its author is about.
struct Room {
    bench: Bench,
    space: SpaceId,
    laptop: SigningKey,
    birth: Envelope,
    document: Document,
}

impl Room {
    fn new() -> Self {
        let mut bench = Bench::new();
        let (_, _, space, laptop) = with_a_member(&mut bench);
        let device = laptop.verifying_key().device_id();
        bench.feed(Input::Connected { conn: CONN, device });
        let actor = envelope::actor(&laptop.verifying_key(), space, DOC, SESSION);
        let text = Birth::new().text("note", "谈话");
        let born = Document::born(DocKind::Interview, actor, &text);
        let (document, raw) = born.expect("a birth");
        let birth = seal(&laptop, space, None, Codec::Content, &raw);
        let mut room = Self { bench, space, laptop, birth: birth.clone(), document };
        let asked = trial(&room.push(&birth)).expect("it is tried");
        let touched = Touched { birth: Some(DocKind::Interview), ..Touched::default() };
        room.answer(asked, Ok(vec![Ok(touched)]));
        assert_eq!(room.verdict(&birth), Some(Verdict::Main));
        room
    }

    fn edit(&mut self) -> Envelope {
        let field = FieldPath::top("note");
        let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: "某市".into() };
        let made = self.document.edit(&[edit]).expect("an edit").expect("a change");
        seal(&self.laptop, self.space, Some(&self.birth), Codec::Content, &made.raw)
    }

    /// A command that must see the document.
    fn confirm(&self) -> Envelope {
        let pin = Pin { heads: Vec::new(), rendering: Digest::default(), text: None };
        let command = Command::ConfirmInterview { pin };
        let payload = cbor::to_named(&Request { basis: Vec::new(), command });
        seal(&self.laptop, self.space, Some(&self.birth), Codec::Command, &payload)
    }

    fn push(&mut self, envelope: &Envelope) -> Vec<Effect> {
        let envelopes = vec![envelope.clone()];
        self.bench.feed(Input::Frame { conn: CONN, frame: Up::Push { envelopes } })
    }

    fn answer(
        &mut self,
        tried: Tried,
        outcome: Result<Vec<Result<Touched, String>>, TrialFailure>,
    ) -> Vec<Effect> {
        let outcome =
            outcome.map(|per| Trial { per, saved: Vec::new(), heads: Vec::new(), content: None });
        self.bench.feed(Input::Tried { ticket: tried.ticket, outcome })
    }

    /// Lets the sandbox die on an envelope in company, and on it alone as often as may be.
    /// Returns the trial asked for next, with what else was to be done.
    fn dies(&mut self, on: &Envelope) -> Tried {
        let mut asked = trial(&self.push(on)).expect("it is tried");
        assert!(!asked.alone);
        for times in 1..=2 {
            let done = self.answer(asked, Err(TrialFailure::Died));
            assert_eq!(self.verdict(on), None, "a death in company is no verdict");
            asked = trial(&done).expect("it is tried again");
            assert!(asked.alone);
            assert_eq!(self.bench.attempts(on), times, "on disk before it is tried");
        }
        trial(&self.answer(asked, Err(TrialFailure::Died))).expect("the document is tried")
    }

    fn verdict(&self, of: &Envelope) -> Option<Verdict> {
        let about = |e: &&Entry| e.body().envelope == Some(of.hash());
        self.bench.disk.entries.iter().find(about).and_then(|e| e.verdict().cloned())
    }
}

fn seal(
    by: &SigningKey,
    space: SpaceId,
    before: Option<&Envelope>,
    codec: Codec,
    payload: &[u8],
) -> Envelope {
    let changes = precheck::check(payload, &precheck::Limits::default()).unwrap_or_default();
    let content = Content {
        codec,
        space,
        doc: DOC,
        session: SESSION,
        seq: before.map_or(0, |e| e.header().seq + 1),
        prev: before.map(Envelope::hash),
        changes: changes.first().map(|c| c.hash).zip(changes.last().map(|c| c.hash)),
        claimed_at: NOW,
        payload,
    };
    Envelope::seal(content, by)
}

fn is_damaged(effects: &[Effect]) -> bool {
    effects.iter().any(|e| matches!(e, Effect::Alarm(Alarm::Damaged { doc, .. }) if *doc == DOC))
}

#[test]
fn content_is_to_blame_when_the_document_is_sound_without_it() {
    let mut room = Room::new();
    let edit = room.edit();
    let asked = room.dies(&edit);
    assert!(asked.alone && asked.batch.is_empty(), "the document alone: {asked:?}");
    let done = room.answer(asked, Ok(Vec::new()));
    assert!(!is_damaged(&done));
    assert_eq!(room.verdict(&edit), Some(Verdict::Malformed(Fault::Quarantined)));
}

#[test]
fn nobody_is_to_blame_for_a_document_that_kills_by_itself() {
    let mut room = Room::new();
    let edit = room.edit();
    let asked = room.dies(&edit);
    let done = room.answer(asked, Err(TrialFailure::Died));
    assert!(is_damaged(&done));
    assert_eq!(trial(&done).map(|t| t.batch), None);
    assert_eq!(room.verdict(&edit), None, "it waits");
}

#[test]
fn a_legal_step_is_not_refused_for_a_death() {
    let mut room = Room::new();
    let confirm = room.confirm();
    let asked = room.dies(&confirm);
    room.answer(asked, Ok(Vec::new()));
    let verdict = room.verdict(&confirm);
    assert!(verdict.is_some() && verdict != Some(Verdict::Declined(Refusal::ReadOnly)));
}

#[test]
fn a_legal_step_about_a_document_that_kills_is_refused_as_read_only() {
    let mut room = Room::new();
    let confirm = room.confirm();
    let asked = room.dies(&confirm);
    let done = room.answer(asked, Err(TrialFailure::Died));
    assert!(is_damaged(&done));
    assert_eq!(room.verdict(&confirm), Some(Verdict::Declined(Refusal::ReadOnly)));
}

#[test]
fn a_rest_ends_also_when_the_clock_is_moved_back() {
    let mut room = Room::new();
    room.bench.server.trust_clock();
    let edit = room.edit();
    let asked = trial(&room.push(&edit)).expect("it is tried");
    assert!(trial(&room.answer(asked, Err(TrialFailure::Later))).is_none(), "it rests");
    room.bench.now = NOW.plus_millis(-1000 * 60 * 60);
    assert!(trial(&room.bench.feed(Input::Tick)).is_some());
}
