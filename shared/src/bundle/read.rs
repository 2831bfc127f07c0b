//! Reading a courier's file, record by record, as its bytes come.
use super::{
    BundleError, Damage, END, End, Foreign, HEAD_LEN, HEADER, MAGIC, MANIFEST, MAX_READERS,
    MAX_RECORD, Manifest, RUNNING, VERSION, Wire, write::run,
};
use crate::{
    crypto::{
        Secret, SigningKey, Suite,
        envelope_to::{self, SLOT_LEN},
        hash::{self, ContentHasher},
        seal,
    },
    journal::{envelope::Envelope, frame::Item},
    model::Digest,
};

/// One record of a courier's file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Record {
    /// What the file holds: always the first.
    Manifest(Manifest),
    /// An entry of the server, with its envelope.
    Item(Item),
    /// An envelope without a verdict.
    Envelope(Envelope),
    /// A piece of a file's sealed form.
    Piece {
        /// The file's address.
        file: Digest,
        /// Where the piece begins, in bytes.
        offset: u64,
        /// The piece.
        bytes: Vec<u8>,
    },
    /// The maker put in something this build cannot read: left out, the rest goes on.
    Unreadable {
        /// Why.
        why: String,
    },
}

/// A courier's file being read: push bytes, take records, and at the end ask whether it was
/// all.
pub struct Reader<'k> {
    me: &'k SigningKey,
    buffer: Vec<u8>,
    /// How much of `buffer` was read.
    used: usize,
    /// Where `buffer` begins in the file.
    base: u64,
    opened: Option<Opened>,
    /// After an error or the end, nothing more is read.
    failed: Option<BundleError>,
    done: bool,
}

struct Opened {
    key: Secret<32>,
    header: Digest,
    running: ContentHasher,
    index: u64,
    manifest: Option<Manifest>,
}

impl<'k> Reader<'k> {
    /// Starts to read as the device with this key.
    pub fn new(me: &'k SigningKey) -> Self {
        Self { me, buffer: Vec::new(), used: 0, base: 0, opened: None, failed: None, done: false }
    }

