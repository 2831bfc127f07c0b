#![allow(clippy::unwrap_used)]
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use super::*;
use crate::{
    crypto::{Secret, SigningKey},
    journal::{
        entry::{Cursor, Entry, Epoch, Saying, Verdict},
        envelope::{Codec, Content, Envelope, SessionNonce},
        frame::Item,
    },
    model::{Digest, DocId, SpaceId, Timestamp},
};

fn key(fill: u8) -> SigningKey {
    SigningKey::from_secret(&Secret::copy_from(&[fill; 32]))
}

const SPACE: SpaceId = SpaceId::from_bytes([7; 16]);

fn envelope(seq: u64) -> Envelope {
    let text = format!("李某陈述第{seq}条");
    let content = Content {
        codec: Codec::Command,
        space: SPACE,
        doc: DocId::from_bytes([8; 16]),
        session: SessionNonce([9; 16]),
        seq,
        prev: None,
        changes: None,
        claimed_at: Timestamp(1),
        payload: text.as_bytes(),
    };
    Envelope::seal(content, &key(1))
}

fn item() -> Item {
    let entry = Entry::sign(
        Saying {
            epoch: Epoch::default(),
            space: SPACE,
            after: Cursor::default(),
            at: Timestamp(5),
            envelope: None,
            verdict: Verdict::Own,
            events: Vec::new(),
        },
        &key(9),
    );
    Item { entry, envelope: None }
}

fn manifest(records: u64) -> Manifest {
    Manifest {
        maker: key(1).verifying_key(),
        made_at: Timestamp(10),
        server: key(9).verifying_key(),
        training: true,
        readers: Vec::new(),
        spaces: Vec::new(),
        files: Vec::new(),
        records,
    }
}

/// An entry, three envelopes and a piece of a file, for the devices 2 and 3.
fn bundle() -> Vec<u8> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let readers = [key(2).verifying_key(), key(3).verifying_key()];
    let (mut writer, mut out) = Writer::begin(manifest(5), &readers, &key(1), &mut rng).unwrap();
    out.extend(writer.item(&item(), &mut rng).unwrap());
    for seq in 0..3 {
        out.extend(writer.envelope(&envelope(seq), &mut rng).unwrap());
    }
    out.extend(writer.piece(Digest([4; 32]), 0, vec![5; 1000], &mut rng).unwrap());
    out.extend(writer.end(&key(1), &mut rng).unwrap());
    out
}

/// Reads all there is, and how it ends.
fn read(bytes: &[u8], me: u8, step: usize) -> (Vec<Record>, Result<(), BundleError>) {
    let me = key(me);
    let mut reader = Reader::new(&me);
    let mut records = Vec::new();
    for bytes in bytes.chunks(step) {
        reader.push(bytes);
        loop {
            match reader.next_record() {
                Ok(Some(record)) => records.push(record),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(reader.next_record(), Err(error.clone()), "the same again");
                    return (records, Err(error));
                }
            }
        }
    }
    (records, reader.finish())
}

#[test]
fn every_reader_reads_all_of_it_however_it_is_cut_into_pieces() {
    let bytes = bundle();
    let (records, end) = read(&bytes, 2, bytes.len());
    assert_eq!(end, Ok(()));
    assert_eq!(records.len(), 6);
    assert!(matches!(&records[0], Record::Manifest(m) if m.readers.len() == 2));
    assert_eq!(records[1], Record::Item(item()));
    assert_eq!(records[4], Record::Envelope(envelope(2)));
    for step in [1, 7, 4096] {
        assert_eq!(read(&bytes, 3, step), (records.clone(), Ok(())));
    }
}

#[test]
fn whoever_is_no_reader_learns_that_and_nothing_else() {
    let (records, end) = read(&bundle(), 4, 100);
    assert_eq!((records.len(), end), (0, Err(BundleError::Foreign(Foreign::Reader))));
}

#[test]
fn a_file_cut_anywhere_gives_what_was_before_the_cut_and_says_how_much_that_is() {
    let bytes = bundle();
    let (whole, _) = read(&bytes, 2, bytes.len());
    let mut most = 0;
    for at in 0..bytes.len() {
        let (records, end) = read(&bytes[..at], 2, 4096);
        assert_eq!(records[..], whole[..records.len()], "cut at {at}");
        let manifest = !records.is_empty();
        let have = records.len().saturating_sub(1) as u64;
        let of = manifest.then_some(5);
        assert_eq!(end, Err(BundleError::Truncated { have, of }), "cut at {at}");
        most = most.max(have);
    }
    assert_eq!(most, 5);
}

