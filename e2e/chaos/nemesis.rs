//! Strikes at random: kills, halts, and an empty bus in place of the one that was.

use std::{fmt, time::Duration};

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{fleet::Fleet, history::History};

/// Milliseconds between two strikes.
const PAUSE: std::ops::Range<u64> = 300..2500;
/// Milliseconds that a bus is away.
const BUS_AWAY: std::ops::Range<u64> = 0..3000;
/// Milliseconds for which a gateway is halted.
const GATEWAY_HALT: std::ops::Range<u64> = 1000..9000;
const TICK: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// For how long a worker is halted.
    pub(crate) halt: Duration,
    /// Only what makes reports come late: what fences are for.
    pub(crate) late: bool,
}

/// What was done to the fleet.
#[derive(Debug, Default)]
pub(crate) struct Struck {
    gateways: u32,
    workers: u32,
    databases: u32,
    buses: u32,
    gateway_halts: u32,
    worker_halts: u32,
}

impl fmt::Display for Struck {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kills = self.gateways + self.workers + self.databases + self.buses;
        write!(
            out,
            "{kills} kills ({} of gateways, {} of workers, {} of the database, {} of the bus), {} halts of gateways and {} of workers",
            self.gateways,
            self.workers,
            self.databases,
            self.buses,
            self.gateway_halts,
            self.worker_halts
        )
    }
}

#[derive(Debug, Clone, Copy)]
enum Strike {
    KillGateway,
    KillWorker,
    KillDatabase,
    ReplaceBus,
    HaltGateway,
    HaltWorker,
}

/// Kills come often, halts now and then.
const STRIKES: [Strike; 12] = [
    Strike::KillGateway,
    Strike::KillGateway,
    Strike::KillGateway,
    Strike::KillWorker,
    Strike::KillWorker,
    Strike::KillWorker,
    Strike::KillDatabase,
    Strike::KillDatabase,
    Strike::ReplaceBus,
    Strike::ReplaceBus,
    Strike::HaltGateway,
    Strike::HaltWorker,
];

/// A report waits in a gateway that is halted, while its worker dies and another goes on.
const LATE: [Strike; 3] = [Strike::HaltGateway, Strike::KillWorker, Strike::KillWorker];

/// Someone who does not move until then: the gateway or the worker of that number.
struct Halted {
    worker: bool,
    which: usize,
    until: Instant,
}

struct Nemesis<'a> {
    fleet: &'a mut Fleet,
    random: StdRng,
    pace: Pace,
    history: &'a History,
    struck: Struck,
    halted: Vec<Halted>,
    bus_back: Option<Instant>,
}

/// Strikes until `stop`, and starts again what ended; then everything runs.
pub(crate) async fn run(
    fleet: &mut Fleet,
    random: StdRng,
    pace: Pace,
    history: &History,
    stop: CancellationToken,
) -> Struck {
    let mut nemesis = Nemesis {
        fleet,
        random,
        pace,
        history,
        struck: Struck::default(),
        halted: Vec::new(),
        bus_back: None,
    };
    let mut next = Instant::now() + nemesis.millis(PAUSE);
    while !stop.is_cancelled() {
        nemesis.mend(Instant::now());
        if next <= Instant::now() {
            nemesis.strike();
            next = Instant::now() + nemesis.millis(PAUSE);
        }
        stop.run_until_cancelled(sleep(TICK)).await;
    }
    for halted in &mut nemesis.halted {
        halted.until = Instant::now();
    }
    nemesis.bus_back = nemesis.bus_back.map(|_| Instant::now());
    nemesis.mend(Instant::now());
    history.say("calm");
    nemesis.struck
}

impl Nemesis<'_> {
    fn millis(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.random.random_range(range))
    }

    /// Starts what has ended, lets go on what was halted for long enough, brings back the bus.
    fn mend(&mut self, now: Instant) {
        for member in self.fleet.members() {
            if !member.program.runs() {
                member.program.start(None);
            }
        }
        for halted in self.halted.extract_if(.., |halted| halted.until <= now) {
            let members = match halted.worker {
                true => &mut self.fleet.workers,
                false => &mut self.fleet.gateways,
            };
            let member = &mut members[halted.which];
            member.program.go_on();
            self.history.say(format!("{} goes on", member.name));
        }
        if self.bus_back.take_if(|back| *back <= now).is_some() {
            self.fleet.nats.start_again();
            self.history.say("an empty bus is there");
        }
    }

    fn strike(&mut self) {
        let strikes = match self.pace.late {
            true => &LATE[..],
            false => &STRIKES,
        };
        let strike = *strikes.choose(&mut self.random).unwrap();
        let which = self.random.random_range(0..2);
        match strike {
            Strike::KillGateway => {
                let member = &mut self.fleet.gateways[which];
                if member.program.kill() {
                    self.struck.gateways += 1;
                    self.history.say(format!("{} is killed", member.name));
                }
            }
            Strike::KillWorker => {
                let member = &mut self.fleet.workers[which];
                // One that is halted stays so: its waking is what is looked for.
                let halted = self
                    .halted
                    .iter()
                    .any(|halted| halted.worker && halted.which == which);
                if !halted && member.program.kill() {
                    self.struck.workers += 1;
                    self.history.say(format!("{} is killed", member.name));
                }
            }
            Strike::KillDatabase => {
                if self.fleet.postgres.kill() {
                    self.struck.databases += 1;
                    self.history.say("the database is killed");
                }
            }
            Strike::ReplaceBus => {
                if self.bus_back.is_none() {
                    self.fleet.nats.stop();
                    self.struck.buses += 1;
                    self.history.say("the bus is killed");
                    self.bus_back = Some(Instant::now() + self.millis(BUS_AWAY));
                }
            }
            Strike::HaltGateway => {
                let time = self.millis(GATEWAY_HALT);
                self.halt(false, which, time);
            }
            Strike::HaltWorker => {
                let time = self.pace.halt;
                self.halt(true, which, time);
            }
        }
    }

    /// One of each kind at a time.
    fn halt(&mut self, worker: bool, which: usize, time: Duration) {
        if self.halted.iter().any(|halted| halted.worker == worker) {
            return;
        }
        let members = match worker {
            true => &mut self.fleet.workers,
            false => &mut self.fleet.gateways,
        };
        let member = &mut members[which];
        if member.program.halt() {
            let halts = match worker {
                true => &mut self.struck.worker_halts,
                false => &mut self.struck.gateway_halts,
            };
            *halts += 1;
            self.history
                .say(format!("{} is halted for {time:?}", member.name));
            self.halted.push(Halted {
                worker,
                which,
                until: Instant::now() + time,
            });
        }
    }
}
