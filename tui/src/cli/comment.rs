//! `xunji comment`: the office remarks on what was put before it; it never edits.
use clap::Args;
use shared::workflow::Command;

use super::{failure::Failure, session::Session, shown::Shown};

/// Comments on what was put before the office.
#[derive(Debug, Args)]
pub(super) struct Comment {
    /// The edition, by its record's number.
    record: String,
    /// The remark.
    text: String,
}

impl Comment {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        let current = |e: &shared::workflow::notice::EditionState| e.replaced_by.is_none();
        let at = s.record(&self.record, |m| m.edition().is_some_and(current)).await?;
        s.ask(at, Command::CommentEdition { text: self.text }).await
    }
}
