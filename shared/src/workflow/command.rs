//! What people ask: commands, and who asks.
//!
//! A command says what is to happen, never how the record looks afterwards. The record it is
//! about is named beside it, by the envelope. New fields are added with `#[serde(default)]`;
//! a command kind that a build does not know makes its document read-only there.
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::{
    ChangeHash, DeviceId, Digest, DocId, EvidenceId, FieldPath, ItemId, PersonId, Reading, SpaceId,
    Timestamp, Value, evidence::Evidence, notice::PlannedMeasure, round::Role,
};

/// The body of a command envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Envelopes of earlier requests it rests on: if one of them is refused, so is this.
    #[serde(default)]
    pub basis: Vec<Digest>,
    /// What is asked.
    pub command: Command,
}

/// A request in its place: what `decide` answers.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The record it is about.
    pub doc: DocId,
    /// The envelope that carries it; ids of what it opens are derived from this.
    pub envelope: Digest,
    /// The request.
    pub request: &'a Request,
    /// When the laptop says it was asked; shown, never trusted for order.
    pub claimed_at: Timestamp,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person, by a device once it is known.
    Person {
        /// Who.
        person: PersonId,
        /// By which device.
        device: Option<DeviceId>,
    },
    /// The server itself, for what falls due.
    Server,
}

impl Actor {
    /// Names a person whose device does not matter, as for a preview.
    pub const fn person(person: PersonId) -> Self {
        Self::Person { person, device: None }
    }

    /// Returns the person, if it is one.
    pub const fn who(&self) -> Option<PersonId> {
        match self {
            Self::Person { person, .. } => Some(*person),
            Self::Server => None,
        }
    }
}

/// The document's main heads as read, and the hash of their rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What the document says; `reading.heads` are its main heads.
    pub reading: Reading,
    /// Hash of the text the renderer makes of it ([`super::rendering_digest`]).
    pub rendering: Digest,
}

/// What a signature names: heads and rendered bytes (design D3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The heads signed, sorted.
    pub heads: Vec<ChangeHash>,
    /// Hash of the rendered text.
    pub rendering: Digest,
    /// The rendered text itself, with the first signature; kept for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A step of the three-step sign-off (三审).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 承办人: at least two people sign as makers.
    Maker,
    /// 副组长: reviews.
    Deputy,
    /// 组长: approves.
    Leader,
}

/// A remark on one field, with a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldNote {
    /// The field; `None` for the whole paper.
    #[serde(default)]
    pub field: Option<FieldPath>,
    /// The remark.
    pub text: String,
}

/// How the interviewee took the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOutcome {
    /// Read and signed.
    Signed,
    /// Read, with corrections.
    Corrected,
    /// Did not sign; recorded neutrally.
    Declined,
    /// A review was not possible.
    NotApplicable,
}

/// The interviewee's correction of one statement; stands beside the old text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The statement.
    pub statement: ItemId,
    /// How it should read.
    pub text: String,
}

/// What a unit's reply says about one measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureReply {
    /// Which.
    pub measure: ItemId,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<EvidenceId>,
    /// What was done.
    #[serde(default)]
    pub note: String,
}

/// A signature on paper: a scan bound to the rendering that was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnPaper {
    /// The scan, registered as evidence.
    pub scan: EvidenceId,
    /// Hash of the rendering that was printed, as printed at its foot.
    pub rendering: Digest,
    /// Two members who saw it signed.
    pub witnesses: Vec<PersonId>,
}

/// Urgency of a question put to a consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// In the ordinary time.
    Ordinary,
    /// The same day.
    Urgent,
}

/// What the office makes of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriageOutcome {
    /// Answered at once; no session.
    AnsweredDirectly {
        /// The answer.
        answer: String,
    },
    /// A session is called.
    Convened,
    /// Taken up in another consultation.
    Merged {
        /// That consultation's number.
        into: String,
    },
}

/// Someone invited to a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// Who.
    pub person: PersonId,
    /// Name to show.
    pub name: String,
    /// Post, or the group they come from.
    #[serde(default)]
    pub post: String,
    /// As what they take part.
    #[serde(default)]
    pub roles: Vec<Role>,
}

/// Something agreed to be done after a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedAction {
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
    /// By when.
    #[serde(default)]
    pub due: Option<Date>,
}

/// How an objection of the unit is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeOutcome {
    /// The notice stands.
    Upheld,
    /// The notice stands with another request.
    Amended {
        /// What is asked now.
        request: String,
    },
    /// The notice is taken back.
    Withdrawn,
}

