//! What carries the events, and what kills it: two api-gateways, an events-gateway, a bus, a database.

use std::{
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};

use e2e::{
    receivers::Receivers,
    rig::{self, Rig, program::Program},
};
use rand::{Rng, rngs::StdRng, seq::SliceRandom};
use testkit::{Durable, Nats, eventually};

/// Milliseconds that something killed stays away.
const AWAY: std::ops::Range<u64> = 0..1500;
/// Milliseconds from one return to the next strike.
const PAUSE: std::ops::Range<u64> = 0..1500;
/// Streams that stand again before the next strike, and how long that may take.
const BACK: f64 = 0.9;
const BACK_WITHIN: Duration = Duration::from_secs(180);
const UP: Duration = Duration::from_secs(60);

pub(crate) struct Strikes {
    pub(crate) events_gateways: usize,
    pub(crate) buses: usize,
    pub(crate) gateways: usize,
    pub(crate) databases: usize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Strike {
    EventsGateway,
    /// The bus is killed, and an empty one comes in its place.
    Bus,
    Gateway,
    /// Postgres with all its processes; it comes back by itself.
    Database,
}

impl Strikes {
    pub(crate) fn shuffled(&self, random: &mut StdRng) -> Vec<Strike> {
        let mut all = vec![Strike::EventsGateway; self.events_gateways];
        all.extend(vec![Strike::Bus; self.buses]);
        all.extend(vec![Strike::Gateway; self.gateways]);
        all.extend(vec![Strike::Database; self.databases]);
        all.shuffle(random);
        all
    }
}

pub(crate) struct Nemesis {
    /// Where streams are opened.
    pub(crate) address: SocketAddr,
    /// A gateway that is never killed by two strikes at once.
    pub(crate) url: String,
    // The programs end before the bus they speak on.
    events: Program,
    gateways: [Program; 2],
    nats: Nats,
    postgres: Durable,
    struck: [u32; 4],
    slowest: Duration,
}

impl fmt::Display for Nemesis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [events, buses, gateways, databases] = self.struck;
        write!(
            out,
            "the events-gateway killed {events} times, NATS {buses} times, an api-gateway {gateways} times, Postgres {databases} times; {:.0} % back after at most {:.1} s",
            BACK * 100.0,
            self.slowest.as_secs_f64()
        )
    }
}

impl Nemesis {
    pub(crate) async fn start(
        rig: &Rig,
        nats: Nats,
        postgres: Durable,
        streams_each: usize,
    ) -> Self {
        let (mut first, url) = rig.gateway("api-gateway-1");
        let (mut second, other) = rig.gateway("api-gateway-2");
        for gateway in [&mut first, &mut second] {
            gateway.set("LABYARD_LOGINS_PER_MINUTE", "100000");
        }
        first.start(None);
        rig::answers(&url).await;
        second.start(None);
        rig::answers(&other).await;
        let (mut events, address) = rig.events("events-gateway");
        events.set("LABYARD_STREAMS_PER_USER", streams_each.to_string());
        events.set("LABYARD_STREAMS_MAX", "100000");
        events.start(None);
        let mut nemesis = Self {
            address,
            url,
            events,
            gateways: [first, second],
            nats,
            postgres,
            struck: [0; 4],
            slowest: Duration::ZERO,
        };
        nemesis.ready().await;
        nemesis
    }

    pub(crate) async fn strike(&mut self, strike: Strike, random: &mut StdRng) {
        let away = Duration::from_millis(random.random_range(AWAY));
        match strike {
            Strike::EventsGateway => {
                self.struck[0] += 1;
                assert!(self.events.kill(), "the events-gateway died by itself");
                tokio::time::sleep(away).await;
                self.events.start(None);
            }
            Strike::Bus => {
                self.struck[1] += 1;
                self.nats.stop();
                tokio::time::sleep(away).await;
                self.nats.restart_empty();
            }
            Strike::Gateway => {
                self.struck[2] += 1;
                let gateway = &mut self.gateways[random.random_range(0..2)];
                assert!(gateway.kill(), "an api-gateway died by itself");
                tokio::time::sleep(away).await;
                gateway.start(None);
            }
            Strike::Database => {
                self.struck[3] += 1;
                assert!(self.postgres.kill(), "Postgres died by itself");
                self.postgres.wait();
            }
        }
        let pause = Duration::from_millis(random.random_range(PAUSE));
        tokio::time::sleep(pause).await;
    }

    /// Waits until most of the streams stand again.
    pub(crate) async fn recovered(&mut self, crowds: &[Receivers], streams: usize) {
        let began = Instant::now();
        eventually(BACK_WITHIN, || async {
            let ready: usize = crowds.iter().map(Receivers::ready).sum();
            (ready as f64 >= streams as f64 * BACK).then_some(())
        })
        .await;
        self.slowest = self.slowest.max(began.elapsed());
    }

    async fn ready(&mut self) {
        let url = format!("http://{}/readyz", self.address);
        eventually(UP, || async {
            let answer = reqwest::get(&url).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    pub(crate) fn stop(&mut self) {
        self.events.kill();
    }
}
