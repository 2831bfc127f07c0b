//! From what is filled in to the command.
use std::str::FromStr;

use jiff::civil::Date;
use rand_core::Rng;
use serde::de::DeserializeOwned;
use shared::{
    model::{
        Digest, EvidenceId, ItemId, PersonId, Value, evidence::Evidence, notice::PlannedMeasure,
    },
    workflow::{
        Command, Refusal, Step,
        command::{
            AgreedAction, Correction, DisputeOutcome, FieldNote, Guest, MeasureReply,
            OnPaper as Signed, ReviewOutcome, Sample, TriageOutcome,
        },
        conflict,
        gate::gate,
        stand_in,
    },
};

use super::{
    OnPaper, Verb,
    fields::{ROWS, first_conflict},
};
use crate::app::{
    data,
    dialog::{FormField, Label, Problem},
    offer::About,
};

/// What is filled in.
struct Filled<'a>(&'a [FormField]);

impl Filled<'_> {
    fn field(&self, label: Label) -> Option<&FormField> {
        self.0.iter().find(|f| f.label == label)
    }

    fn text(&self, label: Label) -> String {
        self.field(label).map(FormField::value).unwrap_or_default()
    }

    fn must(&self, label: Label) -> Result<String, Problem> {
        Some(self.text(label)).filter(|t| !t.is_empty()).ok_or(Problem::Missing(label))
    }

    fn parsed<T: FromStr>(&self, label: Label) -> Result<T, Problem> {
        self.must(label)?.parse().map_err(|_| Problem::Malformed(label))
    }

    fn named<T: DeserializeOwned>(&self, label: Label) -> Result<T, Problem> {
        named(&self.must(label)?).ok_or(Problem::Malformed(label))
    }

    fn yes(&self, label: Label) -> bool {
        self.text(label) == "true"
    }

    fn ticked<T: FromStr>(&self, label: Label) -> Vec<T> {
        let all = self.field(label).map(FormField::ticked).unwrap_or_default();
        all.iter().filter_map(|v| v.parse().ok()).collect()
    }

    fn envelopes(&self) -> Result<Vec<Digest>, Problem> {
        let all = self.field(Label::Late).map(FormField::ticked).unwrap_or_default();
        let found: Vec<Digest> = all.iter().filter_map(|v| v.parse().ok()).collect();
        if found.is_empty() { Err(Problem::Missing(Label::Late)) } else { Ok(found) }
    }

    /// The `row`-th group of fields that repeat, by their labels.
    fn repeated(&self, label: Label, row: usize) -> String {
        let field = self.0.iter().filter(|f| f.label == label).nth(row);
        field.map(FormField::value).unwrap_or_default()
    }
}

fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// Makes the command of a step.
///
/// # Errors
/// The field that is empty or holds something else than it asks for. What the rules say of
/// the command is another question ([`About::try_out`]).
pub fn build<R: Rng + ?Sized>(
    verb: Verb,
    about: &About<'_>,
    fields: &[FormField],
    rng: &mut R,
) -> Result<Command, Problem> {
    let filled = Filled(fields);
    let reason = || filled.must(Label::Reason);
    let pin = || about.pin().ok_or(Problem::Refused(shared::workflow::Refusal::ContentMissing));
    Ok(match verb {
        Verb::ConfirmInterview => Command::ConfirmInterview { pin: pin()? },
        Verb::RecordReview => review(&filled, None)?,
        Verb::Paper(OnPaper::Review) => review(&filled, Some(signed(about, &filled)?))?,
        Verb::Paper(OnPaper::Acknowledgement) => {
            let on_paper = signed(about, &filled)?;
            Command::Acknowledge { rendering: on_paper.rendering, on_paper: Some(on_paper) }
        }
        Verb::Paper(OnPaper::Reply) => reply(about, &filled, rng)?,
        Verb::CloseInterview => Command::CloseInterview,
        Verb::CancelInterview => Command::CancelInterview { reason: reason()? },
        Verb::Sign(step) => {
            let why = filled.text(Label::GateReason);
            let gate_override = (is_red(about) && !why.is_empty()).then_some(why);
            Command::Sign { step, pin: pin()?, gate_override }
        }
        Verb::Return => {
            let text = filled.must(Label::Notes)?;
            Command::Return { notes: vec![FieldNote { field: None, text }] }
        }
        Verb::Resolve => resolve(about, &filled)?,
        Verb::AdoptLate => Command::AdoptLate { envelopes: filled.envelopes()? },
        Verb::DeclineLate => {
            Command::DeclineLate { envelopes: filled.envelopes()?, reason: reason()? }
        }
        Verb::Drop => Command::Drop { reason: reason()? },
        Verb::ApproveFinding => Command::ApproveFinding,
        Verb::WithdrawFinding => Command::WithdrawFinding { reason: reason()? },
        Verb::RegisterEvidence => {
            let id = EvidenceId::mint(about.now, rng);
            Command::RegisterEvidence { evidence: evidence(&filled, id)? }
        }
        Verb::Raise => Command::Raise {
            title: filled.must(Label::Title)?,
            question: filled.must(Label::Question)?,
            urgency: filled.named(Label::Urgency)?,
        },
        Verb::Triage => Command::Triage { outcome: triage(&filled)? },
        Verb::Invite => invite(about, &filled)?,
        Verb::GrantExhibit => grant(about, &filled)?,
        Verb::OpenExhibit => Command::OpenExhibit,
        Verb::RevokeExhibit => Command::RevokeExhibit {
            exhibit: filled.parsed(Label::Exhibit)?,
            reason: filled.text(Label::Reason),
        },
        Verb::Conclude => Command::Conclude {
            characterisation: filled.must(Label::Characterisation)?,
            sufficiency: filled.must(Label::Sufficiency)?,
            disposition: filled.must(Label::Disposition)?,
            actions: actions(&filled)?,
        },
        Verb::Dissent => Command::Dissent { text: filled.must(Label::Dissent)? },
        Verb::SignMinutes => Command::SignMinutes { pin: pin()? },
        Verb::ActionDone => Command::ActionDone {
            action: filled.parsed(Label::Action)?,
            note: filled.text(Label::Note),
        },
        Verb::CloseConsultation => Command::CloseConsultation,
        Verb::ProposeNotice => Command::ProposeNotice { pin: pin()? },
        Verb::ApproveNotice => Command::ApproveNotice,
        Verb::IssueNotice => Command::IssueNotice { due: filled.parsed(Label::Due)? },
        Verb::Acknowledge => {
            let desk = about.record.and_then(|r| r.matter.desk());
            let rendering = desk.map_or(Digest([0; 32]), |d| d.notice.edition.rendering_hash);
            Command::Acknowledge { rendering, on_paper: None }
        }
        Verb::Dispute => Command::Dispute { reason: reason()? },
        Verb::DecideDispute => {
            Command::DecideDispute { outcome: dispute(&filled)?, reason: reason()? }
        }
        Verb::SetPlan => Command::SetPlan { measures: plan(about, &filled, rng)? },
        Verb::ReportMeasure => Command::ReportMeasure {
            measure: filled.parsed(Label::Measure)?,
            evidence: filled.ticked(Label::Evidence),
            note: filled.must(Label::Note)?,
        },
        Verb::RequestCheck | Verb::Server => Command::RequestCheck,
        Verb::AskStandIn => {
            let step =
                about.record.and_then(|r| stand_in::vacant(&about.space.state, r, about.now));
            // Where somebody may take it by now, the rules say who.
            Command::AskStandIn { step: step.unwrap_or(Step::Deputy), reason: reason()? }
        }
        Verb::NameStandIn => name_stand_in(about, &filled)?,
        Verb::Check => Command::Check {
            checkers: filled.ticked(Label::Checkers),
            sample: Sample {
                passed: filled.parsed(Label::Passed)?,
                of: filled.parsed(Label::Looked)?,
            },
            evidence: filled.ticked(Label::Evidence),
            notes: filled.text(Label::Note),
        },
        Verb::ExtendDeadline => {
            Command::ExtendDeadline { due: filled.parsed(Label::NewDue)?, reason: reason()? }
        }
        Verb::Comment => Command::CommentEdition { text: filled.must(Label::Comment)? },
    })
}

