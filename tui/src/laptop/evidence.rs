//! Files of evidence (佐证材料) on this laptop: sealed into the vault, named in the journal.
//!
//! A file is sealed under a key of its own before anything is said about it; the request that
//! registers the evidence carries what others of the space need to fetch and open it.
use std::io::{self, Read};

use shared::{
    api::files::MAX_FILE,
    crypto::FileManifest,
    journal::laptop::LaptopSpace,
    model::{EvidenceId, evidence::Evidence},
    workflow::Command,
};

use super::vault::{Files, VaultError, files::FileReader};

/// Why a file could not be attached or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The store failed, or the source of the file did.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The file is longer than the server takes.
    #[error("the file is longer than {MAX_FILE} bytes")]
    TooLong,
    /// No such evidence is known in this space, or it has no file.
    #[error("no file is known for evidence {0}")]
    NoFile(EvidenceId),
}

/// Seals a file into the vault and writes into `evidence` what others need to have it. The
/// file is on the disk when this returns; the evidence is still to be registered.
///
/// # Errors
/// [`EvidenceError::TooLong`], [`EvidenceError::Vault`]; nothing is left then.
pub async fn attach<R: Read + Send + 'static>(
    files: &Files,
    source: R,
    evidence: &mut Evidence,
) -> Result<FileManifest, EvidenceError> {
    let manifest = files.put(source.take(MAX_FILE)).await?;
    if manifest.sealed_len() > MAX_FILE {
        files.remove(&manifest)?;
        return Err(EvidenceError::TooLong);
    }
    evidence.size = manifest.len;
    evidence.content = Some(manifest.content);
    evidence.file = Some(manifest.to_ref());
    Ok(manifest)
}

/// Returns the manifests of all files that a space speaks of: registered evidence, and
/// evidence whose registration is still a request. What cannot be read is left out.
pub fn manifests(space: &LaptopSpace) -> Vec<FileManifest> {
    known(space).filter_map(|e| FileManifest::from_ref(e.file.as_ref()?).ok()).collect()
}

/// Returns the manifest of one item's file.
///
/// # Errors
/// [`EvidenceError::NoFile`].
pub fn manifest(space: &LaptopSpace, id: EvidenceId) -> Result<FileManifest, EvidenceError> {
    let found = known(space).filter(|e| e.id == id).find_map(|e| e.file.as_ref());
    found.and_then(|f| FileManifest::from_ref(f).ok()).ok_or(EvidenceError::NoFile(id))
}

/// Opens an item's file for reading; every chunk is checked before it is given out.
///
/// # Errors
/// [`EvidenceError::NoFile`]; [`VaultError::NoSuchFile`] while it is not on this laptop.
pub fn open(
    files: &Files,
    space: &LaptopSpace,
    id: EvidenceId,
) -> Result<FileReader, EvidenceError> {
    Ok(files.open(&manifest(space, id)?)?)
}

/// Writes an item's file out in plain, for another program.
///
/// # Errors
/// As [`open`]; what `target` says.
pub fn copy_out(
    files: &Files,
    space: &LaptopSpace,
    id: EvidenceId,
    target: &mut impl io::Write,
) -> Result<u64, EvidenceError> {
    let mut reader = open(files, space, id)?;
    let mut written = 0;
    while let Some(chunk) = reader.next_chunk()? {
        target.write_all(chunk).map_err(VaultError::from)?;
        written += chunk.len() as u64;
    }
    Ok(written)
}

/// Returns all items that a space speaks of: registered, and asked to be.
pub(super) fn known(space: &LaptopSpace) -> impl Iterator<Item = &Evidence> {
    let asked = space.requests().filter_map(|(_, kept)| match &kept.request.as_ref()?.command {
        Command::RegisterEvidence { evidence } => Some(evidence),
        _ => None,
    });
    space.state().evidence.values().map(|r| &r.evidence).chain(asked)
}
