//! What is told of the server's end in a few inputs; the simulation plays the rest.
#![allow(clippy::unwrap_used)]
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

mod clock;
mod dying;
mod given_back;
mod standing;
mod waiting;

use super::*;
use crate::{
    crypto::Secret,
    doc::{
        Birth, Document, Edit, TrialRequest,
        trial::{self, Bytes},
    },
    journal::{
        entry::{Fault, Verdict},
        envelope::{self, Codec, Content, SessionNonce},
        frame::{Item, Reject},
        precheck,
    },
    model::{DocKind, FieldPath},
    workflow::{Event, SpaceInfo, SpaceKind, event::Links, ids},
};

const NOW: Timestamp = Timestamp(1_780_000_000_000);

fn key(n: u8) -> SigningKey {
    SigningKey::from_secret(&Secret::copy_from(&[n; 32]))
}

fn opened(id: SpaceId, kind: SpaceKind) -> DocEvent {
    DocEvent::space(Event::SpaceOpened(SpaceInfo {
        id,
        kind,
        title: "第一组·甲局".into(),
        round: None,
        prefix: "2026R1-G1".into(),
        group: None,
        unit: None,
        engagement: None,
        links: Links::default(),
        office_people: Vec::new(),
    }))
}

/// A server, what it has written, and the chance it draws from.
struct Bench {
    server: Server,
    disk: Loaded,
    rng: ChaCha8Rng,
    /// What the machine's clock says.
    now: Timestamp,
}

impl Bench {
    fn new() -> Self {
        let disk = Loaded::default();
        let server = Server::load(key(1), Loaded::default());
        Self { server, disk, rng: ChaCha8Rng::seed_from_u64(1), now: NOW }
    }

    fn attempts(&self, of: &Envelope) -> u32 {
        let of = |e: &&LoadedEnvelope| e.envelope.hash() == of.hash();
        self.disk.envelopes.iter().find(of).map_or(0, |e| e.attempts)
    }

    /// Loses all that is in memory.
    fn restart(&mut self) {
        let written = std::mem::take(&mut self.disk);
        self.disk.entries.clone_from(&written.entries);
        self.disk.clock = written.clock;
        self.disk.envelopes = written
            .envelopes
            .iter()
            .map(|e| LoadedEnvelope { envelope: e.envelope.clone(), attempts: e.attempts })
            .collect();
        self.server = Server::load(key(1), written);
    }

    /// Feeds an input and answers each commit; returns what else is to be done.
    fn feed(&mut self, input: Input) -> Vec<Effect> {
        let (mut todo, mut out) = (vec![input], Vec::new());
        while let Some(input) = todo.pop() {
            for effect in self.server.handle(input, self.now, &mut self.rng) {
                match effect {
                    Effect::Commit { ticket, writes } => {
                        for write in writes {
                            match write {
                                Write::Entry(entry) => self.disk.entries.push(entry),
                                Write::Envelope(envelope) => {
                                    let stored = LoadedEnvelope { envelope, attempts: 0 };
                                    self.disk.envelopes.push(stored);
                                }
                                Write::Attempt { envelope, times } => {
                                    let of =
                                        |e: &&mut LoadedEnvelope| e.envelope.hash() == envelope;
                                    let found = self.disk.envelopes.iter_mut().find(of);
                                    found.expect("a stored envelope").attempts = times;
                                }
                                Write::Clock { trusted, suspended } => {
                                    self.disk.clock = Some((trusted, suspended));
                                }
                                _ => {}
                            }
                        }
                        todo.push(Input::Committed(ticket));
                    }
                    other => out.push(other),
                }
            }
        }
        out
    }
}

