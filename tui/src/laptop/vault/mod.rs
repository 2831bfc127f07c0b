//! The sealed store of one laptop: an ordered row store of which the disk shows nothing but
//! random ids, order and padded lengths (design §5, "At rest").
//!
//! A commit is one transaction, synced to the disk before it is answered: what is called
//! saved is there after a power cut. Keys of rows are opened at unlock and kept in memory;
//! values are opened when asked for. Large files lie beside the database, sealed chunk by
//! chunk ([`files`]).
//!
//! # Invariants
//! - No plaintext reaches the disk: no temporary files, no journal in the clear, no index.
//! - Every commit seals the count and head of every table; unlocking checks them. A row taken
//!   away, exchanged or put back in an older version is noticed. That the whole folder was
//!   put back is noticed by whoever compares [`Vault::head`] with what the server has seen.
//! - A commit that failed, or whose caller went away, left nothing visible or everything; the
//!   next call finds out which.
//! - Randomness for sealing comes from the operating system at each commit and is never kept:
//!   a machine that was copied while running does not use a nonce twice.
use std::{collections::HashMap, fmt, path::Path, sync::Arc};

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::{CryptoRng, Rng};
use shared::{
    crypto::{
        Cost, KeySlots, Passphrase, RecoveryKey, Secret, SlotError, StoreId,
        slots::{SlotId, SlotKind},
    },
    journal::{Table, Write},
    model::Digest,
};
use tokio::task::spawn_blocking;

pub mod contract;
mod disk;
mod error;
pub mod files;
mod home;
mod index;
pub mod look;
mod rows;
pub mod salvage;
mod sealing;
mod unlocked;
mod wipe;

#[cfg(test)]
mod tests;

pub use error::{Tampering, VaultError};
pub use files::Files;
pub use rows::{Reopen, Rows, Scan};
pub use sealing::{MAX_KEY, MAX_VALUE};

use disk::{Change, Disk};
use home::Home;
use index::{Heads, Index, Row};
use sealing::Keys;
use unlocked::Unlocked;

/// How many values are read from the disk at once.
const BATCH: usize = 256;

/// An unlocked vault; locked by [`Vault::lock`] or by dropping it.
pub struct Vault {
    // Declared before `home`, so that the database is let go before the lock is.
    disk: Disk,
    home: Arc<Home>,
    files: Files,
    keys: Arc<Keys>,
    slots: KeySlots,
    heads: Heads,
    index: Index,
    /// A commit was begun and its outcome is not known here: it failed, or its caller went
    /// away while it ran.
    unsettled: bool,
}

/// Rows changed by a commit that is not durable yet.
struct Staged {
    changes: Vec<Change>,
    rows: HashMap<(Table, Vec<u8>), Option<Row>>,
    heads: Heads,
}

impl Vault {
    /// Makes a new vault in `dir` and returns it unlocked, with the recovery key to be printed.
    ///
    /// `rng` gives the store key and the recovery key.
    ///
    /// # Errors
    /// [`VaultError::Exists`], [`VaultError::InUse`], [`VaultError::EmptyPassphrase`], and what
    /// the disk says. After an error there is no vault, or a whole one.
    pub async fn create<R: CryptoRng + Send>(
        dir: &Path,
        passphrase: &Passphrase,
        rng: &mut R,
    ) -> Result<(Self, RecoveryKey), VaultError> {
        Self::create_with_cost(dir, passphrase, Cost::DEFAULT, rng).await
    }

