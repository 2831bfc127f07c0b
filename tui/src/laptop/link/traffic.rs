//! Who goes first on the link: text always, files in between.
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use shared::model::Digest;
use tokio::sync::watch;

use crate::laptop::outstanding::{Wanted, Way};

/// Files and bytes that are still to travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Amount {
    /// How many files.
    pub files: usize,
    /// Their bytes, as they travel.
    pub bytes: u64,
}

/// How much is still to travel, each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Moving {
    /// To the server.
    pub up: Amount,
    /// From the server.
    pub down: Amount,
}

impl Amount {
    /// Adds up files.
    pub fn sum(wanted: &[Wanted]) -> Self {
        Self { files: wanted.len(), bytes: wanted.iter().map(Wanted::bytes).sum() }
    }
}

impl Moving {
    /// Returns the amount that goes one way.
    pub const fn of(&mut self, way: Way) -> &mut Amount {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }
}

/// Shared by those who send text and those who carry files; cheap to clone.
///
/// While anybody holds a [`Precedence`], no further chunk of a file begins. So text waits for
/// no more than the chunks under way.
#[derive(Clone)]
pub struct Traffic(Arc<Inner>);

struct Inner {
    texts: watch::Sender<usize>,
    stopped: watch::Sender<bool>,
    moving: watch::Sender<Moving>,
    /// Files nobody wants any more.
    unwanted: Mutex<BTreeSet<Digest>>,
}

impl Default for Traffic {
    fn default() -> Self {
        Self(Arc::new(Inner {
            texts: watch::Sender::new(0),
            stopped: watch::Sender::new(false),
            moving: watch::Sender::new(Moving::default()),
            unwanted: Mutex::default(),
        }))
    }
}

impl Traffic {
    /// Holds files back until what is returned is dropped.
    pub fn text(&self) -> Precedence {
        self.0.texts.send_modify(|n| *n += 1);
        Precedence(self.clone())
    }

    /// Ends the carrying of files: at once where a request is waited for, else after it.
    pub fn stop(&self) {
        self.0.stopped.send_replace(true);
    }

    /// Tells whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.stopped.borrow()
    }

    /// Says whether a file is wanted, by its address; one that is not stops after its chunk.
    pub fn want(&self, address: Digest, wanted: bool) {
        let mut unwanted = self.0.unwanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted {
            unwanted.remove(&address);
        } else {
            unwanted.insert(address);
        }
    }

    /// Tells whether a file is wanted.
    pub(super) fn wants(&self, address: &Digest) -> bool {
        let unwanted = self.0.unwanted.lock().unwrap_or_else(PoisonError::into_inner);
        !unwanted.contains(address)
    }

    /// Follows how much is still to travel.
    pub fn moving(&self) -> watch::Receiver<Moving> {
        self.0.moving.subscribe()
    }

    /// Waits until it is stopped.
    pub(super) async fn stopped(&self) {
        // The sender lives as long as `self`.
        let _ = self.0.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// Waits until no text is under way, or it is stopped.
    pub(super) async fn clear(&self) {
        let mut texts = self.0.texts.subscribe();
        tokio::select! {
            // The sender lives as long as `self`.
            _ = texts.wait_for(|n| *n == 0) => {}
            () = self.stopped() => {}
        }
    }

    pub(super) fn moved(&self, change: impl FnOnce(&mut Moving)) {
        self.0.moving.send_modify(change);
    }
}

/// The right of text to go first; files wait while it is held.
pub struct Precedence(Traffic);

impl Drop for Precedence {
    fn drop(&mut self) {
        self.0.0.texts.send_modify(|n| *n = n.saturating_sub(1));
    }
}
