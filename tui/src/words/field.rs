//! Names of fields and choices.
use shared::{
    model::{
        DocKind, FieldPath, Value,
        evidence::{EvidenceClass, EvidenceKind},
        interview::StatementTag,
        round::Role,
        workpaper::Severity,
    },
    workflow::command::{DeadlineKind, ReviewOutcome, Urgency},
};

use super::{Words, t};

impl Words {
    /// Names a field by its key; a key this build does not know shows as it is.
    pub fn field_key(&self, key: &str) -> String {
        match key {
            "interviewee_name" => t!(self, "field-interviewee-name"),
            "interviewee_post" => t!(self, "field-interviewee-post"),
            "interviewee_section" => t!(self, "field-interviewee-section"),
            "interviewers" => t!(self, "field-interviewers"),
            "place" => t!(self, "field-place"),
            "started" => t!(self, "field-started"),
            "ended" => t!(self, "field-ended"),
            "outline" => t!(self, "field-outline"),
            "notice_read" => t!(self, "field-notice-read"),
            "purpose" => t!(self, "field-purpose"),
            "note" => t!(self, "field-note"),
            "statements" => t!(self, "field-statements"),
            "tag" => t!(self, "field-tag"),
            "text" => t!(self, "field-text"),
            "who" => t!(self, "field-who"),
            "what" => t!(self, "field-what"),
            "when" => t!(self, "field-when"),
            "how_known" => t!(self, "field-how-known"),
            "refs" => t!(self, "field-refs"),
            "title" => t!(self, "field-title"),
            "source" => t!(self, "field-source"),
            "condition" => t!(self, "field-condition"),
            "criteria" => t!(self, "field-criteria"),
            "instrument" => t!(self, "field-instrument"),
            "article" => t!(self, "field-article"),
            "version" => t!(self, "field-version"),
            "cause" => t!(self, "field-cause"),
            "effect" => t!(self, "field-effect"),
            "facts" => t!(self, "field-facts"),
            "evidence" => t!(self, "field-evidence"),
            "responsible" => t!(self, "field-responsible"),
            "party" => t!(self, "field-party"),
            "method" => t!(self, "field-method"),
            "amount_fen" => t!(self, "field-amount"),
            "exculpatory" => t!(self, "field-exculpatory"),
            "extent_check" => t!(self, "field-extent-check"),
            "communication" => t!(self, "field-communication"),
            "severity" => t!(self, "field-severity"),
            "characterisation" => t!(self, "field-characterisation"),
            "themes" => t!(self, "field-themes"),
            "question" => t!(self, "field-question"),
            "positions" => t!(self, "field-positions"),
            "person" => t!(self, "field-person"),
            "rules" => t!(self, "field-rules"),
            "sufficiency" => t!(self, "field-sufficiency"),
            "disposition" => t!(self, "field-disposition"),
            "minutes" => t!(self, "field-minutes"),
            "actions" => t!(self, "field-actions"),
            "due" => t!(self, "field-due"),
            "matter" => t!(self, "field-matter"),
            "rule_breached" => t!(self, "field-rule-breached"),
            "request" => t!(self, "field-request"),
            "contact" => t!(self, "field-contact"),
            "workpapers" => t!(self, "field-workpapers"),
            other => other.to_owned(),
        }
    }

    /// Names a field by its path: the field of an item by list and field.
    pub fn field(&self, path: &FieldPath) -> String {
        let mut parts = path.0.split('/');
        let root = self.field_key(parts.next().unwrap_or_default());
        match parts.nth(1) {
            Some(key) => format!("{root} {}", self.field_key(key)),
            None => root,
        }
    }

    /// Names several fields.
    pub fn fields(&self, paths: &[FieldPath]) -> String {
        self.join(paths.iter().map(|p| self.field(p)))
    }

    /// Joins names as the language does.
    pub fn join(&self, names: impl IntoIterator<Item = String>) -> String {
        names.into_iter().collect::<Vec<_>>().join(&t!(self, "people-join"))
    }

    /// Shows a scalar value.
    pub fn value(&self, value: &Value) -> String {
        match value {
            Value::Empty => t!(self, "nothing"),
            Value::Bool(yes) => self.yes_no(*yes),
            Value::Int(fen) => crate::app::data::yuan(*fen),
            Value::Text(text) => self.choice_name(text),
        }
    }

    /// Shows the stored name of a choice; any other text as it is.
    pub fn choice_name(&self, name: &str) -> String {
        match (Severity::from_name(name), StatementTag::from_name(name)) {
            (Some(severity), _) => self.severity(severity),
            (_, Some(tag)) => self.tag(Some(tag)),
            _ => name.to_owned(),
        }
    }

    /// Says yes or no.
    pub fn yes_no(&self, yes: bool) -> String {
        if yes { t!(self, "yes") } else { t!(self, "no") }
    }

