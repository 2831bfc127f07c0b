//! The machine under the laptop: clock, disk, rights, vault, and the server where it is reached.
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use shared::model::Timestamp;

use super::{Check, State};
use crate::{
    cli::{failure::Failure, passphrase, say::Say},
    laptop::{
        FieldNode, NodeError, clock,
        link::Client,
        vault::{VaultError, look::look},
    },
    words::{Words, t},
};

/// A clock before this was never set: 2025-01-01.
const BUILT: Timestamp = Timestamp(1_735_689_600_000);
/// How far two clocks may be apart, in milliseconds: five minutes.
const APART: i64 = 5 * 60_000;
/// Free room below which work stops soon, and below which it is time to make some, in bytes.
const LITTLE: u64 = 200 << 20;
const SOME: u64 = 2 << 30;
const MIB: u64 = 1 << 20;
/// How often a sync is tried, and how long one may take.
const SYNCS: usize = 5;
const SLOW: Duration = Duration::from_millis(100);
/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Says that no home was named.
pub(super) fn no_home(w: &Words) -> Check {
    Check::new("home", State::Attention, t!(w, "fail-no-home"), t!(w, "next-home"))
}

/// Looks at the system's clock alone.
pub(super) fn clock(w: &Words) -> Check {
    let now = clock::system();
    let what = t!(w, "doctor-clock", now = now.to_string());
    if now >= BUILT {
        return Check::good("clock", what);
    }
    Check::new("clock", State::Bad, what, t!(w, "doctor-clock-next"))
}

/// Looks at free room, and at what it takes to have something on the disk.
pub(super) fn disk(w: &Words, home: &Path) -> Vec<Check> {
    // Before there is a home, its disk is that of the nearest folder above.
    let Some(dir) = home.ancestors().find(|dir| dir.is_dir()) else { return Vec::new() };
    let mut checks = Vec::new();
    match fs4::available_space(dir) {
        Ok(free) => {
            let mib = free / MIB;
            let what = t!(w, "doctor-room", mib = mib);
            let next = t!(w, "next-room");
            checks.push(match free {
                0..LITTLE => Check::new("room", State::Bad, what, next),
                LITTLE..SOME => Check::new("room", State::Attention, what, next),
                _ => Check::good("room", what),
            });
        }
        Err(e) => checks.push(failed(w, "room", &e)),
    }
    if !home.is_dir() {
        return checks;
    }
    match sync_takes(home) {
        Ok(took) => {
            let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            let what = t!(w, "doctor-sync", ms = ms);
            checks.push(match took > SLOW {
                true => Check::new("sync", State::Attention, what, t!(w, "doctor-sync-next")),
                false => Check::good("sync", what),
            });
        }
        Err(e) => checks.push(failed(w, "sync", &e)),
    }
    checks
}

fn failed(w: &Words, check: &'static str, e: &io::Error) -> Check {
    Check::new(check, State::Bad, t!(w, "fail-io", why = e.to_string()), t!(w, "next-io"))
}

/// Returns the middle of a few times that a small file took to be on the disk.
fn sync_takes(home: &Path) -> io::Result<Duration> {
    let path = home.join("doctor.tmp");
    let took = timed(&path);
    let removed = fs::remove_file(&path);
    let mut took = took?;
    removed?;
    took.sort_unstable();
    Ok(took.get(SYNCS / 2).copied().unwrap_or_default())
}

fn timed(path: &Path) -> io::Result<Vec<Duration>> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_all()?;
        took.push(begun.elapsed());
    }
    Ok(took)
}

/// Looks at who else may enter.
pub(super) fn rights(w: &Words, home: &Path) -> Vec<Check> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open =
            |path: &Path| fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
        if !home.is_dir() {
            return Vec::new();
        }
        if open(home) {
            let dir = home.display().to_string();
            let (what, next) = (t!(w, "doctor-open"), t!(w, "doctor-open-next", dir = dir));
            return vec![Check::new("rights", State::Bad, what, next)];
        }
        vec![Check::good("rights", t!(w, "doctor-rights"))]
    }
    #[cfg(not(unix))]
    {
        // Who may enter is a matter of the account there; nothing is known from here.
        let _ = (w, home);
        Vec::new()
    }
}

/// Looks at the vault from outside; tells also whether it could be opened now.
pub(super) async fn vault(say: &Say, home: &Path) -> (Check, bool) {
    let w = &say.words;
    let found = look(home).await;
    match found {
        Ok(found) if found.sound => {
            (Check::good("vault", t!(w, "doctor-vault", n = found.slots.len())), true)
        }
        Ok(_) => {
            let (what, next) = (t!(w, "doctor-vault-broken"), t!(w, "next-salvage"));
            (Check::new("vault", State::Bad, what, next), false)
        }
        Err(e) => {
            let state = match e {
                VaultError::Absent { .. } | VaultError::InUse { .. } => State::Attention,
                _ => State::Bad,
            };
            let (what, next) = say.failure(&Failure::Node(NodeError::Vault(e)));
            (Check::new("vault", state, what, next), false)
        }
    }
}

/// Unlocks, and compares the clocks if the server is reached.
pub(super) async fn server(say: &Say, home: &Path) -> Result<Vec<Check>, Failure> {
    let w = &say.words;
    let node = FieldNode::open(home, &passphrase::take(say)?).await?;
    let (url, certificate) = (node.identity().server_url.clone(), node.identity().certificate);
    let mine = node.now();
    let training = node.identity().training;
    node.lock().await?;
    let client = Client::new(&url, Some(certificate))?;
    let asked = tokio::time::timeout(PATIENCE, client.time()).await;
    let theirs = match asked {
        Ok(Ok(theirs)) => theirs,
        Ok(Err(e)) => {
            let (what, next) = say.failure(&Failure::Link(e));
            return Ok(vec![Check::new("server", State::Attention, what, next)]);
        }
        Err(_) => {
            let (what, next) = (t!(w, "fail-unreachable"), t!(w, "next-offline"));
            return Ok(vec![Check::new("server", State::Attention, what, next)]);
        }
    };
    let mut checks = vec![Check::good("server", t!(w, "doctor-server", url = url))];
    let apart = theirs.since(mine);
    let seconds = apart / 1000;
    checks.push(if training {
        // A training round's clock is the server's; the laptop follows it at contact.
        Check::good("server_clock", t!(w, "doctor-clock-training", seconds = seconds))
    } else if apart.abs() > APART {
        let what = t!(w, "doctor-clock-apart", seconds = seconds);
        Check::new("server_clock", State::Attention, what, t!(w, "doctor-clock-next"))
    } else {
        Check::good("server_clock", t!(w, "doctor-clock-near", seconds = seconds))
    });
    Ok(checks)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_home_that_others_may_enter_is_bad() {
        let dir = tempfile::TempDir::new().unwrap();
        let w = Words::new(Language::Zh);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |mode| {
                fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
                rights(&w, dir.path())[0].state
            };
            assert_eq!(mode(0o755), State::Bad);
            assert_eq!(mode(0o700), State::Good);
        }
    }

    #[test]
    fn trying_the_disk_leaves_nothing_behind() {
        let dir = tempfile::TempDir::new().unwrap();
        assert!(sync_takes(dir.path()).is_ok());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(sync_takes(&dir.path().join("none")).is_err());
    }
}
