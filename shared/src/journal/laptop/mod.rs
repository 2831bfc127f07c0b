//! The laptop's end of the journal, without I/O.
//!
//! One [`Laptop`] holds, for every space this person may read, the journal as far as it has
//! come, the envelopes that are not decided yet, and the drafts that no envelope holds yet.
//! It takes an [`Input`] and returns [`Effect`]s in order; commits are answered by ticket.
//!
//! # Invariants
//! - A change is *saved* when its commit is answered, *received* when the server's signed
//!   receipt is stored, *decided* when the server's entry is stored; notes say so then and
//!   never before.
//! - What is unsent is derived from the journal: an envelope without a verdict is offered at
//!   every contact, whoever signed it.
//! - Nothing of this device's is ever dropped: what is set aside or refused stays readable.
//! - A commit that fails is tried again by the caller, in order, until it succeeds; nothing
//!   that rests on it has left this core before.
mod courier;
#[cfg(test)]
mod fresh_tests;
mod inbox;
mod load;
mod outbox;
mod space;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use load::Loaded;
pub use outbox::{give_backs, pushes};
pub use space::{ChainHeld, Kept, LaptopSpace, Origin, Plan, Revision, Session};

use super::{
    entry::{Cursor, Epoch, Verdict},
    envelope::{self, Envelope, SessionNonce},
    frame::{Down, Presence, Reject, Up},
    store::Write,
};
use crate::{
    crypto::{SigningKey, VerifyingKey},
    deliberate::{Bug, Planted},
    model::{ChangeHash, DeviceId, Digest, DocId, PersonId, SpaceId, Timestamp, Touched},
    workflow::Request,
};

pub use super::server::Ticket;

/// What happens to the laptop.
#[derive(Debug)]
pub enum Input {
    /// The person changed a document: what one call of the schema wrote, as raw changes. All
    /// are kept, in one commit, or none ([`Effect::NotKept`]).
    Edit {
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
        /// The raw changes, under the actor [`Laptop::actor`] gave.
        changes: Vec<u8>,
    },
    /// The person asks for a legal step.
    Ask {
        /// The space.
        space: SpaceId,
        /// The record.
        doc: DocId,
        /// What is asked.
        request: Request,
    },
    /// What envelopes that cannot stand say is said anew ([`Note::Rewrite`]).
    Rewritten {
        /// The space.
        space: SpaceId,
        /// The record.
        doc: DocId,
        /// The envelopes.
        envelopes: Vec<Digest>,
        /// Raw changes under the actor [`Laptop::actor`] gave; empty when there was nothing left
        /// to say, or when a request was asked anew.
        changes: Vec<u8>,
    },
    /// Put all drafts into envelopes: before sending, exporting, locking.
    Seal,
    /// The link is up.
    Connected,
    /// The link is down.
    Disconnected,
    /// The server says something.
    Frame(Down),
    /// A courier brought this.
    Courier(Courier),
    /// The laptop's own sandbox has tried a courier's content.
    Tried {
        /// Which.
        ticket: Ticket,
        /// For each envelope: what it touches, or why it was refused; none if the sandbox
        /// gave no report.
        per: Option<Vec<Result<Touched, String>>>,
    },
    /// A commit is on disk.
    Committed(Ticket),
    /// Show the others where this person is.
    Present(Presence),
}

/// What a courier's file holds, unsealed and read.
#[derive(Debug, Default)]
pub struct Courier {
    /// Entries with their envelopes, each space in order.
    pub items: Vec<super::frame::Item>,
    /// Envelopes without a verdict, in chain order.
    pub envelopes: Vec<Envelope>,
}

