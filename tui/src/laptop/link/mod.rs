//! The road to the server by network: HTTP exchanges, and a WebSocket while it lasts.
//!
//! What is to be sent is never kept here: the journal knows it, and every contact asks anew.
//! Files of evidence go beside the frames, in requests of their own, and wait for them.
//! The server's certificate is pinned; no public authority and no name is trusted.
mod carry;
mod client;
mod enrol;
mod exchange;
mod live;
mod pin;
mod road;
mod traffic;

pub use carry::{Carried, carry};
pub use client::Client;
pub use enrol::{accept, enrol, request};
pub use exchange::{SyncReport, sync};
pub use live::{Live, LiveEnd};
pub use road::HttpRoad;
pub use traffic::{Amount, Moving, Precedence, Traffic};

use shared::api::frames::FramesError;

use super::NodeError;

/// Why the server could not be spoken to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// No answer: no network, no server, a proxy in between.
    #[error("the server does not answer: {0}")]
    Unreachable(String),
    /// Who answers is not the server this laptop is enrolled with.
    #[error("what answers there is not our server")]
    OtherServer,
    /// The server refuses this device.
    #[error("the server refuses this device")]
    Refused,
    /// The code is wrong, used or too old. The server does not say which.
    #[error("the code is wrong, used or too old")]
    Code,
    /// The certificate is not the one whose fingerprint was given.
    #[error("the fingerprint is {found}, not the one that was given")]
    Pin {
        /// What the server shows.
        found: String,
    },
    /// The server takes its journal up anew, from what laptops bring back: come again soon.
    #[error("the server is recovering")]
    Recovering,
    /// The server has trouble of its own.
    #[error("the server answers {status}: {error}")]
    Server {
        /// HTTP status.
        status: u16,
        /// Its code.
        error: String,
    },
    /// What came is not what was to come.
    #[error("the answer cannot be read: {0}")]
    Answer(String),
    /// This laptop has trouble of its own.
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl From<FramesError> for LinkError {
    fn from(e: FramesError) -> Self {
        Self::Answer(e.to_string())
    }
}
