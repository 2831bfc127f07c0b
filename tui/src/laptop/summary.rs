//! One line about a document, so that lists need not load it.
use serde::{Deserialize, Serialize};
use shared::model::{ChangeHash, DocKind, Reading, reading::Body};

/// What lists and search show of a document; a cache, made anew whenever it is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its kind.
    pub kind: DocKind,
    /// Its line.
    pub title: String,
    /// The heads it was made from.
    pub heads: Vec<ChangeHash>,
    /// How many judgement fields hold concurrent values.
    pub conflicts: usize,
    /// How many statements, facts, positions it has.
    pub items: usize,
    /// The other party concerned, for finding the same matter elsewhere.
    pub party: String,
    /// All text, for search.
    pub text: String,
}

impl Summary {
    /// Makes the line.
    pub fn of(reading: &Reading) -> Self {
        let (items, party, text) = match &reading.body {
            Body::Interview(r) => (
                r.statements.len(),
                String::new(),
                r.statements
                    .iter()
                    .map(|s| s.text.as_str())
                    .chain([r.note.as_str(), r.purpose.as_str()])
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            Body::Workpaper(r) => (
                r.facts.len(),
                r.party.clone(),
                r.facts
                    .iter()
                    .map(|f| f.text.as_str())
                    .chain([
                        r.condition.as_str(),
                        r.cause.as_str(),
                        r.effect.as_str(),
                        r.exculpatory.as_str(),
                        r.characterisation.as_str(),
                        r.party.as_str(),
                    ])
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            Body::Consultation(r) => (
                r.positions.len(),
                String::new(),
                r.positions
                    .iter()
                    .map(|p| p.text.as_str())
                    .chain([r.question.as_str(), r.minutes.as_str()])
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            Body::Notice(r) => {
                (r.workpapers.len(), String::new(), format!("{}\n{}", r.matter, r.request))
            }
        };
        Self {
            kind: reading.kind(),
            title: reading.title().to_owned(),
            heads: reading.heads.clone(),
            conflicts: reading.conflicts.len(),
            items,
            party,
            text,
        }
    }
}
