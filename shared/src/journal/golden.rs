//! Bytes that must never change by themselves: the wire and disk format.
//!
//! Every vector is made from fixed keys and times. Its hexadecimal form lies in `golden/` and
//! stands, word for word, in `docs/PROTOCOL.md`, so that another program can be checked
//! against it. A vector that differs means that old bytes would be misread: do not reorder
//! fields or reuse an index; add at the end, and add a vector.
#![allow(clippy::unwrap_used, clippy::panic)]
use minicbor::{Decode, Encode};

use super::{
    cbor,
    entry::{self, Cursor, Entry, Epoch, EventRecord, Saying, Verdict},
    envelope::{self, Codec, Content, Envelope, SessionNonce},
    frame::{ChainEnd, Down, Item, Place, Presence, Receipt, ReceiptBody, Reject, Up},
    precheck,
};
use crate::{
    crypto::{Secret, Signature, SigningKey},
    doc::{Birth, Document},
    model::{ChangeHash, Digest, DocId, DocKind, PersonId, SpaceId, Timestamp},
    workflow::{Command, DocEvent, Event, Refusal, Request, command::FieldNote},
};

macro_rules! vectors {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("golden/", $name, ".hex")))),+]
    };
}

/// Name and hexadecimal form of every vector, in the order of the document.
const VECTORS: &[(&str, &str)] = vectors![
    "device-id",
    "server-key-id",
    "actor",
    "envelope-content",
    "envelope-content-header",
    "envelope-content-hash",
    "envelope-command",
    "envelope-command-hash",
    "entry-main",
    "entry-main-hash",
    "entry-declined",
    "receipt",
    "up-have",
    "up-push",
    "up-give-back",
    "up-presence",
    "up-trail",
    "up-want",
    "down-receipt",
    "down-rejected-chain-gap",
    "down-rejected-bad-body",
    "down-entries",
    "down-head",
    "down-rewind",
    "down-want-back",
    "down-held",
    "down-presence",
    "down-withdrawn",
    "down-welcome",
    "down-want-trail",
    "down-envelopes",
    "chain-end",
];

const SPACE: SpaceId = SpaceId::from_bytes([0x11; 16]);
const DOC: DocId = DocId::from_bytes([0x22; 16]);
const PERSON: PersonId = PersonId::from_bytes([0x33; 16]);
const SESSION: SessionNonce = SessionNonce([0x44; 16]);
/// 2026-05-06 09:00 in the zone of the example round.
const AT: Timestamp = Timestamp(1_778_029_200_000);
const EPOCH: Epoch = Epoch { no: 2, nonce: 0x0102_0304_0506_0708 };

fn device() -> SigningKey {
    SigningKey::from_secret(&Secret::copy_from(&[7; 32]))
}

fn server() -> SigningKey {
    SigningKey::from_secret(&Secret::copy_from(&[9; 32]))
}

/// The birth of a notice.
fn content() -> Envelope {
    let actor = envelope::actor(&device().verifying_key(), SPACE, DOC, SESSION);
    let birth = Birth::new().text("title", "整改通知");
    let (doc, payload) = Document::born(DocKind::Notice, actor, &birth).unwrap();
    let change = doc.heads()[0];
    let content = Content {
        codec: Codec::Content,
        space: SPACE,
        doc: DOC,
        session: SESSION,
        seq: 0,
        prev: None,
        changes: Some((change, change)),
        claimed_at: AT,
        payload: &payload,
    };
    Envelope::seal(content, &device())
}

/// A request that rests on the content.
fn command() -> Envelope {
    let note = FieldNote { field: None, text: "依据不足".into() };
    let request =
        Request { basis: vec![content().hash()], command: Command::Return { notes: vec![note] } };
    let payload = cbor::to_named(&request);
    let content = Content {
        codec: Codec::Command,
        space: SPACE,
        doc: DOC,
        session: SESSION,
        seq: 1,
        prev: Some(content().hash()),
        changes: None,
        claimed_at: Timestamp(AT.0 + 60_000),
        payload: &payload,
    };
    Envelope::seal(content, &device())
}

