//! The talk (个别谈话), form F1 of domain §2.4.
use serde::{Deserialize, Serialize};

use super::{EvidenceId, ItemId, PersonId};

/// What kind of assertion a statement is (谈事实不谈认识).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementTag {
    /// Something the speaker saw, did or knows at first hand.
    Fact,
    /// Something the speaker heard from others.
    Hearsay,
    /// What the speaker thinks; kept, never the sole support of a finding.
    Opinion,
    /// Where a document or a person with knowledge is to be found.
    Pointer,
    /// How the talk went: opening, notice, break, close.
    Procedural,
}

impl StatementTag {
    /// All tags, in the order in which forms list them.
    pub const ALL: [Self; 5] =
        [Self::Fact, Self::Hearsay, Self::Opinion, Self::Pointer, Self::Procedural];

    /// Returns the name under which the tag is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Hearsay => "hearsay",
            Self::Opinion => "opinion",
            Self::Pointer => "pointer",
            Self::Procedural => "procedural",
        }
    }

    /// Reads a stored name; an unknown one is `None` and shown as such.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
}

/// One tagged assertion in the note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its identity.
    pub id: ItemId,
    /// Its kind; `None` when a newer build wrote a kind this one does not know.
    pub tag: Option<StatementTag>,
    /// What was said.
    pub text: String,
    /// Who, what, when, where and how known, as far as entered.
    pub who: String,
    /// What it is about.
    pub what: String,
    /// When it happened, as told.
    pub when: String,
    /// Where it happened, as told.
    pub place: String,
    /// How the speaker knows.
    pub how_known: String,
    /// Evidence the statement points to.
    pub refs: Vec<EvidenceId>,
    /// The actor that added it, in hexadecimal; the journal says who that is.
    pub actor: String,
    /// Why it was taken out; the item stays visible, struck through (domain §5.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
}

/// The person talked with. Identity is masked outside the group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Interviewee {
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
    /// Organisation and section.
    pub section: String,
}

/// What an interview document says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InterviewReading {
    /// The person talked with.
    pub interviewee: Interviewee,
    /// Those who conduct the talk: one asks, one records; at least two.
    pub interviewers: Vec<PersonId>,
    /// Where the talk was held.
    pub place: String,
    /// Start, as entered (local date and time).
    pub started: String,
    /// End, as entered.
    pub ended: String,
    /// The outline used.
    pub outline: String,
    /// Whether purpose, voluntariness and confidentiality were read out.
    pub notice_read: bool,
    /// Purpose of the talk.
    pub purpose: String,
    /// Free text around the statements.
    pub note: String,
    /// The statements, in the order all devices agree on.
    pub statements: Vec<Statement>,
}
