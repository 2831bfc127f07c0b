//! The order to put a matter right at once (立行立改通知单), form F4 of domain §2.4.
use serde::{Deserialize, Serialize};

use super::{DocId, ItemId};

/// What a notice document says. It never says who complained.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoticeReading {
    /// The matter, in one line.
    pub title: String,
    /// What was found.
    pub matter: String,
    /// The rule breached.
    pub rule_breached: String,
    /// What is asked of the unit.
    pub request: String,
    /// Whom to ask.
    pub contact: String,
    /// Workpapers the notice rests on; the unit does not see them.
    pub workpapers: Vec<DocId>,
}

/// One act of putting right, with one person and one date (落实到人到事).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedMeasure {
    /// Its identity.
    pub id: ItemId,
    /// The act.
    pub act: String,
    /// The person who does it.
    pub owner: String,
    /// The day it is due, as an ISO date in the rule pack's zone.
    pub due: String,
}
