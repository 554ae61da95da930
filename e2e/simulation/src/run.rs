//! One run: people, faults and crashes for some minutes; then calm; then everything must be as it
//! was asked for, and after deleting everything nothing may be left.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bus::seal::OpenKey;
use domain::{TaskKind, Verb, WorkerId};
use futures_util::stream;
use provisioner_worker::{Worker, identity::Identity};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    audit::Audit,
    chance::Chance,
    engine::Engine,
    faults::Faults,
    gateway::Db,
    host::Host,
    link::{Gate, Link},
};

const CLUSTERS_MAX: u128 = 8;
const SLOTS: u32 = 3;

#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// False plants a bug: the gateway takes reports with any fence.
    pub fences_checked: bool,
}

#[derive(Debug)]
pub struct Outcome {
    pub violations: Vec<String>,
    /// All that happened, with the milliseconds since the beginning.
    pub history: Vec<String>,
    /// How often a report was refused by its fence.
    pub fenced: usize,
    pub crashes: usize,
    pub tasks: usize,
}

pub(crate) struct World {
    chance: Chance,
    pub(crate) faults: Arc<Faults>,
    pub(crate) audit: Audit,
    pub(crate) db: Arc<Db>,
    pub(crate) hosts: Vec<Arc<Host>>,
}

/// One life of a worker.
struct Life {
    host: usize,
    name: WorkerId,
    gate: Gate,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl World {
    fn begin(&self, host: usize, name: &WorkerId) -> Life {
        let gate = Gate::new();
        let identity = Identity::unkept(name.clone(), self.chance.below(u64::MAX));
        let engine = Engine {
            host: self.hosts[host].clone(),
            gate: gate.clone(),
        };
        let link = Link {
            db: self.db.clone(),
            host,
            gate: gate.clone(),
            chance: self.chance.clone(),
            faults: self.faults.clone(),
        };
        let seal = OpenKey::from_seed([7; 32]).public();
        let worker = Arc::new(Worker::new(SLOTS, 0, engine, link, identity, seal));
        let (db, faults, chance) = (self.db.clone(), self.faults.clone(), self.chance.clone());
        let bells = Box::pin(stream::unfold((), move |()| {
            let (db, faults, chance) = (db.clone(), faults.clone(), chance.clone());
            async move {
                loop {
                    db.bell.notified().await;
                    if !faults.lost(&chance, host) {
                        return Some(((), ()));
                    }
                }
            }
        }));
        let stop = CancellationToken::new();
        let running = tokio::spawn(worker.run(bells, stop.clone()));
        Life {
            host,
            name: name.clone(),
            gate,
            stop,
            running,
        }
    }

    /// Ends a worker, roughly or kindly, and begins its next life.
    async fn restart(&self, life: &mut Life) {
        if self.chance.permille(300) {
            self.audit.say(format!("{} is asked to end", life.name));
            life.stop.cancel();
            let before = Instant::now();
            while !life.running.is_finished() && before.elapsed() < Duration::from_secs(35) {
                sleep(Duration::from_millis(100)).await;
            }
        }
        self.audit.say(format!("{} is killed", life.name));
        life.gate.kill();
        life.running.abort();
        sleep(self.chance.millis(50, 30_000)).await;
        *life = self.begin(life.host, &life.name.clone());
    }

    fn a_person(&self, made: &mut u128) {
        let clusters = self.db.clusters();
        if *made < CLUSTERS_MAX && (clusters.is_empty() || self.chance.permille(300)) {
            *made += 1;
            return self.db.create(*made);
        }
        let verbs = [
            Verb::Start,
            Verb::Start,
            Verb::Stop,
            Verb::Stop,
            Verb::Cancel,
            Verb::Retry(TaskKind::Create),
            Verb::Delete,
        ];
        let all: Vec<_> = clusters.iter().map(|seen| seen.cluster).collect();
        if let (Some(cluster), Some(verb)) = (self.chance.pick(&all), self.chance.pick(&verbs)) {
            self.db.ask(cluster, verb);
        }
    }

    async fn an_accident(&self, lives: &mut [Life], crashes: &mut usize) {
        let number = u64::try_from(lives.len()).unwrap_or(1);
        let Ok(which) = usize::try_from(self.chance.below(number)) else {
            return;
        };
        match self.chance.below(4) {
            0 => {
                *crashes += 1;
                self.restart(&mut lives[which]).await;
            }
            1 => {
                let time = self.chance.millis(1_000, 100_000);
                self.audit
                    .say(format!("{} sleeps for {time:?}", lives[which].name));
                lives[which].gate.sleep(time);
            }
            2 => {
                let until = Instant::now() + self.chance.millis(1_000, 90_000);
                self.audit.say(format!("host {which} is cut off"));
                self.faults.cut_off(lives[which].host, until);
            }
            _ => self.hosts[lives[which].host].break_a_node(),
        }
    }
}

/// One run, all of it decided by the seed. Call it on a runtime of its own with a paused clock.
pub async fn run(seed: u64, options: Options) -> Outcome {
    let chance = Chance::new(seed);
    let (audit, faults) = (Audit::new(), Arc::new(Faults::of(&chance)));
    let db = Arc::new(Db::new(audit.clone(), options.fences_checked));
    let host = |_| Arc::new(Host::new(chance.clone(), faults.clone(), audit.clone()));
    let hosts: Vec<Arc<Host>> = (0..=chance.below(2)).map(host).collect();
    let world = World {
        chance: chance.clone(),
        faults: faults.clone(),
        audit: audit.clone(),
        db: db.clone(),
        hosts,
    };
    let mut lives = Vec::new();
    for number in 0..=chance.below(3) {
        let Ok(name) = format!("w{number}").parse() else {
            continue;
        };
        let host = usize::try_from(number).unwrap_or(0) % world.hosts.len();
        lives.push(world.begin(host, &name));
    }
    let (mut made, mut crashes) = (0, 0);
    let end = Instant::now() + chance.millis(60_000, 300_000);
    let accidents = chance.below(150);
    while Instant::now() < end {
        sleep(chance.millis(200, 8_000)).await;
        if chance.permille(accidents) {
            world.an_accident(&mut lives, &mut crashes).await;
        } else {
            world.a_person(&mut made);
        }
        world.nowhere_twice();
    }
    audit.say("calm");
    faults.end();
    // A host without a worker would never come right.
    world.comes_right("after the faults").await;
    for seen in db.clusters() {
        db.ask(seen.cluster, Verb::Delete);
    }
    world.comes_right("after deleting everything").await;
    if let Some(left) = world.hosts.iter().flat_map(|host| host.all()).next() {
        audit.violation(format!("{left} is left after everything was deleted"));
    }
    if db.tasks().iter().any(Option::is_none) {
        audit.violation("I1: a task never ended");
    }
    for life in &lives {
        life.gate.kill();
        life.running.abort();
    }
    Outcome {
        violations: audit.violations(),
        history: audit.history(),
        fenced: db.fenced.load(Ordering::Relaxed),
        crashes,
        tasks: db.tasks().len(),
    }
}
