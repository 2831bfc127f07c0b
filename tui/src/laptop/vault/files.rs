//! Sealed files beside the database: evidence (佐证材料), up to hundreds of megabytes.
//!
//! A file is sealed chunk by chunk under a key of its own and lies under a name that only
//! this vault can compute. It is written under a temporary name, synced, renamed, and the
//! folder synced: a name that is there holds a whole file. What one must know to read it is
//! its [`FileManifest`], which the caller keeps as a row.
//!
//! The sealed form is also what travels: it is sent as it lies here, and received in pieces
//! that are checked before they are written, so that a download broken off goes on where it
//! was. No more than a few chunks are ever in memory.
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use shared::{
    crypto::{
        Context, FileManifest, Secret,
        hash::{self, ContentHasher},
        manifest::{CONTENT, SEALED},
        stream::{ChunkSize, HEADER_LEN, OVERHEAD, Opener, Sealer, StreamError},
    },
    model::Digest,
};
use zeroize::{Zeroize, Zeroizing};

use super::{
    error::{Tampering, VaultError},
    fresh_rng,
    home::{Home, make_private_dir, private, sync_dir},
};

const NAME: Context = Context("xunji vault file name");
/// Bound into every chunk.
const PLACE: &[u8] = b"xunji file";
const CHUNK: ChunkSize = ChunkSize::K256;
const TEMPORARY: &str = "tmp-";
const PARTIAL: &str = "part";

/// The sealed files of one vault; a handle that is cheap to clone.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    names: Secret<32>,
    _home: Arc<Home>,
}

impl Files {
    pub(super) fn new(home: Arc<Home>, names: Secret<32>) -> Self {
        Self(Arc::new(Inner { dir: home.files(), names, _home: home }))
    }

