//! What no honest build writes, by name.
use serde::{Deserialize, Serialize};

use super::chunk::ChunkError;
use crate::model::{ChangeHash, FieldPath};

/// What no honest build writes. The envelope that carries it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SchemaFault {
    /// The body is not plain changes.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// The body holds changes of several actors.
    #[error("changes of several actors in one body")]
    MixedActors,
    /// The change carries a time, a message or trailing bytes.
    #[error("change {change} carries more than operations")]
    NotCanonical {
        /// The change.
        change: ChangeHash,
    },
    /// The change's operations cannot be read.
    #[error("change {change} cannot be decoded")]
    Undecodable {
        /// The change.
        change: ChangeHash,
    },
    /// The change rests on another that is not here.
    #[error("change {change} rests on {missing}, which is not here")]
    MissingDep {
        /// The change.
        change: ChangeHash,
        /// The one awaited.
        missing: ChangeHash,
    },
    /// The change is not the next of its actor, or another one holds its number.
    #[error("change {change} has number {found}, its actor's next is {expected}")]
    WrongSeq {
        /// The change.
        change: ChangeHash,
        /// Its number.
        found: u64,
        /// The next number of the actor.
        expected: u64,
    },
    /// The change does not rest on its actor's previous one.
    #[error("change {change} does not rest on its actor's previous change")]
    ActorForked {
        /// The change.
        change: ChangeHash,
    },
    /// The change's operations are not numbered after those it rests on.
    #[error("change {change} begins at operation {found}, not {expected}")]
    WrongStart {
        /// The change.
        change: ChangeHash,
        /// Its first operation's counter.
        found: u64,
        /// What it would be.
        expected: u64,
    },
    /// The document's first change does not make a document of ours.
    #[error("not a birth: {why}")]
    NotABirth {
        /// What is wrong with it.
        why: BirthFault,
    },
    /// A second birth of a document that was born.
    #[error("the document was born already")]
    SecondBirth,
    /// The document was born by a newer build: an update is needed to judge it.
    #[error("a shape this build does not know: {schema}")]
    NewerSchema {
        /// The shape.
        schema: i64,
    },
    /// An operation names an object that is not in the schema, or not among what it rests on.
    #[error("an operation in an unknown object")]
    UnknownObject,
    /// An operation names a place in a text or list that its author cannot have seen there.
    #[error("an operation at an unknown place in {field}", field = .field.0)]
    UnknownElement {
        /// The text or list.
        field: FieldPath,
    },
    /// An operation writes an unknown key.
    #[error("unknown key {key:?} in {place:?}")]
    UnknownKey {
        /// The item or set; empty for the document itself.
        place: String,
        /// The key.
        key: String,
    },
    /// A container is put, a second time, over a key of the schema.
    #[error("a second container over {field}", field = .field.0)]
    SecondContainer {
        /// The field.
        field: FieldPath,
    },
    /// A container of the schema, an item or a key is deleted or overwritten.
    #[error("{field} is deleted", field = .field.0)]
    Deleted {
        /// The field.
        field: FieldPath,
    },
    /// What is written once is written again.
    #[error("{field} cannot change", field = .field.0)]
    Immutable {
        /// The field.
        field: FieldPath,
    },
    /// A value that the field does not take.
    #[error("{field} does not take this value", field = .field.0)]
    WrongValue {
        /// The field.
        field: FieldPath,
    },
    /// An operation of a kind that the place does not take: a mark, a counter, a block.
    #[error("{field} does not take this operation", field = .field.0)]
    WrongOperation {
        /// The field.
        field: FieldPath,
    },
    /// A new item is not made whole, or has no id of its own.
    #[error("an item of {list} is not made whole", list = .list.0)]
    PartialItem {
        /// The list.
        list: FieldPath,
    },
    /// The operation claims to overwrite other values than those its author saw.
    #[error("{field} overwrites what its author did not see, or not all of it", field = .field.0)]
    WrongPred {
        /// The field.
        field: FieldPath,
    },
    /// Automerge refuses the changes, or its save of the result does not load.
    #[error("the changes do not fit: {why}")]
    DoesNotFit {
        /// What it says; for diagnostics only.
        why: String,
    },
}

/// What is wrong with a first change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum BirthFault {
    /// The kind is missing, not first, or unknown.
    #[error("no known kind")]
    Kind,
    /// The shape is missing or not second.
    #[error("no shape")]
    Schema,
    /// A container of the kind is missing.
    #[error("a container is missing")]
    Container,
}
