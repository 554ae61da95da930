//! The service from start to end: connects, listens, follows the log, and on the way out sends its
//! clients elsewhere in waves.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use anyhow::Context;
use bus::Bus;
use service::{Origins, RequestSpan};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing_actix_web::TracingLogger;

use crate::{
    Config, Tuning,
    admit::Admission,
    archive::Archive,
    health::Health,
    hub::{Allowance, Command, Door, Hub},
    lane::{self, Equipment},
    log_reader::{Heard, LogReader},
    metric::Metrics,
    presence::{Presence, Rooms},
    routes,
    transport::open,
};

/// Waves in which a stopping replica closes its streams.
const WAVES: u32 = 10;
/// Connections per thread that wait to be refused, or ask for health.
const CONNECTIONS_BESIDE_STREAMS: usize = 1_024;
/// How long what is still being written may take at the very end.
const CLOSE_SECS: u64 = 1;

/// A running events-gateway.
pub struct Service {
    address: SocketAddr,
    internal: SocketAddr,
    hub: Arc<Hub>,
    ended: JoinHandle<()>,
}

impl Service {
    /// Starts it; it ends, and drains, when `stop` is cancelled.
    ///
    /// # Errors
    /// When it cannot listen or the way to the bus cannot be used.
    pub async fn start(config: Config, stop: CancellationToken) -> anyhow::Result<Self> {
        let bus = Bus::connect(config.bus.config(crate::NAME))
            .await
            .context("NATS_URL")?;
        let events = bus.events().await.context("subscribing to the log")?;
        let tuning = config.tuning.clone();
        let heard = Arc::new(Heard::never());
        let asked = Arc::new(OnceLock::<Health>::new());
        // This installs the recorder of metrics, so it comes before whatever measures.
        let internal = internal(&config, asked.clone(), &stop)?;
        let metrics = Arc::new(Metrics::new());
        let (presence, doings) = Presence::new();
        let rooms = Rooms::new(bus.clone(), metrics.present.clone());
        let updates = bus.presence().await.context("subscribing to presence")?;
        let hub = Arc::new(hub(&config, &bus, presence, metrics)?);
        let health = asked.get_or_init(|| Health {
            bus: bus.clone(),
            hub: hub.clone(),
            heard: heard.clone(),
        });
        let closed = CancellationToken::new();
        let reader = LogReader::new(bus.clone(), hub.clone(), heard, tuning.prefill);
        tokio::spawn(reader.run(events, closed.clone()));
        let rooms = tokio::spawn(rooms.run(doings, updates, closed.clone()));
        let (address, server) = listen(&config, &bus, &hub, health.clone())?;
        let ended = tokio::spawn({
            let hub = hub.clone();
            async move {
                end(&hub, tuning, server, stop).await;
                closed.cancel();
                // Its last word is that nobody is here.
                if let Err(error) = rooms.await {
                    tracing::error!(%error, "presence broke");
                }
            }
        });
        Ok(Self {
            address,
            internal,
            hub,
            ended,
        })
    }

    /// Where streams are served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn internal_address(&self) -> SocketAddr {
        self.internal
    }

    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When a part of it broke.
    pub async fn wait(self) -> anyhow::Result<()> {
        self.ended.await.context("the service broke")
    }
}

/// The hub with its lanes, each a thread of its own.
fn hub(
    config: &Config,
    bus: &Bus,
    presence: Presence,
    metrics: Arc<Metrics>,
) -> anyhow::Result<Hub> {
    let allowance = Allowance {
        per_user: config.streams_per_user,
        total: config.streams_max,
    };
    let tools = Equipment {
        ring: config.tuning.ring,
        catch_up: config.tuning.catch_up_max,
        keep_alive: config.tuning.keep_alive,
        archive: Arc::new(Archive::new(bus.clone())),
        presence,
        metrics: metrics.clone(),
        runtime: tokio::runtime::Handle::current(),
    };
    let lanes = (0..config.stream_threads).map(|number| lane::start(number, tools.clone()));
    let shards = lanes
        .collect::<Result<_, _>>()
        .context("starting a stream thread")?;
    let door = Arc::new(Door::new(allowance, metrics.connections.clone()));
    Ok(Hub::new(shards, door, metrics))
}

