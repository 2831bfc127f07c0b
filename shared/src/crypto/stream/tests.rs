#![allow(clippy::unwrap_used)]
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use super::*;

const PLACE: &[u8] = b"evidence";
const FULL: usize = 64 << 10;

fn key() -> Secret<32> {
    Secret::copy_from(&[3; 32])
}

/// Seals `plain` and returns the header and the sealed chunks.
fn sealed(plain: &[u8], seed: u64) -> ([u8; HEADER_LEN], Vec<Vec<u8>>) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let (mut sealer, header) = Sealer::new(&key(), ChunkSize::K64, PLACE, &mut rng);
    let mut chunks: Vec<Vec<u8>> = plain.chunks(FULL).map(<[u8]>::to_vec).collect();
    if chunks.is_empty() {
        chunks.push(Vec::new());
    }
    let last = chunks.len() - 1;
    for (at, chunk) in chunks.iter_mut().enumerate() {
        sealer.seal(chunk, at == last).unwrap();
    }
    (header, chunks)
}

fn opened(header: &[u8; HEADER_LEN], chunks: &[Vec<u8>]) -> Result<Vec<u8>, StreamError> {
    let mut opener = Opener::new(&key(), header, PLACE)?;
    let mut plain = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        let mut chunk = chunk.clone();
        opener.open(&mut chunk, at + 1 == chunks.len())?;
        plain.extend_from_slice(&chunk);
    }
    opener.finish()?;
    Ok(plain)
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8).collect()
}

#[test]
fn a_file_of_any_length_comes_back() {
    for len in [0, 1, FULL - 1, FULL, FULL + 1, 3 * FULL, 3 * FULL + 7] {
        let plain = content(len);
        let (header, chunks) = sealed(&plain, 1);
        let on_disk: usize = HEADER_LEN + chunks.iter().map(Vec::len).sum::<usize>();
        assert_eq!(on_disk as u64, ChunkSize::K64.sealed_len(len as u64), "{len}");
        assert_eq!(opened(&header, &chunks).unwrap(), plain, "{len}");
    }
}

#[test]
fn a_file_cut_at_a_chunk_is_noticed() {
    let (header, chunks) = sealed(&content(3 * FULL + 7), 1);
    // Read as if chunk 1 were the last, and by a reader that waits for more.
    assert_eq!(opened(&header, &chunks[..2]), Err(StreamError::Forged { index: 1 }));
    let mut opener = Opener::new(&key(), &header, PLACE).unwrap();
    opener.open(&mut chunks[0].clone(), false).unwrap();
    assert_eq!(opener.finish(), Err(StreamError::Truncated { chunks: 1 }));
}

#[test]
fn exchanged_repeated_left_out_and_foreign_chunks_are_noticed() {
    let (header, chunks) = sealed(&content(4 * FULL), 1);
    let (_, foreign) = sealed(&content(4 * FULL), 2);
    let forged = |at| Err(StreamError::Forged { index: at });
    let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut changed = chunks.clone();
        change(&mut changed);
        opened(&header, &changed)
    };
    assert_eq!(with(&|c| c.swap(1, 2)), forged(1));
    assert_eq!(with(&|c| c[2] = c[1].clone()), forged(2));
    assert_eq!(with(&|c| drop(c.remove(1))), forged(1));
    assert_eq!(with(&|c| c[3] = foreign[3].clone()), forged(3));
    assert_eq!(with(&|c| c[0][100] ^= 1), forged(0));
    assert_eq!(with(&|c| c.push(foreign[3].clone())), forged(3));
}

#[test]
fn another_header_key_or_place_opens_nothing() {
    let (header, chunks) = sealed(b"x", 1);
    for at in 0..HEADER_LEN {
        let mut changed = header;
        changed[at] ^= 1;
        assert!(opened(&changed, &chunks).is_err(), "header byte {at}");
    }
    let mut opener = Opener::new(&key(), &header, b"elsewhere").unwrap();
    let mut chunk = chunks[0].clone();
    assert_eq!(opener.open(&mut chunk, true), Err(StreamError::Forged { index: 0 }));
    assert!(chunk.is_empty());
}

#[test]
fn reading_can_start_at_any_chunk() {
    let plain = content(3 * FULL + 7);
    let (header, chunks) = sealed(&plain, 1);
    let mut opener = Opener::new(&key(), &header, PLACE).unwrap();
    opener.seek(2);
    let mut chunk = chunks[2].clone();
    opener.open(&mut chunk, false).unwrap();
    assert_eq!(chunk, plain[2 * FULL..3 * FULL]);
    assert_eq!(opener.index(), 3);
}

#[test]
fn a_sealer_keeps_to_one_spelling() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (mut sealer, _) = Sealer::new(&key(), ChunkSize::K64, PLACE, &mut rng);
    assert_eq!(
        sealer.seal(&mut vec![0; 5], false),
        Err(StreamError::Length { index: 0, found: 5 })
    );
    sealer.seal(&mut vec![0; FULL], false).unwrap();
    assert_eq!(sealer.seal(&mut Vec::new(), true), Err(StreamError::Length { index: 1, found: 0 }));
    sealer.seal(&mut vec![0; 1], true).unwrap();
    assert_eq!(sealer.seal(&mut vec![0; 1], true), Err(StreamError::AfterEnd));
}
