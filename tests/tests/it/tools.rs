//! Programs that some tests need and not every machine has.
use std::process::{Command, Stdio};

/// Set where a tool that is missing is a failure.
const REQUIRED: &str = "XUNJI_REQUIRE_TOOLS";

/// Tells whether a tool does what is asked of it; says so if it does not.
pub(crate) fn found(tool: &str, args: &[&str]) -> bool {
    let quiet = || Stdio::null();
    let ran = Command::new(tool).args(args).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
    there(tool, ran.is_ok_and(|status| status.success()))
}

/// Says so if a tool is not there, and fails where it must be.
pub(crate) fn there(tool: &str, there: bool) -> bool {
    assert!(there || std::env::var_os(REQUIRED).is_none(), "{tool} is required here");
    if !there {
        eprintln!("{tool} does not work here: not checked");
    }
    there
}
