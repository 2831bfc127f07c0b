//! What happened: events, which alone make up the state.
//!
//! An event says what is so from now on; it is never decided again and never refused. Events
//! that follow from a person's command name that person, because an event may be recorded in
//! another space than the command. New fields are added with `#[serde(default)]`; a new kind
//! of event makes its document read-only in builds that do not know it, and is never skipped.
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use super::space::{
    EngagementInfo, GroupInfo, Links, RoundInfo, SpaceInfo, SpaceKind, UnitInfo,
};
use super::{
    calendar::Calendar,
    command::{
        AgreedAction, Correction, DeadlineKind, DisputeOutcome, FieldNote, Guest, OnPaper, Pin,
        ReviewOutcome, Sample, Step, TriageOutcome, Urgency,
    },
    refusal::AsideReason,
    rule_pack::RulePack,
    stand_in::StandInWanted,
};
use crate::model::{
    DeviceId, Digest, DocId, DocKind, EngagementId, EvidenceId, FieldPath, ItemId, PersonId,
    SpaceId, Timestamp, Value, edition::Edition, evidence::Evidence, finding::Finding,
    interview::StatementTag, notice::PlannedMeasure, round::Role, workpaper::Severity,
};

/// An event and the record it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocEvent {
    /// The record; `None` for the space itself.
    pub doc: Option<DocId>,
    /// What happened.
    pub event: Event,
}

impl DocEvent {
    /// Names what happened to a record.
    pub const fn of(doc: DocId, event: Event) -> Self {
        Self { doc: Some(doc), event }
    }

    /// Names what happened to the space.
    pub const fn space(event: Event) -> Self {
        Self { doc: None, event }
    }
}

/// What a command comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Decision {
    /// Events in the space in which it was asked.
    pub events: Vec<DocEvent>,
    /// Events in other spaces, in the same transaction.
    #[serde(default)]
    pub elsewhere: Vec<(SpaceId, Vec<DocEvent>)>,
    /// Spaces that come into being with it.
    #[serde(default)]
    pub opens: Vec<NewSpace>,
}

/// A space that a decision opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSpace {
    /// Its id, derived from the envelope.
    pub id: SpaceId,
    /// Its first events: [`Event::SpaceOpened`], memberships, records.
    pub events: Vec<DocEvent>,
}

/// When a device was last heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceHeard {
    /// The device.
    pub device: DeviceId,
    /// Whose it is.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// When the server last decided something it had said in its stay; never, if not at all.
    #[serde(default)]
    pub heard_at: Option<Timestamp>,
}

/// Where and when an event was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryMeta {
    /// Position of the entry in the space's journal.
    pub pos: u64,
    /// Entry time.
    pub at: Timestamp,
    /// The envelope the entry answers, if any.
    pub envelope: Option<Digest>,
    /// Who sent that envelope.
    pub by: Option<PersonId>,
}

/// What a notice brings along when it is put on the unit's desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskNotice {
    /// The notice: text and fields, nothing of its source.
    pub edition: Edition,
    /// Its official number.
    pub number: String,
    /// The engagement whose exit ends the stay.
    pub engagement: EngagementId,
    /// Last day of the stay.
    pub exit_on: Date,
    /// The day it is due.
    pub due: Date,
    /// How grave the gravest matter behind it is.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Who issued it.
    pub issued_by: PersonId,
}