    /// Makes a new vault whose passphrase costs `cost` to try.
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub async fn create_with_cost<R: CryptoRng + Send>(
        dir: &Path,
        passphrase: &Passphrase,
        cost: Cost,
        rng: &mut R,
    ) -> Result<(Self, RecoveryKey), VaultError> {
        if passphrase.is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        let mut store = [0; 16];
        rng.fill_bytes(&mut store);
        let store = StoreId(store);
        let (root, recovery) = (Secret::draw(rng), RecoveryKey::draw(rng));

        let home = Home::create(dir)?;
        let mut disk = Disk::open(&home.database(), true).await?;
        if disk.format().await? != 0 {
            return Err(VaultError::Exists { dir: dir.to_owned() });
        }
        let mut slots = KeySlots::new(store);
        let keys = Keys::new(store, root.duplicate());
        let mut fresh = fresh_rng()?;
        slots.add_recovery(&root, &recovery, &mut fresh)?;
        let slots = add_passphrase(slots, root, passphrase.clone(), cost).await?;
        let slot_bytes = slots.to_bytes();
        let heads = Heads::new(keys.slots_digest(&slot_bytes));
        disk.lay_out(&slot_bytes, &keys.seal_head(&heads, &mut fresh)?).await?;
        home::sync_dir(dir)?;
        let vault = Self::assemble(disk, home, keys, slots, heads, Index::default());
        Ok((vault, recovery))
    }

    /// Tells whether there is a vault in `dir`.
    ///
    /// # Errors
    /// [`VaultError::InUse`], and what the disk says.
    pub async fn exists(dir: &Path) -> Result<bool, VaultError> {
        let home = match Home::open(dir) {
            Ok(home) => home,
            Err(VaultError::Absent { .. }) => return Ok(false),
            Err(e) => return Err(e),
        };
        let mut disk = Disk::open(&home.database(), false).await?;
        // One whose making was cut short holds nothing, and is made anew.
        let finished = disk.format().await? != 0;
        disk.close().await?;
        Ok(finished)
    }

    /// Unlocks the vault in `dir` with the passphrase.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`] if the vault is whole and the passphrase wrong;
    /// [`VaultError::Tampered`] if anything is not what was committed last;
    /// [`VaultError::InUse`], [`VaultError::Absent`], [`VaultError::NewerFormat`].
    pub async fn open(dir: &Path, passphrase: &Passphrase) -> Result<Self, VaultError> {
        let passphrase = passphrase.clone();
        Self::unlock(dir, move |slots| slots.open_with_passphrase(&passphrase)).await
    }