#[test]
fn a_changed_byte_is_found_and_what_was_before_it_stands() {
    let bytes = bundle();
    let (whole, _) = read(&bytes, 2, bytes.len());
    for at in (0..bytes.len()).step_by(3) {
        let mut bad = bytes.clone();
        bad[at] ^= 0x10;
        let (records, end) = read(&bad, 2, 4096);
        assert!(end.is_err(), "byte {at}");
        assert_eq!(records[..], whole[..records.len()], "byte {at}");
    }
}

#[test]
fn records_left_out_or_exchanged_are_found() {
    let bytes = bundle();
    let slots = HEAD_LEN + 2 * crate::crypto::envelope_to::SLOT_LEN;
    let mut parts = Vec::new();
    let mut at = slots;
    while at < bytes.len() {
        let len = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        parts.push(&bytes[at..at + 4 + len]);
        at += 4 + len;
    }
    let join = |order: &[usize]| {
        let mut out = bytes[..slots].to_vec();
        order.iter().for_each(|i| out.extend_from_slice(parts[*i]));
        out
    };
    assert_eq!(join(&[0, 1, 2, 3, 4, 5, 6]), bytes);
    for order in [&[0, 1, 3, 2, 4, 5, 6][..], &[0, 1, 2, 3, 5, 6], &[0, 1, 2, 2, 3, 4, 5, 6]] {
        let (_, end) = read(&join(order), 2, 4096);
        assert!(
            matches!(end, Err(BundleError::Damaged { what: Damage::Seal, .. })),
            "{order:?}: {end:?}"
        );
    }
    let mut longer = bytes.clone();
    longer.push(0);
    let end = read(&longer, 2, longer.len()).1;
    let at = bytes.len() as u64;
    assert_eq!(end, Err(BundleError::Damaged { at, what: Damage::AfterEnd }));
}

#[test]
fn other_files_and_newer_versions_are_named() {
    assert_eq!(read("# 会议纪要\n".as_bytes(), 2, 5).1, Err(BundleError::NotABundle));
    let mut newer = bundle();
    newer[MAGIC.len()] = 2;
    assert_eq!(read(&newer, 2, 4096).1, Err(BundleError::Version(2)));
    let mut long = bundle();
    let at = HEAD_LEN + 2 * crate::crypto::envelope_to::SLOT_LEN;
    long[at..at + 4].fill(0xff);
    let damage = BundleError::Damaged { at: at as u64, what: Damage::Length };
    assert_eq!(read(&long, 2, 4096).1, Err(damage));
}

#[test]
fn a_reader_cannot_pass_his_own_words_off_as_the_makers() {
    // Everybody can seal for a reader; the manifest shows who really did.
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let readers = [key(2).verifying_key()];
    let (writer, mut out) = Writer::begin(manifest(0), &readers, &key(5), &mut rng).unwrap();
    out.extend(writer.end(&key(5), &mut rng).unwrap());
    let (records, end) = read(&out, 2, 4096);
    assert!(records.is_empty());
    assert!(matches!(end, Err(BundleError::Damaged { what: Damage::Signature, .. })));
}

#[test]
fn rounds_are_never_mixed() {
    let manifest = manifest(0);
    assert_eq!(manifest.check_round(&key(9).verifying_key(), true), Ok(()));
    assert_eq!(
        manifest.check_round(&key(8).verifying_key(), true),
        Err(BundleError::Foreign(Foreign::Round))
    );
    assert_eq!(
        manifest.check_round(&key(9).verifying_key(), false),
        Err(BundleError::Foreign(Foreign::Training))
    );
}

#[test]
fn nobody_and_too_many_are_no_readers() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let many = vec![key(2).verifying_key(); MAX_READERS + 1];
    for readers in [&many[..0], &many[..]] {
        let begun = Writer::begin(manifest(0), readers, &key(1), &mut rng);
        assert!(matches!(begun, Err(write::WriteError::Readers(n)) if n == readers.len()));
    }
}

/// Golden value: a change here changes the form of the file.
#[test]
fn a_file_has_its_fixed_form() {
    let digest = crate::crypto::hash::hash(HEADER, &[&bundle()]);
    assert_eq!((bundle().len(), digest.to_string()), (GOLDEN.0, GOLDEN.1.to_owned()));
}

const GOLDEN: (usize, &str) =
    (2879, "7d51475bc1d9801a07363d92398e1a75f5871a258c51de846c7e7d9fe5e2c48f");
