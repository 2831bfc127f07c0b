//! What a change touches, as the rules see it.
use serde::{Deserialize, Serialize};

use super::{DocKind, FieldPath};

/// What is done to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TouchKind {
    /// A scalar is set.
    Set,
    /// A scalar that held concurrent values is set: only a resolution may do that.
    SetOverConflict,
    /// Characters are inserted into or deleted from a text.
    Splice,
    /// An item is added to a list.
    Add,
    /// An item is taken from a list, or a key deleted.
    Remove,
}

/// One field that a change touches, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Touch {
    /// The field.
    pub field: FieldPath,
    /// How.
    pub kind: TouchKind,
}

/// All that an envelope's changes touch in one document, made by the schema in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Touched {
    /// The kind of document, when its birth change is among the changes.
    pub birth: Option<DocKind>,
    /// The fields, sorted, each way of touching once.
    pub touches: Vec<Touch>,
}
