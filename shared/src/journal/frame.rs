//! The frames that travel by WebSocket, by HTTP and by file.
//!
//! The same frames on all three roads; the same code reads them. Sending any of them twice,
//! out of order or cut short is harmless.
use minicbor::{Decode, Encode, bytes::ByteVec};

use super::{
    cbor,
    entry::{Cursor, Entry, Epoch},
    envelope::{Envelope, SessionNonce},
};
use crate::{
    crypto::{Context, Signature, SigningKey, VerifyingKey},
    model::{ChangeHash, DeviceId, Digest, DocId, SpaceId, Timestamp},
};

const RECEIPT: Context = Context("xunji receipt signature");

/// The largest frame either side accepts, in bytes.
pub const MAX_FRAME: usize = 4 * 1024 * 1024;

/// What a laptop says to the server.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Up {
    /// "This is how far I have read": asks for everything after it, and for what comes.
    #[n(0)]
    Have {
        /// One cursor for each space already known; spaces not named are sent from the start.
        #[n(0)]
        spaces: Vec<Place>,
    },
    /// Envelopes, mine or others'.
    #[n(1)]
    Push {
        /// In chain order.
        #[n(0)]
        envelopes: Vec<Envelope>,
    },
    /// Entries that the server signed and has lost, verbatim and in order.
    #[n(2)]
    GiveBack {
        /// The space.
        #[n(0)]
        space: SpaceId,
        /// Each entry with its envelope.
        #[n(1)]
        items: Vec<Item>,
    },
    /// "These are places of my journal": the last, and ever wider apart before it, so that the
    /// server finds the last one both hold.
    #[n(4)]
    Trail {
        /// The space.
        #[n(0)]
        space: SpaceId,
        /// Newest first.
        #[n(1)]
        points: Vec<Cursor>,
    },
    /// "I hold the entries about these, but not the envelopes."
    #[n(5)]
    Want {
        /// The space.
        #[n(0)]
        space: SpaceId,
        /// Which.
        #[n(1)]
        envelopes: Vec<Digest>,
    },
    /// Where I am and what I am typing: shown to the others in the space, kept nowhere.
    #[n(3)]
    Presence(#[n(0)] Presence),
}

/// What the server says to a laptop.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Down {
    /// Stored: fsynced on the server. This is the receipt.
    #[n(0)]
    Receipt(#[n(0)] Receipt),
    /// Not stored, and why.
    #[n(1)]
    Rejected {
        /// The envelope.
        #[n(0)]
        envelope: Digest,
        /// Why.
        #[n(1)]
        why: Reject,
    },
    /// Decided: entries in order.
    #[n(2)]
    Entries {
        /// The space.
        #[n(0)]
        space: SpaceId,
        /// Each entry with its envelope.
        #[n(1)]
        items: Vec<Item>,
    },
    /// "You have all of it up to here."
    #[n(3)]
    Head {
        /// The space.
        #[n(0)]
        space: SpaceId,
        /// Its last entry.
        #[n(1)]
        cursor: Cursor,
    },
    /// The server was restored: what came after this place is void and comes anew.
    #[n(4)]
    Rewind {
        /// The space.
        #[n(0)]
        space: SpaceId,
        /// The last entry both hold.
        #[n(1)]
        to: u64,
    },
    /// "Give back what I signed after this": the server was restored from an older copy.
    #[n(5)]
    WantBack {
        /// The space.
        #[n(0)]
        space: SpaceId,
        /// After this position.
        #[n(1)]
        after: u64,
    },
    /// Envelopes that were asked for.
    #[n(11)]
    Envelopes {
        /// The envelopes.
        #[n(0)]
        envelopes: Vec<Envelope>,
    },
    /// "Your last entry is not mine: show me where you come from."
    #[n(10)]
    WantTrail {
        /// The space.
        #[n(0)]
        space: SpaceId,
    },
    /// Stored, but it rests on changes that have not arrived.
    #[n(6)]
    Held {
        /// The envelope.
        #[n(0)]
        envelope: Digest,
        /// The changes awaited.
        #[n(1)]
        missing: Vec<ChangeHash>,
    },
    /// Someone's presence.
    #[n(7)]
    Presence(#[n(0)] Presence),
    /// A space this device may no longer read.
    #[n(8)]
    Withdrawn {
        /// The space.
        #[n(0)]
        space: SpaceId,
    },
    /// Who the server is and what time it has.
    #[n(9)]
    Welcome {
        /// Its epoch.
        #[n(0)]
        epoch: Epoch,
        /// Its clock.
        #[n(1)]
        now: Timestamp,
    },
}

/// How far someone has read one space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Place {
    /// The space.
    #[n(0)]
    pub space: SpaceId,
    /// The last entry read.
    #[n(1)]
    pub cursor: Cursor,
}

