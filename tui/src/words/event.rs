//! What was recorded, in words, as a record's history tells it.
use shared::{
    model::PersonId,
    workflow::{
        Event as E,
        command::{DisputeOutcome, OnPaper},
    },
};

use super::{Words, t};
use crate::app::{
    dialog::{DisputeChoice, Shown},
    verb::{self, Verb},
};

impl Words {
    /// Says what an event records. `name` names a person.
    pub fn event(&self, event: &E, name: impl Fn(PersonId) -> String) -> String {
        match event {
            // What concerns the space as a whole.
            E::SpaceOpened(_)
            | E::MemberSet { .. }
            | E::MemberEnded { .. }
            | E::AuthorisationLapsed { .. }
            | E::Recused { .. }
            | E::OfficePeopleSet { .. }
            | E::DeviceCertified { .. }
            | E::DeviceRevoked { .. }
            | E::EngagementSet { .. }
            | E::RulePackSet { .. }
            | E::CalendarSet { .. }
            | E::SpaceGranted { .. }
            | E::SpaceWithdrawn { .. } => t!(self, "event-space"),
            E::StandInAsked { reason, .. } => self.because(self.verb(Verb::AskStandIn), reason),
            E::StandInWanted { wanted } => {
                self.because(self.verb(Verb::AskStandIn), &wanted.reason)
            }
            E::StandInNamed { person, reason, .. } => {
                let what = t!(self, "event-stand-in", who = name(*person));
                self.because(what, reason)
            }
            E::DevicesHeard { .. } => t!(self, "event-heard"),
            E::RecordOpened { .. } => t!(self, "event-opened"),
            E::ContentAside { reason, .. } => t!(self, "aside", why = self.aside(reason)),
            E::Signed { meaning, stand_in, gate_override, .. } => {
                let signed = t!(self, "event-signed", meaning = self.meaning(*meaning));
                format!(
                    "{signed}{}",
                    self.signed_why(stand_in.as_deref(), gate_override.as_deref())
                )
            }
            E::Returned { notes, .. } => {
                let notes = self.join(notes.iter().map(|n| n.text.clone()));
                self.because(self.verb(Verb::Return), &notes)
            }
            E::ConflictResolved { field, chosen, reason, .. } => {
                let (field, chosen) = (self.field(field), self.value(chosen));
                let what = t!(self, "event-resolved", field = field, chosen = chosen);
                self.because(what, reason)
            }
            E::LateAdopted { envelopes, .. } => t!(self, "event-adopted", n = envelopes.len()),
            E::LateDeclined { envelopes, reason, .. } => {
                self.because(t!(self, "event-declined", n = envelopes.len()), reason)
            }
            E::NumberGiven { number, .. } => {
                t!(self, "panel-number", number = number.clone())
            }
            E::DeadlinePassed { deadline, .. } => {
                t!(self, "event-passed", what = self.deadline(*deadline))
            }
            E::StatementsFixed { statements, .. } => {
                t!(self, "event-fixed", n = statements.len())
            }
            E::ReviewRecorded { outcome, on_paper, .. } => {
                let what = t!(self, "panel-review", how = self.review(*outcome));
                self.on_paper(what, on_paper.as_ref(), name)
            }
            E::InterviewClosed { .. } => self.verb(Verb::CloseInterview),
            E::InterviewCancelled { reason, .. } => {
                self.because(self.verb(Verb::CancelInterview), reason)
            }
            E::WorkpaperAdmitted { .. } => t!(self, "event-admitted"),
            E::Dropped { reason, .. } => self.because(self.verb(Verb::Drop), reason),
            E::FindingOpened { .. } => t!(self, "event-finding"),
            E::FindingApproved { .. } => self.verb(Verb::ApproveFinding),
            E::FindingWithdrawn { reason, .. } => {
                self.because(self.verb(Verb::WithdrawFinding), reason)
            }
            E::EvidenceRegistered { evidence, number, .. } => {
                let what = format!("{number} {}", evidence.name);
                t!(self, "event-evidence", what = what)
            }
            E::EditionPlaced { .. } => t!(self, "event-edition"),
            E::Commented { text, .. } => self.because(self.verb(Verb::Comment), text),
            E::QuestionRaised { .. } | E::ConsultationOpened { .. } => self.verb(Verb::Raise),
            E::Triaged { .. } => self.verb(Verb::Triage),
            E::ExhibitGranted { masked, .. } => {
                let masked =
                    if *masked { t!(self, "panel-masked") } else { t!(self, "panel-unmasked") };
                self.because(self.verb(Verb::GrantExhibit), &masked)
            }
            E::ExhibitPlaced { .. } => t!(self, "exhibit"),
            E::ExhibitOpened { .. } => self.verb(Verb::OpenExhibit),
            E::ExhibitExpired => t!(self, "exhibit-expired"),
            E::ExhibitRevoked { reason, .. } => {
                self.because(self.verb(Verb::RevokeExhibit), reason)
            }
            E::Concluded { characterisation, .. } => {
                self.because(self.verb(Verb::Conclude), characterisation)
            }
            E::Minuted => t!(self, "session-minuted"),
            E::Dissented { text, .. } => self.because(self.verb(Verb::Dissent), text),
            E::ActionReported { note, .. } => self.because(self.verb(Verb::ActionDone), note),
            E::ConsultationClosed { outcome, .. } => {
                self.because(self.verb(Verb::CloseConsultation), outcome)
            }
            E::NoticeProposed { .. } => self.verb(Verb::ProposeNotice),
            E::NoticeApproved { .. } => self.verb(Verb::ApproveNotice),
            E::NoticeIssued { due, .. } => {
                let due = t!(self, "desk-due", due = due.to_string());
                self.because(self.verb(Verb::IssueNotice), &due)
            }
            E::NoticeMoved { stage, .. } => {
                t!(self, "milestone-notice", stage = self.desk(*stage))
            }
            E::NoticePlaced(_) => t!(self, "milestone-issued"),
            E::Acknowledged { on_paper, .. } => {
                self.on_paper(self.verb(Verb::Acknowledge), on_paper.as_ref(), name)
            }
            E::Disputed { reason, .. } => self.because(self.verb(Verb::Dispute), reason),
            E::DisputeDecided { outcome, reason, .. } => self.decided(outcome, reason),
            E::PlanSet { measures, .. } => {
                let acts = self.join(measures.iter().map(|(m, _)| m.act.clone()));
                self.because(self.verb(Verb::SetPlan), &acts)
            }
            E::MeasureReported { note, .. } => self.because(self.verb(Verb::ReportMeasure), note),
            E::ReplyRecorded { on_paper, .. } => {
                self.on_paper(t!(self, "event-reply"), Some(on_paper), name)
            }
            E::CheckRequested { .. } => self.verb(Verb::RequestCheck),
            E::Checked { checkers, sample, .. } => {
                let who = self.join(checkers.iter().map(|p| name(*p)));
                t!(self, "panel-check", who = who, passed = sample.passed, of = sample.of)
            }
            E::DeadlineExtended { was, due, reason, .. } => t!(
                self,
                "panel-moved",
                was = was.to_string(),
                due = due.to_string(),
                why = reason.clone()
            ),
            E::CarriedToPlan => t!(self, "desk-carried"),
        }
    }

