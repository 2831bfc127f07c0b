//! What each step asks a person to fill in.
use shared::{
    model::{
        Value,
        evidence::{EvidenceClass, EvidenceKind},
        round::Role,
    },
    workflow::{
        command::{ReviewOutcome, Urgency},
        conflict,
        notice::MeasureState,
        state::{GROUP_ROLES, UNIT_ROLES},
    },
};

use super::{OnPaper, Verb};
use crate::app::{
    dialog::{Choice, DisputeChoice, FormField, Input, Label, Shown, TriageChoice},
    list,
    offer::About,
};

/// How many measures or actions one dialogue takes.
pub(super) const ROWS: usize = 5;

/// Returns the fields of a step's dialogue; none when it only asks to be confirmed.
pub fn fields(verb: Verb, about: &About<'_>) -> Vec<FormField> {
    use FormField as F;
    match verb {
        Verb::ConfirmInterview
        | Verb::CloseInterview
        | Verb::ApproveFinding
        | Verb::SignMinutes
        | Verb::CloseConsultation
        | Verb::ProposeNotice
        | Verb::ApproveNotice
        | Verb::Acknowledge
        | Verb::RequestCheck
        | Verb::OpenExhibit
        | Verb::Server => Vec::new(),
        Verb::AskStandIn => vec![F::text(Label::Reason, "")],
        Verb::NameStandIn => {
            let request = about.record.and_then(|r| r.matter.stand_in());
            let why = request.map(|s| s.wanted.reason.as_str()).unwrap_or_default();
            vec![
                F::pick(Label::StandIn, group_left(about)),
                F::line(Label::StandInUntil, &day(about)),
                F::text(Label::Reason, why),
            ]
        }
        Verb::CancelInterview | Verb::Drop | Verb::WithdrawFinding => {
            vec![F::text(Label::Reason, "")]
        }
        Verb::Sign(_) if super::build::is_red(about) => {
            vec![F::text(Label::GateReason, "").or_empty()]
        }
        Verb::Sign(_) => Vec::new(),
        Verb::RecordReview => vec![
            F::pick(Label::Outcome, outcomes()),
            F::pick(Label::Correction, statements(about)).or_empty(),
            F::text(Label::CorrectedText, "").or_empty(),
        ],
        Verb::Paper(OnPaper::Review) => {
            let mut all = fields(Verb::RecordReview, about);
            all.extend(on_paper(about));
            all
        }
        Verb::Paper(OnPaper::Acknowledgement) => on_paper(about),
        Verb::Paper(OnPaper::Reply) => reply(about),
        Verb::Return => vec![F::text(Label::Notes, "")],
        Verb::Resolve => {
            vec![F::pick(Label::Chosen, concurrent(about)), F::text(Label::Reason, "")]
        }
        Verb::AdoptLate => vec![F::ticks(Label::Late, late(about))],
        Verb::DeclineLate => vec![F::ticks(Label::Late, late(about)), F::text(Label::Reason, "")],
        Verb::RegisterEvidence => vec![
            F::line(Label::Attach, "").or_empty(),
            F::line(Label::Name, ""),
            F::pick(Label::Kind, kinds()),
            F::pick(Label::Class, classes()),
            F::line(Label::Origin, ""),
            obtainers(about),
            F::line(Label::ObtainedOn, &day(about)),
            F::line(Label::KeptAt, "").or_empty(),
            F::pick(Label::Conclusive, yes_no()),
        ],
        Verb::Raise => vec![
            F::line(Label::Title, ""),
            F::text(Label::Question, ""),
            F::pick(Label::Urgency, urgencies()),
        ],
        Verb::Triage => {
            vec![F::pick(Label::Triage, triage()), F::text(Label::Answer, "").or_empty()]
        }
        Verb::Invite => vec![F::ticks(Label::Guests, strangers(about))],
        Verb::GrantExhibit => vec![
            F::pick(Label::ForQuestion, questions(about)),
            F::pick(Label::Masked, yes_no_from(true)),
            F::line(Label::MaskNames, "").or_empty(),
            F::line(Label::UnmaskedReason, "").or_empty(),
            F::line(Label::UntilDay, &day(about)),
            F::line(Label::UntilTime, "18:00"),
        ],
        Verb::RevokeExhibit => {
            vec![F::pick(Label::Exhibit, exhibits(about)), F::line(Label::Reason, "").or_empty()]
        }
        Verb::Conclude => {
            let mut all = vec![
                F::line(Label::Characterisation, &said(about, "characterisation")),
                F::line(Label::Sufficiency, &said(about, "sufficiency")),
                F::text(Label::Disposition, &said(about, "disposition")),
            ];
            for _ in 0..ROWS {
                all.push(F::line(Label::What, "").or_empty());
                all.push(F::line(Label::Who, "").or_empty());
                all.push(F::line(Label::Due, "").or_empty());
            }
            all
        }
        Verb::Dissent => vec![F::text(Label::Dissent, "")],
        Verb::ActionDone => {
            vec![F::pick(Label::Action, actions(about)), F::text(Label::Note, "").or_empty()]
        }
        Verb::IssueNotice => vec![F::line(Label::Due, &exit(about))],
        Verb::Dispute => vec![F::text(Label::Reason, "")],
        Verb::DecideDispute => vec![
            F::pick(Label::Dispute, disputes()),
            F::text(Label::Request, "").or_empty(),
            F::text(Label::Reason, ""),
        ],
        Verb::SetPlan => plan(),
        Verb::ReportMeasure => vec![
            F::pick(Label::Measure, measures(about)),
            F::ticks(Label::Evidence, evidence(about)).or_empty(),
            F::text(Label::Note, ""),
        ],
        Verb::Check => vec![
            F::ticks(Label::Checkers, people(about)),
            F::line(Label::Passed, ""),
            F::line(Label::Looked, ""),
            F::ticks(Label::Evidence, evidence(about)).or_empty(),
            F::text(Label::Note, "").or_empty(),
        ],
        Verb::ExtendDeadline => vec![F::line(Label::NewDue, ""), F::text(Label::Reason, "")],
        Verb::Comment => vec![F::text(Label::Comment, "")],
    }
}

