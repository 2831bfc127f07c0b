//! The one-matter file (F2): gate, three-step sign-off, return, drop.
use serde::{Deserialize, Serialize};

use crate::model::{DocId, PersonId, Timestamp, workpaper::Severity};

/// The state of a workpaper.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkpaperState {
    /// When the leader's approval first admitted it.
    pub admitted: Option<Timestamp>,
    /// The severity it was last approved with.
    pub severity: Option<Severity>,
    /// The line it was last approved with.
    pub title: String,
    /// The newest edition before the office.
    pub edition: Option<DocId>,
    /// The finding it opened.
    pub finding: Option<DocId>,
    /// Who gave it up, when, and why.
    pub dropped: Option<(PersonId, Timestamp, String)>,
}
