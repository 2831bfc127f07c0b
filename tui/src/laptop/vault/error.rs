//! What can go wrong with the vault, as data.
use std::{io, path::PathBuf};

use shared::{
    crypto::{SealError, SlotError, slots::SlotId, stream::StreamError},
    journal::Table,
};

/// Why the vault did not do what was asked.
///
/// After [`VaultError::Full`] and [`VaultError::Io`] nothing of the commit is visible and the
/// vault goes on working; the same commit may be tried again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Another process has this home open.
    #[error("{} is in use by another process", dir.display())]
    InUse {
        /// The vault's folder.
        dir: PathBuf,
    },
    /// There is no vault here.
    #[error("there is no vault in {}", dir.display())]
    Absent {
        /// The folder asked for.
        dir: PathBuf,
    },
    /// There is a vault here already; nothing was touched.
    #[error("there is a vault in {} already", dir.display())]
    Exists {
        /// The folder asked for.
        dir: PathBuf,
    },
    /// The vault is whole; the passphrase or recovery key is not the right one.
    #[error("wrong passphrase or recovery key")]
    WrongKey,
    /// The passphrase is empty.
    #[error("an empty passphrase protects nothing")]
    EmptyPassphrase,
    /// The key slots are damaged, or cannot be used on this machine.
    #[error("the key slots cannot be used")]
    Slots(#[source] SlotError),
    /// The slot is not there, or is the last one.
    #[error("key slot {} cannot be removed", id.0)]
    Slot {
        /// The slot asked for.
        id: SlotId,
    },
    /// Something at rest is not what this vault wrote last.
    #[error("the vault was changed from outside: {what}")]
    Tampered {
        /// What does not hold.
        what: Tampering,
    },
    /// The vault was written by a newer build.
    #[error("the vault has format {found}, which this build does not know")]
    NewerFormat {
        /// The format number found.
        found: i64,
    },
    /// A key or value is too long to be a row.
    #[error("{len} bytes are too many for a row, {limit} is the most")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
        /// The most that is stored, in bytes.
        limit: usize,
    },
    /// The file is not on this laptop.
    #[error("the file is not on this laptop")]
    NoSuchFile,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The disk failed.
    #[error("the disk failed")]
    Io(#[source] io::Error),
    /// The operating system gave no randomness, so nothing can be sealed.
    #[error("no randomness from the operating system")]
    NoRandomness,
    /// The database refused for a reason of its own.
    #[error("the database refused")]
    Database(#[source] sqlx::Error),
    /// Work given to another thread did not come back.
    #[error("work in the background was ended")]
    Ended,
}

/// What does not hold. Rows are named by their place in the store: their real key may be what
/// was damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Tampering {
    /// A row's sealed key does not open in its place.
    #[error("row {place} does not open")]
    Row {
        /// The row's place.
        place: i64,
    },
    /// A row's value is not the one written with its key.
    #[error("the value of row {place} of {table:?} does not hold")]
    Value {
        /// The table.
        table: Table,
        /// The row's place.
        place: i64,
    },
    /// Rows were taken away or added.
    #[error("{table:?} has {found} rows instead of {expected}")]
    Count {
        /// The table.
        table: Table,
        /// Rows at the last commit.
        expected: u64,
        /// Rows found.
        found: u64,
    },
    /// The number of rows is right but not all are the newest.
    #[error("{table:?} holds other rows than at the last commit")]
    Rows {
        /// The table.
        table: Table,
    },
    /// Two rows have the same key.
    #[error("{table:?} holds a row twice")]
    Twice {
        /// The table.
        table: Table,
    },
    /// The sealed head is missing or does not open.
    #[error("the head does not open")]
    Head,
    /// The key slots are others than at the last commit.
    #[error("the key slots were exchanged")]
    Slots,
    /// The store went back behind a commit made while it was open.
    #[error("the store went back from commit {known} to {found}")]
    Rollback {
        /// The newest commit this process knows.
        known: u64,
        /// The commit found.
        found: u64,
    },
    /// The database file itself is broken.
    #[error("the database file is damaged")]
    Database,
    /// A sealed file does not hold.
    #[error("a sealed file does not hold: {0}")]
    File(StreamError),
    /// A sealed file has another length than its manifest says.
    #[error("a sealed file has {found} bytes instead of {expected}")]
    FileLength {
        /// The sealed length by the manifest, in bytes.
        expected: u64,
        /// The length found, in bytes.
        found: u64,
    },
    /// A sealed file is whole, but not what its manifest promises: whoever made the manifest
    /// made it wrong.
    #[error("a sealed file is not what its manifest says")]
    FileContent,
}

impl From<Tampering> for VaultError {
    fn from(what: Tampering) -> Self {
        Self::Tampered { what }
    }
}

impl From<io::Error> for VaultError {
    fn from(e: io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(e),
        }
    }
}

impl From<StreamError> for VaultError {
    fn from(e: StreamError) -> Self {
        Tampering::File(e).into()
    }
}

impl From<SealError> for VaultError {
    fn from(e: SealError) -> Self {
        let SealError::TooLong { len } = e;
        Self::TooLarge { len, limit: shared::crypto::seal::MAX_PLAINTEXT }
    }
}

impl From<SlotError> for VaultError {
    fn from(e: SlotError) -> Self {
        match e {
            SlotError::WrongKey => Self::WrongKey,
            other => Self::Slots(other),
        }
    }
}

impl From<getrandom::Error> for VaultError {
    fn from(_: getrandom::Error) -> Self {
        Self::NoRandomness
    }
}

impl From<tokio::task::JoinError> for VaultError {
    fn from(_: tokio::task::JoinError) -> Self {
        Self::Ended
    }
}

impl From<sqlx::Error> for VaultError {
    /// Sorts by SQLite's primary result code, the low byte of the extended one.
    fn from(e: sqlx::Error) -> Self {
        const IOERR: u32 = 10;
        const CORRUPT: u32 = 11;
        const FULL: u32 = 13;
        const CANTOPEN: u32 = 14;
        const NOTADB: u32 = 26;
        let code = match &e {
            sqlx::Error::Database(db) => db.code().and_then(|c| c.parse::<u32>().ok()),
            _ => None,
        };
        match code.map(|c| c & 0xff) {
            Some(FULL) => Self::Full,
            Some(IOERR | CANTOPEN) => Self::Io(io::Error::other(e)),
            Some(CORRUPT | NOTADB) => Tampering::Database.into(),
            _ => match e {
                sqlx::Error::Io(io) => io.into(),
                other => Self::Database(other),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_has_one_name_wherever_it_is_met() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            assert!(matches!(VaultError::from(io::Error::from(kind)), VaultError::Full));
            assert!(matches!(VaultError::from(sqlx::Error::Io(kind.into())), VaultError::Full));
        }
        let other = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(VaultError::from(other), VaultError::Io(_)));
    }
}
