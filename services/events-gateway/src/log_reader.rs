//! Follows the log: receives what the bus delivers, finds what is missing by positions and heads, reads
//! that from the api-gateway (one request in flight), and hands on every event once, in order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use api::bus::{LogHead, LogReply, LogRequest, Logged};
use bus::{Bus, CallError, Events, LogMessage};
use chrono::Utc;
use domain::{Backoff, Incarnation};
use feed::{Intake, Offer, Reset};
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::{fan_out::FanOut, metric::Metrics};

/// Events that wait in memory for a hole before them to close.
const EARLY_MAX: usize = 4_096;
/// A hole may be events still under way; this long they may take.
const GRACE: Duration = Duration::from_millis(20);
/// How long to wait after a read of the log that failed, and after one of which nothing came.
const RETRY: Backoff = Backoff::new(RETRY_FIRST, Duration::from_secs(2));
const RETRY_FIRST: Duration = Duration::from_millis(100);

/// When the end of the log was heard the last time; for readiness.
#[derive(Debug)]
pub(crate) struct LastHead {
    began: Instant,
    /// Milliseconds after `began`, plus one; 0 is never.
    at: AtomicU64,
}

impl LastHead {
    pub(crate) fn never() -> Self {
        Self {
            began: Instant::now(),
            at: AtomicU64::new(0),
        }
    }

    fn heard_now(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.at.store(millis + 1, Ordering::Release);
    }

    /// How long ago, if ever.
    pub(crate) fn ago(&self) -> Option<Duration> {
        match self.at.load(Ordering::Acquire) {
            0 => None,
            at => Some(
                self.began
                    .elapsed()
                    .saturating_sub(Duration::from_millis(at - 1)),
            ),
        }
    }
}

pub(crate) struct LogReader {
    bus: Bus,
    fan_out: Arc<FanOut>,
    metrics: Arc<Metrics>,
    last_head: Arc<LastHead>,
    /// Positions to fetch at the very start.
    prefill: u64,
    /// The incarnation followed and what arrived of it; `None` until the first read.
    following: Option<(Incarnation, Intake<Logged>)>,
    /// Another incarnation was heard of: only a read can tell which one is true.
    doubted: bool,
    reading: Option<BoxFuture<'static, Result<LogReply, CallError>>>,
    /// Not before this is the log read; `None` while there is nothing to read for.
    read_at: Option<tokio::time::Instant>,
    failures: u32,
    /// The last position taken when a head was heard the last time.
    last_at_head: u64,
    /// Level with the log once since it began to be followed: what is missing from then on was lost.
    level: bool,
}

impl LogReader {
    pub(crate) fn new(
        bus: Bus,
        fan_out: Arc<FanOut>,
        metrics: Arc<Metrics>,
        last_head: Arc<LastHead>,
        prefill: u64,
    ) -> Self {
        Self {
            bus,
            fan_out,
            metrics,
            last_head,
            prefill,
            following: None,
            doubted: false,
            reading: None,
            read_at: Some(tokio::time::Instant::now()),
            failures: 0,
            last_at_head: 0,
            level: false,
        }
    }

