//! The finding (问题): opened by an approved workpaper, followed to its end.
use serde::{Deserialize, Serialize};

use super::{DocId, workpaper::Severity};

/// What a finding says when it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its identity.
    pub id: DocId,
    /// The workpapers that carry it.
    pub workpapers: Vec<DocId>,
    /// The matter, in one line.
    pub title: String,
    /// How grave.
    pub severity: Option<Severity>,
    /// The label put on the facts.
    pub characterisation: String,
}
