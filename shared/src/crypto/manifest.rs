//! What one must know to fetch, check and read a sealed file.
use minicbor::{Decode, Decoder, Encode, Encoder};

use super::{
    hash::{self, Context},
    secret::Secret,
    stream::{ChunkSize, StreamError},
};
use crate::model::{
    Digest,
    digest::fixed,
    evidence::{FileKey, FileRef},
};

/// The purpose under which a file's plaintext is hashed.
pub const CONTENT: Context = Context("xunji file content");
/// The purpose under which a file's sealed form is hashed.
pub const SEALED: Context = Context("xunji file sealed");
/// The purpose under which a file is given its address.
pub const ADDRESS: Context = Context("xunji file address");

/// The manifest of one sealed file (evidence, 佐证材料): its address, its key, its hashes.
///
/// It is itself a secret: whoever has it can read the file. It travels only inside sealed
/// bodies. Do not reorder the fields.
#[derive(Debug, Encode, Decode)]
pub struct FileManifest {
    /// Where the file is found, everywhere: a hash of its content under its own key, so that
    /// the same file put into two spaces has two addresses that nobody can connect.
    #[n(0)]
    pub address: Digest,
    /// The file's own key.
    #[n(1)]
    #[cbor(with = "secret_bytes")]
    pub key: Secret<32>,
    /// The plaintext's length in bytes.
    #[n(2)]
    pub len: u64,
    /// The size of its chunks.
    #[n(3)]
    pub chunk: ChunkSize,
    /// The hash of the plaintext, under [`CONTENT`].
    #[n(4)]
    pub content: Digest,
    /// The hash of the sealed form, under [`SEALED`], which a relay without the key can check.
    #[n(5)]
    pub sealed: Digest,
}

impl FileManifest {
    /// Computes the address of a file.
    pub fn address_of(key: &Secret<32>, content: &Digest) -> Digest {
        hash::keyed(key, ADDRESS, &[content.as_bytes()])
    }

    /// Returns the length of the sealed form in bytes.
    pub const fn sealed_len(&self) -> u64 {
        self.chunk.sealed_len(self.len)
    }

    /// Writes the manifest down as a plain record, for the evidence index.
    pub fn to_ref(&self) -> FileRef {
        FileRef {
            address: self.address,
            key: FileKey::from_bytes(*self.key.expose()),
            len: self.len,
            chunk: self.chunk.log2(),
            content: self.content,
            sealed: self.sealed,
        }
    }

    /// Takes a manifest from the evidence index.
    ///
    /// # Errors
    /// [`StreamError::Header`] if its chunks have a size that no file has, or its address is
    /// not that of its key and content.
    pub fn from_ref(file: &FileRef) -> Result<Self, StreamError> {
        let key = Secret::copy_from(file.key.expose());
        if Self::address_of(&key, &file.content) != file.address {
            return Err(StreamError::Header);
        }
        let FileRef { address, len, content, sealed, .. } = *file;
        Ok(Self { address, key, len, chunk: ChunkSize::try_from(file.chunk)?, content, sealed })
    }

    /// Makes a second copy of the manifest, key included.
    pub fn duplicate(&self) -> Self {
        Self { key: self.key.duplicate(), ..*self }
    }
}

mod secret_bytes {
    use super::*;

    pub(super) fn encode<C, W: minicbor::encode::Write>(
        secret: &Secret<32>,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(secret.expose())?.ok()
    }

    pub(super) fn decode<'b, C>(
        d: &mut Decoder<'b>,
        _: &mut C,
    ) -> Result<Secret<32>, minicbor::decode::Error> {
        Ok(Secret::copy_from(&fixed(d)?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_manifest_survives_the_wire_and_hides_its_key() {
        let manifest = FileManifest {
            address: Digest([1; 32]),
            key: Secret::copy_from(&[0xab; 32]),
            len: 200 << 20,
            chunk: ChunkSize::K256,
            content: Digest([2; 32]),
            sealed: Digest([3; 32]),
        };
        let again: FileManifest = minicbor::decode(&minicbor::to_vec(&manifest).unwrap()).unwrap();
        assert_eq!(again.key.expose(), manifest.key.expose());
        assert_eq!(
            (again.address, again.len, again.chunk),
            (manifest.address, manifest.len, manifest.chunk)
        );
        assert!(!format!("{manifest:?}").contains("abab"));
    }

    #[test]
    fn a_reference_in_the_journal_brings_the_manifest_back() {
        let key = Secret::copy_from(&[0xab; 32]);
        let content = Digest([2; 32]);
        let manifest = FileManifest {
            address: FileManifest::address_of(&key, &content),
            key,
            len: 5,
            chunk: ChunkSize::K256,
            content,
            sealed: Digest([3; 32]),
        };
        let file = manifest.to_ref();
        let json: FileRef = serde_json::from_str(&serde_json::to_string(&file).unwrap()).unwrap();
        let cbor: FileRef =
            crate::journal::cbor::from_named(&crate::journal::cbor::to_named(&file)).unwrap();
        assert_eq!((&json, &cbor), (&file, &file));
        let again = FileManifest::from_ref(&file).unwrap();
        assert_eq!((again.address, again.chunk), (manifest.address, manifest.chunk));
        assert!(!format!("{file:?}").contains("abab"));
        let odd = FileRef { chunk: 3, ..file.clone() };
        assert!(FileManifest::from_ref(&odd).is_err());
        let other = FileRef { address: Digest([1; 32]), ..file };
        assert!(FileManifest::from_ref(&other).is_err());
    }
}
