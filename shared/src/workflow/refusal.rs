//! Why something is refused: data for the screen to put into words.
//!
//! Every refusal has a stable code ([`Refusal::code`]). Scripts test the code, people read
//! the screen's sentence; neither depends on the other.
use serde::{Deserialize, Serialize};

use super::{
    command::{DeadlineKind, ReviewOutcome, Step},
    gate::GateItem,
};
use crate::model::{
    ChangeHash, Digest, DocId, EvidenceId, FieldPath, ItemId, PersonId,
    evidence::{EvidenceClass, EvidenceKind},
    round::Role,
};

macro_rules! coded {
    (
        $(#[$meta:meta])* $name:ident {
            $($(#[$doc:meta])* $variant:ident $({ $($(#[$fdoc:meta])* $field:ident : $ty:ty),+ $(,)? })? = $code:literal;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$doc])* $variant $({ $($(#[$fdoc])* $field: $ty),+ })?,)+
        }

        impl $name {
            /// Every code, in the order of the variants.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// Returns the stable code.
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code,)+ }
            }
        }
    };
}

coded!(
    /// Why a command is refused.
    ///
    /// | code | meaning |
    /// |---|---|
    /// | `basis_refused` | an earlier request it rests on was refused (given by the journal) |
    /// | `read_only` | the record or the space holds something this build does not know |
    /// | `not_a_member`, `lapsed`, `recused`, `device_revoked` | the person or device has no say here (now) |
    /// | `not_allowed` | the person holds none of the roles that may do this |
    /// | `server_only` | only the server says this |
    /// | `wrong_space`, `unknown_record`, `wrong_kind`, `wrong_stage` | asked about the wrong thing, or at the wrong time |
    /// | `not_configured` | the round file left out something that is needed |
    /// | `content_missing` | the document has not been read |
    /// | `reason_missing`, `field_missing` | something to be filled in is empty |
    /// | `heads_moved`, `rendering_differs`, `rendering_missing` | what is signed is not what the document says |
    /// | `conflicted`, `gate_red`, `makers_missing`, `step_not_reached`, `already_signed`, `two_steps` | the three-step sign-off |
    /// | `values_differ`, `not_a_conflict`, `not_one_of_the_values` | settling a conflict |
    /// | `not_late`, `not_closed_set`, `not_adoptable` | late arrivals |
    /// | `not_interviewer`, `two_interviewers`, `review_missing`, `review_of_another_version`, `corrections_mismatch`, `unknown_statement` | interviews |
    /// | `two_witnesses`, `unknown_scan`, `scan_of_another_version` | signatures on paper |
    /// | `evidence_exists`, `evidence_incomplete`, `two_obtainers`, `unknown_evidence` | evidence |
    /// | `holder_exists` | a stand-in where someone eligible is there |
    /// | `not_the_raising_leader`, `time_passed`, `unmasked_without_reason`, `unknown_action`, `actions_open`, `minutes_unsigned` | consultations |
    /// | `workpaper_not_approved`, `due_after_exit`, `due_in_the_past`, `not_later`, `measure_incomplete`, `unknown_measure`, `measure_not_reported`, `intent_only`, `effect_missing`, `two_checkers`, `sample_empty` | notices |
    /// | `not_due` | the server asked before the time |
    Refusal {
        /// An earlier request it rests on was refused.
        BasisRefused {
            /// That request.
            basis: Digest,
        } = "basis_refused";
        /// The record or space is read-only in this build.
        ReadOnly = "read_only";
        /// Not a member of the space.
        NotAMember = "not_a_member";
        /// The membership ended.
        Lapsed = "lapsed";
        /// Withdrawn for a conflict of interest.
        Recused = "recused";
        /// The device was revoked.
        DeviceRevoked = "device_revoked";
        /// None of the roles that may do this is held.
        NotAllowed {
            /// The roles that may.
            needs: Vec<Role>,
        } = "not_allowed";
        /// Only the server says this.
        ServerOnly = "server_only";
        /// This is not done in this kind of space.
        WrongSpace = "wrong_space";
        /// There is no such record here.
        UnknownRecord {
            /// The record.
            doc: DocId,
        } = "unknown_record";
        /// The record is of another kind.
        WrongKind = "wrong_kind";
        /// The record is not at a point where this is done.
        WrongStage {
            /// Where it is, as the stage's stored name.
            stage: String,
        } = "wrong_stage";
        /// The round file left out something that is needed.
        NotConfigured {
            /// What: `desk`, `office`, `rule_pack`.
            what: String,
        } = "not_configured";
        /// The document has not been read.
        ContentMissing = "content_missing";
        /// A reason is needed.
        ReasonMissing = "reason_missing";
        /// A field is empty that must not be.
        FieldMissing {
            /// The field.
            field: FieldPath,
        } = "field_missing";
        /// The document has moved on from what is signed.
        HeadsMoved {
            /// The heads that were named.
            expected: Vec<ChangeHash>,
            /// The heads to name.
            main: Vec<ChangeHash>,
        } = "heads_moved";
        /// The rendered text is not the one named.
        RenderingDiffers {
            /// The hash named.
            named: Digest,
            /// The hash of the rendering.
            main: Digest,
        } = "rendering_differs";
        /// The first signature brings the rendered text.
        RenderingMissing = "rendering_missing";
        /// Judgement fields have concurrent values that nobody has settled.
        Conflicted {
            /// The fields.
            fields: Vec<FieldPath>,
        } = "conflicted";
        /// The evidence gate is red, and no reason was given to sign all the same.
        GateRed {
            /// What is missing.
            red: Vec<GateItem>,
        } = "gate_red";
        /// A workpaper needs two makers.
        MakersMissing {
            /// Who has signed.
            signed: Vec<PersonId>,
        } = "makers_missing";
        /// The step before is not signed.
        StepNotReached {
            /// The step to sign first.
            first: Step,
        } = "step_not_reached";
        /// The person has signed this.
        AlreadySigned = "already_signed";
        /// Nobody takes two steps of one record.
        TwoSteps {
            /// The step the person took.
            taken: Step,
        } = "two_steps";
        /// The values named are not the ones that stand beside each other.
        ValuesDiffer {
            /// The values that do, by operation.
            ops: Vec<String>,
        } = "values_differ";
        /// The field has one value.
        NotAConflict = "not_a_conflict";
        /// What is chosen is none of the values.
        NotOneOfTheValues = "not_one_of_the_values";
        /// The envelope is not in the tray.
        NotLate {
            /// The envelope.
            envelope: Digest,
        } = "not_late";
        /// What is adopted rests on something left out.
        NotClosedSet {
            /// What is missing.
            missing: Vec<Digest>,
        } = "not_closed_set";
        /// What was set aside for this reason cannot be adopted.
        NotAdoptable {
            /// The envelope.
            envelope: Digest,
            /// Why it was set aside.
            reason: AsideReason,
        } = "not_adoptable";
        /// Only an interviewer of this talk may.
        NotInterviewer = "not_interviewer";
        /// A talk has two interviewers, and both confirm (谈话须两人).
        TwoInterviewers {
            /// Who confirmed.
            confirmed: Vec<PersonId>,
        } = "two_interviewers";
        /// The interviewee's review is not recorded.
        ReviewMissing = "review_missing";
        /// The interviewee reviewed another version.
        ReviewOfAnotherVersion {
            /// The version that stands.
            standing: Digest,
        } = "review_of_another_version";
        /// Corrections without `corrected`, or `corrected` without corrections.
        CorrectionsMismatch {
            /// The outcome.
            outcome: ReviewOutcome,
        } = "corrections_mismatch";
        /// No such statement was confirmed.
        UnknownStatement {
            /// The statement.
            statement: ItemId,
        } = "unknown_statement";
        /// Two members witness a signature on paper.
        TwoWitnesses = "two_witnesses";
        /// The scan is not registered as a scan.
        UnknownScan {
            /// The scan.
            scan: EvidenceId,
        } = "unknown_scan";
        /// What was signed on paper is not what stands.
        ScanOfAnotherVersion {
            /// The version that stands.
            standing: Digest,
        } = "scan_of_another_version";
        /// The item is in the index; it is never changed.
        EvidenceExists {
            /// The item.
            evidence: EvidenceId,
        } = "evidence_exists";
        /// An item says where it came from, when and by whom it was obtained.
        EvidenceIncomplete {
            /// What is missing: `name`, `origin`, `obtained_by`, `obtained_on`, `file`.
            missing: String,
        } = "evidence_incomplete";
        /// What is taken on site is taken by two.
        TwoObtainers {
            /// The kind.
            kind: EvidenceKind,
        } = "two_obtainers";
        /// The item is not in the index.
        UnknownEvidence {
            /// The item.
            evidence: EvidenceId,
        } = "unknown_evidence";
        /// Someone eligible holds the role; no stand-in signs.
        HolderExists {
            /// Who.
            person: PersonId,
        } = "holder_exists";
        /// Only the leader who raised the question may.
        NotTheRaisingLeader = "not_the_raising_leader";
        /// The time named is over.
        TimePassed = "time_passed";
        /// Showing names needs a reason.
        UnmaskedWithoutReason = "unmasked_without_reason";
        /// There is no such action.
        UnknownAction {
            /// The action.
            action: ItemId,
        } = "unknown_action";
        /// Agreed actions are not done.
        ActionsOpen {
            /// Which.
            actions: Vec<ItemId>,
        } = "actions_open";
        /// The minutes lack the office's or the raising leader's signature.
        MinutesUnsigned = "minutes_unsigned";
        /// A notice rests on approved workpapers.
        WorkpaperNotApproved {
            /// The one that is not.
            doc: DocId,
        } = "workpaper_not_approved";
        /// What is ordered is to be done during the stay.
        DueAfterExit = "due_after_exit";
        /// The day named is over.
        DueInThePast = "due_in_the_past";
        /// An extension goes to a later day.
        NotLater = "not_later";
        /// A measure has an act, one named person and a day within the notice's.
        MeasureIncomplete {
            /// Its place in the list, from 1; 0 when there is none at all.
            index: usize,
            /// What is missing: `act`, `owner`, `due`.
            missing: String,
        } = "measure_incomplete";
        /// There is no such measure.
        UnknownMeasure {
            /// The measure.
            measure: ItemId,
        } = "unknown_measure";
        /// A measure has no report.
        MeasureNotReported {
            /// The measures.
            measures: Vec<ItemId>,
        } = "measure_not_reported";
        /// Plans, minutes and pledges do not show that something was done (domain C06).
        IntentOnly {
            /// The classes of evidence there are.
            have: Vec<EvidenceClass>,
        } = "intent_only";
        /// A grave matter needs evidence that it worked.
        EffectMissing = "effect_missing";
        /// Two members check.
        TwoCheckers = "two_checkers";
        /// A check looks at something, and finds no more in order than it looked at.
        SampleEmpty = "sample_empty";
        /// It has not fallen due.
        NotDue {
            /// What.
            what: Option<DeadlineKind>,
        } = "not_due";
    }
);

