//! Devices: who is certified where, and how much each may ask for.
use super::*;
use crate::model::round::Role;

fn member(person: PersonId) -> DocEvent {
    DocEvent::space(Event::MemberSet {
        person,
        name: "张某".into(),
        post: String::new(),
        roles: vec![Role::Member],
        from: NOW,
        until: None,
    })
}

fn enrol(bench: &mut Bench, person: PersonId, device: &SigningKey) {
    let key = device.verifying_key();
    bench.feed(Input::Enrol { person, key, name: "本一".into() });
}

fn is_known(bench: &Bench, space: SpaceId, device: &SigningKey) -> bool {
    let device = device.verifying_key().device_id();
    bench.server.space(space).is_some_and(|s| s.state().device(device).is_some())
}

#[test]
fn a_revoked_device_is_certified_nowhere_when_it_is_enrolled_again() {
    let mut bench = Bench::new();
    let (person, _, _, laptop) = with_a_member(&mut bench);
    let device = laptop.verifying_key().device_id();
    bench.feed(Input::Revoke { device, reason: "遗失".into() });
    let later = SpaceId::from_bytes([5; 16]);
    let words = vec![opened(later, SpaceKind::Engagement), member(person)];
    bench.feed(Input::Say(vec![(later, words)]));
    enrol(&mut bench, person, &laptop);
    assert!(!is_known(&bench, later, &laptop));
    let other = key(3);
    enrol(&mut bench, person, &other);
    assert!(is_known(&bench, later, &other));
}

#[test]
fn a_device_is_one_persons() {
    let mut bench = Bench::new();
    let (_, _, space, laptop) = with_a_member(&mut bench);
    let other = PersonId::from_bytes([6; 16]);
    let (control, theirs) = (ids::control_space(other), SpaceId::from_bytes([7; 16]));
    bench.feed(Input::Say(vec![
        (control, vec![opened(control, SpaceKind::Control { person: other })]),
        (theirs, vec![opened(theirs, SpaceKind::Engagement), member(other)]),
    ]));
    enrol(&mut bench, other, &laptop);
    assert!(is_known(&bench, space, &laptop));
    assert!(!is_known(&bench, control, &laptop) && !is_known(&bench, theirs, &laptop));
}

#[test]
fn what_is_asked_for_twice_is_fetched_once() {
    let mut bench = Bench::new();
    let (_, _, space, laptop) = with_a_member(&mut bench);
    let conn = Conn(1);
    bench.feed(Input::Connected { conn, device: laptop.verifying_key().device_id() });
    let content = Content {
        codec: Codec::Command,
        space,
        doc: DocId::from_bytes([8; 16]),
        session: SessionNonce([9; 16]),
        seq: 0,
        prev: None,
        changes: None,
        claimed_at: NOW,
        payload: b"one",
    };
    let envelope = Envelope::seal(content, &laptop);
    let hash = envelope.hash();
    bench.feed(Input::Frame { conn, frame: Up::Push { envelopes: vec![envelope] } });
    let mut fetched = |envelopes: Vec<Digest>| -> Vec<Vec<Digest>> {
        let done = bench.feed(Input::Frame { conn, frame: Up::Want { space, envelopes } });
        done.into_iter()
            .filter_map(|e| match e {
                Effect::Fetch { envelopes, .. } => Some(envelopes),
                _ => None,
            })
            .collect()
    };
    assert_eq!(fetched(vec![hash; 5000]), [vec![hash]]);
    assert!(fetched(vec![Digest([1; 32])]).is_empty(), "it is not held");
}
