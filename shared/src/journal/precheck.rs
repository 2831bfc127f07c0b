//! Reads change headers, and weighs what a change would cost, before Automerge sees a byte.
//!
//! Automerge 0.12 sets no bounds: 113 bytes of run-length coding decode to 20 million rows, and
//! some changes that it accepts make the saved document unloadable (trust.md §0). This reader
//! walks the same format ([storage docs](https://automerge.org/automerge-binary-format-spec/))
//! with every sum bounded first. It counts runs without expanding them, then reads at most
//! [`Limits::ops`] rows in step, never holding more than it was given.
//!
//! It accepts only what Automerge itself would have written: shortest numbers, longest runs,
//! sorted actors and dependencies, no unused actor, no unknown column. A change in another form
//! would be written out differently when its document is saved, take another hash, and the
//! document would not load again. So the check is stricter than any reader need be, and an
//! honest build passes it by construction.
//!
//! What it does *not* know is the document: whether an object, an element or a dependency
//! exists. That is for the sandbox.
use sha2::{Digest as _, Sha256};

use crate::model::ChangeHash;

mod columns;
mod error;
mod ops;
mod read;
mod runs;
#[cfg(test)]
mod tests;

pub use columns::Column;
pub use error::{NumberFault, OpFault, PrecheckError};
use read::Reader;

/// The first four bytes of every Automerge chunk.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The chunk type of an uncompressed change, the only one a body may hold.
const KIND_CHANGE: u8 = 1;
/// Operation counters stay below this; automerge keeps them in 32 bits and panics above.
const COUNTER_END: u64 = 1 << 31;
/// The bytes of one hash.
const HASH_LEN: usize = 32;
/// The bytes of an actor: the first 16 of a hash over the session (design §2).
const ACTOR_LEN: usize = 16;

/// How much one body may cost. All limits are inclusive and hold for the whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in the body; 64 KiB (design §2).
    pub bytes: usize,
    /// Operations in all changes together; 20,000, the most that 64 KiB of typed hanzi hold.
    pub ops: u64,
    /// Predecessors named by all operations together; 40,000.
    pub preds: u64,
    /// Bytes of keys and mark names once their runs are expanded; 4 MiB.
    pub names: u64,
    /// Dependencies of one change; 64.
    pub deps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 * 1024, ops: 20_000, preds: 40_000, names: 4 * 1024 * 1024, deps: 64 }
    }
}

/// What the journal needs to know of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeHeader {
    /// The hash by which other changes and heads name it.
    pub hash: ChangeHash,
    /// Who made it, in Automerge's sense; the envelope's header says which device that is.
    pub actor: [u8; ACTOR_LEN],
    /// Its place among the changes of its actor, from 1.
    pub seq: u64,
    /// The counter of its first operation, from 1.
    pub start_op: u64,
    /// The counter of its last operation: `start_op + ops - 1`.
    pub max_op: u64,
    /// The changes it was made upon, sorted; empty for the first of a document.
    pub deps: Vec<ChangeHash>,
    /// How many operations it holds; at least one.
    pub ops: u64,
    /// Where its chunk begins in the body.
    pub start: usize,
    /// How many bytes of the body its chunk takes.
    pub len: usize,
}

/// What is left of the limits after the changes read so far.
struct Budget {
    ops: u64,
    preds: u64,
    names: u64,
}

/// Checks a content body and returns the headers of its changes, in order.
///
/// A body is one or more uncompressed changes of one actor with consecutive sequence numbers.
/// Time and memory are linear in `body.len()` and [`Limits::ops`], whatever the bytes claim.
///
/// # Errors
/// The first fault found, with its offset in the body. There is no partial answer: an honest
/// build runs this before it signs, so a body with one bad change is refused whole.
pub fn check(body: &[u8], limits: &Limits) -> Result<Vec<ChangeHeader>, PrecheckError> {
    if body.is_empty() {
        return Err(PrecheckError::Empty);
    }
    if body.len() > limits.bytes {
        return Err(PrecheckError::BodyTooLong { len: body.len(), limit: limits.bytes });
    }
    let mut budget = Budget { ops: limits.ops, preds: limits.preds, names: limits.names };
    let mut input = Reader::new(body, 0);
    let mut headers: Vec<ChangeHeader> = Vec::new();
    while !input.is_empty() {
        let header = check_chunk(&mut input, limits, &mut budget)?;
        if let Some(last) = headers.last() {
            check_follows(last, &header)?;
        }
        headers.push(header);
    }
    Ok(headers)
}

/// Checks one actor's changes, however long together, and returns their headers in order. The
/// limits hold for each alone: a person's own edit is sealed in as many bodies as it takes.
///
/// # Errors
/// As [`check`].
pub fn check_each(changes: &[u8], limits: &Limits) -> Result<Vec<ChangeHeader>, PrecheckError> {
    if changes.is_empty() {
        return Err(PrecheckError::Empty);
    }
    let mut input = Reader::new(changes, 0);
    let mut headers: Vec<ChangeHeader> = Vec::new();
    while !input.is_empty() {
        let mut budget = Budget { ops: limits.ops, preds: limits.preds, names: limits.names };
        let header = check_chunk(&mut input, limits, &mut budget)?;
        if header.len > limits.bytes {
            return Err(PrecheckError::BodyTooLong { len: header.len, limit: limits.bytes });
        }
        if let Some(last) = headers.last() {
            check_follows(last, &header)?;
        }
        headers.push(header);
    }
    Ok(headers)
}

