//! One run: people, faults and crashes for some minutes; then calm; then everything must be as it
//! was asked for, and after deleting everything nothing may be left.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::seal::OpenKey;
use domain::{ClusterStatus, TaskKind, Verb, WorkerId};
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
    gateway::{Db, Seen},
    host::{Engine, Fault, Host},
    link::{Gate, Link},
};

const CLUSTERS_MAX: u128 = 8;
const SLOTS: u32 = 3;
/// How long everything may take to come right once nothing fails any more.
const CALM: Duration = Duration::from_secs(900);
const LOOK: Duration = Duration::from_secs(5);

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

/// What goes wrong in this run, and how often in a thousand.
pub(crate) struct Faults {
    on: AtomicBool,
    lost: u64,
    doubled: u64,
    late: u64,
    engine: u64,
    engine_late: u64,
    dead_boots: u64,
    /// No worker dies or sleeps and no engine is late: then nothing may run that was stopped.
    strict: bool,
    partitions: Mutex<Vec<(usize, Instant)>>,
}

impl Faults {
    fn of(chance: &Chance) -> Self {
        let often = |chance: &Chance, most| {
            if chance.permille(500) {
                chance.below(most)
            } else {
                0
            }
        };
        let strict = chance.permille(500);
        Self {
            on: AtomicBool::new(true),
            lost: often(chance, 150),
            doubled: often(chance, 100),
            late: often(chance, 100),
            engine: often(chance, 80),
            engine_late: if strict { 0 } else { often(chance, 50) },
            strict,
            dead_boots: often(chance, 100),
            partitions: Mutex::default(),
        }
    }

    fn roll(&self, chance: &Chance, times: u64) -> bool {
        self.on.load(Ordering::Relaxed) && chance.permille(times)
    }

    pub(crate) fn lost(&self, chance: &Chance, host: usize) -> bool {
        let cut = self
            .partitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .any(|(cut, until)| *cut == host && *until > Instant::now());
        (cut && self.on.load(Ordering::Relaxed)) || self.roll(chance, self.lost)
    }

    pub(crate) fn nobody(&self, chance: &Chance) -> bool {
        self.roll(chance, self.lost / 4)
    }

    pub(crate) fn doubled(&self, chance: &Chance) -> bool {
        self.roll(chance, self.doubled)
    }

    pub(crate) fn bus_delay(&self, chance: &Chance) -> Duration {
        if self.roll(chance, self.late) {
            chance.millis(100, 20_000)
        } else {
            chance.millis(1, 20)
        }
    }

    pub(crate) fn engine(&self, chance: &Chance) -> Option<Fault> {
        if !self.roll(chance, self.engine) {
            return None;
        }
        chance.pick(&[Fault::Before, Fault::Before, Fault::After, Fault::Hang])
    }

    pub(crate) fn engine_delay(&self, chance: &Chance) -> Duration {
        if self.roll(chance, self.engine_late) {
            chance.millis(1_000, 50_000)
        } else {
            chance.millis(1, 200)
        }
    }

    pub(crate) fn boot(&self, chance: &Chance) -> Duration {
        if self.roll(chance, self.dead_boots) {
            Duration::from_secs(3600)
        } else {
            chance.millis(500, 12_000)
        }
    }
}

struct World {
    chance: Chance,
    faults: Arc<Faults>,
    audit: Audit,
    db: Arc<Db>,
    hosts: Vec<Arc<Host>>,
}

/// One life of a worker.
struct Life {
    host: usize,
    name: WorkerId,
    gate: Gate,
    stop: CancellationToken,
    running: JoinHandle<()>,
    fence: Arc<Identity>,
}

impl World {
    fn begin(&self, host: usize, name: &WorkerId, fence: i64) -> Life {
        let gate = Gate::new();
        let identity = || {
            let life = self.chance.below(u64::MAX);
            Identity::unkept(name.clone(), life, fence)
        };
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
        let kept = Arc::new(identity());
        let worker = Arc::new(Worker::new(SLOTS, 0, engine, link, identity(), seal));
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
            fence: kept,
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
        *life = self.begin(life.host, &life.name.clone(), life.fence.highest_fence());
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
        let kind = match self.faults.strict {
            true => 2 + self.chance.below(2),
            false => self.chance.below(4),
        };
        match kind {
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
                self.faults
                    .partitions
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((lives[which].host, until));
            }
            _ => self.hosts[lives[which].host].break_a_node(),
        }
    }

    /// I2: what a cluster has is on one host.
    fn nowhere_twice(&self) {
        for seen in self.db.clusters() {
            let hosts = self
                .hosts
                .iter()
                .filter(|host| host.count(seen.cluster) > 0)
                .count();
            if hosts > 1 {
                self.audit
                    .violation(format!("I2: {} is on {hosts} hosts", seen.cluster));
            }
        }
    }

    /// What is not yet as it should be.
    fn amiss(&self) -> Option<String> {
        let clusters = self.db.clusters();
        let amiss = |seen: &Seen| {
            let host = seen.host.and_then(|host| self.hosts.get(host));
            match seen.status {
                _ if seen.open.is_some() => Some("has an open task"),
                ClusterStatus::Running if !host.is_some_and(|host| host.runs(seen.cluster)) => {
                    Some("does not run")
                }
                ClusterStatus::Deleted if host.is_some_and(|host| host.count(seen.cluster) > 0) => {
                    Some("is deleted and left something")
                }
                ClusterStatus::Stopped
                    if self.faults.strict && host.is_some_and(|host| host.runs(seen.cluster)) =>
                {
                    Some("is stopped and runs")
                }
                ClusterStatus::Running
                | ClusterStatus::Stopped
                | ClusterStatus::Error
                | ClusterStatus::Deleted => None,
                _ => Some("is in no settled status"),
            }
        };
        let known: BTreeSet<String> = clusters.iter().map(|seen| seen.cluster.hex()).collect();
        let strange = self
            .hosts
            .iter()
            .flat_map(|host| host.all())
            .find(|name| !known.iter().any(|hex| name.contains(hex.as_str())));
        if let Some(name) = strange {
            return Some(format!("{name} is nobody's"));
        }
        clusters.iter().find_map(|seen| {
            let why = amiss(seen)?;
            Some(format!("{} {} {why}", seen.cluster, seen.status.as_str()))
        })
    }

    async fn comes_right(&self, when: &str) {
        let began = Instant::now();
        // One look is not enough: a late act may still be under way.
        let mut right = 0;
        while right < 3 {
            sleep(LOOK).await;
            self.nowhere_twice();
            match self.amiss() {
                None => right += 1,
                Some(why) if began.elapsed() > CALM => {
                    return self.audit.violation(format!("{when}: {why}"));
                }
                Some(_) => right = 0,
            }
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
        lives.push(world.begin(host, &name, 0));
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
    faults.on.store(false, Ordering::Relaxed);
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
