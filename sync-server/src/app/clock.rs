//! The server's clock, which only in a training round may be moved.
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use shared::model::Timestamp;

/// The system's clock plus an offset; the offset is zero outside training rounds.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that is `offset` milliseconds ahead of the system's.
    pub fn with_offset(offset: i64) -> Self {
        Self { offset: Arc::new(AtomicI64::new(offset)) }
    }

    /// Returns the time it is.
    pub fn now(&self) -> Timestamp {
        system().plus_millis(self.offset())
    }

    /// Returns by how many milliseconds it is ahead of the system's.
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Moves the clock so that it is `now` now, and returns the new offset.
    pub(crate) fn set(&self, now: Timestamp) -> i64 {
        let offset = now.since(system());
        self.offset.store(offset, Ordering::Relaxed);
        offset
    }
}

fn system() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
