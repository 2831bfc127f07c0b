//! Taking a courier's file in.
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

use shared::{
    bundle::{BundleError, Foreign, Manifest, Reader, Record},
    crypto::FileManifest,
    journal::{Table, Write, envelope::Envelope, frame::Item, laptop::Courier},
    model::{DeviceId, Digest, PersonId, SpaceId, Timestamp},
};
use tokio::io::AsyncReadExt as _;

use super::{CourierError, peer_row, write_cursor};
use crate::laptop::{evidence, node::FieldNode, vault::VaultError, vault::files::Download};

/// How many records are handed to the journal at once: one commit on the disk.
const BATCH: usize = 256;
/// How much of the file is read at once, in bytes.
const BLOCK: usize = 256 * 1024;

/// What a courier's file brought, and what it did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The device that made the file.
    pub maker: DeviceId,
    /// The name of the person whose device that is.
    pub maker_name: String,
    /// When it was made, by that device's clock.
    pub made_at: Timestamp,
    /// Entries and envelopes taken in.
    pub new: u64,
    /// Entries and envelopes that were here already.
    pub known: u64,
    /// Files that are here now and were not.
    pub files: u64,
    /// Files of which pieces are still missing; importing again, or the link, brings the rest.
    pub files_unfinished: u64,
    /// What of others' work is known to exist and is not here.
    pub gaps: Vec<Gap>,
    /// Entries of the server that the maker holds and that are not here.
    pub entries_missing: Vec<EntriesMissing>,
    /// What was left out or is not shown, and why.
    pub set_aside: Vec<SetAside>,
    /// Why the rest of the file could not be used; none if all of it could.
    pub truncated: Option<BundleError>,
}

/// Work of one device that is known to exist and is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// In which space.
    pub space: SpaceId,
    /// Whose; none if the device is not known here.
    pub person: Option<PersonId>,
    /// The person's name.
    pub person_name: String,
    /// The device.
    pub device: DeviceId,
    /// What people call the device.
    pub device_name: String,
    /// How many changes are missing at least.
    pub missing: u64,
}

/// Entries of the server that are not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntriesMissing {
    /// In which space.
    pub space: SpaceId,
    /// How many.
    pub missing: u64,
}

/// Why something was left out, or is kept and not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetAside {
    /// It stands after entries that are not here.
    EntryOutOfOrder {
        /// The space.
        space: SpaceId,
        /// Its position.
        pos: u64,
    },
    /// Its space or its device is not known here, or its signature does not hold.
    NotKnown {
        /// The envelope.
        envelope: Digest,
    },
    /// It is kept and relayed, but this laptop's sandbox has not passed it, or what it rests
    /// on is missing: it is not part of the text shown.
    NotShown {
        /// The envelope.
        envelope: Digest,
        /// Whose device.
        device: DeviceId,
    },
    /// This build cannot read it.
    Unreadable {
        /// Why.
        why: String,
    },
    /// A file that no evidence here speaks of.
    UnknownFile {
        /// Its address.
        file: Digest,
    },
    /// A file's piece does not hold.
    BadFile {
        /// Its address.
        file: Digest,
    },
}

/// Takes a courier's file in; what is known already changes nothing.
///
/// # Errors
/// [`CourierError::Bundle`] when nothing of the file can be used: it is no courier's file, is
/// sealed for others, is of another round, comes from an unknown device, or ends or breaks
/// before it says what it holds. A file that breaks later is taken in up to there, and
/// [`ImportReport::truncated`] says so. What the disks say; importing again goes on.
pub async fn import(node: &mut FieldNode, path: &Path) -> Result<ImportReport, CourierError> {
    let failed = |error: io::Error| CourierError::File { path: path.to_owned(), error };
    let mut file = tokio::fs::File::open(path).await.map_err(failed)?;
    let key = node.signing_key();
    let mut reader = Reader::new(&key);
    let mut import = None;
    let mut block = vec![0; BLOCK];
    let ended = loop {
        let n = file.read(&mut block).await.map_err(failed)?;
        if n == 0 {
            break reader.finish();
        }
        reader.push(&block[..n]);
        match import_records(node, &mut reader, &mut import).await? {
            Ok(()) => {}
            Err(error) => break Err(error),
        }
    };
    match (import, ended) {
        (Some(import), ended) => import.finish(node, ended.err()).await,
        // A file without a manifest was never read to its end.
        (None, Err(error)) => Err(error.into()),
        (None, Ok(())) => Err(BundleError::NotABundle.into()),
    }
}

