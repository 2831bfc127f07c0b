//! A record in a space: what every kind has in common, and its own matter.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    command::{FieldNote, Step},
    consultation::{ConsultationState, ExhibitState, QuestionState},
    event::Meaning,
    finding::FindingState,
    interview::InterviewState,
    notice::{DeskState, EditionState, NoticeState},
    refusal::AsideReason,
    stand_in::StandInState,
    workpaper::WorkpaperState,
};
use crate::model::{ChangeHash, Digest, DocId, DocKind, FieldPath, PersonId, Timestamp, Value};

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub meaning: Meaning,
    /// When, by entry time.
    pub at: Timestamp,
    /// The envelope that carries it, with the device's own signature.
    pub envelope: Option<Digest>,
    /// Why a stand-in signed.
    pub stand_in: Option<String>,
    /// Why it was signed although the gate was red.
    pub gate_override: Option<String>,
}

/// Why signatures no longer stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fell {
    /// The record went back.
    Returned {
        /// When.
        at: Timestamp,
    },
    /// Late arrivals were taken in (`amended_after_signing`).
    Amended {
        /// When.
        at: Timestamp,
    },
}

/// A version that was signed: its bytes are kept for ever, whether its signatures stand or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedVersion {
    /// The heads signed, sorted.
    pub heads: Vec<ChangeHash>,
    /// Hash of the rendered text.
    pub rendering: Digest,
    /// The rendered text.
    pub text: String,
    /// Its signatures, in the order of their entries.
    pub signatures: Vec<Signature>,
    /// Why they no longer stand; `None` while they do.
    pub fell: Option<Fell>,
}

impl SignedVersion {
    /// Returns who signed as `meaning`.
    pub fn signers(&self, meaning: Meaning) -> impl Iterator<Item = PersonId> + '_ {
        self.signatures.iter().filter(move |s| s.meaning == meaning).map(|s| s.person)
    }

    /// Returns the step of the three-step sign-off that `person` took.
    pub fn step_of(&self, person: PersonId) -> Option<Step> {
        self.signatures.iter().filter(|s| s.person == person).find_map(|s| match s.meaning {
            Meaning::Step(step) => Some(step),
            _ => None,
        })
    }
}

/// Content in the tray.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// The envelope.
    pub envelope: Digest,
    /// Whose it is.
    pub by: PersonId,
    /// When it arrived.
    pub at: Timestamp,
    /// Why it was set aside.
    pub reason: AsideReason,
    /// Envelopes in the tray it rests on.
    pub rests_on: Vec<Digest>,
    /// The kind of document, when its birth is among the changes.
    pub birth: Option<DocKind>,
    /// What became of it; `None` while it waits.
    pub outcome: Option<LateOutcome>,
}

/// What became of a late arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateOutcome {
    /// It is in the document.
    Adopted {
        /// By whom.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// It stays out.
    Declined {
        /// By whom.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

/// How a judgement field with concurrent values was settled.
///
/// It stands while the set of concurrent values is exactly the one named; the values
/// themselves stay visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// All concurrent values, by operation, sorted.
    pub ops: Vec<String>,
    /// The one that holds.
    pub chosen: Value,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A remark from the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Who.
    pub by: PersonId,
    /// Name, where the person is not a member.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// A return, with what is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnNote {
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub notes: Vec<FieldNote>,
}

/// A record in a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its identity.
    pub doc: DocId,
    /// The number until there is an official one; both go on finding it.
    pub provisional: Option<String>,
    /// The official number.
    pub official: Option<String>,
    /// Who opened it.
    pub by: Option<PersonId>,
    /// When it became known here.
    pub at: Timestamp,
    /// The document's kind, once its first change is in main.
    pub text: Option<DocKind>,
    /// Versions that were signed, oldest first; only the last can stand.
    pub versions: Vec<SignedVersion>,
    /// The tray.
    pub late: Vec<Late>,
    /// Judgement fields that were settled.
    pub resolutions: BTreeMap<FieldPath, Resolution>,
    /// Returns, oldest first.
    pub returns: Vec<ReturnNote>,
    /// Remarks from the office, oldest first.
    pub comments: Vec<Comment>,
    /// What it is.
    pub matter: Matter,
}

/// What a record is, with the state of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// A talk.
    Interview(InterviewState),
    /// A one-matter file.
    Workpaper(WorkpaperState),
    /// A finding.
    Finding(FindingState),
    /// A notice, where it is written.
    Notice(NoticeState),
    /// A notice, on the unit's desk.
    Desk(DeskState),
    /// A question, where it was raised.
    Question(QuestionState),
    /// A consultation, in its own space.
    Consultation(ConsultationState),
    /// A paper shown to a consultation.
    Exhibit(ExhibitState),
    /// An edition before the office.
    Edition(EditionState),
    /// A group's request for a stand-in, before the office.
    StandIn(StandInState),
    /// Not opened yet: only late arrivals or remarks are known.
    Unopened,
}

macro_rules! matter_access {
    ($($get:ident $(, $get_mut:ident)? => $variant:ident, $ty:ty;)+) => {
        impl Matter {
            $(
                #[doc = concat!("Returns the state of a [`Matter::", stringify!($variant), "`].")]
                pub const fn $get(&self) -> Option<&$ty> {
                    match self { Self::$variant(state) => Some(state), _ => None }
                }

                $(pub(super) const fn $get_mut(&mut self) -> Option<&mut $ty> {
                    match self { Self::$variant(state) => Some(state), _ => None }
                })?
            )+
        }
    };
}

matter_access!(
    interview, interview_mut => Interview, InterviewState;
    workpaper, workpaper_mut => Workpaper, WorkpaperState;
    finding, finding_mut => Finding, FindingState;
    notice => Notice, NoticeState;
    desk, desk_mut => Desk, DeskState;
    question, question_mut => Question, QuestionState;
    consultation, consultation_mut => Consultation, ConsultationState;
    exhibit, exhibit_mut => Exhibit, ExhibitState;
    edition, edition_mut => Edition, EditionState;
    stand_in, stand_in_mut => StandIn, StandInState;
);

impl Record {
    /// Makes a record of which nothing is known yet.
    pub fn unopened(doc: DocId, at: Timestamp) -> Self {
        Self {
            doc,
            provisional: None,
            official: None,
            by: None,
            at,
            text: None,
            versions: Vec::new(),
            late: Vec::new(),
            resolutions: BTreeMap::new(),
            returns: Vec::new(),
            comments: Vec::new(),
            matter: Matter::Unopened,
        }
    }

    /// Returns the signed version whose signatures stand.
    pub fn standing(&self) -> Option<&SignedVersion> {
        self.versions.last().filter(|v| v.fell.is_none())
    }

    /// Tells whether the record was changed after it had been signed, and its signatures are
    /// asked for anew (`amended_after_signing`).
    pub fn amended_after_signing(&self) -> bool {
        matches!(self.versions.last(), Some(SignedVersion { fell: Some(Fell::Amended { .. }), .. }))
    }

    /// Returns the number to show: the official one once there is one.
    pub fn number(&self) -> Option<&str> {
        self.official.as_deref().or(self.provisional.as_deref())
    }

    /// Returns the late arrivals that wait for an answer.
    pub fn late_waiting(&self) -> impl Iterator<Item = &Late> {
        self.late.iter().filter(|l| l.outcome.is_none())
    }

    pub(super) fn fall(&mut self, why: Fell) {
        if let Some(last) = self.versions.last_mut()
            && last.fell.is_none()
        {
            last.fell = Some(why);
        }
    }
}
