//! Refusals in plain words: what is wrong, and what to do. The code stands beside them.
use shared::{
    model::PersonId,
    workflow::{
        AsideReason as A, Refusal as R, Step,
        gate::{Accuracy, GateItem},
    },
};

use super::{Words, t};

impl Words {
    /// Says why something is refused. `name` names a person.
    pub fn refusal(&self, refusal: &R, name: impl Fn(PersonId) -> String) -> String {
        match refusal {
            R::BasisRefused { .. } => t!(self, "refusal-basis-refused"),
            R::ReadOnly => t!(self, "refusal-read-only"),
            R::NotAMember => t!(self, "refusal-not-a-member"),
            R::Lapsed => t!(self, "refusal-lapsed"),
            R::Recused => t!(self, "refusal-recused"),
            R::DeviceRevoked => t!(self, "refusal-device-revoked"),
            R::ServerOnly => t!(self, "refusal-server-only"),
            R::WrongSpace => t!(self, "refusal-wrong-space"),
            R::UnknownRecord { .. } => t!(self, "refusal-unknown-record"),
            R::WrongKind => t!(self, "refusal-wrong-kind"),
            R::ContentMissing => t!(self, "refusal-content-missing"),
            R::ReasonMissing => t!(self, "refusal-reason-missing"),
            R::HeadsMoved { .. } => t!(self, "refusal-heads-moved"),
            R::RenderingDiffers { .. } => t!(self, "refusal-rendering-differs"),
            R::RenderingMissing => t!(self, "refusal-rendering-missing"),
            R::AlreadySigned => t!(self, "refusal-already-signed"),
            R::ValuesDiffer { .. } => t!(self, "refusal-values-differ"),
            R::NotAConflict => t!(self, "refusal-not-a-conflict"),
            R::NotOneOfTheValues => t!(self, "refusal-not-one-of-the-values"),
            R::NotLate { .. } => t!(self, "refusal-not-late"),
            R::NotInterviewer => t!(self, "refusal-not-interviewer"),
            R::ReviewMissing => t!(self, "refusal-review-missing"),
            R::ReviewOfAnotherVersion { .. } => t!(self, "refusal-review-of-another-version"),
            R::CorrectionsMismatch { .. } => t!(self, "refusal-corrections-mismatch"),
            R::UnknownStatement { .. } => t!(self, "refusal-unknown-statement"),
            R::TwoWitnesses => t!(self, "refusal-two-witnesses"),
            R::UnknownScan { .. } => t!(self, "refusal-unknown-scan"),
            R::ScanOfAnotherVersion { .. } => t!(self, "refusal-scan-of-another-version"),
            R::EvidenceExists { .. } => t!(self, "refusal-evidence-exists"),
            R::TwoObtainers { .. } => t!(self, "refusal-two-obtainers"),
            R::UnknownEvidence { .. } => t!(self, "refusal-unknown-evidence"),
            R::NotTheRaisingLeader => t!(self, "refusal-not-the-raising-leader"),
            R::TimePassed => t!(self, "refusal-time-passed"),
            R::UnmaskedWithoutReason => t!(self, "refusal-unmasked-without-reason"),
            R::UnknownAction { .. } => t!(self, "refusal-unknown-action"),
            R::MinutesUnsigned => t!(self, "refusal-minutes-unsigned"),
            R::WorkpaperNotApproved { .. } => t!(self, "refusal-workpaper-not-approved"),
            R::DueAfterExit => t!(self, "refusal-due-after-exit"),
            R::DueInThePast => t!(self, "refusal-due-in-the-past"),
            R::NotLater => t!(self, "refusal-not-later"),
            R::UnknownMeasure { .. } => t!(self, "refusal-unknown-measure"),
            R::IntentOnly { .. } => t!(self, "refusal-intent-only"),
            R::EffectMissing => t!(self, "refusal-effect-missing"),
            R::TwoCheckers => t!(self, "refusal-two-checkers"),
            R::SampleEmpty => t!(self, "refusal-sample-empty"),
            R::NotDue { .. } => t!(self, "refusal-not-due"),
            R::NotAllowed { needs } => {
                let roles = self.join(needs.iter().map(|r| self.role(*r)));
                t!(self, "refusal-not-allowed", roles = roles)
            }
            R::WrongStage { stage } => {
                t!(self, "refusal-wrong-stage", stage = self.stage_name(stage))
            }
            R::NotConfigured { what } => {
                t!(self, "refusal-not-configured", what = what.clone())
            }
            R::FieldMissing { field } => {
                t!(self, "refusal-field-missing", field = self.field(field))
            }
            R::Conflicted { fields } => {
                t!(self, "refusal-conflicted", fields = self.fields(fields))
            }
            R::GateRed { red } => t!(self, "refusal-gate-red", n = red.len()),
            R::MakersMissing { signed } => {
                t!(self, "refusal-makers-missing", n = signed.len())
            }
            R::StepNotReached { first } => {
                t!(self, "refusal-step-not-reached", step = self.step(*first))
            }
            R::TwoSteps { taken } => {
                t!(self, "refusal-two-steps", step = self.step(*taken))
            }
            R::NotClosedSet { missing } => {
                t!(self, "refusal-not-closed-set", n = missing.len())
            }
            R::NotAdoptable { reason, .. } => {
                t!(self, "refusal-not-adoptable", why = self.aside(reason))
            }
            R::TwoInterviewers { confirmed } => {
                t!(self, "refusal-two-interviewers", n = confirmed.len())
            }
            R::EvidenceIncomplete { missing } => {
                t!(self, "refusal-evidence-incomplete", what = self.part(missing))
            }
            R::HolderExists { person } => {
                t!(self, "refusal-holder-exists", who = name(*person))
            }
            R::ActionsOpen { actions } => {
                t!(self, "refusal-actions-open", n = actions.len())
            }
            R::MeasureIncomplete { index, missing } => {
                t!(
                    self,
                    "refusal-measure-incomplete",
                    n = index.to_owned(),
                    what = self.part(missing)
                )
            }
            R::MeasureNotReported { measures } => {
                t!(self, "refusal-measure-not-reported", n = measures.len())
            }
        }
    }