/// Takes in what the reader has ready; the inner error is the file's.
async fn import_records(
    node: &mut FieldNode,
    reader: &mut Reader<'_>,
    import: &mut Option<Import>,
) -> Result<Result<(), BundleError>, CourierError> {
    loop {
        match (reader.next_record(), import.as_mut()) {
            (Ok(None), _) => return Ok(Ok(())),
            (Err(error), _) => return Ok(Err(error)),
            (Ok(Some(Record::Manifest(manifest))), None) => {
                let server = node.identity().server();
                let server = server.ok_or(crate::laptop::NodeError::Identity)?;
                manifest.check_round(&server, node.identity().training)?;
                *import = Some(Import::new(manifest));
            }
            (Ok(Some(record)), Some(import)) => import.take(node, record).await?,
            // The reader gives the manifest first, and once.
            (Ok(Some(_)), None) => return Err(BundleError::NotABundle.into()),
        }
    }
}

struct Import {
    manifest: Manifest,
    items: Vec<Item>,
    envelopes: Vec<Envelope>,
    /// Whether the maker was found among the devices known here.
    met: bool,
    new: u64,
    known: u64,
    set_aside: Vec<SetAside>,
    fresh: Vec<(SpaceId, Digest)>,
    files: Option<Files>,
}

/// Files under way.
struct Files {
    wanted: BTreeMap<Digest, FileManifest>,
    open: BTreeMap<Digest, Download>,
    done: u64,
}

impl Import {
    fn new(manifest: Manifest) -> Self {
        Self {
            manifest,
            items: Vec::new(),
            envelopes: Vec::new(),
            met: false,
            new: 0,
            known: 0,
            set_aside: Vec::new(),
            fresh: Vec::new(),
            files: None,
        }
    }

    async fn take(&mut self, node: &mut FieldNode, record: Record) -> Result<(), CourierError> {
        match record {
            Record::Item(item) => {
                self.items.push(item);
                if self.items.len() >= BATCH {
                    self.flush_items(node).await?;
                }
            }
            Record::Envelope(envelope) => {
                self.flush_items(node).await?;
                self.meet_maker(node)?;
                self.envelopes.push(envelope);
                if self.envelopes.len() >= BATCH {
                    self.flush_envelopes(node).await?;
                }
            }
            Record::Piece { file, offset, bytes } => {
                self.flush_items(node).await?;
                self.flush_envelopes(node).await?;
                self.meet_maker(node)?;
                self.piece(node, file, offset, &bytes)?;
            }
            Record::Unreadable { why } => self.set_aside.push(SetAside::Unreadable { why }),
            // The reader gives no second manifest; a kind of a newer build is left out.
            _ => {}
        }
        Ok(())
    }

    /// A device unknown here after its own entries are read is none of ours.
    fn meet_maker(&mut self, node: &FieldNode) -> Result<(), CourierError> {
        let (id, key) = (self.manifest.maker.device_id(), self.manifest.maker.as_bytes());
        self.met = self.met
            || node.core().device() == id
            || node.core().spaces().any(|(_, s)| {
                s.state().device(id).is_some_and(|d| d.key == *key && d.revoked_at.is_none())
            });
        if self.met { Ok(()) } else { Err(BundleError::Foreign(Foreign::Maker).into()) }
    }

