//! What an administrator does to a server from its command line.
//!
//! A [`Request`] is carried out by the [`Office`] of the process that has the folder open: the
//! running server ([`channel`]), or the command itself when none runs.
pub mod channel;
mod office;
pub mod round_file;
pub mod seed;

use serde::{Deserialize, Serialize};
use shared::{
    api::enrol::{EnrolGrant, EnrolRequest},
    model::{DeviceId, Timestamp},
};

pub use office::Office;
pub(crate) use office::{stored_offset, stored_round};
use round_file::{Change, RoundPlan};

/// What an administrator asks for.
///
/// The kind stands outside, not among the fields: a tag inside would have each request read
/// through a buffer in which the years of a calendar are texts, and so none that holds a round.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Is the server there and does it commit?
    Health,
    /// What would this round file change?
    Compare {
        /// The round.
        plan: Box<RoundPlan>,
    },
    /// Make the round so.
    Apply {
        /// The round.
        plan: Box<RoundPlan>,
        /// What time it is then; training rounds only. A new one that is not held now begins
        /// in the morning of its first day.
        clock: Option<Timestamp>,
    },
    /// A one-time code for a person.
    Invite {
        /// The person's code in the round file.
        person: String,
    },
    /// Enrol a device by its request file.
    Enrol {
        /// The request.
        request: EnrolRequest,
        /// Whose device it is, by code; what the request says if none is given.
        person: Option<String>,
    },
    /// Revoke a device.
    Revoke {
        /// Which: its id, or its first digits if no other begins so.
        device: String,
        /// Why.
        reason: String,
    },
    /// Move the clock of a training round.
    SetClock {
        /// To this moment.
        to: Timestamp,
    },
    /// Go on after the clock jumped.
    ConfirmClock,
    /// End recovery without waiting for the silent devices.
    EndRecovery,
    /// Copy everything into a new file.
    Backup {
        /// The file.
        file: std::path::PathBuf,
    },
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum Answer {
    /// It is done.
    Done,
    /// What differs, in the words of the round file.
    Changes {
        /// One for each difference, as JSON.
        changes: Vec<serde_json::Value>,
        /// The same, for people, in Chinese.
        shown: Vec<String>,
        /// The same in English.
        shown_en: Vec<String>,
    },
    /// A code; it is shown once and kept nowhere.
    Invited {
        /// The code.
        code: String,
        /// The person's name.
        person: String,
        /// Where laptops find the server.
        url: String,
        /// What people compare with what their laptop shows.
        pin: String,
        /// Until when the code is good.
        expires: Timestamp,
    },
    /// A device is enrolled.
    Enrolled {
        /// To be carried back to the device.
        grant: EnrolGrant,
        /// The device.
        device: DeviceId,
        /// What people compare with what their laptop shows.
        pin: String,
    },
    /// How the server is.
    Health {
        /// The epoch's number.
        epoch: u32,
        /// Whether it is in recovery.
        recovering: bool,
        /// Whether the round is a training round.
        training: bool,
        /// Spaces kept.
        spaces: usize,
        /// Envelopes stored and not decided.
        undecided: usize,
        /// Its clock.
        now: Timestamp,
    },
    /// Not done, and why, as a code: `no_round`, `other_round`, `no_person`, `no_device`,
    /// `not_training`, `proof`, `token`, `request`, `full`, `failed`.
    Refused {
        /// Why.
        why: String,
    },
}

impl Answer {
    fn refused(why: &str) -> Self {
        Self::Refused { why: why.to_owned() }
    }

    fn changes(changes: &[Change]) -> Self {
        Self::Changes {
            changes: changes.iter().filter_map(|c| serde_json::to_value(c).ok()).collect(),
            shown: changes.iter().map(Change::zh).collect(),
            shown_en: changes.iter().map(Change::en).collect(),
        }
    }
}
