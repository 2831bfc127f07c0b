//! The entry: what the server says, signed by the server.
//!
//! A space's journal is the sequence of its entries, each naming the hash of the one before.
//! Expiry, numbers and memberships are entries without an envelope. The state of a space is
//! the fold of the events recorded in its entries; a command is never decided again.
//!
//! Wire form (do not reorder): a CBOR array `[body bytes, signature]`.
use minicbor::{Decode, Encode, bytes::ByteVec};
use serde::{Deserialize, Serialize};

use super::cbor;
use crate::{
    crypto::{Context, Signature, SigningKey, VerifyingKey, hash},
    model::{Digest, DocId, SpaceId, Timestamp},
    workflow::{AsideReason, DocEvent, Event, Refusal},
};

/// The version of the entry format this build writes.
pub const VERSION: u8 = 1;

const SIGNATURE: Context = Context("xunji entry signature");
const HASH: Context = Context("xunji entry hash");

/// One line of a server's life: a restored server goes on under a new one.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Encode,
    Decode,
    Serialize,
    Deserialize,
)]
pub struct Epoch {
    /// Counts up with each recovery.
    #[n(0)]
    pub no: u32,
    /// Drawn with it, so that two recoveries from one copy differ.
    #[n(1)]
    pub nonce: u64,
}

/// A place in a space's journal: the entry up to which someone has read.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Encode,
    Decode,
    Serialize,
    Deserialize,
)]
pub struct Cursor {
    /// The epoch of that entry.
    #[n(0)]
    pub epoch: Epoch,
    /// Its position; 0 means nothing was read.
    #[n(1)]
    pub pos: u64,
    /// Its hash.
    #[n(2)]
    pub hash: Digest,
}

/// What became of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The entry has no envelope: the server speaks for itself.
    Own,
    /// Content: it is in the document.
    Main,
    /// Content: stored and shown in the tray, not in the document.
    Aside(AsideReason),
    /// A command: decided as asked; the events say what followed.
    Accepted,
    /// A command: refused by a rule.
    Declined(Refusal),
    /// Something an honest build cannot make.
    Malformed(Fault),
}

/// Why an envelope is something an honest build cannot make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The bounded pre-check refused the bytes.
    Precheck(String),
    /// The changes are not this actor's, or not in sequence.
    Actor,
    /// The command cannot be read.
    Command(String),
    /// The sandbox refused the changes.
    Schema(String),
    /// The sandbox died twice on these changes alone.
    Quarantined,
    /// It rests on something that was refused.
    FollowsRefused,
}

/// A signed entry as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    body: EntryBody,
    body_bytes: Vec<u8>,
    signature: Signature,
    hash: Digest,
    verdict: Option<Verdict>,
}

/// The part of an entry that is signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct EntryBody {
    /// Version of this format.
    #[n(0)]
    pub version: u8,
    /// The epoch in which the server wrote it.
    #[n(1)]
    pub epoch: Epoch,
    /// The space.
    #[n(2)]
    pub space: SpaceId,
    /// Position, from 1.
    #[n(3)]
    pub pos: u64,
    /// Hash of the entry before; zeros at position 1.
    #[n(4)]
    pub prev: Digest,
    /// Entry time: the later of the previous entry's and the server's clock.
    #[n(5)]
    pub at: Timestamp,
    /// First 8 bytes of the hash of the server key that signed.
    #[n(6)]
    pub key: u64,
    /// The envelope it is about, if any.
    #[n(7)]
    pub envelope: Option<Digest>,
    /// The verdict, as a named record.
    #[n(8)]
    pub verdict: ByteVec,
    /// What follows.
    #[n(9)]
    pub events: Vec<EventRecord>,
}

/// One event as recorded: kept verbatim, so that a kind this build does not know is never
/// skipped but makes its document read-only.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct EventRecord {
    /// The record it is about, or none for the space itself.
    #[n(0)]
    pub doc: Option<DocId>,
    /// The event, as a named record.
    #[n(1)]
    pub event: ByteVec,
}

