//! The common way in: folder, database, key slots, keys.
use std::path::Path;

use shared::crypto::{KeySlots, Secret, SlotError};

use super::{
    disk::{self, Disk},
    error::VaultError,
    home::Home,
    sealing::Keys,
};

/// A vault whose keys are open and whose rows nobody has looked at.
pub(super) struct Unlocked {
    // Declared before `home`, so that the database is let go before the lock is.
    pub(super) disk: Disk,
    pub(super) home: Home,
    pub(super) slots: KeySlots,
    /// The slots as they lie on the disk, to be compared with the sealed head.
    pub(super) slot_bytes: Vec<u8>,
    pub(super) keys: Keys,
}

impl Unlocked {
    /// Takes the folder and opens the store key by `open`, off the event loop: a passphrase
    /// takes long on purpose.
    pub(super) async fn open(
        dir: &Path,
        open: impl FnOnce(&KeySlots) -> Result<Secret<32>, SlotError> + Send + 'static,
    ) -> Result<Self, VaultError> {
        let home = Home::open(dir)?;
        let mut disk = Disk::open(&home.database(), false).await?;
        match disk.format().await? {
            disk::FORMAT => {}
            // Its making was cut short, before anything was kept in it.
            0 => return Err(VaultError::Absent { dir: dir.to_owned() }),
            found => return Err(VaultError::NewerFormat { found }),
        }
        let slot_bytes = disk.slots().await?;
        let slots = KeySlots::from_bytes(&slot_bytes)?;
        let (slots, root) = tokio::task::spawn_blocking(move || {
            let root = open(&slots);
            (slots, root)
        })
        .await?;
        let keys = Keys::new(slots.store(), root?);
        Ok(Self { disk, home, slots, slot_bytes, keys })
    }
}
