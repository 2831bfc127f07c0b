//! Taking a document out of the system: people's data is theirs.
use super::document::Document;

impl Document {
    /// Returns the document with its history as a plain Automerge file.
    ///
    /// Any Automerge library of the 1.x storage format opens it; texts are Automerge texts,
    /// sets are maps of member to `true` or to the reason for removal.
    pub fn plain_automerge(&self) -> Vec<u8> {
        self.am.save()
    }
}
