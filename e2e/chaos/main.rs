//! `make chaos N=…`: lifecycles of many clusters on the fake driver while two gateways, two workers, the database and
//! the bus are killed without warning, at random, and halted for longer than a lease. At the end nothing is lost, left
//! over or done twice, and what must always hold does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod audit;
mod fleet;
mod history;
mod lifecycle;
mod nemesis;
mod verdict;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use e2e::rig;
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio_util::sync::CancellationToken;

use crate::{fleet::Fleet, history::History, lifecycle::Asker, nemesis::Pace};

/// Clusters under way at once: as many people, one cluster each.
const PEOPLE: u32 = 16;
/// After the last strike: leases run out, orphans are seen twice, everything comes to rest.
const REST: Duration = Duration::from_secs(240);

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::main]
async fn main() {
    let lifecycles =
        u32::try_from(number("N").unwrap_or(100)).expect("N is a number of lifecycles");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("SEED").unwrap_or(now.as_secs());
    let folder = std::env::current_dir()
        .unwrap()
        .join(format!("target/chaos/seed-{seed}"));
    let _ = std::fs::remove_dir_all(&folder);
    println!("{lifecycles} lifecycles, SEED={seed}");
    let outcome = tokio::spawn(run(folder.clone(), lifecycles, seed)).await;
    match outcome {
        Ok(()) => {
            std::fs::remove_dir_all(&folder).unwrap();
            println!("0 lost, 0 left over, 0 done twice, nothing broken");
        }
        Err(_) => {
            println!(
                "FAILED with SEED={seed}; what happened: {}",
                folder.display()
            );
            std::process::exit(1);
        }
    }
}

async fn run(folder: std::path::PathBuf, lifecycles: u32, seed: u64) {
    let mut fleet = Fleet::start(folder.clone()).await;
    audit::begin(&fleet.database()).await;
    let history = History::open(&folder.join("history"));
    let urls = fleet.urls.clone();
    let mut askers = Vec::new();
    for number in 0..PEOPLE {
        let token = rig::person(&urls[0], &format!("chaos-{number}")).await;
        askers.push(Asker::new(&urls, &token, history.clone()));
    }
    let (database, world) = (fleet.database(), fleet.world());
    let (began, stop) = (Instant::now(), CancellationToken::new());
    let pace = Pace {
        halt: Duration::from_secs(number("HALT").unwrap_or(70)),
        late: number("LATE").is_some(),
    };
    let nemesis = tokio::spawn({
        let (stop, history) = (stop.clone(), history.clone());
        let random = StdRng::seed_from_u64(seed);
        async move {
            let struck = nemesis::run(&mut fleet, random, pace, &history, stop).await;
            (fleet, struck)
        }
    });
    let mut random = StdRng::seed_from_u64(seed + 1);
    let ends = join_all(
        askers
            .into_iter()
            .zip(0..PEOPLE)
            .map(|(mut asker, number)| {
                let mut random = StdRng::seed_from_u64(random.random());
                tokio::spawn(async move {
                    let mut ends = Vec::new();
                    for turn in (number..lifecycles).step_by(PEOPLE as usize) {
                        ends.push(
                            lifecycle::run(&mut asker, &format!("c-{turn}"), &mut random).await,
                        );
                    }
                    ends
                })
            }),
    )
    .await;
    stop.cancel();
    let (fleet, struck) = nemesis.await.unwrap();
    let ends: Vec<lifecycle::End> = ends.into_iter().flat_map(Result::unwrap).collect();
    let retried: u32 = ends.iter().map(|end| end.failed).sum();
    println!(
        "{} lifecycles in {:.0} s, {struck}; {retried} tasks failed and were seen to",
        ends.len(),
        began.elapsed().as_secs_f64()
    );
    verdict::at_rest(&database, &world, &ends, REST).await;
    drop(fleet);
}