    async fn flush_items(&mut self, node: &mut FieldNode) -> Result<(), CourierError> {
        if self.items.is_empty() {
            return Ok(());
        }
        let items = std::mem::take(&mut self.items);
        let head = |node: &FieldNode, space| node.space(space).map_or(0, |s| s.head().pos);
        let mut fresh = Vec::new();
        for item in &items {
            let body = item.entry.body();
            if body.pos <= head(node, body.space) {
                self.known += 1;
            } else {
                fresh.push((body.space, body.pos));
            }
        }
        node.courier(Courier { items, envelopes: Vec::new() }).await?;
        for (space, pos) in fresh {
            if pos <= head(node, space) {
                self.new += 1;
            } else {
                self.set_aside.push(SetAside::EntryOutOfOrder { space, pos });
            }
        }
        Ok(())
    }

    async fn flush_envelopes(&mut self, node: &mut FieldNode) -> Result<(), CourierError> {
        if self.envelopes.is_empty() {
            return Ok(());
        }
        let envelopes = std::mem::take(&mut self.envelopes);
        let held = |node: &FieldNode, space, hash: &Digest| {
            node.space(space).is_ok_and(|s| s.envelope(hash).is_some())
        };
        let mut fresh = Vec::new();
        for envelope in &envelopes {
            let (space, hash) = (envelope.header().space, envelope.hash());
            if held(node, space, &hash) {
                self.known += 1;
            } else {
                fresh.push((space, hash));
            }
        }
        node.courier(Courier { items: Vec::new(), envelopes }).await?;
        for (space, envelope) in fresh {
            if held(node, space, &envelope) {
                self.new += 1;
                self.fresh.push((space, envelope));
            } else {
                self.set_aside.push(SetAside::NotKnown { envelope });
            }
        }
        Ok(())
    }

