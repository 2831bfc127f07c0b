//! Checks of the whole: the deterministic simulation of both ends of the journal, real
//! processes that are killed, and figures.
#![allow(clippy::print_stdout, reason = "its product is a report on standard output")]

mod figures;
mod kill;
mod simulate;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

/// Checks that need more than one crate.
#[derive(Parser)]
#[command(name = "acceptance")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays seeds: laptops, a server and couriers under faults, no clock.
    Simulate(simulate::Args),
    /// Kills a server and a laptop while edits are in flight, and looks for what was lost.
    Kill(kill::Args),
    /// Plants each deliberate bug and plays seeds until it is found.
    #[cfg(feature = "deliberate-bugs")]
    Hunt(simulate::HuntArgs),
    /// Measures, each beside a reference in the same run; see docs/FIGURES.md.
    Figures(figures::Args),
}

fn main() -> anyhow::Result<ExitCode> {
    let args: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = acceptance::roles::play(&args) {
        return Ok(code);
    }
    match Cli::parse().command {
        Command::Simulate(args) => simulate::run(&args)?,
        Command::Kill(args) => kill::run(&args)?,
        #[cfg(feature = "deliberate-bugs")]
        Command::Hunt(args) => simulate::hunt(&args)?,
        Command::Figures(args) => figures::run(&args)?,
    }
    Ok(ExitCode::SUCCESS)
}
