//! `make soak-events`: streams of many organizations while what carries their events dies again and again. In the
//! end every stream has each of its events once and in order; what came twice was told by its number, and is counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod nemesis;
mod people;
mod writer;

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use e2e::{
    receivers::{Kind, Plan, Receivers, Tally},
    rig::Rig,
};
use nemesis::Nemesis;
use rand::{SeedableRng, rngs::StdRng};
use testkit::{Nats, Postgres};

/// Until all streams stand, at first and after the last strike.
const OPEN: Duration = Duration::from_secs(240);
/// From the last event to the last stream.
const CAUGHT_UP: Duration = Duration::from_secs(240);

struct Size {
    organizations: usize,
    streams: usize,
    events: u64,
    strikes: nemesis::Strikes,
}

impl Size {
    fn told() -> Self {
        let number = |name: &str, default: u64| {
            let told = std::env::var(name).ok().filter(|told| !told.is_empty());
            told.map_or(default, |told| told.parse().expect("a number"))
        };
        let size = |name, default| usize::try_from(number(name, default)).unwrap();
        Self {
            organizations: size("ORGANIZATIONS", 100),
            streams: size("STREAMS", 10_000),
            events: number("EVENTS", 100),
            strikes: nemesis::Strikes {
                events_gateways: size("EVENTS_GATEWAY_KILLS", 20),
                buses: size("BUS_KILLS", 3),
                gateways: size("API_GATEWAY_KILLS", 3),
            },
        }
    }
}

#[tokio::main]
async fn main() {
    let size = Size::told();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(now.as_secs());
    println!("SEED={seed}");
    let database = Postgres::database().await;
    let nats = Nats::start();
    let folder = testkit::root().join("target/soak");
    let rig = Rig::new(folder, database.clone(), &nats, "fake");
    let each = size.streams / size.organizations;
    let mut nemesis = Nemesis::start(&rig, nats, each).await;
    let people = people::register(&nemesis.url, size.organizations).await;
    let crowd = Arc::new(Receivers::open(Plan {
        address: nemesis.address,
        kind: Kind::Sse,
        receivers: people
            .iter()
            .flat_map(|person| person.streams(each))
            .collect(),
        ready: Some("ready"),
        stalled: 0,
    }));
    let began = Instant::now();
    crowd.all_ready(OPEN).await;
    println!(
        "{} streams stand after {:?}",
        crowd.ready(),
        began.elapsed()
    );
    let organizations = people.iter().map(|person| person.organization).collect();
    let (pace, allowed) = tokio::sync::watch::channel(0);
    let writer = tokio::spawn(writer::run(database, organizations, size.events, allowed));
    let mut random = StdRng::seed_from_u64(seed);
    let plan = size.strikes.shuffled(&mut random);
    for (strike, index) in plan.iter().zip(1..) {
        // A share of the events comes during each strike and the return from it.
        let share = size.events * index / (plan.len() as u64 + 1);
        pace.send_replace(share);
        nemesis.strike(*strike, &mut random).await;
        nemesis.recovered(&crowd, size.streams).await;
    }
    pace.send_replace(size.events);
    writer.await.unwrap();
    let all = size.events * (each * size.organizations) as u64;
    crowd.had(all, CAUGHT_UP).await;
    nemesis.stop();
    let crowd = Arc::into_inner(crowd).expect("nobody else looks at them any more");
    verdict(
        crowd.finish().tallies,
        size.events,
        &nemesis,
        began.elapsed(),
    );
}

fn verdict(tallies: Vec<Tally>, events: u64, nemesis: &Nemesis, took: Duration) {
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    println!(
        "{} deliveries to {} streams in {:.0} s; {}; {} streams opened again, {} events came twice",
        sum(|tally| tally.events),
        tallies.len(),
        took.as_secs_f64(),
        nemesis,
        sum(|tally| tally.opened) - tallies.len() as u64,
        sum(|tally| tally.duplicates),
    );
    let bad = tallies
        .iter()
        .filter(|tally| tally.events != events || tally.missed > 0 || tally.resets > 0);
    let bad: Vec<&Tally> = bad.collect();
    assert!(
        bad.is_empty(),
        "{} streams lack events or were told to list again, the first: {:?}",
        bad.len(),
        bad[0]
    );
    println!("each has each of its events once and in order");
}