    /// Removes what a process that was cut off left half written. Downloads stay: they go on.
    pub(super) fn sweep(&self) -> Result<(), VaultError> {
        make_private_dir(&self.0.dir)?;
        for file in fs::read_dir(&self.0.dir)? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with(TEMPORARY) {
                fs::remove_file(file.path())?;
            }
        }
        Ok(())
    }

    /// Seals everything `source` gives into a new file and returns its manifest. The file is
    /// on the disk when this returns.
    ///
    /// # Errors
    /// [`VaultError::Full`], [`VaultError::Io`], also for what `source` says; nothing is left.
    pub async fn put<R: Read + Send + 'static>(
        &self,
        source: R,
    ) -> Result<FileManifest, VaultError> {
        let files = self.clone();
        tokio::task::spawn_blocking(move || files.put_blocking(source)).await?
    }

    /// Does what [`Files::put`] does, on this thread.
    ///
    /// # Errors
    /// As [`Files::put`].
    pub fn put_blocking(&self, mut source: impl Read) -> Result<FileManifest, VaultError> {
        let mut rng = fresh_rng()?;
        let key = Secret::draw(&mut rng);
        let temporary = Temporary::create(&self.0.dir, &mut rng)?;
        let (mut sealer, header) = Sealer::new(&key, CHUNK, PLACE, &mut rng);
        let (mut content, mut sealed) = (ContentHasher::new(CONTENT), ContentHasher::new(SEALED));
        (&temporary.file).write_all(&header)?;
        sealed.update(&header);
        let mut len = 0;
        let mut chunk = fill(&mut source, CHUNK.bytes())?;
        loop {
            // One chunk ahead, to know which is the last.
            let next = match chunk.len() == CHUNK.bytes() {
                true => fill(&mut source, CHUNK.bytes())?,
                false => Zeroizing::default(),
            };
            let last = next.is_empty();
            len += chunk.len() as u64;
            content.update(&chunk);
            sealer.seal(&mut chunk, last)?;
            sealed.update(&chunk);
            (&temporary.file).write_all(&chunk)?;
            if last {
                break;
            }
            chunk = next;
        }
        let content = content.finish();
        let address = FileManifest::address_of(&key, &content);
        temporary.keep(&self.path(&address))?;
        Ok(FileManifest { address, key, len, chunk: CHUNK, content, sealed: sealed.finish() })
    }

    /// Whether the whole file is here.
    pub fn has(&self, manifest: &FileManifest) -> bool {
        self.path(&manifest.address).is_file()
    }

    /// Opens a file for reading; every chunk is checked before it is given out.
    ///
    /// # Errors
    /// [`VaultError::NoSuchFile`]; [`VaultError::Tampered`] if its length or start is wrong.
    pub fn open(&self, manifest: &FileManifest) -> Result<FileReader, VaultError> {
        let mut file = self.open_sealed(manifest)?;
        let mut header = [0; HEADER_LEN];
        file.read_exact(&mut header)?;
        let opener = opener(manifest, &header)?;
        Ok(FileReader {
            file,
            opener,
            left: manifest.len,
            done: false,
            chunk: Zeroizing::default(),
            at: 0,
        })
    }

    /// Reads up to `len` bytes of the sealed form from `offset` on, to be sent; fewer at the
    /// end, none behind it.
    ///
    /// # Errors
    /// As [`Files::open`].
    pub fn read_sealed(
        &self,
        manifest: &FileManifest,
        offset: u64,
        len: usize,
    ) -> Result<Vec<u8>, VaultError> {
        let mut file = self.open_sealed(manifest)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(len as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Starts or resumes receiving a file. What an earlier attempt left is checked again;
    /// [`Download::offset`] says from where on bytes are wanted.
    ///
    /// # Errors
    /// What the disk says.
    pub fn download(&self, manifest: &FileManifest) -> Result<Download, VaultError> {
        let whole = self.path(&manifest.address);
        let partial = whole.with_extension(PARTIAL);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = private(&mut options).open(&partial)?;
        let mut download = Download {
            manifest: manifest.duplicate(),
            file,
            partial,
            whole,
            opener: None,
            buffer: Vec::new(),
            content: ContentHasher::new(CONTENT),
            sealed: ContentHasher::new(SEALED),
            offset: 0,
        };
        download.resume()?;
        Ok(download)
    }

    /// Returns how many sealed bytes of a file were received while it is not whole.
    pub fn received(&self, manifest: &FileManifest) -> u64 {
        let partial = self.path(&manifest.address).with_extension(PARTIAL);
        fs::metadata(partial).map_or(0, |m| m.len())
    }

    /// Removes a file and what was received of it; nothing happens if it is not here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(&self, manifest: &FileManifest) -> Result<(), VaultError> {
        let whole = self.path(&manifest.address);
        for path in [whole.with_extension(PARTIAL), whole] {
            match fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e.into()),
                _ => {}
            }
        }
        Ok(sync_dir(&self.0.dir)?)
    }

    fn open_sealed(&self, manifest: &FileManifest) -> Result<File, VaultError> {
        let file = File::open(self.path(&manifest.address)).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => VaultError::NoSuchFile,
            _ => e.into(),
        })?;
        let (expected, found) = (manifest.sealed_len(), file.metadata()?.len());
        if expected != found {
            return Err(Tampering::FileLength { expected, found }.into());
        }
        Ok(file)
    }

    /// The name on this disk shows neither content nor the address known elsewhere.
    fn path(&self, address: &Digest) -> PathBuf {
        let name = hash::keyed(&self.0.names, NAME, &[address.as_bytes()]);
        self.0.dir.join(name.to_string())
    }
}

/// A file being read: plaintext, a chunk at a time. Blocks while a chunk is read.
pub struct FileReader {
    file: File,
    opener: Opener,
    /// Plaintext bytes still sealed.
    left: u64,
    done: bool,
    chunk: Zeroizing<Vec<u8>>,
    at: usize,
}

