//! `xunji consultation join`, `interview join`, `workpaper join`: edits in on standard input,
//! events out on standard output, each a line of JSON.
//!
//! The live link is used while it lasts; without it the same edits are saved here and go by
//! HTTP or wait.
//!
//! # Invariants
//! - Nothing typed depends on the link: while it is tried, edits are saved.
//! - What the disk does not take is said to be not saved, kept, and tried again until it is; what
//!   it has not taken at the end comes out on standard output.
use std::{future::Future, pin::Pin, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    doc::Edit,
    journal::{entry::Verdict, frame::Down as Frame, laptop::Note},
    model::{Body, Digest},
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
use crate::laptop::{
    NodeError,
    link::{Client, Live, LiveEnd, sync},
};

/// How long after a broken link the first try begins; each one after it waits twice as long.
const FIRST: Duration = Duration::from_millis(100);
/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(10);
/// How often ordinary requests are made where only they pass.
const POLL: Duration = Duration::from_secs(1);
/// How long after the last line the verdicts are waited for.
const LINGER: Duration = Duration::from_secs(30);
/// How often a full disk is tried again.
const RETRY: Duration = Duration::from_secs(1);

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

/// What a try came to.
enum Tried {
    Live(Live),
    /// Only ordinary requests pass, as behind some proxies.
    Http(Client),
    Nothing,
}

type Trying = Pin<Box<dyn Future<Output = Tried> + Send>>;

/// The link as it stands.
enum Link {
    Up(Live),
    /// It is being tried; the pause before it was this long.
    Trying(Trying, Duration),
    /// Down; when the next try begins, and how long the pause before it is.
    Down(Instant, Duration),
}

impl Link {
    fn first() -> Self {
        Self::Down(Instant::now() + FIRST, FIRST)
    }

    /// After a try that failed.
    fn later(pause: Duration) -> Self {
        let pause = (pause * 2).min(LONGEST);
        Self::Down(Instant::now() + pause, pause)
    }
}

/// What became of the link.
enum Heard {
    Frame(Frame),
    Broken(LiveEnd),
    /// The pause is over.
    Due,
    Tried(Tried, Duration),
}

/// Somebody who takes part.
struct Part {
    at: At,
    link: Link,
    /// What the laptop said and nobody was told yet.
    notes: Vec<Note>,
    /// Edits that the disk has not taken yet, in the order in which they were made.
    unsaved: Vec<Edit>,
}

/// Takes part until standard input ends, or until told to leave.
pub(super) async fn join(s: &mut Session, at: At) -> Result<Shown, Failure> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let link = Link::Down(Instant::now(), FIRST);
    let mut part = Part { at, link, notes: Vec::new(), unsaved: Vec::new() };
    event(&json!({ "event": "joined", "record": at.doc, "space": at.space }));
    let done = part.take(s, &mut lines).await;
    if !part.unsaved.is_empty() {
        // They are lost when this process ends: so they are given back, as they may be typed.
        let again = json!({ "do": "edit", "edits": part.unsaved });
        event(&json!({ "event": "unsaved", "again": again }));
    }
    done
}

