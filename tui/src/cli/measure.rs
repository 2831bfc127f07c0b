//! `xunji measure`: what a unit does about a notice, and the check of it.
use clap::Subcommand;
use serde_json::json;
use shared::{
    model::{EvidenceId, ItemId, notice::PlannedMeasure},
    workflow::{
        Command,
        command::{MeasureReply, Sample},
        notice::MeasureState,
    },
};

use super::{
    failure::Failure,
    interview::paper,
    names::item_in,
    notice::on_desk,
    session::{At, Session},
    shown::Shown,
};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Set the plan: each measure with one person and one date.
    Plan {
        /// The notice.
        record: String,
        /// A measure: ACT;PERSON;DATE.
        #[arg(long = "measure", required = true)]
        measures: Vec<String>,
    },
    /// Report a measure.
    Report {
        /// The notice.
        record: String,
        /// The measure, by place, number or id; all of them if none is named.
        #[arg(long)]
        measure: Option<String>,
        /// What shows it.
        #[arg(long)]
        evidence: Vec<String>,
        /// What was done.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Ask for the check.
    RequestCheck {
        /// The notice.
        record: String,
    },
    /// Enter the unit's reply from the signed paper.
    Reply {
        /// The notice.
        record: String,
        /// The scan of the signed paper.
        #[arg(long)]
        scan: String,
        /// The digits at the foot of the signed pages.
        #[arg(long)]
        foot: String,
        /// Who saw it signed; two members.
        #[arg(long = "witness", required = true)]
        witnesses: Vec<String>,
        /// A measure it plans, where there is no plan yet: ACT;PERSON;DATE.
        #[arg(long = "measure")]
        measures: Vec<String>,
        /// What shows that they were carried out.
        #[arg(long)]
        evidence: Vec<String>,
        /// What was done, for all measures; without it and evidence nothing is reported.
        #[arg(long, default_value = "")]
        note: String,
        /// It asks for the check.
        #[arg(long)]
        check: bool,
    },
    /// Check on the spot, by two.
    Check {
        /// The notice.
        record: String,
        /// Who checked.
        #[arg(long = "by", required = true)]
        by: Vec<String>,
        /// How many were in order.
        #[arg(long)]
        passed: u32,
        /// How many were looked at.
        #[arg(long)]
        of: u32,
        /// What was taken as evidence.
        #[arg(long)]
        evidence: Vec<String>,
        /// Remarks.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// All measures of a notice.
    List {
        /// The notice.
        record: String,
    },
}

impl Verb {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::Plan { record, measures } => {
                let at = s.record(&record, on_desk).await?;
                let measures: Result<Vec<_>, _> =
                    measures.iter().map(|text| planned(s, text)).collect();
                s.ask(at, Command::SetPlan { measures: measures? }).await
            }
            Self::Report { record, measure, evidence, note } => {
                let at = s.record(&record, on_desk).await?;
                let evidence = items(s, at, &evidence).await?;
                let known = measures(s, at).await?;
                let chosen = match measure {
                    Some(name) => vec![named(&known, &name)?],
                    None => known.iter().map(|m| m.measure.id).collect(),
                };
                let mut last = Shown::default();
                for measure in chosen {
                    let (evidence, note) = (evidence.clone(), note.clone());
                    last = s.ask(at, Command::ReportMeasure { measure, evidence, note }).await?;
                }
                Ok(last)
            }
            Self::RequestCheck { record } => {
                let at = s.record(&record, on_desk).await?;
                s.ask(at, Command::RequestCheck).await
            }
            Self::Reply { record, scan, foot, witnesses, measures: new, evidence, note, check } => {
                let at = s.record(&record, on_desk).await?;
                let on_paper = paper(s, at, &scan, Some(&foot), &witnesses).await?;
                let new: Result<Vec<_>, _> = new.iter().map(|text| planned(s, text)).collect();
                let new = new?;
                let evidence = items(s, at, &evidence).await?;
                let mut known: Vec<ItemId> =
                    measures(s, at).await?.iter().map(|m| m.measure.id).collect();
                known.extend(new.iter().map(|m| m.id));
                let says = !note.is_empty() || !evidence.is_empty();
                let reports = known
                    .into_iter()
                    .filter(|_| says)
                    .map(|measure| {
                        let (evidence, note) = (evidence.clone(), note.clone());
                        MeasureReply { measure, evidence, note }
                    })
                    .collect();
                let command = Command::ReplyOnPaper { on_paper, measures: new, reports, check };
                s.ask(at, command).await
            }
            Self::Check { record, by, passed, of, evidence, note } => {
                let at = s.record(&record, on_desk).await?;
                let checkers = s.people(at.space, &by)?;
                let evidence = items(s, at, &evidence).await?;
                let sample = Sample { passed, of };
                s.ask(at, Command::Check { checkers, sample, evidence, notes: note }).await
            }
            Self::List { record } => {
                let at = s.record(&record, on_desk).await?;
                let known = measures(s, at).await?;
                let lines = known.iter().map(|known| {
                    let m = &known.measure;
                    s.say.measure(&known.number, &m.act, &m.owner, &m.due, known.reports.len())
                });
                let lines = lines.collect();
                Ok(Shown::new(json!(known), lines))
            }
        }
    }
}

fn planned(s: &mut Session, text: &str) -> Result<PlannedMeasure, Failure> {
    let parts: Vec<&str> = text.split([';', '；']).map(str::trim).collect();
    let [act, owner, due] = parts[..] else {
        return Err(Failure::Unreadable { what: "--measure", text: text.to_owned() });
    };
    let id = s.new_item();
    Ok(PlannedMeasure { id, act: act.to_owned(), owner: owner.to_owned(), due: due.to_owned() })
}

async fn items(s: &mut Session, at: At, names: &[String]) -> Result<Vec<EvidenceId>, Failure> {
    let mut out = Vec::new();
    for name in names {
        out.push(s.evidence(at.space, name).await?);
    }
    Ok(out)
}

async fn measures(s: &mut Session, at: At) -> Result<Vec<MeasureState>, Failure> {
    let state = s.state(at.space).await?;
    let desk = state.record(at.doc).and_then(|r| r.matter.desk());
    Ok(desk.map(|d| d.measures.clone()).unwrap_or_default())
}

fn named(known: &[MeasureState], name: &str) -> Result<ItemId, Failure> {
    let by_number = known.iter().find(|m| m.number == name);
    match by_number {
        Some(m) => Ok(m.measure.id),
        None => item_in(known.iter().map(|m| m.measure.id), name),
    }
}
