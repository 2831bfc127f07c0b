//! What a courier's file says of itself.
use minicbor::{Decode, Encode};

use super::{BundleError, Foreign};
use crate::{
    crypto::VerifyingKey,
    journal::{entry::Cursor, frame::ChainEnd},
    model::{DeviceId, Digest, SpaceId, Timestamp},
};

/// What a courier's file holds, and what its maker holds: the difference between that and
/// what its reader holds afterwards is what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Manifest {
    /// The key of the device that made the file.
    #[n(0)]
    pub maker: VerifyingKey,
    /// When, by that device's clock.
    #[n(1)]
    pub made_at: Timestamp,
    /// The key of the server whose round it is.
    #[n(2)]
    pub server: VerifyingKey,
    /// A training round (演练).
    #[n(3)]
    pub training: bool,
    /// Whom it is for.
    #[n(4)]
    pub readers: Vec<DeviceId>,
    /// The spaces it carries.
    #[n(5)]
    pub spaces: Vec<SpacePart>,
    /// The files it carries.
    #[n(6)]
    pub files: Vec<FilePart>,
    /// How many records follow, without manifest and end.
    #[n(7)]
    pub records: u64,
}

/// One space in a courier's file.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SpacePart {
    /// The space.
    #[n(0)]
    pub space: SpaceId,
    /// Entries after this position are included; readers were known to have those before.
    #[n(1)]
    pub after: u64,
    /// The last entry included, and the last the maker holds.
    #[n(2)]
    pub head: Cursor,
    /// The end of every chain the maker holds something of.
    #[n(3)]
    pub chains: Vec<Chain>,
    /// How many envelopes without a verdict are included.
    #[n(4)]
    pub envelopes: u64,
}

/// How far a chain goes, and how much of it the maker holds.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Chain {
    /// Its end.
    #[n(0)]
    pub end: ChainEnd,
    /// Envelopes of it that the maker holds.
    #[n(1)]
    pub held: u64,
    /// Changes in these: Automerge changes, and one for each command.
    #[n(2)]
    pub changes: u64,
}

/// One file in a courier's file.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct FilePart {
    /// Its address.
    #[n(0)]
    pub address: Digest,
    /// The length of its sealed form, in bytes.
    #[n(1)]
    pub len: u64,
}

impl Manifest {
    /// Checks that the file is of the round this laptop works in.
    ///
    /// # Errors
    /// [`Foreign::Round`], [`Foreign::Training`].
    pub fn check_round(&self, server: &VerifyingKey, training: bool) -> Result<(), BundleError> {
        if self.training != training {
            return Err(BundleError::Foreign(Foreign::Training));
        }
        if self.server != *server {
            return Err(BundleError::Foreign(Foreign::Round));
        }
        Ok(())
    }
}
