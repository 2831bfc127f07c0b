//! The hidden roles in which the program plays the products: every argument after the role is
//! the product's own command line.
use std::{ffi::OsString, process::ExitCode};

use clap::Parser;

/// Plays `xunji-server`.
pub const SERVER: &str = "__server";
/// Plays `xunji`.
pub const LAPTOP: &str = "__laptop";

/// Plays a role if the arguments name one.
pub fn play(args: &[OsString]) -> Option<ExitCode> {
    let role = args.get(1)?.to_str()?;
    if role == sync_server::SANDBOX_ARG {
        sync_server::sandbox_child();
    }
    let named = |name: &str| -> Vec<OsString> {
        [OsString::from(name)].into_iter().chain(args.iter().skip(2).cloned()).collect()
    };
    match role {
        SERVER => {
            let cli = sync_server::cli::Cli::parse_from(named("xunji-server"));
            Some(sync_server::cli::run_as(cli))
        }
        LAPTOP => Some(tui::cli::run(&named("xunji"))),
        tui::cli::SANDBOX => Some(tui::cli::run(args)),
        _ => None,
    }
}
