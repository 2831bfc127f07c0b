//! What is told of the laptop's end in a few inputs; the simulation plays the rest.
#![allow(clippy::unwrap_used, clippy::panic)]
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

use super::*;
use crate::{
    crypto::Secret,
    doc::{Birth, Document, Edit},
    journal::{
        cbor,
        entry::{Entry, EventRecord, Saying},
        envelope::{Codec, Content, MAX_BASIS},
        frame::{Item, Receipt, ReceiptBody},
        precheck,
        store::Table,
    },
    model::{DocKind, FieldPath},
    workflow::{
        AsideReason, Command, DocEvent, Event, Request, SpaceInfo, SpaceKind, event::Links,
    },
};

const SPACE: SpaceId = SpaceId::from_bytes([7; 16]);
const DOC: DocId = DocId::from_bytes([8; 16]);
const NONCE: SessionNonce = SessionNonce([9; 16]);

fn key(fill: u8) -> SigningKey {
    SigningKey::from_secret(&Secret::copy_from(&[fill; 32]))
}

fn actor(of: &SigningKey) -> [u8; 16] {
    envelope::actor(&of.verifying_key(), SPACE, DOC, NONCE)
}

/// The first entry of a space that knows two devices beside the reader's.
fn opened(server: &SigningKey, devices: &[&SigningKey]) -> Item {
    let info = SpaceInfo {
        id: SPACE,
        kind: SpaceKind::Engagement,
        title: "第一组·甲局".into(),
        round: None,
        prefix: "2026R1-G1".into(),
        group: None,
        unit: None,
        engagement: None,
        links: Links::default(),
        office_people: Vec::new(),
    };
    let certified = devices.iter().map(|key| Event::DeviceCertified {
        device: key.verifying_key().device_id(),
        key: *key.verifying_key().as_bytes(),
        person: PersonId::from_bytes([3; 16]),
        name: "本二".into(),
    });
    let events: Vec<Event> = std::iter::once(Event::SpaceOpened(info)).chain(certified).collect();
    let entry = Entry::sign(
        Saying {
            epoch: Epoch::default(),
            space: SPACE,
            after: Cursor::default(),
            at: Timestamp(5),
            envelope: None,
            verdict: Verdict::Own,
            events: events.into_iter().map(|e| EventRecord::of(&DocEvent::space(e))).collect(),
        },
        server,
    );
    Item { entry, envelope: None }
}

fn sealed(by: &SigningKey, seq: u64, prev: Option<Digest>, payload: &[u8]) -> Envelope {
    let changes = precheck::check(payload, &precheck::Limits::default()).unwrap();
    let ends = (changes.first().unwrap().hash, changes.last().unwrap().hash);
    let content = Content {
        codec: Codec::Content,
        space: SPACE,
        doc: DOC,
        session: NONCE,
        seq,
        prev,
        changes: Some(ends),
        claimed_at: Timestamp(6),
        payload,
    };
    Envelope::seal(content, by)
}

fn insert(onto: &Document, by: &SigningKey, text: &str) -> Vec<u8> {
    let mut doc = onto.clone();
    doc.set_actor(actor(by));
    let edit =
        Edit::SpliceText { field: FieldPath::top("note"), at: 0, delete: 0, insert: text.into() };
    doc.edit(&[edit]).unwrap().unwrap().raw
}

/// Returns what the sandbox is asked to try, if it is asked.
fn asked(effects: &[Effect]) -> Option<(Ticket, Vec<Digest>)> {
    effects.iter().find_map(|e| match e {
        Effect::Try { ticket, batch, .. } => Some((*ticket, batch.clone())),
        _ => None,
    })
}

