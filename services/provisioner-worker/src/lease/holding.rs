//! The work on one lease: what it is done with, and how it is left when it must not go on.

use std::time::Duration;

use domain::Observed;
use drivers::{Error, Provision, Reach, Spec, notes::Notes};
use tokio::time::{sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::{context::Context, gateway::Gateway, held::LeaseState};

/// How long the engine may take to say what is there.
const OBSERVE: Duration = Duration::from_secs(30);

/// The work on one lease.
pub(crate) struct Holding<'a, G, D> {
    pub(crate) context: &'a Context<G, D>,
    pub(crate) lease: &'a LeaseState,
    pub(crate) stop: &'a CancellationToken,
    /// What was done since the last report, for the step's log.
    pub(crate) notes: Notes,
}

/// What another goal does to the work under way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OnGoalChange {
    Leave,
    Finish,
}

impl<G: Gateway, D: Provision + Reach> Holding<'_, G, D> {
    /// What is there, if the engine says so in time.
    pub(super) async fn observe(&self, spec: &Spec) -> Option<Observed> {
        let observing = within("observe", OBSERVE, self.context.driver.observe(spec));
        let error = match self.interrupted(observing, OnGoalChange::Finish).await? {
            Ok(observed) => return Some(observed),
            Err(error) => error,
        };
        tracing::warn!(cluster = %spec.cluster, error = &error as &dyn std::error::Error, "not observed");
        self.notes.add(format!(
            "what is there could not be seen: {}",
            chain(&error)
        ));
        None
    }

    /// Does some work until it is done or must not go on.
    pub(super) async fn interrupted<T>(
        &self,
        work: impl Future<Output = T>,
        on_goal_change: OnGoalChange,
    ) -> Option<T> {
        let leaves = on_goal_change == OnGoalChange::Leave;
        tokio::pin!(work);
        loop {
            let self_stop = self.lease.self_stop();
            tokio::select! {
                biased;
                () = self.stop.cancelled(), if leaves => return None,
                () = self.lease.interrupt.notified() => {
                    if leaves || self.lease.over() {
                        return None;
                    }
                }
                () = sleep_until(self_stop) => {
                    if self.lease.over() {
                        return None;
                    }
                }
                result = &mut work => return Some(result),
            }
        }
    }
}

/// An engine that hangs must not hang the task.
pub(super) async fn within<T>(
    verb: &'static str,
    time: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let secs = time.as_secs();
    timeout(time, work)
        .await
        .unwrap_or(Err(Error::TimedOut { verb, secs }))
}

/// An error with all that caused it, in one line.
pub(super) fn chain(error: &Error) -> String {
    let mut line = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    line
}
