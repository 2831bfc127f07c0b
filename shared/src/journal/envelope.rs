//! The envelope: what a device says, signed by the device.
//!
//! A small signed header travels with its body. The header binds the body through a salted
//! hash, so a body can be purged later and nobody can guess it from the header. A *chain* is
//! (device, session, space): each unlock opens a session with a random nonce, so a copied
//! disk never collides with its original.
//!
//! Wire form (do not reorder; golden bytes in `docs/PROTOCOL.md`): a CBOR array
//! `[header bytes, signature, body bytes]`, where the body is `salt (16 bytes) || payload`.
use minicbor::{Decode, Encode, bytes::ByteVec};

use crate::{
    crypto::{Context, Signature, SigningKey, Suite, VerifyingKey, hash},
    model::{ChangeHash, DeviceId, Digest, DocId, SpaceId, Timestamp},
};

/// The version of the envelope format this build writes.
pub const VERSION: u8 = 1;
/// The longest payload of a content envelope, in bytes.
pub const MAX_CONTENT: usize = 64 * 1024;
/// The longest payload of a command envelope, in bytes; it may carry a rendering.
pub const MAX_COMMAND: usize = 512 * 1024;
/// The most earlier requests that a command may rest on. A laptop names none that another of
/// them rests on, so this many are about as many records.
pub const MAX_BASIS: usize = 256;

const SIGNATURE: Context = Context("xunji envelope signature");
const HASH: Context = Context("xunji envelope hash");
const BODY: Context = Context("xunji envelope body");
const ACTOR: Context = Context("xunji automerge actor");
const SALT: Context = Context("xunji envelope salt");

/// What a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Codec {
    /// One actor's consecutive, uncompressed, canonical Automerge changes.
    #[n(1)]
    Content,
    /// A [`crate::workflow::Request`].
    #[n(2)]
    Command,
}

/// The nonce that one unlock draws for one space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct SessionNonce(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

impl SessionNonce {
    /// Draws a nonce.
    pub fn draw<R: rand_core::Rng + ?Sized>(rng: &mut R) -> Self {
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        Self(nonce)
    }
}

/// The part of an envelope that is signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    /// Version of this format.
    #[n(0)]
    pub version: u8,
    /// Algorithms.
    #[n(1)]
    pub suite: Suite,
    /// What the payload is.
    #[n(2)]
    pub codec: Codec,
    /// The space it belongs to.
    #[n(3)]
    pub space: SpaceId,
    /// The record it is about.
    #[n(4)]
    pub doc: DocId,
    /// The device that signs.
    #[n(5)]
    pub device: DeviceId,
    /// The session of that device.
    #[n(6)]
    pub session: SessionNonce,
    /// Position in the chain, from 0.
    #[n(7)]
    pub seq: u64,
    /// Hash of the envelope before it in the chain; at `seq` 0 the last one known of the
    /// session before.
    #[n(8)]
    pub prev: Option<Digest>,
    /// Hash of salt and payload.
    #[n(9)]
    pub body: Digest,
    /// First change of the payload, if it is content.
    #[n(10)]
    pub first: Option<ChangeHash>,
    /// Last change of the payload, if it is content.
    #[n(11)]
    pub last: Option<ChangeHash>,
    /// When the device says this was. Shown, never trusted for order.
    #[n(12)]
    pub claimed_at: Timestamp,
}

/// A signed envelope as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    header: Header,
    header_bytes: Vec<u8>,
    signature: Signature,
    body: Vec<u8>,
    hash: Digest,
}

/// Why bytes are no envelope this build accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes are damaged or of another form.
    #[error("not an envelope: {0}")]
    Malformed(String),
    /// Made by a newer build.
    #[error("envelope version {0} is not known to this build")]
    Version(u8),
    /// The body is not the one the header names.
    #[error("the body is not the one that was signed")]
    Body,
    /// The body is longer than its codec allows.
    #[error("body of {found} bytes, at most {most} are allowed")]
    TooLong {
        /// Length found.
        found: usize,
        /// Length allowed.
        most: usize,
    },
    /// The signature is not this device's.
    #[error("the signature does not hold")]
    Signature,
}

/// Returns the Automerge actor under which a device writes one document in one session.
///
/// It is checked from the header, so nobody can squat another's actor.
pub fn actor(key: &VerifyingKey, space: SpaceId, doc: DocId, session: SessionNonce) -> [u8; 16] {
    actor_under(key.as_bytes(), space, doc, session)
}

fn actor_under(key: &[u8; 32], space: SpaceId, doc: DocId, session: SessionNonce) -> [u8; 16] {
    let digest = hash::hash(ACTOR, &[key, space.as_bytes(), doc.as_bytes(), &session.0]);
    let mut actor = [0; 16];
    actor.copy_from_slice(&digest.0[..16]);
    actor
}