#[test]
fn one_killer_in_a_couriers_file_stops_nobody_else() {
    let (server, first, second) = (key(1), key(2), key(3));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let mut feed = |input| laptop.handle(input, Timestamp(10), &mut rng);

    let (born, birth) =
        Document::born(DocKind::Interview, actor(&first), &Birth::new().text("note", "谈话"))
            .unwrap();
    let begins = sealed(&first, 0, None, &birth);
    let kills = sealed(&first, 1, Some(begins.hash()), &insert(&born, &first, "一"));
    let harmless = sealed(&second, 0, None, &insert(&born, &second, "二"));
    let (begins_is, kills_is, harmless_is) = (begins.hash(), kills.hash(), harmless.hash());

    let courier = Courier {
        items: vec![opened(&server, &[&first, &second])],
        envelopes: vec![begins, kills, harmless],
    };
    let (ticket, batch) = asked(&feed(Input::Courier(courier))).unwrap();
    assert_eq!(batch, [begins_is, kills_is, harmless_is]);

    let passed = || Some(vec![Ok(Touched::default())]);
    let (ticket, batch) = asked(&feed(Input::Tried { ticket, per: None })).unwrap();
    assert_eq!(batch, [begins_is], "alone");
    let (ticket, batch) = asked(&feed(Input::Tried { ticket, per: passed() })).unwrap();
    assert_eq!(batch, [kills_is]);
    let (ticket, batch) = asked(&feed(Input::Tried { ticket, per: None })).unwrap();
    assert_eq!(batch, [harmless_is]);
    assert_eq!(asked(&feed(Input::Tried { ticket, per: passed() })), None, "the killer rests");

    let again = asked(&feed(Input::Connected));
    assert_eq!(again.map(|(_, batch)| batch), Some(vec![kills_is]));
    let working = laptop.space(SPACE).unwrap().plan(DOC).working;
    assert_eq!(working, [begins_is, harmless_is]);
}

