//! Looking at a vault from outside, without any key.
use std::path::Path;

use shared::crypto::{KeySlots, slots::SlotKind};

use super::{
    disk::{self, Disk},
    error::VaultError,
    home::Home,
};

/// What can be seen of a vault without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The kinds of its key slots.
    pub slots: Vec<SlotKind>,
    /// Whether the database's own structure holds. Whether rows are the newest, only an
    /// unlocked vault can tell.
    pub sound: bool,
}

/// Looks at the vault in `dir`; nothing is written.
///
/// # Errors
/// [`VaultError::Absent`], [`VaultError::InUse`], [`VaultError::NewerFormat`],
/// [`VaultError::Slots`], and what the disk says.
pub async fn look(dir: &Path) -> Result<Look, VaultError> {
    let home = Home::open(dir)?;
    let mut disk = Disk::open(&home.database(), false).await?;
    match disk.format().await? {
        disk::FORMAT => {}
        0 => return Err(VaultError::Absent { dir: dir.to_owned() }),
        found => return Err(VaultError::NewerFormat { found }),
    }
    let slots = KeySlots::from_bytes(&disk.slots().await?)?;
    let sound = disk.sound().await?;
    disk.close().await?;
    Ok(Look { slots: slots.list().map(|(_, kind)| kind).collect(), sound })
}
