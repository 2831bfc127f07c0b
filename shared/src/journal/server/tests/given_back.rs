//! What a laptop gives back to a server that was restored from an older copy.
use super::*;
use crate::journal::cbor;

const CONN: Conn = Conn(1);

/// The same envelope with another signature: its hash does not tell.
fn ruined(envelope: &Envelope) -> Envelope {
    let mut bytes = envelope.to_bytes();
    let header = cbor::to_vec(envelope.header()).len();
    // A byte string of 64 bytes, behind the header.
    let at = bytes[header..].windows(2).position(|w| w == [0x58, 64]).expect("a signature");
    bytes[header + at + 2] ^= 1;
    Envelope::from_bytes(&bytes).expect("the form is kept")
}

/// The envelopes and entries that a server writes back.
fn taken(effects: &[Effect]) -> (Vec<Envelope>, usize) {
    let writes = effects.iter().filter_map(|e| match e {
        Effect::Commit { writes, .. } => Some(writes),
        _ => None,
    });
    let (mut envelopes, mut entries) = (Vec::new(), 0);
    for write in writes.flatten() {
        match write {
            Write::Envelope(envelope) => envelopes.push(envelope.clone()),
            Write::Entry(_) => entries += 1,
            _ => {}
        }
    }
    (envelopes, entries)
}

#[test]
fn an_envelope_comes_back_only_with_the_signature_of_its_device() {
    let mut bench = Bench::new();
    let (person, _, space, laptop) = with_a_member(&mut bench);
    let before = bench.disk.entries.len();
    // After the backup another device of the member is enrolled and says something.
    let second = key(3);
    let device = second.verifying_key();
    bench.feed(Input::Enrol { person, key: device, name: "本二".into() });
    bench.feed(Input::Connected { conn: CONN, device: device.device_id() });
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
    let envelope = Envelope::seal(content, &second);
    let frame = Up::Push { envelopes: vec![envelope.clone()] };
    bench.feed(Input::Frame { conn: CONN, frame });

    let mut copy = std::mem::take(&mut bench.disk);
    copy.envelopes.clear();
    let lost: Vec<Entry> =
        copy.entries.split_off(before).into_iter().filter(|e| e.body().space == space).collect();
    bench.server = Server::load(key(1), copy);
    let device = laptop.verifying_key().device_id();
    bench.feed(Input::Connected { conn: CONN, device });
    let mut gives = |envelope: &Envelope| {
        let item = |entry: &Entry| Item {
            entry: entry.clone(),
            envelope: entry.body().envelope.map(|_| envelope.clone()),
        };
        let items = lost.iter().map(item).collect();
        let frame = Up::GiveBack { space, items };
        let done = bench.server.handle(Input::Frame { conn: CONN, frame }, NOW, &mut bench.rng);
        bench.server.reloading = false;
        taken(&done)
    };
    let all = lost.len();
    assert_eq!(gives(&ruined(&envelope)), (Vec::new(), all - 1), "what comes before it is good");
    assert_eq!(gives(&envelope), (vec![envelope.clone()], all));
}
