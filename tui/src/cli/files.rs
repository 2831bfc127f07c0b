//! Evidence files at the command line: carried by `sync`, written out by `evidence get`,
//! checked by `verify`.
use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    pin::pin,
    time::Duration,
};

use serde::Serialize;
use shared::{
    crypto::FileManifest,
    model::{EvidenceId, SpaceId},
};
use tokio::time::Instant;

use super::{
    failure::Failure,
    say::Say,
    session::{PATIENCE, Session},
};
use crate::{
    app::data::size,
    laptop::{
        evidence,
        link::{Amount, Carried, Client, HttpRoad, Moving, SyncReport, Traffic, carry as go, sync},
        outstanding::{Outstanding, Wanted, Way},
        vault::{Files, VaultError},
    },
};

/// How often text is sent and fetched while files travel.
const TEXT_EVERY: Duration = Duration::from_secs(15);

/// Files that are still to travel.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Left {
    /// To the server.
    pub(super) up: Amount,
    /// From the server, by themselves.
    pub(super) down: Amount,
    /// From the server, when they are asked for.
    pub(super) on_demand: Amount,
}

impl Left {
    pub(super) fn of(wanted: &Outstanding) -> Self {
        Self {
            up: Amount::sum(&wanted.up),
            down: Amount::sum(&wanted.down),
            on_demand: Amount::sum(&wanted.on_demand),
        }
    }

    pub(super) fn lines(&self, say: &Say) -> Vec<String> {
        let mut lines = Vec::new();
        if self.up.files + self.down.files > 0 {
            let (up, down) = (&self.up, &self.down);
            lines.push(say.files_left(up.files, size(up.bytes), down.files, size(down.bytes)));
        }
        if self.on_demand.files > 0 {
            lines.push(say.files_on_demand(self.on_demand.files, size(self.on_demand.bytes)));
        }
        lines
    }
}

/// A file that did not get through.
#[derive(Debug, Serialize)]
pub(super) struct Failed {
    evidence: EvidenceId,
    name: String,
    way: Way,
    code: String,
}

/// What came of carrying files.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    sent: usize,
    got: usize,
    /// Bytes sent, also in vain, without HTTP's own.
    sent_bytes: u64,
    /// Bytes that came, also in vain, without HTTP's own.
    got_bytes: u64,
    left: Left,
    failed: Vec<Failed>,
    #[serde(skip)]
    pub(super) interrupted: bool,
}

impl Report {
    /// Everything waits.
    pub(super) fn nothing_moved(wanted: &Outstanding) -> Self {
        Self { left: Left::of(wanted), ..Self::default() }
    }

    pub(super) fn lines(&self, say: &Say) -> Vec<String> {
        let mut lines = Vec::new();
        if self.sent + self.got > 0 {
            lines.push(say.files_moved(self.sent, self.got));
        }
        lines.extend(self.failed.iter().map(|f| say.file_failed(&f.name, &f.code)));
        lines.extend(self.left.lines(say));
        lines
    }
}

/// Carries files both ways, with text in between; adds what the text came to.
pub(super) async fn carry(
    s: &mut Session,
    client: &mut Client,
    wanted: Outstanding,
    text: &mut SyncReport,
) -> Result<Report, Failure> {
    let mut all = wanted.up;
    all.extend(wanted.down);
    let (carried, interrupted) = travel(s, client, all, text).await?;
    let left = Left::of(&s.node.outstanding().await?);
    let failed = carried.left.iter().filter_map(|(w, why)| {
        let code = why.as_ref()?.code().to_owned();
        Some(Failed { evidence: w.evidence, name: w.name.clone(), way: w.way, code })
    });
    Ok(Report {
        sent: carried.went(Way::Up),
        got: carried.went(Way::Down),
        sent_bytes: carried.sent_bytes,
        got_bytes: carried.got_bytes,
        left,
        failed: failed.collect(),
        interrupted,
    })
}