impl EventRecord {
    /// Writes an event down.
    pub fn of(event: &DocEvent) -> Self {
        Self { doc: event.doc, event: cbor::to_named(&event.event).into() }
    }

    /// Reads the event; `None` if this build does not know it.
    pub fn read(&self) -> Option<DocEvent> {
        let event: Event = cbor::from_named(&self.event).ok()?;
        Some(DocEvent { doc: self.doc, event })
    }
}

/// Why bytes are no entry this build accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The bytes are damaged or of another form.
    #[error("not an entry: {0}")]
    Malformed(String),
    /// Made by a newer server.
    #[error("entry version {0} is not known to this build")]
    Version(u8),
    /// The signature is not the server's.
    #[error("the server's signature does not hold")]
    Signature,
}

/// Returns the short id of a server key that entries carry.
pub fn key_id(key: &VerifyingKey) -> u64 {
    let digest = hash::hash(Context("xunji server key id"), &[key.as_bytes()]);
    let mut first = [0; 8];
    first.copy_from_slice(&digest.0[..8]);
    u64::from_be_bytes(first)
}

/// What an entry is to say.
#[derive(Debug, Clone)]
pub struct Saying {
    /// Epoch.
    pub epoch: Epoch,
    /// Space.
    pub space: SpaceId,
    /// Cursor of the entry before.
    pub after: Cursor,
    /// Entry time.
    pub at: Timestamp,
    /// Envelope, if any.
    pub envelope: Option<Digest>,
    /// Verdict.
    pub verdict: Verdict,
    /// Events.
    pub events: Vec<EventRecord>,
}

impl Entry {
    /// Signs an entry.
    pub fn sign(saying: Saying, key: &SigningKey) -> Self {
        let body = EntryBody {
            version: VERSION,
            epoch: saying.epoch,
            space: saying.space,
            pos: saying.after.pos + 1,
            prev: saying.after.hash,
            at: saying.at,
            key: key_id(&key.verifying_key()),
            envelope: saying.envelope,
            verdict: cbor::to_named(&saying.verdict).into(),
            events: saying.events,
        };
        let body_bytes = cbor::to_vec(&body);
        let signature = key.sign(SIGNATURE, &body_bytes);
        let hash = hash::hash(HASH, &[&body_bytes]);
        Self { body, body_bytes, signature, hash, verdict: Some(saying.verdict) }
    }

    /// Reads the wire form. The signature is checked by [`Entry::verify`].
    ///
    /// # Errors
    /// [`EntryError::Malformed`] or [`EntryError::Version`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        let wire: Wire =
            minicbor::decode(bytes).map_err(|e| EntryError::Malformed(e.to_string()))?;
        let body_bytes: Vec<u8> = wire.body.into();
        let body: EntryBody =
            minicbor::decode(&body_bytes).map_err(|e| EntryError::Malformed(e.to_string()))?;
        if body.version != VERSION {
            return Err(EntryError::Version(body.version));
        }
        let hash = hash::hash(HASH, &[&body_bytes]);
        let verdict = cbor::from_named(&body.verdict).ok();
        Ok(Self { body, body_bytes, signature: wire.signature, hash, verdict })
    }

    /// Writes the wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(&Wire { body: self.body_bytes.clone().into(), signature: self.signature })
    }

    /// Checks that the server with this key said this.
    ///
    /// # Errors
    /// [`EntryError::Signature`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), EntryError> {
        key.verify(SIGNATURE, &self.body_bytes, &self.signature).map_err(|_| EntryError::Signature)
    }

    /// Returns what is said.
    pub fn body(&self) -> &EntryBody {
        &self.body
    }

    /// Returns the hash that names this entry.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// Returns the place of this entry.
    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: self.body.epoch, pos: self.body.pos, hash: self.hash }
    }

    /// Returns the verdict; `None` if this build does not know it.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }
}

#[derive(Encode, Decode)]
struct Wire {
    #[n(0)]
    body: ByteVec,
    #[n(1)]
    signature: Signature,
}

impl<C> Encode<C> for Entry {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Entry {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::from_bytes(d.bytes()?).map_err(minicbor::decode::Error::message)
    }
}
