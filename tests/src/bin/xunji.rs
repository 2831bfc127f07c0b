//! `xunji` as the tests of this package start it: the same program under another name, for
//! Cargo builds only a package's own programs before its tests.
use std::process::ExitCode;

fn main() -> ExitCode {
    tui::cli::main()
}
