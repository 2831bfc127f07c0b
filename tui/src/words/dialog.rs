//! Dialogues and steps in words.
use shared::model::{DocKind, PersonId};

use super::{Words, t};
use crate::app::{
    data::{self, LateChange, LateWhat},
    dialog::{Dialog, DisputeChoice, Found, Intent, Label, Problem, Shown, TriageChoice},
    offer::Deed,
    verb::Verb,
};

impl Words {
    /// Names what can be done with a record.
    pub fn deed(&self, deed: Deed) -> String {
        match deed {
            Deed::Step(verb) => self.verb(verb),
            Deed::Print => t!(self, "deed-print"),
            Deed::SaveFile => t!(self, "deed-save-file"),
            Deed::History => t!(self, "deed-history"),
        }
    }

    /// Says what is on the disk where a path in the field `label` leads.
    pub fn found(&self, found: &Found, label: Label) -> String {
        let saves = label == Label::SaveAs;
        match found {
            Found::File(_) if saves => t!(self, "found-exists"),
            Found::File(size) => t!(self, "found-file", size = data::size(*size)),
            Found::Names { names, all, .. } => {
                let shown = names.join("  ");
                if *all > names.len() {
                    t!(self, "found-more", names = shown, n = (all - names.len()))
                } else {
                    shown
                }
            }
            Found::Nothing if saves => t!(self, "found-new"),
            Found::Nothing => t!(self, "found-nothing"),
        }
    }

    /// Names a step.
    pub fn verb(&self, verb: Verb) -> String {
        match verb {
            Verb::Sign(step) => self.step(step),
            Verb::Paper(paper) => self.signed_on_paper(paper),
            Verb::ConfirmInterview => t!(self, "verb-confirm-interview"),
            Verb::RecordReview => t!(self, "verb-record-review"),
            Verb::CloseInterview => t!(self, "verb-close-interview"),
            Verb::CancelInterview => t!(self, "verb-cancel-interview"),
            Verb::Return => t!(self, "verb-return"),
            Verb::Resolve => t!(self, "verb-resolve"),
            Verb::AdoptLate => t!(self, "verb-adopt-late"),
            Verb::DeclineLate => t!(self, "verb-decline-late"),
            Verb::Drop => t!(self, "verb-drop"),
            Verb::ApproveFinding => t!(self, "verb-approve-finding"),
            Verb::WithdrawFinding => t!(self, "verb-withdraw-finding"),
            Verb::RegisterEvidence => t!(self, "verb-register-evidence"),
            Verb::Raise => t!(self, "verb-raise"),
            Verb::Triage => t!(self, "verb-triage"),
            Verb::Invite => t!(self, "verb-invite"),
            Verb::GrantExhibit => t!(self, "verb-grant-exhibit"),
            Verb::RevokeExhibit => t!(self, "verb-revoke-exhibit"),
            Verb::OpenExhibit => t!(self, "verb-open-exhibit"),
            Verb::Conclude => t!(self, "verb-conclude"),
            Verb::Dissent => t!(self, "verb-dissent"),
            Verb::SignMinutes => t!(self, "verb-sign-minutes"),
            Verb::ActionDone => t!(self, "verb-action-done"),
            Verb::CloseConsultation => t!(self, "verb-close-consultation"),
            Verb::ProposeNotice => t!(self, "verb-propose-notice"),
            Verb::ApproveNotice => t!(self, "verb-approve-notice"),
            Verb::IssueNotice => t!(self, "verb-issue-notice"),
            Verb::Acknowledge => t!(self, "verb-acknowledge"),
            Verb::Dispute => t!(self, "verb-dispute"),
            Verb::DecideDispute => t!(self, "verb-decide-dispute"),
            Verb::SetPlan => t!(self, "verb-set-plan"),
            Verb::ReportMeasure => t!(self, "verb-report-measure"),
            Verb::RequestCheck => t!(self, "verb-request-check"),
            Verb::Check => t!(self, "verb-check"),
            Verb::ExtendDeadline => t!(self, "verb-extend"),
            Verb::Comment => t!(self, "verb-comment"),
            Verb::AskStandIn => t!(self, "verb-ask-stand-in"),
            Verb::NameStandIn => t!(self, "verb-name-stand-in"),
            Verb::Server => t!(self, "verb-server"),
        }
    }