/// What is to be done, in order.
#[derive(Debug)]
pub enum Effect {
    /// Write all of this in one durable transaction, then answer [`Input::Committed`].
    Commit {
        /// The ticket.
        ticket: Ticket,
        /// The writes.
        writes: Vec<Write>,
    },
    /// Send a frame.
    Send(Up),
    /// Read these envelopes from the store and send them, as [`pushes`] splits them.
    Offer {
        /// Which, in order.
        envelopes: Vec<Digest>,
    },
    /// Try a courier's content in the laptop's own sandbox, then answer [`Input::Tried`].
    Try {
        /// The ticket.
        ticket: Ticket,
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
        /// Envelopes already part of the working document, in order.
        base: Vec<Digest>,
        /// Envelopes to try.
        batch: Vec<Digest>,
    },
    /// Read these entries with their envelopes from the store and send them, as [`give_backs`]
    /// splits them.
    GiveBack {
        /// The space.
        space: SpaceId,
        /// After this position.
        after: u64,
    },
    /// Nothing was kept of an edit, because the server's gate would refuse it: make the working
    /// document anew from [`LaptopSpace::plan`], and tell the person.
    NotKept {
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
        /// What the gate found.
        why: String,
    },
    /// Drop this core and load it anew: a rewind took entries out.
    Reload,
    /// Tell the person, or whoever shows things to the person.
    Note(Note),
}

/// Something the person is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A change is on this laptop's disk.
    Saved {
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
        /// The last of its changes.
        change: ChangeHash,
    },
    /// Drafts or a request are sealed in an envelope, on this laptop's disk.
    Sealed {
        /// The space.
        space: SpaceId,
        /// The record.
        doc: DocId,
        /// The envelope.
        envelope: Digest,
    },
    /// The server's signed receipt for these is held.
    Received {
        /// The envelopes.
        envelopes: Vec<Digest>,
    },
    /// The server's entry about an envelope is held.
    Decided {
        /// The space.
        space: SpaceId,
        /// The record.
        doc: DocId,
        /// The envelope.
        envelope: Digest,
        /// What became of it; none if this build does not know.
        verdict: Option<Verdict>,
    },
    /// A space's state has changed.
    Moved {
        /// The space.
        space: SpaceId,
    },
    /// The working document has changed.
    Document {
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
        /// How.
        how: DocumentChange,
    },
    /// These envelopes of mine cannot stand as they are (a copied disk, a place in the chain
    /// that is taken): their text is to be written anew under a new session.
    Rewrite {
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
        /// The envelopes, in order.
        envelopes: Vec<Digest>,
    },
    /// The server would not store this; it is kept here and shown.
    NotStored {
        /// The envelope.
        envelope: Digest,
        /// Why.
        why: Reject,
    },
    /// Stored by the server, but what it rests on has not arrived.
    Held {
        /// The envelope.
        envelope: Digest,
        /// What is awaited.
        missing: Vec<ChangeHash>,
    },
    /// A courier's file lacks something of a device's chain.
    Gap {
        /// The space.
        space: SpaceId,
        /// The device.
        device: DeviceId,
        /// How many envelopes are missing.
        missing: u64,
    },
    /// A courier's item does not hold and was left out.
    Foreign {
        /// Why.
        why: String,
    },
    /// Where somebody is.
    Present(Presence),
    /// This person may no longer read a space.
    Withdrawn {
        /// The space.
        space: SpaceId,
    },
    /// Everything the server has for us is here.
    CaughtUp {
        /// The space.
        space: SpaceId,
        /// Up to here.
        cursor: Cursor,
    },
    /// The server's clock, at contact.
    ServerTime(Timestamp),
}

/// How a working document changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentChange {
    /// Apply these envelopes, in order.
    Apply(Vec<Digest>),
    /// Make it anew from [`LaptopSpace::plan`].
    Rebuild,
}

/// What a commit makes true.
enum AfterCommit {
    /// Notes to be given, and envelopes that may be sent now.
    Tell { notes: Vec<Note>, ready: Vec<(SpaceId, Digest)> },
    /// Load anew.
    Reload,
}