/// Checks that `next` is its actor's change right after `last`.
fn check_follows(last: &ChangeHeader, next: &ChangeHeader) -> Result<(), PrecheckError> {
    let at = next.start;
    if next.actor != last.actor {
        return Err(PrecheckError::AnotherActor { at });
    }
    if next.seq != last.seq + 1 {
        return Err(PrecheckError::SeqGap { at, expected: last.seq + 1, found: next.seq });
    }
    if next.start_op <= last.max_op {
        return Err(PrecheckError::StartOp { at, found: next.start_op, after: last.max_op });
    }
    Ok(())
}

/// Reads one chunk's frame, checks its hash, and reads the change inside.
fn check_chunk(
    input: &mut Reader<'_>,
    limits: &Limits,
    budget: &mut Budget,
) -> Result<ChangeHeader, PrecheckError> {
    let start = input.at();
    if input.array::<4>()? != MAGIC {
        return Err(PrecheckError::NotAChunk { at: start });
    }
    let claimed = input.array::<4>()?;
    let hashed = input.rest();
    let kind = input.byte()?;
    if kind != KIND_CHANGE {
        return Err(PrecheckError::ChunkKind { at: start, kind });
    }
    let len = input.length()?;
    let contents = input.take(len)?;
    // The hash covers the type, the length and the contents: all that follows the checksum.
    let covered = input.at() - start - MAGIC.len() - claimed.len();
    let hash: [u8; HASH_LEN] = Sha256::digest(&hashed[..covered]).into();
    if hash[..claimed.len()] != claimed {
        return Err(PrecheckError::Checksum { at: start });
    }
    check_change(contents, start, limits, budget, ChangeHash(hash), input.at() - start)
}

/// Reads the contents of one change chunk.
fn check_change(
    mut change: Reader<'_>,
    start: usize,
    limits: &Limits,
    budget: &mut Budget,
    hash: ChangeHash,
    len: usize,
) -> Result<ChangeHeader, PrecheckError> {
    let deps = read_deps(&mut change, limits)?;
    let actor = read_actor(&mut change)?;
    let at = change.at();
    let seq = change.unsigned()?;
    if seq == 0 || seq >= COUNTER_END {
        return Err(PrecheckError::Seq { at, found: seq });
    }
    let at = change.at();
    let start_op = change.unsigned()?;
    if start_op == 0 || start_op >= COUNTER_END {
        return Err(PrecheckError::StartOp { at, found: start_op, after: 0 });
    }
    let at = change.at();
    let time = change.signed()?;
    // Automerge's own time proves nothing, so our commits leave it at 0 (design §2).
    if time != 0 {
        return Err(PrecheckError::Time { at, found: time });
    }
    let at = change.at();
    let message = change.unsigned()?;
    if message != 0 {
        return Err(PrecheckError::Message { at, len: message });
    }
    let others = read_other_actors(&mut change, &actor)?;
    let columns = columns::Columns::read(&mut change)?;
    if !change.is_empty() {
        return Err(PrecheckError::ExtraBytes { at: change.at(), len: change.rest().len() });
    }
    let ops = ops::check(&columns, start, start_op, &actor, &others, budget)?;
    let max_op = start_op + ops - 1;
    Ok(ChangeHeader { hash, actor, seq, start_op, max_op, deps, ops, start, len })
}

/// Reads the dependencies, which Automerge writes sorted and without repetition.
fn read_deps(change: &mut Reader<'_>, limits: &Limits) -> Result<Vec<ChangeHash>, PrecheckError> {
    let at = change.at();
    let count = change.unsigned()?;
    if count > limits.deps {
        return Err(PrecheckError::TooManyDeps { at, found: count, limit: limits.deps });
    }
    let mut deps: Vec<ChangeHash> = Vec::new();
    for _ in 0..count {
        let at = change.at();
        let dep = ChangeHash(change.array::<HASH_LEN>()?);
        if deps.last().is_some_and(|last| *last >= dep) {
            return Err(PrecheckError::DepsOutOfOrder { at });
        }
        deps.push(dep);
    }
    Ok(deps)
}

/// Reads one length-prefixed actor.
fn read_actor(change: &mut Reader<'_>) -> Result<[u8; ACTOR_LEN], PrecheckError> {
    let at = change.at();
    let len = change.unsigned()?;
    if len != ACTOR_LEN as u64 {
        return Err(PrecheckError::ActorLength { at, len });
    }
    change.array::<ACTOR_LEN>()
}

/// Reads the other actors, which Automerge writes sorted and without the author.
fn read_other_actors(
    change: &mut Reader<'_>,
    author: &[u8; ACTOR_LEN],
) -> Result<Vec<[u8; ACTOR_LEN]>, PrecheckError> {
    let count = change.unsigned()?;
    let mut others: Vec<[u8; ACTOR_LEN]> = Vec::new();
    // A false count ends at the end of the bytes, after at most one actor per 17 of them.
    for _ in 0..count {
        let at = change.at();
        let actor = read_actor(change)?;
        if actor == *author || others.last().is_some_and(|last| *last >= actor) {
            return Err(PrecheckError::ActorsOutOfOrder { at });
        }
        others.push(actor);
    }
    Ok(others)
}