    /// Says as what beside their own role somebody signed, and over what.
    pub fn signed_why(&self, stand_in: Option<&str>, gate_override: Option<&str>) -> String {
        let mut text = String::new();
        if let Some(why) = stand_in {
            text = self.bracketed(text, t!(self, "signed-stand-in", why = why));
        }
        if let Some(why) = gate_override {
            text = self.bracketed(text, why);
        }
        text
    }

    fn because(&self, what: String, why: &str) -> String {
        if why.is_empty() { what } else { t!(self, "event-because", what = what, why = why) }
    }

    /// Says that something was recorded on paper, and who saw it signed.
    pub fn on_paper(
        &self,
        what: String,
        paper: Option<&OnPaper>,
        name: impl Fn(PersonId) -> String,
    ) -> String {
        let Some(paper) = paper else { return what };
        let who = self.join(paper.witnesses.iter().map(|p| name(*p)));
        let marked = t!(self, "recorded-on-paper", who = who);
        self.bracketed(what, marked)
    }

    /// Says how an objection was decided, and why.
    pub fn decided(&self, outcome: &DisputeOutcome, reason: &str) -> String {
        let outcome = self.shown(&Shown::Dispute(match outcome {
            DisputeOutcome::Upheld => DisputeChoice::Uphold,
            DisputeOutcome::Amended { .. } => DisputeChoice::Amend,
            DisputeOutcome::Withdrawn => DisputeChoice::Withdraw,
        }));
        t!(self, "panel-dispute-decided", outcome = outcome, reason = reason)
    }

    /// Names what was signed on paper.
    pub fn signed_on_paper(&self, paper: verb::OnPaper) -> String {
        match paper {
            verb::OnPaper::Review => t!(self, "verb-paper-review"),
            verb::OnPaper::Acknowledgement => t!(self, "verb-paper-acknowledgement"),
            verb::OnPaper::Reply => t!(self, "verb-paper-reply"),
        }
    }
}
