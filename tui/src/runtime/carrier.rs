//! Evidence files in the background, while the screens are open.
//!
//! What is too long to come by itself comes when somebody asked for it here.
//!
//! A task of its own carries them; the laptop's task only starts it, hears how far it is, and
//! notes what the server confirmed. Text goes first, also on the live link.
use std::{collections::BTreeSet, time::Duration};

use shared::model::{Digest, EvidenceId};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use crate::{
    app::data::{Amount, FilesLeft},
    laptop::{
        FieldNode, NodeError, link,
        link::{Carried, Client, HttpRoad, Moving, Precedence, Traffic},
        outstanding::Outstanding,
    },
};

/// How often the screen is told how far files are.
const TELL: Duration = Duration::from_millis(500);
/// How long after files were left over they are tried again; others may have sent theirs.
const AGAIN: Duration = Duration::from_secs(60);
/// How long files wait for the receipt of text that was sent on the live link.
const RECEIPT: Duration = Duration::from_secs(10);

/// What happened to the files.
pub(super) enum Carry {
    /// Some went on their way.
    Moved(Moving),
    /// Nothing more goes now.
    Ended(Carried),
    /// It is time to see what is outstanding.
    Again,
}

/// Files in the background.
#[derive(Default)]
pub(super) struct Carrier {
    traffic: Traffic,
    going: Option<Going>,
    /// When it is tried again.
    again: Option<Instant>,
    /// How many items of evidence were known when it was last looked at.
    items: Option<usize>,
    /// Items whose file was asked for.
    asked: BTreeSet<EvidenceId>,
    /// Held while only text is to travel.
    text_only: Option<Precedence>,
    /// Text that was sent and has no receipt, and until when files wait for that.
    text: Option<(Precedence, Instant)>,
}

struct Going {
    task: JoinHandle<Carried>,
    moving: watch::Receiver<Moving>,
    /// When the screen is told again.
    tell: Instant,
}

impl Carrier {
    /// Holds files back while text is exchanged.
    pub(super) fn text(&self) -> Precedence {
        self.traffic.text()
    }

    /// Leaves files for later, or no more; what is under way stops after the chunk it is in.
    pub(super) fn text_only(&mut self, on: bool) {
        self.text_only = on.then(|| self.traffic.text());
    }

    /// Text was sent on the live link: files wait until its receipt is here.
    pub(super) fn text_sent(&mut self) {
        self.text = Some((self.traffic.text(), Instant::now() + RECEIPT));
    }

    /// A receipt came.
    pub(super) fn text_received(&mut self) {
        self.text = None;
    }

    /// A contact was made: whatever is outstanding may go.
    pub(super) const fn contact(&mut self) {
        self.items = None;
    }

    /// Somebody wants the file of an item, however long it is.
    pub(super) fn ask_for(&mut self, evidence: EvidenceId, address: Digest) {
        self.asked.insert(evidence);
        self.traffic.want(address, true);
        self.items = None;
    }

    /// Nobody wants it any more. What came of it is kept for the next time.
    pub(super) fn give_up(&mut self, evidence: EvidenceId, address: Digest) {
        if self.asked.remove(&evidence) {
            self.traffic.want(address, false);
        }
        self.items = None;
    }

    /// Returns what is outstanding; what was asked for comes with the rest.
    async fn outstanding(&self, node: &mut FieldNode) -> Result<Outstanding, NodeError> {
        let mut wanted = node.outstanding().await?;
        let (asked, rest): (Vec<_>, Vec<_>) =
            wanted.on_demand.into_iter().partition(|w| self.asked.contains(&w.evidence));
        wanted.down.extend(asked);
        wanted.on_demand = rest;
        Ok(wanted)
    }

