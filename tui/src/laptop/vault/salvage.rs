//! Reading what is left of a damaged vault.
//!
//! A vault that does not hold refuses to unlock, so that nobody works on in it unaware. The
//! work in it is not lost for that: every row that still opens is authentic by itself and can
//! be read out here, to be put into a new vault. Nothing is ever written.
use std::path::Path;

use rand_core::CryptoRng;
use shared::{
    crypto::{KeySlots, Passphrase, RecoveryKey, Secret, SlotError},
    journal::{Table, Write},
};

use super::{
    Vault,
    error::{Tampering, VaultError},
    index::Heads,
    unlocked::Unlocked,
};

/// What could still be read.
#[derive(Default)]
pub struct Salvage {
    /// The rows that open, in their order: table, key, value. An older version that someone
    /// put back cannot be told from the newest.
    pub rows: Vec<(Table, Vec<u8>, Vec<u8>)>,
    /// What does not hold, as far as it could be found out.
    pub damage: Vec<Tampering>,
}

/// Reads out a damaged vault with its passphrase.
///
/// # Errors
/// As [`super::Vault::open`], but [`VaultError::Tampered`] only if nothing at all can be read.
pub async fn salvage(dir: &Path, passphrase: &Passphrase) -> Result<Salvage, VaultError> {
    let passphrase = passphrase.clone();
    read(dir, move |slots| slots.open_with_passphrase(&passphrase)).await
}

/// Reads out a damaged vault with the office's recovery key.
///
/// # Errors
/// As [`salvage`].
pub async fn salvage_with_recovery(
    dir: &Path,
    recovery: RecoveryKey,
) -> Result<Salvage, VaultError> {
    read(dir, move |slots| slots.open_with_recovery(&recovery)).await
}

/// How many rows are written at once.
const BATCH: usize = 256;

/// Puts what was read out into a new vault in `dir`, sealed under `passphrase`, and returns its
/// recovery key. Sealed files are not part of it: their names and keys are the old vault's, and
/// what the server has of them comes again.
///
/// # Errors
/// As [`Vault::create`].
pub async fn restore<R: CryptoRng + Send>(
    salvage: Salvage,
    dir: &Path,
    passphrase: &Passphrase,
    rng: &mut R,
) -> Result<RecoveryKey, VaultError> {
    let (mut vault, recovery) = Vault::create(dir, passphrase, rng).await?;
    let mut rows = salvage.rows.into_iter().peekable();
    while rows.peek().is_some() {
        let batch = rows.by_ref().take(BATCH);
        let batch = batch.map(|(table, key, value)| Write::put(table, key, value)).collect();
        vault.commit(batch).await?;
    }
    vault.lock().await?;
    Ok(recovery)
}

async fn read(
    dir: &Path,
    open: impl FnOnce(&KeySlots) -> Result<Secret<32>, SlotError> + Send + 'static,
) -> Result<Salvage, VaultError> {
    let Unlocked { home: _home, mut disk, slots: _, slot_bytes, keys } =
        Unlocked::open(dir, open).await?;
    let mut salvage = Salvage::default();

    let mut names = Vec::new();
    let Salvage { rows, damage } = &mut salvage;
    let listed = disk
        .names(|sealed| {
            match keys.open_name(&sealed) {
                Ok(name) => names.push(name),
                Err(e) => note(damage, e)?,
            }
            Ok(())
        })
        .await;
    // A broken page ends the list; what was listed before it is still read.
    listed.or_else(|e| note(damage, e))?;

    let mut found = Heads::new(keys.slots_digest(&slot_bytes));
    for name in names {
        let (table, place) = (name.table, name.row.place);
        let value = match disk.body(place).await {
            Ok(Some(body)) => keys.open_body(table, &name.row, &body),
            Ok(None) => Err(Tampering::Value { table, place }.into()),
            Err(e) => Err(e),
        };
        found.table_mut(table).add(&name.row, &keys.mark);
        match value {
            Ok(value) => rows.push((table, name.key, value)),
            Err(e) => note(damage, e)?,
        }
    }

    match disk.head().await.and_then(|head| keys.open_head(&head)) {
        Ok(heads) => damage.extend(heads.differences(&found)),
        Err(e) => note(damage, e)?,
    }
    // Nothing was written, so there is nothing to be said about closing.
    let _ = disk.close().await;
    Ok(salvage)
}

/// Notes damage and goes on; anything else ends the reading.
fn note(damage: &mut Vec<Tampering>, e: VaultError) -> Result<(), VaultError> {
    match e {
        VaultError::Tampered { what } => {
            damage.push(what);
            Ok(())
        }
        other => Err(other),
    }
}