    /// Says what a field of a dialogue asks for.
    pub fn label(&self, label: Label) -> String {
        match label {
            Label::Reason => t!(self, "label-reason"),
            Label::GateReason => t!(self, "label-gate-reason"),
            Label::Notes => t!(self, "label-notes"),
            Label::Outcome => t!(self, "label-outcome"),
            Label::Correction => t!(self, "label-correction"),
            Label::CorrectedText => t!(self, "label-corrected-text"),
            Label::Chosen => t!(self, "label-chosen"),
            Label::Late => t!(self, "label-late"),
            Label::Name => t!(self, "label-name"),
            Label::Interviewee => t!(self, "label-interviewee"),
            Label::Unit => t!(self, "label-unit"),
            Label::Title => t!(self, "label-title"),
            Label::Kind => t!(self, "label-kind"),
            Label::Class => t!(self, "label-class"),
            Label::Origin => t!(self, "label-origin"),
            Label::ObtainedBy => t!(self, "label-obtained-by"),
            Label::ObtainedOn => t!(self, "label-obtained-on"),
            Label::KeptAt => t!(self, "label-kept-at"),
            Label::Conclusive => t!(self, "label-conclusive"),
            Label::Question => t!(self, "label-question"),
            Label::Urgency => t!(self, "label-urgency"),
            Label::Triage => t!(self, "label-triage"),
            Label::Answer => t!(self, "label-answer"),
            Label::Guests => t!(self, "label-guests"),
            Label::ForQuestion => t!(self, "label-for-question"),
            Label::MaskNames => t!(self, "label-mask-names"),
            Label::Masked => t!(self, "label-masked"),
            Label::UnmaskedReason => t!(self, "label-unmasked-reason"),
            Label::UntilDay => t!(self, "label-until-day"),
            Label::UntilTime => t!(self, "label-until-time"),
            Label::Exhibit => t!(self, "label-exhibit"),
            Label::Characterisation => t!(self, "label-characterisation"),
            Label::Sufficiency => t!(self, "label-sufficiency"),
            Label::Disposition => t!(self, "label-disposition"),
            Label::Who => t!(self, "label-who"),
            Label::What => t!(self, "label-what"),
            Label::Due => t!(self, "label-due"),
            Label::NewDue => t!(self, "label-new-due"),
            Label::Dissent => t!(self, "label-dissent"),
            Label::Action => t!(self, "label-action"),
            Label::Note => t!(self, "label-note"),
            Label::Dispute => t!(self, "label-dispute"),
            Label::Request => t!(self, "label-request"),
            Label::Measure => t!(self, "label-measure"),
            Label::Owner => t!(self, "label-owner"),
            Label::Evidence => t!(self, "label-evidence"),
            Label::Checkers => t!(self, "label-checkers"),
            Label::Passed => t!(self, "label-passed"),
            Label::Looked => t!(self, "label-looked"),
            Label::Comment => t!(self, "label-comment"),
            Label::Text => t!(self, "label-text"),
            Label::Tag => t!(self, "label-tag"),
            Label::Value => t!(self, "label-value"),
            Label::Member => t!(self, "label-member"),
            Label::Post => t!(self, "label-post"),
            Label::Section => t!(self, "label-section"),
            Label::Interviewers => t!(self, "label-interviewers"),
            Label::File => t!(self, "label-file"),
            Label::Attach => t!(self, "label-attach"),
            Label::SaveAs => t!(self, "label-save-as"),
            Label::WithFile => t!(self, "label-with-file"),
            Label::ThenOpen => t!(self, "label-then-open"),
            Label::Scan => t!(self, "label-scan"),
            Label::Printed => t!(self, "label-printed"),
            Label::Witnesses => t!(self, "label-witnesses"),
            Label::Instrument => t!(self, "label-instrument"),
            Label::Article => t!(self, "label-article"),
            Label::Version => t!(self, "label-version"),
            Label::AsksCheck => t!(self, "label-asks-check"),
            Label::StandIn => t!(self, "label-stand-in"),
            Label::StandInUntil => t!(self, "label-stand-in-until"),
        }
    }

    /// Says what a field asks for in the `n`-th of groups that repeat.
    pub fn numbered(&self, label: Label, n: usize) -> String {
        match label {
            Label::Owner => t!(self, "label-owner-numbered", n = n),
            Label::Due => t!(self, "label-due-numbered", n = n),
            _ => t!(self, "label-numbered", label = self.label(label), n = n),
        }
    }

    /// Shows a choice.
    pub fn shown(&self, shown: &Shown) -> String {
        match shown {
            Shown::Plain(text) => text.clone(),
            Shown::Nothing => t!(self, "nothing"),
            Shown::YesNo(yes) => self.yes_no(*yes),
            Shown::Severity(severity) => self.severity(*severity),
            Shown::Tag(tag) => self.tag(Some(*tag)),
            Shown::Review(outcome) => self.review(*outcome),
            Shown::Kind(kind) => self.evidence_kind(*kind),
            Shown::Class(class) => self.evidence_class(*class),
            Shown::Urgency(urgency) => self.urgency(*urgency),
            Shown::Triage(TriageChoice::Convene) => t!(self, "triage-convene"),
            Shown::Triage(TriageChoice::Answer) => t!(self, "triage-answer"),
            Shown::Triage(TriageChoice::Merge) => t!(self, "triage-merge"),
            Shown::Dispute(DisputeChoice::Uphold) => t!(self, "dispute-uphold"),
            Shown::Dispute(DisputeChoice::Amend) => t!(self, "dispute-amend"),
            Shown::Dispute(DisputeChoice::Withdraw) => t!(self, "dispute-withdraw"),
            Shown::Held(what, who) if who.is_empty() => self.shown(what),
            Shown::Held(what, who) => {
                self.bracketed(self.shown(what), self.join(who.iter().cloned()))
            }
            Shown::Guest { name, role, group } => {
                let (name, role) = (name.clone(), self.role(*role));
                match group {
                    Some(group) => {
                        t!(self, "guest", name = name, role = role, group = group.clone())
                    }
                    None => t!(self, "guest-alone", name = name, role = role),
                }
            }
            Shown::Late { by, name, at, changes } => {
                let name = name.clone().unwrap_or_else(|| self.unknown(&by.to_string()));
                let why = self.late_changes(changes);
                t!(self, "panel-late-line", who = name, at = at.clone(), why = why)
            }
        }
    }