/// What is to be put into an envelope.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    /// What the payload is.
    pub codec: Codec,
    /// The space.
    pub space: SpaceId,
    /// The record.
    pub doc: DocId,
    /// The session.
    pub session: SessionNonce,
    /// Position in the chain.
    pub seq: u64,
    /// The envelope before.
    pub prev: Option<Digest>,
    /// First and last change, if content.
    pub changes: Option<(ChangeHash, ChangeHash)>,
    /// The device's time.
    pub claimed_at: Timestamp,
    /// The payload.
    pub payload: &'a [u8],
}

impl Envelope {
    /// Seals a payload.
    ///
    /// The salt is derived from the device's key and what is sealed, so sealing the same
    /// leftover drafts twice (a crash, a copied disk) gives the same envelope.
    pub fn seal(content: Content<'_>, key: &SigningKey) -> Self {
        let secret = key.to_secret();
        let salt = hash::keyed(
            &secret,
            SALT,
            &[&content.session.0, &content.seq.to_be_bytes(), content.payload],
        );
        let mut body = Vec::with_capacity(16 + content.payload.len());
        body.extend_from_slice(&salt.0[..16]);
        body.extend_from_slice(content.payload);
        let header = Header {
            version: VERSION,
            suite: Suite::default(),
            codec: content.codec,
            space: content.space,
            doc: content.doc,
            device: key.verifying_key().device_id(),
            session: content.session,
            seq: content.seq,
            prev: content.prev,
            body: hash::hash(BODY, &[&body]),
            first: content.changes.map(|c| c.0),
            last: content.changes.map(|c| c.1),
            claimed_at: content.claimed_at,
        };
        let header_bytes = super::cbor::to_vec(&header);
        let signature = key.sign(SIGNATURE, &header_bytes);
        let hash = hash::hash(HASH, &[&header_bytes]);
        Self { header, header_bytes, signature, body, hash }
    }

    /// Puts an envelope together from its three parts.
    ///
    /// # Errors
    /// Any [`EnvelopeError`] but `Signature`, which [`Envelope::verify`] finds.
    pub fn from_parts(
        header_bytes: Vec<u8>,
        signature: Signature,
        body: Vec<u8>,
    ) -> Result<Self, EnvelopeError> {
        let header: Header =
            minicbor::decode(&header_bytes).map_err(|e| EnvelopeError::Malformed(e.to_string()))?;
        if header.version != VERSION {
            return Err(EnvelopeError::Version(header.version));
        }
        let most = 16
            + match header.codec {
                Codec::Content => MAX_CONTENT,
                Codec::Command => MAX_COMMAND,
            };
        if body.len() > most {
            return Err(EnvelopeError::TooLong { found: body.len(), most });
        }
        if body.len() < 16 {
            return Err(EnvelopeError::Malformed("body without salt".into()));
        }
        if hash::hash(BODY, &[&body]) != header.body {
            return Err(EnvelopeError::Body);
        }
        let hash = hash::hash(HASH, &[&header_bytes]);
        Ok(Self { header, header_bytes, signature, body, hash })
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// As [`Envelope::from_parts`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let wire: Wire =
            minicbor::decode(bytes).map_err(|e| EnvelopeError::Malformed(e.to_string()))?;
        Self::from_parts(wire.header.into(), wire.signature, wire.body.into())
    }

    /// Writes the wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::cbor::to_vec(&Wire {
            header: self.header_bytes.clone().into(),
            signature: self.signature,
            body: self.body.clone().into(),
        })
    }

    /// Checks that `key` is the device's and signed this header.
    ///
    /// # Errors
    /// [`EnvelopeError::Signature`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), EnvelopeError> {
        if key.device_id() != self.header.device {
            return Err(EnvelopeError::Signature);
        }
        key.verify(SIGNATURE, &self.header_bytes, &self.signature)
            .map_err(|_| EnvelopeError::Signature)
    }

    /// Returns the signed header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the hash that names this envelope everywhere.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// Returns the payload without its salt.
    pub fn payload(&self) -> &[u8] {
        &self.body[16..]
    }

    /// Returns the length of the wire form, within a few bytes.
    pub fn len(&self) -> usize {
        self.header_bytes.len() + self.body.len() + 70
    }

    /// Tells whether the payload is empty.
    pub fn is_empty(&self) -> bool {
        self.payload().is_empty()
    }
}

#[derive(Encode, Decode)]
struct Wire {
    #[n(0)]
    header: ByteVec,
    #[n(1)]
    signature: Signature,
    #[n(2)]
    body: ByteVec,
}

impl<C> Encode<C> for Envelope {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Envelope {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::from_bytes(d.bytes()?).map_err(minicbor::decode::Error::message)
    }
}

/// Returns the actor that an envelope's header proves, if its device is known in the space.
pub fn actor_of(header: &Header, state: &crate::workflow::SpaceState) -> Option<[u8; 16]> {
    let device = state.device(header.device)?;
    Some(actor_under(&device.key, header.space, header.doc, header.session))
}
