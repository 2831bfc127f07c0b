//! What the model asks of the runtime.
use shared::{
    doc::{Birth, Edit},
    model::{DocKind, EvidenceId, SpaceId, evidence::Evidence},
    workflow::Command,
};
use zeroize::Zeroizing;

use super::data::Place;

/// Something to be done outside the model.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Unlock the laptop's folder.
    Unlock(Zeroizing<String>),
    /// Read a document now and whenever it changes, until the next `Open` or `Close`.
    Open(Place),
    /// The document is no longer on the screen.
    Close,
    /// Begin a document.
    Begin {
        /// In which space.
        space: SpaceId,
        /// Of which kind.
        kind: DocKind,
        /// What it says from the first moment.
        birth: Birth,
    },
    /// Begin the text of a record that is there before its text, as a consultation is; where
    /// it is begun already, nothing is done.
    BeginText {
        /// The record.
        at: Place,
        /// Of which kind.
        kind: DocKind,
        /// What it says from the first moment.
        birth: Birth,
    },
    /// Write into a document. The runtime gathers edits for a moment before it commits them.
    Edit {
        /// The document.
        at: Place,
        /// What.
        edits: Vec<Edit>,
        /// The number of the last of these edits since the document was opened.
        edits_made: u64,
    },
    /// Ask for a legal step.
    Ask {
        /// About which record.
        at: Place,
        /// What.
        command: Box<Command>,
    },
    /// Tell the others in the space where this person is.
    Present {
        /// Where.
        at: Place,
        /// The field, as a path; empty for none.
        field: String,
    },
    /// Make contact with the server now.
    Sync,
    /// Leave evidence files for later, both ways, or no more.
    TextOnly(bool),
    /// Write a courier's file.
    Export {
        /// Where.
        file: String,
    },
    /// Read a courier's file.
    Import {
        /// Where from.
        file: String,
    },
    /// Say what is on the disk where a path leads.
    Look {
        /// The path, as it is typed.
        path: String,
    },
    /// Seal a file and register it as evidence.
    Attach {
        /// For which record.
        at: Place,
        /// What is known of it; the runtime adds what the file tells.
        evidence: Box<Evidence>,
        /// The file.
        file: String,
    },
    /// Write a file of evidence out in plain.
    SaveFile {
        /// In which space it is known.
        space: SpaceId,
        /// Which.
        evidence: EvidenceId,
        /// Where to; a file that is there is never overwritten.
        file: String,
        /// Whether the system's program for such files shows it then.
        open: bool,
    },
    /// Give up fetching the file of an item; what came of it is kept.
    StopFetch(EvidenceId),
    /// Lay a record's form out as an office document.
    Print {
        /// The record.
        at: Place,
        /// Where to; a file that is there is never overwritten.
        file: String,
    },
    /// Search everything held here.
    Search {
        /// What is sought.
        text: String,
    },
    /// Read what happened to a record.
    History(Place),
    /// Put text on the terminal's clipboard.
    Copy(String),
    /// Seal, lock, and show the unlock screen.
    Lock,
    /// End the program; the laptop is locked first.
    Quit,
}
