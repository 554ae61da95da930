//! Thousands of seeds, each a run of its own. `SEED=n cargo test -p simulation` replays one and
//! tells all that happened in it; `SEEDS=n` tries more or fewer of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use simulation::{Options, Outcome, run};

const SEEDS: u64 = 2000;
/// Seeds within which the planted bug must show.
const PLANTED_SEEDS: u64 = 200;
const RIGHT: Options = Options {
    fences_checked: true,
};
const PLANTED: Options = Options {
    fences_checked: false,
};

fn one(seed: u64, options: Options) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(run(seed, options))
}

/// Runs the seeds on every processor; gives the first that fails.
fn search(seeds: u64, options: Options, totals: &AtomicUsize) -> Option<(u64, Vec<String>)> {
    let (next, found) = (AtomicU64::new(0), Mutex::new(None));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds || found.lock().unwrap().is_some() {
                        return;
                    }
                    let outcome = one(seed, options);
                    totals.fetch_add(outcome.fenced, Ordering::Relaxed);
                    if !outcome.violations.is_empty() {
                        *found.lock().unwrap() = Some((seed, outcome.violations));
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

#[test]
fn every_seed_comes_right() {
    if let Ok(seed) = std::env::var("SEED") {
        let outcome = one(seed.parse().unwrap(), RIGHT);
        println!("{}", outcome.history.join("\n"));
        assert!(outcome.violations.is_empty(), "{:?}", outcome.violations);
        return;
    }
    let fenced = AtomicUsize::new(0);
    let seeds = std::env::var("SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
    if let Some((seed, violations)) = search(seeds, RIGHT, &fenced) {
        panic!("replay with SEED={seed} cargo test -p simulation\n{violations:?}");
    }
    assert!(
        fenced.into_inner() > 100,
        "the fence was hardly ever needed: the runs are too tame"
    );
}

#[test]
fn a_gateway_that_does_not_check_fences_is_found() {
    let (seed, violations) = search(PLANTED_SEEDS, PLANTED, &AtomicUsize::new(0))
        .expect("the planted bug was not found");
    println!("found by seed {seed}: {violations:?}");
}

#[test]
fn a_seed_decides_everything() {
    for seed in [1, 7, 42] {
        let (first, second) = (one(seed, RIGHT), one(seed, RIGHT));
        assert!(first.tasks > 0);
        assert!(
            first.history == second.history,
            "seed {seed} does not replay: line {:?}",
            first
                .history
                .iter()
                .zip(&second.history)
                .position(|(one, other)| one != other)
        );
    }
}
