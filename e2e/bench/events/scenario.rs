//! One measurement: a system, a crowd, a rate; and what came of it.

use std::time::{Duration, Instant};

use e2e::receivers::{Kind, Plan, Receivers};
use serde::Serialize;

use super::{
    system::{ACTIVE, IDLE, Server, System},
    usage,
};

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) idle: usize,
    pub(crate) active: usize,
    /// Events published at once.
    pub(crate) burst: u64,
    /// Bursts a second.
    pub(crate) rate: f64,
    pub(crate) seconds: f64,
    /// Of the active, those that read nothing meanwhile.
    pub(crate) stalled: usize,
}

/// What one run came to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Run {
    pub(crate) scenario: &'static str,
    pub(crate) system: System,
    pub(crate) transport: &'static str,
    pub(crate) deliveries: u64,
    /// Server processor time.
    pub(crate) micros_per_delivery: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// From an event's publication to the last of its receivers.
    pub(crate) last_p99_ms: f64,
    /// Memory of the server for each stream at which nothing happened, in KiB.
    pub(crate) idle_kib: f64,
    /// How much the server grew while it delivered, for each receiver, in KiB.
    pub(crate) grown_kib: f64,
    pub(crate) events_per_read: f64,
    /// Published in this time, of the planned one: over 1, the publisher was held up.
    pub(crate) publishing: f64,
    pub(crate) duplicates: u64,
    pub(crate) resets: u64,
    pub(crate) reopened: u64,
}

const OPEN: Duration = Duration::from_secs(180);
/// After the last event was published: what cannot keep up has time to end.
const DELIVER: Duration = Duration::from_secs(300);
const WARM: u64 = 20;
const SETTLE: Duration = Duration::from_millis(500);

/// # Panics
/// When a receiver lacks an event at the end: no figure is worth that.
pub(crate) async fn run(scenario: Scenario, system: System, kind: Kind) -> Run {
    let mut server = Server::start(system).await;
    let plan = |server: &Server, group, count, stalled| Plan {
        address: server.address,
        kind,
        receivers: server.receivers(kind, group, count),
        ready: server.ready(kind),
        stalled,
    };
    let empty = memory(&server);
    let idle = Receivers::open(plan(&server, IDLE, scenario.idle, 0));
    idle.all_ready(OPEN).await;
    if scenario.idle > 0 {
        tokio::time::sleep(SETTLE).await;
    }
    let held = memory(&server);
    let active = Receivers::open(plan(&server, ACTIVE, scenario.active, scenario.stalled));
    active.all_ready(OPEN).await;
    server.all_are_there();
    let streams = scenario.active as u64;
    for version in 1..=WARM {
        server.publish(version, false).await;
    }
    assert!(
        active.had(WARM * streams, DELIVER).await,
        "the first events reach all"
    );
    let before = (processor(&server), memory(&server));
    active.stall(true);
    let bursts = (scenario.rate * scenario.seconds).ceil() as u64;
    let publishing = publish(&mut server, scenario, bursts).await;
    let all = WARM + bursts * scenario.burst;
    let others = streams - scenario.stalled as u64;
    let at_least = WARM * streams + (all - WARM) * others;
    active.had(at_least, DELIVER).await;
    let after = (processor(&server), memory(&server));
    let measured = active.events() - WARM * streams;
    active.stall(false);
    active.had(all * streams, DELIVER).await;
    let (active, idle) = (active.finish(), idle.finish());
    let lacking = active
        .tallies
        .iter()
        .filter(|tally| tally.events != all || tally.missed > 0);
    assert_eq!(
        lacking.count(),
        0,
        "streams of {system:?} lack events: {scenario:?}"
    );
    assert_eq!(idle.events(), 0, "events reach those whom they are not for");
    let sum = |of: fn(&e2e::receivers::Tally) -> u64| active.tallies.iter().map(of).sum::<u64>();
    Run {
        scenario: scenario.name,
        system,
        transport: match kind {
            Kind::Sse => "sse",
            Kind::WebSocket => "websocket",
        },
        deliveries: measured,
        micros_per_delivery: (after.0 - before.0) as f64 / 1e3 / measured as f64,
        p50_ms: active.delays.percentile(0.5),
        p99_ms: active.delays.percentile(0.99),
        last_p99_ms: active.delays.last_receiver(0.99),
        idle_kib: (held - empty) / (scenario.idle.max(1)) as f64,
        grown_kib: (after.1 - before.1) / streams as f64,
        events_per_read: active.events() as f64 / active.reads.max(1) as f64,
        publishing,
        duplicates: sum(|tally| tally.duplicates),
        resets: sum(|tally| tally.resets),
        reopened: sum(|tally| tally.opened) - streams,
    }
}

/// On a fixed schedule; gives how long it took, as a part of how long it should have.
async fn publish(server: &mut Server, scenario: Scenario, bursts: u64) -> f64 {
    let began = Instant::now();
    let mut version = WARM;
    for burst in 0..bursts {
        let due = began + Duration::from_secs_f64(burst as f64 / scenario.rate);
        tokio::time::sleep_until(due.into()).await;
        for _ in 0..scenario.burst {
            version += 1;
            server.publish(version, true).await;
        }
    }
    began.elapsed().as_secs_f64() / (bursts as f64 / scenario.rate)
}

fn processor(server: &Server) -> u64 {
    server.pids.iter().copied().map(usage::processor).sum()
}

fn memory(server: &Server) -> f64 {
    server.pids.iter().copied().map(usage::memory).sum()
}
