//! Why a command did not do what was asked: what happened, and what to do next.
use std::{io::Write, process::ExitCode};

use serde_json::json;
use shared::{
    model::plain::{plain, plain_json},
    workflow::Refusal,
};

use super::say::Say;
use crate::laptop::{
    NodeError, courier::CourierError, evidence::EvidenceError, link::LinkError, vault::VaultError,
};

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const REFUSED: u8 = 3;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// A rule refuses it, on this laptop's preview or by the server.
    #[error("refused: {}", refusal.code())]
    Refused {
        /// Which rule.
        refusal: Refusal,
        /// Whether it is the server's answer.
        by_server: bool,
    },
    /// No record, space or person of that name.
    #[error("nothing is called {name:?}")]
    Unknown {
        /// As typed.
        name: String,
    },
    /// Several fit the name.
    #[error("{name:?} may be one of several: {fits:?}")]
    Ambiguous {
        /// As typed.
        name: String,
        /// What it may be.
        fits: Vec<String>,
    },
    /// What was typed cannot be read.
    #[error("{what}: {text:?} cannot be read")]
    Unreadable {
        /// Which argument.
        what: &'static str,
        /// As typed.
        text: String,
    },
    /// No folder was named.
    #[error("no home was named")]
    NoHome,
    /// The server does not answer, so this folder is no device of the round.
    #[error("{url} does not answer")]
    NoServer {
        /// Where it was looked for.
        url: String,
    },
    /// There is no passphrase to be had.
    #[error("no passphrase")]
    NoPassphrase,
    /// What was typed twice is not the same.
    #[error("the two passphrases differ")]
    Twice,
    /// What was given is no recovery key.
    #[error("no recovery key")]
    RecoveryKey,
    /// The interface needs a terminal.
    #[error("no terminal")]
    #[cfg(feature = "demo")]
    NoTerminal,
    /// The courier's file.
    #[error(transparent)]
    Courier(CourierError),
    /// A file of evidence.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The file of an item is neither here nor on the server, or did not get through.
    #[error("the file of {name:?} is not on this laptop")]
    FileNotHere {
        /// The item.
        name: String,
    },
    /// The file of an item is not what it was.
    #[error("the file of {name:?} is damaged: {why}")]
    FileDamaged {
        /// The item.
        name: String,
        /// What was found.
        why: String,
    },
    /// Entries of a journal are not here.
    #[error("{space}: {found} entries of {of}")]
    Entries {
        /// Which space.
        space: String,
        /// How many are here.
        found: u64,
        /// How many there are.
        of: u64,
    },
    /// A signed text is not the one its signatures name.
    #[error("{number}: the text is another")]
    Text {
        /// Which record.
        number: String,
    },
    /// The server found a request malformed.
    #[error("{number}: malformed")]
    Malformed {
        /// Which record.
        number: String,
    },
    /// Something here is not received, or not decided.
    #[error("{count} undecided or unreceived")]
    Held {
        /// How much.
        count: usize,
        /// What.
        lines: Vec<String>,
    },
    /// The server has not said that this device is revoked.
    #[error("device {device} is not revoked")]
    NotRevoked {
        /// This device.
        device: String,
    },
    /// The machine lacks something.
    #[error("{bad} checks are bad")]
    Checkup {
        /// How many.
        bad: usize,
    },
    /// The play stopped; the words are the play's.
    #[error("{0}")]
    #[cfg_attr(not(feature = "demo"), expect(dead_code, reason = "only the demo plays"))]
    Play(String),
    /// The laptop.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<VaultError> for Failure {
    fn from(e: VaultError) -> Self {
        Self::Node(e.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(e: serde_json::Error) -> Self {
        Self::Unreadable { what: "json", text: e.to_string() }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal, by_server: false }
    }
}

impl Failure {
    /// Returns a stable code for scripts.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Refused { refusal, .. } => refusal.code(),
            Self::Unknown { .. } => "unknown_name",
            Self::Ambiguous { .. } => "ambiguous_name",
            Self::Unreadable { .. } => "unreadable",
            Self::NoHome => "no_home",
            Self::NoServer { .. } => "unreachable",
            Self::NoPassphrase => "no_passphrase",
            Self::Twice => "passphrases_differ",
            Self::RecoveryKey => "recovery_key",
            #[cfg(feature = "demo")]
            Self::NoTerminal => "no_terminal",
            Self::Courier(CourierError::Node(e)) => node_code(e),
            Self::Courier(_) => "bundle",
            Self::Evidence(_) => "evidence",
            Self::FileNotHere { .. } => "file_not_here",
            Self::FileDamaged { .. } => "file_damaged",
            Self::Entries { .. } => "entries_missing",
            Self::Text { .. } => "text_differs",
            Self::Malformed { .. } => "malformed",
            Self::Held { .. } => "undecided",
            Self::NotRevoked { .. } => "not_revoked",
            Self::Checkup { .. } => "checkup",
            Self::Play(_) => "check",
            Self::Node(e) => node_code(e),
            Self::Link(e) => link_code(e),
            Self::Io(_) => "io",
        }
    }

    fn exit(&self) -> u8 {
        match self {
            Self::Refused { .. } => REFUSED,
            Self::Ambiguous { .. } | Self::Unknown { .. } | Self::NoHome => USAGE,
            Self::Unreadable { .. } => USAGE,
            #[cfg(feature = "demo")]
            Self::NoTerminal => USAGE,
            _ => FAILED,
        }
    }

    /// Prints it to standard error and returns the exit code.
    pub(super) fn print(&self, say: &Say, json: bool) -> ExitCode {
        let (what, next) = say.failure(self);
        let text = if json {
            let mut value = json!({ "error": self.code(), "what": what, "next": next });
            if let Self::Refused { refusal, by_server } = self {
                value["refusal"] = json!(refusal);
                value["by_server"] = json!(by_server);
            }
            plain_json(&value.to_string()).into_owned()
        } else if next.is_empty() {
            plain(&what).into_owned()
        } else {
            plain(&format!("{what}\n→ {next}")).into_owned()
        };
        // Nothing is left to do if the terminal is gone.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
        ExitCode::from(self.exit())
    }
}

fn node_code(e: &NodeError) -> &'static str {
    match e {
        NodeError::Vault(VaultError::WrongKey) => "wrong_passphrase",
        NodeError::Vault(VaultError::InUse { .. }) => "in_use",
        NodeError::Vault(VaultError::Absent { .. }) | NodeError::NotEnrolled => "not_enrolled",
        NodeError::Vault(VaultError::Exists { .. }) => "enrolled_already",
        NodeError::Vault(VaultError::Tampered { .. }) => "tampered",
        NodeError::Vault(VaultError::Full) | NodeError::NotSaved { .. } => "disk_full",
        NodeError::Edit(_) => "edit",
        NodeError::NotKept { .. } => "not_kept",
        _ => "laptop",
    }
}

fn link_code(e: &LinkError) -> &'static str {
    match e {
        LinkError::Unreachable(_) => "unreachable",
        LinkError::OtherServer => "other_server",
        LinkError::Refused => "device_refused",
        LinkError::Code => "code_refused",
        LinkError::Pin { .. } => "pin_differs",
        LinkError::Recovering => "recovering",
        LinkError::Server { .. } => "server",
        LinkError::Answer(_) => "answer",
        LinkError::Node(e) => node_code(e),
    }
}
