//! `xunji interview`: the talk, form F1.
use std::{collections::BTreeMap, io::Read, path::PathBuf};

use clap::{Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::json;
use shared::{
    doc::{Birth, Edit, Initial},
    model::{Body, Digest, DocKind, FieldPath, ItemId, PersonId, Value, interview::StatementTag},
    workflow::{
        Command, Matter, Refusal, SpaceKind,
        command::{Correction, OnPaper, ReviewOutcome},
    },
};

use super::{
    failure::Failure,
    field, join,
    names::item_in,
    session::{At, Session},
    shown::Shown,
};

/// How the interviewee took the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Outcome {
    /// Read and signed.
    Signed,
    /// Read, with corrections.
    Corrected,
    /// Did not sign.
    Declined,
    /// A review was not possible.
    NotApplicable,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Begin the record of a talk.
    New {
        /// The interviewee's name.
        #[arg(long)]
        name: String,
        /// The interviewee's post.
        #[arg(long, default_value = "")]
        post: String,
        /// The interviewee's section.
        #[arg(long, default_value = "")]
        section: String,
        /// An interviewer; at least two before it can be closed.
        #[arg(long = "interviewer")]
        interviewers: Vec<String>,
        /// Where the talk is held.
        #[arg(long, default_value = "")]
        place: String,
        /// The outline.
        #[arg(long, default_value = "")]
        outline: String,
        /// Purpose, voluntariness and confidentiality were read out.
        #[arg(long)]
        notice_read: bool,
    },
    /// Add statements: one, or many as JSON lines.
    AddStatement {
        /// The talk.
        record: String,
        /// What was said.
        text: Option<String>,
        /// Its kind: fact, hearsay, opinion, pointer, procedural.
        #[arg(long, default_value = "fact")]
        tag: String,
        /// JSON lines {"tag","text","who","when","place","how_known"}; - is standard input.
        #[arg(long, conflicts_with = "text")]
        lines: Option<PathBuf>,
    },
    /// Set fields: FIELD=VALUE.
    Edit {
        /// The talk.
        record: String,
        /// What to set.
        #[arg(required = true)]
        fields: Vec<String>,
    },
    /// Agree to the note as one of its interviewers.
    Confirm {
        /// The talk.
        record: String,
    },
    /// Record how the interviewee took the note.
    Review {
        /// The talk.
        record: String,
        /// How the note was taken.
        #[arg(long, value_enum)]
        outcome: Outcome,
        /// A correction beside the old text: STATEMENT=TEXT, the statement by place or id.
        #[arg(long = "correct")]
        corrections: Vec<String>,
        /// The scan of the signed paper.
        #[arg(long, requires_all = ["witnesses", "foot"])]
        scan: Option<String>,
        /// The digits at the foot of the signed pages.
        #[arg(long)]
        foot: Option<String>,
        /// Who saw it signed.
        #[arg(long = "witness")]
        witnesses: Vec<String>,
    },
    /// Close the talk.
    Close {
        /// The talk.
        record: String,
    },
    /// Call a talk off.
    Cancel {
        /// The talk.
        record: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Write in it while others do, until standard input ends: edits in, events out, each a
    /// line of JSON.
    Join {
        /// The talk.
        record: String,
    },
    /// All talks.
    List,
    /// One talk.
    Show {
        /// The talk.
        record: String,
    },
}

/// One statement, as a script gives it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default = "fact")]
    tag: String,
    text: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    when: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    how_known: String,
}

fn fact() -> String {
    StatementTag::Fact.name().to_owned()
}

const fn is_talk(matter: &Matter) -> bool {
    matches!(matter, Matter::Interview(_))
}

impl Verb {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::New { name, post, section, interviewers, place, outline, notice_read } => {
                let space = s
                    .one_space(|k| matches!(k, SpaceKind::Engagement | SpaceKind::Protected))
                    .await?;
                let mut people: Vec<PersonId> = s.people(space, &interviewers)?;
                if people.is_empty() {
                    people.push(s.me());
                }
                let birth = Birth::new()
                    .text("interviewee_name", &name)
                    .text("interviewee_post", &post)
                    .text("interviewee_section", &section)
                    .text("place", &place)
                    .text("outline", &outline)
                    .value("notice_read", Value::Bool(notice_read))
                    .members("interviewers", &people);
                let doc = s.node.begin(space, DocKind::Interview, &birth).await?;
                s.saved(At { space, doc }, None).await
            }
            Self::AddStatement { record, text, tag, lines } => {
                let at = s.record(&record, is_talk).await?;
                let statements = match (text, lines) {
                    (Some(text), _) => vec![Line { tag, ..line(text) }],
                    (None, Some(file)) => read_lines(&file)?,
                    (None, None) => return Err(unreadable("TEXT", "")),
                };
                add(s, at, statements).await
            }
            Self::Edit { record, fields } => {
                let at = s.record(&record, is_talk).await?;
                let edits = edits(s, at, &fields)?;
                s.node.edit(at.space, at.doc, &edits).await?;
                s.saved(at, None).await
            }
            Self::Confirm { record } => {
                let at = s.record(&record, is_talk).await?;
                let pin = s.pin(at).await?;
                s.ask(at, Command::ConfirmInterview { pin }).await
            }
            Self::Review { record, outcome, corrections, scan, foot, witnesses } => {
                let at = s.record(&record, is_talk).await?;
                let corrections = corrected(s, at, &corrections).await?;
                let on_paper = match scan {
                    Some(scan) => Some(paper(s, at, &scan, foot.as_deref(), &witnesses).await?),
                    None => None,
                };
                let outcome = match outcome {
                    Outcome::Signed => ReviewOutcome::Signed,
                    Outcome::Corrected => ReviewOutcome::Corrected,
                    Outcome::Declined => ReviewOutcome::Declined,
                    Outcome::NotApplicable => ReviewOutcome::NotApplicable,
                };
                s.ask(at, Command::RecordReview { outcome, corrections, on_paper }).await
            }
            Self::Close { record } => {
                let at = s.record(&record, is_talk).await?;
                s.ask(at, Command::CloseInterview).await
            }
            Self::Cancel { record, reason } => {
                let at = s.record(&record, is_talk).await?;
                s.ask(at, Command::CancelInterview { reason }).await
            }
            Self::Join { record } => {
                let at = s.record(&record, is_talk).await?;
                join::join(s, at).await
            }
            Self::List => s.list(is_talk).await,
            Self::Show { record } => {
                let at = s.record(&record, is_talk).await?;
                s.show(at).await
            }
        }
    }
}