/// An entry and the envelope it is about.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    /// The entry.
    #[n(0)]
    pub entry: Entry,
    /// Its envelope; none for the server's own entries, or when the reader sent it.
    #[n(1)]
    pub envelope: Option<Envelope>,
}

/// Why an envelope was not stored. Nothing is lost: the sender keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reject {
    /// The sender is behind or ahead in its chain: send from here.
    #[n(0)]
    ChainGap {
        /// The sequence number expected next.
        #[n(0)]
        expected: u64,
    },
    /// Another envelope stands at this place of the chain, and it is decided: two machines
    /// run one disk.
    #[n(1)]
    ChainForked {
        /// Who holds the journal up to here knows what became of the other one.
        #[n(0)]
        known_at: Cursor,
    },
    /// No such space, or no right in it. The two look the same on purpose.
    #[n(2)]
    NoSpace,
    /// The device is not certified in that space.
    #[n(3)]
    UnknownDevice,
    /// The signature does not hold.
    #[n(4)]
    BadSignature,
    /// The pre-check refused the bytes.
    #[n(5)]
    BadBody {
        /// What the pre-check found.
        #[n(0)]
        why: String,
    },
    /// Too much at once; try again later.
    #[n(6)]
    Quota,
    /// The server's disk is full; try again when told.
    #[n(7)]
    Full,
    /// Another envelope stands at this place of the chain and is not decided yet: what is left
    /// to say is not known. Offer it again when something was decided.
    #[n(8)]
    NotYet,
}

/// The server's word that it has stored these envelopes durably.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// What is said.
    #[n(0)]
    pub body: ByteVec,
    /// The server's signature over it.
    #[n(1)]
    pub signature: Signature,
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ReceiptBody {
    /// The epoch.
    #[n(0)]
    pub epoch: Epoch,
    /// When.
    #[n(1)]
    pub at: Timestamp,
    /// The envelopes.
    #[n(2)]
    pub envelopes: Vec<Digest>,
}

impl Receipt {
    /// Signs a receipt.
    pub fn sign(body: &ReceiptBody, key: &SigningKey) -> Self {
        let bytes = cbor::to_vec(body);
        let signature = key.sign(RECEIPT, &bytes);
        Self { body: bytes.into(), signature }
    }

    /// Reads a receipt that the server with this key signed; `None` if it did not.
    pub fn open(&self, key: &VerifyingKey) -> Option<ReceiptBody> {
        key.verify(RECEIPT, &self.body, &self.signature).ok()?;
        minicbor::decode(&self.body).ok()
    }
}

/// Where someone is, for the others to see.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Presence {
    /// The space.
    #[n(0)]
    pub space: SpaceId,
    /// The record.
    #[n(1)]
    pub doc: DocId,
    /// The device; the server fills it in.
    #[n(2)]
    pub device: Option<DeviceId>,
    /// The field, as a path.
    #[n(3)]
    pub field: String,
    /// The caret, as a cursor of the text; empty when away.
    #[n(4)]
    pub caret: String,
}

/// Where one chain stands; used by couriers to show gaps.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ChainEnd {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// Its session.
    #[n(1)]
    pub session: SessionNonce,
    /// The sequence number after the last one.
    #[n(2)]
    pub next: u64,
    /// The last envelope.
    #[n(3)]
    pub last: Digest,
}
