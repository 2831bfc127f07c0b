//! The talk (F1): two interviewers confirm, the interviewee's review is recorded, it closes.
use serde::{Deserialize, Serialize};

use super::command::{Correction, OnPaper, ReviewOutcome};
use crate::model::{Digest, ItemId, PersonId, Timestamp};

/// The interviewee's review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// How the note was taken.
    pub outcome: ReviewOutcome,
    /// By whom it was recorded.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The signed paper.
    pub on_paper: Option<OnPaper>,
    /// The version reviewed.
    pub rendering: Digest,
}

/// A correction, beside the statement's old text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// What.
    pub correction: Correction,
    /// By whom it was recorded.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// The state of an interview.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InterviewState {
    /// The interviewers its confirmed note names.
    pub interviewers: Vec<PersonId>,
    /// Statements that were confirmed; never rewritten.
    pub statements: Vec<ItemId>,
    /// The interviewee's review.
    pub review: Option<Review>,
    /// Corrections, oldest first.
    pub corrections: Vec<Corrected>,
    /// Who closed it, and when.
    pub closed: Option<(PersonId, Timestamp)>,
    /// Who called it off, when, and why.
    pub cancelled: Option<(PersonId, Timestamp, String)>,
}