#[test]
fn what_the_sandbox_refuses_is_not_tried_again_at_once() {
    let (server, first) = (key(1), key(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let mut feed = |input| laptop.handle(input, Timestamp(10), &mut rng);
    let (_, birth) = Document::born(DocKind::Interview, actor(&first), &Birth::new()).unwrap();
    let courier = Courier {
        items: vec![opened(&server, &[&first])],
        envelopes: vec![sealed(&first, 0, None, &birth)],
    };
    let (ticket, _) = asked(&feed(Input::Courier(courier))).unwrap();
    let refused = Some(vec![Err("unfit".to_owned())]);
    assert_eq!(asked(&feed(Input::Tried { ticket, per: refused })), None);
}

#[test]
fn what_a_twin_has_brought_is_not_left_to_say() {
    let (server, twin) = (key(1), key(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let (born, birth) =
        Document::born(DocKind::Interview, actor(&twin), &Birth::new().text("note", "谈话"))
            .unwrap();
    let more = insert(&born, &twin, "一");
    // Both machines sealed the same place: one the birth alone, the other what came after too.
    let stands = sealed(&twin, 0, None, &birth);
    let given_up = sealed(&twin, 0, None, &[birth, more].concat());
    let given_up_is = given_up.hash();
    let changes = precheck::check(given_up.payload(), &precheck::Limits::default()).unwrap();
    let first = opened(&server, &[&twin]);
    let main = Entry::sign(
        Saying {
            epoch: Epoch::default(),
            space: SPACE,
            after: first.entry.cursor(),
            at: Timestamp(7),
            envelope: Some(stands.hash()),
            verdict: Verdict::Main,
            events: Vec::new(),
        },
        &server,
    );
    let items = vec![first, Item { entry: main, envelope: Some(stands) }];
    let courier = Courier { items, envelopes: vec![given_up] };
    laptop.handle(Input::Courier(courier), Timestamp(10), &mut rng);

    let (before, after) = laptop.space(SPACE).unwrap().left_to_say(&[given_up_is]).unwrap();
    assert_eq!(before, [changes[0].hash]);
    let mut both = vec![changes[0].hash, changes[1].hash];
    both.sort_unstable();
    assert_eq!(after, both);
}

#[test]
fn what_the_gate_passes_piece_by_piece_is_sealed_so_that_it_passes() {
    let (server, mine) = (key(1), key(4));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, mine, server.verifying_key(), Loaded::default());
    let actor = laptop.actor(SPACE, DOC, &mut rng);
    let (mut document, birth) =
        Document::born(DocKind::Interview, actor, &Birth::new().text("note", "问：")).unwrap();
    let mut pieces = vec![birth];
    // Two long pastes: each within the limits of one body, both together beyond them.
    for pasted in ["a".repeat(12_000), "b".repeat(12_000)] {
        let field = FieldPath::top("note");
        let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: pasted };
        pieces.push(document.edit(&[edit]).unwrap().unwrap().raw);
    }
    let limits = precheck::Limits::default();
    let made: Vec<ChangeHash> =
        pieces.iter().flat_map(|p| precheck::check(p, &limits).unwrap()).map(|c| c.hash).collect();
    for changes in pieces {
        laptop.handle(Input::Edit { space: SPACE, doc: DOC, changes }, Timestamp(10), &mut rng);
    }
    let sealed = laptop.handle(Input::Seal, Timestamp(11), &mut rng);
    let bodies: Vec<Envelope> = sealed
        .iter()
        .filter_map(|e| match e {
            Effect::Commit { writes, .. } => Some(writes),
            _ => None,
        })
        .flatten()
        .filter_map(|w| match w {
            Write::Put { table: Table::Envelope, value, .. } => {
                Some(Envelope::from_bytes(&value[1..]).unwrap())
            }
            _ => None,
        })
        .collect();
    let passed: Vec<ChangeHash> = bodies
        .iter()
        .flat_map(|e| precheck::check(e.payload(), &limits).unwrap())
        .map(|c| c.hash)
        .collect();
    assert_eq!(passed, made);
}

#[test]
fn what_rested_on_a_peers_aside_is_not_numbered_twice() {
    let (server, peer) = (key(1), key(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let (born, birth) =
        Document::born(DocKind::Interview, actor(&peer), &Birth::new().text("note", "谈话"))
            .unwrap();
    let first = opened(&server, &[&peer]);
    let begins = sealed(&peer, 0, None, &birth);
    let more = sealed(&peer, 1, Some(begins.hash()), &insert(&born, &peer, "一"));
    let entry = |after, of: &Envelope, verdict| {
        let saying = Saying {
            epoch: Epoch::default(),
            space: SPACE,
            after,
            at: Timestamp(7),
            envelope: Some(of.hash()),
            verdict,
            events: Vec::new(),
        };
        Entry::sign(saying, &server)
    };
    let main = entry(first.entry.cursor(), &begins, Verdict::Main);
    let aside = entry(main.cursor(), &more, Verdict::Aside(AsideReason::Late));

    // A courier brings what the peer wrote, and this person writes on.
    let bodies = vec![begins.payload().to_vec(), more.payload().to_vec()];
    let items = vec![first, Item { entry: main, envelope: Some(begins) }];
    let mut todo = vec![Input::Courier(Courier { items, envelopes: vec![more] })];
    while let Some(input) = todo.pop() {
        for effect in laptop.handle(input, Timestamp(10), &mut rng) {
            match effect {
                Effect::Commit { ticket, .. } => todo.push(Input::Committed(ticket)),
                Effect::Try { ticket, .. } => {
                    let per = Some(vec![Ok(Touched::default())]);
                    todo.push(Input::Tried { ticket, per });
                }
                _ => {}
            }
        }
    }
    let before = laptop.actor(SPACE, DOC, &mut rng);
    let mut document = Document::from_bodies(&bodies).unwrap();
    document.set_actor(before);
    let field = FieldPath::top("note");
    let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: "二".into() };
    let changes = document.edit(std::slice::from_ref(&edit)).unwrap().unwrap().raw;
    laptop.handle(Input::Edit { space: SPACE, doc: DOC, changes }, Timestamp(11), &mut rng);
    assert_eq!(laptop.space(SPACE).unwrap().plan(DOC).drafts.len(), 1);

    let items = vec![Item { entry: aside, envelope: None }];
    let frame = Down::Entries { space: SPACE, items };
    laptop.handle(Input::Frame(frame), Timestamp(12), &mut rng);
    assert_eq!(laptop.space(SPACE).unwrap().plan(DOC).drafts.len(), 0, "it left the document");
    let between = laptop.actor(SPACE, DOC, &mut rng);
    assert_ne!(between, before, "its numbers are taken");

    // The screen has not heard of it yet, and the person still writes on what left.
    document.set_actor(between);
    let changes = document.edit(&[edit]).unwrap().unwrap().raw;
    laptop.handle(Input::Edit { space: SPACE, doc: DOC, changes }, Timestamp(13), &mut rng);
    assert_ne!(laptop.actor(SPACE, DOC, &mut rng), between, "and so are these");
}

/// Returns the envelopes that effects would store.
fn stored(effects: &[Effect]) -> Vec<Envelope> {
    let writes = effects.iter().filter_map(|e| match e {
        Effect::Commit { writes, .. } => Some(writes),
        _ => None,
    });
    let puts = writes.flatten().filter_map(|w| match w {
        Write::Put { table: Table::Envelope, value, .. } => Envelope::from_bytes(&value[1..]).ok(),
        _ => None,
    });
    puts.collect()
}

#[test]
fn a_long_edit_is_kept_whole_and_lies_in_as_many_envelopes_as_it_takes() {
    let server = key(1);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let actor = laptop.actor(SPACE, DOC, &mut rng);
    let birth = Birth::new().text("note", &"甲".repeat(60_000));
    let (mut document, changes) = Document::born(DocKind::Interview, actor, &birth).unwrap();
    let mut feed = |input| laptop.handle(input, Timestamp(10), &mut rng);
    let kept = |effects: Vec<Effect>| effects.iter().any(|e| matches!(e, Effect::Commit { .. }));
    assert!(kept(feed(Input::Edit { space: SPACE, doc: DOC, changes })));
    let text: String = ["问a", "答b"].repeat(15_000).concat();
    let edit = Edit::ReplaceText { field: FieldPath::top("note"), text: text.clone() };
    let changes = document.edit(&[edit]).unwrap().unwrap().raw;
    assert!(kept(feed(Input::Edit { space: SPACE, doc: DOC, changes })));
    // Also what is written after it.
    let changes = insert_at_front(&mut document, "补");
    assert!(kept(feed(Input::Edit { space: SPACE, doc: DOC, changes })));

    let envelopes = stored(&feed(Input::Seal));
    let limits = precheck::Limits::default();
    assert!(envelopes.len() > 3);
    assert!(envelopes.iter().all(|e| precheck::check(e.payload(), &limits).is_ok()));
    let bodies: Vec<Vec<u8>> = envelopes.iter().map(|e| e.payload().to_vec()).collect();
    let said = Document::from_bodies(&bodies).unwrap();
    assert_eq!(said.reading().body, document.reading().body);
    let crate::model::Body::Interview(talk) = said.reading().body else { panic!("a talk") };
    assert_eq!(talk.note, format!("补{text}"));
}

fn insert_at_front(document: &mut Document, text: &str) -> Vec<u8> {
    let field = FieldPath::top("note");
    let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: text.into() };
    document.edit(&[edit]).unwrap().unwrap().raw
}

#[test]
fn what_the_gate_refuses_is_said_to_be_not_kept() {
    let server = key(1);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let actor = laptop.actor(SPACE, DOC, &mut rng);
    let (_, mut changes) = Document::born(DocKind::Interview, actor, &Birth::new()).unwrap();
    let whole = changes.clone();
    if let Some(last) = changes.last_mut() {
        *last ^= 1;
    }
    let mut feed = |input| laptop.handle(input, Timestamp(10), &mut rng);
    let told = feed(Input::Edit { space: SPACE, doc: DOC, changes: changes.clone() });
    assert!(matches!(&told[..], [Effect::NotKept { space: SPACE, doc: DOC, .. }]), "{told:?}");

    // What is to be said anew stays to be said, until it is kept.
    feed(Input::Edit { space: SPACE, doc: DOC, changes: whole.clone() });
    let envelopes: Vec<Digest> = stored(&feed(Input::Seal)).iter().map(Envelope::hash).collect();
    let rewritten = |changes| Input::Rewritten {
        space: SPACE,
        doc: DOC,
        envelopes: envelopes.clone(),
        changes,
    };
    let told = feed(rewritten(changes));
    assert!(matches!(&told[..], [Effect::NotKept { .. }]), "{told:?}");
    let marks = |effects: &[Effect]| {
        effects.iter().any(|e| {
            matches!(e, Effect::Commit { writes, .. } if writes.iter().any(|w| {
                matches!(w, Write::Put { table: Table::Meta, key, .. }
                    if key.starts_with(outbox::REWRITTEN))
            }))
        })
    };
    let told = feed(rewritten(Vec::new()));
    assert!(marks(&told));
}

#[test]
fn what_is_given_back_is_split_into_frames_that_pass() {
    let server = key(1);
    let first = opened(&server, &[]);
    let mut items = vec![first];
    for n in 0..12 {
        let payload = vec![n; 450 * 1024];
        let content = Content {
            codec: Codec::Command,
            space: SPACE,
            doc: DOC,
            session: NONCE,
            seq: u64::from(n),
            prev: None,
            changes: None,
            claimed_at: Timestamp(6),
            payload: &payload,
        };
        let envelope = Envelope::seal(content, &key(2));
        let saying = Saying {
            epoch: Epoch::default(),
            space: SPACE,
            after: items.last().unwrap().entry.cursor(),
            at: Timestamp(7),
            envelope: Some(envelope.hash()),
            verdict: Verdict::Accepted,
            events: Vec::new(),
        };
        items.push(Item { entry: Entry::sign(saying, &server), envelope: Some(envelope) });
    }
    let frames = give_backs(SPACE, items.clone());
    assert!(frames.iter().all(|f| cbor::to_vec(f).len() <= crate::journal::frame::MAX_FRAME));
    let whole: Vec<Item> = frames
        .into_iter()
        .flat_map(|f| if let Up::GiveBack { items, .. } = f { items } else { Vec::new() })
        .collect();
    assert_eq!(whole, items);
}

/// A laptop whose courier brought a space that knows these devices.
fn with_peers(
    server: &SigningKey,
    peers: &[&SigningKey],
    envelopes: Vec<Envelope>,
    rng: &mut ChaCha8Rng,
) -> (Laptop, Vec<Effect>) {
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let courier = Courier { items: vec![opened(server, peers)], envelopes };
    let effects = laptop.handle(Input::Courier(courier), Timestamp(10), rng);
    (laptop, effects)
}

fn asks(by: &SigningKey, seq: u64, basis: Vec<Digest>) -> Envelope {
    let request = Request { basis, command: drop_it() };
    let content = Content {
        codec: Codec::Command,
        space: SPACE,
        doc: DOC,
        session: NONCE,
        seq,
        prev: None,
        changes: None,
        claimed_at: Timestamp(6),
        payload: &cbor::to_named(&request),
    };
    Envelope::seal(content, by)
}

fn drop_it() -> crate::workflow::Command {
    crate::workflow::Command::Drop { reason: "另案处理".into() }
}

#[test]
fn a_request_rests_on_no_others_of_a_courier_unless_it_is_said() {
    let (server, peer) = (key(1), key(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    // What it rests on is nowhere: it is never decided.
    let stuck = asks(&peer, 0, vec![Digest([7; 32])]);
    let stuck_is = stuck.hash();
    let (mut laptop, _) = with_peers(&server, &[&peer], vec![stuck], &mut rng);
    let mut ask = |basis| {
        let request = Request { basis, command: drop_it() };
        let input = Input::Ask { space: SPACE, doc: DOC, request };
        let sealed = stored(&laptop.handle(input, Timestamp(11), &mut rng)).remove(0);
        (sealed.hash(), cbor::from_named::<Request>(sealed.payload()).unwrap().basis)
    };
    let (first, basis) = ask(Vec::new());
    assert_eq!(basis, []);
    let (_, basis) = ask(vec![stuck_is]);
    assert_eq!(basis, [stuck_is, first], "what is named, and this device's own");
}

#[test]
fn the_last_place_of_a_chain_is_no_end_of_a_laptop() {
    let (server, peer) = (key(1), key(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let last = asks(&peer, u64::MAX, Vec::new());
    let (mut laptop, _) = with_peers(&server, &[&peer], vec![last], &mut rng);
    let envelopes = vec![asks(&peer, u64::MAX, vec![Digest([7; 32])]), asks(&peer, 3, Vec::new())];
    let courier = Courier { items: Vec::new(), envelopes };
    laptop.handle(Input::Courier(courier), Timestamp(10), &mut rng);
    let chains = laptop.space(SPACE).unwrap().chains();
    assert_eq!((chains[0].held, chains[0].end.next), (3, u64::MAX));
}

#[test]
fn an_envelope_is_asked_for_once_in_a_contact() {
    let (server, peer) = (key(1), key(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut laptop, _) = with_peers(&server, &[&peer], Vec::new(), &mut rng);
    let missing = asks(&peer, 0, Vec::new());
    let mut after = opened(&server, &[&peer]).entry.cursor();
    let items: Vec<Item> = (0..4)
        .map(|n| {
            let saying = Saying {
                epoch: Epoch::default(),
                space: SPACE,
                after,
                at: Timestamp(7),
                envelope: (n == 0).then(|| missing.hash()),
                verdict: if n == 0 { Verdict::Accepted } else { Verdict::Own },
                events: Vec::new(),
            };
            let entry = Entry::sign(saying, &server);
            after = entry.cursor();
            Item { entry, envelope: None }
        })
        .collect();
    let wants = |effects: &[Effect]| {
        effects.iter().filter(|e| matches!(e, Effect::Send(Up::Want { .. }))).count()
    };
    let mut feed = |input| laptop.handle(input, Timestamp(10), &mut rng);
    let entries = || Input::Frame(Down::Entries { space: SPACE, items: items.clone() });
    assert_eq!(wants(&feed(entries())), 1);
    feed(Input::Connected);
    assert_eq!(wants(&feed(entries())), 1, "once more with the next contact");
    feed(Input::Frame(Down::Envelopes { envelopes: vec![missing] }));
    assert_eq!(laptop.space(SPACE).unwrap().head().pos, 5);
}

#[test]
fn what_was_given_up_is_unsaid_until_it_is_said_anew() {
    let server = key(1);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let actor = laptop.actor(SPACE, DOC, &mut rng);
    let (_, changes) = Document::born(DocKind::Interview, actor, &Birth::new()).unwrap();
    laptop.handle(Input::Edit { space: SPACE, doc: DOC, changes }, Timestamp(10), &mut rng);
    let mine = stored(&laptop.handle(Input::Seal, Timestamp(10), &mut rng)).remove(0).hash();
    let unsaid = |laptop: &Laptop| -> Vec<Digest> {
        laptop.space(SPACE).unwrap().unsaid().map(|(hash, _)| *hash).collect()
    };
    assert_eq!(unsaid(&laptop), []);

    let why = Reject::ChainForked { known_at: Cursor::default() };
    let frame = Down::Rejected { envelope: mine, why };
    laptop.handle(Input::Frame(frame), Timestamp(11), &mut rng);
    assert_eq!(laptop.space(SPACE).unwrap().undecided().count(), 0);
    assert_eq!(unsaid(&laptop), [mine], "nothing else holds it");

    let actor = laptop.actor(SPACE, DOC, &mut rng);
    let (_, changes) = Document::born(DocKind::Interview, actor, &Birth::new()).unwrap();
    let input = Input::Rewritten { space: SPACE, doc: DOC, envelopes: vec![mine], changes };
    laptop.handle(input, Timestamp(12), &mut rng);
    assert_eq!(unsaid(&laptop), []);
}

#[test]
fn a_request_names_only_what_nothing_else_it_names_rests_on() {
    let (server, mine) = (key(1), key(4));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, mine, server.verifying_key(), Loaded::default());
    let mut ask = |doc: DocId, basis: Vec<Digest>| {
        let request = Request { basis, command: Command::Return { notes: Vec::new() } };
        laptop.handle(Input::Ask { space: SPACE, doc, request }, Timestamp(10), &mut rng);
        let asked = laptop.space(SPACE).unwrap().requests().last().unwrap();
        (*asked.0, asked.1.request.clone().unwrap().basis)
    };
    let (first, _) = ask(DOC, Vec::new());
    let (second, rests) = ask(DOC, Vec::new());
    assert_eq!(rests, [first]);
    let (third, rests) = ask(DOC, Vec::new());
    assert_eq!(rests, [second], "which rests on the first");

    // As many records as there may be, and one more: the oldest is decided first anyway.
    let mut all = vec![third];
    for n in 0..MAX_BASIS {
        let mut id = [9; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        all.push(ask(DocId::from_bytes(id), Vec::new()).0);
    }
    let (_, rests) = ask(DocId::from_bytes([10; 16]), all.clone());
    assert_eq!(rests, all[1..]);
}

#[test]
fn an_envelope_with_a_ruined_signature_is_asked_for_though_its_entry_holds() {
    let (server, author) = (key(1), key(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, key(4), server.verifying_key(), Loaded::default());
    let (_, birth) = Document::born(DocKind::Interview, actor(&author), &Birth::new()).unwrap();
    let whole = sealed(&author, 0, None, &birth);
    let mut bytes = whole.to_bytes();
    let header = crate::journal::cbor::to_vec(whole.header()).len();
    let at = bytes[header..].windows(2).position(|w| w == [0x58, 64]).unwrap();
    bytes[header + at + 2] ^= 1;
    let ruined = Envelope::from_bytes(&bytes).unwrap();
    assert_eq!(ruined.hash(), whole.hash());

    let first = opened(&server, &[&author]);
    let main = Entry::sign(
        Saying {
            epoch: Epoch::default(),
            space: SPACE,
            after: first.entry.cursor(),
            at: Timestamp(7),
            envelope: Some(whole.hash()),
            verdict: Verdict::Main,
            events: Vec::new(),
        },
        &server,
    );
    let items = vec![first, Item { entry: main, envelope: Some(ruined.clone()) }];
    let mut hears = |frame| laptop.handle(Input::Frame(frame), Timestamp(10), &mut rng);
    let done = hears(Down::Entries { space: SPACE, items });
    let asked = |e: &Effect| matches!(e, Effect::Send(Up::Want { envelopes, .. }) if envelopes[..] == [whole.hash()]);
    assert_eq!(done.iter().filter(|e| asked(e)).count(), 1);
    let done = hears(Down::Envelopes { envelopes: vec![ruined] });
    assert!(!done.iter().any(asked), "not again and again");
    hears(Down::Envelopes { envelopes: vec![whole.clone()] });
    let kept = laptop.space(SPACE).unwrap().envelope(&whole.hash());
    assert!(kept.is_some_and(|k| k.decided.is_some()));
}

#[test]
fn what_waits_for_something_that_is_not_here_is_told_apart() {
    let (server, peer, other) = (key(1), key(2), key(3));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let comes = asks(&other, 0, Vec::new());
    let rests = asks(&other, 1, vec![comes.hash()]);
    let nowhere = asks(&peer, 0, vec![Digest([7; 32])]);
    let on_that = asks(&peer, 0, vec![nowhere.hash()]);
    let stuck: std::collections::BTreeSet<Digest> = [&nowhere, &on_that].map(|e| e.hash()).into();
    let envelopes = vec![on_that, comes, rests, nowhere];
    let (laptop, _) = with_peers(&server, &[&peer, &other], envelopes, &mut rng);
    assert_eq!(laptop.space(SPACE).unwrap().stuck(), stuck);
}

#[test]
fn what_comes_after_a_gap_waits() {
    let (server, peer) = (key(1), key(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let actor = actor(&peer);
    let (born, birth) = Document::born(DocKind::Interview, actor, &Birth::new()).unwrap();
    let missing = sealed(&peer, 0, None, &birth);
    let after = sealed(&peer, 1, Some(missing.hash()), &insert(&born, &peer, "一"));
    let after_is = after.hash();
    let (mut laptop, _) = with_peers(&server, &[&peer], vec![after], &mut rng);
    assert_eq!(laptop.space(SPACE).unwrap().stuck(), [after_is].into());
    let courier = Courier { items: Vec::new(), envelopes: vec![missing] };
    laptop.handle(Input::Courier(courier), Timestamp(11), &mut rng);
    assert_eq!(laptop.space(SPACE).unwrap().stuck(), [].into());
}

#[test]
fn what_a_stick_brought_under_anothers_actor_is_not_applied_after_an_unlock_either() {
    let (server, peer, hostile) = (key(1), key(2), key(3));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (_, birth) = Document::born(DocKind::Interview, actor(&peer), &Birth::new()).unwrap();
    let stolen = sealed(&hostile, 0, None, &birth);
    let entry = opened(&server, &[&peer, &hostile]).entry;
    let row = [&[Origin::Courier as u8][..], &stolen.to_bytes()].concat();
    let loaded = Loaded {
        envelopes: vec![(stolen.hash().as_bytes().to_vec(), row)],
        entries: vec![(Vec::new(), entry.to_bytes())],
        ..Loaded::default()
    };
    let (mut laptop, notes) = Laptop::load(me, key(4), server.verifying_key(), loaded);
    assert_eq!(notes, []);
    let done = laptop.handle(Input::Connected, Timestamp(10), &mut rng);
    assert_eq!(asked(&done), None, "not even the sandbox hears of it");
    let offered = done
        .iter()
        .any(|e| matches!(e, Effect::Offer { envelopes } if envelopes == &[stolen.hash()]));
    assert!(offered, "the server judges it");
}

#[test]
fn what_a_courier_brought_the_verdict_of_is_offered_until_it_is_receipted() {
    let (server, mine) = (key(1), key(4));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let me = PersonId::from_bytes([4; 16]);
    let (mut laptop, _) = Laptop::load(me, mine, server.verifying_key(), Loaded::default());
    let actor = laptop.actor(SPACE, DOC, &mut rng);
    let (_, changes) = Document::born(DocKind::Interview, actor, &Birth::new()).unwrap();
    let mut feed = |input| {
        let (mut todo, mut out) = (vec![input], Vec::new());
        while let Some(input) = todo.pop() {
            for effect in laptop.handle(input, Timestamp(10), &mut rng) {
                match effect {
                    Effect::Commit { ticket, .. } => todo.push(Input::Committed(ticket)),
                    other => out.push(other),
                }
            }
        }
        out
    };
    let told = |done: &[Effect]| {
        done.iter().find_map(|e| match e {
            Effect::Note(Note::Sealed { envelope, .. }) => Some(*envelope),
            _ => None,
        })
    };
    feed(Input::Edit { space: SPACE, doc: DOC, changes });
    let envelope = told(&feed(Input::Seal)).unwrap();
    let first = opened(&server, &[&key(4)]);
    let saying = Saying {
        epoch: Epoch::default(),
        space: SPACE,
        after: first.entry.cursor(),
        at: Timestamp(7),
        envelope: Some(envelope),
        verdict: Verdict::Main,
        events: Vec::new(),
    };
    let main = Item { entry: Entry::sign(saying, &server), envelope: None };
    let cursor = main.entry.cursor();
    feed(Input::Courier(Courier { items: vec![first, main], envelopes: Vec::new() }));

    let asked = |done: &[Effect]| {
        done.iter().any(|e| matches!(e, Effect::Offer { envelopes } if envelopes[..] == [envelope]))
    };
    let head = || Input::Frame(Down::Head { space: SPACE, cursor });
    assert!(!asked(&feed(Input::Connected)), "not before the server's journal is ours");
    assert!(asked(&feed(head())));
    assert!(!asked(&feed(head())), "once in a contact");
    feed(Input::Disconnected);
    feed(Input::Connected);
    assert!(asked(&feed(head())), "the answer was lost");
    let body = ReceiptBody { epoch: Epoch::default(), at: Timestamp(9), envelopes: vec![envelope] };
    let done = feed(Input::Frame(Down::Receipt(Receipt::sign(&body, &server))));
    let received = Note::Received { envelopes: vec![envelope] };
    assert!(done.iter().any(|e| matches!(e, Effect::Note(note) if *note == received)));
    feed(Input::Disconnected);
    feed(Input::Connected);
    assert!(!asked(&feed(head())));
}
