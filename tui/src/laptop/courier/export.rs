//! Making a courier's file.
use std::{
    io,
    path::{Path, PathBuf},
};

use shared::{
    bundle::{Chain, FilePart, Manifest, PIECE, SpacePart, Writer},
    crypto::{FileManifest, VerifyingKey},
    journal::{Table, envelope::Envelope, frame::Item},
    model::{DeviceId, SpaceId},
};
use tokio::io::AsyncWriteExt as _;

use super::{CourierError, peer_row, read_cursor};
use crate::laptop::{
    evidence,
    node::{FieldNode, NodeError},
};

/// What a courier's file is to hold.
#[derive(Debug, Clone, Default)]
pub struct Export {
    /// The spaces.
    pub spaces: Vec<SpaceId>,
    /// Who is to read it; every other device that may read all of the spaces if none are
    /// named.
    pub readers: Vec<DeviceId>,
    /// Leave the files of evidence out.
    pub text_only: bool,
    /// Include every entry, also those that all readers are known to have.
    pub whole: bool,
}

/// What a courier's file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Who can read it: device, the person's name, the device's name.
    pub readers: Vec<(DeviceId, String, String)>,
    /// How many entries.
    pub entries: u64,
    /// How many envelopes without a verdict.
    pub envelopes: u64,
    /// How many files.
    pub files: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

/// One space's share.
struct Share {
    items: Vec<Item>,
    envelopes: Vec<Envelope>,
    part: SpacePart,
}

/// Makes a courier's file at `path`, in place of what was there.
///
/// Drafts are sealed first, so that everything saved on this laptop goes along.
///
/// # Errors
/// [`CourierError::NoReaders`], [`CourierError::NotEntitled`], what the disks say. Nothing is
/// left at `path` that was not there.
pub async fn export(
    node: &mut FieldNode,
    what: &Export,
    path: &Path,
) -> Result<Exported, CourierError> {
    node.seal().await?;
    let readers = readers(node, what)?;
    let keys: Vec<VerifyingKey> = readers.iter().map(|r| r.1).collect();
    let mut shares = Vec::with_capacity(what.spaces.len());
    for space in &what.spaces {
        shares.push(share(node, *space, &keys, what.whole).await?);
    }
    let files = if what.text_only { Vec::new() } else { held_files(node, &what.spaces)? };
    let temporary = temporary(path);
    let written = write(node, &keys, &shares, &files, &temporary).await;
    let placed = match written {
        Ok(bytes) => place(&temporary, path).map(|()| bytes).map_err(|error| file(path, error)),
        Err(error) => Err(error),
    };
    if placed.is_err() {
        // What cannot be removed either is overwritten by the next attempt.
        let _ = std::fs::remove_file(&temporary);
    }
    Ok(Exported {
        bytes: placed?,
        readers: readers.into_iter().map(|(id, _, person, name)| (id, person, name)).collect(),
        entries: shares.iter().map(|s| s.items.len() as u64).sum(),
        envelopes: shares.iter().map(|s| s.envelopes.len() as u64).sum(),
        files: files.len() as u64,
    })
}

/// A reader: its device, its key, the person's name, the device's name.
type ReaderOf = (DeviceId, VerifyingKey, String, String);

/// Finds the readers, each of whom may read every space.
fn readers(node: &FieldNode, what: &Export) -> Result<Vec<ReaderOf>, CourierError> {
    let entitled = |space: SpaceId, device: DeviceId| -> Result<Option<ReaderOf>, NodeError> {
        let state = node.space(space)?.state();
        let Some(found) = state.device(device).filter(|d| d.revoked_at.is_none()) else {
            return Ok(None);
        };
        let name = state.members.get(&found.person).map(|m| m.name.clone()).unwrap_or_default();
        let key = VerifyingKey::from_bytes(&found.key).ok();
        let may = state.may_read(found.person, node.now());
        Ok(key.filter(|_| may).map(|key| (device, key, name, found.name.clone())))
    };
    let me = node.core().device();
    let mut readers = Vec::new();
    if what.readers.is_empty() {
        let Some(first) = what.spaces.first() else { return Err(CourierError::NoReaders) };
        'devices: for device in node.space(*first)?.state().devices.keys() {
            let mut reader = None;
            for space in &what.spaces {
                reader = entitled(*space, *device)?;
                if reader.is_none() {
                    continue 'devices;
                }
            }
            readers.extend(reader.filter(|r| r.0 != me));
        }
    } else {
        for device in &what.readers {
            let mut reader = None;
            for space in &what.spaces {
                reader = entitled(*space, *device)?;
                if reader.is_none() {
                    return Err(CourierError::NotEntitled { device: *device, space: *space });
                }
            }
            readers.extend(reader);
        }
    }
    if readers.is_empty() { Err(CourierError::NoReaders) } else { Ok(readers) }
}

