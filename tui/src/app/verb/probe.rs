//! Whether the rules would grant a step, before anything is filled in.
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use shared::{
    model::{Digest, EvidenceId, ItemId, Timestamp, evidence::EvidenceKind},
    workflow::{
        Command, Refusal, Step,
        command::{
            DisputeOutcome, FieldNote, OnPaper as Signed, ReviewOutcome, Sample, TriageOutcome,
        },
        record::Matter,
        stand_in::vacant,
        state::GROUP_ROLES,
    },
};

use super::{OnPaper, Verb, build, fields};
use crate::app::{dialog::Problem, offer::About};

/// Stands for a text that somebody would type.
const SOMETHING: &str = "-";

/// Asks the rules what they would say to a step if it were filled in soundly.
///
/// # Errors
/// The refusal that no filling in would avoid.
pub fn probe(verb: Verb, about: &About<'_>) -> Result<(), Refusal> {
    let Some(command) = stand_in(verb, about)? else { return Ok(()) };
    match about.try_out(&command) {
        // What only the person's own words or choices decide is asked when they are there.
        Err(
            Refusal::MeasureIncomplete { .. }
            | Refusal::EvidenceIncomplete { .. }
            | Refusal::TwoObtainers { .. }
            | Refusal::IntentOnly { .. }
            | Refusal::EffectMissing
            | Refusal::NotClosedSet { .. }
            | Refusal::NotLater
            | Refusal::DueAfterExit
            | Refusal::DueInThePast,
        ) if !matches!(verb, Verb::RequestCheck) => Ok(()),
        other => other,
    }
}