/// One member's control space and a stay, with the first device of the member.
fn with_a_member(bench: &mut Bench) -> (PersonId, SpaceId, SpaceId, SigningKey) {
    let (person, space) = (PersonId::from_bytes([1; 16]), SpaceId::from_bytes([2; 16]));
    let control = ids::control_space(person);
    let member = Event::MemberSet {
        person,
        name: "张某".into(),
        post: String::new(),
        roles: vec![crate::model::round::Role::Member],
        from: NOW,
        until: None,
    };
    bench.feed(Input::Say(vec![
        (control, vec![opened(control, SpaceKind::Control { person })]),
        (space, vec![opened(space, SpaceKind::Engagement), DocEvent::space(member)]),
    ]));
    let laptop = key(2);
    bench.feed(Input::Enrol { person, key: laptop.verifying_key(), name: "本一".into() });
    (person, control, space, laptop)
}

#[test]
fn a_right_that_was_ended_stays_ended_while_a_recovery_is_under_way() {
    let mut bench = Bench::new();
    let (person, control, space, laptop) = with_a_member(&mut bench);
    let laptop = laptop.verifying_key();
    let before = bench.disk.entries.len();
    let ended = Event::MemberEnded { person, reason: "调离".into() };
    bench.feed(Input::Say(vec![(space, vec![DocEvent::space(ended)])]));

    // A recovery put other entries where those words stood; a second device is awaited.
    let mut disk = std::mem::take(&mut bench.disk);
    disk.displaced = disk.entries.split_off(before).into_iter().map(|e| (e, false)).collect();
    disk.recovering = true;
    bench.server = Server::load(key(1), disk);
    let other = key(3).verifying_key();
    bench.feed(Input::Enrol { person, key: other, name: "本二".into() });

    let conn = Conn(1);
    bench.feed(Input::Connected { conn, device: laptop.device_id() });
    let done = bench.feed(Input::Frame { conn, frame: Up::Have { spaces: Vec::new() } });
    assert!(bench.server.recovering());
    let sent: Vec<SpaceId> = done
        .iter()
        .filter_map(|e| match e {
            Effect::Stream { space, .. } => Some(*space),
            _ => None,
        })
        .collect();
    assert_eq!(sent, [control]);
}

#[test]
fn a_line_that_was_displaced_is_rewound_also_where_it_was_longer_than_ours() {
    let mut bench = Bench::new();
    let (person, _, space, laptop) = with_a_member(&mut bench);
    let before = bench.disk.entries.len();
    for _ in 0..2 {
        let ended = Event::MemberEnded { person, reason: "调离".into() };
        bench.feed(Input::Say(vec![(space, vec![DocEvent::space(ended)])]));
    }
    let mut disk = std::mem::take(&mut bench.disk);
    let line: Vec<Entry> =
        disk.entries.split_off(before).into_iter().filter(|e| e.body().space == space).collect();
    // The copy that was put back knew the first of them only, and lost it to another line.
    disk.displaced = vec![(line[0].clone(), true)];
    let stands = line[0].body().pos - 1;
    bench.server = Server::load(key(1), disk);
    let conn = Conn(1);
    bench.feed(Input::Connected { conn, device: laptop.verifying_key().device_id() });
    let items = line.into_iter().map(|entry| Item { entry, envelope: None }).collect();
    let done = bench.feed(Input::Frame { conn, frame: Up::GiveBack { space, items } });
    let rewound = done.iter().find_map(|e| match e {
        Effect::Send { frame: Down::Rewind { space, to }, .. } => Some((*space, *to)),
        _ => None,
    });
    assert_eq!(rewound, Some((space, stands)));
}

