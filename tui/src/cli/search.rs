//! `xunji search`: everything held here, in memory.
use clap::Args;
use serde_json::json;
use shared::workflow::Matter;

use super::{ask::number_in, failure::Failure, session::Session, shown::Shown};

/// How many characters are shown on either side of a hit.
const AROUND: usize = 12;

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
            let docs: Vec<_> = s.node.space(space)?.documents().collect();
            let state = s.state(space).await?;
            for doc in docs {
                // A document that cannot be read now says so when it is opened.
                let Ok(summary) = s.node.summary(space, doc).await else { continue };
                let text = format!("{}\n{}", summary.title, summary.text);
                let Some(hit) = excerpt(&text, &self.text) else { continue };
                let number = number_in(&state, doc);
                lines.push(format!("{number}  {}  …{hit}…", summary.title));
                rows.push(json!({
                    "record": doc, "number": number, "title": summary.title,
                    "space": space, "excerpt": hit,
                }));
            }
            for record in state.records.values() {
                let Some(text) = held(&record.matter) else { continue };
                let Some(hit) = excerpt(text, &self.text) else { continue };
                let number = number_in(&state, record.doc);
                lines.push(format!("{number}  …{hit}…"));
                rows.push(json!({
                    "record": record.doc, "number": number, "space": space, "excerpt": hit,
                }));
            }
        }
        if rows.is_empty() {
            lines.push(s.say.nothing());
        }
        Ok(Shown::new(json!(rows), lines))
    }
}

/// Returns the text that a record holds without a document.
fn held(matter: &Matter) -> Option<&str> {
    match matter {
        Matter::Finding(f) => Some(&f.finding.title),
        Matter::Desk(d) => Some(&d.notice.edition.rendering),
        Matter::Edition(e) => Some(&e.edition.rendering),
        Matter::Exhibit(e) => e.edition.as_ref().map(|e| &e.rendering[..]),
        Matter::Question(q) => Some(&q.question),
        _ => None,
    }
}

/// Returns what stands around the first hit, on one line.
fn excerpt(text: &str, sought: &str) -> Option<String> {
    let at = text.find(sought)?;
    let before: Vec<char> = text[..at].chars().rev().take(AROUND).collect();
    let after = text[at..].chars().take(sought.chars().count() + AROUND);
    let all = before.into_iter().rev().chain(after);
    Some(all.map(|c| if c.is_control() { ' ' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_characters_are_found_and_shown_in_their_place() {
        let text = "甲局\n应于月底前完成整改并报告结果，逾期说明理由。";
        assert_eq!(
            excerpt(text, "整改").as_deref(),
            Some("甲局 应于月底前完成整改并报告结果，逾期说明理由")
        );
        assert_eq!(excerpt(text, "招标"), None);
    }
}
