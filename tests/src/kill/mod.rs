//! Real processes killed while edits are in flight: a server 200 times, a laptop 100 times.
//!
//! SIGKILL at a seeded random moment is what a crash of the program does to its state; the
//! page cache survives it, so syncs are looked at elsewhere, by a trace of system calls. What
//! a laptop said was saved must be in the document after its next start; what it said was
//! received must be in the dead server's files before the server is started again; and in the
//! end every laptop has the same documents, with everything in them.
mod book;
mod chance;
mod last;
mod of_laptop;
mod of_server;
mod store;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, bail};

/// What is to be killed.
#[derive(clap::Args, Clone)]
pub(crate) struct Args {
    /// How many times the server.
    #[arg(long, default_value_t = 200)]
    server: usize,
    /// How many times a laptop.
    #[arg(long, default_value_t = 100)]
    laptop: usize,
    /// Where the moments of the kills and what is typed come from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A kill counts if at least this many edits were typed and not known to be received.
const IN_FLIGHT: usize = 20;

/// One of the two plays.
#[derive(Clone)]
struct Play {
    program: PathBuf,
    kills: usize,
    seed: u64,
}

/// What a play came to.
#[derive(Debug, Default)]
struct Tally {
    /// Edits in flight at each kill that counts.
    in_flight: Vec<usize>,
    /// Kills with too few of them.
    idle: usize,
    /// From start to answering, of what was killed.
    ready: Vec<Duration>,
    typed: usize,
    saved: usize,
    received: usize,
    decided: usize,
    documents: usize,
    laptops: usize,
    lost: Vec<String>,
}

/// Plays both at once, each on a stage of its own, and reports.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let program = std::env::current_exe()?;
    let began = std::time::Instant::now();
    let of = |kills, seed| Play { program: program.clone(), kills, seed };
    let (server, laptop) = (of(args.server, args.seed), of(args.laptop, args.seed ^ 0x6c61_7074));
    let server = std::thread::spawn(move || of_server::play(&server));
    let laptop = of_laptop::play(&laptop).context("the kills of a laptop");
    let server = server.join().map_err(|_| anyhow::anyhow!("the play of the server ended"))?;
    let plays = [("server", server.context("the kills of the server")?), ("laptop", laptop?)];
    let mut lost = 0;
    for (what, tally) in &plays {
        report(what, tally);
        lost += tally.lost.len();
    }
    println!("seed {}, {:.0} s", args.seed, began.elapsed().as_secs_f64());
    if lost > 0 {
        bail!("{lost} edits lost");
    }
    Ok(())
}

fn report(what: &str, tally: &Tally) {
    let Tally { in_flight, idle, ready, typed, saved, received, decided, lost, .. } = tally;
    let Tally { documents, laptops, .. } = tally;
    let least = in_flight.iter().min().copied().unwrap_or_default();
    println!(
        "{what}: {} kills with edits in flight: least {least}, median {} ({idle} more with fewer than {IN_FLIGHT})",
        in_flight.len(),
        median(in_flight),
    );
    println!(
        "{what}: ready again after {} ms in the median, {} ms at most",
        median(ready).as_millis(),
        ready.iter().max().copied().unwrap_or_default().as_millis(),
    );
    println!(
        "{what}: {typed} edits typed, {saved} said saved, {received} said received, {decided} said decided, {} lost; {documents} documents the same on {laptops} laptops",
        lost.len(),
    );
    for what in lost.iter().take(20) {
        println!("  lost: {what}");
    }
}

fn median<T: Ord + Copy + Default>(of: &[T]) -> T {
    let mut sorted = of.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