#[test]
fn a_fork_is_named_only_when_what_took_the_place_is_decided() {
    let mut bench = Bench::new();
    let (_, _, space, laptop) = with_a_member(&mut bench);
    let sealed = |payload: &[u8]| {
        let content = Content {
            codec: Codec::Command,
            space,
            doc: DocId::from_bytes([8; 16]),
            session: SessionNonce([9; 16]),
            seq: 0,
            prev: None,
            changes: None,
            claimed_at: NOW,
            payload,
        };
        Envelope::seal(content, &laptop)
    };
    let (one, other) = (sealed(b"one"), sealed(b"other"));
    let conn = Conn(1);
    bench.feed(Input::Connected { conn, device: laptop.verifying_key().device_id() });
    let push = |e: &Envelope| Input::Frame { conn, frame: Up::Push { envelopes: vec![e.clone()] } };
    let why = |done: &[Effect]| {
        done.iter().find_map(|e| match e {
            Effect::Send { frame: Down::Rejected { why, .. }, .. } => Some(why.clone()),
            _ => None,
        })
    };

    let under_way = bench.server.handle(push(&one), NOW, &mut bench.rng);
    assert_eq!(why(&bench.feed(push(&other))), Some(Reject::NotYet));
    for effect in under_way {
        if let Effect::Commit { ticket, .. } = effect {
            bench.feed(Input::Committed(ticket));
        }
    }
    let known_at = bench.server.space(space).map(|s| s.head()).unwrap_or_default();
    assert_eq!(why(&bench.feed(push(&other))), Some(Reject::ChainForked { known_at }));
}

const DOC: DocId = DocId::from_bytes([8; 16]);
const SESSION: SessionNonce = SessionNonce([9; 16]);

/// Seals changes as a device's next envelope.
fn content(by: &SigningKey, space: SpaceId, before: Option<&Envelope>, raw: &[u8]) -> Envelope {
    let changes = precheck::check(raw, &precheck::Limits::default()).unwrap();
    let content = Content {
        codec: Codec::Content,
        space,
        doc: DOC,
        session: SESSION,
        seq: before.map_or(0, |e| e.header().seq + 1),
        prev: before.map(Envelope::hash),
        changes: Some((changes[0].hash, changes[changes.len() - 1].hash)),
        claimed_at: NOW,
        payload: raw,
    };
    Envelope::seal(content, by)
}

fn inserted(onto: &mut Document, actor: [u8; 16], text: &str) -> Vec<u8> {
    onto.set_actor(actor);
    let field = FieldPath::top("note");
    let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: text.into() };
    onto.edit(&[edit]).unwrap().unwrap().raw
}

/// A stay with three devices of its member, of which one is hostile.
struct Stay {
    bench: Bench,
    space: SpaceId,
    honest: SigningKey,
    peer: SigningKey,
    hostile: SigningKey,
    /// What the honest device has written and not yet sent.
    document: Document,
    birth: Vec<u8>,
    pushed: BTreeMap<Digest, Vec<u8>>,
}

impl Stay {
    fn new() -> Self {
        let mut bench = Bench::new();
        let (person, _, space, honest) = with_a_member(&mut bench);
        let [peer, hostile] = [key(3), key(4)];
        for (conn, device) in [(1, &honest), (2, &peer), (3, &hostile)] {
            let key = device.verifying_key();
            bench.feed(Input::Enrol { person, key, name: "本".into() });
            bench.feed(Input::Connected { conn: Conn(conn), device: key.device_id() });
        }
        let actor = envelope::actor(&honest.verifying_key(), space, DOC, SESSION);
        let birth = Birth::new().text("note", "谈话");
        let (document, birth) = Document::born(DocKind::Interview, actor, &birth).unwrap();
        let pushed = BTreeMap::new();
        Self { bench, space, honest, peer, hostile, document, birth, pushed }
    }

    fn actor(&self, of: &SigningKey) -> [u8; 16] {
        envelope::actor(&of.verifying_key(), self.space, DOC, SESSION)
    }