impl FileReader {
    /// Returns the next chunk, or nothing after the last, which was then checked to be the
    /// last.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] at the first chunk that does not hold; what the disk says.
    pub fn next_chunk(&mut self) -> Result<Option<&[u8]>, VaultError> {
        self.chunk.zeroize();
        self.at = 0;
        if self.done {
            return Ok(None);
        }
        let (sealed, last) = next_len(self.opener.sealed_chunk(), self.left);
        self.chunk.resize(sealed, 0);
        self.file.read_exact(&mut self.chunk).map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => {
                StreamError::Truncated { chunks: self.opener.index() }.into()
            }
            _ => VaultError::from(e),
        })?;
        self.opener.open(&mut self.chunk, last)?;
        self.left = self.left.saturating_sub(self.chunk.len() as u64);
        self.done = last;
        Ok(Some(&self.chunk))
    }
}

impl Read for FileReader {
    /// Reads as any file; damage is [`io::ErrorKind::InvalidData`] around a [`VaultError`].
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            self.next_chunk().map_err(|e| match e {
                VaultError::Io(e) => e,
                other => io::Error::new(io::ErrorKind::InvalidData, other),
            })?;
        }
        let n = (&self.chunk[self.at..]).read(out)?;
        self.at += n;
        Ok(n)
    }
}

/// A file being received. Dropping it keeps what was received for the next attempt.
pub struct Download {
    manifest: FileManifest,
    file: File,
    partial: PathBuf,
    whole: PathBuf,
    opener: Option<Opener>,
    buffer: Vec<u8>,
    content: ContentHasher,
    sealed: ContentHasher,
    /// Sealed bytes checked and written.
    offset: u64,
}

impl Download {
    /// Returns the offset in the sealed form from which on bytes are wanted; what was pushed
    /// beyond it is held in memory only.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the offset of the byte to push next: what is checked and written, and what
    /// waits in memory for the rest of its chunk.
    pub const fn pushed(&self) -> u64 {
        self.offset + self.buffer.len() as u64
    }

    /// Whether all bytes are there, so that [`Download::finish`] may be called.
    pub fn is_complete(&self) -> bool {
        self.offset == self.manifest.sealed_len()
    }

