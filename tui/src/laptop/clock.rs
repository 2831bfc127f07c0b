//! The laptop's clock, with the offset that a training round's server announces.
use std::time::{SystemTime, UNIX_EPOCH};

use shared::model::Timestamp;

/// Reads the system clock.
pub fn system() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The clock a laptop shows and claims.
///
/// In a training round it follows the server's training clock, which an administrator may
/// move; in a real round it is the system clock, whatever the server says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    offset: i64,
}

impl Clock {
    /// Takes a clock up with the offset last known, in milliseconds.
    pub fn with_offset(offset: i64) -> Self {
        Self { offset }
    }

    /// Returns now.
    pub fn now(&self) -> Timestamp {
        system().plus_millis(self.offset)
    }

    /// Follows a training server's clock.
    pub fn follow(&mut self, server: Timestamp) {
        self.offset = server.since(system());
    }

    /// Returns the offset in milliseconds.
    pub fn offset(&self) -> i64 {
        self.offset
    }
}
