//! How a child ended without an answer.
use std::{io, process::ExitStatus, time::Duration};

use crate::child::{EXIT_FRAME, EXIT_PANIC, EXIT_UNCONFINED};

/// Why there is no answer to a request. The child it was sent to is gone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxDeath {
    /// No child could be started.
    #[error("no sandbox process could be started")]
    Spawn(#[source] io::Error),
    /// The child ended, and the system does not say how.
    #[error("the end of the sandbox process could not be learned")]
    Lost(#[source] io::Error),
    /// The child could not give up its rights and ended before it read the request.
    #[error("this system does not let the sandbox be confined")]
    Unconfined,
    /// The child aborted: its memory or its stack was used up.
    #[error("the sandbox ran out of memory")]
    Memory,
    /// The child used up the processor time of its whole life.
    #[error("the sandbox used up its processor time")]
    Cpu,
    /// The child asked the system for something forbidden: a file, a socket, a process.
    #[error("the sandbox asked for a forbidden system call")]
    Forbidden,
    /// The handler panicked.
    #[error("the sandbox panicked")]
    Panicked,
    /// The child was ended by another signal; 9 is also what a system short of memory sends.
    #[error("the sandbox was killed by signal {signal}")]
    Killed {
        /// The number of the signal.
        signal: i32,
    },
    /// The child ended by itself.
    #[error("the sandbox exited with code {code}")]
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// No answer came in time, and the child was killed.
    #[error("no answer from the sandbox within {after:?}")]
    TimedOut {
        /// The time that was allowed.
        after: Duration,
    },
    /// The request is longer than a frame may be; no child was asked.
    #[error("a request of {len} bytes is too long for the sandbox")]
    RequestTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The child sent, or would have had to send, more than a frame may hold.
    #[error("the sandbox's answer is too long")]
    AnswerTooLong,
    /// The pool was closed.
    #[error("the sandbox pool is closed")]
    Closed,
}

impl SandboxDeath {
    /// Whether the request itself may have caused the death.
    ///
    /// Only such a death, alone in a fresh process and twice, puts bytes in quarantine
    /// (design §3). The others come from the machine: try again later. A time-out is one of
    /// them; for bytes that never end, allow more time than the child has of the processor
    /// ([`crate::Confinement::cpu_seconds`]), and the death is [`SandboxDeath::Cpu`].
    pub const fn may_be_the_input(&self) -> bool {
        match self {
            Self::Memory | Self::Cpu | Self::Forbidden | Self::Panicked | Self::AnswerTooLong => {
                true
            }
            Self::Exited { .. } => true,
            // A kill comes from outside; a crash (a bad access, an illegal instruction) does not.
            Self::Killed { signal } => *signal != SIGKILL && *signal != SIGTERM,
            Self::Spawn(_)
            | Self::Lost(_)
            | Self::Unconfined
            | Self::TimedOut { .. }
            | Self::RequestTooLong { .. }
            | Self::Closed => false,
        }
    }

    /// Reads the end of a child that closed its pipe.
    pub(crate) fn from_status(status: ExitStatus) -> Self {
        if let Some(signal) = signal(status) {
            return match signal {
                SIGABRT => Self::Memory,
                SIGXCPU => Self::Cpu,
                SIGSYS => Self::Forbidden,
                signal => Self::Killed { signal },
            };
        }
        match status.code() {
            Some(EXIT_UNCONFINED) => Self::Unconfined,
            Some(EXIT_FRAME) => Self::AnswerTooLong,
            Some(EXIT_PANIC) => Self::Panicked,
            code => Self::Exited { code: code.unwrap_or(-1) },
        }
    }
}

// The same numbers on every Unix, except the last two.
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;
const SIGXCPU: i32 = 24;
const SIGSYS: i32 = if cfg!(target_os = "linux") { 31 } else { 12 };

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
