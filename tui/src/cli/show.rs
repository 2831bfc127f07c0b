//! Lists and single records, in one shape for every noun; and `xunji export`.
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use shared::{
    doc::render,
    journal::labels::labels,
    model::{Body, Digest, Reading},
    workflow::{
        Matter, Record, SpaceState, conflict, consultation::ExhibitState, gate::gate, next_holder,
        timers,
    },
};

use super::{
    ask::number_in,
    failure::Failure,
    names::{local, matter_name, name_of, title},
    say::Say,
    session::{At, Session},
    shown::Shown,
};
use crate::paper::{PaperForm, docx, form_of};

/// How many hexadecimal digits of a text's hash a printed page shows.
const FOOT: usize = 12;

impl Session {
    /// Lists the records whose matter fits.
    pub(super) async fn list(&mut self, fits: impl Fn(&Matter) -> bool) -> Result<Shown, Failure> {
        let mut rows = Vec::new();
        let mut lines = Vec::new();
        for space in self.chosen_spaces().await? {
            let state = self.state(space).await?;
            let place = title(&state);
            for record in state.records.values().filter(|r| fits(&r.matter)) {
                let at = At { space, doc: record.doc };
                let (name, conflicts) = self.line_of(at, record).await;
                let number = number_in(&state, record.doc);
                let holder = next_holder(record).name();
                lines.push(format!("{number}  {name}  {place}"));
                rows.push(json!({
                    "record": record.doc, "number": number, "title": name, "space": space,
                    "in": place, "matter": matter_name(&record.matter), "holder": holder,
                    "conflicts": conflicts, "late": record.late_waiting().count(),
                }));
            }
        }
        if rows.is_empty() {
            lines.push(self.say.nothing());
        }
        Ok(Shown::new(Value::Array(rows), lines))
    }

    async fn line_of(&mut self, at: At, record: &Record) -> (String, usize) {
        if let Ok(summary) = self.node.summary(at.space, at.doc).await {
            return (summary.title.clone(), summary.conflicts);
        }
        let title = match &record.matter {
            Matter::Finding(f) => f.finding.title.clone(),
            Matter::Question(q) => q.title.clone(),
            Matter::Consultation(c) => c.title.clone(),
            Matter::Desk(d) => {
                d.notice.edition.rendering.lines().next().unwrap_or_default().to_owned()
            }
            Matter::Edition(e) => e.edition.number.clone(),
            Matter::Exhibit(e) => e.number.clone(),
            _ => String::new(),
        };
        (title, 0)
    }

    /// Shows one record: what it says, what was signed, what lies beside it.
    pub(super) async fn show(&mut self, at: At) -> Result<Shown, Failure> {
        let state = self.state(at.space).await?;
        let Some(record) = state.record(at.doc) else {
            return Err(Failure::Unknown { name: at.doc.to_string() });
        };
        let written = self.node.space(at.space)?.documents().any(|d| d == at.doc);
        let reading = if written { Some(self.node.reading(at.space, at.doc).await?) } else { None };
        let mut value = json!({
            "record": at.doc, "space": at.space, "in": title(&state),
            "number": number_in(&state, at.doc), "provisional": record.provisional,
            "official": record.official, "matter": closed(&record.matter),
            "kind": matter_name(&record.matter), "holder": next_holder(record).name(),
            "late": record.late, "returns": record.returns, "comments": record.comments,
            "resolutions": record.resolutions.values().collect::<Vec<_>>(),
            "resolved_fields": record.resolutions.keys().collect::<Vec<_>>(),
            "amended_after_signing": record.amended_after_signing(),
            "signed": signed(&state, record),
            "deadlines": timers::deadlines(&state, record).iter()
                .map(|(kind, due)| json!({ "deadline": kind, "due": due.at })).collect::<Vec<_>>(),
        });
        let mut lines = Vec::new();
        match &reading {
            Some(reading) => {
                let settled = conflict::settle(reading, &record.resolutions);
                let text = render(&settled, &labels(&state, at.doc)).text;
                lines.extend(text.lines().map(str::to_owned));
                value["text"] = json!(text);
                value["gate"] = match &settled.body {
                    Body::Workpaper(_) => json!(gate(&settled, &state.gate_facts()).red),
                    _ => Value::Null,
                };
                value["unsettled"] = json!(settled.conflicts);
                value["authors"] = self.authors(at, &state, reading)?;
                value["reading"] = json!(reading);
            }
            None => lines.extend(plain(&record.matter)),
        }
        lines.extend(beside(&self.say, &state, record));
        Ok(Shown::new(value, lines))
    }

    /// Names who wrote each item, by the journal.
    fn authors(&self, at: At, state: &SpaceState, reading: &Reading) -> Result<Value, Failure> {
        let space = self.node.space(at.space)?;
        let who = |actor: &str| {
            let person = space.author(at.doc, actor).unwrap_or_else(|| self.me());
            name_of(state, person)
        };
        let items: Vec<Value> = match &reading.body {
            Body::Interview(r) => {
                r.statements.iter().map(|i| json!({ "item": i.id, "by": who(&i.actor) })).collect()
            }
            Body::Consultation(r) => {
                r.positions.iter().map(|i| json!({ "item": i.id, "by": who(&i.actor) })).collect()
            }
            _ => Vec::new(),
        };
        let values: Vec<Value> = reading
            .conflicts
            .iter()
            .flat_map(|c| &c.values)
            .map(|v| json!({ "op": v.op, "value": v.value, "by": who(&v.actor) }))
            .collect();
        Ok(json!({ "items": items, "values": values }))
    }
}

