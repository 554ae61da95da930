//! Thousands of receivers of events in one thread: raw sockets, one buffer for all, each receiver a few dozen
//! bytes and a count. They come back by themselves as a browser does, and count every event.

pub mod clock;
mod crowd;
mod tally;
mod wire;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use domain::OrganizationId;

pub use tally::{Delays, Tally};
pub use wire::Kind;

/// One receiver to be.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// The request's head without its end: `Last-Event-ID` may be added.
    pub head: String,
    /// The organization that a WebSocket of labyard's subscribes to when it is open, from where it was on.
    pub subscribes: Option<OrganizationId>,
}

/// Whom to open and how.
pub struct Plan {
    pub address: SocketAddr,
    pub kind: Kind,
    pub receivers: Vec<Receiver>,
    /// What the server says when events may come; else the head of its answer is enough.
    pub ready: Option<&'static str>,
    /// The first so many read nothing while they are told to stall.
    pub stalled: usize,
}

/// Where all of them stand.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) ready: AtomicUsize,
    pub(crate) events: AtomicU64,
    pub(crate) reads: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) stalling: AtomicBool,
    pub(crate) stop: AtomicBool,
}

/// What they had in the end.
pub struct Outcome {
    pub tallies: Vec<Tally>,
    pub delays: Delays,
    /// Reads that held events: fewer than events where frames came together.
    pub reads: u64,
    /// Answers that were no stream, by which a receiver was sent away for a while.
    pub refused: u64,
}

impl Outcome {
    pub fn events(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.events).sum()
    }
}

/// A running crowd.
pub struct Receivers {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Outcome>>,
    count: usize,
}

/// How often a waiting caller looks.
const LOOK: Duration = Duration::from_millis(5);

impl Receivers {
    /// Begins to open them all.
    pub fn open(plan: Plan) -> Self {
        clock::now();
        let shared = Arc::new(Shared::default());
        let count = plan.receivers.len();
        let crowd = crowd::Crowd::new(plan, shared.clone());
        Self {
            shared,
            thread: Some(std::thread::spawn(move || crowd.run())),
            count,
        }
    }

    /// Receivers whose stream stands now.
    pub fn ready(&self) -> usize {
        self.shared.ready.load(Ordering::Acquire)
    }

    /// Events so far, each counted once for each receiver.
    pub fn events(&self) -> u64 {
        self.shared.events.load(Ordering::Acquire)
    }

    pub fn stall(&self, stall: bool) {
        self.shared.stalling.store(stall, Ordering::Release);
    }

    /// # Panics
    /// When not all of them stand within this time.
    pub async fn all_ready(&self, within: Duration) {
        let began = Instant::now();
        while self.ready() < self.count {
            assert!(
                began.elapsed() < within,
                "{} of {} streams stand after {within:?}, {} were refused",
                self.ready(),
                self.count,
                self.shared.refused.load(Ordering::Acquire)
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until so many events came, or the time is over.
    pub async fn had(&self, events: u64, within: Duration) -> bool {
        let began = Instant::now();
        while self.events() < events {
            if began.elapsed() > within {
                return false;
            }
            tokio::time::sleep(LOOK).await;
        }
        true
    }

    /// Ends them all.
    ///
    /// # Panics
    /// When the thread did.
    pub fn finish(mut self) -> Outcome {
        self.shared.stop.store(true, Ordering::Release);
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
    }
}