    /// Unlocks the vault in `dir` with the office's recovery key.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub async fn open_with_recovery(dir: &Path, recovery: RecoveryKey) -> Result<Self, VaultError> {
        Self::unlock(dir, move |slots| slots.open_with_recovery(&recovery)).await
    }

    /// Locks the vault: everything is moved out of the write-ahead log, keys are wiped, the
    /// folder is free for the next process. Dropping the vault does the same, only later and
    /// without saying what went wrong.
    ///
    /// # Errors
    /// What the disk says; the vault is locked all the same and loses nothing.
    pub async fn lock(mut self) -> Result<(), VaultError> {
        let checkpoint = match self.settle().await {
            Ok(()) => self.disk.checkpoint().await,
            Err(e) => Err(e),
        };
        // The folder is let go last, with the rest of `self`.
        let Self { disk, home: _home, .. } = self;
        checkpoint.and(disk.close().await)
    }

    /// Makes all writes durable together, in their order, or none.
    ///
    /// # Errors
    /// [`VaultError::TooLarge`], [`VaultError::Full`], [`VaultError::Io`]: nothing of the commit
    /// is visible and the vault goes on working. If the power fails in the same moment, the
    /// commit may be found done at the next unlock.
    pub async fn commit(&mut self, writes: Vec<Write>) -> Result<(), VaultError> {
        self.settle().await?;
        let mut rng = fresh_rng()?;
        let mut staged = self.stage(&writes, &mut rng)?;
        if staged.changes.is_empty() {
            return Ok(());
        }
        staged.heads.close(&self.keys.mark);
        let head = self.keys.seal_head(&staged.heads, &mut rng)?;
        self.unsettled = true;
        if let Err(e) = self.disk.commit(staged.changes, None, &head).await {
            // Best effort: if the disk does not even read now, the next call tries again.
            let _ = self.settle().await;
            return Err(e);
        }
        for ((table, key), row) in staged.rows {
            match row {
                Some(row) => drop(self.index.put(table, &key, row)),
                None => self.index.remove(table, &key),
            }
        }
        self.heads = staged.heads;
        self.unsettled = false;
        Ok(())
    }

    /// Reads one row.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] if its value is not what was written; what the disk says.
    pub async fn get(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        self.settle().await?;
        let Some(row) = self.index.get(table, key).copied() else { return Ok(None) };
        let body = self.disk.body(row.place).await?;
        let body = body.ok_or(Tampering::Value { table, place: row.place })?;
        self.keys.open_body(table, &row, &body).map(Some)
    }

    /// Reads several rows, in the order asked; `None` for those that are not there.
    ///
    /// # Errors
    /// As [`Vault::get`].
    pub async fn get_many(
        &mut self,
        table: Table,
        keys: &[&[u8]],
    ) -> Result<Vec<Option<Vec<u8>>>, VaultError> {
        self.settle().await?;
        let found = |key: &&[u8]| Some((Arc::from(*key), *self.index.get(table, key)?));
        let mut rows: Vec<(Arc<[u8]>, Row)> = keys.iter().filter_map(found).collect();
        rows.sort_unstable_by_key(|(_, row)| row.place);
        rows.dedup_by_key(|(_, row)| row.place);
        let values: HashMap<_, _> = self.values(table, &rows).await?.into_iter().collect();
        Ok(keys.iter().map(|key| values.get(*key).cloned()).collect())
    }

    /// Reads a table in insertion order.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] at the first value that is not what was written; what the disk
    /// says. [`Vault::keys`] and [`Vault::get`] still reach the other rows.
    pub async fn scan(&mut self, table: Table) -> Result<Scan, VaultError> {
        self.settle().await?;
        let rows: Vec<_> = self.index.list(table).map(|(key, row)| (key.clone(), *row)).collect();
        self.values(table, &rows).await
    }

    /// Lists the keys of a table in insertion order, without touching the disk.
    ///
    /// # Errors
    /// What the disk says, if an earlier commit is still to be settled.
    pub async fn keys(&mut self, table: Table) -> Result<Vec<Vec<u8>>, VaultError> {
        self.settle().await?;
        Ok(self.index.list(table).map(|(key, _)| key.to_vec()).collect())
    }

    /// Returns the number of the last commit and the hash over all commits, by which someone
    /// outside can tell that the whole folder was put back.
    pub fn head(&self) -> (u64, Digest) {
        (self.heads.commit, self.heads.chain)
    }

    /// Returns the store's random id.
    pub fn store(&self) -> StoreId {
        self.slots.store()
    }

    /// Returns the folder.
    pub fn dir(&self) -> &Path {
        self.home.dir()
    }

    /// Returns a handle to the sealed files. The folder stays held until every handle is gone.
    pub fn files(&self) -> Files {
        self.files.clone()
    }

    /// Lists the key slots.
    pub fn slots(&self) -> Vec<(SlotId, SlotKind)> {
        self.slots.list().collect()
    }

    /// Makes `passphrase` the only one that opens the vault; recovery keys stay. The caller has
    /// asked for the old one, or come by the recovery key.
    ///
    /// # Errors
    /// [`VaultError::EmptyPassphrase`]; as [`Vault::commit`].
    pub async fn set_passphrase(
        &mut self,
        passphrase: &Passphrase,
        cost: Cost,
    ) -> Result<(), VaultError> {
        if passphrase.is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        let old: Vec<_> = self.slots_of(SlotKind::Passphrase);
        let root = self.keys.root().duplicate();
        let mut slots = add_passphrase(self.slots.clone(), root, passphrase.clone(), cost).await?;
        for id in old {
            slots.remove(id)?;
        }
        self.commit_slots(slots).await
    }

    /// Draws a new recovery key and ends the old ones.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub async fn renew_recovery<R: CryptoRng + Send>(
        &mut self,
        rng: &mut R,
    ) -> Result<RecoveryKey, VaultError> {
        let recovery = RecoveryKey::draw(rng);
        let mut slots = self.slots.clone();
        let old = self.slots_of(SlotKind::Recovery);
        slots.add_recovery(self.keys.root(), &recovery, &mut fresh_rng()?)?;
        for id in old {
            slots.remove(id)?;
        }
        self.commit_slots(slots).await?;
        Ok(recovery)
    }

    fn slots_of(&self, kind: SlotKind) -> Vec<SlotId> {
        self.slots.list().filter(|(_, k)| *k == kind).map(|(id, _)| id).collect()
    }

    async fn commit_slots(&mut self, slots: KeySlots) -> Result<(), VaultError> {
        self.settle().await?;
        let bytes = slots.to_bytes();
        let mut heads = self.heads.clone();
        heads.slots = self.keys.slots_digest(&bytes);
        heads.close(&self.keys.mark);
        let head = self.keys.seal_head(&heads, &mut fresh_rng()?)?;
        self.unsettled = true;
        if let Err(e) = self.disk.commit(Vec::new(), Some(&bytes), &head).await {
            let _ = self.settle().await;
            return Err(e);
        }
        (self.heads, self.slots) = (heads, slots);
        self.unsettled = false;
        // The old slot must not linger in the write-ahead log.
        self.disk.checkpoint().await
    }

    async fn unlock(
        dir: &Path,
        open: impl FnOnce(&KeySlots) -> Result<Secret<32>, SlotError> + Send + 'static,
    ) -> Result<Self, VaultError> {
        let Unlocked { mut disk, home, slots, slot_bytes, keys } =
            Unlocked::open(dir, open).await?;
        let (heads, index) = load(&mut disk, &keys, &slot_bytes).await?;
        let vault = Self::assemble(disk, home, keys, slots, heads, index);
        vault.files.sweep()?;
        Ok(vault)
    }

    fn assemble(
        disk: Disk,
        home: Home,
        keys: Keys,
        slots: KeySlots,
        heads: Heads,
        index: Index,
    ) -> Self {
        let home = Arc::new(home);
        let files = Files::new(home.clone(), keys.files());
        Self { disk, home, files, keys: Arc::new(keys), slots, heads, index, unsettled: false }
    }

    /// Finds out what became of a commit whose outcome is not known, by reading the disk.
    async fn settle(&mut self) -> Result<(), VaultError> {
        if !self.unsettled {
            return Ok(());
        }
        self.disk.abandon().await;
        let bytes = self.disk.slots().await?;
        let (heads, index) = load(&mut self.disk, &self.keys, &bytes).await?;
        if heads.commit < self.heads.commit {
            let (known, found) = (self.heads.commit, heads.commit);
            return Err(Tampering::Rollback { known, found }.into());
        }
        self.slots = KeySlots::from_bytes(&bytes)?;
        (self.heads, self.index) = (heads, index);
        self.unsettled = false;
        Ok(())
    }

    /// Reads the values of rows, which are in order of their places. Other threads open them
    /// while more are read.
    async fn values(
        &mut self,
        table: Table,
        rows: &[(Arc<[u8]>, Row)],
    ) -> Result<Scan, VaultError> {
        let mut opening = Vec::with_capacity(rows.len().div_ceil(BATCH));
        for batch in rows.chunks(BATCH) {
            let places: Vec<_> = batch.iter().map(|(_, row)| row.place).collect();
            let bodies = self.disk.bodies(&places).await?;
            let (keys, batch) = (Arc::clone(&self.keys), batch.to_vec());
            opening.push(spawn_blocking(move || open_all(&keys, table, &batch, bodies)));
        }
        let mut values = Vec::with_capacity(rows.len());
        for opened in opening {
            values.append(&mut opened.await??);
        }
        Ok(values)
    }

    /// Seals the writes and works out what index and heads will be after them.
    fn stage(&self, writes: &[Write], rng: &mut ChaCha20Rng) -> Result<Staged, VaultError> {
        let mut staged = Staged {
            changes: Vec::with_capacity(writes.len()),
            rows: HashMap::with_capacity(writes.len()),
            heads: self.heads.clone(),
        };
        for write in writes {
            let (table, key) = write.target();
            let slot = (table, key.to_vec());
            let before = match staged.rows.get(&slot) {
                Some(row) => *row,
                None => self.index.get(table, key).copied(),
            };
            let after = match write {
                Write::Put { value, .. } => {
                    let (place, id, version) = match before {
                        Some(row) => (row.place, row.id, row.version.saturating_add(1)),
                        None => {
                            let mut id = [0; 16];
                            rng.fill_bytes(&mut id);
                            let place = staged.heads.next_place;
                            staged.heads.next_place = place.saturating_add(1);
                            (place, id, 1)
                        }
                    };
                    let (row, sealed) =
                        self.keys.seal_row((place, id, version), table, key, value, rng)?;
                    staged.changes.push(match before {
                        Some(_) => Change::Update(sealed),
                        None => Change::Insert(sealed),
                    });
                    Some(row)
                }
                Write::Delete { .. } => {
                    let Some(row) = before else { continue };
                    staged.changes.push(Change::Delete { place: row.place });
                    None
                }
            };
            let head = staged.heads.table_mut(table);
            if let Some(row) = before {
                head.remove(&row, &self.keys.mark);
            }
            if let Some(row) = after {
                head.add(&row, &self.keys.mark);
            }
            staged.rows.insert(slot, after);
        }
        Ok(staged)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({:?}, commit {})", self.store(), self.heads.commit)
    }
}