/// How far a notice has come on the unit's desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskStage {
    /// On the desk, not acknowledged.
    Issued,
    /// Acknowledged by the unit's head.
    Received,
    /// The unit objects; its clock stands still.
    Disputed,
    /// Measures are set and being carried out.
    Fixing,
    /// The unit asked for the check.
    Reported,
    /// A check found it not in order.
    Returned,
    /// A check found it in order.
    Done,
    /// Undone at exit: it is in the plan.
    CarriedToPlan,
    /// Taken back after an objection.
    Withdrawn,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    // ---- the space; recorded by the server without an envelope
    /// The space begins.
    SpaceOpened(SpaceInfo),
    /// Someone is a member, from now on in this way.
    MemberSet {
        /// Who.
        person: PersonId,
        /// Name to show.
        name: String,
        /// Post.
        #[serde(default)]
        post: String,
        /// Roles held here.
        roles: Vec<Role>,
        /// From when.
        from: Timestamp,
        /// Until when; lapses only by [`Event::AuthorisationLapsed`].
        #[serde(default)]
        until: Option<Timestamp>,
    },
    /// Someone is no longer a member.
    MemberEnded {
        /// Who.
        person: PersonId,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// The time of a membership is over.
    AuthorisationLapsed {
        /// Whose.
        person: PersonId,
    },
    /// Someone withdrew for a conflict of interest (回避): neither reads nor writes here.
    Recused {
        /// Who.
        person: PersonId,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// The office's people changed.
    OfficePeopleSet {
        /// Who they are now.
        people: Vec<Guest>,
    },
    /// A device speaks for a person.
    DeviceCertified {
        /// The device.
        device: DeviceId,
        /// Its public key.
        key: [u8; 32],
        /// Whose it is.
        person: PersonId,
        /// What people call it.
        #[serde(default)]
        name: String,
    },
    /// In the office, with an edition: when each device of the group was last heard.
    DevicesHeard {
        /// The group's code.
        group: String,
        /// Its devices.
        devices: Vec<DeviceHeard>,
    },
    /// A device no longer does.
    DeviceRevoked {
        /// The device.
        device: DeviceId,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// The last day of a stay was moved; the old one stays visible.
    EngagementSet {
        /// The engagement.
        engagement: EngagementId,
        /// The last day now.
        exit_on: Date,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// The rules of the place for this round.
    RulePackSet {
        /// The pack, whole.
        pack: Box<RulePack>,
    },
    /// The working-day calendar.
    CalendarSet {
        /// The calendar, whole.
        calendar: Box<Calendar>,
    },
    /// In a person's control space: a space is open to that person.
    SpaceGranted {
        /// The space.
        space: SpaceId,
        /// Its audience.
        kind: SpaceKind,
        /// What people call it.
        title: String,
    },
    /// In a person's control space: a space is closed to that person.
    SpaceWithdrawn {
        /// The space.
        space: SpaceId,
    },
    /// The group asks the office for a stand-in. `doc` is the paper.
    StandInAsked {
        /// The step nobody may take.
        step: Step,
        /// Who asks.
        by: PersonId,
        /// Why nobody may.
        reason: String,
        /// The request before the office.
        request: DocId,
    },
    /// In the office: a group asks for a stand-in. `doc` is the request.
    StandInWanted {
        /// What it asks, and who may be named.
        wanted: StandInWanted,
    },
    /// A stand-in may take a step where nobody eligible is there. `doc` is the request it
    /// answers in the office, and the paper in the engagement; none without a request.
    StandInNamed {
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
        /// Who named them.
        by: PersonId,
    },

    // ---- any record
    /// A document's first change came into main.
    RecordOpened {
        /// Its kind.
        kind: DocKind,
        /// Who opened it.
        by: PersonId,
        /// The number until there is an official one.
        #[serde(default)]
        provisional: Option<String>,
    },
    /// Content was set aside; recorded by the journal with the verdict.
    ContentAside {
        /// The envelope.
        envelope: Digest,
        /// Whose it is.
        by: PersonId,
        /// Why.
        reason: AsideReason,
        /// Envelopes in the tray it rests on.
        #[serde(default)]
        rests_on: Vec<Digest>,
        /// The kind of document, when its birth is among the changes.
        #[serde(default)]
        birth: Option<DocKind>,
    },
    /// Someone signed. The first standing signature pins heads and bytes.
    Signed {
        /// Who.
        by: PersonId,
        /// As what.
        meaning: Meaning,
        /// What; with the text in the first signature.
        pin: Pin,
        /// Why a stand-in signed.
        #[serde(default)]
        stand_in: Option<String>,
        /// Why it was signed although the gate was red.
        #[serde(default)]
        gate_override: Option<String>,
    },
    /// A signed or submitted record went back; its signatures no longer stand.
    Returned {
        /// By whom.
        by: PersonId,
        /// What is to be looked at.
        notes: Vec<FieldNote>,
    },
    /// A judgement field was settled.
    ConflictResolved {
        /// By whom.
        by: PersonId,
        /// The field.
        field: FieldPath,
        /// All concurrent values, by operation, sorted.
        ops: Vec<String>,
        /// The one that holds.
        chosen: Value,
        /// Why.
        reason: String,
    },
    /// Late arrivals came into the document; its signatures are stale.
    LateAdopted {
        /// By whom.
        by: PersonId,
        /// The envelopes.
        envelopes: Vec<Digest>,
    },
    /// Late arrivals stay out for good.
    LateDeclined {
        /// By whom.
        by: PersonId,
        /// The envelopes.
        envelopes: Vec<Digest>,
        /// Why.
        reason: String,
    },
    /// The server gave the official number.
    NumberGiven {
        /// What it counts.
        kind: crate::model::number::NumberKind,
        /// The count within the space.
        seq: u32,
        /// As printed.
        number: String,
    },
    /// A deadline passed; recorded once.
    DeadlinePassed {
        /// Which.
        deadline: DeadlineKind,
        /// When it was due.
        due: Timestamp,
    },

    // ---- interview
    /// The statements of a confirmed note, which from now on are never rewritten.
    StatementsFixed {
        /// Each with its tag.
        statements: Vec<(ItemId, Option<StatementTag>)>,
        /// The interviewers the note names.
        interviewers: Vec<PersonId>,
    },
    /// How the interviewee took the note.
    ReviewRecorded {
        /// By whom it was recorded.
        by: PersonId,
        /// How.
        outcome: ReviewOutcome,
        /// Beside the old text.
        #[serde(default)]
        corrections: Vec<Correction>,
        /// The signed paper.
        #[serde(default)]
        on_paper: Option<OnPaper>,
        /// The version reviewed.
        rendering: Digest,
    },
    /// The interview is closed.
    InterviewClosed {
        /// By whom.
        by: PersonId,
    },
    /// The interview was called off.
    InterviewCancelled {
        /// By whom.
        by: PersonId,
        /// Why.
        reason: String,
    },

    // ---- workpaper and finding
    /// What an approved workpaper comes to, beside its signature.
    WorkpaperAdmitted {
        /// How grave.
        #[serde(default)]
        severity: Option<Severity>,
        /// The matter, in one line.
        title: String,
        /// The edition put before the office.
        edition: Option<DocId>,
    },
    /// The workpaper was given up.
    Dropped {
        /// Who decided.
        by: PersonId,
        /// Why.
        reason: String,
    },
    /// A finding begins.
    FindingOpened {
        /// What it says.
        finding: Finding,
    },
    /// The leader stands by the finding.
    FindingApproved {
        /// Who.
        by: PersonId,
    },
    /// The finding is withdrawn.
    FindingWithdrawn {
        /// By whom.
        by: PersonId,
        /// Why.
        reason: String,
    },

    // ---- evidence
    /// An item is in the index.
    EvidenceRegistered {
        /// The item.
        evidence: Evidence,
        /// Its number.
        #[serde(default)]
        number: String,
        /// Who entered it.
        by: PersonId,
    },

    // ---- editions
    /// An edition was put before this space's readers.
    EditionPlaced {
        /// It.
        edition: Edition,
        /// Whether it is put up for approval (a notice), or only shown.
        #[serde(default)]
        for_approval: bool,
        /// The edition it replaces.
        #[serde(default)]
        replaces: Option<DocId>,
        /// Who put it there.
        by: PersonId,
    },
    /// The office commented. Recorded beside the edition, and at the source.
    Commented {
        /// Who.
        by: PersonId,
        /// Name to show at the source, where the office is not known.
        #[serde(default)]
        name: String,
        /// What.
        text: String,
    },

    // ---- consultation
    /// In the engagement: a question was put.
    QuestionRaised {
        /// Who raised it.
        by: PersonId,
        /// In one line.
        title: String,
        /// The question.
        question: String,
        /// How soon.
        urgency: Urgency,
        /// The space opened for it.
        space: SpaceId,
        /// Its record there.
        consultation: DocId,
    },
    /// In the consultation: it begins.
    ConsultationOpened {
        /// Who raised it.
        by: PersonId,
        /// From which group.
        group: String,
        /// In one line.
        title: String,
        /// The question.
        question: String,
        /// How soon.
        urgency: Urgency,
        /// The space it was raised in.
        source_space: SpaceId,
        /// The question's record there.
        source: DocId,
        /// Its official number, the same on both sides.
        number: String,
    },
    /// The office took it up.
    Triaged {
        /// Who.
        by: PersonId,
        /// How.
        outcome: TriageOutcome,
    },
    /// In the engagement: a paper was shown.
    ExhibitGranted {
        /// By whom.
        by: PersonId,
        /// The paper shown.
        source: DocId,
        /// The consultation's space.
        space: SpaceId,
        /// The exhibit there.
        exhibit: DocId,
        /// Until when.
        until: Timestamp,
        /// Whether names are masked.
        masked: bool,
        /// Why not.
        #[serde(default)]
        unmasked_reason: Option<String>,
        /// What the exhibit leaves out, listed here only.
        #[serde(default)]
        left_out: Vec<FieldPath>,
    },
    /// In the consultation: it can be read.
    ExhibitPlaced {
        /// It.
        edition: Edition,
        /// Until when.
        until: Timestamp,
        /// Who shows it.
        by: PersonId,
    },
    /// Someone opened an exhibit.
    ExhibitOpened {
        /// Who.
        by: PersonId,
    },
    /// It can no longer be read: its time is over.
    ExhibitExpired,
    /// It can no longer be read: it was taken back. Recorded on both sides.
    ExhibitRevoked {
        /// The exhibit.
        exhibit: DocId,
        /// By whom.
        by: PersonId,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// The session came to a conclusion.
    Concluded {
        /// Who wrote it down.
        by: PersonId,
        /// The label on the facts.
        characterisation: String,
        /// Whether the evidence suffices.
        sufficiency: String,
        /// What is to be done.
        disposition: String,
        /// Who does what.
        actions: Vec<(ItemId, AgreedAction)>,
    },
    /// The office's director and the raising leader have both signed the minutes.
    Minuted,
    /// A participant differs.
    Dissented {
        /// Who.
        by: PersonId,
        /// How.
        text: String,
    },
    /// Something agreed was done.
    ActionReported {
        /// By whom.
        by: PersonId,
        /// Which.
        action: ItemId,
        /// What came of it.
        #[serde(default)]
        note: String,
    },
    /// The consultation is over. Recorded also at the question.
    ConsultationClosed {
        /// By whom.
        by: PersonId,
        /// The conclusion or answer, for the question's record.
        #[serde(default)]
        outcome: String,
    },

    // ---- notice, in the engagement
    /// It was put up for approval.
    NoticeProposed {
        /// By whom.
        by: PersonId,
        /// The edition before the delegate.
        edition: DocId,
        /// The workpapers it rests on.
        workpapers: Vec<DocId>,
        /// How grave.
        #[serde(default)]
        severity: Option<Severity>,
    },
    /// It was approved. Recorded in the office and at the source.
    NoticeApproved {
        /// By whom.
        by: PersonId,
        /// Under which role.
        role: Role,
        /// The hash of the text approved.
        rendering: Digest,
    },
    /// It was issued.
    NoticeIssued {
        /// By whom.
        by: PersonId,
        /// The desk.
        desk: SpaceId,
        /// The notice there.
        notice: DocId,
        /// The day it is due.
        due: Date,
    },
    /// How it fares on the desk, told to its source.
    NoticeMoved {
        /// Where it is.
        stage: DeskStage,
        /// The day it is due now.
        due: Date,
    },

    // ---- notice, on the desk
    /// It lies on the desk.
    NoticePlaced(DeskNotice),
    /// The unit's head acknowledged it.
    Acknowledged {
        /// Who recorded it: the head, or a witness of the paper.
        by: PersonId,
        /// The hash of the text acknowledged.
        rendering: Digest,
        /// The signed paper.
        #[serde(default)]
        on_paper: Option<OnPaper>,
    },
    /// The unit objects.
    Disputed {
        /// Who.
        by: PersonId,
        /// Why.
        reason: String,
    },
    /// The objection was decided.
    DisputeDecided {
        /// By whom.
        by: PersonId,
        /// How.
        outcome: DisputeOutcome,
        /// Why.
        reason: String,
        /// The day it is due now: the time of the objection does not count.
        due: Date,
    },
    /// The plan is set.
    PlanSet {
        /// By whom.
        by: PersonId,
        /// The measures, each with its number.
        measures: Vec<(PlannedMeasure, String)>,
    },
    /// A measure was reported.
    MeasureReported {
        /// By whom.
        by: PersonId,
        /// Which.
        measure: ItemId,
        /// What shows it.
        evidence: Vec<EvidenceId>,
        /// What was done.
        #[serde(default)]
        note: String,
    },
    /// The unit's reply was entered from a signed paper; what it says follows.
    ReplyRecorded {
        /// Who entered it.
        by: PersonId,
        /// The paper.
        on_paper: OnPaper,
    },
    /// The unit asked for the check.
    CheckRequested {
        /// Who.
        by: PersonId,
    },
    /// Members checked.
    Checked {
        /// Who recorded it.
        by: PersonId,
        /// Who checked.
        checkers: Vec<PersonId>,
        /// What they found.
        sample: Sample,
        /// What they took as evidence.
        evidence: Vec<EvidenceId>,
        /// Remarks.
        #[serde(default)]
        notes: String,
        /// Whether it is done.
        done: bool,
    },
    /// The date was moved.
    DeadlineExtended {
        /// By whom.
        by: PersonId,
        /// The day before.
        was: Date,
        /// The day now.
        due: Date,
        /// Why.
        reason: String,
    },
    /// Undone at exit: it goes into the plan.
    CarriedToPlan,
}

/// What a signature means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// An interviewer agrees to the note.
    Interviewer,
    /// A step of the three-step sign-off.
    Step(Step),
    /// The leader puts a notice up for approval.
    Proposal,
    /// A participant signs the minutes.
    Minutes,
}

impl Decision {
    /// Makes a decision of events in the space in which it was asked.
    pub fn of(events: Vec<DocEvent>) -> Self {
        Self { events, ..Self::default() }
    }

    /// Adds events in another space; none when there is no such space.
    pub fn and_in(mut self, space: Option<SpaceId>, events: Vec<DocEvent>) -> Self {
        if let Some(space) = space
            && !events.is_empty()
        {
            self.elsewhere.push((space, events));
        }
        self
    }
}
