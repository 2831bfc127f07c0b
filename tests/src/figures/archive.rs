//! Many decided records on a server, made by its own core and written by its own store.
//!
//! A round of fifty thousand records takes months to write. Here one device's envelopes go
//! through the server's core in memory, are tried in this process, and are committed to the
//! server's own file in large batches while it does not run. What lies there then is what the
//! server would have written.
use std::collections::HashMap;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use shared::{
    crypto::SigningKey,
    doc::{TrialRequest, trial::Bytes, try_batch},
    journal::{
        frame::Up,
        laptop::pushes,
        server::{Conn, Effect, Input, Server, Trial, TrialFailure, Write},
    },
    model::{Digest, DocId, SpaceId},
};
use sync_server::{
    identity::Identity,
    store::{SqliteOptions, SqliteStore, Store},
};

use super::{
    device::{Device, birth, splice, talk},
    place::Place,
};

/// Records in one commit.
const BATCH: usize = 500;

/// What the records are like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Characters of the note.
    pub(crate) chars: usize,
    /// Envelopes that write into it after the first.
    pub(crate) more: usize,
}

/// Adds `count` decided records, dealt out over the spaces; returns them. The server is
/// stopped for it and runs again afterwards.
pub(crate) async fn fill(
    place: &mut Place,
    device: &mut Device,
    spaces: &[SpaceId],
    count: usize,
    shape: Shape,
) -> anyhow::Result<Vec<(SpaceId, DocId)>> {
    let now = place.now().await?;
    place.stop()?;
    let store = SqliteStore::open(&place.data(), &SqliteOptions::default()).await?;
    let identity = Identity::take_up(&store).await?;
    let key = SigningKey::from_secret(&identity.key().to_secret());
    let mut core = Server::load(key, store.load().await?);
    core.trust_clock();
    let mut office = Office {
        core,
        now,
        rng: ChaCha20Rng::seed_from_u64(1),
        payloads: HashMap::new(),
        writes: Vec::new(),
    };
    office.feed(Input::Connected { conn: Conn(1), device: device.id() });
    let mut all = Vec::with_capacity(count);
    let mut n = 0;
    while n < count {
        let until = count.min(n + BATCH);
        let mut batch = Vec::with_capacity(until - n);
        for i in n..until {
            let space = spaces[i % spaces.len()];
            batch.push((space, device.begin(space, &birth(shape.chars, i))?));
        }
        office.push(device)?;
        for again in 0..shape.more {
            for (space, doc) in &batch {
                device.edit(*space, *doc, &[splice(0, &talk(20, again))])?;
            }
            office.push(device)?;
        }
        device.close();
        store.commit(&std::mem::take(&mut office.writes)).await?;
        all.append(&mut batch);
        n = until;
    }
    store.close().await;
    drop(store);
    place.start().await?;
    Ok(all)
}

/// The server's core in this process.
struct Office {
    core: Server,
    now: shared::model::Timestamp,
    rng: ChaCha20Rng,
    payloads: HashMap<Digest, Vec<u8>>,
    writes: Vec<Write>,
}

impl Office {
    fn push(&mut self, device: &mut Device) -> anyhow::Result<()> {
        let envelopes = device.seal()?;
        for envelope in &envelopes {
            self.payloads.insert(envelope.hash(), envelope.payload().to_vec());
        }
        for frame in pushes(envelopes) {
            debug_assert!(matches!(frame, Up::Push { .. }));
            self.feed(Input::Frame { conn: Conn(1), frame });
        }
        Ok(())
    }

    fn feed(&mut self, input: Input) {
        let mut todo = std::collections::VecDeque::from([input]);
        while let Some(input) = todo.pop_front() {
            for effect in self.core.handle(input, self.now, &mut self.rng) {
                match effect {
                    Effect::Commit { ticket, mut writes } => {
                        self.writes.append(&mut writes);
                        todo.push_back(Input::Committed(ticket));
                    }
                    Effect::Trial { ticket, later, batch, .. } => {
                        let outcome = self.tried(&later, &batch);
                        todo.push_back(Input::Tried { ticket, outcome });
                    }
                    // Nobody listens.
                    _ => {}
                }
            }
        }
    }

    fn tried(&self, later: &[Digest], batch: &[Digest]) -> Result<Trial, TrialFailure> {
        let bodies = |hashes: &[Digest]| {
            let found = hashes.iter().map(|h| self.payloads.get(h).cloned().map(Bytes));
            found.collect::<Option<Vec<_>>>().ok_or(TrialFailure::Damaged)
        };
        let request = TrialRequest {
            base: None,
            later: bodies(later)?,
            batch: bodies(batch)?,
            ..TrialRequest::default()
        };
        let report = try_batch(&request).map_err(|_| TrialFailure::Died)?;
        Ok(Trial {
            per: report.per.into_iter().map(|r| r.map_err(|e| e.to_string())).collect(),
            saved: report.saved.0,
            heads: report.heads,
            content: None,
        })
    }
}