/// Tells whether the evidence gate misses something in the document.
pub(super) fn is_red(about: &About<'_>) -> bool {
    let (Some(reading), Some(record)) = (about.reading, about.record) else { return false };
    let settled = conflict::settle(reading, &record.resolutions);
    !gate(&settled, &about.space.state.gate_facts()).is_green()
}

/// Returns the hash of what may be signed on paper now.
pub(super) fn printed(about: &About<'_>) -> Option<Digest> {
    let record = about.record?;
    let desk = record.matter.desk().map(|d| d.notice.edition.rendering_hash);
    desk.or_else(|| record.standing().map(|v| v.rendering))
}

/// Makes of the digits at the foot of a signed paper the version it shows. Digits of no version
/// known here make one that the rules refuse: the paper shows something else.
fn version(about: &About<'_>, digits: &str) -> Option<Digest> {
    let hex: String = digits.chars().filter(char::is_ascii_hexdigit).collect();
    let hex = hex.to_ascii_lowercase();
    if hex.len() < PRINTED_DIGITS {
        return None;
    }
    let versions = about.record.into_iter().flat_map(|r| r.versions.iter().map(|v| v.rendering));
    let mut known = printed(about).into_iter().chain(versions);
    known.find(|v| v.to_string().starts_with(&hex)).or(Some(Digest([0; 32])))
}

/// How many digits of its hash a form has at its foot.
const PRINTED_DIGITS: usize = 12;

/// A signature on paper: the scan, the version it shows, and those who saw it.
fn signed(about: &About<'_>, filled: &Filled<'_>) -> Result<Signed, Problem> {
    let digits = filled.must(Label::Printed)?;
    Ok(Signed {
        scan: filled.parsed(Label::Scan)?,
        rendering: version(about, &digits).ok_or(Problem::Malformed(Label::Printed))?,
        witnesses: filled.ticked(Label::Witnesses),
    })
}

fn review(filled: &Filled<'_>, on_paper: Option<Signed>) -> Result<Command, Problem> {
    let outcome: ReviewOutcome = filled.named(Label::Outcome)?;
    let text = filled.text(Label::CorrectedText);
    let corrections = match filled.text(Label::Correction).parse::<ItemId>() {
        Ok(statement) if !text.is_empty() => vec![Correction { statement, text }],
        Err(_) if !text.is_empty() => return Err(Problem::Missing(Label::Correction)),
        Ok(_) if outcome == ReviewOutcome::Corrected => {
            return Err(Problem::Missing(Label::CorrectedText));
        }
        _ => Vec::new(),
    };
    Ok(Command::RecordReview { outcome, corrections, on_paper })
}

fn resolve(about: &About<'_>, filled: &Filled<'_>) -> Result<Command, Problem> {
    let refused = shared::workflow::Refusal::NotAConflict;
    let conflict = first_conflict(about).ok_or(Problem::Refused(refused))?;
    let chosen: Value = serde_json::from_str(&filled.must(Label::Chosen)?)
        .map_err(|_| Problem::Malformed(Label::Chosen))?;
    Ok(Command::ResolveConflict {
        field: conflict.field.clone(),
        ops: conflict::ops_of(conflict),
        chosen,
        reason: filled.must(Label::Reason)?,
    })
}

fn evidence(filled: &Filled<'_>, id: EvidenceId) -> Result<Evidence, Problem> {
    Ok(Evidence {
        id,
        name: filled.must(Label::Name)?,
        kind: filled.named(Label::Kind)?,
        class: filled.named(Label::Class)?,
        origin: filled.must(Label::Origin)?,
        obtained_by: filled.ticked(Label::ObtainedBy),
        obtained_on: filled.parsed::<Date>(Label::ObtainedOn)?.to_string(),
        original_kept_at: filled.text(Label::KeptAt),
        conclusive: filled.yes(Label::Conclusive),
        size: 0,
        content: None,
        file: None,
    })
}

