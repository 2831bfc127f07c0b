//! Where the journal lies: what the server asks of a store, and the store on one file.
//!
//! The core ([`shared::journal::server`]) names the writes; a store makes each batch of them
//! durable together or not at all. Nothing here judges content.
//!
//! # Invariants
//! - An entry is appended only behind the entry that it names (compare and set).
//! - Envelopes are never removed, and never stored twice.
//! - A batch that was answered survives the loss of power.
mod sqlite;

use std::{fmt, path::PathBuf};

use futures_util::future::BoxFuture;
pub use sqlite::{SqliteOptions, SqliteStore};

use shared::{
    journal::{
        envelope::Envelope,
        frame::Item,
        server::{Loaded, Write},
    },
    model::{Digest, DocId, PersonId, SpaceId, Timestamp},
};

/// Why a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the size allowed to the file, is used up. Nothing of the batch was kept.
    #[error("the disk is full")]
    Full,
    /// An entry does not follow the last one of its space: another writer, or state that ran
    /// ahead of a failed commit.
    #[error("the journal of space {space} does not end before position {pos}")]
    NotNext {
        /// The space.
        space: SpaceId,
        /// The position that was to be written.
        pos: u64,
    },
    /// Stored bytes do not read: the file is damaged.
    #[error("damaged row in {table}: {why}")]
    Damaged {
        /// The table.
        table: &'static str,
        /// What does not read.
        why: String,
    },
    /// No server's data is in the folder, and none was to be made there.
    #[error("no server's data in {}", .0.display())]
    NoData(PathBuf),
    /// The folder is in use by another server.
    #[error("another server is using {}", .0.display())]
    InUse(PathBuf),
    /// The file system refuses.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database refuses.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// The tables cannot be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

/// A stored enrolment code.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// The half by which it is found.
    pub selector: String,
    /// Hash of the other half.
    pub secret: Digest,
    /// Whose device it enrols.
    pub person: PersonId,
    /// Until when.
    pub expires: Timestamp,
    /// How many wrong guesses are left.
    pub tries: u32,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code(for {}, {} tries left)", self.person, self.tries)
    }
}

/// What a stretch of a journal comes to.
#[derive(Debug, Default)]
pub struct Stretch {
    /// Entries in order, each with its envelope.
    pub items: Vec<Item>,
    /// Whether it goes up to the last position that was asked for.
    pub complete: bool,
}

/// Where the journal lies.
pub trait Store: Send + Sync + 'static {
    /// Returns all that the core needs to take its state up.
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>>;

    /// Makes these writes durable, all or none.
    fn commit<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Reads entries after `after`, up to and with `until`, as long as they stay below
    /// `bytes` together; at least one.
    fn stretch(
        &self,
        space: SpaceId,
        after: u64,
        until: u64,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Stretch, StoreError>>;

    /// Reads envelopes in the order asked; those not stored are left out.
    fn envelopes<'a>(
        &'a self,
        hashes: &'a [Digest],
    ) -> BoxFuture<'a, Result<Vec<Envelope>, StoreError>>;

    /// Reads the save of a document.
    fn snapshot(
        &self,
        space: SpaceId,
        doc: DocId,
    ) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;

    /// Reads what the server knows about itself.
    fn meta<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Writes what the server knows about itself.
    fn set_meta<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Keeps an enrolment code; drops those whose time is over.
    fn add_code<'a>(
        &'a self,
        code: &'a Code,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Spends a code: returns its person if both halves fit, it is not over and tries are
    /// left; a wrong second half costs a try.
    fn spend_code<'a>(
        &'a self,
        selector: &'a str,
        secret: Digest,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<PersonId>, StoreError>>;

    /// Writes a whole copy to a new file that only its owner may open. What is there already
    /// is left as it is.
    fn backup<'a>(&'a self, file: &'a std::path::Path) -> BoxFuture<'a, Result<(), StoreError>>;
}