/// Who may have obtained an item: the group's members, at a desk also the unit's; whoever
/// registers it is ticked.
fn obtainers(about: &About<'_>) -> FormField {
    let roles = [GROUP_ROLES, UNIT_ROLES].concat();
    let mut members: Vec<_> = about.space.state.holders(&roles, about.now).collect();
    members.sort_by_key(|m| m.person != about.known.me);
    let options = members.iter().map(|m| Choice::plain(m.person.to_string(), &m.name)).collect();
    let on = members.iter().map(|m| m.person == about.known.me).collect();
    let input = Input::Ticks { options, on, at: 0 };
    FormField { input, ..FormField::ticks(Label::ObtainedBy, Vec::new()) }
}

/// Those of a group whom the office may name as a stand-in.
fn group_left(about: &About<'_>) -> Vec<Choice> {
    let request = about.record.and_then(|r| r.matter.stand_in());
    let people = request.into_iter().flat_map(|s| &s.wanted.people);
    people.map(|p| Choice::plain(p.person.to_string(), format!("{} {}", p.name, p.post))).collect()
}

/// Rows for measures, of which the first is filled in.
fn plan() -> Vec<FormField> {
    use FormField as F;
    let mut all = Vec::new();
    for row in 0..ROWS {
        let need = |f: F| if row == 0 { f } else { f.or_empty() };
        all.push(need(F::line(Label::Measure, "")));
        all.push(need(F::line(Label::Owner, "")));
        all.push(need(F::line(Label::Due, "")));
    }
    all
}

/// What the unit's reply on paper says: its plan where there is none yet, else what was done
/// for each measure; and whether it asks for the check.
fn reply(about: &About<'_>) -> Vec<FormField> {
    use FormField as F;
    let mut all = on_paper(about);
    let desk = about.record.and_then(|r| r.matter.desk());
    match desk.map(|d| &d.measures[..]) {
        None | Some([]) => all.extend(plan()),
        Some(known) => {
            for m in known {
                let one = Choice::plain(m.measure.id.to_string(), measure_name(m));
                all.push(F::pick(Label::Measure, vec![one]));
                all.push(F::ticks(Label::Evidence, evidence(about)).or_empty());
                all.push(F::line(Label::Note, "").or_empty());
            }
            all.push(F::pick(Label::AsksCheck, yes_no()));
        }
    }
    all
}

fn measure_name(m: &MeasureState) -> String {
    format!("{} {}", m.number, m.measure.act)
}

/// What a signature on paper takes: its scan, the version it shows, two who saw it.
fn on_paper(about: &About<'_>) -> Vec<FormField> {
    vec![
        FormField::pick(Label::Scan, scans(about)),
        FormField::line(Label::Printed, ""),
        FormField::ticks(Label::Witnesses, people(about)),
    ]
}

