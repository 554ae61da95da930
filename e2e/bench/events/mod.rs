//! `make bench-events`: events to many streams, beside nchan and beside a bare write() loop. Same receivers, same
//! bytes of an event, same machine, same run, interleaved A-B-B-A. Events enter labyard as its gateway publishes
//! them, over NATS; people are admitted by a stand-in. Everything is also in `events.json`, each run with all it
//! came to.

mod figures;
mod floor;
mod scenario;
mod system;
mod usage;

use std::fs;

use e2e::receivers::Kind;

use crate::figure::Figure;
pub(crate) use floor::run as floor;
use scenario::{Run, Scenario};
use system::System;

/// The same with few streams and for a moment: whether it works, not how fast it is.
fn smoke() -> bool {
    std::env::var_os("LABYARD_BENCH_SMOKE").is_some()
}

const FAN: Scenario = Scenario {
    name: "2,000 streams, 50 events/s",
    idle: 0,
    active: 2_000,
    burst: 1,
    rate: 50.0,
    seconds: 10.0,
    stalled: 0,
};
/// Slow enough that nothing waits, on a busy machine too: a write() an event.
const UNHURRIED: Scenario = Scenario {
    name: "2,000 streams, 10 events/s",
    rate: 10.0,
    ..FAN
};
const MOSTLY_IDLE: Scenario = Scenario {
    name: "1,000 streams, 50 events/s, beside 10,000 idle",
    idle: 10_000,
    active: 1_000,
    ..FAN
};
const BURSTS: Scenario = Scenario {
    name: "10,000 streams, bursts of 16 events",
    active: 10_000,
    burst: 16,
    rate: 0.5,
    seconds: 12.0,
    ..FAN
};
const FAST: Scenario = Scenario {
    name: "100 streams, 1,000 events/s",
    active: 100,
    rate: 1_000.0,
    ..FAN
};
const CROWD: Scenario = Scenario {
    name: "5,000 streams, 10 events/s",
    active: 5_000,
    rate: 10.0,
    seconds: 30.0,
    ..FAN
};
const STALLED: Scenario = Scenario {
    name: "5,000 streams, 10 events/s, 500 of them stalled",
    stalled: 500,
    ..CROWD
};

/// Only scenarios whose name holds LABYARD_BENCH_ONLY, where that is set.
fn left_out(scenario: Scenario) -> bool {
    std::env::var("LABYARD_BENCH_ONLY").is_ok_and(|only| !scenario.name.contains(&only))
}

/// A small scenario with the shape of a large one.
fn sized(scenario: Scenario) -> Scenario {
    if !smoke() {
        return scenario;
    }
    Scenario {
        idle: scenario.idle / 50,
        active: scenario.active / 50,
        stalled: scenario.stalled / 50,
        seconds: scenario.seconds.min(1.0 / scenario.rate).max(1.0),
        ..scenario
    }
}

/// A-B-B-A: there and back again.
async fn interleaved(scenario: Scenario, systems: &[System], kind: Kind, runs: &mut Vec<Run>) {
    if left_out(scenario) {
        return;
    }
    for system in systems.iter().chain(systems.iter().rev()) {
        let run = scenario::run(sized(scenario), *system, kind).await;
        println!(
            "{} {} {:?}: {:.2} µs, p50 {:.1} ms, p99 {:.1} ms, idle {:.1} KiB, {:.1} events a read",
            run.scenario,
            run.transport,
            run.system,
            run.micros_per_delivery,
            run.p50_ms,
            run.p99_ms,
            run.idle_kib,
            run.events_per_read
        );
        runs.push(run);
        // What was measured is not lost with what comes.
        figures::write(runs, &[]);
    }
}

/// All scenarios, over these transports; over both where none is named.
pub(crate) async fn compare(transports: &[&str]) -> Vec<Option<Figure>> {
    use System::{Floor, Labyard, LabyardEdge, Nchan};
    let _ = fs::create_dir_all(system::log_file("x").parent().unwrap());
    let mut runs = Vec::new();
    let wanted = |name: &str| transports.is_empty() || transports.contains(&name);
    let kinds = [("sse", Kind::Sse), ("websocket", Kind::WebSocket)];
    for kind in kinds
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .map(|(_, kind)| kind)
    {
        interleaved(FAN, &[Labyard, Nchan, Floor, LabyardEdge], kind, &mut runs).await;
        interleaved(UNHURRIED, &[Labyard, Nchan, Floor], kind, &mut runs).await;
        interleaved(MOSTLY_IDLE, &[Labyard, Nchan, Floor], kind, &mut runs).await;
        interleaved(FAST, &[Labyard, Nchan, Floor, LabyardEdge], kind, &mut runs).await;
        interleaved(BURSTS, &[Labyard, Nchan, Floor], kind, &mut runs).await;
    }
    if wanted("sse") {
        for scenario in [CROWD, STALLED] {
            interleaved(scenario, &[Labyard], Kind::Sse, &mut runs).await;
        }
    }
    let figures = figures::of(&runs);
    figures::write(&runs, &figures);
    if smoke() {
        return Vec::new();
    }
    figures.into_iter().map(Some).collect()
}
