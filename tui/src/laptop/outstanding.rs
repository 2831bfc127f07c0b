//! Which files of evidence are still to travel between this laptop and the server.
//!
//! It follows from the journal, what lies in the vault and what the server confirmed. Nothing
//! about it depends on a connection.
use shared::{
    api::files::MAX_FILE,
    crypto::FileManifest,
    journal::{Table, Write, entry::Epoch},
    model::{Digest, EvidenceId, SpaceId, evidence::Evidence},
};

use super::{FieldNode, NodeError, evidence::known, vault::VaultError};

/// Files up to this length come by themselves, in bytes; longer ones when they are asked for.
///
/// Scans and photographs are what a member needs in the field without having thought of it;
/// a recording of hours would hold a village's link for as long.
pub const BY_ITSELF: u64 = 16 * 1024 * 1024;

const CONFIRMED: &[u8] = b"file at server ";

/// Which way a file travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To the server.
    Up,
    /// From the server.
    Down,
}

/// A file that is to travel.
pub struct Wanted {
    /// Which way.
    pub way: Way,
    /// The space it belongs to.
    pub space: SpaceId,
    /// The item whose file it is.
    pub evidence: EvidenceId,
    /// Its name there.
    pub name: String,
    /// How it is found and opened.
    pub manifest: FileManifest,
}

impl Wanted {
    fn new(way: Way, space: SpaceId, item: &Evidence, manifest: FileManifest) -> Self {
        Self { way, space, evidence: item.id, name: item.name.clone(), manifest }
    }

    /// Returns its length as it travels, in bytes.
    pub const fn bytes(&self) -> u64 {
        self.manifest.sealed_len()
    }
}

/// What is to travel.
#[derive(Default)]
pub struct Outstanding {
    /// Files here that the server has not confirmed.
    pub up: Vec<Wanted>,
    /// Files that are not here and come by themselves.
    pub down: Vec<Wanted>,
    /// Files that are not here and are too long for that ([`BY_ITSELF`]).
    pub on_demand: Vec<Wanted>,
}

impl FieldNode {
    /// Returns what is to travel, of all spaces that this person may read.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn outstanding(&mut self) -> Result<Outstanding, NodeError> {
        let spaces: Vec<SpaceId> =
            self.core().spaces().filter(|(_, s)| !s.withdrawn()).map(|(id, _)| *id).collect();
        let mut all = Outstanding::default();
        for space in spaces {
            let held = self.space(space)?;
            let epoch = held.head().epoch;
            let items: Vec<Evidence> = known(held).filter(|e| e.file.is_some()).cloned().collect();
            let mut seen = std::collections::BTreeSet::new();
            for item in items {
                // What no honest laptop writes is nothing to fetch.
                let Some(manifest) =
                    item.file.as_ref().and_then(|f| FileManifest::from_ref(f).ok())
                else {
                    continue;
                };
                if manifest.sealed_len() > MAX_FILE || !seen.insert(manifest.address) {
                    continue;
                }
                if !self.vault().files().has(&manifest) {
                    let wanted = Wanted::new(Way::Down, space, &item, manifest);
                    let by_itself = wanted.manifest.len <= BY_ITSELF;
                    if by_itself { &mut all.down } else { &mut all.on_demand }.push(wanted);
                } else if !self.is_confirmed(&manifest.address, epoch).await? {
                    all.up.push(Wanted::new(Way::Up, space, &item, manifest));
                }
            }
        }
        Ok(all)
    }

    /// Notes that the server holds these files. It is a memory only: what is forgotten is
    /// asked for once more.
    ///
    /// # Errors
    /// What the disk says; a full one only costs the memory.
    pub async fn confirmed(&mut self, files: &[(SpaceId, Digest)]) -> Result<(), NodeError> {
        let mut writes = Vec::with_capacity(files.len());
        for (space, address) in files {
            let epoch = self.space(*space)?.head().epoch;
            writes.push(Write::put(Table::Blob, key(address), epoch_bytes(epoch)));
        }
        match self.vault().commit(writes).await {
            Ok(()) | Err(VaultError::Full) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// A server put back from a copy may have lost files: what was confirmed counts in its
    /// epoch only.
    pub(super) async fn is_confirmed(
        &mut self,
        address: &Digest,
        epoch: Epoch,
    ) -> Result<bool, NodeError> {
        let row = self.vault().get(Table::Blob, &key(address)).await?;
        Ok(row.is_some_and(|row| row == epoch_bytes(epoch)))
    }
}

fn key(address: &Digest) -> Vec<u8> {
    [CONFIRMED, address.as_bytes()].concat()
}

fn epoch_bytes(epoch: Epoch) -> Vec<u8> {
    [&epoch.no.to_be_bytes()[..], &epoch.nonce.to_be_bytes()[..]].concat()
}