fn triage(filled: &Filled<'_>) -> Result<TriageOutcome, Problem> {
    Ok(match filled.must(Label::Triage)?.as_str() {
        "answer" => TriageOutcome::AnsweredDirectly { answer: filled.must(Label::Answer)? },
        "merge" => TriageOutcome::Merged { into: filled.must(Label::Answer)? },
        _ => TriageOutcome::Convened,
    })
}

fn invite(about: &About<'_>, filled: &Filled<'_>) -> Result<Command, Problem> {
    let chosen: Vec<PersonId> = filled.ticked(Label::Guests);
    let known = |person: &PersonId| {
        let member = about.known.spaces.iter().find_map(|s| s.state.members.get(person))?;
        Some(Guest {
            person: *person,
            name: member.name.clone(),
            post: member.post.clone(),
            roles: member.roles.clone(),
        })
    };
    let guests: Vec<Guest> = chosen.iter().filter_map(known).collect();
    if guests.is_empty() {
        Err(Problem::Missing(Label::Guests))
    } else {
        Ok(Command::Invite { guests })
    }
}

fn grant(about: &About<'_>, filled: &Filled<'_>) -> Result<Command, Problem> {
    let masked = filled.yes(Label::Masked);
    let until =
        data::moment(about.space, &filled.must(Label::UntilDay)?, &filled.must(Label::UntilTime)?)
            .ok_or(Problem::Malformed(Label::UntilTime))?;
    let (_, text) =
        about.content().ok_or(Problem::Refused(shared::workflow::Refusal::ContentMissing))?;
    let names = filled.text(Label::MaskNames);
    let rendering = if masked { mask(&text, &hidden(about, &names)) } else { text };
    Ok(Command::GrantExhibit {
        consultation: filled.parsed(Label::ForQuestion)?,
        rendering,
        // Only the text is shown: fields would carry what the mask hides.
        reading: None,
        masked,
        unmasked_reason: (!masked).then(|| filled.text(Label::UnmaskedReason)),
        left_out: Vec::new(),
        until,
    })
}

/// The names a masked exhibit does not show: of the person talked with, and those typed.
fn hidden(about: &About<'_>, typed: &str) -> Vec<String> {
    let mut names: Vec<String> =
        typed.split([' ', '、', '，', ',']).filter(|n| !n.is_empty()).map(str::to_owned).collect();
    if let Some(shared::model::Body::Interview(talk)) = about.reading.map(|r| &r.body) {
        names.push(talk.interviewee.name.clone());
    }
    names.retain(|n| !n.trim().is_empty());
    // A longer name first, or a shorter one inside it would leave its rest.
    names.sort_by_key(|n| std::cmp::Reverse(n.chars().count()));
    names
}

/// Puts 某甲, 某乙, ... in place of names.
fn mask(text: &str, names: &[String]) -> String {
    const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];
    let mut out = text.to_owned();
    for (i, name) in names.iter().enumerate() {
        let stem = STEMS.get(i).copied().unwrap_or("人");
        out = out.replace(name.as_str(), &format!("某{stem}"));
    }
    out
}

fn actions(filled: &Filled<'_>) -> Result<Vec<AgreedAction>, Problem> {
    let mut out = Vec::new();
    for row in 0..ROWS {
        let what = filled.repeated(Label::What, row);
        let who = filled.repeated(Label::Who, row);
        let due = filled.repeated(Label::Due, row);
        if what.is_empty() && who.is_empty() && due.is_empty() {
            continue;
        }
        if what.is_empty() {
            return Err(Problem::Missing(Label::What));
        }
        if who.is_empty() {
            return Err(Problem::Missing(Label::Who));
        }
        let due = match due.as_str() {
            "" => None,
            day => Some(day.parse().map_err(|_| Problem::Malformed(Label::Due))?),
        };
        out.push(AgreedAction { who, what, due });
    }
    Ok(out)
}

