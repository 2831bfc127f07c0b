//! Files in chunks, by name, resumable.
//!
//! A file lies here as it was sealed. When its last chunk comes and the space's evidence index
//! names the file, it is compared with what stands there; what differs is set aside.
use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    api::files::{CHUNK_LEN, HASH, HELD, MAX_FILE, OFFSET, TOTAL, chunk_hash},
    crypto::{hash::ContentHasher, manifest::SEALED},
    model::{DeviceId, Digest, SpaceId},
};

use super::{Front, Refused, auth::Speaker};

/// The folder of all files.
pub(super) struct Files {
    root: PathBuf,
    /// Files being written to.
    busy: Mutex<HashSet<PathBuf>>,
}

/// One file: whole, or as far as it has come.
#[derive(Clone)]
struct Place {
    whole: PathBuf,
    part: PathBuf,
    /// What came under this name and was not what the index says; the last of it.
    wrong: PathBuf,
}

/// What is there of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    bytes: u64,
    whole: bool,
}

/// A chunk as it arrives.
struct Chunk {
    offset: u64,
    total: u64,
    bytes: Bytes,
}

impl Files {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, busy: Mutex::default() }
    }

    fn place(&self, space: SpaceId, name: &Digest) -> Place {
        let name = name.to_string();
        let folder = self.root.join(space.to_string()).join(&name[..2]);
        Place {
            part: folder.join(format!("{name}.part")),
            wrong: folder.join(format!("{name}.wrong")),
            whole: folder.join(name),
        }
    }

    /// Returns how many bytes the disk has to spare.
    fn room(&self) -> io::Result<u64> {
        fs::create_dir_all(&self.root)?;
        fs4::available_space(&self.root)
    }

    /// Takes the right to write to a file; `None` while someone else has it.
    fn writing(&self, place: &Place) -> Option<Writing<'_>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(place.whole.clone()).then(|| Writing { files: self, path: place.whole.clone() })
    }
}

struct Writing<'f> {
    files: &'f Files,
    path: PathBuf,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let mut busy = self.files.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.path);
    }
}

impl Place {
    fn held(&self) -> io::Result<Option<Held>> {
        for (path, whole) in [(&self.whole, true), (&self.part, false)] {
            match fs::metadata(path) {
                Ok(meta) => return Ok(Some(Held { bytes: meta.len(), whole })),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Adds a chunk that begins where the file ends; durable when this returns.
    ///
    /// A file that is whole by it and has none of the `sealed` hashes is set aside; `None` then.
    /// Without any hash there is nothing to compare it with.
    fn add(&self, chunk: &Chunk, sealed: &[Digest]) -> io::Result<Option<Held>> {
        let folder = self.part.parent().unwrap_or(&self.part);
        fs::create_dir_all(folder)?;
        let mut file = File::options().create(true).append(true).open(&self.part)?;
        let bytes = chunk.offset + chunk.bytes.len() as u64;
        if let Err(error) = file.write_all(&chunk.bytes).and_then(|()| file.sync_all()) {
            // Half a chunk must not stand as one.
            file.set_len(chunk.offset)?;
            return Err(error);
        }
        let whole = bytes == chunk.total;
        let mut sound = true;
        if whole {
            sound = sealed.is_empty() || sealed.contains(&hash_of(&self.part)?);
            fs::rename(&self.part, if sound { &self.whole } else { &self.wrong })?;
            sync_folder(folder)?;
        }
        Ok(sound.then_some(Held { bytes, whole }))
    }

    fn read(&self, offset: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
        let mut file = match File::open(&self.whole) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let total = file.metadata()?.len();
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(CHUNK_LEN as u64).read_to_end(&mut bytes)?;
        Ok(Some((bytes, total)))
    }
}

/// Returns the hash of a sealed file, by which the evidence index names it.
fn hash_of(path: &std::path::Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = ContentHasher::new(SEALED);
    let mut buffer = vec![0; CHUNK_LEN];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(unix)]
fn sync_folder(folder: &std::path::Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A folder cannot be opened for this; the file system journals the renaming itself.
#[cfg(not(unix))]
fn sync_folder(_: &std::path::Path) -> io::Result<()> {
    Ok(())
}

fn failed(error: &io::Error) -> Refused {
    tracing::error!(%error, "a file cannot be kept");
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
        Refused(StatusCode::INSUFFICIENT_STORAGE, "full")
    } else {
        Refused(StatusCode::SERVICE_UNAVAILABLE, "busy")
    }
}

/// Runs file work where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Refused> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
    done.and_then(|done| done).map_err(|error| failed(&error))
}

impl Front {
    /// Finds a file's place, if the device's holder is in its space.
    async fn place(&self, device: DeviceId, path: (String, String)) -> Result<Place, Refused> {
        let none = || Refused(StatusCode::NOT_FOUND, "no_space");
        let space: SpaceId = path.0.parse().map_err(|_| none())?;
        let name: Digest = path.1.parse().map_err(|_| none())?;
        let allowed = self
            .app
            .ask(move |server, now| {
                let holder = server.holder(device)?;
                let state = server.space(space)?.state();
                let trusted = state.device(device)?.revoked_at.is_none();
                (trusted && state.active(holder, now).is_some()).then_some(())
            })
            .await?;
        allowed.map(|()| self.files.place(space, &name)).ok_or_else(none)
    }
}

/// Returns the hashes under which a space's evidence index names a file: one, unless somebody
/// entered the file with another; none while no entry about it is decided.
async fn registered(front: &Front, space: SpaceId, name: Digest) -> Result<Vec<Digest>, Refused> {
    let hashes = front.app.ask(move |server, _| {
        let index = server.space(space).map(|space| &space.state().evidence);
        let files =
            index.into_iter().flat_map(|i| i.values()).filter_map(|r| r.evidence.file.as_ref());
        files.filter(|f| f.address == name).map(|f| f.sealed).collect()
    });
    Ok(hashes.await?)
}

fn held_headers(held: Held) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static(HELD), HeaderValue::from(held.bytes));
    if held.whole {
        headers.insert(HeaderName::from_static(TOTAL), HeaderValue::from(held.bytes));
    }
    headers
}