    /// Pushes an envelope and answers trials. Returns the verdicts, in order.
    fn push(&mut self, conn: u64, envelope: &Envelope) -> Vec<(Digest, Verdict)> {
        let before = self.bench.disk.entries.len();
        self.pushed.insert(envelope.hash(), envelope.payload().to_vec());
        let bodies = |all: &[Digest], pushed: &BTreeMap<Digest, Vec<u8>>| {
            all.iter().map(|h| Bytes(pushed[h].clone())).collect::<Vec<_>>()
        };
        let frame = Up::Push { envelopes: vec![envelope.clone()] };
        let mut todo = vec![Input::Frame { conn: Conn(conn), frame }];
        while let Some(input) = todo.pop() {
            for effect in self.bench.feed(input) {
                if let Effect::Trial { ticket, later, batch, .. } = effect {
                    let report = trial::try_batch(&TrialRequest {
                        base: None,
                        later: bodies(&later, &self.pushed),
                        batch: bodies(&batch, &self.pushed),
                        ..TrialRequest::default()
                    });
                    let report = report.unwrap();
                    let per = report.per.into_iter().map(|r| r.map_err(|f| f.to_string()));
                    let per = per.collect();
                    let (saved, heads) = (report.saved.0, report.heads);
                    let trial = Trial { per, saved, heads, content: None };
                    todo.push(Input::Tried { ticket, outcome: Ok(trial) });
                }
            }
        }
        let said = &self.bench.disk.entries[before..];
        said.iter().filter_map(|e| Some((e.body().envelope?, e.verdict()?.clone()))).collect()
    }
}

#[test]
fn nobody_takes_anothers_places_with_changes_under_his_actor() {
    let mut stay = Stay::new();
    let actor = stay.actor(&stay.honest);
    // The birth is known to all; the next place of its author's actor is the honest one's.
    let birth = content(&stay.honest, stay.space, None, &stay.birth.clone());
    assert_eq!(stay.push(1, &birth), [(birth.hash(), Verdict::Main)]);
    let forged = inserted(&mut stay.document.clone(), actor, "伪");
    let forged = content(&stay.hostile, stay.space, None, &forged);
    let refused = Verdict::Malformed(Fault::Actor);
    assert_eq!(stay.push(3, &forged), [(forged.hash(), refused)]);
    let mine = inserted(&mut stay.document, actor, "真");
    let mine = content(&stay.honest, stay.space, Some(&birth), &mine);
    assert_eq!(stay.push(1, &mine), [(mine.hash(), Verdict::Main)]);
}

#[test]
fn what_a_hostile_envelope_brings_before_its_author_stays_unknown() {
    let mut stay = Stay::new();
    let birth = content(&stay.honest, stay.space, None, &stay.birth.clone());
    // A courier has brought the birth to both others: one writes on it, one seals it as his own.
    let actor = stay.actor(&stay.peer);
    let on_it = inserted(&mut stay.document.clone(), actor, "续");
    let on_it = content(&stay.peer, stay.space, None, &on_it);
    let stolen = content(&stay.hostile, stay.space, None, &stay.birth.clone());
    let refused = Verdict::Malformed(Fault::Actor);
    assert_eq!(stay.push(3, &stolen), [(stolen.hash(), refused)]);
    assert_eq!(stay.push(2, &on_it), [], "it waits for the birth");
    let both = [(birth.hash(), Verdict::Main), (on_it.hash(), Verdict::Main)];
    assert_eq!(stay.push(1, &birth), both);
}

#[test]
fn what_rests_on_a_forgery_of_its_own_device_is_refused() {
    let mut stay = Stay::new();
    let birth = content(&stay.honest, stay.space, None, &stay.birth.clone());
    stay.push(1, &birth);
    let mut document = stay.document.clone();
    let forged = inserted(&mut document, [7; 16], "伪");
    let forged = content(&stay.hostile, stay.space, None, &forged);
    let next = inserted(&mut document, stay.actor(&stay.hostile), "续");
    let next = content(&stay.hostile, stay.space, Some(&forged), &next);
    stay.push(3, &forged);
    let refused = Verdict::Malformed(Fault::FollowsRefused);
    assert_eq!(stay.push(3, &next), [(next.hash(), refused)]);
}