fn unreadable(what: &'static str, text: &str) -> Failure {
    Failure::Unreadable { what, text: text.to_owned() }
}

fn line(text: String) -> Line {
    let none = String::new;
    Line {
        tag: fact(),
        text,
        who: none(),
        what: none(),
        when: none(),
        place: none(),
        how_known: none(),
    }
}

fn read_lines(file: &std::path::Path) -> Result<Vec<Line>, Failure> {
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text)?;
        text
    } else {
        std::fs::read_to_string(file)?
    };
    let lines = text.lines().filter(|l| !l.trim().is_empty());
    lines.map(|l| serde_json::from_str(l).map_err(|_| unreadable("JSON", l))).collect()
}

async fn add(s: &mut Session, at: At, lines: Vec<Line>) -> Result<Shown, Failure> {
    let mut ids: Vec<ItemId> = Vec::new();
    for line in &lines {
        let tag =
            StatementTag::from_name(&line.tag).ok_or_else(|| unreadable("--tag", &line.tag))?;
        let text = |t: &str| Initial::Value(Value::Text(t.to_owned()));
        let fields = [
            ("tag", tag.name()),
            ("text", &line.text),
            ("who", &line.who),
            ("what", &line.what),
            ("when", &line.when),
            ("place", &line.place),
            ("how_known", &line.how_known),
        ];
        let fields: BTreeMap<String, Initial> = fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key.to_owned(), text(value)))
            .collect();
        let id = s.new_item();
        let edit = Edit::AddItem { list: FieldPath::top("statements"), id, fields };
        s.node.edit(at.space, at.doc, &[edit]).await?;
        ids.push(id);
    }
    let line = s.say.added(ids.len());
    let mut shown = s.saved(at, Some(line)).await?;
    shown.value["items"] = json!(ids);
    Ok(shown)
}

fn edits(s: &Session, at: At, fields: &[String]) -> Result<Vec<Edit>, Failure> {
    fields
        .iter()
        .map(|text| {
            let (name, mut value) = field::pair(text)?;
            if name == "interviewers" {
                value = s.person(at.space, &value)?.to_string();
            }
            field::set(DocKind::Interview, &name, &value)
        })
        .collect()
}

async fn corrected(s: &mut Session, at: At, texts: &[String]) -> Result<Vec<Correction>, Failure> {
    let reading = s.node.reading(at.space, at.doc).await?;
    let Body::Interview(note) = &reading.body else { return Ok(Vec::new()) };
    texts
        .iter()
        .map(|text| {
            let (name, text) = field::pair(text)?;
            let statement = item_in(note.statements.iter().map(|i| i.id), &name)?;
            Ok(Correction { statement, text })
        })
        .collect()
}

/// Names a signature on paper by its scan, the foot of the printed pages and those who saw it.
pub(super) async fn paper(
    s: &mut Session,
    at: At,
    scan: &str,
    foot: Option<&str>,
    witnesses: &[String],
) -> Result<OnPaper, Failure> {
    let scan = s.evidence(at.space, scan).await?;
    let witnesses = s.people(at.space, witnesses)?;
    let state = s.state(at.space).await?;
    let record = state.record(at.doc);
    let desk = record.and_then(|r| r.matter.desk()).map(|d| d.notice.edition.rendering_hash);
    let versions: Vec<Digest> =
        record.into_iter().flat_map(|r| &r.versions).map(|v| v.rendering).collect();
    let standing = record.and_then(|r| r.standing()).map(|v| v.rendering).or(desk);
    let standing = standing.ok_or_else(|| unreadable("--scan", "unsigned"))?;
    let foot = foot.unwrap_or_default().trim().to_lowercase();
    let printed = |hash: &&Digest| !foot.is_empty() && hash.to_string().starts_with(&foot);
    // What no version here shows was printed from a text that never was signed.
    let rendering = *std::iter::once(&standing)
        .chain(&versions)
        .find(printed)
        .ok_or(Refusal::ScanOfAnotherVersion { standing })?;
    Ok(OnPaper { scan, rendering, witnesses })
}