/// Not ready until there is somebody to ask.
fn internal(
    config: &Config,
    health: Arc<OnceLock<Health>>,
    stop: &CancellationToken,
) -> anyhow::Result<SocketAddr> {
    let (address, stop) = (config.internal_addr, stop.clone());
    service::internal::serve(crate::NAME, address, stop, move || {
        let checks = health.get().map_or_else(Health::starting, Health::checks);
        async move { checks }
    })
    .context("LABYARD_INTERNAL_ADDR")
}

fn listen(
    config: &Config,
    bus: &Bus,
    hub: &Arc<Hub>,
    health: Health,
) -> anyhow::Result<(SocketAddr, ServerHandle)> {
    let state = web::Data::new(open::State {
        hub: hub.clone(),
        admission: Admission::new(bus.clone(), hub.clone(), config.gateway_keys.seal.clone()),
        origins: Origins::new(&config.public_url, &config.origins),
    });
    let health = web::Data::new(health);
    let server = HttpServer::new(move || {
        App::new()
            .wrap(from_fn(service::answer::finish))
            .wrap(TracingLogger::<RequestSpan>::new())
            .app_data(state.clone())
            .app_data(health.clone())
            .configure(routes::configure)
    })
    .disable_signals()
    .on_connect(open::remember_socket)
    .tcp_nodelay(true)
    // A client that closes its side is gone: its stream is freed now, not with the next write.
    .h1_allow_half_closed(false)
    .max_connections(config.streams_max + CONNECTIONS_BESIDE_STREAMS)
    .shutdown_timeout(CLOSE_SECS)
    .bind(config.http_addr)
    .context("LABYARD_HTTP_ADDR")?;
    let address = server.addrs().first().copied().unwrap_or(config.http_addr);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok((address, handle))
}

/// Waits for the end, then closes the streams in waves, so that those who come back elsewhere do
/// not come all at once.
async fn end(hub: &Hub, tuning: Tuning, server: ServerHandle, stop: CancellationToken) {
    stop.cancelled().await;
    hub.door.close();
    let streams = hub.footprint().streams;
    tracing::info!(streams, "sending the streams elsewhere");
    let left = || hub.footprint().streams;
    let close = |waves| hub.tell(|| Command::Drain { waves });
    drain(tuning.drain, left, close, tokio::time::sleep).await;
    hub.tell(|| Command::Stop);
    server.stop(true).await;
}

/// Closes what is left in even waves over a time; over at once when nothing is. `close` is told how
/// many waves there are with this one.
async fn drain<F: Future<Output = ()>>(
    time: Duration,
    left: impl Fn() -> usize,
    mut close: impl FnMut(u32),
    sleep: impl Fn(Duration) -> F,
) {
    for waves in (1..=WAVES).rev() {
        if left() == 0 {
            return;
        }
        close(waves);
        sleep(time / WAVES).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::{Cell, RefCell},
        future::ready,
    };

    use futures_util::FutureExt;

    use super::*;

    /// What was closed, and when, of so many streams.
    fn drained(streams: usize) -> Vec<(Duration, usize)> {
        let (left, now) = (Cell::new(streams), Cell::new(Duration::ZERO));
        let closed = RefCell::new(vec![]);
        let close = |waves: u32| {
            let share = left.get().div_ceil(waves as usize);
            left.set(left.get() - share);
            closed.borrow_mut().push((now.get(), share));
        };
        let sleep = |time| {
            now.set(now.get() + time);
            ready(())
        };
        let done = drain(Duration::from_secs(5), || left.get(), close, sleep);
        assert!(done.now_or_never().is_some());
        closed.into_inner()
    }

    #[test]
    fn ten_thousand_streams_are_closed_evenly_over_the_time_a_drain_takes() {
        let expected = (0..10).map(|wave| (Duration::from_millis(500) * wave, 1_000));
        assert_eq!(drained(10_000), expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_few_streams_are_not_waited_for_longer_than_they_are_there() {
        assert_eq!(drained(0), []);
        let expected = (0..3).map(|wave| (Duration::from_millis(500) * wave, 1));
        assert_eq!(drained(3), expected.collect::<Vec<_>>());
    }
}