impl Rows for Vault {
    type Error = VaultError;

    async fn commit(&mut self, writes: Vec<Write>) -> Result<(), VaultError> {
        Self::commit(self, writes).await
    }

    async fn scan(&mut self, table: Table) -> Result<Scan, VaultError> {
        Self::scan(self, table).await
    }

    async fn get(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        Self::get(self, table, key).await
    }
}

/// Opens the values of rows, which were read in the same order.
fn open_all(
    keys: &Keys,
    table: Table,
    rows: &[(Arc<[u8]>, Row)],
    bodies: Vec<(i64, Vec<u8>)>,
) -> Result<Scan, VaultError> {
    let mut bodies = bodies.into_iter().peekable();
    let open = |(key, row): &(Arc<[u8]>, Row)| {
        let body = bodies.next_if(|(place, _)| *place == row.place);
        let (_, body) = body.ok_or(Tampering::Value { table, place: row.place })?;
        Ok((key.to_vec(), keys.open_body(table, row, &body)?))
    };
    rows.iter().map(open).collect()
}

/// Reads heads and keys and checks that they belong together.
async fn load(disk: &mut Disk, keys: &Keys, slots: &[u8]) -> Result<(Heads, Index), VaultError> {
    let heads = keys.open_head(&disk.head().await?)?;
    if heads.slots != keys.slots_digest(slots) {
        return Err(Tampering::Slots.into());
    }
    let mut found = Heads::new(heads.slots);
    let mut index = Index::default();
    disk.names(|sealed| {
        let name = keys.open_name(&sealed)?;
        found.table_mut(name.table).add(&name.row, &keys.mark);
        match index.put(name.table, &name.key, name.row) {
            Some(_) => Err(Tampering::Twice { table: name.table }.into()),
            None => Ok(()),
        }
    })
    .await?;
    let different = heads.differences(&found).next();
    match different {
        Some(what) => Err(what.into()),
        None => Ok((heads, index)),
    }
}

/// Adds a passphrase slot off the event loop: it takes long on purpose.
async fn add_passphrase(
    mut slots: KeySlots,
    root: Secret<32>,
    passphrase: Passphrase,
    cost: Cost,
) -> Result<KeySlots, VaultError> {
    let mut rng = fresh_rng()?;
    spawn_blocking(move || {
        slots.add_passphrase(&root, &passphrase, cost, &mut rng)?;
        Ok(slots)
    })
    .await?
}

/// A generator for one commit, seeded by the operating system.
fn fresh_rng() -> Result<ChaCha20Rng, VaultError> {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice())?;
    Ok(ChaCha20Rng::from_seed(*seed))
}
