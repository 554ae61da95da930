//! The signals that ask `with` to end: none of them ends it before its cluster is looked after.

use anyhow::Context;
use rustix::process::Signal;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// Each is heard from the moment on when this is made.
pub(super) struct Signals {
    hangup: Stream,
    interrupt: Stream,
    quit: Stream,
    terminate: Stream,
    /// The first one there was.
    pub(super) first: Option<Signal>,
}

impl Signals {
    pub(super) fn listen() -> anyhow::Result<Self> {
        let on = |kind| signal(kind).context("Can't listen for signals");
        Ok(Self {
            hangup: on(SignalKind::hangup())?,
            interrupt: on(SignalKind::interrupt())?,
            quit: on(SignalKind::quit())?,
            terminate: on(SignalKind::terminate())?,
            first: None,
        })
    }

    /// The next one; may be dropped and asked again without loss.
    pub(super) async fn next(&mut self) -> Signal {
        let signal = tokio::select! {
            _ = self.hangup.recv() => Signal::HUP,
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.quit.recv() => Signal::QUIT,
            _ = self.terminate.recv() => Signal::TERM,
        };
        self.first.get_or_insert(signal);
        signal
    }
}