/// Gathers a space: entries that some reader may lack, and everything undecided.
async fn share(
    node: &mut FieldNode,
    space: SpaceId,
    readers: &[VerifyingKey],
    whole: bool,
) -> Result<Share, CourierError> {
    let mut after = if whole { 0 } else { u64::MAX };
    for reader in readers {
        let row = node.vault().get(Table::Meta, &peer_row(reader.device_id(), space)).await?;
        let known = row.as_deref().and_then(read_cursor);
        let held = known.filter(|c| node.space(space).is_ok_and(|s| s.holds(c)));
        after = after.min(held.map_or(0, |c| c.pos));
    }
    let after = if after == u64::MAX { 0 } else { after };
    let items = node.items(space, after).await?;
    let envelopes = node.undecided(space).await?;
    let held = node.space(space)?;
    let part = SpacePart {
        space,
        after,
        head: held.head(),
        chains: held
            .chains()
            .into_iter()
            .map(|c| Chain { end: c.end, held: c.held, changes: c.changes })
            .collect(),
        envelopes: envelopes.len() as u64,
    };
    Ok(Share { items, envelopes, part })
}

/// Finds the files of these spaces that are on this laptop, each once.
fn held_files(node: &mut FieldNode, spaces: &[SpaceId]) -> Result<Vec<FileManifest>, CourierError> {
    let mut files: Vec<FileManifest> = Vec::new();
    for space in spaces {
        for manifest in evidence::manifests(node.space(*space)?) {
            let new = files.iter().all(|f| f.address != manifest.address);
            if new && node.vault().files().has(&manifest) {
                files.push(manifest);
            }
        }
    }
    Ok(files)
}

async fn write(
    node: &mut FieldNode,
    readers: &[VerifyingKey],
    shares: &[Share],
    files: &[FileManifest],
    path: &Path,
) -> Result<u64, CourierError> {
    let failed = |error| file(path, error);
    let key = node.signing_key();
    let pieces = |f: &FileManifest| f.sealed_len().div_ceil(PIECE as u64);
    let records = shares.iter().map(|s| (s.items.len() + s.envelopes.len()) as u64).sum::<u64>()
        + files.iter().map(pieces).sum::<u64>();
    let manifest = Manifest {
        maker: key.verifying_key(),
        made_at: node.now(),
        server: node.identity().server().ok_or(NodeError::Identity)?,
        training: node.identity().training,
        readers: Vec::new(),
        spaces: shares.iter().map(|s| s.part.clone()).collect(),
        files: files.iter().map(|f| FilePart { address: f.address, len: f.sealed_len() }).collect(),
        records,
    };
    let mut out = Out::create(path).await.map_err(failed)?;
    let (mut writer, bytes) = Writer::begin(manifest, readers, &key, node.rng())?;
    out.add(&bytes).await.map_err(failed)?;
    // All entries before all envelopes: who may write is known before anything is judged.
    for item in shares.iter().flat_map(|s| &s.items) {
        out.add(&writer.item(item, node.rng())?).await.map_err(failed)?;
    }
    for envelope in shares.iter().flat_map(|s| &s.envelopes) {
        out.add(&writer.envelope(envelope, node.rng())?).await.map_err(failed)?;
    }
    for manifest in files {
        let store = node.vault().files();
        let mut offset = 0;
        while offset < manifest.sealed_len() {
            let bytes = store.read_sealed(manifest, offset, PIECE)?;
            let len = bytes.len() as u64;
            let piece = writer.piece(manifest.address, offset, bytes, node.rng())?;
            out.add(&piece).await.map_err(failed)?;
            offset += len;
        }
    }
    out.add(&writer.end(&key, node.rng())?).await.map_err(failed)?;
    out.finish().await.map_err(failed)
}

/// The file being written, and its length.
struct Out {
    file: tokio::io::BufWriter<tokio::fs::File>,
    len: u64,
}

impl Out {
    async fn create(path: &Path) -> io::Result<Self> {
        let file = tokio::fs::File::create(path).await?;
        Ok(Self { file: tokio::io::BufWriter::new(file), len: 0 })
    }

    async fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.len += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    async fn finish(mut self) -> io::Result<u64> {
        self.file.flush().await?;
        self.file.get_ref().sync_all().await?;
        Ok(self.len)
    }
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// Gives the file its name, durably.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    #[cfg(unix)]
    {
        let dir = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}

fn file(path: &Path, error: io::Error) -> CourierError {
    CourierError::File { path: path.to_owned(), error }
}
