//! Xunji's sync server.
use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(sync_server::SANDBOX_ARG) {
        sync_server::sandbox_child();
    }
    sync_server::cli::run()
}