/// The unit's reply as its signed paper has it.
fn reply<R: Rng + ?Sized>(
    about: &About<'_>,
    filled: &Filled<'_>,
    rng: &mut R,
) -> Result<Command, Problem> {
    let on_paper = signed(about, filled)?;
    let known = about.record.and_then(|r| r.matter.desk()).map_or(0, |d| d.measures.len());
    if known == 0 {
        let measures = plan(about, filled, rng)?;
        return Ok(Command::ReplyOnPaper { on_paper, measures, reports: Vec::new(), check: false });
    }
    let mut reports = Vec::new();
    for row in 0..known {
        let note = filled.repeated(Label::Note, row);
        let evidence = filled.0.iter().filter(|f| f.label == Label::Evidence).nth(row);
        let evidence = evidence.map(FormField::ticked).unwrap_or_default();
        let evidence: Vec<EvidenceId> = evidence.iter().filter_map(|e| e.parse().ok()).collect();
        // A measure of which the paper says nothing is not reported.
        if note.is_empty() && evidence.is_empty() {
            continue;
        }
        let measure = filled.repeated(Label::Measure, row);
        let measure = measure.parse().map_err(|_| Problem::Malformed(Label::Measure))?;
        reports.push(MeasureReply { measure, evidence, note });
    }
    let check = filled.yes(Label::AsksCheck);
    if reports.is_empty() && !check {
        return Err(Problem::Missing(Label::Note));
    }
    Ok(Command::ReplyOnPaper { on_paper, measures: Vec::new(), reports, check })
}

/// Names a stand-in from now to the end of a day.
fn name_stand_in(about: &About<'_>, filled: &Filled<'_>) -> Result<Command, Problem> {
    let request = about.record.and_then(|r| r.matter.stand_in());
    let wanted = &request.ok_or(Problem::Refused(Refusal::WrongKind))?.wanted;
    let day = filled.must(Label::StandInUntil)?;
    let until = data::day_end(about.space, &day).ok_or(Problem::Malformed(Label::StandInUntil))?;
    Ok(Command::NameStandIn {
        space: wanted.space,
        step: wanted.step,
        person: filled.parsed(Label::StandIn)?,
        from: about.now,
        until,
        reason: filled.must(Label::Reason)?,
    })
}

fn dispute(filled: &Filled<'_>) -> Result<DisputeOutcome, Problem> {
    Ok(match filled.must(Label::Dispute)?.as_str() {
        "amend" => DisputeOutcome::Amended { request: filled.must(Label::Request)? },
        "withdraw" => DisputeOutcome::Withdrawn,
        _ => DisputeOutcome::Upheld,
    })
}

fn plan<R: Rng + ?Sized>(
    about: &About<'_>,
    filled: &Filled<'_>,
    rng: &mut R,
) -> Result<Vec<PlannedMeasure>, Problem> {
    let mut out = Vec::new();
    for row in 0..ROWS {
        let act = filled.repeated(Label::Measure, row);
        let owner = filled.repeated(Label::Owner, row);
        let due = filled.repeated(Label::Due, row);
        if act.is_empty() && owner.is_empty() && due.is_empty() {
            continue;
        }
        for (label, text) in [(Label::Measure, &act), (Label::Owner, &owner), (Label::Due, &due)] {
            if text.is_empty() {
                return Err(Problem::Missing(label));
            }
        }
        let day: Date = due.parse().map_err(|_| Problem::Malformed(Label::Due))?;
        let id = ItemId::mint(about.now, rng);
        out.push(PlannedMeasure { id, act, owner, due: day.to_string() });
    }
    if out.is_empty() { Err(Problem::Missing(Label::Measure)) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn a_masked_text_shows_no_part_of_a_name() {
        let names = ["张某某".to_owned(), "张某".to_owned()];
        assert_eq!(mask("张某某与张某同去", &names), "某甲与某乙同去");
    }
}
