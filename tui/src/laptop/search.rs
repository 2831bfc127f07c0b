//! Search (检索): everything held here that can be read, in memory, by plain characters.
//!
//! Two characters are enough (整改): no index of words stands between a text and its hits.
use shared::{
    model::{DocId, SpaceId},
    workflow::{Matter, SpaceState},
};

use super::{FieldNode, NodeError};

/// How many characters are shown on either side of a hit.
const AROUND: usize = 12;

/// A record in which something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The record.
    pub doc: DocId,
    /// Its number; empty if it has none.
    pub number: String,
    /// Its line; empty for records without a text of their own.
    pub title: String,
    /// What stands around the first hit, on one line.
    pub excerpt: String,
}

/// Searches a space, as it would be if every request held here were granted.
///
/// # Errors
/// What the disk says.
pub async fn search(
    node: &mut FieldNode,
    space: SpaceId,
    sought: &str,
) -> Result<Vec<Found>, NodeError> {
    let docs: Vec<DocId> = node.space(space)?.documents().collect();
    let state = node.preview(space).await?.state;
    let mut found = Vec::new();
    for doc in docs {
        // A document that cannot be read now says so when it is opened.
        let Ok(summary) = node.summary(space, doc).await else { continue };
        let number = number(&state, doc);
        let text = format!("{number}\n{}\n{}", summary.title, summary.text);
        let Some(excerpt) = excerpt(&text, sought) else { continue };
        found.push(Found { doc, number, title: summary.title.clone(), excerpt });
    }
    for record in state.records.values() {
        let Some(text) = held(&record.matter) else { continue };
        let number = number(&state, record.doc);
        let Some(excerpt) = excerpt(&format!("{number}\n{text}"), sought) else { continue };
        found.push(Found { doc: record.doc, number, title: String::new(), excerpt });
    }
    Ok(found)
}

fn number(state: &SpaceState, doc: DocId) -> String {
    state.record(doc).and_then(|r| r.number()).unwrap_or_default().to_owned()
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

/// Returns what stands around the first hit, on one line. Latin letters are found in either
/// case.
fn excerpt(text: &str, sought: &str) -> Option<String> {
    let sought: Vec<char> = sought.chars().map(|c| c.to_ascii_lowercase()).collect();
    let chars: Vec<char> = text.chars().collect();
    let lower: Vec<char> = chars.iter().map(char::to_ascii_lowercase).collect();
    let at = match sought.len() {
        0 => return None,
        n => lower.windows(n).position(|w| w == sought)?,
    };
    let end = (at + sought.len() + AROUND).min(chars.len());
    let all = chars[at.saturating_sub(AROUND)..end].iter();
    Some(all.map(|c| if c.is_control() { ' ' } else { *c }).collect())
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
        assert_eq!(
            excerpt("编号 2026R2-G3-WP-017", "g3-wp").as_deref(),
            Some("编号 2026R2-G3-WP-017")
        );
    }
}
