//! What waits for something else, and what it costs those who do not wait.
use super::*;
use crate::{
    journal::{
        cbor, changes::Status, entry::Verdict, envelope::MAX_BASIS, precheck::ChangeHeader,
        server::space::Doc,
    },
    workflow::{Command, Refusal, Request},
};

const CONN: Conn = Conn(1);

/// The n-th request of a laptop about a record of its own; the rules refuse it.
fn request(laptop: &SigningKey, space: SpaceId, n: u8, basis: &[Digest]) -> Envelope {
    let command = Command::Return { notes: Vec::new() };
    let payload = cbor::to_named(&Request { basis: basis.to_vec(), command });
    let content = Content {
        codec: Codec::Command,
        space,
        doc: DocId::from_bytes([n; 16]),
        session: SessionNonce([n; 16]),
        seq: 0,
        prev: None,
        changes: None,
        claimed_at: NOW,
        payload: &payload,
    };
    Envelope::seal(content, laptop)
}

fn connected() -> (Bench, SpaceId, SigningKey) {
    let mut bench = Bench::new();
    let (_, _, space, laptop) = with_a_member(&mut bench);
    let device = laptop.verifying_key().device_id();
    bench.feed(Input::Connected { conn: CONN, device });
    (bench, space, laptop)
}

fn push(bench: &mut Bench, envelopes: &[&Envelope]) -> Vec<Effect> {
    let envelopes = envelopes.iter().map(|e| (*e).clone()).collect();
    bench.feed(Input::Frame { conn: CONN, frame: Up::Push { envelopes } })
}

fn verdict(bench: &Bench, of: &Envelope) -> Option<Verdict> {
    let about = |e: &&Entry| e.body().envelope == Some(of.hash());
    bench.disk.entries.iter().find(about).and_then(|e| e.verdict().cloned())
}

#[test]
fn a_request_that_rests_on_more_than_is_allowed_is_not_stored() {
    let (mut bench, space, laptop) = connected();
    let basis = |n: usize| (0..n).map(|i| Digest([i as u8; 32])).collect::<Vec<_>>();
    let most = request(&laptop, space, 20, &basis(MAX_BASIS));
    let more = request(&laptop, space, 21, &basis(MAX_BASIS + 1));
    let done = push(&mut bench, &[&most, &more]);
    let refused: Vec<(Digest, Reject)> = done
        .into_iter()
        .filter_map(|e| match e {
            Effect::Send { frame: Down::Rejected { envelope, why }, .. } => Some((envelope, why)),
            _ => None,
        })
        .collect();
    assert!(matches!(&refused[..], [(hash, Reject::BadBody { .. })] if *hash == more.hash()));
    let kept = bench.server.space(space).map(|s| (s.holds(&most.hash()), s.holds(&more.hash())));
    assert_eq!(kept, Some((true, false)));
}

#[test]
fn a_request_is_looked_at_again_only_when_what_it_waits_for_is_decided() {
    let (mut bench, space, laptop) = connected();
    let never = Digest([9; 32]);
    let awaited = request(&laptop, space, 20, &[]);
    let on_it = request(&laptop, space, 21, &[awaited.hash(), never]);
    let on_that = request(&laptop, space, 22, &[on_it.hash()]);
    let for_ever = request(&laptop, space, 23, &[never, awaited.hash()]);
    push(&mut bench, &[&on_that, &for_ever, &on_it]);
    let waiting = |bench: &Bench| -> BTreeMap<Digest, Vec<Digest>> {
        let patient = bench.server.space(space).map(|s| s.patient.clone()).unwrap_or_default();
        patient.into_iter().map(|(on, who)| (on, who.into_iter().collect())).collect()
    };
    // Each stands in one place only, under the first that is not decided.
    let before = BTreeMap::from([
        (awaited.hash(), vec![on_it.hash()]),
        (on_it.hash(), vec![on_that.hash()]),
        (never, vec![for_ever.hash()]),
    ]);
    assert_eq!(waiting(&bench), before);

    let other = request(&laptop, space, 24, &[]);
    push(&mut bench, &[&other]);
    assert_eq!(waiting(&bench), before, "another's verdict stirs none of them");

    push(&mut bench, &[&awaited]);
    let refused =
        |on: &Envelope| Some(Verdict::Declined(Refusal::BasisRefused { basis: on.hash() }));
    assert_eq!(verdict(&bench, &on_it), refused(&awaited));
    assert_eq!(verdict(&bench, &on_that), refused(&on_it));
    assert_eq!(verdict(&bench, &for_ever), None);
    assert_eq!(waiting(&bench), BTreeMap::from([(never, vec![for_ever.hash()])]));
}

#[test]
fn requests_that_wait_are_found_again_after_a_restart() {
    let (mut bench, space, laptop) = connected();
    let awaited = request(&laptop, space, 20, &[]);
    let on_it = request(&laptop, space, 21, &[awaited.hash()]);
    push(&mut bench, &[&on_it]);
    bench.restart();
    bench.feed(Input::Tick);
    let device = laptop.verifying_key().device_id();
    bench.feed(Input::Connected { conn: CONN, device });
    push(&mut bench, &[&awaited]);
    let refused = Refusal::BasisRefused { basis: awaited.hash() };
    assert_eq!(verdict(&bench, &on_it), Some(Verdict::Declined(refused)));
}

fn change(n: u8, deps: &[u8]) -> ChangeHeader {
    ChangeHeader {
        hash: ChangeHash([n; 32]),
        actor: [n; 16],
        seq: 1,
        start_op: 1,
        max_op: 1,
        deps: deps.iter().map(|d| ChangeHash([*d; 32])).collect(),
        ops: 1,
        start: 0,
        len: 0,
    }
}

#[test]
fn held_content_is_looked_at_again_when_all_it_rests_on_is_decided_or_one_is_refused() {
    let mut doc = Doc::default();
    let [one, other] = [1, 2].map(|n| Digest([n; 32]));
    doc.hold(one, &[change(10, &[1, 2])]);
    doc.hold(other, &[change(20, &[2, 3]), change(21, &[20, 4])]);
    let mut decided = |n, status| {
        doc.index.settle(&[change(n, &[])], status);
        doc.said_of(&[change(n, &[])]);
        std::mem::take(&mut doc.stirred)
    };
    assert_eq!(decided(9, Status::Main), [], "nobody waits for it");
    assert_eq!(decided(1, Status::Main), [], "it rests on another");
    assert_eq!(decided(2, Status::Aside), [one]);
    assert_eq!(decided(4, Status::Refused), [other], "whatever else it rests on");
    assert_eq!(doc.awaited.len(), 1, "what is decided is awaited by none");
}
