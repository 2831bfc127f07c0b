#![allow(clippy::unwrap_used, clippy::panic)]
use std::{collections::BTreeMap, io::Read};

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use shared::crypto::Cost;
use tempfile::TempDir;

use super::*;
use crate::laptop::vault::Vault;

const SPACE: SpaceId = SpaceId::from_bytes([3; 16]);

/// A server in memory, at the end of a road that is cut at chosen requests.
#[derive(Default)]
struct Road {
    files: BTreeMap<Digest, (Vec<u8>, bool)>,
    /// Bytes of chunks given to the road, up or down.
    sent: u64,
    requests: u64,
    /// The road is cut at every so many requests with a chunk; 0 never.
    every: u64,
    cuts: u64,
    /// Chunks on their way down are damaged instead of cut off.
    damage: bool,
}

impl Road {
    /// Says whether the road is cut now, and whether that loses half a chunk: two of three
    /// cuts fall between chunks, where only an answer is lost.
    fn cut(&mut self) -> Option<bool> {
        self.requests += 1;
        let cut = self.every > 0 && self.requests.is_multiple_of(self.every);
        self.cuts += u64::from(cut);
        cut.then(|| self.cuts.is_multiple_of(3))
    }

    fn held(&self, file: &Digest) -> Held {
        let (bytes, whole) = self.files.get(file).map_or((0, false), |(b, w)| (b.len() as u64, *w));
        Held { bytes, whole }
    }
}

impl FileRoad for Road {
    async fn head(&mut self, _: SpaceId, file: Digest) -> Result<Held, RoadError> {
        Ok(self.held(&file))
    }

    async fn put(
        &mut self,
        _: SpaceId,
        file: Digest,
        total: u64,
        chunk: Chunk,
    ) -> Result<Held, RoadError> {
        let cut = self.cut();
        let len = chunk.bytes.len() as u64;
        self.sent += if cut == Some(true) { len / 2 } else { len };
        assert_eq!(chunk.hash, chunk_hash(&file, chunk.offset, &chunk.bytes));
        if cut != Some(true) {
            let (bytes, whole) = self.files.entry(file).or_default();
            if bytes.len() as u64 == chunk.offset {
                bytes.extend(&chunk.bytes);
                *whole = bytes.len() as u64 == total;
            }
        }
        if cut.is_some() { Err(RoadError::Cut) } else { Ok(self.held(&file)) }
    }

    async fn get(
        &mut self,
        _: SpaceId,
        file: Digest,
        offset: u64,
    ) -> Result<Option<Chunk>, RoadError> {
        let cut = self.cut();
        let Some((all, true)) = self.files.get(&file) else { return Ok(None) };
        let from = usize::try_from(offset).unwrap();
        let mut bytes = all[from..all.len().min(from + CHUNK_LEN)].to_vec();
        let hash = chunk_hash(&file, offset, &bytes);
        if cut.is_some() && self.damage {
            bytes[0] ^= 1;
        } else if let Some(half) = cut {
            self.sent += if half { bytes.len() as u64 / 2 } else { 0 };
            return Err(RoadError::Cut);
        }
        self.sent += bytes.len() as u64;
        Ok(Some(Chunk { offset, hash, bytes }))
    }
}

async fn vault(seed: u64) -> (TempDir, Vault) {
    let dir = TempDir::new().unwrap();
    let cost = Cost::new(32, 1, 1).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let pass = "开启甲组".into();
    let (vault, _) = Vault::create_with_cost(dir.path(), &pass, cost, &mut rng).await.unwrap();
    (dir, vault)
}

fn content(len: usize) -> Vec<u8> {
    "采购合同扫描件".bytes().cycle().take(len).collect()
}

async fn upload(up: &mut Upload, road: &mut Road) {
    loop {
        match up.step(road).await {
            Ok(Step::Done) => break,
            Ok(_) => {}
            Err(error) => assert!(error.passes(), "{error}"),
        }
    }
}

