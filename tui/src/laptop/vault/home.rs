//! The vault's folder: who may enter, and only one at a time.
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::{error::VaultError, wipe};

/// The vault's folder, held by this process until dropped.
pub(super) struct Home {
    dir: PathBuf,
    /// Dropping the file gives the lock back.
    _lock: File,
}

impl Home {
    /// Makes the folder if need be, readable by its owner alone, and takes the lock.
    pub(super) fn create(dir: &Path) -> Result<Self, VaultError> {
        make_private_dir(dir)?;
        let home = Self::enter(dir)?;
        make_private_dir(&home.files())?;
        sync_dir(dir)?;
        if let Some(parent) = dir.parent().filter(|p| !p.as_os_str().is_empty()) {
            sync_dir(parent)?;
        }
        Ok(home)
    }

    /// Takes the lock of an existing folder.
    pub(super) fn open(dir: &Path) -> Result<Self, VaultError> {
        if wipe::begun(dir) {
            drop(Self::enter(dir)?);
        }
        if !dir.join(DATABASE).is_file() {
            return Err(VaultError::Absent { dir: dir.to_owned() });
        }
        Self::enter(dir)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }

    pub(super) fn files(&self) -> PathBuf {
        self.dir.join("files")
    }

    fn enter(dir: &Path) -> Result<Self, VaultError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let lock = private(&mut options).open(dir.join("lock"))?;
        match fs4::FileExt::try_lock(&lock) {
            Ok(()) => {
                if wipe::begun(dir) {
                    wipe::finish(dir)?;
                }
                Ok(Self { dir: dir.to_owned(), _lock: lock })
            }
            Err(fs4::TryLockError::WouldBlock) => Err(VaultError::InUse { dir: dir.to_owned() }),
            Err(fs4::TryLockError::Error(e)) => Err(e.into()),
        }
    }
}

const DATABASE: &str = "vault.db";

/// Makes a folder that only its owner may enter; one that exists is closed to others.
pub(super) fn make_private_dir(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Makes files that only their owner may read.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Makes new and renamed names in a folder durable.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    // Windows has no such call and keeps names durable with the file.
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}
