//! Xunji's program for inspectors.
use std::process::ExitCode;

fn main() -> ExitCode {
    // Lowering one's own limits is never refused; without it work goes on all the same.
    let _ = sandbox::no_core_dumps();
    tui::cli::main()
}