    /// Takes the next bytes, in pieces of any size. Each chunk is checked before it is
    /// written.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] if a chunk does not hold or bytes follow the end: nothing of it
    /// is written, and after asking anew from [`Download::offset`] on the download goes on.
    /// [`VaultError::Full`], [`VaultError::Io`]: likewise.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), VaultError> {
        while !bytes.is_empty() {
            let wanted = self.wanted();
            if wanted == 0 {
                return Err(StreamError::AfterEnd.into());
            }
            let (piece, rest) = bytes.split_at(bytes.len().min(wanted - self.buffer.len()));
            self.buffer.extend_from_slice(piece);
            bytes = rest;
            if self.buffer.len() == wanted {
                let piece = std::mem::take(&mut self.buffer);
                self.accept(&piece, true)?;
            }
        }
        Ok(())
    }

    /// Makes the received file durable under its name.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] if bytes are missing, or if the file is not what the manifest
    /// promises: then what was received is dropped. What the disk says.
    pub fn finish(self) -> Result<(), VaultError> {
        if !self.is_complete() {
            let chunks = self.opener.map_or(0, |o| o.index());
            return Err(StreamError::Truncated { chunks }.into());
        }
        let content = self.content.finish();
        let FileManifest { address, key, .. } = &self.manifest;
        let holds = content == self.manifest.content
            && self.sealed.finish() == self.manifest.sealed
            && FileManifest::address_of(key, &content) == *address;
        if !holds {
            drop(self.file);
            fs::remove_file(&self.partial)?;
            return Err(Tampering::FileContent.into());
        }
        self.file.sync_all()?;
        rename(&self.partial, &self.whole)
    }

    /// Checks what an earlier attempt wrote and forgets what does not hold.
    fn resume(&mut self) -> Result<(), VaultError> {
        loop {
            let wanted = self.wanted();
            let piece = fill(&mut self.file, wanted)?;
            // Cut off or damaged here: everything before was checked.
            if wanted == 0 || piece.len() < wanted || self.accept(&piece, false).is_err() {
                break;
            }
        }
        self.file.set_len(self.offset)?;
        self.file.seek(SeekFrom::Start(self.offset))?;
        Ok(())
    }

    /// Returns the length of the next piece that can be checked; 0 at the end.
    fn wanted(&self) -> usize {
        match &self.opener {
            None => HEADER_LEN,
            Some(_) if self.is_complete() => 0,
            Some(opener) => {
                let before = u64::from(opener.index()) * self.manifest.chunk.bytes() as u64;
                next_len(opener.sealed_chunk(), self.manifest.len.saturating_sub(before)).0
            }
        }
    }

    /// Checks the header or one chunk and, if it is new, writes it.
    fn accept(&mut self, piece: &[u8], write: bool) -> Result<(), VaultError> {
        let last = self.offset + piece.len() as u64 == self.manifest.sealed_len();
        let Some(opener) = &mut self.opener else {
            let header = piece.first_chunk().ok_or(StreamError::Header)?;
            let opener = opener(&self.manifest, header)?;
            self.write(piece, write)?;
            self.opener = Some(opener);
            return Ok(());
        };
        let index = opener.index();
        let mut plain = Zeroizing::new(piece.to_vec());
        opener.open(&mut plain, last)?;
        if let Err(e) = self.write(piece, write) {
            // The same chunk is asked for again.
            if let Some(opener) = &mut self.opener {
                opener.seek(index);
            }
            return Err(e);
        }
        self.content.update(&plain);
        Ok(())
    }

    fn write(&mut self, piece: &[u8], write: bool) -> Result<(), VaultError> {
        if write {
            // A write that failed half way is written over by the next.
            self.file.seek(SeekFrom::Start(self.offset))?;
            self.file.write_all(piece)?;
        }
        self.sealed.update(piece);
        self.offset += piece.len() as u64;
        Ok(())
    }
}

/// A file under a temporary name, removed unless it is kept.
struct Temporary {
    file: File,
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    fn create(dir: &Path, rng: &mut impl rand_core::Rng) -> Result<Self, VaultError> {
        let path = dir.join(format!("{TEMPORARY}{:016x}", rng.next_u64()));
        let mut options = OpenOptions::new();
        let file = private(options.write(true).create_new(true)).open(&path)?;
        Ok(Self { file, path, kept: false })
    }

    /// Makes the content durable, then the name.
    fn keep(mut self, whole: &Path) -> Result<(), VaultError> {
        self.file.sync_all()?;
        rename(&self.path, whole)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed now is swept at the next unlock.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), VaultError> {
    fs::rename(from, to)?;
    if let Some(dir) = to.parent() {
        sync_dir(dir)?;
    }
    Ok(())
}

/// Reads the header; a manifest that speaks of another chunk size is not this file's.
fn opener(manifest: &FileManifest, header: &[u8; HEADER_LEN]) -> Result<Opener, VaultError> {
    let opener = Opener::new(&manifest.key, header, PLACE)?;
    if opener.sealed_chunk() != manifest.chunk.bytes() + OVERHEAD {
        return Err(StreamError::Header.into());
    }
    Ok(opener)
}

/// Returns the sealed length of the next chunk with `left` bytes of plaintext to come, and
/// whether it is the last.
fn next_len(sealed_chunk: usize, left: u64) -> (usize, bool) {
    match usize::try_from(left) {
        Ok(left) if left <= sealed_chunk - OVERHEAD => (left + OVERHEAD, true),
        _ => (sealed_chunk, false),
    }
}

/// Reads `len` bytes, fewer only at the end of `source`.
fn fill(source: &mut impl Read, len: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; len]);
    let mut filled = 0;
    while filled < len {
        match source.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests;