    /// Starts to carry what is outstanding, if anything may be; returns what is, if it was
    /// looked at.
    pub(super) async fn start(
        &mut self,
        node: &mut FieldNode,
        client: &Client,
    ) -> Result<Option<FilesLeft>, NodeError> {
        let items = items(node);
        if self.going.is_some() || self.items == Some(items) {
            return Ok(None);
        }
        self.items = Some(items);
        self.again = None;
        let wanted = self.outstanding(node).await?;
        let left = left(&wanted);
        let mut all = wanted.up;
        all.extend(wanted.down);
        if !all.is_empty() {
            let files = node.vault().files();
            let road = HttpRoad::new(client, node.identity(), &self.traffic);
            let traffic = self.traffic.clone();
            let moving = self.traffic.moving();
            let task = tokio::spawn(async move { link::carry(&files, all, &road, &traffic).await });
            self.going = Some(Going { task, moving, tell: Instant::now() + TELL });
        }
        Ok(Some(left))
    }

    /// Waits for the next thing to happen. Safe to drop and call again.
    pub(super) async fn next(&mut self) -> Carry {
        loop {
            let text_until = self.text.as_ref().map(|(_, until)| *until);
            let far = Instant::now() + AGAIN;
            tokio::select! {
                carry = next_of(&mut self.going) => {
                    if matches!(carry, Carry::Ended(_)) {
                        self.going = None;
                    }
                    return carry;
                }
                () = sleep_until(self.again.unwrap_or(far)), if self.again.is_some() => {
                    self.again = None;
                    self.items = None;
                    return Carry::Again;
                }
                () = sleep_until(text_until.unwrap_or(far)), if text_until.is_some() => {
                    self.text = None;
                }
            }
        }
    }

    /// Notes what came of it; what is left is tried again later.
    pub(super) async fn ended(
        &mut self,
        node: &mut FieldNode,
        carried: &Carried,
    ) -> Result<FilesLeft, NodeError> {
        node.confirmed(&carried.confirmed()).await?;
        if !carried.left.is_empty() {
            self.again = Some(Instant::now() + AGAIN);
        }
        Ok(left(&self.outstanding(node).await?))
    }

    /// Ends it, and notes what was done until then: the vault is closed next.
    pub(super) async fn stop(mut self, node: &mut FieldNode) -> Result<(), NodeError> {
        self.traffic.stop();
        let Some(going) = self.going.take() else { return Ok(()) };
        match going.task.await {
            Ok(carried) => node.confirmed(&carried.confirmed()).await,
            // What it did is asked for once more.
            Err(_) => Ok(()),
        }
    }
}

async fn next_of(going: &mut Option<Going>) -> Carry {
    let Some(going) = going else { return std::future::pending().await };
    tokio::select! {
        ended = &mut going.task => Carry::Ended(ended.unwrap_or_default()),
        now = moved(&mut going.moving, going.tell) => {
            going.tell = Instant::now() + TELL;
            Carry::Moved(now)
        }
    }
}

async fn moved(moving: &mut watch::Receiver<Moving>, tell: Instant) -> Moving {
    sleep_until(tell).await;
    if moving.changed().await.is_err() {
        // The other end lives as long as what is carried.
        return std::future::pending().await;
    }
    *moving.borrow_and_update()
}

/// Counts what the spaces here speak of; cheap, and it changes when a file may be new.
fn items(node: &FieldNode) -> usize {
    let spaces = node.core().spaces().filter(|(_, s)| !s.withdrawn());
    spaces.map(|(_, s)| s.state().evidence.len() + s.requests().count()).sum()
}

fn left(wanted: &Outstanding) -> FilesLeft {
    let amount = |wanted| {
        let link::Amount { files, bytes } = link::Amount::sum(wanted);
        Amount { files, bytes }
    };
    FilesLeft {
        up: amount(&wanted.up),
        down: amount(&wanted.down),
        on_demand: amount(&wanted.on_demand),
    }
}

/// Returns what is left while files are under way; what waits to be asked for stays.
pub(super) fn under_way(before: FilesLeft, now: Moving) -> FilesLeft {
    let amount = |a: link::Amount| Amount { files: a.files, bytes: a.bytes };
    FilesLeft { up: amount(now.up), down: amount(now.down), ..before }
}
