//! Xunji's program for inspectors.
use std::process::ExitCode;

fn main() -> ExitCode {
    tui::cli::main()
}
