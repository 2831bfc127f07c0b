//! What reaches the model: one closed set.
use std::collections::BTreeMap;

use shared::model::{PersonId, Reading, Timestamp};

use super::{
    data::{Fetching, FilesLeft, Happening, Hit, Place, Snapshot},
    dialog::Looked,
    said::{Failure, Said},
};
use crate::input::Action;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key that means something here.
    Act(Action),
    /// Plain characters, as typed or as an input method commits them.
    Text(String),
    /// Text from the clipboard, or a burst of keys.
    Paste(String),
    /// The time now, by the laptop's clock. Sent about once a second.
    Clock(Timestamp),
    /// Something from the laptop.
    Laptop(News),
}

/// What the laptop says.
#[derive(Debug, Clone)]
pub enum News {
    /// It is unlocked, or what it knows has changed.
    Snapshot(Box<Snapshot>),
    /// What the open document says, with the edits up to `edits` in it.
    Reading {
        /// The document.
        at: Place,
        /// What it says.
        reading: Box<Reading>,
        /// Who is behind each actor, as far as the journal says.
        authors: BTreeMap<String, PersonId>,
        /// How many of this screen's edits are in it.
        edits: u64,
    },
    /// How far evidence files are.
    Files(FilesLeft),
    /// How far the file is that somebody waits for; none once nobody does.
    Fetching(Option<Fetching>),
    /// A document was begun.
    Begun(Place),
    /// What is on the disk where a path leads.
    Looked(Looked),
    /// What a search found.
    Hits {
        /// What was sought.
        text: String,
        /// The records, in the order of their spaces.
        hits: Vec<Hit>,
    },
    /// What happened to a record, oldest first.
    History {
        /// The record.
        at: Place,
        /// What.
        happened: Vec<Happening>,
    },
    /// A line to show.
    Said(Said),
    /// Something failed; what was under way is over.
    Failed(Failure),
    /// What was under way is over.
    Finished,
    /// The laptop is locked.
    Locked,
}