    /// Says what content that was set aside would change.
    pub fn late_changes(&self, changes: &[LateChange]) -> String {
        if changes.is_empty() {
            return t!(self, "late-unknown");
        }
        let all: Vec<String> = changes.iter().map(|c| self.late_change(c)).collect();
        all.join(&t!(self, "late-join"))
    }

    /// Says what one such change is.
    pub fn late_change(&self, change: &LateChange) -> String {
        let field = self.field(&change.field);
        match &change.what {
            LateWhat::Now(value) => t!(self, "late-change", field = field, to = self.value(value)),
            LateWhat::Added(text) => t!(self, "late-item", field = field, text = text.clone()),
            LateWhat::TakenOut(text) => {
                t!(self, "late-taken-out", field = field, text = text.clone())
            }
        }
    }

    /// Says why there is nothing to choose from, and what to do about it.
    pub fn no_options(&self, label: Label) -> String {
        match label {
            Label::Evidence => t!(self, "options-no-evidence"),
            Label::Scan => t!(self, "options-no-scan"),
            Label::Action => t!(self, "options-no-action"),
            Label::Exhibit => t!(self, "options-no-exhibit"),
            _ => t!(self, "options-none"),
        }
    }

    /// Says what a step that asks for nothing else will bring about.
    pub fn confirmation(&self, verb: Verb) -> String {
        match verb {
            Verb::Sign(_) => t!(self, "confirm-sign"),
            Verb::ConfirmInterview => t!(self, "confirm-interview"),
            Verb::CloseInterview => t!(self, "confirm-close-interview"),
            Verb::ApproveFinding => t!(self, "confirm-approve-finding"),
            Verb::SignMinutes => t!(self, "confirm-minutes"),
            Verb::CloseConsultation => t!(self, "confirm-close-consultation"),
            Verb::ProposeNotice => t!(self, "confirm-propose-notice"),
            Verb::ApproveNotice => t!(self, "confirm-approve-notice"),
            Verb::Acknowledge => t!(self, "confirm-acknowledge"),
            Verb::RequestCheck => t!(self, "confirm-request-check"),
            Verb::OpenExhibit => t!(self, "confirm-open-exhibit"),
            _ => t!(self, "dialog-confirm"),
        }
    }

    /// Heads a dialogue.
    pub fn dialog_title(&self, dialog: &Dialog) -> String {
        match &dialog.intent {
            Intent::Ask(_, verb) => self.verb(*verb),
            Intent::Begin(_, DocKind::Interview) => t!(self, "dialog-begin-interview"),
            Intent::Begin(_, DocKind::Workpaper) => t!(self, "dialog-begin-workpaper"),
            Intent::Begin(_, DocKind::Consultation) => t!(self, "dialog-begin-consultation"),
            Intent::Begin(_, DocKind::Notice) => t!(self, "dialog-begin-notice"),
            Intent::AddItem(_, list) => {
                t!(self, "dialog-add-item", list = self.field_key(list))
            }
            Intent::RemoveItem(..) => t!(self, "dialog-remove-item"),
            Intent::Set(_, path) => t!(self, "dialog-set", field = self.field(path)),
            Intent::AddMember(_, path) => {
                t!(self, "dialog-add-member", field = self.field(path))
            }
            Intent::RemoveMember(_, path) => {
                t!(self, "dialog-remove-member", field = self.field(path))
            }
            Intent::Export => t!(self, "dialog-export"),
            Intent::Import => t!(self, "dialog-import"),
            Intent::Print(_) => t!(self, "deed-print"),
            Intent::SaveFile(_) => t!(self, "deed-save-file"),
            Intent::Fetch(_) => t!(self, "dialog-fetch"),
            Intent::Leave => t!(self, "dialog-leave"),
        }
    }

    /// Says why a dialogue was not accepted. `name` names a person.
    pub fn problem(&self, problem: &Problem, name: impl Fn(PersonId) -> String) -> String {
        match problem {
            Problem::Missing(label) => {
                t!(self, "problem-missing", label = self.label(*label))
            }
            Problem::Malformed(label) => {
                t!(self, "problem-malformed", label = self.label(*label))
            }
            Problem::Failed(failure) => self.failure(failure),
            Problem::Refused(refusal) => {
                t!(self, "said-refused", why = self.refusal(refusal, name))
            }
        }
    }
}