fn main_entry() -> Entry {
    let opened = Event::RecordOpened {
        kind: DocKind::Notice,
        by: PERSON,
        provisional: Some("2026R2-G3".into()),
    };
    let saying = Saying {
        epoch: EPOCH,
        space: SPACE,
        after: Cursor::default(),
        at: Timestamp(AT.0 + 120_000),
        envelope: Some(content().hash()),
        verdict: Verdict::Main,
        events: vec![EventRecord::of(&DocEvent::of(DOC, opened))],
    };
    Entry::sign(saying, &server())
}

fn declined_entry() -> Entry {
    let saying = Saying {
        epoch: EPOCH,
        space: SPACE,
        after: main_entry().cursor(),
        at: Timestamp(AT.0 + 120_000),
        envelope: Some(command().hash()),
        verdict: Verdict::Declined(Refusal::NotAMember),
        events: Vec::new(),
    };
    Entry::sign(saying, &server())
}

fn receipt() -> Receipt {
    let envelopes = vec![content().hash(), command().hash()];
    Receipt::sign(&ReceiptBody { epoch: EPOCH, at: AT, envelopes }, &server())
}

fn item() -> Item {
    Item { entry: main_entry(), envelope: Some(content()) }
}

fn presence() -> Presence {
    let device = Some(device().verifying_key().device_id());
    Presence { space: SPACE, doc: DOC, device, field: "matter".into(), caret: "3@actor".into() }
}

fn ups() -> Vec<(&'static str, Up)> {
    let cursor = main_entry().cursor();
    vec![
        ("up-have", Up::Have { spaces: vec![Place { space: SPACE, cursor }] }),
        ("up-push", Up::Push { envelopes: vec![command()] }),
        ("up-give-back", Up::GiveBack { space: SPACE, items: vec![item()] }),
        ("up-presence", Up::Presence(presence())),
        ("up-trail", Up::Trail { space: SPACE, points: vec![declined_entry().cursor(), cursor] }),
        ("up-want", Up::Want { space: SPACE, envelopes: vec![content().hash()] }),
    ]
}

fn downs() -> Vec<(&'static str, Down)> {
    let envelope = content().hash();
    let gap = Reject::ChainGap { expected: 4 };
    let bad = Reject::BadBody { why: "empty".into() };
    let alone = Item { entry: declined_entry(), envelope: None };
    vec![
        ("down-receipt", Down::Receipt(receipt())),
        ("down-rejected-chain-gap", Down::Rejected { envelope, why: gap }),
        ("down-rejected-bad-body", Down::Rejected { envelope, why: bad }),
        ("down-entries", Down::Entries { space: SPACE, items: vec![alone] }),
        ("down-head", Down::Head { space: SPACE, cursor: main_entry().cursor() }),
        ("down-rewind", Down::Rewind { space: SPACE, to: 1 }),
        ("down-want-back", Down::WantBack { space: SPACE, after: 1 }),
        ("down-held", Down::Held { envelope, missing: vec![ChangeHash([0x55; 32])] }),
        ("down-presence", Down::Presence(presence())),
        ("down-withdrawn", Down::Withdrawn { space: SPACE }),
        ("down-welcome", Down::Welcome { epoch: EPOCH, now: AT }),
        ("down-want-trail", Down::WantTrail { space: SPACE }),
        ("down-envelopes", Down::Envelopes { envelopes: vec![command()] }),
    ]
}

/// Makes every vector anew.
fn made() -> Vec<(&'static str, Vec<u8>)> {
    let key = device().verifying_key();
    let end =
        ChainEnd { device: key.device_id(), session: SESSION, next: 2, last: command().hash() };
    let mut made = vec![
        ("device-id", key.device_id().as_bytes().to_vec()),
        ("server-key-id", entry::key_id(&server().verifying_key()).to_be_bytes().to_vec()),
        ("actor", envelope::actor(&key, SPACE, DOC, SESSION).to_vec()),
        ("envelope-content", content().to_bytes()),
        ("envelope-content-header", cbor::to_vec(content().header())),
        ("envelope-content-hash", content().hash().0.to_vec()),
        ("envelope-command", command().to_bytes()),
        ("envelope-command-hash", command().hash().0.to_vec()),
        ("entry-main", main_entry().to_bytes()),
        ("entry-main-hash", main_entry().hash().0.to_vec()),
        ("entry-declined", declined_entry().to_bytes()),
        ("receipt", cbor::to_vec(&receipt())),
        ("chain-end", cbor::to_vec(&end)),
    ];
    made.extend(ups().into_iter().map(|(name, frame)| (name, cbor::to_vec(&frame))));
    made.extend(downs().into_iter().map(|(name, frame)| (name, cbor::to_vec(&frame))));
    made
}

