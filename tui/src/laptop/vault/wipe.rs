//! Ending a vault for good: the keys first, then everything they sealed.
//!
//! A wipe that was cut off goes on when the folder is next entered. What a disk keeps of
//! overwritten blocks (a solid-state disk does) is still sealed, and its keys are gone.
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use super::{Vault, VaultError, home};

/// Says that a wipe has begun.
const MARK: &str = "wiping";
/// The database with the key slots, and what lies beside it; overwritten before it is removed.
const KEYS: &[&str] = &["vault.db", "vault.db-wal", "vault.db-shm"];
/// Folders with sealed files, and a vault that waited for its enrolment.
const FOLDERS: &[&str] = &["files", "enrolment"];
const BLOCK: usize = 1 << 20;

impl Vault {
    /// Wipes the vault: its database is overwritten and removed, then its sealed files. When
    /// this returns without error all of that is on the disk. The folder itself stays, and may
    /// take a new vault.
    ///
    /// # Errors
    /// What the disk says; entering the folder again goes on with it.
    pub async fn wipe(self) -> Result<(), VaultError> {
        let Self { disk, home, .. } = self;
        begin(home.dir())?;
        // What the database says at its end does not matter: its bytes are overwritten next.
        let _ = disk.close().await;
        finish(home.dir())?;
        // The folder is let go last.
        drop(home);
        Ok(())
    }
}

/// Tells whether a wipe has begun here and is not finished.
pub(super) fn begun(dir: &Path) -> bool {
    dir.join(MARK).exists()
}

fn begin(dir: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    home::private(&mut options).open(dir.join(MARK))?.sync_all()?;
    home::sync_dir(dir)
}

/// Does what is left of a wipe that has begun. The caller holds the folder's lock.
pub(super) fn finish(dir: &Path) -> io::Result<()> {
    let there: Vec<_> = KEYS.iter().map(|name| dir.join(name)).filter(|p| p.exists()).collect();
    for file in &there {
        overwrite(file)?;
    }
    for file in &there {
        fs::remove_file(file)?;
    }
    home::sync_dir(dir)?;
    for folder in FOLDERS.iter().map(|name| dir.join(name)).filter(|p| p.exists()) {
        fs::remove_dir_all(folder)?;
    }
    home::sync_dir(dir)?;
    if begun(dir) {
        fs::remove_file(dir.join(MARK))?;
    }
    home::sync_dir(dir)
}

/// Writes zeros over a file, and leaves it empty.
fn overwrite(path: &Path) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).open(path)?;
    let zeros = vec![0; BLOCK];
    let mut left = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    while left > 0 {
        let n = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        file.write_all(&zeros[..n])?;
        left -= n as u64;
    }
    file.sync_all()?;
    file.set_len(0)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use shared::{
        crypto::Passphrase,
        journal::{Table, Write},
    };
    use tempfile::TempDir;

    use super::*;
    use crate::laptop::rng;

    async fn made(dir: &Path) -> Vault {
        let pass: Passphrase = "开启甲组".into();
        let mut rng = rng::fresh().unwrap();
        let (mut vault, _) = Vault::create(dir, &pass, &mut rng).await.unwrap();
        let row = Write::put(Table::Entry, b"e1".to_vec(), "某市甲局".as_bytes().to_vec());
        vault.commit(vec![row]).await.unwrap();
        vault.files().put_blocking(&b"scan"[..]).unwrap();
        vault
    }

    /// Everything that lies in a folder, but for its lock.
    fn left(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name());
        let mut names: Vec<String> = names.map(|n| n.to_string_lossy().into_owned()).collect();
        names.retain(|n| n != "lock");
        names
    }

    #[tokio::test]
    async fn nothing_is_left_and_the_folder_takes_a_new_vault() {
        let dir = TempDir::new().unwrap();
        let home = dir.path().join("home");
        made(&home).await.wipe().await.unwrap();
        assert!(left(&home).is_empty(), "{:?}", left(&home));
        let pass: Passphrase = "开启甲组".into();
        let gone = Vault::open(&home, &pass).await;
        assert!(matches!(gone, Err(VaultError::Absent { .. })), "{gone:?}");
        made(&home).await.lock().await.unwrap();
        assert!(Vault::open(&home, &pass).await.is_ok());
    }

    #[tokio::test]
    async fn a_wipe_that_was_cut_off_goes_on_at_the_next_entry() {
        let dir = TempDir::new().unwrap();
        let home = dir.path().join("home");
        made(&home).await.lock().await.unwrap();
        begin(&home).unwrap();
        let gone = Vault::open(&home, &"开启甲组".into()).await;
        assert!(matches!(gone, Err(VaultError::Absent { .. })), "{gone:?}");
        assert!(left(&home).is_empty(), "{:?}", left(&home));
    }

    #[test]
    fn overwritten_bytes_are_gone_before_the_file_is() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("vault.db");
        fs::write(&path, vec![7; BLOCK + 5]).unwrap();
        // A second name shows what became of the bytes themselves.
        let other = dir.path().join("other");
        fs::hard_link(&path, &other).unwrap();
        overwrite(&path).unwrap();
        assert_eq!(fs::metadata(&other).unwrap().len(), 0);
    }
}
