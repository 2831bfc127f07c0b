//! What the interface has to say: one line that tells what happened, and what to do next.
use shared::workflow::{AsideReason, Refusal};

use super::{data::Trouble, verb::Verb};

/// Something that went wrong outside the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The passphrase opens no key slot.
    WrongPassphrase,
    /// Nothing is set up in this laptop's folder.
    NotEnrolled,
    /// Another program has this laptop's folder open.
    InUse,
    /// The store is damaged.
    Damaged,
    /// The disk is full; so many changes are in memory only.
    DiskFull(usize),
    /// The server does not answer.
    NoLink,
    /// There was no contact for another reason.
    Link(Trouble),
    /// The document cannot be opened on this laptop.
    NoDocument,
    /// The edit does not fit the document any more.
    EditLost,
    /// The edit cannot be kept, and why; the text is on the screen alone.
    NotKept(String),
    /// A courier's file cannot be read or written.
    Courier(String),
    /// There is no such file, or it cannot be read.
    NoFile,
    /// There is a file of that name already.
    FileExists,
    /// The file is longer than the server takes, in bytes.
    TooLong(u64),
    /// The file of this evidence has not come to this laptop yet.
    FileNotHere,
    /// A file that is awaited was cut on its way; it is tried again.
    FetchCut {
        /// Its name.
        name: String,
        /// Why, as the link words it.
        why: String,
    },
    /// The server does not have a file that is awaited; it is tried again.
    NotAtServer(String),
    /// A file cannot be written there.
    NotWritten(String),
    /// Something else; the text is the program's own.
    Other(String),
}

/// A line under the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A request is on the disk and waits for the server.
    Asked(Verb),
    /// The rules refuse it.
    Refused(Refusal),
    /// What would be written would not come into the document.
    Aside(AsideReason),
    /// Something failed.
    Failed(Failure),
    /// A document was begun.
    Begun,
    /// Copied to the clipboard.
    Copied,
    /// Contact with the server was made.
    Synced,
    /// A courier's file was written.
    Exported(String),
    /// A courier's file was read.
    Imported {
        /// How many entries and envelopes were new.
        new: u64,
        /// How many changes are known to exist and are not here.
        missing: u64,
        /// Whose those are.
        who: Vec<String>,
    },
    /// A file was sealed and registered as evidence.
    Attached {
        /// Its name.
        name: String,
        /// Its length in bytes.
        size: u64,
    },
    /// A form or a file of evidence was written out.
    Written(String),
    /// A file is fetched while other things are done.
    FetchesOn,
    /// Fetching a file was given up.
    FetchStopped(String),
    /// Somebody else changed the document that is open.
    ChangedByOthers,
    /// What was typed is no amount of money; it stays in the field.
    NotAnAmount,
    /// Nothing can be begun: there is no stay.
    NoStay,
}

impl Said {
    /// Tells whether it is about something that did not work.
    pub const fn is_bad(&self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::Aside(_) | Self::Failed(_) | Self::NotAnAmount | Self::NoStay
        )
    }
}
