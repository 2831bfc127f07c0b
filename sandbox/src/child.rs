//! The child's side: confine, then answer one frame after another.
use std::{
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    process,
};

use crate::{
    confine::{self, Confinement},
    frame,
};

/// The exit code of a child that could not be confined.
pub(crate) const EXIT_UNCONFINED: i32 = 70;
/// The exit code of a child that was sent, or would have sent, something that is no frame.
pub(crate) const EXIT_FRAME: i32 = 65;
/// The exit code of a child whose handler panicked; that of any Rust program.
pub(crate) const EXIT_PANIC: i32 = 101;

/// Confines this process and answers frames from its standard input until that is closed.
///
/// Call it first thing in `main`, before any thread, runtime or logger, when the hidden
/// argument is there that the program gave to [`crate::PoolConfig::args`]. `handler` gets the
/// bytes of one request and returns the bytes of its answer; it may panic, loop and allocate
/// as it likes, and may keep state between requests as long as it can bear to lose it.
///
/// Never returns: exits with 0 when the program closes the pipe.
pub fn serve(confinement: &Confinement, mut handler: impl FnMut(&[u8]) -> Vec<u8>) -> ! {
    // Nobody reads a panic's message; the hook must not look for a backtrace in files either.
    panic::set_hook(Box::new(|_| {}));
    if confine::confine(confinement).is_err() {
        process::exit(EXIT_UNCONFINED);
    }
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    loop {
        let request = match frame::read(&mut input) {
            Ok(Some(request)) => request,
            Ok(None) => process::exit(0),
            Err(_) => process::exit(EXIT_FRAME),
        };
        let Ok(answer) = panic::catch_unwind(AssertUnwindSafe(|| handler(&request))) else {
            // The state that the handler keeps may be half changed: end with it.
            process::exit(EXIT_PANIC);
        };
        let Some(prefix) = frame::prefix(answer.len()) else { process::exit(EXIT_FRAME) };
        let sent = output
            .write_all(&prefix)
            .and_then(|()| output.write_all(&answer))
            .and_then(|()| output.flush());
        if sent.is_err() {
            // The program is gone or has given this child up.
            process::exit(0);
        }
    }
}