coded!(
    /// Why content is set aside: stored and shown in the tray, not in the document.
    ///
    /// | code | meaning |
    /// |---|---|
    /// | `late` | decided after the first standing signature |
    /// | `confirmed_statement` | rewrites a statement that was confirmed |
    /// | `over_conflict` | overwrites a judgement field with concurrent values |
    /// | `closed` | the record is closed, cancelled or dropped |
    /// | `read_only` | the record or the space holds something this build does not know |
    /// | `unknown_record` | there is no such record, and this is not its birth |
    /// | `born_twice` | the record was born in another change |
    /// | `wrong_kind` | such a record is not written in this space |
    /// | `not_a_member`, `lapsed`, `recused`, `revoked_device` | the person or device had no right when it was decided |
    /// | `not_allowed` | the person's roles do not write here; the office never edits a group's text |
    /// | `follows_aside` | rests on something set aside (given by the journal) |
    AsideReason {
        /// The record was signed.
        Late = "late";
        /// A confirmed statement is rewritten.
        ConfirmedStatement = "confirmed_statement";
        /// Concurrent values are overwritten by hand.
        OverConflict {
            /// The field.
            field: FieldPath,
        } = "over_conflict";
        /// The record is closed.
        Closed = "closed";
        /// The record or space is read-only.
        ReadOnly = "read_only";
        /// The record is not known and not born here.
        UnknownRecord = "unknown_record";
        /// The record was born in another change.
        BornTwice = "born_twice";
        /// Such a record is not written here.
        WrongKind = "wrong_kind";
        /// Not a member.
        NotAMember = "not_a_member";
        /// The membership ended.
        Lapsed = "lapsed";
        /// Withdrawn for a conflict of interest.
        Recused = "recused";
        /// The device was revoked.
        RevokedDevice = "revoked_device";
        /// The roles held do not write here.
        NotAllowed = "not_allowed";
        /// It rests on something set aside.
        FollowsAside = "follows_aside";
    }
);

impl AsideReason {
    /// Tells whether a named role may take such content into the document all the same.
    ///
    /// What a rule forbids in itself (rewriting a confirmed statement, overwriting
    /// concurrent values) is never adopted: the right way is another one.
    pub const fn adoptable(&self) -> bool {
        matches!(
            self,
            Self::Late | Self::Lapsed | Self::NotAMember | Self::RevokedDevice | Self::FollowsAside
        )
    }
}
