//! Xunji's sync server.
use std::process::ExitCode;

fn main() -> ExitCode {
    // Lowering one's own limits is never refused; without it work goes on all the same.
    let _ = sandbox::no_core_dumps();
    if std::env::args().nth(1).as_deref() == Some(sync_server::SANDBOX_ARG) {
        sync_server::sandbox_child();
    }
    sync_server::cli::run()
}