/// Makes a command as a person might; none where nothing can be said before it is filled in.
fn stand_in(verb: Verb, about: &About<'_>) -> Result<Option<Command>, Refusal> {
    let text = || SOMETHING.to_owned();
    let exit = || {
        let stay = about.space.state.info.as_ref().and_then(|i| i.engagement.as_ref());
        stay.map_or(jiff::civil::Date::MAX, |s| s.exit_on)
    };
    let missing = |problem| match problem {
        Problem::Refused(refusal) => refusal,
        Problem::Missing(_) | Problem::Malformed(_) | Problem::Failed(_) => Refusal::ContentMissing,
    };
    Ok(Some(match verb {
        Verb::Sign(step) => {
            let pin = about.pin().ok_or(Refusal::ContentMissing)?;
            let gate_override = super::build::is_red(about).then(text);
            Command::Sign { step, pin, gate_override }
        }
        Verb::RecordReview => Command::RecordReview {
            outcome: ReviewOutcome::Signed,
            corrections: Vec::new(),
            on_paper: None,
        },
        Verb::Paper(OnPaper::Review) => Command::RecordReview {
            outcome: ReviewOutcome::Signed,
            corrections: Vec::new(),
            on_paper: Some(signed(about)),
        },
        Verb::Paper(OnPaper::Acknowledgement) => {
            let on_paper = signed(about);
            Command::Acknowledge { rendering: on_paper.rendering, on_paper: Some(on_paper) }
        }
        Verb::Paper(OnPaper::Reply) => Command::ReplyOnPaper {
            on_paper: signed(about),
            measures: Vec::new(),
            reports: Vec::new(),
            check: false,
        },
        Verb::Return => Command::Return { notes: vec![FieldNote { field: None, text: text() }] },
        Verb::CancelInterview => Command::CancelInterview { reason: text() },
        Verb::Drop => Command::Drop { reason: text() },
        Verb::WithdrawFinding => Command::WithdrawFinding { reason: text() },
        Verb::AdoptLate => Command::AdoptLate { envelopes: waiting(about) },
        Verb::DeclineLate => Command::DeclineLate { envelopes: waiting(about), reason: text() },
        Verb::Triage => Command::Triage { outcome: TriageOutcome::Convened },
        Verb::Conclude => Command::Conclude {
            characterisation: text(),
            sufficiency: text(),
            disposition: text(),
            actions: Vec::new(),
        },
        Verb::Dissent => Command::Dissent { text: text() },
        Verb::IssueNotice => Command::IssueNotice { due: exit() },
        Verb::Dispute => Command::Dispute { reason: text() },
        Verb::DecideDispute => {
            Command::DecideDispute { outcome: DisputeOutcome::Upheld, reason: text() }
        }
        Verb::SetPlan => Command::SetPlan { measures: Vec::new() },
        Verb::ReportMeasure => {
            let desk = about.record.and_then(|r| r.matter.desk());
            let first = desk.and_then(|d| d.measures.first());
            let measure = first.map_or(ItemId::from_bytes([0; 16]), |m| m.measure.id);
            Command::ReportMeasure { measure, evidence: Vec::new(), note: text() }
        }
        Verb::Check => {
            let group = about.space.state.holders(GROUP_ROLES, about.now).map(|m| m.person);
            let mut checkers: Vec<_> = group.filter(|p| *p != about.known.me).take(8).collect();
            checkers.push(about.known.me);
            let sample = Sample { passed: 0, of: 1 };
            Command::Check { checkers, sample, evidence: Vec::new(), notes: String::new() }
        }
        Verb::ExtendDeadline => Command::ExtendDeadline { due: exit(), reason: text() },
        Verb::Comment => Command::CommentEdition { text: text() },
        Verb::GrantExhibit => {
            let mut open = about.space.state.matters(|m| m.question());
            let question = open.find(|(_, q)| q.closed.is_none() && q.by == about.known.me);
            let (record, _) = question.ok_or(Refusal::NotTheRaisingLeader)?;
            Command::GrantExhibit {
                consultation: record.doc,
                rendering: text(),
                reading: None,
                masked: true,
                unmasked_reason: None,
                left_out: Vec::new(),
                until: Timestamp(i64::MAX),
            }
        }
        Verb::RevokeExhibit => {
            let Some(Matter::Question(q)) = about.record.map(|r| &r.matter) else {
                return Err(Refusal::WrongKind);
            };
            let shown = q.exhibits.iter().find(|e| e.revoked.is_none());
            let shown = shown.ok_or(Refusal::WrongStage { stage: "revoked".into() })?;
            Command::RevokeExhibit { exhibit: shown.exhibit, reason: String::new() }
        }
        Verb::ActionDone => {
            let session = about.record.and_then(|r| r.matter.consultation());
            let open = session.and_then(|c| c.actions.iter().find(|a| a.done.is_none()));
            let action = open.map_or(ItemId::from_bytes([0; 16]), |a| a.id);
            Command::ActionDone { action, note: String::new() }
        }
        // An invitation names people, and evidence names itself: nothing to try without them.
        Verb::Invite | Verb::RegisterEvidence | Verb::Raise => return Ok(None),
        Verb::Resolve => {
            let mut all = fields(Verb::Resolve, about);
            if let Some(reason) = all.last_mut() {
                *reason = crate::app::dialog::FormField::text(reason.label, SOMETHING);
            }
            build(verb, about, &all, &mut ChaCha20Rng::from_seed([0; 32])).map_err(missing)?
        }
        Verb::ConfirmInterview
        | Verb::CloseInterview
        | Verb::ApproveFinding
        | Verb::SignMinutes
        | Verb::CloseConsultation
        | Verb::ProposeNotice
        | Verb::ApproveNotice
        | Verb::Acknowledge
        | Verb::RequestCheck
        | Verb::OpenExhibit => {
            build(verb, about, &[], &mut ChaCha20Rng::from_seed([0; 32])).map_err(missing)?
        }
        Verb::AskStandIn => {
            let step = about.record.and_then(|r| vacant(&about.space.state, r, about.now));
            Command::AskStandIn { step: step.unwrap_or(Step::Deputy), reason: text() }
        }
        Verb::NameStandIn => {
            let request = about.record.and_then(|r| r.matter.stand_in());
            let wanted = &request.ok_or(Refusal::WrongKind)?.wanted;
            Command::NameStandIn {
                space: wanted.space,
                step: wanted.step,
                person: about.known.me,
                from: about.now,
                until: Timestamp(i64::MAX),
                reason: text(),
            }
        }
        Verb::Server => return Err(Refusal::ServerOnly),
    }))
}

/// A signed paper as two members might bring it in.
fn signed(about: &About<'_>) -> Signed {
    let mut items = about.space.state.evidence.values();
    let scan = items.find(|r| r.evidence.kind == EvidenceKind::Scan);
    Signed {
        scan: scan.map_or(EvidenceId::from_bytes([0; 16]), |r| r.evidence.id),
        rendering: build::printed(about).unwrap_or(Digest([0; 32])),
        witnesses: about.space.state.holders(GROUP_ROLES, about.now).map(|m| m.person).collect(),
    }
}

fn waiting(about: &About<'_>) -> Vec<Digest> {
    about.record.into_iter().flat_map(|r| r.late_waiting()).map(|l| l.envelope).collect()
}
