//! Sealing of files, chunk by chunk (STREAM over XChaCha20-Poly1305).
//!
//! A sealed file is a header of 24 bytes and then chunks, each the sealed form of
//! `chunk size` bytes but the last, which may be shorter. The nonce of a chunk is the file's
//! random prefix (19), the chunk's number (4, big endian) and whether it is the last (1): a
//! chunk left out, exchanged, repeated, taken from another file, or missing at the end does
//! not open. Nothing here holds more than one chunk.
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use zeroize::Zeroize;

use super::{
    secret::Secret,
    suite::{Suite, UnknownSuite},
};

/// Bytes of the header.
pub const HEADER_LEN: usize = 24;
/// What sealing adds to each chunk, in bytes.
pub const OVERHEAD: usize = 16;
const PREFIX_LEN: usize = 19;
const MAGIC: [u8; 3] = *b"xjf";

/// The plaintext size of every chunk but the last: a power of two from 64 KiB to 1 MiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum ChunkSize {
    /// 64 KiB: resumes closely on a bad link.
    #[n(16)]
    K64,
    /// 256 KiB: what evidence is sealed with.
    #[n(18)]
    K256,
    /// 1 MiB: for a stick or a wire.
    #[n(20)]
    M1,
}

impl ChunkSize {
    /// Returns the size in bytes.
    pub const fn bytes(self) -> usize {
        1 << self.log2()
    }

    /// Returns the size as a power of two: how it is written down.
    pub const fn log2(self) -> u8 {
        match self {
            Self::K64 => 16,
            Self::K256 => 18,
            Self::M1 => 20,
        }
    }

    /// Returns the length of the sealed form of a file of `len` bytes; saturates, so that a
    /// hostile length is merely too large.
    pub const fn sealed_len(self, len: u64) -> u64 {
        (self.chunks(len) * OVERHEAD as u64 + HEADER_LEN as u64).saturating_add(len)
    }

    /// Returns how many chunks a file of `len` bytes has; an empty file has one.
    pub const fn chunks(self, len: u64) -> u64 {
        if len == 0 { 1 } else { len.div_ceil(self.bytes() as u64) }
    }
}

impl TryFrom<u8> for ChunkSize {
    type Error = StreamError;
    fn try_from(log2: u8) -> Result<Self, StreamError> {
        [Self::K64, Self::K256, Self::M1]
            .into_iter()
            .find(|c| c.log2() == log2)
            .ok_or(StreamError::Header)
    }
}

/// Why a sealed file does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The header is none of ours.
    #[error("not a sealed file")]
    Header,
    /// It was sealed by a suite this build does not know.
    #[error(transparent)]
    Suite(#[from] UnknownSuite),
    /// This chunk was changed, moved, or belongs to another file or key.
    #[error("chunk {index} of the sealed file does not hold")]
    Forged {
        /// The chunk's number, from 0.
        index: u32,
    },
    /// A chunk has a length that no chunk of this file can have.
    #[error("chunk {index} has {found} bytes")]
    Length {
        /// The chunk's number, from 0.
        index: u32,
        /// Its length in bytes.
        found: usize,
    },
    /// The file ends before its last chunk.
    #[error("the sealed file ends after {chunks} chunks, before its end")]
    Truncated {
        /// The whole chunks that were there.
        chunks: u32,
    },
    /// Something follows the last chunk, or the file has more chunks than can be numbered.
    #[error("the sealed file goes on after its end")]
    AfterEnd,
}

/// Seals one file from its start to its end.
pub struct Sealer {
    stream: Stream,
    done: bool,
}

impl Sealer {
    /// Starts a file and returns its header, which is written first.
    ///
    /// `place` is bound into every chunk and must be given again to open it.
    pub fn new<R: CryptoRng + ?Sized>(
        key: &Secret<32>,
        chunk: ChunkSize,
        place: &[u8],
        rng: &mut R,
    ) -> (Self, [u8; HEADER_LEN]) {
        let mut header = [0; HEADER_LEN];
        header[..3].copy_from_slice(&MAGIC);
        header[3] = Suite::One.number();
        header[4] = chunk.log2();
        rng.fill_bytes(&mut header[HEADER_LEN - PREFIX_LEN..]);
        (Self { stream: Stream::new(key, chunk, header, place), done: false }, header)
    }

    /// Seals the next chunk in place. Every chunk but the last is full; the last has 1 to
    /// chunk size bytes, or none if the file is empty.
    ///
    /// # Errors
    /// [`StreamError::Length`], [`StreamError::AfterEnd`].
    pub fn seal(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), StreamError> {
        if self.done {
            return Err(StreamError::AfterEnd);
        }
        self.stream.check_len(chunk.len(), last)?;
        let nonce = self.stream.nonce(last);
        self.stream
            .cipher
            .encrypt_in_place(&nonce, &self.stream.bound, chunk)
            .map_err(|_| StreamError::Length { index: self.stream.index, found: chunk.len() })?;
        self.done = last;
        self.stream.advance(last)
    }
}