/// Carries files until they are there, cannot go on, or an interrupt; tells whether by that.
async fn travel(
    s: &mut Session,
    client: &mut Client,
    wanted: Vec<Wanted>,
    text: &mut SyncReport,
) -> Result<(Carried, bool), Failure> {
    if wanted.is_empty() {
        return Ok((Carried::default(), false));
    }
    let traffic = Traffic::default();
    let road = HttpRoad::new(client, s.node.identity(), &traffic);
    let files = s.node.vault().files();
    let mut going = pin!(go(&files, wanted, &road, &traffic));
    let mut moving = traffic.moving();
    let mut text_time = tokio::time::interval_at(Instant::now() + TEXT_EVERY, TEXT_EVERY);
    let shown = !s.global.json && io::stderr().is_terminal();
    let mut interrupted = false;
    let carried = loop {
        tokio::select! {
            carried = &mut going => break carried,
            _ = text_time.tick() => {
                let _first = traffic.text();
                // A link that is gone shows in the files, too.
                if let Ok(later) = sync(&mut s.node, client, PATIENCE).await {
                    text.add(&later);
                }
            }
            Ok(()) = moving.changed() => {
                let now = *moving.borrow_and_update();
                if shown {
                    progress(&s.say, now);
                }
            }
            _ = tokio::signal::ctrl_c() => {
                interrupted = true;
                traffic.stop();
            }
        }
    };
    if shown {
        // The line is only for whoever looks at it now.
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    s.node.confirmed(&carried.confirmed()).await?;
    Ok((carried, interrupted))
}

fn progress(say: &Say, now: Moving) {
    let line =
        say.files_left(now.up.files, size(now.up.bytes), now.down.files, size(now.down.bytes));
    let _ = write!(io::stderr(), "\r\x1b[K{line}");
}

/// Fetches the file of one item, if it is not here.
///
/// # Errors
/// [`Failure::FileNotHere`] if the server does not have it either; what the link says.
pub(super) async fn fetch(s: &mut Session, id: EvidenceId, name: &str) -> Result<(), Failure> {
    let wanted = s.node.outstanding().await?;
    let missing = wanted.down.into_iter().chain(wanted.on_demand);
    let missing: Vec<Wanted> = missing.filter(|w| w.evidence == id).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut client = s.client()?;
    let mut report = SyncReport::default();
    let (carried, _) = travel(s, &mut client, missing, &mut report).await?;
    if carried.done.is_empty() {
        return Err(Failure::FileNotHere { name: name.to_owned() });
    }
    Ok(())
}

/// Writes a file out in plain; returns its length. Nothing is left when it fails.
pub(super) async fn write_out(
    store: &Files,
    manifest: &FileManifest,
    out: &Path,
) -> Result<u64, Failure> {
    let mut reader = store.open(manifest)?;
    let out: PathBuf = out.to_owned();
    let work = move || -> Result<u64, VaultError> {
        let mut target = std::fs::File::create(&out)?;
        let copied = io::copy(&mut reader, &mut target).and_then(|n| {
            target.sync_all()?;
            Ok(n)
        });
        if copied.is_err() {
            // The reason is what is said; half a file must not look like one.
            let _ = std::fs::remove_file(&out);
        }
        Ok(copied?)
    };
    let written = tokio::task::spawn_blocking(work).await.map_err(VaultError::from)??;
    Ok(written)
}

/// An item whose file is not here.
#[derive(Debug, Serialize)]
pub(super) struct Missing {
    evidence: EvidenceId,
    pub(super) number: String,
    pub(super) name: String,
}

/// What became of checking the files.
#[derive(Debug, Default, Serialize)]
pub(super) struct Verified {
    /// How many are here, each byte as registered.
    pub(super) whole: usize,
    /// Which are not here.
    pub(super) missing: Vec<Missing>,
}

/// Reads every file of evidence here to its end.
///
/// # Errors
/// [`Failure::FileDamaged`] with the first that is damaged.
pub(super) async fn verify(s: &mut Session, spaces: &[SpaceId]) -> Result<Verified, Failure> {
    let store = s.node.vault().files();
    let mut found = Verified::default();
    for space in spaces {
        let held = s.node.space(*space)?;
        let items: Vec<_> = held.state().evidence.values().cloned().collect();
        for item in items.iter().filter(|i| i.evidence.file.is_some()) {
            let (id, name) = (item.evidence.id, item.evidence.name.clone());
            let number = item.number.clone();
            let damaged =
                |why: String| Failure::FileDamaged { name: format!("{number} {name}"), why };
            let manifest = evidence::manifest(s.node.space(*space)?, id)
                .map_err(|e| damaged(e.to_string()))?;
            if !store.has(&manifest) {
                found.missing.push(Missing { evidence: id, number, name });
                continue;
            }
            let store = store.clone();
            let read = move || -> Result<(), VaultError> {
                let mut reader = store.open(&manifest)?;
                while reader.next_chunk()?.is_some() {}
                Ok(())
            };
            let read = tokio::task::spawn_blocking(read).await.map_err(VaultError::from)?;
            read.map_err(|e| damaged(e.to_string()))?;
            found.whole += 1;
        }
    }
    Ok(found)
}