    /// Takes the next bytes of the file, in pieces of any size.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.used);
        self.base += self.used as u64;
        self.used = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns the next record; none when more bytes are needed or the end was read.
    ///
    /// # Errors
    /// Any [`BundleError`] but `Truncated`; the same again when asked again.
    pub fn next_record(&mut self) -> Result<Option<Record>, BundleError> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        let next = self.read();
        if let Err(error) = &next {
            self.failed = Some(error.clone());
        }
        next
    }

    /// Tells whether the file was read to its end; to be asked when there are no more bytes.
    ///
    /// # Errors
    /// [`BundleError::Truncated`]; an error met before is returned again.
    pub fn finish(&self) -> Result<(), BundleError> {
        match (&self.failed, self.done) {
            (Some(failed), _) => Err(failed.clone()),
            (None, true) => Ok(()),
            (None, false) => {
                let manifest = self.opened.as_ref().and_then(|o| o.manifest.as_ref());
                let have = self.opened.as_ref().map_or(0, |o| o.index.saturating_sub(1));
                Err(BundleError::Truncated { have, of: manifest.map(|m| m.records) })
            }
        }
    }

    fn at(&self) -> u64 {
        self.base + self.used as u64
    }

    fn damaged<T>(&self, what: Damage) -> Result<T, BundleError> {
        Err(BundleError::Damaged { at: self.at(), what })
    }

    fn read(&mut self) -> Result<Option<Record>, BundleError> {
        if self.opened.is_none() && !self.open()? {
            return Ok(None);
        }
        let rest = &self.buffer[self.used..];
        if self.done {
            return if rest.is_empty() { Ok(None) } else { self.damaged(Damage::AfterEnd) };
        }
        let Some((len, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let len = u32::from_be_bytes(*len) as usize;
        if len > MAX_RECORD {
            return self.damaged(Damage::Length);
        }
        let Some(sealed) = rest.get(..len) else { return Ok(None) };
        let Some(opened) = &mut self.opened else { return Ok(None) };
        let place: [&[u8]; 2] = [opened.header.as_bytes(), &opened.index.to_be_bytes()];
        let Ok(plain) = seal::open(&opened.key, &place, sealed) else {
            return self.damaged(Damage::Seal);
        };
        let before = opened.running.finish();
        let Ok(wire) = minicbor::decode::<Wire>(&plain) else {
            // The seal holds: this was written so. Only the first record cannot be missed.
            if opened.index == 0 {
                return self.damaged(Damage::Kind);
            }
            let why = "a record of unknown kind".into();
            self.step(4 + len, &plain);
            return Ok(Some(Record::Unreadable { why }));
        };
        let record = match (opened.index, wire) {
            (0, Wire::Manifest { body, signature }) => {
                let Ok(manifest) = minicbor::decode::<Manifest>(&body) else {
                    return self.damaged(Damage::Kind);
                };
                let signed = [opened.header.as_bytes().as_slice(), &body].concat();
                if manifest.maker.verify(MANIFEST, &signed, &signature).is_err() {
                    return self.damaged(Damage::Signature);
                }
                opened.manifest = Some(manifest.clone());
                Some(Record::Manifest(manifest))
            }
            (0, _) | (_, Wire::Manifest { .. }) => return self.damaged(Damage::Kind),
            (_, Wire::Item(bytes)) => Some(read_item(&bytes)),
            (_, Wire::Envelope(bytes)) => Some(match Envelope::from_bytes(&bytes) {
                Ok(envelope) => Record::Envelope(envelope),
                Err(e) => Record::Unreadable { why: e.to_string() },
            }),
            (_, Wire::Piece { file, offset, bytes }) => {
                Some(Record::Piece { file, offset, bytes: bytes.into() })
            }
            (index, Wire::End(end)) => {
                if let Some(what) = wrong_end(opened, &end, index - 1, &before) {
                    return self.damaged(what);
                }
                self.done = true;
                None
            }
        };
        self.step(4 + len, &plain);
        match record {
            Some(record) => Ok(Some(record)),
            // Whatever follows the end is damage, and is said at once.
            None => self.read(),
        }
    }

    fn step(&mut self, len: usize, plain: &[u8]) {
        self.used += len;
        if let Some(opened) = &mut self.opened {
            run(&mut opened.running, plain);
            opened.index += 1;
        }
    }

    /// Reads the header and finds this device's slot; `false` when more bytes are needed.
    fn open(&mut self) -> Result<bool, BundleError> {
        let known = self.buffer.len().min(MAGIC.len());
        if self.buffer[..known] != MAGIC[..known] {
            return Err(BundleError::NotABundle);
        }
        let Some(&[version, suite, high, low]) =
            self.buffer.get(MAGIC.len()..HEAD_LEN).and_then(|b| b.first_chunk::<4>())
        else {
            return Ok(false);
        };
        if version != VERSION {
            return Err(BundleError::Version(version));
        }
        if Suite::try_from(suite).is_err() {
            return Err(BundleError::Version(version));
        }
        let count = usize::from(u16::from_be_bytes([high, low]));
        if count == 0 || count > MAX_READERS {
            return self.damaged(Damage::Length);
        }
        let len = HEAD_LEN + count * SLOT_LEN;
        let Some(header) = self.buffer.get(..len) else { return Ok(false) };
        let key = header[HEAD_LEN..]
            .chunks_exact(SLOT_LEN)
            .find_map(|slot| envelope_to::unwrap(slot, self.me))
            .ok_or(BundleError::Foreign(Foreign::Reader))?;
        let header = hash::hash(HEADER, &[header]);
        self.used = len;
        let running = ContentHasher::new(RUNNING);
        self.opened = Some(Opened { key, header, running, index: 0, manifest: None });
        Ok(true)
    }
}

fn read_item(bytes: &[u8]) -> Record {
    match minicbor::decode::<Item>(bytes) {
        Ok(item) => Record::Item(item),
        Err(e) => Record::Unreadable { why: e.to_string() },
    }
}

/// Says what is wrong with an end, if anything is.
fn wrong_end(opened: &Opened, end: &End, count: u64, hash: &Digest) -> Option<Damage> {
    let manifest = opened.manifest.as_ref()?;
    let message = End::message(&opened.header, end.count, &end.hash);
    if manifest.maker.verify(END, &message, &end.signature).is_err() {
        return Some(Damage::Signature);
    }
    let whole = end.count == count && manifest.records == count && end.hash == *hash;
    (!whole).then_some(Damage::Count)
}
