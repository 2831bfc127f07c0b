#![allow(clippy::unwrap_used, clippy::panic)]
use std::{collections::BTreeMap, io::Cursor, sync::Arc};

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use shared::{
    api::files::{CHUNK_LEN, chunk_hash},
    crypto::Cost,
    model::{EvidenceId, SpaceId},
};
use tempfile::TempDir;

use super::*;
use crate::laptop::{
    transfer::{Chunk, Held},
    vault::Vault,
};

const SPACE: SpaceId = SpaceId::from_bytes([3; 16]);

/// A server in memory, reached by several roads.
#[derive(Clone, Default)]
struct Road(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    files: BTreeMap<Digest, (Vec<u8>, bool)>,
    requests: usize,
    /// In which order files became whole.
    whole: Vec<Digest>,
    /// The road is gone after so many requests.
    most: Option<usize>,
}

impl Road {
    fn requests(&self) -> usize {
        self.0.lock().unwrap().requests
    }

    fn ask<T>(&self, answer: impl FnOnce(&mut State) -> T) -> Result<T, RoadError> {
        let mut state = self.0.lock().unwrap();
        state.requests += 1;
        if state.most.is_some_and(|most| state.requests > most) {
            return Err(RoadError::Cut);
        }
        Ok(answer(&mut state))
    }
}

impl State {
    fn held(&self, file: &Digest) -> Held {
        let (bytes, whole) = self.files.get(file).map_or((0, false), |(b, w)| (b.len() as u64, *w));
        Held { bytes, whole }
    }
}

impl FileRoad for Road {
    async fn head(&mut self, _: SpaceId, file: Digest) -> Result<Held, RoadError> {
        self.ask(|state| state.held(&file))
    }

    async fn put(
        &mut self,
        _: SpaceId,
        file: Digest,
        total: u64,
        chunk: Chunk,
    ) -> Result<Held, RoadError> {
        self.ask(|state| {
            let (bytes, whole) = state.files.entry(file).or_default();
            bytes.extend(&chunk.bytes);
            *whole = bytes.len() as u64 == total;
            if *whole {
                state.whole.push(file);
            }
            state.held(&file)
        })
    }

    async fn get(
        &mut self,
        _: SpaceId,
        file: Digest,
        offset: u64,
    ) -> Result<Option<Chunk>, RoadError> {
        self.ask(|state| {
            let (all, true) = state.files.get(&file)? else { return None };
            let from = usize::try_from(offset).unwrap();
            let bytes = all[from..all.len().min(from + CHUNK_LEN)].to_vec();
            Some(Chunk { offset, hash: chunk_hash(&file, offset, &bytes), bytes })
        })
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

/// Puts files of these lengths into a vault, to be sent.
async fn files(vault: &Vault, lengths: &[usize]) -> Vec<Wanted> {
    let mut all = Vec::new();
    for (n, len) in lengths.iter().enumerate() {
        let manifest = vault.files().put(Cursor::new(vec![n as u8; *len])).await.unwrap();
        let evidence = EvidenceId::from_bytes([n as u8; 16]);
        all.push(Wanted {
            way: Way::Up,
            space: SPACE,
            evidence,
            name: format!("扫描件{n}"),
            manifest,
        });
    }
    all
}

#[tokio::test]
async fn files_wait_while_text_is_under_way() {
    let (_dir, vault) = vault(1).await;
    let (road, traffic) = (Road::default(), Traffic::default());
    let wanted = files(&vault, &[CHUNK_LEN * 3]).await;
    let text = traffic.text();
    let store = vault.files();
    let going = carry(&store, wanted, &road, &traffic);
    let mut going = std::pin::pin!(going);
    let moment = async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = &mut going => panic!("it did not wait"),
        () = moment => {}
    }
    assert_eq!(road.requests(), 0);
    assert_eq!(traffic.moving().borrow().up.files, 1, "it is said to wait");
    drop(text);
    let carried = going.await;
    assert_eq!((carried.went(Way::Up), carried.left.len()), (1, 0));
    assert_eq!(*traffic.moving().borrow(), crate::laptop::link::Moving::default());
}

#[tokio::test]
async fn a_short_file_is_not_kept_waiting_by_a_long_one() {
    let (_dir, vault) = vault(2).await;
    let (road, traffic) = (Road::default(), Traffic::default());
    let wanted = files(&vault, &[CHUNK_LEN * 12, 10, 20]).await;
    let long = wanted[0].manifest.address;
    let carried = carry(&vault.files(), wanted, &road, &traffic).await;
    assert_eq!(carried.went(Way::Up), 3);
    assert_eq!(road.0.lock().unwrap().whole.last(), Some(&long));
}

#[tokio::test]
async fn what_comes_down_is_what_went_up() {
    let (_a, one) = vault(3).await;
    let (_b, two) = vault(4).await;
    let road = Road::default();
    let sent = files(&one, &[CHUNK_LEN + 5, 0]).await;
    let wanted = sent.iter().map(|w| Wanted {
        way: Way::Down,
        manifest: w.manifest.duplicate(),
        name: w.name.clone(),
        ..*w
    });
    let wanted: Vec<Wanted> = wanted.collect();
    carry(&one.files(), sent, &road, &Traffic::default()).await;
    let carried = carry(&two.files(), wanted, &road, &Traffic::default()).await;
    assert_eq!(carried.went(Way::Down), 2);
    for w in &carried.done {
        // Reading to the end checks every byte.
        let mut reader = two.files().open(&w.manifest).unwrap();
        let mut len = 0;
        while let Some(chunk) = reader.next_chunk().unwrap() {
            len += chunk.len() as u64;
        }
        assert_eq!(len, w.manifest.len);
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_is_left_without_fault() {
    let (_a, one) = vault(5).await;
    let (_b, two) = vault(6).await;
    let mut wanted = files(&one, &[10]).await;
    wanted[0].way = Way::Down;
    let carried = carry(&two.files(), wanted, &Road::default(), &Traffic::default()).await;
    assert!(matches!(carried.left.as_slice(), [(_, None)]));
}

#[tokio::test]
async fn a_road_that_is_gone_leaves_every_file_for_later() {
    let (_dir, vault) = vault(7).await;
    let road = Road::default();
    road.0.lock().unwrap().most = Some(4);
    let traffic = Traffic::default();
    // Nothing is to be waited for: it is stopped as soon as the road is gone.
    let wanted = files(&vault, &[CHUNK_LEN * 5, CHUNK_LEN * 5, 30]).await;
    let store = vault.files();
    let going = carry(&store, wanted, &road, &traffic);
    let gone = async {
        while road.requests() <= 4 {
            tokio::task::yield_now().await;
        }
        traffic.stop();
    };
    let (carried, ()) = tokio::join!(going, gone);
    assert_eq!(carried.done.len() + carried.left.len(), 3, "none is forgotten");
    assert!(carried.left.len() >= 2);
}
