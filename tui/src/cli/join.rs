//! `xunji consultation join`: edits in on standard input, events out on standard output, each
//! a line of JSON.
//!
//! The live link is used while it lasts; without it the same edits are saved here and go by
//! HTTP or wait. Nothing typed depends on the link.
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    doc::Edit,
    journal::{entry::Verdict, laptop::Note},
    model::Body,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines, Stdin},
    time::{Instant, sleep_until},
};

use super::{
    consultation::{more, position},
    failure::Failure,
    session::{At, Session},
    shown::Shown,
    sync::event,
};
use crate::laptop::link::{Client, Live, LiveEnd};

/// How long after a broken link the next try begins.
const AGAIN: Duration = Duration::from_secs(1);
/// How long after the last line the verdicts are waited for.
const LINGER: Duration = Duration::from_secs(30);

/// What may be typed.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Typed {
    /// Says something.
    Position {
        /// What.
        text: String,
    },
    /// Makes an earlier position read so.
    Rewrite {
        /// Which, by place or id.
        item: String,
        /// How.
        text: String,
    },
    /// Any edits of the document.
    Edit {
        /// Which.
        edits: Vec<Edit>,
    },
    /// Prints what the document says now.
    Show,
    /// Ends it.
    Leave,
}

/// The link as it stands.
enum Link {
    Up(Live),
    /// Down; when the next try begins.
    Down(Instant),
}

/// Takes part until standard input ends, or until told to leave.
pub(super) async fn join(s: &mut Session, at: At) -> Result<Shown, Failure> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut link = Link::Down(Instant::now());
    let mut leaving: Option<Instant> = None;
    event(&json!({ "event": "joined", "record": at.doc, "space": at.space }));
    loop {
        flush(s, &mut link).await?;
        tell(s, at).await?;
        if let Some(until) = leaving
            && (pending(s, at)? == 0 || Instant::now() >= until)
        {
            break;
        }
        tokio::select! {
            line = next_line(&mut lines, leaving.is_some()) => match line? {
                Some(line) => {
                    if typed(s, at, &line).await? {
                        leaving = Some(Instant::now() + LINGER);
                    }
                }
                None => leaving = Some(Instant::now() + LINGER),
            },
            heard = heard(&mut link) => match heard {
                Some(Ok(frame)) => s.node.heard(frame).await?,
                Some(Err(end)) => down(s, &mut link, end).await?,
                None => connect(s, &mut link).await?,
            },
            () = sleep_until(leaving.unwrap_or_else(|| Instant::now() + LINGER)) => {}
        }
    }
    let left = pending(s, at)?;
    s.node.disconnected().await?;
    let value = json!({ "event": "left", "pending": left });
    Ok(Shown::line(value.clone(), value.to_string()))
}

/// Waits for the next line; for ever once there are no more.
async fn next_line(
    lines: &mut Lines<BufReader<Stdin>>,
    over: bool,
) -> Result<Option<String>, Failure> {
    if over {
        return std::future::pending().await;
    }
    Ok(lines.next_line().await?)
}

/// Waits for the next frame, or for the moment at which to try the link again (`None`).
async fn heard(link: &mut Link) -> Option<Result<shared::journal::frame::Down, LiveEnd>> {
    match link {
        Link::Up(live) => Some(live.next().await),
        Link::Down(when) => {
            sleep_until(*when).await;
            None
        }
    }
}

