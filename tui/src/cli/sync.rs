//! `xunji sync`: text first, then files.
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use shared::{
    journal::{entry::Verdict, laptop::Note},
    model::DocId,
};

use super::{
    ask::number_in,
    failure::Failure,
    files,
    session::{PATIENCE, Session},
    shown::{self, Shown},
};
use crate::laptop::link::sync;

/// How long the watch waits between two exchanges.
const PAUSE: Duration = Duration::from_secs(15);

const HOUR: i64 = 60 * 60 * 1000;
/// How far this laptop's clock may be off before its holder is told, in milliseconds.
const OFF: i64 = 5 * 60 * 1000;

/// Sends what has no verdict and takes what is new; then carries evidence files.
#[derive(Debug, Args)]
pub(super) struct Sync {
    /// Go on until interrupted.
    #[arg(long)]
    watch: bool,
    /// Leave evidence files for later, both ways.
    #[arg(long)]
    text_only: bool,
    /// Also fetch files that are too long to come by themselves.
    #[arg(long, conflicts_with = "text_only")]
    all_files: bool,
}

impl Sync {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        if !self.watch {
            return self.once(s).await.map(|(shown, _)| shown);
        }
        loop {
            match self.once(s).await {
                Ok((shown, interrupted)) => {
                    shown.print(s.global.json);
                    if interrupted {
                        return Ok(Shown::default());
                    }
                }
                Err(failure @ Failure::Link(_)) => {
                    failure.print(&s.say, s.global.json);
                }
                Err(failure) => return Err(failure),
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = tokio::signal::ctrl_c() => return Ok(Shown::default()),
            }
        }
    }

    /// Synchronises once; also tells whether it was interrupted.
    async fn once(&self, s: &mut Session) -> Result<(Shown, bool), Failure> {
        let mut client = s.client()?;
        let mut report = sync(&mut s.node, &mut client, PATIENCE).await?;
        let mut wanted = s.node.outstanding().await?;
        let files = if self.text_only {
            files::Report::nothing_moved(&wanted)
        } else {
            if self.all_files {
                wanted.down.append(&mut wanted.on_demand);
            }
            files::carry(s, &mut client, wanted, &mut report).await?
        };
        let answers = answers(s);
        let mut lines = vec![s.say.synced(report.decided, report.entries, report.undecided)];
        lines.extend(answers.iter().filter_map(|a| a["line"].as_str()).map(str::to_owned));
        lines.extend(files.lines(&s.say));
        if s.node.identity().training {
            lines.push(s.say.training());
        }
        let not_taken = s.node.not_taken().await?;
        lines.extend(not_taken.map(|not| s.not_taken(&not)));
        let mut value = json!(report);
        value["not_taken"] = json!(not_taken);
        value["answers"] = Value::Array(answers);
        value["files"] = json!(files);
        if let Some(off) = s.node.ahead_of_server().filter(|off| off.abs() > OFF) {
            lines.push(s.say.clock_off(off / HOUR));
            value["clock_off_ms"] = json!(off);
        }
        Ok((Shown::new(value, lines), files.interrupted))
    }
}

/// Returns what the server answered to this laptop's own envelopes, where it was not simply
/// done.
fn answers(s: &mut Session) -> Vec<Value> {
    let me = s.node.core().device();
    let notes = s.node.take_notes();
    let mut out = Vec::new();
    for note in notes {
        let Note::Decided { space, doc, envelope, verdict } = note else { continue };
        let Some(held) = s.node.core().space(space) else { continue };
        if held.envelope(&envelope).is_none_or(|k| k.header.device != me) {
            continue;
        }
        let number = number_in(held.state(), doc);
        out.extend(answer(s, doc, &number, &envelope, verdict.as_ref()));
    }
    out
}

fn answer(
    s: &Session,
    doc: DocId,
    number: &str,
    envelope: &shared::model::Digest,
    verdict: Option<&Verdict>,
) -> Option<Value> {
    let base = |kind: &str, code: &str, line: String| {
        json!({ "record": doc, "number": number, "request": envelope,
                "answer": kind, "code": code, "line": line })
    };
    match verdict? {
        Verdict::Declined(refusal) => {
            let failure = Failure::Refused { refusal: refusal.clone(), by_server: true };
            let (what, _) = s.say.failure(&failure);
            Some(base("refused", refusal.code(), format!("{number}：{what}")))
        }
        Verdict::Aside(reason) => {
            Some(base("aside", reason.code(), s.say.aside(number, s.say.words.aside(reason))))
        }
        Verdict::Malformed(_) => Some(base("malformed", "malformed", s.say.malformed(number))),
        _ => None,
    }
}

/// Prints a line at once, for commands that go on.
pub(super) fn event(value: &Value) {
    shown::value(value);
}
