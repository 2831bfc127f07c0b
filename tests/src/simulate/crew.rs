//! Seeds played side by side: each on one thread, the answers in the order of the seeds.
use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::world::{Outcome, Play, play};

/// Returns how many seeds are played at a time.
pub(super) fn size(asked: Option<usize>) -> usize {
    asked.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get)).max(1)
}

/// Plays all of these; returns what came of each, with its seed, in order.
pub(super) fn play_all(plays: &[Play], threads: usize) -> Vec<(u64, Outcome)> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..threads.min(plays.len()) {
            scope.spawn(|| {
                while let Some(once) = plays.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = play_or_panic(*once);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((once.seed, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(seed, _)| *seed);
    done
}

/// A panic anywhere is a breach like any other.
fn play_or_panic(once: Play) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| play(once)))
        .unwrap_or_else(|_| Outcome::broken("it panics; the message stands above".into()))
}
