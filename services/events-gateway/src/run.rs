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
    admit::Admission,
    archive::Archive,
    config::{Config, NAME, Tuning},
    fan_out::FanOut,
    health::Health,
    inbox::Command,
    log_reader::{LastHead, LogReader},
    metric::Metrics,
    open,
    presence::{Presence, Rooms},
    routes,
    stream_limits::{Allowance, StreamLimits},
    stream_thread::{self, Dependencies},
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
    streams: Streams,
    ended: JoinHandle<()>,
}

/// Every stream there is: their threads and their number.
#[derive(Clone)]
struct Streams {
    fan_out: Arc<FanOut>,
    limits: Arc<StreamLimits>,
}

/// How much is held for streams; all zero once everybody has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Footprint {
    pub streams: usize,
    pub people: usize,
    /// Topics with somebody who is shown their events.
    pub topics: usize,
}

impl Service {
    /// Starts it; it ends, and drains, when `stop` is cancelled.
    ///
    /// # Errors
    /// When it cannot listen or the way to the bus cannot be used.
    pub async fn start(config: Config, stop: CancellationToken) -> anyhow::Result<Self> {
        let bus = Bus::connect(config.bus.config(NAME))
            .await
            .context("NATS_URL")?;
        let events = bus.events().await.context("subscribing to the log")?;
        let tuning = config.tuning.clone();
        let last_head = Arc::new(LastHead::never());
        let asked = Arc::new(OnceLock::<Health>::new());
        // This installs the recorder of metrics, so it comes before whatever measures.
        let internal = internal(&config, asked.clone(), &stop)?;
        let metrics = Arc::new(Metrics::new());
        let (presence, acts) = Presence::new();
        let rooms = Rooms::new(bus.clone(), metrics.present.clone());
        let updates = bus.presence().await.context("subscribing to presence")?;
        let streams = Streams::start(&config, &bus, presence, metrics.clone())?;
        let health = asked.get_or_init(|| Health {
            bus: bus.clone(),
            fan_out: streams.fan_out.clone(),
            limits: streams.limits.clone(),
            last_head: last_head.clone(),
        });
        let closed = CancellationToken::new();
        let fan_out = streams.fan_out.clone();
        let reader = LogReader::new(bus.clone(), fan_out, metrics, last_head, tuning.prefill);
        tokio::spawn(reader.run(events, closed.clone()));
        let rooms = tokio::spawn(rooms.run(acts, updates, closed.clone()));
        let (address, server) = listen(&config, &bus, &streams, health.clone())?;
        let ended = tokio::spawn({
            let streams = streams.clone();
            async move {
                end(&streams, tuning, server, stop).await;
                closed.cancel();
                // The last it publishes is that nobody is here.
                if let Err(error) = rooms.await {
                    tracing::error!(%error, "presence broke");
                }
            }
        });
        Ok(Self {
            address,
            internal,
            streams,
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

    /// What is connected.
    pub fn footprint(&self) -> Footprint {
        self.streams.footprint()
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When a part of it broke.
    pub async fn wait(self) -> anyhow::Result<()> {
        self.ended.await.context("the service broke")
    }
}

impl Streams {
    fn start(
        config: &Config,
        bus: &Bus,
        presence: Presence,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let allowance = Allowance {
            per_user: config.streams_per_user,
            total: config.streams_max,
        };
        let limits = StreamLimits::new(allowance, metrics.connections.clone());
        let dependencies = Dependencies {
            ring: config.tuning.ring,
            catch_up: config.tuning.catch_up_max,
            keep_alive: config.tuning.keep_alive,
            archive: Arc::new(Archive::new(bus.clone())),
            presence,
            metrics,
            runtime: tokio::runtime::Handle::current(),
        };
        let numbers = 0..config.stream_threads;
        let threads = numbers.map(|number| stream_thread::start(number, dependencies.clone()));
        let threads = threads
            .collect::<Result<_, _>>()
            .context("starting a stream thread")?;
        Ok(Self {
            fan_out: Arc::new(FanOut::new(threads)),
            limits: Arc::new(limits),
        })
    }

    fn footprint(&self) -> Footprint {
        let (streams, people) = self.limits.open_streams();
        Footprint {
            streams,
            people,
            topics: self.fan_out.topics(),
        }
    }
}

/// Not ready until there is somebody to ask.
fn internal(
    config: &Config,
    health: Arc<OnceLock<Health>>,
    stop: &CancellationToken,
) -> anyhow::Result<SocketAddr> {
    let (address, stop) = (config.internal_addr, stop.clone());
    service::internal::serve(NAME, address, stop, move || {
        let checks = health.get().map_or_else(Health::starting, Health::checks);
        async move { checks }
    })
    .context("LABYARD_INTERNAL_ADDR")
}

fn listen(
    config: &Config,
    bus: &Bus,
    streams: &Streams,
    health: Health,
) -> anyhow::Result<(SocketAddr, ServerHandle)> {
    let state = web::Data::new(open::State {
        fan_out: streams.fan_out.clone(),
        limits: streams.limits.clone(),
        admission: Admission::new(
            bus.clone(),
            streams.fan_out.clone(),
            config.gateway_keys.seal.clone(),
        ),
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
async fn end(streams: &Streams, tuning: Tuning, server: ServerHandle, stop: CancellationToken) {
    stop.cancelled().await;
    streams.limits.close();
    let left = || streams.footprint().streams;
    tracing::info!(streams = left(), "sending the streams elsewhere");
    let fan_out = &streams.fan_out;
    let close = |waves| fan_out.command_all(|| Command::Drain { waves });
    drain(tuning.drain, left, close, tokio::time::sleep).await;
    fan_out.command_all(|| Command::Stop);
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