fn signed(state: &SpaceState, record: &Record) -> Vec<Value> {
    let signatures = |v: &shared::workflow::record::SignedVersion| {
        v.signatures
            .iter()
            .map(|s| {
                json!({
                    "by": name_of(state, s.person), "as": s.meaning, "at": s.at,
                    "stand_in": s.stand_in, "gate_override": s.gate_override,
                })
            })
            .collect::<Vec<_>>()
    };
    record
        .versions
        .iter()
        .map(|v| {
            json!({
                "rendering": v.rendering, "foot": foot(&v.rendering), "text": v.text, "stands": v.fell.is_none(),
                "fell": v.fell, "signatures": signatures(v),
            })
        })
        .collect()
}

/// Returns what a record is, without what has to be opened first.
fn closed(matter: &Matter) -> Matter {
    match matter {
        Matter::Exhibit(e) => Matter::Exhibit(ExhibitState { edition: None, ..e.clone() }),
        other => other.clone(),
    }
}

/// Returns what a record without a document of its own says.
fn plain(matter: &Matter) -> Vec<String> {
    let text = match matter {
        Matter::Finding(f) => f.finding.title.clone(),
        Matter::Question(q) => format!("{}\n{}", q.title, q.question),
        Matter::Consultation(c) => format!("{}\n{}", c.title, c.question),
        Matter::Desk(d) => d.notice.edition.rendering.clone(),
        Matter::Edition(e) => e.edition.rendering.clone(),
        // An exhibit's text is given by opening it, which is recorded.
        _ => String::new(),
    };
    text.lines().map(str::to_owned).collect()
}

/// Returns what lies beside a record: corrections, signatures, the tray, remarks.
fn beside(say: &Say, state: &SpaceState, record: &Record) -> Vec<String> {
    let mut lines = Vec::new();
    let who = |person| name_of(state, person);
    let when = |at| local(state, at);
    if let Some(interview) = record.matter.interview() {
        for c in &interview.corrections {
            lines.push(say.correction(c.correction.statement, &c.correction.text));
        }
    }
    for version in &record.versions {
        for s in &version.signatures {
            let line = match version.fell {
                None => say.signed(who(s.person), when(s.at)),
                Some(_) => say.signed_stale(who(s.person), when(s.at)),
            };
            let why = say.words.signed_why(s.stand_in.as_deref(), s.gate_override.as_deref());
            lines.push(format!("{line}{why}"));
        }
    }
    if let Some(desk) = record.matter.desk() {
        let acknowledged = desk.acknowledged.iter();
        let papers = acknowledged.filter_map(|a| Some((a.at, a.on_paper.as_ref()?)));
        let replies = desk.replies.iter().map(|r| (r.at, &r.on_paper));
        for (at, paper) in papers.chain(replies) {
            lines.push(say.on_paper(when(at), foot(&paper.rendering)));
        }
    }
    for late in record.late_waiting() {
        lines.push(say.late(who(late.by), late.envelope));
    }
    for note in record.returns.iter().flat_map(|r| &r.notes) {
        lines.push(say.returned(&note.text));
    }
    for c in &record.comments {
        lines.push(say.comment(&c.name, &c.text));
    }
    lines
}

/// Returns what a printed page shows of the text it holds, at its foot.
pub(super) fn foot(rendering: &Digest) -> String {
    rendering.to_string().chars().take(FOOT).collect()
}

/// What a record is written out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A plain Automerge file that any Automerge library opens.
    Automerge,
    /// Its fields.
    Json,
    /// Its form, for a word processor.
    Docx,
    /// Its form, as plain text.
    Text,
}

/// Writes a record out.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The record.
    record: String,
    /// As what.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Where to; named after the record if not given.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        let at = s.any_record(&self.record).await?;
        let state = s.state(at.space).await?;
        let number = number_in(&state, at.doc);
        let (end, bytes) = match self.format {
            Format::Automerge => ("automerge", s.node.working(at.space, at.doc).await?.save()),
            Format::Json => {
                let reading = s.node.reading(at.space, at.doc).await?;
                ("json", serde_json::to_vec_pretty(&reading)?)
            }
            Format::Text | Format::Docx => {
                let reading = s.node.reading(at.space, at.doc).await?;
                let text = render(&reading, &labels(&state, at.doc)).text;
                match self.format {
                    // What was signed, if anything was; else the draft, which says so.
                    Format::Docx => {
                        let form = form_of(&state, at.doc, Some(&text))
                            .unwrap_or_else(|| PaperForm::draft(&state, reading.kind(), text));
                        ("docx", docx(&form))
                    }
                    _ => ("txt", text.into_bytes()),
                }
            }
        };
        let file = self.out.unwrap_or_else(|| PathBuf::from(format!("{number}.{end}")));
        std::fs::write(&file, &bytes)?;
        let shown = file.display().to_string();
        let value = json!({ "file": shown, "bytes": bytes.len(), "number": number });
        Ok(Shown::line(value, s.say.written(&shown)))
    }
}
