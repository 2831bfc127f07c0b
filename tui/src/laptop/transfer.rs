//! Files of evidence up to the server and down from it, chunk by chunk.
//!
//! A transfer is a thing that is asked for its next *step*; a step is one request on the
//! road. Whoever drives it (the link) sends frames between any two steps, so a request or a
//! line of text never waits for more than one chunk of a file. A step that fails loses that
//! chunk at most: the next begins with what really arrived.
use std::future::Future;

use shared::{
    api::files::{CHUNK_LEN, chunk_hash},
    crypto::FileManifest,
    model::{Digest, SpaceId},
};

use super::vault::{Files, VaultError, files::Download};

/// How files travel between this laptop and the server.
///
/// The implementation speaks the requests of [`shared::api::files`] and nothing else: offsets
/// and hashes are checked here.
pub trait FileRoad {
    /// Asks how much of a file the server holds.
    fn head(
        &mut self,
        space: SpaceId,
        file: Digest,
    ) -> impl Future<Output = Result<Held, RoadError>> + Send;

    /// Sends a chunk and returns what the server holds afterwards, also when it did not take
    /// the chunk because it lies elsewhere.
    fn put(
        &mut self,
        space: SpaceId,
        file: Digest,
        total: u64,
        chunk: Chunk,
    ) -> impl Future<Output = Result<Held, RoadError>> + Send;

    /// Fetches the chunk at `offset`; none while the server does not hold the whole file.
    fn get(
        &mut self,
        space: SpaceId,
        file: Digest,
        offset: u64,
    ) -> impl Future<Output = Result<Option<Chunk>, RoadError>> + Send;
}

/// One chunk of a file's sealed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Its hash in its place ([`chunk_hash`]).
    pub hash: Digest,
    /// The chunk.
    pub bytes: Vec<u8>,
}

/// What the server holds of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Bytes from the start on.
    pub bytes: u64,
    /// Whether that is all.
    pub whole: bool,
}

/// Why a chunk did not travel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoadError {
    /// The link is gone, or nothing came back: to be tried again.
    #[error("the link was cut")]
    Cut,
    /// The server is busy with this file: to be tried again.
    #[error("the server is busy")]
    Busy,
    /// The server's disk is full.
    #[error("the server's disk is full")]
    Full,
    /// The server will not have it.
    #[error("the server refused the file: {code}")]
    Refused {
        /// Its word for why.
        code: String,
    },
}

/// Why a transfer does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The road failed; the same step may be tried again.
    #[error(transparent)]
    Road(#[from] RoadError),
    /// The file on this laptop cannot be read or written.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A chunk was damaged on its way; the same step may be tried again.
    #[error("a chunk was damaged on its way")]
    Damaged,
    /// The server holds more of this name than the file has.
    #[error("the server holds another file under this name")]
    Other,
}

impl TransferError {
    /// Tells whether trying the same step again may help.
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Road(RoadError::Cut | RoadError::Busy) | Self::Damaged)
    }
}

/// How far a transfer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is more to do.
    More {
        /// Bytes on the other side.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The server does not have the file yet.
    NotThere,
    /// The whole file is on the other side.
    Done,
}

/// A file on its way to the server.
pub struct Upload {
    space: SpaceId,
    manifest: FileManifest,
    files: Files,
    /// What the server holds, once it was asked.
    held: Option<u64>,
}

impl Upload {
    /// Prepares to send a file that is in the vault.
    pub fn new(files: Files, space: SpaceId, manifest: &FileManifest) -> Self {
        Self { space, manifest: manifest.duplicate(), files, held: None }
    }

    /// Makes one request.
    ///
    /// # Errors
    /// Any [`TransferError`]; the next step asks first what arrived.
    pub async fn step(&mut self, road: &mut impl FileRoad) -> Result<Step, TransferError> {
        let (name, total) = (self.manifest.address, self.manifest.sealed_len());
        let held = match self.held.take() {
            None => road.head(self.space, name).await?,
            Some(offset) => {
                let bytes = self.files.read_sealed(&self.manifest, offset, CHUNK_LEN)?;
                let hash = chunk_hash(&name, offset, &bytes);
                road.put(self.space, name, total, Chunk { offset, hash, bytes }).await?
            }
        };
        if held.bytes > total || (held.whole && held.bytes != total) {
            return Err(TransferError::Other);
        }
        if held.whole {
            return Ok(Step::Done);
        }
        self.held = Some(held.bytes);
        Ok(Step::More { done: held.bytes, total })
    }
}

/// A file on its way from the server.
pub struct Fetch {
    space: SpaceId,
    manifest: FileManifest,
    /// None once it is whole.
    download: Option<Download>,
}

impl Fetch {
    /// Prepares to fetch a file, going on from what an earlier attempt left.
    ///
    /// # Errors
    /// What the disk says.
    pub fn new(
        files: &Files,
        space: SpaceId,
        manifest: &FileManifest,
    ) -> Result<Self, TransferError> {
        let download = if files.has(manifest) { None } else { Some(files.download(manifest)?) };
        Ok(Self { space, manifest: manifest.duplicate(), download })
    }

    /// Makes one request.
    ///
    /// # Errors
    /// Any [`TransferError`]; what arrived before is kept.
    pub async fn step(&mut self, road: &mut impl FileRoad) -> Result<Step, TransferError> {
        let Some(download) = &mut self.download else { return Ok(Step::Done) };
        let (name, total) = (self.manifest.address, self.manifest.sealed_len());
        if !download.is_complete() {
            let offset = download.pushed();
            let Some(chunk) = road.get(self.space, name, offset).await? else {
                return Ok(Step::NotThere);
            };
            let whole = chunk.hash == chunk_hash(&name, offset, &chunk.bytes);
            if chunk.offset != offset || !whole || chunk.bytes.is_empty() {
                return Err(TransferError::Damaged);
            }
            download.push(&chunk.bytes)?;
        }
        if !download.is_complete() {
            return Ok(Step::More { done: download.pushed(), total });
        }
        if let Some(download) = self.download.take() {
            download.finish()?;
        }
        Ok(Step::Done)
    }
}

#[cfg(test)]
mod tests;