    /// Follows the log until `stop`.
    pub(crate) async fn run(mut self, mut events: Events, stop: CancellationToken) {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                reply = pending_or(&mut self.reading) => {
                    self.reading = None;
                    self.on_reply(reply);
                }
                message = events.next() => match message {
                    Some(message) => self.on_message(message),
                    None => {
                        tracing::error!("the subscription to the log ended");
                        return;
                    }
                },
                () = at(self.read_at), if self.reading.is_none() => self.read(),
            }
        }
    }

    fn on_message(&mut self, message: LogMessage) {
        match message {
            LogMessage::Event(logged, incarnation) => self.on_event(*logged, incarnation),
            LogMessage::Head(head) => self.on_head(head),
            // Its place shows as a hole.
            LogMessage::Unreadable => {}
        }
        self.plan_read(GRACE);
    }

    fn on_event(&mut self, logged: Logged, incarnation: Incarnation) {
        let Some((ours, intake)) = &mut self.following else {
            return;
        };
        if *ours != incarnation {
            self.doubted = true;
        } else if intake.offer(logged.position, logged) != Offer::Seen {
            self.apply_in_order();
        }
    }

    /// A head heard before anything is followed says nothing of how far this replica is.
    fn on_head(&mut self, head: LogHead) {
        if self.following.is_some() {
            self.last_head.heard_now();
        }
        match &mut self.following {
            Some((ours, intake)) if *ours == head.incarnation => {
                // One that is only a little late is behind by what came since the head before.
                self.doubted |= head.position < self.last_at_head;
                self.last_at_head = intake.last();
                intake.on_head(head.position);
            }
            Some(_) => self.doubted = true,
            None => {}
        }
    }

    /// Hands on what is in order.
    fn apply_in_order(&mut self) {
        let Some((_, intake)) = &mut self.following else {
            return;
        };
        while let Some((_, logged)) = intake.pop() {
            deliver(&self.fan_out, &self.metrics, logged);
        }
        self.metrics.position.set(intake.last() as f64);
    }

    /// Plans a read where one is needed, and drops the plan where it is not needed any more.
    fn plan_read(&mut self, wait: Duration) {
        let needed = self.doubted
            || match &self.following {
                Some((_, intake)) => intake.gap().is_some(),
                None => true,
            };
        if !needed {
            self.level = true;
            self.read_at = None;
        } else if self.read_at.is_none() {
            self.read_at = Some(tokio::time::Instant::now() + wait);
        }
    }

    fn read(&mut self) {
        self.read_at = None;
        let after = match &self.following {
            Some((_, intake)) => intake.last(),
            None => 0,
        };
        if self.level && self.failures == 0 {
            self.metrics.gaps.increment(1);
            tracing::info!(after, "events are missing, reading them from the log");
        }
        let bus = self.bus.clone();
        self.reading = Some(async move { bus.request(&LogRequest { after }, ()).await }.boxed());
    }

    fn on_reply(&mut self, reply: Result<LogReply, CallError>) {
        let before = self.following.as_ref().map(|(_, intake)| intake.last());
        match reply {
            Ok(reply) => self.read_reply(reply),
            Err(error) => {
                tracing::warn!(%error, failures = self.failures, "the log cannot be read");
                return self.retry();
            }
        }
        let after = self.following.as_ref().map(|(_, intake)| intake.last());
        if before == after {
            // Nothing came of it: not in a hurry, or this would never rest.
            self.plan_read(RETRY_FIRST);
        } else {
            self.failures = 0;
            self.plan_read(Duration::ZERO);
        }
    }

    fn retry(&mut self) {
        self.failures = self.failures.saturating_add(1);
        let wait = RETRY.wait(self.failures, rand::random());
        self.read_at = Some(tokio::time::Instant::now() + wait);
    }

    /// A reply is the truth about the incarnation, about what is kept, and about its range.
    fn read_reply(&mut self, reply: LogReply) {
        self.doubted = false;
        let head = reply.head;
        match &mut self.following {
            Some((ours, intake)) if *ours == head.incarnation => {
                if let Some(reset) = Reset::unless_kept(intake.last(), reply.first) {
                    tracing::error!(
                        ?reset,
                        first = reply.first,
                        "the log no longer holds what is missing here"
                    );
                    return self.follow(head, reply.first.saturating_sub(1));
                }
                if head.position < intake.last() {
                    tracing::error!(
                        head = head.position,
                        seen = intake.last(),
                        "the log ends before what it held: the database went back in time"
                    );
                }
                intake.on_head(head.position);
                for logged in reply.events {
                    intake.offer(logged.position, logged);
                    while let Some((_, logged)) = intake.pop() {
                        if self.level {
                            deliver(&self.fan_out, &self.metrics, logged);
                        } else {
                            // What a new replica fills its ring with was delivered by others.
                            self.fan_out.apply(logged, &Span::none());
                        }
                    }
                }
                self.apply_in_order();
            }
            Some((ours, _)) => {
                tracing::warn!(was = %ours, is = %head.incarnation, "another incarnation of the log");
                self.follow(head, head.position);
            }
            None => {
                let from = head.position.saturating_sub(self.prefill);
                self.follow(head, from.max(reply.first.saturating_sub(1)));
            }
        }
        self.last_head.heard_now();
    }

    fn follow(&mut self, head: LogHead, last: u64) {
        let last = last.min(head.position);
        tracing::info!(incarnation = %head.incarnation, last, head = head.position, "following the log");
        let mut intake = Intake::new(last, EARLY_MAX);
        intake.on_head(head.position);
        self.following = Some((head.incarnation, intake));
        self.level = false;
        self.last_at_head = last;
        self.metrics.position.set(last as f64);
        self.fan_out.restart(head.incarnation, last);
    }
}

/// Hands on one event. The span of its delivery goes on where it was published, or where it was
/// written if it was read from the log.
fn deliver(fan_out: &FanOut, metrics: &Metrics, logged: Logged) {
    let span = tracing::info_span!("deliver", position = logged.position);
    bus::trace::follow(&span, logged.trace.as_deref());
    let lag = Utc::now() - logged.event.time.datetime();
    let lag = lag.to_std().unwrap_or_default();
    metrics.lag.record(lag.as_secs_f64());
    fan_out.apply(logged, &span);
}

async fn pending_or<T>(future: &mut Option<BoxFuture<'static, T>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

async fn at(when: Option<tokio::time::Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}