/// Writes bytes in lines of 48.
fn hex(bytes: &[u8]) -> String {
    bytes.chunks(48).map(|line| data_encoding::HEXLOWER.encode(line) + "\n").collect()
}

fn kept(name: &str) -> Vec<u8> {
    let text = VECTORS.iter().find(|v| v.0 == name).unwrap().1;
    let text: String = text.split_whitespace().collect();
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

#[test]
fn no_byte_of_the_format_has_changed() {
    let made = made();
    assert_eq!(made.len(), VECTORS.len());
    for (name, text) in VECTORS {
        let (_, bytes) = made.iter().find(|m| m.0 == *name).unwrap();
        assert_eq!(hex(bytes), *text, "{name}: do not reorder fields or reuse an index");
    }
}

#[test]
fn the_document_shows_every_vector() {
    let document = include_str!("../../../docs/PROTOCOL.md");
    for (name, text) in VECTORS {
        let shown = format!("`{name}`\n```text\n{text}```\n");
        assert!(document.contains(&shown), "docs/PROTOCOL.md shows another {name}");
    }
}

/// Decodes, and encodes again to the same bytes.
fn again<T: Encode<()> + for<'b> Decode<'b, ()>>(bytes: &[u8]) -> T {
    let value: T = minicbor::decode(bytes).unwrap();
    assert_eq!(cbor::to_vec(&value), bytes);
    value
}

#[test]
fn what_is_kept_is_read_as_it_was_meant() {
    for (name, frame) in ups() {
        assert_eq!(again::<Up>(&kept(name)), frame, "{name}");
    }
    for (name, frame) in downs() {
        assert_eq!(again::<Down>(&kept(name)), frame, "{name}");
    }
    assert_eq!(again::<Receipt>(&kept("receipt")), receipt());
    assert_eq!(again::<ChainEnd>(&kept("chain-end")).next, 2);
}

#[test]
fn the_signatures_of_the_vectors_hold() {
    let (device, server) = (device().verifying_key(), server().verifying_key());
    for name in ["envelope-content", "envelope-command"] {
        let envelope = Envelope::from_bytes(&kept(name)).unwrap();
        assert_eq!(envelope.verify(&device), Ok(()), "{name}");
        assert!(envelope.verify(&server).is_err(), "{name}");
        assert_eq!(envelope.to_bytes(), kept(name));
    }
    for name in ["entry-main", "entry-declined"] {
        let entry = Entry::from_bytes(&kept(name)).unwrap();
        assert_eq!(entry.verify(&server), Ok(()), "{name}");
        assert_eq!(entry.to_bytes(), kept(name));
    }
    let receipt: Receipt = minicbor::decode(&kept("receipt")).unwrap();
    assert_eq!(receipt.open(&server).unwrap().envelopes.len(), 2);
    let forged = Receipt { signature: Signature([1; 64]), ..receipt };
    assert_eq!(forged.open(&server), None);
}

#[test]
fn the_content_vector_passes_the_gate_under_the_actor_its_header_proves() {
    let envelope = Envelope::from_bytes(&kept("envelope-content")).unwrap();
    let changes = precheck::check(envelope.payload(), &precheck::Limits::default()).unwrap();
    let header = envelope.header();
    assert_eq!(changes[0].actor.to_vec(), kept("actor"));
    assert_eq!(Some(changes[0].hash), header.first);
    assert_eq!(header.device.as_bytes().to_vec(), kept("device-id"));
    assert_eq!(Digest(kept("envelope-content-hash").try_into().unwrap()), envelope.hash());
}
