//! The files of a server that is dead, read before it is started again.
//!
//! A copy is read: opening the files themselves would do the recovery that is the next
//! server's to do.
use std::{collections::BTreeSet, path::Path};

use anyhow::{Result, ensure};
use shared::model::Digest;
use sync_server::store::{SqliteOptions, SqliteStore, Store};
use tokio::runtime::Runtime;

const FILES: [&str; 2] = ["journal.sqlite", "journal.sqlite-wal"];
const EPOCH: &str = "epoch";

/// Looks into dead servers' files.
pub(super) struct Autopsy {
    runtime: Runtime,
    /// The epoch at the first look: a server that finds itself behind its own word begins
    /// another one.
    epoch: Option<Option<Vec<u8>>>,
}

impl Autopsy {
    pub(super) fn new() -> Result<Self> {
        Ok(Self { runtime: Runtime::new()?, epoch: None })
    }

    /// Returns which of these envelopes are not there.
    pub(super) fn missing(&mut self, data: &Path, of: &BTreeSet<Digest>) -> Result<Vec<Digest>> {
        let copy = copied(data)?;
        let of: Vec<Digest> = of.iter().copied().collect();
        let (found, epoch) = self.runtime.block_on(async {
            let store = SqliteStore::open(copy.path(), &SqliteOptions::default()).await?;
            let found = store.envelopes(&of).await?;
            let epoch = store.meta(EPOCH).await?;
            store.close().await;
            anyhow::Ok((found, epoch))
        })?;
        let first = self.epoch.get_or_insert_with(|| epoch.clone());
        ensure!(*first == epoch, "the server began another epoch");
        let found: BTreeSet<Digest> = found.iter().map(|e| e.hash()).collect();
        Ok(of.into_iter().filter(|e| !found.contains(e)).collect())
    }

    /// Returns which of these envelopes have no entry.
    pub(super) fn undecided(&mut self, data: &Path, of: &BTreeSet<Digest>) -> Result<Vec<Digest>> {
        let copy = copied(data)?;
        let loaded = self.runtime.block_on(async {
            let store = SqliteStore::open(copy.path(), &SqliteOptions::default()).await?;
            let loaded = store.load().await?;
            store.close().await;
            anyhow::Ok(loaded)
        })?;
        let decided: BTreeSet<Digest> =
            loaded.entries.iter().filter_map(|e| e.body().envelope).collect();
        Ok(of.difference(&decided).copied().collect())
    }
}

fn copied(data: &Path) -> Result<tempfile::TempDir> {
    let copy = tempfile::tempdir()?;
    for file in FILES.iter().filter(|f| data.join(f).exists()) {
        std::fs::copy(data.join(file), copy.path().join(file))?;
    }
    Ok(copy)
}