    /// Says why content is not in the document.
    pub fn aside(&self, reason: &A) -> String {
        match reason {
            A::OverConflict { field } => {
                t!(self, "aside-over-conflict", field = self.field(field))
            }
            A::Late => t!(self, "aside-late"),
            A::ConfirmedStatement => t!(self, "aside-confirmed-statement"),
            A::Closed => t!(self, "aside-closed"),
            A::ReadOnly => t!(self, "aside-read-only"),
            A::UnknownRecord => t!(self, "aside-unknown-record"),
            A::BornTwice => t!(self, "aside-born-twice"),
            A::WrongKind => t!(self, "aside-wrong-kind"),
            A::NotAMember => t!(self, "aside-not-a-member"),
            A::Lapsed => t!(self, "aside-lapsed"),
            A::Recused => t!(self, "aside-recused"),
            A::RevokedDevice => t!(self, "aside-revoked-device"),
            A::NotAllowed => t!(self, "aside-not-allowed"),
            A::FollowsAside => t!(self, "aside-follows-aside"),
        }
    }

    /// Says what the evidence gate misses.
    pub fn gate_item(&self, item: &GateItem) -> String {
        match item {
            GateItem::ConditionEmpty => t!(self, "gate-condition-empty"),
            GateItem::NoFacts => t!(self, "gate-no-facts"),
            GateItem::CriterionWithoutArticle { instrument, .. } => {
                t!(self, "gate-criterion", what = instrument.clone())
            }
            GateItem::FactWithoutEvidence { text, .. } => {
                t!(self, "gate-fact-without-evidence", what = text.clone())
            }
            GateItem::OnlyOpinion { text, .. } => {
                t!(self, "gate-only-opinion", what = text.clone())
            }
            GateItem::StatementNotConfirmed { .. } => t!(self, "gate-statement"),
            GateItem::EvidenceUnknown { .. } => t!(self, "gate-evidence-unknown"),
            GateItem::EvidenceWithoutCustody { .. } => t!(self, "gate-custody"),
            GateItem::TooFewItems { have, need } => {
                t!(self, "gate-too-few", have = have.to_owned(), need = need.to_owned())
            }
            GateItem::ExculpatoryEmpty => t!(self, "gate-exculpatory"),
            GateItem::Conflicted { field } => {
                t!(self, "gate-conflicted", field = self.field(field))
            }
            GateItem::AccuracyMissing { accuracy } => match accuracy {
                Accuracy::Method => t!(self, "gate-method"),
                Accuracy::Responsible => t!(self, "gate-responsible"),
                Accuracy::When => t!(self, "gate-when"),
                Accuracy::Place => t!(self, "gate-place"),
                Accuracy::Rule => t!(self, "gate-rule"),
            },
            GateItem::SeverityEmpty => t!(self, "gate-severity"),
        }
    }

    /// Names a step of the sign-off.
    pub fn step(&self, step: Step) -> String {
        match step {
            Step::Maker => t!(self, "verb-sign-maker"),
            Step::Deputy => t!(self, "verb-sign-deputy"),
            Step::Leader => t!(self, "verb-sign-leader"),
        }
    }

    /// Names a part that something lacks, by the name a refusal gives it.
    fn part(&self, part: &str) -> String {
        match part {
            "act" => t!(self, "label-measure"),
            "owner" => t!(self, "label-owner"),
            "due" => t!(self, "field-due"),
            "name" => t!(self, "label-name"),
            "origin" => t!(self, "label-origin"),
            "obtained_by" => t!(self, "label-obtained-by"),
            "obtained_on" => t!(self, "label-obtained-on"),
            "file" => t!(self, "label-kept-at"),
            other => self.field_key(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_refusal_says_what_to_do() {
        let words = Words::new(Language::Zh);
        let two = R::TwoInterviewers { confirmed: Vec::new() };
        let said = words.refusal(&two, |_| String::new());
        assert_eq!(said, "谈话须两人，且两人都确认；现有 0 人。");
        let words = Words::new(Language::En);
        let said = words.refusal(&R::IntentOnly { have: Vec::new() }, |_| String::new());
        assert_eq!(said, "plans and pledges are not enough: show an act.");
    }
}