/// Lets a full disk pass: what it did not take is kept and tried again.
fn full(done: Result<(), NodeError>) -> Result<(), Failure> {
    match done {
        Err(NodeError::NotSaved { .. }) => Ok(()),
        done => Ok(done?),
    }
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

/// Waits for the next frame, for the end of a try, or for the moment at which to begin one.
async fn heard(link: &mut Link) -> Heard {
    match link {
        Link::Up(live) => match live.next().await {
            Ok(frame) => Heard::Frame(frame),
            Err(end) => Heard::Broken(end),
        },
        Link::Trying(trying, pause) => Heard::Tried(trying.await, *pause),
        Link::Down(when, _) => {
            sleep_until(*when).await;
            Heard::Due
        }
    }
}

/// Begins to open a live link.
fn attempt(s: &Session) -> Result<Trying, Failure> {
    let identity = s.node.identity();
    let mut client = Client::new(&identity.server_url, Some(identity.certificate))?;
    let server = identity.server().ok_or(NodeError::Identity)?;
    let key = s.node.signing_key();
    Ok(Box::pin(async move {
        if client.open(&key, &server).await.is_err() {
            return Tried::Nothing;
        }
        match Live::open(&client).await {
            Ok(live) => Tried::Live(live),
            Err(_) => Tried::Http(client),
        }
    }))
}

impl Part {
    /// Takes part until standard input ends, or until told to leave.
    async fn take(
        &mut self,
        s: &mut Session,
        lines: &mut Lines<BufReader<Stdin>>,
    ) -> Result<Shown, Failure> {
        let mut leaving: Option<Instant> = None;
        loop {
            self.late(s).await?;
            self.flush(s).await?;
            self.tell(s).await?;
            if let Some(until) = leaving
                && (pending(s, self.at)? == 0 || Instant::now() >= until)
            {
                break;
            }
            let retry = Instant::now() + RETRY;
            tokio::select! {
                line = next_line(lines, leaving.is_some()) => match line? {
                    Some(line) => {
                        if self.typed(s, &line).await? {
                            leaving = Some(Instant::now() + LINGER);
                        }
                    }
                    None => leaving = Some(Instant::now() + LINGER),
                },
                heard = heard(&mut self.link) => self.heard(s, heard).await?,
                () = sleep_until(retry), if s.node.not_saved() > 0 => full(s.node.retry().await)?,
                () = sleep_until(leaving.unwrap_or_else(|| Instant::now() + LINGER)) => {}
            }
        }
        let left = pending(s, self.at)?;
        full(s.node.disconnected().await)?;
        if s.node.not_saved() > 0 {
            return Err(NodeError::NotSaved { waiting: s.node.not_saved() }.into());
        }
        let value = json!({ "event": "left", "pending": left });
        Ok(Shown::line(value.clone(), value.to_string()))
    }

    /// Does what was typed; tells whether to leave.
    async fn typed(&mut self, s: &mut Session, line: &str) -> Result<bool, Failure> {
        if line.trim().is_empty() {
            return Ok(false);
        }
        let At { space, doc } = self.at;
        let edits = match serde_json::from_str(line) {
            Ok(Typed::Leave) => return Ok(true),
            Ok(Typed::Show) => {
                let reading = s.node.reading(space, doc).await?;
                event(&json!({ "event": "document", "reading": reading }));
                return Ok(false);
            }
            Ok(Typed::Position { text }) => vec![position(s, text)],
            Ok(Typed::Rewrite { item, text }) => {
                let reading = s.node.reading(space, doc).await?;
                vec![more(&reading, &item, text)?]
            }
            Ok(Typed::Edit { edits }) => edits,
            Err(e) => {
                event(&json!({ "event": "unreadable", "why": e.to_string() }));
                return Ok(false);
            }
        };
        match s.node.edit(space, doc, &edits).await {
            Ok(()) => {
                full(s.node.seal().await)?;
                self.saved(s, edits.len());
            }
            Err(e @ NodeError::NotSaved { .. }) => {
                self.unsaved.extend(edits);
                let waiting = self.unsaved.len();
                event(&json!({ "event": "not_saved", "edits": waiting, "why": e.to_string() }));
            }
            Err(e) => event(&json!({ "event": "not_written", "why": e.to_string() })),
        }
        Ok(false)
    }

    /// Says that edits are on the disk, with all that waited before them, and in which
    /// envelopes.
    fn saved(&mut self, s: &mut Session, edits: usize) {
        let edits = edits + std::mem::take(&mut self.unsaved).len();
        let fresh = s.node.take_notes();
        let mine = |note: &Note| match note {
            Note::Sealed { doc, envelope, .. } if *doc == self.at.doc => Some(*envelope),
            _ => None,
        };
        let envelopes: Vec<Digest> = fresh.iter().filter_map(mine).collect();
        self.notes.extend(fresh);
        event(&json!({ "event": "saved", "edits": edits, "envelopes": envelopes }));
    }

    /// Says that what the disk did not take at first is on it now, whatever it was that tried
    /// again.
    async fn late(&mut self, s: &mut Session) -> Result<(), Failure> {
        if !self.unsaved.is_empty() && s.node.not_saved() == 0 {
            full(s.node.seal().await)?;
            self.saved(s, 0);
        }
        Ok(())
    }

    /// Sends what is to be sent, if the link is up.
    async fn flush(&mut self, s: &mut Session) -> Result<(), Failure> {
        if !matches!(self.link, Link::Up(_)) {
            return Ok(());
        }
        for frame in s.node.take_outgoing() {
            let Link::Up(live) = &mut self.link else { return Ok(()) };
            if let Err(end) = live.send(&frame).await {
                return self.down(s, end).await;
            }
        }
        Ok(())
    }

    async fn heard(&mut self, s: &mut Session, heard: Heard) -> Result<(), Failure> {
        match heard {
            Heard::Frame(frame) => full(s.node.heard(frame).await),
            Heard::Broken(end) => self.down(s, end).await,
            Heard::Due => {
                let pause = match self.link {
                    Link::Down(_, pause) => pause,
                    _ => FIRST,
                };
                self.link = Link::Trying(attempt(s)?, pause);
                Ok(())
            }
            Heard::Tried(Tried::Live(live), _) => {
                self.link = Link::Up(live);
                full(s.node.connected().await)?;
                event(&json!({ "event": "link", "state": "up" }));
                Ok(())
            }
            Heard::Tried(Tried::Http(mut client), _) => {
                // Verdicts come with the next exchange: whoever types does not wait for them.
                if sync(&mut s.node, &mut client, Duration::ZERO).await.is_ok() {
                    event(&json!({ "event": "link", "state": "http" }));
                }
                self.link = Link::Down(Instant::now() + POLL, FIRST);
                Ok(())
            }
            Heard::Tried(Tried::Nothing, pause) => {
                self.link = Link::later(pause);
                Ok(())
            }
        }
    }

    async fn down(&mut self, s: &mut Session, end: LiveEnd) -> Result<(), Failure> {
        self.link = Link::first();
        full(s.node.disconnected().await)?;
        event(&json!({ "event": "link", "state": "down", "why": format!("{end:?}") }));
        Ok(())
    }

    /// Prints what happened.
    async fn tell(&mut self, s: &mut Session) -> Result<(), Failure> {
        let At { space: here, doc: open } = self.at;
        let mut changed = false;
        let notes = std::mem::take(&mut self.notes);
        for note in notes.into_iter().chain(s.node.take_notes()) {
            match note {
                Note::Received { envelopes } => {
                    event(&json!({ "event": "received", "envelopes": envelopes }));
                }
                Note::Decided { space, envelope, verdict, .. } if space == here => {
                    event(
                        &json!({ "event": "decided", "envelope": envelope, "as": name(verdict.as_ref()) }),
                    );
                }
                Note::Document { doc, .. } if doc == open => changed = true,
                Note::Present(presence) if presence.doc == open => {
                    event(&json!({ "event": "present", "device": presence.device }));
                }
                Note::Withdrawn { space } if space == here => {
                    event(&json!({ "event": "withdrawn" }));
                }
                _ => {}
            }
        }
        if changed {
            let reading = s.node.reading(here, open).await?;
            event(&count(&reading.body));
        }
        Ok(())
    }
}

fn pending(s: &Session, at: At) -> Result<usize, Failure> {
    let space = s.node.space(at.space)?;
    Ok(space.undecided().count() + space.drafts() + s.node.not_saved())
}

/// Says that the document changed, with how much it says.
fn count(body: &Body) -> Value {
    match body {
        Body::Consultation(c) => json!({ "event": "changed", "positions": c.positions.len() }),
        Body::Interview(i) => json!({ "event": "changed", "statements": i.statements.len() }),
        _ => json!({ "event": "changed" }),
    }
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
