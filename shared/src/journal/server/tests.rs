//! What is told of the server's end in a few inputs; the simulation plays the rest.
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
    journal::{
        envelope::{Codec, Content, SessionNonce},
        frame::{Item, Reject},
    },
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