/// Tells how much of a file is there; the total only once it is whole.
pub(super) async fn head(
    State(front): State<Arc<Front>>,
    Speaker(device): Speaker,
    Path(path): Path<(String, String)>,
) -> Result<Response, Refused> {
    let place = front.place(device, path).await?;
    let held = blocking(move || place.held()).await?.unwrap_or(Held { bytes: 0, whole: false });
    Ok((held_headers(held), ()).into_response())
}

/// Takes the next chunk. One that is there already is taken as said; one further on is
/// answered with what is held. If the file is whole by it and is not the one that the evidence
/// index names, it is set aside and can be sent again from the start.
pub(super) async fn put(
    State(front): State<Arc<Front>>,
    Speaker(device): Speaker,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refused> {
    let bad = || Refused(StatusCode::BAD_REQUEST, "chunk");
    let text = |name: &str| headers.get(name).and_then(|h| h.to_str().ok());
    let number = |name: &str| text(name).and_then(|t| t.parse::<u64>().ok());
    let (offset, total) = number(OFFSET).zip(number(TOTAL)).ok_or_else(bad)?;
    let end = offset.checked_add(bytes.len() as u64).ok_or_else(bad)?;
    if total > MAX_FILE {
        return Err(Refused(StatusCode::PAYLOAD_TOO_LARGE, "too_long"));
    }
    let name: Digest = path.1.parse().map_err(|_| bad())?;
    let hash: Digest = text(HASH).and_then(|t| t.parse().ok()).ok_or_else(bad)?;
    // Every chunk but the last is full, and none is empty but that of an empty file.
    let fits = end == total || (end < total && bytes.len() == CHUNK_LEN);
    if !fits || (bytes.is_empty() && total > 0) || hash != chunk_hash(&name, offset, &bytes) {
        return Err(bad());
    }
    let space: Option<SpaceId> = path.0.parse().ok();
    let place = front.place(device, path).await?;
    let sealed = match space {
        Some(space) if end == total => registered(&front, space, name).await?,
        _ => Vec::new(),
    };
    let front_of = Arc::clone(&front);
    let length = bytes.len();
    let (held, status) = blocking(move || {
        let Some(_writing) = front_of.files.writing(&place) else {
            return Ok((Held { bytes: 0, whole: false }, StatusCode::LOCKED));
        };
        let held = place.held()?.unwrap_or(Held { bytes: 0, whole: false });
        if held.whole || end < held.bytes || (end == held.bytes && end < total) {
            return Ok((held, StatusCode::OK));
        }
        if offset != held.bytes {
            return Ok((held, StatusCode::CONFLICT));
        }
        if !front_of.gates.chunk(device, length) {
            return Ok((held, StatusCode::TOO_MANY_REQUESTS));
        }
        if front_of.files.room()? < front_of.gates.limits.reserve.saturating_add(length as u64) {
            return Ok((held, StatusCode::INSUFFICIENT_STORAGE));
        }
        Ok(match place.add(&Chunk { offset, total, bytes }, &sealed)? {
            Some(held) => (held, StatusCode::OK),
            None => (Held { bytes: 0, whole: false }, StatusCode::UNPROCESSABLE_ENTITY),
        })
    })
    .await?;
    if status == StatusCode::UNPROCESSABLE_ENTITY {
        tracing::warn!(%device, file = %name, "a file is not the one that the index names");
        let refused = Refused(status, "file_differs");
        return Ok((held_headers(held), refused).into_response());
    }
    Ok((status, held_headers(held)).into_response())
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct From {
    #[serde(default)]
    offset: u64,
}

/// Returns one chunk of a whole file.
pub(super) async fn get(
    State(front): State<Arc<Front>>,
    Speaker(device): Speaker,
    Path(path): Path<(String, String)>,
    Query(From { offset }): Query<From>,
) -> Result<Response, Refused> {
    let none = || Refused(StatusCode::NOT_FOUND, "no_space");
    let name: Digest = path.1.parse().map_err(|_| none())?;
    let place = front.place(device, path).await?;
    let (bytes, total) = blocking(move || place.read(offset)).await?.ok_or_else(none)?;
    let hash = chunk_hash(&name, offset, &bytes).to_string();
    let mut headers = held_headers(Held { bytes: total, whole: true });
    headers.insert(HeaderName::from_static(OFFSET), HeaderValue::from(offset));
    if let Ok(hash) = HeaderValue::try_from(hash) {
        headers.insert(HeaderName::from_static(HASH), hash);
    }
    Ok((headers, bytes).into_response())
}