/// Does what was typed; tells whether to leave.
async fn typed(s: &mut Session, at: At, line: &str) -> Result<bool, Failure> {
    if line.trim().is_empty() {
        return Ok(false);
    }
    let edits = match serde_json::from_str(line) {
        Ok(Typed::Leave) => return Ok(true),
        Ok(Typed::Show) => {
            let reading = s.node.reading(at.space, at.doc).await?;
            event(&json!({ "event": "document", "reading": reading }));
            return Ok(false);
        }
        Ok(Typed::Position { text }) => vec![position(s, text)],
        Ok(Typed::Rewrite { item, text }) => {
            let reading = s.node.reading(at.space, at.doc).await?;
            vec![more(&reading, &item, text)?]
        }
        Ok(Typed::Edit { edits }) => edits,
        Err(e) => {
            event(&json!({ "event": "unreadable", "why": e.to_string() }));
            return Ok(false);
        }
    };
    // The session began with the record; its text may come a moment later.
    match s.node.edit(at.space, at.doc, &edits).await {
        Ok(()) => {
            s.node.seal().await?;
            event(&json!({ "event": "saved", "edits": edits.len() }));
        }
        Err(e) => event(&json!({ "event": "not_saved", "why": e.to_string() })),
    }
    Ok(false)
}

/// Sends what is to be sent, if the link is up.
async fn flush(s: &mut Session, link: &mut Link) -> Result<(), Failure> {
    if !matches!(link, Link::Up(_)) {
        return Ok(());
    }
    for frame in s.node.take_outgoing() {
        let Link::Up(live) = link else { return Ok(()) };
        if let Err(end) = live.send(&frame).await {
            return down(s, link, end).await;
        }
    }
    Ok(())
}

async fn down(s: &mut Session, link: &mut Link, end: LiveEnd) -> Result<(), Failure> {
    *link = Link::Down(Instant::now() + AGAIN);
    s.node.disconnected().await?;
    event(&json!({ "event": "link", "state": "down", "why": format!("{end:?}") }));
    Ok(())
}

/// Tries the live link, and HTTP where it does not stand.
async fn connect(s: &mut Session, link: &mut Link) -> Result<(), Failure> {
    *link = Link::Down(Instant::now() + AGAIN);
    let identity = s.node.identity();
    let mut client = Client::new(&identity.server_url, Some(identity.certificate))?;
    let Some(server) = identity.server() else { return Ok(()) };
    if client.open(&s.node.signing_key(), &server).await.is_err() {
        return Ok(());
    }
    match Live::open(&client).await {
        Ok(live) => {
            *link = Link::Up(live);
            s.node.connected().await?;
            event(&json!({ "event": "link", "state": "up" }));
        }
        Err(_) => {
            // A proxy may let only ordinary requests pass.
            if s.sync().await.is_ok() {
                event(&json!({ "event": "link", "state": "http" }));
            }
        }
    }
    Ok(())
}

fn pending(s: &Session, at: At) -> Result<usize, Failure> {
    let space = s.node.space(at.space)?;
    Ok(space.undecided().count() + space.drafts())
}

/// Prints what happened.
async fn tell(s: &mut Session, at: At) -> Result<(), Failure> {
    let mut changed = false;
    for note in s.node.take_notes() {
        match note {
            Note::Received { envelopes } => {
                event(&json!({ "event": "received", "envelopes": envelopes.len() }));
            }
            Note::Decided { space, envelope, verdict, .. } if space == at.space => {
                event(
                    &json!({ "event": "decided", "envelope": envelope, "as": name(verdict.as_ref()) }),
                );
            }
            Note::Document { doc, .. } if doc == at.doc => changed = true,
            Note::Present(presence) if presence.doc == at.doc => {
                event(&json!({ "event": "present", "device": presence.device }));
            }
            Note::Withdrawn { space } if space == at.space => {
                event(&json!({ "event": "withdrawn" }));
            }
            _ => {}
        }
    }
    if changed {
        let reading = s.node.reading(at.space, at.doc).await?;
        event(&positions(&reading.body));
    }
    Ok(())
}

fn positions(body: &Body) -> Value {
    let count = match body {
        Body::Consultation(c) => c.positions.len(),
        _ => 0,
    };
    json!({ "event": "changed", "positions": count })
}

fn name(verdict: Option<&Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Main) => "main",
        Some(Verdict::Aside(_)) => "aside",
        Some(Verdict::Accepted) => "accepted",
        Some(Verdict::Declined(_)) => "declined",
        Some(Verdict::Malformed(_)) => "malformed",
        Some(Verdict::Own) | None => "unknown",
    }
}
