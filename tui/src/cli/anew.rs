//! Begins this program anew in its own place.
//!
//! What a process held in memory ends with it: after a lock nothing that was read is left in a
//! process that goes on (design §5). Only this file knows how the system does that.
use std::{convert::Infallible, io, process::Command};

/// Begins anew with the same arguments, on the same terminal. Comes back only if that failed.
///
/// # Errors
/// What the system says.
pub(super) fn anew() -> io::Result<Infallible> {
    let mut program = Command::new(std::env::current_exe()?);
    program.args(std::env::args_os().skip(1));
    replace(program)
}

/// Puts the program in the place of this process.
#[cfg(unix)]
fn replace(mut program: Command) -> io::Result<Infallible> {
    use std::os::unix::process::CommandExt;
    Err(program.exec())
}

/// Where no process can be replaced, this one waits for the new one with nothing but its
/// name, and ends as that does.
#[cfg(not(unix))]
fn replace(mut program: Command) -> io::Result<Infallible> {
    let ended = program.status()?;
    std::process::exit(ended.code().unwrap_or(1))
}
