//! Rows and heads between their plain and their sealed form.
//!
//! The key of a row is sealed apart from its value, so that unlocking reads no values. The
//! sealed key repeats the tag of the sealed value: the two cannot be exchanged one by one.
use rand_core::CryptoRng;
use shared::{
    crypto::{Context, Secret, StoreId, hash, seal},
    journal::Table,
    model::Digest,
};

use super::{
    disk::{SealedHead, SealedName, SealedRow},
    error::{Tampering, VaultError},
    index::{Heads, Row},
};

/// The longest key of a row, in bytes.
pub const MAX_KEY: usize = 4 << 10;
/// The longest value of a row, in bytes; longer things are files.
pub const MAX_VALUE: usize = 64 << 20;

const NAME: Context = Context("xunji vault row keys");
const BODY: Context = Context("xunji vault row values");
const HEAD: Context = Context("xunji vault heads");
const MARK: Context = Context("xunji vault marks");
const FILES: Context = Context("xunji vault file names");
const SLOTS: Context = Context("xunji vault slots");

/// The store key and what is derived from it.
pub(super) struct Keys {
    store: StoreId,
    root: Secret<32>,
    name: Secret<32>,
    body: Secret<32>,
    head: Secret<32>,
    pub(super) mark: Secret<32>,
}

/// The key of a row, opened.
pub(super) struct Name {
    pub(super) table: Table,
    pub(super) key: Vec<u8>,
    pub(super) row: Row,
}

impl Keys {
    pub(super) fn new(store: StoreId, root: Secret<32>) -> Self {
        let [name, body, head, mark] = [NAME, BODY, HEAD, MARK].map(|context| root.derive(context));
        Self { store, root, name, body, head, mark }
    }

    /// Returns the key under which files are named.
    pub(super) fn files(&self) -> Secret<32> {
        self.root.derive(FILES)
    }

    /// Returns the store key, to be wrapped in another slot.
    pub(super) fn root(&self) -> &Secret<32> {
        &self.root
    }

    /// Hashes the key slots, to be bound into the head.
    pub(super) fn slots_digest(&self, slots: &[u8]) -> Digest {
        hash::keyed(&self.root, SLOTS, &[slots])
    }

    /// Seals a row into its place.
    pub(super) fn seal_row<R: CryptoRng + ?Sized>(
        &self,
        (place, id, version): (i64, [u8; 16], i64),
        table: Table,
        key: &[u8],
        value: &[u8],
        rng: &mut R,
    ) -> Result<(Row, SealedRow), VaultError> {
        for (len, limit) in [(key.len(), MAX_KEY), (value.len(), MAX_VALUE)] {
            if len > limit {
                return Err(VaultError::TooLarge { len, limit });
            }
        }
        let (at, times) = (place.to_le_bytes(), version.to_le_bytes());
        let number = [table.number()];
        let body = seal::seal(
            &self.body,
            &[&self.store.0, b"sealed", b"body", &number, &at, &id, &times],
            value,
            rng,
        )?;
        let body_tag = seal::tag(&body).unwrap_or_default();
        let plain = [number.as_slice(), &body_tag, key].concat();
        let name = seal::seal(
            &self.name,
            &[&self.store.0, b"sealed", b"name", &at, &id, &times],
            &plain,
            rng,
        )?;
        let name_tag = seal::tag(&name).unwrap_or_default();
        let row = Row { place, id, version, name_tag, body_tag };
        Ok((row, SealedRow { place, id, version, name, body }))
    }

    /// Opens the key of a row as it was read from the disk.
    pub(super) fn open_name(&self, sealed: &SealedName) -> Result<Name, VaultError> {
        let SealedName { place, id, version, name } = sealed;
        let (place, version) = (*place, *version);
        let damaged = || Tampering::Row { place };
        let id: [u8; 16] = id.as_slice().try_into().map_err(|_| damaged())?;
        let bound: [&[u8]; 6] =
            [&self.store.0, b"sealed", b"name", &place.to_le_bytes(), &id, &version.to_le_bytes()];
        let plain = seal::open(&self.name, &bound, name).map_err(|_| damaged())?;
        let (number, rest) = plain.split_first().ok_or_else(damaged)?;
        let (body_tag, key) = rest.split_first_chunk().ok_or_else(damaged)?;
        // It was authentic, so an unknown table is a newer build's.
        let table = Table::from_number(*number)
            .ok_or(VaultError::NewerFormat { found: i64::from(*number) })?;
        let name_tag = seal::tag(name).ok_or_else(damaged)?;
        let row = Row { place, id, version, name_tag, body_tag: *body_tag };
        Ok(Name { table, key: key.to_vec(), row })
    }

    /// Opens the value of a row.
    pub(super) fn open_body(
        &self,
        table: Table,
        row: &Row,
        body: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let damaged = Tampering::Value { table, place: row.place };
        if seal::tag(body) != Some(row.body_tag) {
            return Err(damaged.into());
        }
        let bound: [&[u8]; 7] = [
            &self.store.0,
            b"sealed",
            b"body",
            &[table.number()],
            &row.place.to_le_bytes(),
            &row.id,
            &row.version.to_le_bytes(),
        ];
        seal::open(&self.body, &bound, body).map_err(|_| damaged.into())
    }

    pub(super) fn seal_head<R: CryptoRng + ?Sized>(
        &self,
        heads: &Heads,
        rng: &mut R,
    ) -> Result<SealedHead, VaultError> {
        let version = i64::try_from(heads.commit).unwrap_or(i64::MAX);
        let bound: [&[u8]; 4] = [&self.store.0, b"head", b"body", &version.to_le_bytes()];
        Ok(SealedHead { version, body: seal::seal(&self.head, &bound, &heads.to_bytes(), rng)? })
    }

    pub(super) fn open_head(&self, sealed: &SealedHead) -> Result<Heads, VaultError> {
        let bound: [&[u8]; 4] = [&self.store.0, b"head", b"body", &sealed.version.to_le_bytes()];
        let plain = seal::open(&self.head, &bound, &sealed.body).map_err(|_| Tampering::Head)?;
        Heads::from_bytes(&plain)
    }
}
