//! `xunji notice`: the order to put a matter right at once, form F4.
use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use serde_json::json;
use shared::{
    doc::{Birth, Edit},
    model::{DocId, DocKind},
    workflow::{
        Command, Matter, SpaceKind,
        command::{DisputeOutcome, FieldNote},
    },
};

use super::{
    failure::Failure,
    field,
    interview::paper,
    session::{At, Session},
    show::foot,
    shown::Shown,
};

/// How an objection is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Outcome {
    /// The notice stands.
    Upheld,
    /// It stands with another request.
    Amended,
    /// It is taken back.
    Withdrawn,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Begin a notice.
    New {
        /// The matter, in one line.
        title: String,
        /// The workpapers it rests on; the unit does not see them.
        #[arg(long = "workpaper")]
        workpapers: Vec<String>,
        /// More: FIELD=VALUE.
        fields: Vec<String>,
    },
    /// Set fields: FIELD=VALUE.
    Set {
        /// The notice.
        record: String,
        /// What to set.
        #[arg(required = true)]
        fields: Vec<String>,
    },
    /// Put it up for approval, as the leader.
    Propose {
        /// The notice.
        record: String,
    },
    /// Approve it for the leading group.
    Approve {
        /// The notice.
        record: String,
    },
    /// Send it back to the group, instead of approving it.
    Return {
        /// The notice.
        record: String,
        /// Why.
        note: String,
    },
    /// Issue it to the unit's desk, as the leader.
    Issue {
        /// The notice.
        record: String,
        /// The day it is due, ISO.
        #[arg(long, value_parser = field::date)]
        due: Date,
    },
    /// On the desk: acknowledge it, or bring in the paper that the head signed.
    Acknowledge {
        /// The notice.
        record: String,
        /// The scan of the signed paper.
        #[arg(long, requires_all = ["witnesses", "foot"])]
        scan: Option<String>,
        /// The digits at the foot of the signed pages.
        #[arg(long)]
        foot: Option<String>,
        /// Who saw it signed; two members.
        #[arg(long = "witness")]
        witnesses: Vec<String>,
    },
    /// On the desk: object.
    Dispute {
        /// The notice.
        record: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Decide an objection.
    Decide {
        /// The notice.
        record: String,
        /// How it is decided.
        #[arg(long, value_enum)]
        outcome: Outcome,
        /// What is asked now, if amended.
        #[arg(long, default_value = "")]
        request: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Move the day it is due; the original stays visible.
    Extend {
        /// The notice.
        record: String,
        /// The new day, ISO.
        #[arg(long, value_parser = field::date)]
        due: Date,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// All notices, written and on the desk.
    List,
    /// One notice.
    Show {
        /// The notice.
        record: String,
    },
}

const fn is_notice(matter: &Matter) -> bool {
    matches!(matter, Matter::Notice(_))
}

pub(super) const fn on_desk(matter: &Matter) -> bool {
    matches!(matter, Matter::Desk(_))
}

fn for_office(matter: &Matter) -> bool {
    matter.edition().is_some_and(|e| e.edition.kind == DocKind::Notice && e.replaced_by.is_none())
}

impl Verb {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::New { title, workpapers, fields } => {
                let space = s.one_space(|k| k == SpaceKind::Engagement).await?;
                let mut papers: Vec<DocId> = Vec::new();
                for name in &workpapers {
                    let paper = s.record(name, |m| m.workpaper().is_some()).await?;
                    papers.push(paper.doc);
                }
                let birth = Birth::new().text("title", &title).members("workpapers", &papers);
                let edits = edits(&fields)?;
                let doc = s.node.begin(space, DocKind::Notice, &birth).await?;
                s.node.edit(space, doc, &edits).await?;
                s.saved(At { space, doc }, None).await
            }
            Self::Set { record, fields } => {
                let at = s.record(&record, is_notice).await?;
                s.node.edit(at.space, at.doc, &edits(&fields)?).await?;
                s.saved(at, None).await
            }
            Self::Propose { record } => {
                let at = s.record(&record, is_notice).await?;
                let pin = s.pin(at).await?;
                s.ask(at, Command::ProposeNotice { pin }).await
            }
            Self::Approve { record } => {
                let at = s.record(&record, for_office).await?;
                s.ask(at, Command::ApproveNotice).await
            }
            Self::Return { record, note } => {
                let at = s.record(&record, for_office).await?;
                let notes = vec![FieldNote { field: None, text: note }];
                s.ask(at, Command::Return { notes }).await
            }
            Self::Issue { record, due } => {
                let at = s.record(&record, is_notice).await?;
                s.ask(at, Command::IssueNotice { due }).await
            }
            Self::List => s.list(|m| is_notice(m) || on_desk(m) || for_office(m)).await,
            Self::Show { record } => {
                let at = match s.record(&record, is_notice).await {
                    Ok(at) => at,
                    Err(_) => s.record(&record, |m| on_desk(m) || for_office(m)).await?,
                };
                let mut shown = s.show(at).await?;
                let state = s.state(at.space).await?;
                if let Some(desk) = state.record(at.doc).and_then(|r| r.matter.desk()) {
                    shown.value["foot"] = json!(foot(&desk.notice.edition.rendering_hash));
                }
                Ok(shown)
            }
            desk => desk.on_desk(s).await,
        }
    }

    async fn on_desk(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::Acknowledge { record, scan, foot, witnesses } => {
                let at = s.record(&record, on_desk).await?;
                let on_paper = match scan {
                    Some(scan) => Some(paper(s, at, &scan, foot.as_deref(), &witnesses).await?),
                    None => None,
                };
                let state = s.state(at.space).await?;
                let desk = state.record(at.doc).and_then(|r| r.matter.desk());
                let Some(desk) = desk else { return Err(Failure::Unknown { name: record }) };
                let rendering = desk.notice.edition.rendering_hash;
                s.ask(at, Command::Acknowledge { rendering, on_paper }).await
            }
            Self::Dispute { record, reason } => {
                let at = s.record(&record, on_desk).await?;
                s.ask(at, Command::Dispute { reason }).await
            }
            Self::Decide { record, outcome, request, reason } => {
                let at = s.record(&record, on_desk).await?;
                let outcome = match outcome {
                    Outcome::Upheld => DisputeOutcome::Upheld,
                    Outcome::Amended => DisputeOutcome::Amended { request },
                    Outcome::Withdrawn => DisputeOutcome::Withdrawn,
                };
                s.ask(at, Command::DecideDispute { outcome, reason }).await
            }
            Self::Extend { record, due, reason } => {
                let at = s.record(&record, on_desk).await?;
                s.ask(at, Command::ExtendDeadline { due, reason }).await
            }
            // Answered by `run`.
            _ => Ok(Shown::default()),
        }
    }
}

fn edits(fields: &[String]) -> Result<Vec<Edit>, Failure> {
    fields
        .iter()
        .map(|text| {
            let (name, value) = field::pair(text)?;
            field::set(DocKind::Notice, &name, &value)
        })
        .collect()
}