/// A sample on the spot: `passed` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// How many were in order.
    pub passed: u32,
    /// How many were looked at.
    pub of: u32,
}

/// What may be asked. The record is named by the envelope's `doc`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    // ---- interview (F1); `doc` is the interview
    /// An interviewer agrees to the note. The first pins the heads.
    ConfirmInterview {
        /// What is agreed to.
        pin: Pin,
    },
    /// Records how the interviewee took the note.
    RecordReview {
        /// How.
        outcome: ReviewOutcome,
        /// Corrections, appended beside the old text.
        #[serde(default)]
        corrections: Vec<Correction>,
        /// The signed paper, if there is one.
        #[serde(default)]
        on_paper: Option<OnPaper>,
    },
    /// Closes the interview.
    CloseInterview,
    /// Calls a planned interview off.
    CancelInterview {
        /// Why.
        reason: String,
    },

    // ---- workpaper (F2); `doc` is the workpaper, or where said another signed record
    /// Signs one step.
    Sign {
        /// Which.
        step: Step,
        /// What is signed.
        pin: Pin,
        /// Why it is signed although the evidence gate is red.
        #[serde(default)]
        gate_override: Option<String>,
    },
    /// Returns a paper to its makers, or takes back one's own signature. In the office space,
    /// about a notice put up for approval: sends it back to the group.
    Return {
        /// What is to be looked at.
        notes: Vec<FieldNote>,
    },
    /// Settles a judgement field with concurrent values.
    ResolveConflict {
        /// The field.
        field: FieldPath,
        /// All concurrent values, named by the operation that wrote them.
        ops: Vec<String>,
        /// The one that holds.
        chosen: Value,
        /// Why.
        reason: String,
    },
    /// Takes late arrivals into the document; its signatures become stale.
    AdoptLate {
        /// The envelopes; a causally closed set.
        envelopes: Vec<Digest>,
    },
    /// Leaves late arrivals out for good; they stay stored.
    DeclineLate {
        /// The envelopes.
        envelopes: Vec<Digest>,
        /// Why.
        reason: String,
    },
    /// Gives a workpaper up.
    Drop {
        /// Why.
        reason: String,
    },

    // ---- finding; `doc` is the finding
    /// The leader stands by the finding.
    ApproveFinding,
    /// The leader withdraws it.
    WithdrawFinding {
        /// Why.
        reason: String,
    },

    // ---- evidence; `doc` is the record it was taken for
    /// Enters an item in the evidence index; it is never changed afterwards.
    RegisterEvidence {
        /// The item.
        evidence: Evidence,
    },

    // ---- consultation (F6)
    /// Puts a question to the office. `doc` is a new id: the question's record in the
    /// engagement. Opens the consultation's space.
    Raise {
        /// The matter, in one line.
        #[serde(default)]
        title: String,
        /// The question.
        question: String,
        /// How soon.
        urgency: Urgency,
    },
    /// The office decides how to take the question up. `doc` is the consultation.
    Triage {
        /// How.
        outcome: TriageOutcome,
    },
    /// The office invites people. `doc` is the consultation.
    Invite {
        /// Who.
        guests: Vec<Guest>,
    },
    /// The raising leader shows a paper to the participants. `doc` is the source record.
    GrantExhibit {
        /// The question's record in the engagement.
        consultation: DocId,
        /// The text to show.
        rendering: String,
        /// The fields to show.
        #[serde(default)]
        reading: Option<Reading>,
        /// Whether names are masked in both.
        masked: bool,
        /// Why they are not masked.
        #[serde(default)]
        unmasked_reason: Option<String>,
        /// What is left out, for the source's own record.
        #[serde(default)]
        left_out: Vec<FieldPath>,
        /// Until when it may be read.
        until: Timestamp,
    },
    /// The raising leader takes an exhibit back. `doc` is the source record.
    RevokeExhibit {
        /// The exhibit.
        exhibit: DocId,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// A participant opens an exhibit: who read what is recorded. `doc` is the exhibit.
    OpenExhibit,
    /// The session arrives at a conclusion: advice, and who does what. `doc` is the
    /// consultation.
    Conclude {
        /// The label on the facts.
        characterisation: String,
        /// Whether the evidence suffices.
        sufficiency: String,
        /// What is to be done.
        disposition: String,
        /// Who does what.
        #[serde(default)]
        actions: Vec<AgreedAction>,
    },
    /// A participant differs; kept with the minutes.
    Dissent {
        /// How.
        text: String,
    },
    /// A participant signs the minutes.
    SignMinutes {
        /// What is signed.
        pin: Pin,
    },
    /// Something agreed was done.
    ActionDone {
        /// Which.
        action: ItemId,
        /// What came of it.
        #[serde(default)]
        note: String,
    },
    /// The consultation is over.
    CloseConsultation,

    // ---- notice (F4), in the engagement space; `doc` is the notice
    /// The leader puts a notice up for approval.
    ProposeNotice {
        /// What is put up.
        pin: Pin,
    },
    /// The leading group's delegate approves it. In the office space; `doc` is the edition
    /// put up.
    ApproveNotice,
    /// The leader issues it to the unit's desk.
    IssueNotice {
        /// The day it is due, in the rule pack's zone.
        due: Date,
    },

    // ---- notice, in the unit-desk space; `doc` is the notice as the desk has it
    /// The unit's head acknowledges it, at the desk or on paper.
    Acknowledge {
        /// Hash of the notice acknowledged.
        rendering: Digest,
        /// The signed paper, if it was on paper.
        #[serde(default)]
        on_paper: Option<OnPaper>,
    },
    /// The unit objects.
    Dispute {
        /// Why.
        reason: String,
    },
    /// The objection is decided.
    DecideDispute {
        /// How.
        outcome: DisputeOutcome,
        /// Why.
        reason: String,
    },
    /// The unit sets its plan: each measure with one person and one date.
    SetPlan {
        /// The measures.
        measures: Vec<PlannedMeasure>,
    },
    /// The unit reports a measure.
    ReportMeasure {
        /// Which.
        measure: ItemId,
        /// What shows it.
        #[serde(default)]
        evidence: Vec<EvidenceId>,
        /// What was done.
        #[serde(default)]
        note: String,
    },
    /// The unit asks for the check.
    RequestCheck,
    /// The unit's reply came on paper: two members enter it with the scan.
    ReplyOnPaper {
        /// The signed paper.
        on_paper: OnPaper,
        /// The plan it sets; empty where there is one.
        #[serde(default)]
        measures: Vec<PlannedMeasure>,
        /// What it says was done.
        #[serde(default)]
        reports: Vec<MeasureReply>,
        /// Whether it asks for the check.
        #[serde(default)]
        check: bool,
    },
    /// Two members check on the spot.
    Check {
        /// Who checked; at least two.
        checkers: Vec<PersonId>,
        /// What they found; all in order means done, else returned.
        sample: Sample,
        /// What they took as evidence.
        #[serde(default)]
        evidence: Vec<EvidenceId>,
        /// Remarks.
        #[serde(default)]
        notes: String,
    },
    /// The leader moves the date; the original stays visible.
    ExtendDeadline {
        /// The new day.
        due: Date,
        /// Why.
        reason: String,
    },

    // ---- office
    /// The office comments on an edition. `doc` is the edition.
    CommentEdition {
        /// The comment.
        text: String,
    },
    /// The group asks the office for a stand-in (代行) where nobody may take a step. `doc` is
    /// the paper.
    AskStandIn {
        /// The step.
        step: Step,
        /// Why nobody may take it.
        reason: String,
    },
    /// The office names a stand-in for a step nobody eligible can take. In the office space;
    /// `doc` is the request it answers, or any id.
    NameStandIn {
        /// The engagement's space.
        space: SpaceId,
        /// The step.
        step: Step,
        /// The stand-in.
        person: PersonId,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },

    // ---- asked by the server alone, when something falls due
    /// An exhibit's time is over. `doc` is the exhibit.
    ExpireExhibit,
    /// The stay ends with the notice undone: it goes into the plan. `doc` is the notice.
    CarryToPlan,
    /// A deadline passed. `doc` is the record.
    RecordOverdue {
        /// Which.
        deadline: DeadlineKind,
    },
    /// A membership's time is over. `doc` is any id.
    LapseMembership {
        /// Whose.
        person: PersonId,
    },
}

/// A deadline that can pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// The unit acknowledges the notice.
    Acknowledge,
    /// The unit sets its plan.
    Plan,
    /// The notice is done.
    Notice,
    /// The office triages a question.
    Triage,
    /// The minutes are signed.
    Minutes,
}

impl Command {
    /// Tells whether `decide` needs the document's reading.
    pub const fn needs_content(&self) -> bool {
        matches!(
            self,
            Self::ConfirmInterview { .. }
                | Self::Sign { .. }
                | Self::ResolveConflict { .. }
                | Self::SignMinutes { .. }
                | Self::ProposeNotice { .. }
        )
    }
}
