//! Frames up, frames down, in one request: for a proxy, a bad link, a script.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    api::frames,
    journal::frame::{Down, ReceiptBody, Up},
    model::{Digest, SpaceId},
};
use tokio::time::{Instant, timeout_at};

use super::{Front, Refused, auth::Speaker, too_many};
use crate::app::outlet::Next;

/// The longest a request waits for decisions.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest a request waits for its own receipts.
const RECEIPT_TIME: Duration = Duration::from_secs(60);
/// Above this an answer ends; what is missing has no [`Down::Head`] yet and is asked for again.
const ANSWER_BYTES: usize = 32 * 1024 * 1024;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wait {
    /// Milliseconds to wait for decisions on what was pushed; if nothing was, for news.
    #[serde(default)]
    wait: u64,
}

/// What an exchange still waits for.
struct Waiting {
    /// Pushed, without receipt or rejection.
    unanswered: BTreeSet<Digest>,
    /// Pushed, without an entry; with the space of each.
    undecided: BTreeMap<Digest, SpaceId>,
    pushed: bool,
    /// Everything that was said has been heard.
    heard: bool,
    /// Entries came, or anything after that.
    news: bool,
}

impl Waiting {
    fn take(&mut self, frame: &Down) {
        self.news |= self.heard || matches!(frame, Down::Entries { .. });
        match frame {
            Down::Receipt(receipt) => {
                if let Ok(body) = minicbor::decode::<ReceiptBody>(&receipt.body) {
                    for envelope in &body.envelopes {
                        self.unanswered.remove(envelope);
                    }
                }
            }
            Down::Rejected { envelope, .. } => {
                self.unanswered.remove(envelope);
                self.undecided.remove(envelope);
            }
            Down::Held { envelope, .. } => {
                self.undecided.remove(envelope);
            }
            Down::Entries { items, .. } => {
                for envelope in items.iter().filter_map(|i| i.entry.body().envelope) {
                    self.undecided.remove(&envelope);
                }
            }
            _ => {}
        }
    }

    /// Everything is there that comes without waiting for a decision.
    fn answered(&self) -> bool {
        self.heard && self.unanswered.is_empty()
    }

    /// All that was pushed is answered, or, if nothing was, all that was said.
    fn over(&self) -> bool {
        self.unanswered.is_empty() && (self.heard || self.pushed)
    }

    fn satisfied(&self) -> bool {
        if self.pushed { self.undecided.is_empty() } else { self.news }
    }
}

/// Hears all frames of the body and answers with all that follows from them.
pub(super) async fn exchange(
    State(front): State<Arc<Front>>,
    Speaker(device): Speaker,
    Query(Wait { wait }): Query<Wait>,
    body: Bytes,
) -> Result<Response, Refused> {
    if !front.gates.exchange(device) {
        return Err(too_many());
    }
    let _open = front.gates.link(device).ok_or_else(too_many)?;
    let said: Vec<Up> =
        frames::read(&body).map_err(|_| Refused(StatusCode::BAD_REQUEST, "bad_request"))?;
    drop(body);
    let pushed: BTreeMap<Digest, SpaceId> = said
        .iter()
        .flat_map(|frame| match frame {
            Up::Push { envelopes } => {
                envelopes.iter().map(|e| (e.hash(), e.header().space)).collect()
            }
            _ => Vec::new(),
        })
        .collect();
    let unanswered = pushed.keys().copied().collect();
    let is_pushed = !pushed.is_empty();
    // Read before it is said: what is decided from now on is heard.
    let undecided = front.app.ask(move |server, _| {
        let open = |(envelope, space): &(Digest, SpaceId)| !server.is_settled(*space, envelope);
        pushed.into_iter().filter(open).collect()
    });
    let mut waiting = Waiting {
        unanswered,
        undecided: undecided.await?,
        pushed: is_pushed,
        heard: false,
        news: false,
    };
    let mut link = front.app.connect(device).await?;
    for frame in said {
        link.say(frame).await?;
    }
    link.barrier().await?;

    let begun = Instant::now();
    let patience = begun + LONGEST_WAIT.min(Duration::from_millis(wait));
    let mut answer = Vec::new();
    while answer.len() < ANSWER_BYTES {
        if waiting.answered() && waiting.satisfied() {
            break;
        }
        let until = if waiting.answered() { patience } else { begun + RECEIPT_TIME };
        if timeout_at(until, link.outlet.ready()).await.is_err() {
            break;
        }
        match link.outlet.next().await? {
            Next::Frame(frame) => {
                waiting.take(&frame);
                frames::push(&mut answer, &frame);
            }
            Next::Barrier => waiting.heard = true,
            Next::Closed if waiting.over() => break,
            // The journal is loaded anew, and what was said may not have been heard.
            Next::Closed => {
                let recovering = front.app.ask(|server, _| server.recovering()).await?;
                let code = if recovering { "recovering" } else { "busy" };
                return Err(Refused(StatusCode::SERVICE_UNAVAILABLE, code));
            }
        }
    }
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(CONTENT_TYPE, kind)], answer).into_response())
}
