//! `xunji search`: everything held here, in memory.
use clap::Args;
use serde_json::json;

use super::{failure::Failure, session::Session, shown::Shown};
use crate::laptop::search::search;

/// Searches everything held here.
#[derive(Debug, Args)]
pub(super) struct Search {
    /// What to look for.
    text: String,
}

impl Search {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for space in s.chosen_spaces().await? {
            for found in search(&mut s.node, space, &self.text).await? {
                let number = match found.number.as_str() {
                    "" => found.doc.to_string(),
                    number => number.to_owned(),
                };
                lines.push(format!("{number}  {}  …{}…", found.title, found.excerpt));
                rows.push(json!({
                    "record": found.doc, "number": number, "title": found.title,
                    "space": space, "excerpt": found.excerpt,
                }));
            }
        }
        if rows.is_empty() {
            lines.push(s.say.nothing());
        }
        Ok(Shown::new(json!(rows), lines))
    }
}
