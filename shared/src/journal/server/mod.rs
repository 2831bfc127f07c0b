//! The server's end of the journal, without I/O.
//!
//! One [`Server`] holds the state of every space, folded from its journal. It takes an
//! [`Input`] and returns [`Effect`]s: what to commit, what to try in a sandbox, what to send.
//! The caller carries them out in order and answers each ticket.
//!
//! # Invariants
//! - Nothing is sent that rests on a commit before that commit is answered: receipts and
//!   entries leave after [`Input::Committed`], never before.
//! - State runs ahead of the disk only until the commit is answered. If a commit fails, the
//!   caller drops the `Server` and loads it anew from what is on disk: the same path as after
//!   a crash.
//! - Rights are read from the state in which the envelope is stored: one writer, one order.
//! - No document is ever parsed here. Verdicts on content rest on what the sandbox reports.
//! - Received bytes are kept, whatever their verdict.
mod admit;
mod clock;
mod fold;
mod load;
mod recover;
mod settle;
mod space;
mod spread;
#[cfg(test)]
mod tests;
mod turns;

use std::collections::BTreeMap;

pub use load::{Loaded, LoadedEnvelope};
pub use space::Space;
use space::{DocKey, Job};

use super::{
    entry::{Cursor, Entry, Epoch},
    envelope::Envelope,
    frame::{Down, Up},
};
use crate::{
    crypto::SigningKey,
    deliberate::Planted,
    model::{ChangeHash, DeviceId, Digest, DocId, PersonId, SpaceId, Timestamp, Touched},
    workflow::{Content, DocEvent},
};

/// One live connection, or one HTTP exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conn(pub u64);

/// Ties an effect to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What happens to the server.
#[derive(Debug)]
pub enum Input {
    /// A device has proved its key on a connection.
    Connected {
        /// The connection.
        conn: Conn,
        /// The device.
        device: DeviceId,
    },
    /// A connection is gone.
    Disconnected(Conn),
    /// A device says something.
    Frame {
        /// On which connection.
        conn: Conn,
        /// What.
        frame: Up,
    },
    /// A commit is on disk.
    Committed(Ticket),
    /// A trial is done.
    Tried {
        /// Which.
        ticket: Ticket,
        /// What came of it.
        outcome: Result<Trial, TrialFailure>,
    },
    /// An administrator's signed change: events for spaces, made or not.
    Say(Vec<(SpaceId, Vec<DocEvent>)>),
    /// A device was enrolled for a person.
    Enrol {
        /// Whose.
        person: PersonId,
        /// The public key.
        key: crate::crypto::VerifyingKey,
        /// What the holder calls the device.
        name: String,
    },
    /// A device was revoked.
    Revoke {
        /// Which.
        device: DeviceId,
        /// Why.
        reason: String,
    },
    /// An administrator confirms the clock after a jump.
    ConfirmClock,
    /// An administrator ends recovery without waiting for the silent devices.
    EndRecovery,
    /// Time has passed.
    Tick,
}

/// What a sandbox found.
#[derive(Debug, Clone)]
pub struct Trial {
    /// For each body of the batch: what it touches, or why it was refused.
    pub per: Vec<Result<Touched, String>>,
    /// The save after the batch.
    pub saved: Vec<u8>,
    /// Its heads.
    pub heads: Vec<ChangeHash>,
    /// What the document says, if that was asked for and it has a birth.
    pub content: Option<Content>,
}

/// Why a sandbox gave no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialFailure {
    /// The process died on these bytes.
    Died,
    /// Time-out, memory pressure, no process to be had: try again, never a verdict.
    Later,
    /// Our own copy of the document does not load, whatever is tried on it.
    Damaged,
}

/// What is to be done, in order.
#[derive(Debug)]
pub enum Effect {
    /// Write all of this in one durable transaction, then answer [`Input::Committed`].
    Commit {
        /// The ticket.
        ticket: Ticket,
        /// The writes, in order.
        writes: Vec<Write>,
    },
    /// Try content in a sandbox, then answer [`Input::Tried`].
    Trial {
        /// The ticket.
        ticket: Ticket,
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
        /// Whether a stored snapshot is the base.
        snapshot: bool,
        /// Envelopes already main since that snapshot, in order.
        later: Vec<Digest>,
        /// Envelopes to try, in order; empty to read the document only.
        batch: Vec<Digest>,
        /// Whether it must have a fresh process to itself: its death counts against it.
        alone: bool,
        /// Whether what the document says is asked for: a command looks at it.
        read: bool,
    },
    /// Send a frame.
    Send {
        /// To whom.
        conn: Conn,
        /// What.
        frame: Down,
    },
    /// Send stored entries `after..=until` of a space, with envelopes the reader lacks, and
    /// then [`Down::Head`].
    Stream {
        /// To whom.
        conn: Conn,
        /// The space.
        space: SpaceId,
        /// After this position.
        after: u64,
        /// Up to and with this place.
        until: Cursor,
    },
    /// Send these stored envelopes, which the reader lacks.
    Fetch {
        /// To whom.
        conn: Conn,
        /// Which.
        envelopes: Vec<Digest>,
    },
    /// Drop all state and load it anew from the store: a recovery rewrote a journal.
    Reload,
    /// Something an administrator must know. No content.
    Alarm(Alarm),
}

