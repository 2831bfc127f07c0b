//! The consultation (F6): raised by a group, convened by the office, concluded, minuted, done.
//!
//! Its outcome is advice. The group signs its own paper; the office changes nothing in it
//! (domain §1 M13).
use serde::{Deserialize, Serialize};

use super::command::{AgreedAction, TriageOutcome, Urgency};
use crate::model::{DocId, ItemId, PersonId, SpaceId, Timestamp, edition::Edition};

/// An exhibit, at its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExhibitShown {
    /// The paper.
    pub source: DocId,
    /// The exhibit.
    pub exhibit: DocId,
    /// Until when.
    pub until: Timestamp,
    /// Whether names are masked.
    pub masked: bool,
    /// Why not.
    pub unmasked_reason: Option<String>,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
}

/// The state of a question, where it was raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionState {
    /// Who raised it.
    pub by: PersonId,
    /// In one line.
    pub title: String,
    /// The question.
    pub question: String,
    /// How soon.
    pub urgency: Urgency,
    /// The consultation's space.
    pub space: SpaceId,
    /// Its record there.
    pub consultation: DocId,
    /// Papers shown to it.
    pub exhibits: Vec<ExhibitShown>,
    /// When it was over, and what came of it.
    pub closed: Option<(Timestamp, String)>,
}

/// How far a consultation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsultationStage {
    /// Raised; to be triaged.
    Raised,
    /// Answered without a session, or taken up elsewhere; to be closed.
    Answered,
    /// In session.
    Convened,
    /// There is a conclusion; the minutes are to be signed.
    Concluded,
    /// The office and the raising leader have signed.
    Minuted,
    /// Over.
    Done,
}

/// Something agreed, and whether it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionState {
    /// Its identity.
    pub id: ItemId,
    /// What was agreed.
    pub action: AgreedAction,
    /// By whom and when it was reported done, and what came of it.
    pub done: Option<(PersonId, Timestamp, String)>,
}

/// The conclusion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// Who wrote it down.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The label on the facts.
    pub characterisation: String,
    /// Whether the evidence suffices.
    pub sufficiency: String,
    /// What is to be done.
    pub disposition: String,
}

/// The state of a consultation in its own space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsultationState {
    /// Who raised it.
    pub raised_by: PersonId,
    /// From which group.
    pub group: String,
    /// In one line.
    pub title: String,
    /// The question.
    pub question: String,
    /// How soon.
    pub urgency: Urgency,
    /// The space it was raised in.
    pub source_space: SpaceId,
    /// The question's record there.
    pub source: DocId,
    /// How far it has come.
    pub stage: ConsultationStage,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// How it was taken up, by whom and when.
    pub triage: Option<(PersonId, Timestamp, TriageOutcome)>,
    /// The conclusion.
    pub conclusion: Option<Conclusion>,
    /// Dissent, oldest first; kept with the minutes.
    pub dissents: Vec<(PersonId, Timestamp, String)>,
    /// What was agreed.
    pub actions: Vec<ActionState>,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
}

/// Why an exhibit can no longer be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExhibitEnd {
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// The state of an exhibit in the consultation's space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExhibitState {
    /// What is shown; emptied once it can no longer be read.
    pub edition: Option<Edition>,
    /// The number under which people speak of it; stays.
    pub number: String,
    /// Who shows it.
    pub by: PersonId,
    /// Until when.
    pub until: Timestamp,
    /// Who opened it, and when; oldest first.
    #[serde(default)]
    pub opened: Vec<(PersonId, Timestamp)>,
    /// When and why it could no longer be read.
    pub ended: Option<(Timestamp, ExhibitEnd)>,
}

impl ConsultationStage {
    /// Returns the stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Answered => "answered",
            Self::Convened => "convened",
            Self::Concluded => "concluded",
            Self::Minuted => "minuted",
            Self::Done => "done",
        }
    }
}
