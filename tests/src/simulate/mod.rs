//! The deterministic simulation: laptops, a server and couriers under faults.
//!
//! One thread plays a seed against the two journal cores, with model disks, links and clocks;
//! the same seed gives the same trace. Faults come between any two effects of either side.
//! When the faults are over, three rounds of contact must bring everything together. Every
//! fault and rare state is counted; one that many seeds never meet fails the run.
//!
//! # Invariants looked at all the time
//! - A receipt is for what is on the server's disk, "received" follows a receipt, "saved" is on
//!   the laptop's disk and never leaves it, no verdict is told otherwise later.
//! - Chains do not fork; what counts was written by somebody who may write; nothing comes into
//!   a signed document; a signature is of the heads and of the text that the document then has.
//!   All this is held against a second account of the journals that shares no rule with the
//!   server ([`reference`]).
//! - A laptop's journal is the beginning of what is on the server's disk.
//! - Every text bears the mark of its space ([`canary`]): no link, stick or disk has bytes of a
//!   space that its receiver may not read at the moment in which the sending is decided.
//!
//! # Invariants looked at in the end
//! - Everybody who may read a space ends with the same journal, state, documents and conflict
//!   lists.
//! - What a laptop said was saved, or received, is there.
//! - Every envelope has one verdict; nothing honest is ever refused as malformed.
//! - After a refusal or an aside, the device's next edit comes into the document.
//! - A standing signature covers the document as it is, and its text is the document's.
mod book;
mod canary;
mod cast;
mod chance;
mod changes;
mod check;
mod crew;
mod disk;
mod host;
mod hunt;
mod reference;
mod station;
mod work;
mod world;

use std::collections::BTreeMap;

use anyhow::bail;
#[cfg(feature = "deliberate-bugs")]
pub(crate) use hunt::{Args as HuntArgs, run as hunt};
use world::{Outcome, Play};

/// From this many seeds on, a fault or rare state that never occurred fails the run.
const COVERED_FROM: u64 = 200;

/// What is to be played.
#[derive(clap::Args, Clone)]
pub(crate) struct Args {
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// One seed only.
    #[arg(long)]
    seed: Option<u64>,
    /// Steps of each seed.
    #[arg(long, default_value_t = 300)]
    steps: usize,
    /// Laptops, at most 4.
    #[arg(long, default_value_t = 4)]
    laptops: usize,
    /// Play this many of the seeds twice: the traces must be the same.
    #[arg(long, default_value_t = 0)]
    replay_check: u64,
    /// Seeds at a time; as many as there are cores unless said. It changes no answer.
    #[arg(long)]
    threads: Option<usize>,
    /// No faults.
    #[arg(long)]
    calm: bool,
    /// Copy disks of running laptops too. Some seeds break: see "Not built yet" in
    /// docs/ARCHITECTURE.md.
    #[arg(long)]
    running_copies: bool,
    /// Print what happens, one seed after the other.
    #[arg(long)]
    trace: bool,
}

impl Args {
    fn plays(&self) -> Vec<Play> {
        let (from, count) = self.seed.map_or((self.from, self.seeds), |seed| (seed, 1));
        let play = |seed| Play {
            seed,
            steps: self.steps,
            laptops: self.laptops.min(4),
            faults: !self.calm,
            print: self.trace,
            running_copies: self.running_copies,
            bug: None,
        };
        (from..from.saturating_add(count)).map(play).collect()
    }
}

/// What many seeds come to.
#[derive(Default)]
struct Tally {
    hits: BTreeMap<&'static str, u64>,
    checks: u64,
    trace: u64,
    broken: Vec<u64>,
}

impl Tally {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.checks += outcome.checks;
        self.trace = self.trace.rotate_left(7) ^ outcome.trace;
        for (fault, n) in outcome.hits {
            *self.hits.entry(fault).or_default() += n;
        }
        if let Some(what) = outcome.broken {
            println!("seed {seed}: {what}");
            self.broken.push(seed);
        }
    }

    fn never(&self, faults: &[&'static str]) -> Vec<&'static str> {
        faults.iter().filter(|f| !self.hits.contains_key(**f)).copied().collect()
    }
}

/// Plays seeds and reports.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let plays = args.plays();
    let threads = if args.trace { 1 } else { crew::size(args.threads) };
    let began = std::time::Instant::now();
    let played = crew::play_all(&plays, threads);
    let seconds = began.elapsed().as_secs_f64();
    let again = args.replay_check.min(plays.len() as u64) as usize;
    let replayed = crew::play_all(&plays[..again], threads);
    let other: Vec<u64> = played
        .iter()
        .zip(&replayed)
        .filter(|((_, once), (_, twice))| once.trace != twice.trace)
        .map(|((seed, _), _)| *seed)
        .collect();
    let mut tally = Tally::default();
    for (seed, outcome) in played {
        tally.add(seed, outcome);
    }
    let copies = if args.running_copies { book::COPIES } else { &[] };
    let faults = [book::FAULTS, copies].concat();
    for fault in &faults {
        println!("{:>10}  {fault}", tally.hits.get(fault).copied().unwrap_or(0));
    }
    println!(
        "{} seeds of {} steps, {again} of them twice, {} checks, {:.1} seeds/s, trace {:016x}",
        plays.len(),
        args.steps,
        tally.checks,
        plays.len() as f64 / seconds,
        tally.trace
    );
    if !other.is_empty() {
        bail!("{} seeds do not replay: {other:?}", other.len());
    }
    if !tally.broken.is_empty() {
        bail!("{} seeds broke: {:?}", tally.broken.len(), tally.broken);
    }
    let never = tally.never(&faults);
    if !args.calm && plays.len() as u64 >= COVERED_FROM && !never.is_empty() {
        bail!("never hit: {}", never.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::world::{Play, play};

    /// The whole simulation is run by its own command; this keeps it honest in between.
    #[test]
    fn a_few_short_seeds_come_together_and_replay() {
        for seed in 1..=8 {
            let once = Play {
                seed,
                steps: 100,
                laptops: 4,
                faults: true,
                print: false,
                running_copies: false,
                bug: None,
            };
            let outcome = play(once);
            assert_eq!(outcome.broken, None, "seed {seed}");
            if seed <= 2 {
                assert_eq!(outcome.trace, play(once).trace, "seed {seed} replays");
            }
        }
    }
}
