//! Carries files of evidence both ways, a few at a time, behind the text.
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use shared::model::{Digest, SpaceId};

use super::traffic::Traffic;
use crate::laptop::{
    outstanding::{Wanted, Way},
    transfer::{Fetch, FileRoad, RoadError, Step, TransferError, Upload},
    vault::Files,
};

/// How many files travel at once: one that is long must not keep a short one waiting.
const LANES: usize = 2;
/// How often a step is tried again without getting further.
const TRIES: u32 = 6;
/// How long before the second try; each later one waits twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// What came of carrying files.
#[derive(Default)]
pub struct Carried {
    /// Files that are now on both sides.
    pub done: Vec<Wanted>,
    /// Files that are not: with the reason, or without one where the server does not have the
    /// file yet or it was stopped.
    pub left: Vec<(Wanted, Option<TransferError>)>,
    /// Bytes of chunks sent, also in vain.
    pub sent_bytes: u64,
    /// Bytes of chunks that came, also in vain.
    pub got_bytes: u64,
}

impl Carried {
    /// Returns the files that are now on both sides, by space and address.
    pub fn confirmed(&self) -> Vec<(SpaceId, Digest)> {
        self.done.iter().map(|w| (w.space, w.manifest.address)).collect()
    }

    /// Counts the files that went one way.
    pub fn went(&self, way: Way) -> usize {
        self.done.iter().filter(|w| w.way == way).count()
    }
}

/// A file under way.
enum Load {
    Up(Upload),
    Down(Fetch),
}

impl Load {
    fn new(files: Files, wanted: &Wanted) -> Self {
        match wanted.way {
            Way::Up => Self::Up(Upload::new(files, wanted.space, &wanted.manifest)),
            Way::Down => Self::Down(Fetch::new(files, wanted.space, &wanted.manifest)),
        }
    }

    async fn step<R: FileRoad + Send>(&mut self, road: &mut R) -> Result<Step, TransferError> {
        match self {
            Self::Up(upload) => upload.step(road).await,
            Self::Down(fetch) => fetch.step(road).await,
        }
    }

    /// Returns the bytes that went up and came down.
    const fn bytes(&self) -> (u64, u64) {
        match self {
            Self::Up(upload) => (upload.sent(), 0),
            Self::Down(fetch) => (0, fetch.got()),
        }
    }
}

struct Trip<'t> {
    files: &'t Files,
    traffic: &'t Traffic,
    waiting: Mutex<VecDeque<Wanted>>,
    carried: Mutex<Carried>,
}

/// Carries files until each is there or cannot go on now. What goes up goes first, and short
/// files before long ones. Each lane has its own copy of the road.
///
/// Dropping it loses the chunks under way and nothing else.
pub async fn carry<R: FileRoad + Clone + Send>(
    files: &Files,
    wanted: Vec<Wanted>,
    road: &R,
    traffic: &Traffic,
) -> Carried {
    let mut wanted = wanted;
    wanted.sort_by_key(|w| (w.way, w.bytes()));
    traffic.moved(|moving| {
        *moving = super::traffic::Moving::default();
        for w in &wanted {
            let amount = moving.of(w.way);
            amount.files += 1;
            amount.bytes += w.bytes();
        }
    });
    let trip = Trip {
        files,
        traffic,
        waiting: Mutex::new(wanted.into()),
        carried: Mutex::new(Carried::default()),
    };
    let lanes = (0..LANES).map(|_| trip.lane(road.clone()));
    futures_util::future::join_all(lanes).await;
    let left = trip.waiting.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut carried = trip.carried.into_inner().unwrap_or_else(PoisonError::into_inner);
    carried.left.extend(left.into_iter().map(|w| (w, None)));
    carried
}

impl Trip<'_> {
    fn next(&self) -> Option<Wanted> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    async fn lane<R: FileRoad + Send>(&self, mut road: R) {
        while !self.traffic.is_stopped()
            && let Some(wanted) = self.next()
        {
            let mut load = Load::new(self.files.clone(), &wanted);
            let end = self.travel(&wanted, &mut load, &mut road).await;
            let (sent, got) = load.bytes();
            let lost = matches!(&end, Err(Some(TransferError::Road(RoadError::Cut))));
            let mut carried = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
            carried.sent_bytes += sent;
            carried.got_bytes += got;
            match end {
                Ok(()) => carried.done.push(wanted),
                Err(why) => carried.left.push((wanted, why)),
            }
            if lost {
                // No link: the others would fare no better.
                return;
            }
        }
    }

    /// Takes one file as far as it goes.
    async fn travel<R: FileRoad + Send>(
        &self,
        wanted: &Wanted,
        load: &mut Load,
        road: &mut R,
    ) -> Result<(), Option<TransferError>> {
        let (mut best, mut tries) = (0, 0);
        loop {
            self.traffic.clear().await;
            if self.traffic.is_stopped() || !self.traffic.wants(&wanted.manifest.address) {
                return Err(None);
            }
            match load.step(road).await {
                Ok(Step::Done) => {
                    let rest = wanted.bytes() - best;
                    self.traffic.moved(|moving| {
                        let amount = moving.of(wanted.way);
                        amount.files = amount.files.saturating_sub(1);
                        amount.bytes = amount.bytes.saturating_sub(rest);
                    });
                    return Ok(());
                }
                Ok(Step::NotThere) => return Err(None),
                Ok(Step::More { done, .. }) if done > best => {
                    let more = done - best;
                    (best, tries) = (done, 0);
                    self.traffic.moved(|moving| {
                        let amount = moving.of(wanted.way);
                        amount.bytes = amount.bytes.saturating_sub(more);
                    });
                }
                Ok(Step::More { .. }) => {}
                Err(error) if error.passes() && tries < TRIES => {
                    if let Some(n) = tries.checked_sub(1) {
                        tokio::select! {
                            () = tokio::time::sleep(PAUSE * 2_u32.pow(n)) => {}
                            () = self.traffic.stopped() => return Err(None),
                        }
                    }
                    tries += 1;
                }
                Err(error) => return Err(Some(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests;
