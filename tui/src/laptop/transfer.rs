//! Files of evidence up to the server and down from it, chunk by chunk.
//!
//! A transfer is a thing that is asked for its next *step*; a step is one request on the
//! road. Whoever drives it (the link) sends frames between any two steps, so a request or a
//! line of text never waits for more than one chunk of a file. A step that fails loses that
//! chunk at most: the next begins with what really arrived. The disk is read and written off
//! the event loop.
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

    /// Returns a stable code for scripts.
    pub fn code(&self) -> &str {
        match self {
            Self::Road(RoadError::Cut) => "unreachable",
            Self::Road(RoadError::Busy) => "server_busy",
            Self::Road(RoadError::Full) => "server_full",
            Self::Road(RoadError::Refused { code }) => code,
            Self::Vault(VaultError::Full) => "disk_full",
            Self::Vault(VaultError::Tampered { .. }) => "tampered",
            Self::Vault(_) => "laptop",
            Self::Damaged => "damaged",
            Self::Other => "other_file",
        }
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
    sent: u64,
}

impl Upload {
    /// Prepares to send a file that is in the vault.
    pub fn new(files: Files, space: SpaceId, manifest: &FileManifest) -> Self {
        Self { space, manifest: manifest.duplicate(), files, held: None, sent: 0 }
    }

    /// Returns how many bytes of chunks were given to the road, also in vain.
    pub const fn sent(&self) -> u64 {
        self.sent
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
                let (files, manifest) = (self.files.clone(), self.manifest.duplicate());
                let (bytes, hash) = off(move || {
                    let bytes = files.read_sealed(&manifest, offset, CHUNK_LEN)?;
                    let hash = chunk_hash(&name, offset, &bytes);
                    Ok((bytes, hash))
                })
                .await?;
                self.sent += bytes.len() as u64;
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
    files: Files,
    /// None before the first step, and once it is whole.
    download: Option<Download>,
    whole: bool,
    got: u64,
}

impl Fetch {
    /// Prepares to fetch a file; the first step goes on from what an earlier attempt left.
    pub fn new(files: Files, space: SpaceId, manifest: &FileManifest) -> Self {
        let manifest = manifest.duplicate();
        Self { space, manifest, files, download: None, whole: false, got: 0 }
    }

    /// Returns how many bytes of chunks came, also in vain.
    pub const fn got(&self) -> u64 {
        self.got
    }

    /// Makes at most one request.
    ///
    /// # Errors
    /// Any [`TransferError`]; what arrived before is kept.
    pub async fn step(&mut self, road: &mut impl FileRoad) -> Result<Step, TransferError> {
        if self.whole {
            return Ok(Step::Done);
        }
        let (name, total) = (self.manifest.address, self.manifest.sealed_len());
        let mut download = match self.download.take() {
            Some(download) => download,
            None => {
                let (files, manifest) = (self.files.clone(), self.manifest.duplicate());
                // What is there is checked again, which takes long where much is there.
                let begun = off(move || match files.has(&manifest) {
                    true => Ok(None),
                    false => files.download(&manifest).map(Some),
                });
                match begun.await? {
                    Some(download) => download,
                    None => {
                        self.whole = true;
                        return Ok(Step::Done);
                    }
                }
            }
        };
        if !download.is_complete() {
            let offset = download.pushed();
            let chunk = match road.get(self.space, name, offset).await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => {
                    self.download = Some(download);
                    return Ok(Step::NotThere);
                }
                Err(error) => {
                    self.download = Some(download);
                    return Err(error.into());
                }
            };
            self.got += chunk.bytes.len() as u64;
            let (back, pushed) = off(move || {
                let sound = chunk.hash == chunk_hash(&name, offset, &chunk.bytes);
                let pushed = match chunk.offset == offset && sound && !chunk.bytes.is_empty() {
                    true => download.push(&chunk.bytes).map_err(TransferError::from),
                    false => Err(TransferError::Damaged),
                };
                Ok((download, pushed))
            })
            .await?;
            download = back;
            if let Err(error) = pushed {
                self.download = Some(download);
                return Err(error);
            }
        }
        if !download.is_complete() {
            let done = download.pushed();
            self.download = Some(download);
            return Ok(Step::More { done, total });
        }
        off(move || download.finish()).await?;
        self.whole = true;
        Ok(Step::Done)
    }
}

/// Does what may block where it may.
async fn off<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    tokio::task::spawn_blocking(work).await?
}

#[cfg(test)]
mod tests;
