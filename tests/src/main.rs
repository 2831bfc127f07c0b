//! Checks of the whole: the deterministic simulation of both ends of the journal.
#![allow(clippy::print_stdout, reason = "its product is a report on standard output")]

mod simulate;

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
    /// Plays seeds: laptops, a server and couriers under faults, one thread, no clock.
    Simulate(simulate::Args),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Simulate(args) => simulate::run(&args),
    }
}