/// The laptop's end of every journal it holds.
pub struct Laptop {
    me: PersonId,
    key: SigningKey,
    server: VerifyingKey,
    spaces: BTreeMap<SpaceId, LaptopSpace>,
    epoch: Option<Epoch>,
    online: bool,
    tickets: u64,
    commits: BTreeMap<Ticket, AfterCommit>,
    tries: BTreeMap<Ticket, (SpaceId, DocId, Vec<Digest>)>,
    /// Couriers' content that the sandbox refused, or with which it was lost, and whether it
    /// rests until the next contact or file.
    lost: BTreeMap<Digest, bool>,
    out: Vec<Effect>,
    planted: Planted,
}

impl Laptop {
    /// Handles one input and returns what is to be done, in order.
    pub fn handle<R: rand_core::Rng + ?Sized>(
        &mut self,
        input: Input,
        now: Timestamp,
        rng: &mut R,
    ) -> Vec<Effect> {
        match input {
            Input::Edit { space, doc, changes } => {
                let _kept = self.edit(space, doc, changes, Vec::new(), now, rng);
            }
            Input::Rewritten { space, doc, envelopes, changes } => {
                self.rewritten(space, doc, &envelopes, changes, now, rng);
            }
            Input::Ask { space, doc, request } => self.ask(space, doc, request, now, rng),
            Input::Seal => self.seal(),
            Input::Connected => self.connected(),
            Input::Disconnected => self.online = false,
            Input::Frame(frame) => self.frame(frame),
            Input::Courier(courier) => self.courier(courier),
            Input::Tried { ticket, per } => self.tried(ticket, per),
            Input::Committed(ticket) => self.committed(ticket),
            Input::Present(presence) => {
                if self.online {
                    self.out.push(Effect::Send(Up::Presence(presence)));
                }
            }
        }
        std::mem::take(&mut self.out)
    }

    /// Returns the Automerge actor for the next edit of a document, opening a session if
    /// there is none.
    pub fn actor<R: rand_core::Rng + ?Sized>(
        &mut self,
        space: SpaceId,
        doc: DocId,
        rng: &mut R,
    ) -> [u8; 16] {
        let mut nonce = self.session(space, rng).nonce;
        if self.planted.has(Bug::ActorReused) {
            nonce = SessionNonce([0; 16]);
        }
        envelope::actor(&self.key.verifying_key(), space, doc, nonce)
    }

    /// Gives this core a bug, for the simulation to find.
    #[cfg(feature = "deliberate-bugs")]
    pub fn plant(&mut self, bug: Option<Bug>) {
        self.planted = Planted(bug);
    }

    /// Returns the person this laptop works for.
    pub fn person(&self) -> PersonId {
        self.me
    }

    /// Returns this device.
    pub fn device(&self) -> DeviceId {
        self.key.verifying_key().device_id()
    }

    /// Returns a space, if this laptop holds it.
    pub fn space(&self, space: SpaceId) -> Option<&LaptopSpace> {
        self.spaces.get(&space)
    }

    /// Returns all spaces, in order of id.
    pub fn spaces(&self) -> impl Iterator<Item = (&SpaceId, &LaptopSpace)> {
        self.spaces.iter()
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    fn commit(&mut self, writes: Vec<Write>, after: AfterCommit) {
        let ticket = self.ticket();
        self.commits.insert(ticket, after);
        self.out.push(Effect::Commit { ticket, writes });
    }

    fn note(&mut self, note: Note) {
        self.out.push(Effect::Note(note));
    }

    fn committed(&mut self, ticket: Ticket) {
        match self.commits.remove(&ticket) {
            None => {}
            Some(AfterCommit::Reload) => self.out.push(Effect::Reload),
            Some(AfterCommit::Tell { notes, ready }) => {
                for (space, envelope) in &ready {
                    if let Some(kept) =
                        self.spaces.get_mut(space).and_then(|s| s.kept.get_mut(envelope))
                    {
                        kept.durable = true;
                    }
                }
                for note in notes {
                    self.note(note);
                }
                if self.online {
                    self.offer();
                }
            }
        }
    }
}

/// Draws a session nonce; its own function so that every session is opened the same way.
fn nonce<R: rand_core::Rng + ?Sized>(rng: &mut R) -> SessionNonce {
    SessionNonce::draw(rng)
}