/// The signed papers that are registered, the newest first.
fn scans(about: &About<'_>) -> Vec<Choice> {
    let all = about.space.state.evidence.values();
    let mut all: Vec<_> = all.filter(|r| r.evidence.kind == EvidenceKind::Scan).collect();
    all.sort_by(|a, b| b.number.cmp(&a.number));
    all.into_iter()
        .map(|r| {
            let name = format!("{} {}", r.number, r.evidence.name);
            Choice::plain(r.evidence.id.to_string(), name)
        })
        .collect()
}

fn said(about: &About<'_>, key: &str) -> String {
    use shared::model::Body;
    let Some(Body::Consultation(c)) = about.reading.map(|r| &r.body) else { return String::new() };
    match key {
        "characterisation" => c.characterisation.clone(),
        "sufficiency" => c.sufficiency.clone(),
        _ => c.disposition.clone(),
    }
}

fn day(about: &About<'_>) -> String {
    crate::app::data::local_day(about.space, about.now)
}

fn exit(about: &About<'_>) -> String {
    let stay = about.space.state.info.as_ref().and_then(|i| i.engagement.as_ref());
    stay.map(|s| s.exit_on.to_string()).unwrap_or_default()
}

fn outcomes() -> Vec<Choice> {
    [
        (ReviewOutcome::Signed, "signed"),
        (ReviewOutcome::Corrected, "corrected"),
        (ReviewOutcome::Declined, "declined"),
        (ReviewOutcome::NotApplicable, "not_applicable"),
    ]
    .map(|(o, name)| Choice::coded(name, Shown::Review(o)))
    .into()
}

fn statements(about: &About<'_>) -> Vec<Choice> {
    let mut out = vec![Choice::coded("", Shown::Nothing)];
    if let Some(shared::model::Body::Interview(talk)) = about.reading.map(|r| &r.body) {
        for (i, s) in talk.statements.iter().enumerate().filter(|(_, s)| s.removed.is_none()) {
            out.push(Choice::plain(s.id.to_string(), format!("{}. {}", i + 1, s.text)));
        }
    }
    out
}

/// The concurrent values of the first unsettled field, as JSON, each with who holds it.
fn concurrent(about: &About<'_>) -> Vec<Choice> {
    let Some(conflict) = first_conflict(about) else { return Vec::new() };
    let mut out: Vec<(String, Shown, Vec<String>)> = Vec::new();
    for value in &conflict.values {
        let json = serde_json::to_string(&value.value).unwrap_or_default();
        let author = about.authors.and_then(|a| a.get(&value.actor));
        let who = author.and_then(|p| about.known.name(*p)).map(str::to_owned);
        match out.iter_mut().find(|(known, ..)| *known == json) {
            Some((_, _, holders)) => holders.extend(who),
            None => out.push((json, shown(&value.value), who.into_iter().collect())),
        }
    }
    let held = |(json, shown, who)| Choice::coded(json, Shown::Held(Box::new(shown), who));
    out.into_iter().map(held).collect()
}

/// Returns the first conflict that nobody has settled.
pub fn first_conflict<'a>(about: &About<'a>) -> Option<&'a shared::model::Conflict> {
    conflict::unsettled(about.reading?, &about.record?.resolutions).into_iter().next()
}

fn shown(value: &Value) -> Shown {
    use shared::model::{interview::StatementTag, workpaper::Severity};
    match value {
        Value::Empty => Shown::Nothing,
        Value::Bool(yes) => Shown::YesNo(*yes),
        Value::Int(fen) => Shown::Plain(crate::app::data::yuan(*fen)),
        Value::Text(text) => match (Severity::from_name(text), StatementTag::from_name(text)) {
            (Some(s), _) => Shown::Severity(s),
            (_, Some(t)) => Shown::Tag(t),
            _ => Shown::Plain(text.clone()),
        },
    }
}

fn late(about: &About<'_>) -> Vec<Choice> {
    let waiting = about.record.into_iter().flat_map(|r| r.late_waiting());
    waiting
        .map(|l| {
            let shown = Shown::Late {
                by: l.by,
                name: about.known.name(l.by).map(str::to_owned),
                at: crate::app::data::local(about.space, l.at, about.now),
                changes: about.space.late.get(&l.envelope).cloned().unwrap_or_default(),
            };
            Choice::coded(l.envelope.to_string(), shown)
        })
        .collect()
}

fn kinds() -> Vec<Choice> {
    [
        (EvidenceKind::Document, "document"),
        (EvidenceKind::Record, "record"),
        (EvidenceKind::DataExtract, "data_extract"),
        (EvidenceKind::Photo, "photo"),
        (EvidenceKind::Statement, "statement"),
        (EvidenceKind::Survey, "survey"),
        (EvidenceKind::SiteNote, "site_note"),
        (EvidenceKind::ThirdParty, "third_party"),
        (EvidenceKind::Scan, "scan"),
    ]
    .map(|(k, name)| Choice::coded(name, Shown::Kind(k)))
    .into()
}

