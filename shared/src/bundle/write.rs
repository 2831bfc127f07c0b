//! Making a courier's file, record by record.
use minicbor::bytes::ByteVec;
use rand_core::CryptoRng;

use super::{
    END, End, HEADER, MAGIC, MANIFEST, MAX_READERS, MAX_RECORD, Manifest, RUNNING, VERSION, Wire,
};
use crate::{
    crypto::{
        SealError, Secret, SigningKey, Suite, VerifyingKey, envelope_to,
        hash::{self, ContentHasher},
        seal,
    },
    journal::{cbor, envelope::Envelope, frame::Item},
    model::Digest,
};

/// Why a courier's file cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Nobody, or too many, are to read it.
    #[error("{0} readers; 1 to {MAX_READERS} are possible")]
    Readers(usize),
    /// A record is longer than a reader accepts.
    #[error("a record of {0} bytes is too long for a courier's file")]
    TooLong(usize),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A courier's file being written. Every call returns the bytes that come next.
pub struct Writer {
    key: Secret<32>,
    header: Digest,
    running: ContentHasher,
    /// Records written so far, the manifest included.
    index: u64,
}

impl Writer {
    /// Begins a file: header, key slots, signed manifest. `manifest.readers` is set here.
    ///
    /// # Errors
    /// [`WriteError::Readers`], [`WriteError::TooLong`].
    pub fn begin<R: CryptoRng + ?Sized>(
        mut manifest: Manifest,
        readers: &[VerifyingKey],
        maker: &SigningKey,
        rng: &mut R,
    ) -> Result<(Self, Vec<u8>), WriteError> {
        let count = u16::try_from(readers.len())
            .ok()
            .filter(|n| (1..=MAX_READERS).contains(&usize::from(*n)));
        let count = count.ok_or(WriteError::Readers(readers.len()))?;
        let key = Secret::draw(rng);
        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        out.push(Suite::default().number());
        out.extend(count.to_be_bytes());
        for reader in readers {
            out.extend(envelope_to::wrap(&key, reader, rng)?);
        }
        manifest.readers = readers.iter().map(VerifyingKey::device_id).collect();
        let header = hash::hash(HEADER, &[&out]);
        let mut writer = Self { key, header, running: ContentHasher::new(RUNNING), index: 0 };
        let body = cbor::to_vec(&manifest);
        let signature = maker.sign(MANIFEST, &[header.as_bytes().as_slice(), &body].concat());
        out.extend(writer.seal(&Wire::Manifest { body: body.into(), signature }, rng)?);
        Ok((writer, out))
    }

    /// Adds an entry with its envelope.
    ///
    /// # Errors
    /// [`WriteError::TooLong`].
    pub fn item<R: CryptoRng + ?Sized>(
        &mut self,
        item: &Item,
        rng: &mut R,
    ) -> Result<Vec<u8>, WriteError> {
        self.seal(&Wire::Item(cbor::to_vec(item).into()), rng)
    }

    /// Adds an envelope without a verdict.
    ///
    /// # Errors
    /// [`WriteError::TooLong`].
    pub fn envelope<R: CryptoRng + ?Sized>(
        &mut self,
        envelope: &Envelope,
        rng: &mut R,
    ) -> Result<Vec<u8>, WriteError> {
        self.seal(&Wire::Envelope(envelope.to_bytes().into()), rng)
    }

    /// Adds a piece of a file's sealed form.
    ///
    /// # Errors
    /// [`WriteError::TooLong`].
    pub fn piece<R: CryptoRng + ?Sized>(
        &mut self,
        file: Digest,
        offset: u64,
        bytes: Vec<u8>,
        rng: &mut R,
    ) -> Result<Vec<u8>, WriteError> {
        self.seal(&Wire::Piece { file, offset, bytes: ByteVec::from(bytes) }, rng)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`WriteError::TooLong`] never happens here.
    pub fn end<R: CryptoRng + ?Sized>(
        mut self,
        maker: &SigningKey,
        rng: &mut R,
    ) -> Result<Vec<u8>, WriteError> {
        let (count, hash) = (self.index - 1, self.running.finish());
        let signature = maker.sign(END, &End::message(&self.header, count, &hash));
        self.seal(&Wire::End(End { count, hash, signature }), rng)
    }

    fn seal<R: CryptoRng + ?Sized>(
        &mut self,
        record: &Wire,
        rng: &mut R,
    ) -> Result<Vec<u8>, WriteError> {
        let plain = cbor::to_vec(record);
        let place: [&[u8]; 2] = [self.header.as_bytes(), &self.index.to_be_bytes()];
        let sealed = seal::seal(&self.key, &place, &plain, rng)?;
        let len = u32::try_from(sealed.len()).ok().filter(|n| *n as usize <= MAX_RECORD);
        let len = len.ok_or(WriteError::TooLong(sealed.len()))?;
        run(&mut self.running, &plain);
        self.index += 1;
        let mut out = len.to_be_bytes().to_vec();
        out.extend(sealed);
        Ok(out)
    }
}

/// Takes a record into the running hash.
pub(super) fn run(running: &mut ContentHasher, plain: &[u8]) {
    running.update(&(plain.len() as u64).to_le_bytes());
    running.update(plain);
}
