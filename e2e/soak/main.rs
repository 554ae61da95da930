//! `make soak-events`: streams of many organizations while what carries their events dies again and again. In the
//! end every stream has each of its events once and in order; what came twice was told by its number, and is counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod nemesis;
mod people;
mod writer;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use e2e::{
    receivers::{Kind, Plan, Receivers, Tally},
    rig::Rig,
};
use nemesis::Nemesis;
use rand::{SeedableRng, rngs::StdRng};
use testkit::{Durable, Nats};

/// Until all streams stand, at first and after the last strike.
const OPEN: Duration = Duration::from_secs(240);
/// From the last event to the last stream.
const CAUGHT_UP: Duration = Duration::from_secs(240);

struct Size {
    organizations: usize,
    streams: usize,
    /// How many of the streams are WebSockets.
    sockets: usize,
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
        let streams = size("STREAMS", 10_000);
        Self {
            organizations: size("ORGANIZATIONS", 100),
            streams,
            sockets: size("SOCKETS", streams as u64 / 5),
            events: number("EVENTS", 100),
            strikes: nemesis::Strikes {
                events_gateways: size("EVENTS_GATEWAY_KILLS", 20),
                buses: size("BUS_KILLS", 3),
                gateways: size("API_GATEWAY_KILLS", 3),
                databases: size("POSTGRES_KILLS", 3),
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
    let postgres = Durable::start();
    let database = postgres.url();
    let nats = Nats::start();
    let folder = testkit::root().join("target/soak");
    let rig = Rig::new(folder, database.clone(), &nats, "fake");
    let each = size.streams / size.organizations;
    let sockets = size.sockets / size.organizations;
    let mut nemesis = Nemesis::start(&rig, nats, postgres, each).await;
    let people = people::register(&nemesis.url, size.organizations).await;
    let kinds = [
        (Kind::Sse, "ready", each - sockets),
        (Kind::WebSocket, "subscribed", sockets),
    ];
    let crowds = kinds.map(|(kind, ready, each)| {
        let of = |person: &people::Person| person.streams(kind, each);
        Receivers::open(Plan {
            address: nemesis.address,
            kind,
            receivers: people.iter().flat_map(of).collect(),
            ready: Some(ready),
            stalled: 0,
        })
    });
    let began = Instant::now();
    for crowd in &crowds {
        crowd.all_ready(OPEN).await;
    }
    let [streams, sockets] = [0, 1].map(|kind: usize| crowds[kind].ready());
    let took = began.elapsed();
    println!("{streams} event streams and {sockets} WebSockets stand after {took:?}");
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
        nemesis.recovered(&crowds, size.streams).await;
    }
    pace.send_replace(size.events);
    writer.await.unwrap();
    for (crowd, (.., each)) in crowds.iter().zip(kinds) {
        let all = size.events * (each * size.organizations) as u64;
        crowd.had(all, CAUGHT_UP).await;
    }
    nemesis.stop();
    let tallies = crowds.into_iter().flat_map(|crowd| crowd.finish().tallies);
    verdict(tallies.collect(), size.events, &nemesis, began.elapsed());
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