fn classes() -> Vec<Choice> {
    [
        (EvidenceClass::Base, "base"),
        (EvidenceClass::Intent, "intent"),
        (EvidenceClass::Act, "act"),
        (EvidenceClass::Effect, "effect"),
    ]
    .map(|(c, name)| Choice::coded(name, Shown::Class(c)))
    .into()
}

fn yes_no() -> Vec<Choice> {
    yes_no_from(false)
}

fn yes_no_from(first: bool) -> Vec<Choice> {
    [first, !first].map(|yes| Choice::coded(yes.to_string(), Shown::YesNo(yes))).into()
}

fn urgencies() -> Vec<Choice> {
    [(Urgency::Urgent, "urgent"), (Urgency::Ordinary, "ordinary")]
        .map(|(u, name)| Choice::coded(name, Shown::Urgency(u)))
        .into()
}

fn triage() -> Vec<Choice> {
    [
        (TriageChoice::Convene, "convene"),
        (TriageChoice::Answer, "answer"),
        (TriageChoice::Merge, "merge"),
    ]
    .map(|(t, name)| Choice::coded(name, Shown::Triage(t)))
    .into()
}

fn disputes() -> Vec<Choice> {
    [
        (DisputeChoice::Uphold, "uphold"),
        (DisputeChoice::Amend, "amend"),
        (DisputeChoice::Withdraw, "withdraw"),
    ]
    .map(|(d, name)| Choice::coded(name, Shown::Dispute(d)))
    .into()
}

/// The group's members in the space.
fn people(about: &About<'_>) -> Vec<Choice> {
    about
        .space
        .state
        .holders(GROUP_ROLES, about.now)
        .map(|m| Choice::plain(m.person.to_string(), &m.name))
        .collect()
}

/// People of the groups, and experts, whom this laptop knows from elsewhere and who are not in
/// the space. The unit's own people are never asked in.
fn strangers(about: &About<'_>) -> Vec<Choice> {
    let roles = [GROUP_ROLES, &[Role::Expert]].concat();
    let mut out: Vec<Choice> = Vec::new();
    for space in &about.known.spaces {
        let group = space.state.info.as_ref().and_then(|i| i.group.as_ref());
        for member in space.state.holders(&roles, about.now) {
            let id = member.person.to_string();
            let here = about.space.state.members.contains_key(&member.person);
            let Some(role) = member.roles.iter().copied().find(|r| roles.contains(r)) else {
                continue;
            };
            if !here && out.iter().all(|c| c.value != id) {
                let group = group.map(|g| g.name.clone());
                let shown = Shown::Guest { name: member.name.clone(), role, group };
                out.push(Choice::coded(id, shown));
            }
        }
    }
    out
}

/// The questions raised here that are not over.
fn questions(about: &About<'_>) -> Vec<Choice> {
    let open = about.space.state.matters(|m| m.question()).filter(|(_, q)| q.closed.is_none());
    open.map(|(r, q)| Choice::plain(r.doc.to_string(), &q.title)).collect()
}

fn exhibits(about: &About<'_>) -> Vec<Choice> {
    let question = about.record.and_then(|r| r.matter.question());
    let shown = question.into_iter().flat_map(|q| &q.exhibits).filter(|e| e.revoked.is_none());
    shown
        .map(|e| {
            let source = about.space.state.record(e.source);
            let name = source.map(|r| {
                format!("{} {}", r.number().unwrap_or_default(), list::title(about.space, r))
            });
            Choice::plain(e.exhibit.to_string(), name.unwrap_or_default())
        })
        .collect()
}

fn actions(about: &About<'_>) -> Vec<Choice> {
    let session = about.record.and_then(|r| r.matter.consultation());
    let open = session.into_iter().flat_map(|c| &c.actions).filter(|a| a.done.is_none());
    open.map(|a| Choice::plain(a.id.to_string(), format!("{} {}", a.action.who, a.action.what)))
        .collect()
}

fn measures(about: &About<'_>) -> Vec<Choice> {
    let desk = about.record.and_then(|r| r.matter.desk());
    let all = desk.into_iter().flat_map(|d| &d.measures);
    all.map(|m| Choice::plain(m.measure.id.to_string(), measure_name(m))).collect()
}

fn evidence(about: &About<'_>) -> Vec<Choice> {
    let all = about.space.state.evidence.values();
    all.map(|r| {
        Choice::plain(r.evidence.id.to_string(), format!("{} {}", r.number, r.evidence.name))
    })
    .collect()
}