    fn piece(
        &mut self,
        node: &mut FieldNode,
        file: Digest,
        offset: u64,
        bytes: &[u8],
    ) -> Result<(), CourierError> {
        let store = node.vault().files();
        let files = self.files.get_or_insert_with(|| {
            let known = node.core().spaces().flat_map(|(_, s)| evidence::manifests(s));
            let wanted = known.filter(|m| !store.has(m)).map(|m| (m.address, m)).collect();
            Files { wanted, open: BTreeMap::new(), done: 0 }
        });
        if !files.wanted.contains_key(&file) {
            // Here already, or nobody here speaks of it; said once for each file.
            let known = node.core().spaces().flat_map(|(_, s)| evidence::manifests(s));
            if offset == 0 && known.into_iter().all(|m| m.address != file) {
                self.set_aside.push(SetAside::UnknownFile { file });
            }
            return Ok(());
        }
        if let (false, Some(manifest)) = (files.open.contains_key(&file), files.wanted.get(&file)) {
            files.open.insert(file, store.download(manifest)?);
        }
        let Some(download) = files.open.get_mut(&file) else { return Ok(()) };
        // Pieces come in order; what an earlier attempt left is passed over.
        let pushed = match download.pushed().checked_sub(offset).map(usize::try_from) {
            Some(Ok(from)) if from < bytes.len() => download.push(&bytes[from..]),
            _ => Ok(()),
        };
        let complete = pushed.is_ok() && download.is_complete();
        match pushed {
            Ok(()) if complete => {
                files.wanted.remove(&file);
                if let Some(download) = files.open.remove(&file) {
                    match download.finish() {
                        Ok(()) => files.done += 1,
                        Err(VaultError::Tampered { .. }) => {
                            self.set_aside.push(SetAside::BadFile { file });
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(())
            }
            Ok(()) => Ok(()),
            Err(VaultError::Tampered { .. }) => {
                files.wanted.remove(&file);
                files.open.remove(&file);
                self.set_aside.push(SetAside::BadFile { file });
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Counts the files of this bundle that evidence here speaks of and that are not here.
    fn unfinished(&self, node: &mut FieldNode) -> u64 {
        let store = node.vault().files();
        let known = node.core().spaces().flat_map(|(_, s)| evidence::manifests(s));
        let wanted: BTreeSet<Digest> = known.filter(|m| !store.has(m)).map(|m| m.address).collect();
        self.manifest.files.iter().filter(|f| wanted.contains(&f.address)).count() as u64
    }

    async fn finish(
        mut self,
        node: &mut FieldNode,
        truncated: Option<BundleError>,
    ) -> Result<ImportReport, CourierError> {
        self.flush_items(node).await?;
        self.meet_maker(node)?;
        self.flush_envelopes(node).await?;
        let maker = self.manifest.maker.device_id();
        let mut peers = Vec::new();
        for part in &self.manifest.spaces {
            peers.push(Write::put(
                Table::Meta,
                peer_row(maker, part.space),
                write_cursor(&part.head),
            ));
        }
        // Only spares a later export: a full disk costs nothing but a longer file.
        match node.vault().commit(peers).await {
            Ok(()) | Err(VaultError::Full | VaultError::TooLarge { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        for (space, envelope) in &self.fresh {
            let Ok(held) = node.space(*space) else { continue };
            let Some(kept) = held.envelope(envelope) else { continue };
            let content = kept.header.codec == shared::journal::envelope::Codec::Content;
            let shown = !content
                || !kept.undecided()
                || held.plan(kept.header.doc).working.contains(envelope);
            if !shown {
                let device = kept.header.device;
                self.set_aside.push(SetAside::NotShown { envelope: *envelope, device });
            }
        }
        let maker_name = node
            .core()
            .spaces()
            .find_map(|(_, s)| {
                let device = s.state().device(maker)?;
                s.state().members.get(&device.person).map(|m| m.name.clone())
            })
            .unwrap_or_default();
        let files_unfinished = self.unfinished(node);
        Ok(ImportReport {
            maker,
            maker_name,
            made_at: self.manifest.made_at,
            new: self.new,
            known: self.known,
            files: self.files.as_ref().map_or(0, |f| f.done),
            files_unfinished,
            gaps: gaps(node, &self.manifest),
            entries_missing: entries_missing(node, &self.manifest),
            set_aside: self.set_aside,
            truncated,
        })
    }
}

/// Compares every chain the maker knows of with what is here now.
fn gaps(node: &FieldNode, manifest: &Manifest) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    for part in &manifest.spaces {
        let held = node.space(part.space).ok();
        let mine: BTreeMap<_, _> = held
            .map(|s| s.chains())
            .unwrap_or_default()
            .into_iter()
            .map(|c| ((c.end.device, c.end.session), c))
            .collect();
        for chain in &part.chains {
            let here = mine.get(&(chain.end.device, chain.end.session));
            let next = here.map_or(0, |h| h.end.next).max(chain.end.next);
            let envelopes = next.saturating_sub(here.map_or(0, |h| h.held));
            if envelopes == 0 {
                continue;
            }
            // The maker knows how many changes its envelopes hold; of those that it lacks
            // too, each holds at least one.
            let lacked = chain.end.next.saturating_sub(chain.held);
            let known = chain.changes.saturating_add(lacked);
            let known = known.saturating_sub(here.map_or(0, |h| h.changes));
            let missing = known.max(envelopes);
            let device = chain.end.device;
            match gaps.iter_mut().find(|g| g.space == part.space && g.device == device) {
                Some(gap) => gap.missing = gap.missing.saturating_add(missing),
                None => gaps.push(gap(node, part.space, device, missing)),
            }
        }
    }
    gaps
}

fn gap(node: &FieldNode, space: SpaceId, device: DeviceId, missing: u64) -> Gap {
    let state = node.space(space).ok().map(|s| s.state());
    let found = state.and_then(|s| s.device(device));
    let person = found.map(|d| d.person);
    let member = state.zip(person).and_then(|(s, p)| s.members.get(&p));
    Gap {
        space,
        person,
        person_name: member.map(|m| m.name.clone()).unwrap_or_default(),
        device,
        device_name: found.map(|d| d.name.clone()).unwrap_or_default(),
        missing,
    }
}

fn entries_missing(node: &FieldNode, manifest: &Manifest) -> Vec<EntriesMissing> {
    let missing = manifest.spaces.iter().map(|part| {
        let here = node.space(part.space).map_or(0, |s| s.head().pos);
        EntriesMissing { space: part.space, missing: part.head.pos.saturating_sub(here) }
    });
    missing.filter(|m| m.missing > 0).collect()
}