/// Something an administrator must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// The server met entries of its own that it does not hold: it was restored from an
    /// older copy and is in recovery.
    Recovering {
        /// The space in which it was noticed.
        space: SpaceId,
    },
    /// After recovery an envelope has another verdict than a laptop was told; the older stands.
    VerdictClash {
        /// The space.
        space: SpaceId,
        /// The envelope.
        envelope: Digest,
    },
    /// A device signed something an honest build cannot make.
    Hostile {
        /// The device.
        device: DeviceId,
        /// The envelope.
        envelope: Digest,
    },
    /// Two machines run one disk.
    Forked {
        /// The device.
        device: DeviceId,
    },
    /// A document of ours does not load. It alone is read-only until the server starts anew.
    Damaged {
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
    },
    /// The clock jumped; timers rest until an administrator confirms it.
    ClockJump {
        /// By how many milliseconds.
        by: i64,
    },
}

/// One write of a commit.
#[derive(Debug, Clone)]
pub enum Write {
    /// Keep a received envelope.
    Envelope(Envelope),
    /// Append an entry; its envelope, if any, is decided by it.
    Entry(Entry),
    /// Keep the save of a document at its main heads.
    Snapshot {
        /// The space.
        space: SpaceId,
        /// The document.
        doc: DocId,
        /// The position of the entry up to which main is contained.
        pos: u64,
        /// The bytes.
        saved: Vec<u8>,
    },
    /// Note that these bytes are about to enter a sandbox alone, for the n-th time.
    Attempt {
        /// The envelope.
        envelope: Digest,
        /// n.
        times: u32,
    },
    /// Move the entries from this position on out of the journal (recovery): their envelopes
    /// become undecided, their hashes are remembered as displaced. Snapshots of the space kept
    /// at this position or later go: they hold what is no longer in the document.
    Displace {
        /// The space.
        space: SpaceId,
        /// From this position.
        from: u64,
    },
    /// Go on under this epoch.
    Epoch(Epoch),
    /// Whether recovery is under way.
    Recovering(bool),
    /// The server's own words that recovery displaced have been said again.
    Reissued(Digest),
    /// The time that is trusted now.
    Clock {
        /// It.
        trusted: Timestamp,
        /// Whether timers rest until an administrator confirms the machine's clock.
        suspended: bool,
    },
}

/// What is waited for before something may be sent.
enum AfterCommit {
    /// Receipts for stored envelopes, then their documents' turns.
    Stored { conn: Conn, stored: Vec<Digest>, docs: Vec<DocKey> },
    /// Entries to spread, and snapshots that now stand.
    Said { spaces: Vec<(SpaceId, Cursor)>, snapshots: Vec<settle::Kept> },
    /// A trial of one suspicious envelope.
    Alone(DocKey, Digest),
    /// Load anew.
    Reload,
}

/// A reader on a connection.
struct Reader {
    device: DeviceId,
    /// Whether it has said what it has.
    listening: bool,
    /// Spaces to which it listens live, with the position up to which it was sent.
    sent: BTreeMap<SpaceId, u64>,
}

/// The server's end of every journal it keeps.
pub struct Server {
    key: SigningKey,
    epoch: Epoch,
    recovering: bool,
    /// Whether a recovery has rewritten the disk, so that all must be loaded anew.
    reloading: bool,
    spaces: BTreeMap<SpaceId, Space>,
    /// Devices of each person, from their control spaces.
    devices: BTreeMap<DeviceId, PersonId>,
    readers: BTreeMap<Conn, Reader>,
    tickets: u64,
    commits: BTreeMap<Ticket, AfterCommit>,
    trials: BTreeMap<Ticket, Job>,
    displaced: load::Displaced,
    /// Devices that have shown where they stand since recovery began.
    reported: std::collections::BTreeSet<DeviceId>,
    clock: clock::Clock,
    /// Effects of the input being handled.
    out: Vec<Effect>,
    planted: Planted,
}

