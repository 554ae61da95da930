//! `make chaos N=…`: lifecycles of many clusters on the fake driver while every process of a whole stack
//! is killed without warning, at random. At the end nothing may be lost or left over, and what
//! must always hold does. (A name cannot be made twice on the fake driver: the simulation looks for that.)
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod lifecycle;
mod nemesis;
mod world;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use e2e::person::Person;
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio_util::sync::CancellationToken;

/// Clusters under way at once: as many people, one cluster each.
const PEOPLE: u32 = 8;
/// After the last kill: leases run out, orphans are seen twice, everything comes to rest.
const REST: Duration = Duration::from_secs(240);

#[tokio::main]
async fn main() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let lifecycles =
        u32::try_from(number("N").unwrap_or(100)).expect("N is a number of lifecycles");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("SEED").unwrap_or(now.as_secs());
    println!("{lifecycles} lifecycles, SEED={seed}");
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(Person::register(&format!("chaos-{number}")).await);
    }
    let began = Instant::now();
    let stop = CancellationToken::new();
    let nemesis = tokio::spawn(nemesis::run(StdRng::seed_from_u64(seed), stop.clone()));
    let mut random = StdRng::seed_from_u64(seed + 1);
    let ends = join_all(people.iter().zip(0..PEOPLE).map(|(person, number)| {
        let mut random = StdRng::seed_from_u64(random.random());
        async move {
            let mut ends = Vec::new();
            for turn in (number..lifecycles).step_by(PEOPLE as usize) {
                ends.push(lifecycle::run(person, &format!("c-{turn}"), &mut random).await);
            }
            ends
        }
    }))
    .await;
    stop.cancel();
    let kills = nemesis.await.unwrap();
    let ends: Vec<lifecycle::End> = ends.into_iter().flatten().collect();
    let retried: u32 = ends.iter().map(|end| end.failed).sum();
    println!(
        "{} lifecycles in {:.0} s, {kills} kills, {retried} tasks failed and were seen to",
        ends.len(),
        began.elapsed().as_secs_f64()
    );
    world::at_rest(REST).await;
    println!("0 lost, 0 left over, nothing broken");
}
