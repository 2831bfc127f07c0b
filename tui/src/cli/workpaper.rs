//! `xunji workpaper`: the one-matter file, form F2.
use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use serde_json::{Value as Json, json};
use shared::{
    doc::{
        Birth, Edit, Initial,
        schema::{self, item_path},
    },
    model::{Body, DocKind, FieldPath, Value},
    workflow::{
        Command, Matter, Refusal, SpaceKind, Step,
        command::FieldNote,
        conflict::{ops_of, settle},
        deadline::end_of_day,
        gate::gate,
    },
};

use super::{
    failure::Failure,
    field, join,
    names::{item_in, name_of},
    session::{At, Session},
    shown::Shown,
};
use crate::words::t;

/// A step of the three-step sign-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StepName {
    /// 承办人
    Maker,
    /// 副组长
    Deputy,
    /// 组长
    Leader,
}

impl From<StepName> for Step {
    fn from(name: StepName) -> Self {
        match name {
            StepName::Maker => Self::Maker,
            StepName::Deputy => Self::Deputy,
            StepName::Leader => Self::Leader,
        }
    }
}

/// What becomes of late arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LateVerb {
    /// Only look.
    Show,
    /// Into the document.
    Adopt,
    /// Stay out for good.
    Decline,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Begin a paper.
    New {
        /// The matter, in one line.
        title: String,
        /// More: FIELD=VALUE, amount=YUAN.
        fields: Vec<String>,
    },
    /// Set fields: FIELD=VALUE; amount=YUAN.
    Set {
        /// The paper.
        record: String,
        /// What to set.
        #[arg(required = true)]
        fields: Vec<String>,
    },
    /// Assert a fact.
    AddFact {
        /// The paper.
        record: String,
        /// The assertion.
        text: String,
        /// An item of evidence that carries it.
        #[arg(long)]
        evidence: Vec<String>,
        /// A statement that carries it, as INTERVIEW_ID/STATEMENT_ID.
        #[arg(long)]
        statement: Vec<String>,
    },
    /// Name a rule that was breached.
    AddCriterion {
        /// The paper.
        record: String,
        /// The instrument.
        #[arg(long)]
        instrument: String,
        /// The article.
        #[arg(long, default_value = "")]
        article: String,
        /// The version in force.
        #[arg(long, default_value = "")]
        edition: String,
    },
    /// Attach evidence, to the paper or to one of its facts.
    Attach {
        /// The paper.
        record: String,
        /// The item.
        evidence: String,
        /// The fact, by place or id.
        #[arg(long)]
        fact: Option<String>,
    },
    /// Sign one step.
    Sign {
        /// The paper.
        record: String,
        /// Which step.
        #[arg(long = "as", value_enum)]
        step: StepName,
        /// Why it is signed over a red evidence gate.
        #[arg(long = "override", value_name = "REASON")]
        gate_override: Option<String>,
    },
    /// Return it to its makers, or take back one's own signature.
    Return {
        /// The paper.
        record: String,
        /// The remark.
        note: String,
        /// The field it is about.
        #[arg(long)]
        field: Option<String>,
    },
    /// Settle a judgement field with concurrent values.
    Resolve {
        /// The paper.
        record: String,
        /// The field.
        field: String,
        /// The value that holds.
        #[arg(long)]
        to: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Late arrivals: look, adopt, decline.
    Late {
        /// The paper.
        record: String,
        /// What to do.
        #[arg(value_enum, default_value_t = LateVerb::Show)]
        verb: LateVerb,
        /// Only these; all that wait if none is named.
        #[arg(long)]
        envelope: Vec<String>,
        /// Why they are declined.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Ask the office for a stand-in, where nobody may take the next step.
    AskStandIn {
        /// The paper.
        record: String,
        /// Which step.
        #[arg(long = "as", value_enum)]
        step: StepName,
        /// Why nobody may take it.
        #[arg(long)]
        reason: String,
    },
    /// As the office: what groups ask a stand-in for, and who may be named.
    StandIns,
    /// As the office's director: name a stand-in for the step a group asks about.
    StandIn {
        /// The request, by its paper's number.
        record: String,
        /// Who; one of those the request names.
        #[arg(long)]
        person: String,
        /// The last day, ISO; the stand-in may sign from now on.
        #[arg(long, value_parser = field::date)]
        until: Date,
        /// Why; as the group gave it if not given.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Give a paper up.
    Drop {
        /// The paper.
        record: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Write in it while others do, until standard input ends: edits in, events out, each a
    /// line of JSON.
    Join {
        /// The paper.
        record: String,
    },
    /// All papers.
    List,
    /// One paper.
    Show {
        /// The paper.
        record: String,
    },
    /// What the evidence gate misses.
    Gate {
        /// The paper.
        record: String,
    },
}

const fn is_paper(matter: &Matter) -> bool {
    matches!(matter, Matter::Workpaper(_))
}

impl Verb {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::New { title, fields } => {
                let space = s.one_space(|k| k == SpaceKind::Engagement).await?;
                let edits = edits(&fields)?;
                let birth = Birth::new().text("title", &title);
                let doc = s.node.begin(space, DocKind::Workpaper, &birth).await?;
                s.node.edit(space, doc, &edits).await?;
                s.saved(At { space, doc }, None).await
            }
            Self::Set { record, fields } => {
                let at = s.record(&record, is_paper).await?;
                s.node.edit(at.space, at.doc, &edits(&fields)?).await?;
                s.saved(at, None).await
            }
            Self::AddFact { record, text, evidence, statement } => {
                let at = s.record(&record, is_paper).await?;
                let mut items = Vec::new();
                for name in &evidence {
                    items.push(s.evidence(at.space, name).await?.to_string());
                }
                let fields = [
                    ("text".to_owned(), Initial::Value(Value::Text(text))),
                    ("evidence".to_owned(), Initial::Members(items)),
                    ("statements".to_owned(), Initial::Members(statement)),
                ];
                add_item(s, at, "facts", fields.into()).await
            }
            Self::AddCriterion { record, instrument, article, edition } => {
                let at = s.record(&record, is_paper).await?;
                let fields =
                    [("instrument", instrument), ("article", article), ("version", edition)]
                        .into_iter()
                        .filter(|(_, v)| !v.is_empty())
                        .map(|(k, v)| (k.to_owned(), Initial::Value(Value::Text(v))));
                add_item(s, at, "criteria", fields.collect()).await
            }
            Self::Attach { record, evidence, fact } => {
                let at = s.record(&record, is_paper).await?;
                let member = s.evidence(at.space, &evidence).await?.to_string();
                let field = match fact {
                    Some(name) => {
                        let reading = s.node.reading(at.space, at.doc).await?;
                        let Body::Workpaper(paper) = &reading.body else {
                            return Err(Failure::Unknown { name });
                        };
                        let fact = item_in(paper.facts.iter().map(|f| f.id), &name)?;
                        FieldPath(format!("{}/evidence", item_path("facts", fact).0))
                    }
                    None => FieldPath::top("evidence"),
                };
                s.node.edit(at.space, at.doc, &[Edit::AddMember { field, member }]).await?;
                s.saved(at, None).await
            }
            Self::Sign { record, step, gate_override } => {
                let at = s.record(&record, is_paper).await?;
                let pin = s.pin(at).await?;
                s.ask(at, Command::Sign { step: step.into(), pin, gate_override }).await
            }
            Self::Return { record, note, field } => {
                let at = s.record(&record, is_paper).await?;
                let notes = vec![FieldNote { field: field.map(FieldPath), text: note }];
                s.ask(at, Command::Return { notes }).await
            }
            Self::Resolve { record, field, to, reason } => {
                let at = s.record(&record, is_paper).await?;
                let command = resolution(s, at, &field, &to, reason).await?;
                s.ask(at, command).await
            }
            Self::Late { record, verb, envelope, reason } => {
                let at = s.record(&record, is_paper).await?;
                late(s, at, verb, &envelope, reason).await
            }
            Self::AskStandIn { record, step, reason } => {
                let at = s.record(&record, is_paper).await?;
                s.ask(at, Command::AskStandIn { step: step.into(), reason }).await
            }
            Self::StandIns => stand_ins(s).await,
            Self::StandIn { record, person, until, reason } => {
                let at = s.record(&record, |m| m.stand_in().is_some()).await?;
                let command = named(s, at, &person, until, reason).await?;
                s.ask(at, command).await
            }
            Self::Drop { record, reason } => {
                let at = s.record(&record, is_paper).await?;
                s.ask(at, Command::Drop { reason }).await
            }
            Self::Join { record } => {
                let at = s.record(&record, is_paper).await?;
                join::join(s, at).await
            }
            Self::List => s.list(is_paper).await,
            Self::Show { record } => {
                let at = s.record(&record, is_paper).await?;
                s.show(at).await
            }
            Self::Gate { record } => {
                let at = s.record(&record, is_paper).await?;
                show_gate(s, at).await
            }
        }
    }
}

/// Lists what groups ask a stand-in for.
async fn stand_ins(s: &mut Session) -> Result<Shown, Failure> {
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for space in s.chosen_spaces().await? {
        let state = s.state(space).await?;
        for (record, request) in state.matters(|m| m.stand_in()) {
            let wanted = &request.wanted;
            let people = wanted.people.iter().map(|p| p.name.clone());
            let step = s.say.words.step(wanted.step);
            let words = &s.say.words;
            let answer = match &request.named {
                None => t!(words, "stand-in-wanted", step = step),
                Some(_) => format!("{step} {}", t!(words, "stand-in-named")),
            };
            let people = words.join(people);
            lines.push(format!("{}  {}  {answer}  {people}", wanted.number, wanted.stay));
            rows.push(json!({
                "request": record.doc, "number": wanted.number, "space": wanted.space,
                "stay": wanted.stay, "step": wanted.step, "reason": wanted.reason,
                "by": wanted.name, "people": wanted.people, "named": request.named,
            }));
        }
    }
    if rows.is_empty() {
        lines.push(s.say.nothing());
    }
    Ok(Shown::new(Json::Array(rows), lines))
}

/// Names one of those a request leaves to choose from, until the end of a day.
async fn named(
    s: &mut Session,
    at: At,
    name: &str,
    until: Date,
    reason: Option<String>,
) -> Result<Command, Failure> {
    let state = s.state(at.space).await?;
    let request = state.record(at.doc).and_then(|r| r.matter.stand_in());
    let unknown = || Failure::Unknown { name: name.to_owned() };
    let wanted = &request.ok_or_else(unknown)?.wanted;
    let fits: Vec<_> =
        wanted.people.iter().filter(|p| p.name == name || p.person.to_string() == name).collect();
    let person = match fits[..] {
        [one] => one.person,
        [] => return Err(unknown()),
        _ => {
            let fits = fits.iter().map(|p| format!("{} {}", p.name, p.person)).collect();
            return Err(Failure::Ambiguous { name: name.to_owned(), fits });
        }
    };
    let pack = state.rule_pack.as_ref();
    let missing = || Refusal::NotConfigured { what: "rule_pack".to_owned() };
    let offset = pack.ok_or_else(missing)?.utc_offset;
    Ok(Command::NameStandIn {
        space: wanted.space,
        step: wanted.step,
        person,
        from: s.now(),
        until: end_of_day(until, offset).map_err(|_| missing())?,
        reason: reason.unwrap_or_else(|| wanted.reason.clone()),
    })
}

fn edits(fields: &[String]) -> Result<Vec<Edit>, Failure> {
    fields
        .iter()
        .map(|text| {
            let (name, value) = field::pair(text)?;
            if name == "amount" {
                let fen = field::fen(&value)?;
                let field = FieldPath::top("amount_fen");
                return Ok(Edit::SetField { field, value: Value::Int(fen) });
            }
            field::set(DocKind::Workpaper, &name, &value)
        })
        .collect()
}

async fn add_item(
    s: &mut Session,
    at: At,
    list: &str,
    fields: std::collections::BTreeMap<String, Initial>,
) -> Result<Shown, Failure> {
    let id = s.new_item();
    let edit = Edit::AddItem { list: FieldPath::top(list), id, fields };
    s.node.edit(at.space, at.doc, &[edit]).await?;
    let mut shown = s.saved(at, None).await?;
    shown.value["item"] = json!(id);
    Ok(shown)
}

async fn resolution(
    s: &mut Session,
    at: At,
    name: &str,
    to: &str,
    reason: String,
) -> Result<Command, Failure> {
    let reading = s.node.reading(at.space, at.doc).await?;
    let field = FieldPath(name.to_owned());
    let unknown = || Failure::Unknown { name: name.to_owned() };
    let ty = schema::address(reading.kind(), &field)
        .and_then(|a| match a {
            schema::Address::Top(f) | schema::Address::ItemField(_, _, f) => f.ty.scalar(),
            schema::Address::Item(..) => None,
        })
        .ok_or_else(unknown)?;
    let chosen = field::value(ty, to).ok_or_else(unknown)?;
    let conflict = reading.conflicts.iter().find(|c| c.field == field);
    let ops = conflict.map(ops_of).unwrap_or_default();
    Ok(Command::ResolveConflict { field, ops, chosen, reason })
}

async fn late(
    s: &mut Session,
    at: At,
    verb: LateVerb,
    only: &[String],
    reason: String,
) -> Result<Shown, Failure> {
    let state = s.state(at.space).await?;
    let waiting: Vec<_> = state
        .record(at.doc)
        .into_iter()
        .flat_map(|r| r.late_waiting())
        .filter(|l| only.is_empty() || only.iter().any(|o| l.envelope.to_string().starts_with(o)))
        .collect();
    let envelopes = waiting.iter().map(|l| l.envelope).collect();
    match verb {
        LateVerb::Show => {
            let lines = waiting
                .iter()
                .map(|l| {
                    let why = s.say.words.aside(&l.reason);
                    format!("{}  {}  {why}", l.envelope, name_of(&state, l.by))
                })
                .collect();
            Ok(Shown::new(json!(waiting), lines))
        }
        LateVerb::Adopt => s.ask(at, Command::AdoptLate { envelopes }).await,
        LateVerb::Decline => s.ask(at, Command::DeclineLate { envelopes, reason }).await,
    }
}

async fn show_gate(s: &mut Session, at: At) -> Result<Shown, Failure> {
    let state = s.state(at.space).await?;
    let reading = s.node.reading(at.space, at.doc).await?;
    let reading = match state.record(at.doc) {
        Some(record) => settle(&reading, &record.resolutions),
        None => reading,
    };
    let gate = gate(&reading, &state.gate_facts());
    let items: Vec<Json> = gate.red.iter().map(|item| json!(item)).collect();
    let mut lines = vec![match gate.is_green() {
        true => s.say.gate_green(),
        false => s.say.gate_red(items.len()),
    }];
    lines.extend(gate.red.iter().map(|i| format!("  {}", s.say.words.gate_item(i))));
    Ok(Shown::new(json!({ "green": gate.is_green(), "red": items }), lines))
}