impl Server {
    /// Handles one input and returns what is to be done, in order. `machine` is what the clock
    /// of the machine says; a jump of it is not believed.
    pub fn handle<R: rand_core::Rng + ?Sized>(
        &mut self,
        input: Input,
        machine: Timestamp,
        rng: &mut R,
    ) -> Vec<Effect> {
        // A recovery has rewritten a journal: what is held here is no longer what is on disk.
        let stale = self.reloading
            && !matches!(&input, Input::Committed(ticket)
                if matches!(self.commits.get(ticket), Some(AfterCommit::Reload)));
        if stale {
            return Vec::new();
        }
        let now = self.hear(machine);
        match input {
            Input::Connected { conn, device } => self.connected(conn, device, now),
            Input::Disconnected(conn) => {
                self.readers.remove(&conn);
            }
            Input::Frame { conn, frame } => self.frame(conn, frame, now, rng),
            Input::Committed(ticket) => self.committed(ticket, now),
            Input::Tried { ticket, outcome } => self.tried(ticket, outcome, now),
            Input::Say(words) => self.say(words, now),
            Input::Enrol { person, key, name } => self.enrol(person, key, name, now),
            Input::Revoke { device, reason } => self.revoke(device, reason, now),
            Input::ConfirmClock => self.confirm_clock(machine),
            Input::EndRecovery => self.end_recovery(now),
            Input::Tick => self.tick(now),
        }
        self.recovery_over(now);
        std::mem::take(&mut self.out)
    }

    fn frame<R: rand_core::Rng + ?Sized>(
        &mut self,
        conn: Conn,
        frame: Up,
        now: Timestamp,
        rng: &mut R,
    ) {
        let Some(device) = self.readers.get(&conn).map(|r| r.device) else { return };
        match frame {
            Up::Have { spaces } => self.have(conn, device, &spaces, now),
            Up::Trail { space, points } => self.trail(conn, device, space, &points, now),
            Up::Push { envelopes } => self.push(conn, envelopes, now),
            Up::GiveBack { space, items } => self.give_back(conn, device, space, items, now, rng),
            Up::Want { space, envelopes } => self.want(conn, device, space, envelopes, now),
            Up::Presence(presence) => self.presence(conn, device, presence, now),
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    fn commit(&mut self, mut writes: Vec<Write>, after: AfterCommit) {
        writes.extend(self.clock_due());
        let ticket = self.ticket();
        self.commits.insert(ticket, after);
        self.out.push(Effect::Commit { ticket, writes });
    }

    fn send(&mut self, conn: Conn, frame: Down) {
        self.out.push(Effect::Send { conn, frame });
    }

    /// Returns the epoch under which the server speaks.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Tells whether recovery is under way.
    pub fn recovering(&self) -> bool {
        self.recovering
    }

    /// Tells whether a recovery has rewritten the disk, so that all is about to be loaded anew:
    /// what is said until then is not heard.
    pub fn reloading(&self) -> bool {
        self.reloading
    }

    /// Returns a space, if the server keeps it.
    pub fn space(&self, space: SpaceId) -> Option<&Space> {
        self.spaces.get(&space)
    }

    /// Returns all spaces, in order of id.
    pub fn spaces(&self) -> impl Iterator<Item = (&SpaceId, &Space)> {
        self.spaces.iter()
    }

    /// Returns how many stored envelopes of a device wait for their verdict, in all spaces.
    pub fn undecided_by(&self, device: DeviceId) -> usize {
        self.spaces.values().filter_map(|s| s.waiting.get(&device)).sum()
    }

    /// Tells whether waiting brings nothing more about an envelope: it is decided and its entry
    /// is on disk, or it is held until something else arrives.
    pub fn is_settled(&self, space: SpaceId, envelope: &Digest) -> bool {
        let Some(space) = self.spaces.get(&space) else { return false };
        let Some(stored) = space.stored.get(envelope) else { return false };
        let held =
            || space.docs.get(&stored.header.doc).is_some_and(|d| d.held.contains_key(envelope));
        stored.decided.map_or_else(held, |pos| pos <= space.durable.pos)
    }

    /// Returns the person who holds a device.
    pub fn holder(&self, device: DeviceId) -> Option<PersonId> {
        self.devices.get(&device).copied()
    }

    /// Returns the server's public key.
    pub fn verifying_key(&self) -> crate::crypto::VerifyingKey {
        self.key.verifying_key()
    }
}
