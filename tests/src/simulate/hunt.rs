//! The hunt: for each deliberate bug, seeds are played until the simulation has found it.
//!
//! The bugs are there only when this is built for the hunt (feature `deliberate-bugs`).
#[cfg(feature = "deliberate-bugs")]
pub(crate) use planted::{Args, run};
#[cfg(feature = "deliberate-bugs")]
pub(super) use planted::{load_server, plant_laptop};
#[cfg(feature = "deliberate-bugs")]
pub(super) use shared::Bug;

#[cfg(not(feature = "deliberate-bugs"))]
pub(super) use absent::{Bug, load_server, plant_laptop};

#[cfg(not(feature = "deliberate-bugs"))]
mod absent {
    use shared::{
        crypto::SigningKey,
        journal::{
            laptop::Laptop,
            server::{Loaded, Server},
        },
    };

    /// No bug can be planted in this build.
    #[derive(Clone, Copy, Debug)]
    pub(in super::super) enum Bug {}

    pub(in super::super) fn load_server(key: SigningKey, loaded: Loaded, _: Option<Bug>) -> Server {
        Server::load(key, loaded)
    }

    pub(in super::super) fn plant_laptop(_: &mut Laptop, _: Option<Bug>) {}
}

#[cfg(feature = "deliberate-bugs")]
mod planted {
    use anyhow::bail;
    use shared::{
        Bug,
        crypto::SigningKey,
        journal::{
            laptop::Laptop,
            server::{Loaded, Server},
        },
    };

    use super::super::{
        crew,
        world::{Outcome, Play},
    };

    /// Every bug, and what it does.
    const BUGS: [(Bug, &str); 6] = [
        (Bug::ReceiptBeforeSync, "receipt before sync"),
        (Bug::ChainUnchecked, "chain unchecked"),
        (Bug::RightsUnchecked, "rights unchecked at append"),
        (Bug::StaleMeaning, "command decided on stale meaning"),
        (Bug::LateMerged, "late content merged"),
        (Bug::ActorReused, "actor reused"),
    ];

    /// How long each bug is hunted.
    #[derive(clap::Args, Clone)]
    pub(crate) struct Args {
        /// The most seeds for each bug.
        #[arg(long, default_value_t = 500)]
        seeds: u64,
        /// The first seed.
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// Steps of each seed.
        #[arg(long, default_value_t = 300)]
        steps: usize,
        /// Seeds at a time; as many as there are cores unless said.
        #[arg(long)]
        threads: Option<usize>,
    }

    /// Plants each bug in turn; says which seed found it, and by which check.
    pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
        let mut missed = Vec::new();
        for (bug, name) in BUGS {
            match find(args, bug) {
                Some((seed, what)) => println!("{name}: found by seed {seed}: {what}"),
                None => {
                    println!("{name}: not found in {} seeds", args.seeds);
                    missed.push(name);
                }
            }
        }
        if !missed.is_empty() {
            bail!("not found: {}", missed.join(", "));
        }
        Ok(())
    }

    /// Returns the first seed that breaks, and how. Seeds are played a few at a time; the
    /// answer does not depend on how many.
    fn find(args: &Args, bug: Bug) -> Option<(u64, String)> {
        let threads = crew::size(args.threads);
        let all: Vec<u64> = (args.from..args.from + args.seeds).collect();
        all.chunks(threads * 2).find_map(|some| {
            let plays = some.iter().map(|seed| Play {
                seed: *seed,
                steps: args.steps,
                laptops: 4,
                faults: true,
                print: false,
                running_copies: false,
                bug: Some(bug),
            });
            let found: Vec<(u64, Outcome)> = crew::play_all(&plays.collect::<Vec<_>>(), threads);
            found.into_iter().find_map(|(seed, outcome)| Some((seed, outcome.broken?)))
        })
    }

    pub(in super::super) fn load_server(
        key: SigningKey,
        loaded: Loaded,
        bug: Option<Bug>,
    ) -> Server {
        Server::load_planted(key, loaded, bug)
    }

    pub(in super::super) fn plant_laptop(core: &mut Laptop, bug: Option<Bug>) {
        core.plant(bug);
    }
}