async fn fetch(down: &mut Fetch, road: &mut Road) {
    loop {
        match down.step(road).await {
            Ok(Step::Done) => break,
            Ok(_) => {}
            Err(error) => assert!(error.passes(), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_file_cut_twenty_times_each_way_arrives_whole_and_costs_under_a_tenth_more() {
    let len = 56 * CHUNK_LEN + 77;
    let (_a, one) = vault(1).await;
    let (_b, two) = vault(2).await;
    let manifest = one.files().put(std::io::Cursor::new(content(len))).await.unwrap();
    let total = manifest.sealed_len();
    let mut road = Road { every: 3, ..Road::default() };
    upload(&mut Upload::new(one.files(), SPACE, &manifest), &mut road).await;
    assert!(road.cuts >= 20, "{}", road.cuts);
    assert!(road.sent * 10 < total * 11, "{} of {total}", road.sent);

    (road.sent, road.cuts, road.requests) = (0, 0, 0);
    let files = two.files();
    // Started again in the middle, as after a restart.
    let mut first = Fetch::new(files.clone(), SPACE, &manifest);
    for _ in 0..30 {
        let _ = first.step(&mut road).await;
    }
    drop(first);
    fetch(&mut Fetch::new(files.clone(), SPACE, &manifest), &mut road).await;
    assert!(road.cuts >= 20, "{}", road.cuts);
    assert!(road.sent * 10 < total * 11, "{} of {total}", road.sent);
    let mut bytes = Vec::new();
    files.open(&manifest).unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes == content(len));
}

#[tokio::test]
async fn a_chunk_damaged_on_its_way_is_asked_for_again() {
    let (_a, one) = vault(7).await;
    let (_b, two) = vault(8).await;
    let manifest = one.files().put(std::io::Cursor::new(content(5 * CHUNK_LEN))).await.unwrap();
    let mut road = Road { every: 2, damage: true, ..Road::default() };
    upload(&mut Upload::new(one.files(), SPACE, &manifest), &mut road).await;
    fetch(&mut Fetch::new(two.files(), SPACE, &manifest), &mut road).await;
    let mut bytes = Vec::new();
    two.files().open(&manifest).unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes == content(5 * CHUNK_LEN));
}

#[tokio::test]
async fn every_step_is_one_request_so_that_text_goes_between() {
    let (_a, one) = vault(3).await;
    let manifest = one.files().put(std::io::Cursor::new(content(3 * CHUNK_LEN))).await.unwrap();
    let mut road = Road::default();
    let mut up = Upload::new(one.files(), SPACE, &manifest);
    let mut before = 0;
    while up.step(&mut road).await.unwrap() != Step::Done {
        assert!(road.requests <= before + 1);
        before = road.requests;
    }
    assert_eq!(road.requests, 4);
}

#[tokio::test]
async fn a_file_that_is_there_is_not_sent_and_one_that_is_not_is_awaited() {
    let (_a, one) = vault(4).await;
    let (_b, two) = vault(5).await;
    let manifest = one.files().put(std::io::Cursor::new(content(10))).await.unwrap();
    let mut road = Road::default();
    let mut down = Fetch::new(two.files(), SPACE, &manifest);
    assert_eq!(down.step(&mut road).await.unwrap(), Step::NotThere);
    upload(&mut Upload::new(one.files(), SPACE, &manifest), &mut road).await;
    let sent = road.sent;
    upload(&mut Upload::new(one.files(), SPACE, &manifest), &mut road).await;
    assert_eq!(road.sent, sent);
    assert_eq!(down.step(&mut road).await.unwrap(), Step::Done);
    let mut again = Fetch::new(two.files(), SPACE, &manifest);
    assert_eq!(again.step(&mut road).await.unwrap(), Step::Done);
}

#[tokio::test]
async fn another_file_under_the_name_is_named_as_such() {
    let (_a, one) = vault(6).await;
    let manifest = one.files().put(std::io::Cursor::new(content(10))).await.unwrap();
    let mut road = Road::default();
    road.files.insert(manifest.address, (vec![0; 500], true));
    let step = Upload::new(one.files(), SPACE, &manifest).step(&mut road).await;
    assert!(matches!(step, Err(TransferError::Other)));
}