    /// Names a degree of severity.
    pub fn severity(&self, severity: Severity) -> String {
        match severity {
            Severity::Low => t!(self, "severity-low"),
            Severity::Medium => t!(self, "severity-medium"),
            Severity::High => t!(self, "severity-high"),
        }
    }

    /// Names a statement's kind.
    pub fn tag(&self, tag: Option<StatementTag>) -> String {
        match tag {
            Some(StatementTag::Fact) => t!(self, "tag-fact"),
            Some(StatementTag::Hearsay) => t!(self, "tag-hearsay"),
            Some(StatementTag::Opinion) => t!(self, "tag-opinion"),
            Some(StatementTag::Pointer) => t!(self, "tag-pointer"),
            Some(StatementTag::Procedural) => t!(self, "tag-procedural"),
            None => t!(self, "tag-unknown"),
        }
    }

    /// Says how the interviewee took the note.
    pub fn review(&self, outcome: ReviewOutcome) -> String {
        match outcome {
            ReviewOutcome::Signed => t!(self, "review-signed"),
            ReviewOutcome::Corrected => t!(self, "review-corrected"),
            ReviewOutcome::Declined => t!(self, "review-declined"),
            ReviewOutcome::NotApplicable => t!(self, "review-not-applicable"),
        }
    }

    /// Names a kind of evidence.
    pub fn evidence_kind(&self, kind: EvidenceKind) -> String {
        match kind {
            EvidenceKind::Document => t!(self, "evidence-document"),
            EvidenceKind::Record => t!(self, "evidence-record"),
            EvidenceKind::DataExtract => t!(self, "evidence-data-extract"),
            EvidenceKind::Photo => t!(self, "evidence-photo"),
            EvidenceKind::Statement => t!(self, "evidence-statement"),
            EvidenceKind::Survey => t!(self, "evidence-survey"),
            EvidenceKind::SiteNote => t!(self, "evidence-site-note"),
            EvidenceKind::ThirdParty => t!(self, "evidence-third-party"),
            EvidenceKind::Scan => t!(self, "evidence-scan"),
        }
    }

    /// Names how far evidence goes.
    pub fn evidence_class(&self, class: EvidenceClass) -> String {
        match class {
            EvidenceClass::Base => t!(self, "class-base"),
            EvidenceClass::Intent => t!(self, "class-intent"),
            EvidenceClass::Act => t!(self, "class-act"),
            EvidenceClass::Effect => t!(self, "class-effect"),
        }
    }

    /// Names an urgency.
    pub fn urgency(&self, urgency: Urgency) -> String {
        match urgency {
            Urgency::Ordinary => t!(self, "urgency-ordinary"),
            Urgency::Urgent => t!(self, "urgency-urgent"),
        }
    }

    /// Names a role.
    pub fn role(&self, role: Role) -> String {
        match role {
            Role::GroupLeader => t!(self, "role-group-leader"),
            Role::DeputyLeader => t!(self, "role-deputy-leader"),
            Role::Member => t!(self, "role-member"),
            Role::OfficeDirector => t!(self, "role-office-director"),
            Role::OfficeStaff => t!(self, "role-office-staff"),
            Role::Delegate => t!(self, "role-delegate"),
            Role::UnitHead => t!(self, "role-unit-head"),
            Role::Liaison => t!(self, "role-liaison"),
            Role::Expert => t!(self, "role-expert"),
            Role::Administrator => t!(self, "role-administrator"),
        }
    }

    /// Names a deadline.
    pub fn deadline(&self, deadline: DeadlineKind) -> String {
        match deadline {
            DeadlineKind::Acknowledge => t!(self, "deadline-acknowledge"),
            DeadlineKind::Plan => t!(self, "deadline-plan"),
            DeadlineKind::Notice => t!(self, "deadline-notice"),
            DeadlineKind::Triage => t!(self, "deadline-triage"),
            DeadlineKind::Minutes => t!(self, "deadline-minutes"),
        }
    }

    /// Names a kind of document.
    pub fn kind(&self, kind: DocKind) -> String {
        match kind {
            DocKind::Interview => t!(self, "kind-interview"),
            DocKind::Workpaper => t!(self, "kind-workpaper"),
            DocKind::Consultation => t!(self, "kind-consultation"),
            DocKind::Notice => t!(self, "kind-notice"),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::doc::schema::{FieldType, fields};

    use super::*;
    use crate::words::Language;

    #[test]
    fn every_field_of_every_form_has_a_name() {
        let words = Words::new(Language::Zh);
        let named = |key: &str| assert_ne!(words.field_key(key), key);
        for kind in [DocKind::Interview, DocKind::Workpaper, DocKind::Consultation, DocKind::Notice]
        {
            for field in fields(kind) {
                named(field.key);
                if let FieldType::List(subs) = field.ty {
                    subs.iter().for_each(|sub| named(sub.key));
                }
            }
        }
    }
}
