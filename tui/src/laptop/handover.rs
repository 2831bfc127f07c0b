//! Handing a laptop over (交接): all decided, then revoked, then wiped, then enrolled anew.
//!
//! # Invariants
//! - Nothing is wiped while anything held here lacks its receipt or its verdict, whoever wrote
//!   it, while something of this device's that could not stand was not said anew, or while a file of evidence is not known to be on the server.
//! - Nothing is wiped before the server says that this device is revoked: until then the device
//!   could still speak, and its words would be lost with its key. The server says so by an
//!   entry; a device that is revoked already is sent no more entries, and is told instead that
//!   even its holder's own space is closed to it.
use shared::{
    crypto::FileManifest,
    model::{DeviceId, Digest, DocId, SpaceId},
    workflow::ids,
};

use super::{FieldNode, NodeError, vault::VaultError};

/// Something held here that must not be wiped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeldBack {
    /// An envelope without the server's receipt.
    NotReceived {
        /// Its space.
        space: SpaceId,
        /// Its record.
        doc: DocId,
    },
    /// An envelope that the server received and has not decided.
    NotDecided {
        /// Its space.
        space: SpaceId,
        /// Its record.
        doc: DocId,
    },
    /// An envelope of this device that cannot stand, and of which what it says was not said
    /// anew: its text is nowhere else.
    NotSaidAnew {
        /// Its space.
        space: SpaceId,
        /// Its record.
        doc: DocId,
    },
    /// Changes that no envelope holds yet.
    Draft {
        /// Their space.
        space: SpaceId,
        /// How many.
        changes: usize,
    },
    /// Commits that the disk has not taken.
    NotSaved {
        /// How many.
        commits: usize,
    },
    /// A file of evidence that the server is not known to have.
    File {
        /// Its space.
        space: SpaceId,
        /// What it is called.
        name: String,
    },
}

/// What a laptop can show of itself before it is wiped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Envelopes this device signed; the server received and decided all of them.
    pub envelopes: u64,
    /// The device.
    pub device: DeviceId,
    /// The number of the vault's last commit and the hash over all commits.
    pub head: (u64, Digest),
}

/// Why a laptop was not handed over; nothing was wiped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandoverError {
    /// Something is held here that would be lost.
    #[error("{} things held here are not received or not decided", .0.len())]
    Held(Vec<HeldBack>),
    /// The server has not said that this device is revoked.
    #[error("device {0} is not revoked")]
    NotRevoked(DeviceId),
    /// The laptop.
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl From<VaultError> for HandoverError {
    fn from(e: VaultError) -> Self {
        Self::Node(e.into())
    }
}

impl FieldNode {
    /// Lists what is held here and would be lost.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn held_back(&mut self) -> Result<Vec<HeldBack>, NodeError> {
        self.seal().await?;
        let mut held = Vec::new();
        if self.not_saved() > 0 {
            held.push(HeldBack::NotSaved { commits: self.not_saved() });
        }
        for (space, of) in self.core().spaces() {
            let space = *space;
            held.extend(of.undecided().map(|(_, kept)| {
                let doc = kept.header.doc;
                match kept.received {
                    Some(_) => HeldBack::NotDecided { space, doc },
                    None => HeldBack::NotReceived { space, doc },
                }
            }));
            held.extend(of.unsaid().map(|(_, kept)| {
                let doc = kept.header.doc;
                HeldBack::NotSaidAnew { space, doc }
            }));
            if of.drafts() > 0 {
                held.push(HeldBack::Draft { space, changes: of.drafts() });
            }
        }
        let files = self.outstanding().await?.up;
        held.extend(files.into_iter().map(|f| HeldBack::File { space: f.space, name: f.name }));
        self.closed_files(&mut held).await?;
        Ok(held)
    }

    /// Lists unconfirmed files of spaces that are closed to this device by now: they are on
    /// their way nowhere, and would be lost all the same.
    async fn closed_files(&mut self, held: &mut Vec<HeldBack>) -> Result<(), NodeError> {
        let files = self.vault().files();
        let mut here = Vec::new();
        for (space, closed) in self.core().spaces().filter(|(_, s)| s.withdrawn()) {
            for item in closed.state().evidence.values().map(|r| &r.evidence) {
                let manifest = item.file.as_ref().and_then(|f| FileManifest::from_ref(f).ok());
                if let Some(manifest) = manifest.filter(|m| files.has(m)) {
                    here.push((*space, item.name.clone(), manifest, closed.head().epoch));
                }
            }
        }
        for (space, name, manifest, epoch) in here {
            if !self.is_confirmed(&manifest.address, epoch).await? {
                held.push(HeldBack::File { space, name });
            }
        }
        Ok(())
    }

    /// Counts the envelopes this device signed.
    pub fn own_envelopes(&self) -> u64 {
        let me = self.core().device();
        let chains = self.core().spaces().flat_map(|(_, held)| held.chains());
        chains.filter(|c| c.end.device == me).map(|c| c.held).sum()
    }

    /// Tells whether the server has said that this device is revoked. Without the entry this is
    /// known only after a contact since the laptop was unlocked.
    pub fn is_revoked(&self) -> bool {
        let control = ids::control_space(self.identity().person);
        let device = self.core().device();
        self.core().space(control).is_some_and(|held| {
            let known = held.state().device(device);
            held.withdrawn() || known.is_some_and(|d| d.revoked_at.is_some())
        })
    }

    /// Wipes this laptop: the keys first, then the files. What is returned is all that is left
    /// of it.
    ///
    /// # Errors
    /// [`HandoverError::Held`], [`HandoverError::NotRevoked`]: nothing was wiped. What the disk
    /// says: the wipe goes on when the folder is next entered.
    pub async fn hand_over(mut self) -> Result<Proof, HandoverError> {
        let held = self.held_back().await?;
        if !held.is_empty() {
            return Err(HandoverError::Held(held));
        }
        let device = self.core().device();
        if !self.is_revoked() {
            return Err(HandoverError::NotRevoked(device));
        }
        let envelopes = self.own_envelopes();
        let vault = self.into_vault();
        let head = vault.head();
        vault.wipe().await?;
        Ok(Proof { envelopes, device, head })
    }
}
