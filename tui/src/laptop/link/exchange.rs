//! Synchronising by HTTP: as many exchanges as it takes until nothing is left to say.
use std::time::Duration;

use shared::{
    api::{frames, paths},
    journal::{
        frame::{Down, Up},
        laptop::Note,
    },
};

use super::{Client, LinkError};
use crate::laptop::FieldNode;

/// Bytes of frames after which one request is full: well below what the server takes in one.
const BODY_BYTES: usize = 4 * 1024 * 1024;
/// Exchanges in one run; each makes progress, so this is only a guard.
const MOST: usize = 200;
/// Frames of an answer that are taken in, and committed, together.
const TOGETHER: usize = 16;

/// What one run of [`sync`] came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct SyncReport {
    /// Envelopes for which receipts came.
    pub received: usize,
    /// Envelopes of this device that were decided.
    pub decided: usize,
    /// Entries that came.
    pub entries: usize,
    /// Envelopes that wait for a verdict.
    pub undecided: usize,
    /// Bytes sent, without HTTP's own.
    pub sent_bytes: usize,
    /// Bytes that came, without HTTP's own.
    pub got_bytes: usize,
}

impl SyncReport {
    /// Adds what a later run came to.
    pub const fn add(&mut self, later: &Self) {
        self.received += later.received;
        self.decided += later.decided;
        self.entries += later.entries;
        self.undecided = later.undecided;
        self.sent_bytes += later.sent_bytes;
        self.got_bytes += later.got_bytes;
    }
}

/// Sends what has no verdict and takes what is new, until both sides have nothing more to
/// say; then waits up to `wait` for verdicts on what was sent.
///
/// # Errors
/// [`LinkError::Unreachable`] and the like; what was done until then stays done.
pub async fn sync(
    node: &mut FieldNode,
    client: &mut Client,
    wait: Duration,
) -> Result<SyncReport, LinkError> {
    let mut report = SyncReport::default();
    if client.token.is_none() {
        open(node, client).await?;
    }
    let told = node.take_notes();
    node.connected().await?;
    let result = rounds(node, client, wait, &mut report).await;
    node.disconnected().await?;
    let mut notes = told;
    let fresh = node.take_notes();
    node.note_not_taken(&fresh).await?;
    let me = node.core().device();
    for note in &fresh {
        match note {
            Note::Received { envelopes } => report.received += envelopes.len(),
            Note::Decided { space, envelope, .. } => {
                let own = node
                    .core()
                    .space(*space)
                    .and_then(|s| s.envelope(envelope))
                    .is_some_and(|k| k.header.device == me);
                report.decided += usize::from(own);
            }
            _ => {}
        }
    }
    notes.extend(fresh);
    node.put_back_notes(notes);
    report.undecided = node.core().spaces().map(|(_, s)| s.undecided().count()).sum();
    result.map(|()| report)
}

async fn open(node: &FieldNode, client: &mut Client) -> Result<(), LinkError> {
    let server = node.identity().server().ok_or(crate::laptop::NodeError::Identity)?;
    client.open(&node.signing_key(), &server).await
}

async fn rounds(
    node: &mut FieldNode,
    client: &mut Client,
    wait: Duration,
    report: &mut SyncReport,
) -> Result<(), LinkError> {
    let mut reopened = false;
    let mut cut_short = false;
    let mut end = Ok(());
    for _ in 0..MOST {
        let frames: Vec<Up> = node.take_outgoing();
        if frames.is_empty() && !cut_short {
            return Ok(());
        }
        // Every exchange is a connection of its own to the server, which must be told each
        // time how far we have read.
        let mut body = Vec::new();
        if !frames.iter().any(|f| matches!(f, Up::Have { .. })) {
            frames::push(&mut body, &node.have());
        }
        let (mut pushes, mut later) = (false, Vec::new());
        for frame in frames {
            if body.len() < BODY_BYTES {
                pushes |= matches!(frame, Up::Push { .. });
                frames::push(&mut body, &frame);
            } else {
                later.push(frame);
            }
        }
        report.sent_bytes += body.len();
        // Verdicts are waited for once everything is said.
        let patience = if pushes && later.is_empty() { wait.as_millis() } else { 0 };
        node.put_back_outgoing(later);
        let path = format!("{}?wait={patience}", paths::EXCHANGE);
        let answer = match client.post(&path, body.clone()).await {
            Err(LinkError::Refused) if !reopened => {
                reopened = true;
                open(node, client).await?;
                client.post(&path, body).await?
            }
            // It has taken up what we gave back and heard nothing behind it: a new contact.
            Err(LinkError::Recovering) => {
                node.disconnected().await?;
                node.connected().await?;
                end = Err(LinkError::Recovering);
                continue;
            }
            other => other?,
        };
        end = Ok(());
        report.got_bytes += answer.len();
        // A long answer ends before the heads: the rest is asked for again.
        cut_short = false;
        let frames = frames::read::<Down>(&answer)?;
        for frame in &frames {
            match frame {
                Down::Entries { items, .. } => {
                    report.entries += items.len();
                    cut_short = true;
                }
                Down::Head { .. } => cut_short = false,
                _ => {}
            }
        }
        let mut frames = frames.into_iter().peekable();
        while frames.peek().is_some() {
            node.heard_all(frames.by_ref().take(TOGETHER)).await?;
        }
    }
    end
}