/// Opens one file from its start, or from the start of any chunk.
pub struct Opener {
    stream: Stream,
    done: bool,
}

impl Opener {
    /// Reads the header and starts at chunk 0.
    ///
    /// # Errors
    /// [`StreamError::Header`], [`StreamError::Suite`].
    pub fn new(
        key: &Secret<32>,
        header: &[u8; HEADER_LEN],
        place: &[u8],
    ) -> Result<Self, StreamError> {
        if header[..3] != MAGIC {
            return Err(StreamError::Header);
        }
        Suite::try_from(header[3])?;
        let chunk = ChunkSize::try_from(header[4])?;
        Ok(Self { stream: Stream::new(key, chunk, *header, place), done: false })
    }

    /// Goes to the start of chunk `index`.
    pub fn seek(&mut self, index: u32) {
        self.stream.index = index;
        self.done = false;
    }

    /// Returns the number of the chunk expected next.
    pub const fn index(&self) -> u32 {
        self.stream.index
    }

    /// Returns the length of a full sealed chunk.
    pub const fn sealed_chunk(&self) -> usize {
        self.stream.chunk.bytes() + OVERHEAD
    }

    /// Opens the next chunk in place; `last` says that nothing follows it.
    ///
    /// # Errors
    /// [`StreamError::Forged`], [`StreamError::Length`], [`StreamError::AfterEnd`]; the buffer
    /// is then empty.
    pub fn open(&mut self, sealed: &mut Vec<u8>, last: bool) -> Result<(), StreamError> {
        let opened = self.try_open(sealed, last);
        if opened.is_err() {
            sealed.zeroize();
        }
        opened
    }

    /// Checks that the last chunk was opened, so that the file is whole.
    ///
    /// # Errors
    /// [`StreamError::Truncated`].
    pub const fn finish(&self) -> Result<(), StreamError> {
        if self.done { Ok(()) } else { Err(StreamError::Truncated { chunks: self.stream.index }) }
    }

    fn try_open(&mut self, sealed: &mut Vec<u8>, last: bool) -> Result<(), StreamError> {
        if self.done {
            return Err(StreamError::AfterEnd);
        }
        let index = self.stream.index;
        let length = StreamError::Length { index, found: sealed.len() };
        let len = sealed.len().checked_sub(OVERHEAD).ok_or(length)?;
        self.stream.check_len(len, last).map_err(|_| length)?;
        let nonce = self.stream.nonce(last);
        self.stream
            .cipher
            .decrypt_in_place(&nonce, &self.stream.bound, sealed)
            .map_err(|_| StreamError::Forged { index })?;
        self.done = last;
        self.stream.advance(last)
    }
}

/// What both directions share.
struct Stream {
    cipher: XChaCha20Poly1305,
    chunk: ChunkSize,
    prefix: [u8; PREFIX_LEN],
    bound: Vec<u8>,
    index: u32,
}

impl Stream {
    fn new(key: &Secret<32>, chunk: ChunkSize, header: [u8; HEADER_LEN], place: &[u8]) -> Self {
        let mut prefix = [0; PREFIX_LEN];
        prefix.copy_from_slice(&header[HEADER_LEN - PREFIX_LEN..]);
        let bound = [header.as_slice(), place].concat();
        Self { cipher: XChaCha20Poly1305::new(key.expose().into()), chunk, prefix, bound, index: 0 }
    }

    fn nonce(&self, last: bool) -> XNonce {
        let mut nonce = XNonce::default();
        nonce[..PREFIX_LEN].copy_from_slice(&self.prefix);
        nonce[PREFIX_LEN..PREFIX_LEN + 4].copy_from_slice(&self.index.to_be_bytes());
        nonce[PREFIX_LEN + 4] = u8::from(last);
        nonce
    }

    /// One spelling per file: full chunks, then one that is neither empty nor too long.
    fn check_len(&self, len: usize, last: bool) -> Result<(), StreamError> {
        let full = self.chunk.bytes();
        let fits = if last { len <= full && (len > 0 || self.index == 0) } else { len == full };
        if fits { Ok(()) } else { Err(StreamError::Length { index: self.index, found: len }) }
    }

    fn advance(&mut self, last: bool) -> Result<(), StreamError> {
        match self.index.checked_add(1) {
            Some(next) => self.index = next,
            None if last => {}
            None => return Err(StreamError::AfterEnd),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
