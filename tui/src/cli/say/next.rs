//! What a person at the command line can do about a refusal.
use shared::workflow::Refusal as R;

use super::Say;
use crate::words::t;

impl Say {
    /// Says what to do next; every refusal has its own step, or one shared with its like.
    pub(super) fn next(&self, refusal: &R) -> String {
        let w = &self.words;
        match refusal {
            R::BasisRefused { .. } => t!(w, "next-basis"),
            R::ReadOnly => t!(w, "next-upgrade"),
            R::NotAMember | R::Lapsed | R::Recused | R::NotConfigured { .. } => {
                t!(w, "next-office")
            }
            R::DeviceRevoked => t!(w, "next-admin"),
            R::NotAllowed { .. }
            | R::NotTheRaisingLeader
            | R::TwoSteps { .. }
            | R::HolderExists { .. } => t!(w, "next-other-person"),
            R::ServerOnly | R::NotDue { .. } => t!(w, "next-wait"),
            R::WrongSpace => t!(w, "next-in"),
            R::UnknownRecord { .. } | R::ContentMissing => t!(w, "next-sync"),
            R::WrongKind | R::WrongStage { .. } | R::AlreadySigned => t!(w, "next-show"),
            R::ReasonMissing => t!(w, "next-reason"),
            R::FieldMissing { .. } => t!(w, "next-fill"),
            R::HeadsMoved { .. } | R::RenderingDiffers { .. } | R::RenderingMissing => {
                t!(w, "next-sign-again")
            }
            R::Conflicted { .. } => t!(w, "next-resolve"),
            R::GateRed { .. } => t!(w, "next-gate"),
            R::MakersMissing { .. } | R::StepNotReached { .. } => t!(w, "next-order"),
            R::ValuesDiffer { .. } | R::NotAConflict | R::NotOneOfTheValues => {
                t!(w, "next-show-again")
            }
            R::NotLate { .. } | R::NotClosedSet { .. } | R::NotAdoptable { .. } => {
                t!(w, "next-late")
            }
            R::NotInterviewer | R::TwoInterviewers { .. } => t!(w, "next-interviewer"),
            R::ReviewMissing | R::ReviewOfAnotherVersion { .. } => t!(w, "next-review"),
            R::CorrectionsMismatch { .. } => t!(w, "next-correct"),
            R::UnknownStatement { .. } => t!(w, "next-show"),
            R::TwoWitnesses => t!(w, "next-witness"),
            R::UnknownScan { .. } => t!(w, "next-scan"),
            R::ScanOfAnotherVersion { .. } => t!(w, "next-foot"),
            R::EvidenceExists { .. } => t!(w, "next-new-item"),
            R::EvidenceIncomplete { .. } => t!(w, "next-fill"),
            R::TwoObtainers { .. } | R::TwoCheckers => t!(w, "next-by"),
            R::UnknownEvidence { .. } => t!(w, "next-evidence"),
            R::TimePassed | R::DueAfterExit | R::DueInThePast | R::NotLater => {
                t!(w, "next-day")
            }
            R::UnmaskedWithoutReason => t!(w, "next-unmasked"),
            R::UnknownAction { .. } | R::ActionsOpen { .. } => t!(w, "next-actions"),
            R::MinutesUnsigned => t!(w, "next-minutes"),
            R::WorkpaperNotApproved { .. } => t!(w, "next-paper"),
            R::MeasureIncomplete { .. } => t!(w, "next-measure"),
            R::UnknownMeasure { .. } => t!(w, "next-measures"),
            R::MeasureNotReported { .. } => t!(w, "next-report"),
            R::IntentOnly { .. } | R::EffectMissing => t!(w, "next-act"),
            R::SampleEmpty => t!(w, "next-sample"),
        }
    }
}
