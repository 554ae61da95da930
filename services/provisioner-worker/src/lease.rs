//! One cluster in this worker's hands, until its goal is reached, given up or somebody else's.

mod held;
mod report;

pub(crate) use held::Held;

use std::time::Duration;

use api::bus::StepOutcome;
use crash::between;
use domain::{Backoff, Observed, Step, plan};
use drivers::{
    Error, Provision, Reach, Spec,
    notes::{self, Notes},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::report::chain;
use crate::{
    gateway::Gateway,
    worker::{SELF_STOP, Worker},
};

const RETRY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));
/// How long the engine may take to say what is there.
const OBSERVE: Duration = Duration::from_secs(30);

/// The work on one lease.
pub(crate) struct Holding<'a, G, D> {
    pub(crate) worker: &'a Worker<G, D>,
    pub(crate) held: &'a Held,
    pub(crate) stop: &'a CancellationToken,
    /// What was done since the last report, for the step's log.
    pub(crate) notes: Notes,
}

impl<G: Gateway, D: Provision + Reach> Holding<'_, G, D> {
    /// Step by step until there is nothing left to do, or nothing more may be done.
    pub(crate) async fn run(&self) {
        let mut tries = 0;
        // Whoever chooses the boot and the fence, as a simulation does, chooses the waits.
        let seed = self.worker.identity.boot_id ^ self.held.fence.cast_unsigned();
        let mut random = StdRng::seed_from_u64(seed);
        while !self.held.over() && !self.stop.is_cancelled() {
            let goal = self.held.desired().0.goal;
            match self.advance(tries).await {
                Advanced::On => tries = 0,
                // Towards another goal nothing was tried yet.
                Advanced::Again if self.held.desired().0.goal != goal => tries = 0,
                Advanced::Again => {
                    tries += 1;
                    let wait = RETRY.wait(tries, random.random());
                    tokio::select! {
                        biased;
                        () = self.stop.cancelled() => {}
                        () = self.held.turned.notified() => tries = 0,
                        () = sleep(wait) => {}
                    }
                }
            }
        }
        let state = self.held.state();
        if state.lost {
            tracing::warn!(cluster = %self.held.cluster, fence = self.held.fence, "fenced: touches nothing more");
        } else if !state.done && state.renewed.elapsed() >= SELF_STOP {
            tracing::warn!(cluster = %self.held.cluster, "nobody renewed the lease: stopped");
        }
    }

    /// What is there, if the engine says so in time.
    async fn observe(&self, spec: &Spec) -> Option<Observed> {
        let observing = within("observe", OBSERVE, self.worker.driver.observe(spec));
        let error = match self.interrupted(observing, Turns::Wait).await? {
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

    /// Observes and does the one next step.
    async fn advance(&self, tries: u32) -> Advanced {
        let rev = self.held.look();
        let spec = self.held.spec();
        let Some(observed) = self.observe(&spec).await else {
            return Advanced::Again;
        };
        self.held.keep_port(observed.api_port);
        let spec = self.held.spec();
        if self.held.desired().1 != rev {
            return Advanced::On;
        }
        let Some(step) = plan(&spec.desired, &observed) else {
            let admin = self.sealed_admin(&spec).await;
            self.report(None, observed, admin).await;
            // A gateway that sees it otherwise is asked again, not in a hurry.
            return if self.held.over() || self.held.desired().1 != rev {
                Advanced::On
            } else {
                Advanced::Again
            };
        };
        self.report_step(step, StepOutcome::Began, observed.clone(), None)
            .await;
        if self.held.over() || self.held.desired().1 != rev {
            return Advanced::On;
        }
        let began = Instant::now();
        let acted = self.act(&spec, step).await;
        let took = began.elapsed().as_millis();
        match acted {
            Acted::Done => {
                self.notes.add(format!("done in {took} ms"));
                self.ended(&spec, step).await
            }
            Acted::Turned => {
                self.notes.add(format!(
                    "left after {took} ms: something else is wanted, or another worker goes on"
                ));
                Advanced::On
            }
            Acted::Failed(error) => {
                let told = chain(&error);
                self.notes
                    .add(format!("try {} failed after {took} ms: {told}", tries + 1));
                self.failed(&spec, step, observed, &error, tries).await
            }
        }
    }

    /// Does a step, for so long as it may take. It is left at once when the lease is over; a mere
    /// wait also when the goal turns or the worker ends.
    async fn act(&self, spec: &Spec, step: Step) -> Acted {
        let driver = &self.worker.driver;
        let doing = async {
            match step {
                Step::Prepare => between!(
                    "worker.prepare.before",
                    driver.prepare(spec),
                    "worker.prepare.after"
                )
                .map(|port| self.held.keep_port(Some(port))),
                Step::Create => between!(
                    "worker.create.before",
                    driver.create(spec),
                    "worker.create.after"
                ),
                Step::Start => between!(
                    "worker.start.before",
                    driver.start(spec),
                    "worker.start.after"
                ),
                Step::Ready => between!(
                    "worker.ready.before",
                    driver.ready(spec),
                    "worker.ready.after"
                ),
                Step::Stop => {
                    between!("worker.stop.before", driver.stop(spec), "worker.stop.after")
                }
                Step::Remove => {
                    between!(
                        "worker.remove.before",
                        driver.remove(&spec.installation, spec.cluster),
                        "worker.remove.after"
                    )
                }
            }
        };
        let doing = notes::gather(&self.notes, within(step.as_str(), time_for(step), doing));
        let turns = match step {
            Step::Ready => Turns::Leave,
            _ => Turns::Wait,
        };
        match self.interrupted(doing, turns).await {
            Some(Ok(())) => Acted::Done,
            Some(Err(error)) => Acted::Failed(error),
            None => Acted::Turned,
        }
    }

    /// Does some work until it is done or must not go on.
    async fn interrupted<T>(&self, work: impl Future<Output = T>, turns: Turns) -> Option<T> {
        tokio::pin!(work);
        loop {
            let self_stop = self.held.self_stop();
            tokio::select! {
                biased;
                () = self.stop.cancelled(), if turns == Turns::Leave => return None,
                () = self.held.turned.notified() => {
                    if turns == Turns::Leave || self.held.over() {
                        return None;
                    }
                }
                () = tokio::time::sleep_until(self_stop) => {
                    if self.held.over() {
                        return None;
                    }
                }
                result = &mut work => return Some(result),
            }
        }
    }
}

/// What a goal that turns does to the work under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turns {
    Leave,
    Wait,
}

/// An engine that hangs must not hang the task.
async fn within<T>(
    verb: &'static str,
    time: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let secs = time.as_secs();
    timeout(time, work)
        .await
        .unwrap_or(Err(Error::TimedOut { verb, secs }))
}

/// How long a step may take.
const fn time_for(step: Step) -> Duration {
    Duration::from_secs(match step {
        Step::Prepare | Step::Create | Step::Start | Step::Stop => 60,
        // Longer than the driver's own wait, which says what is missing.
        Step::Ready => 150,
        Step::Remove => 120,
    })
}

enum Advanced {
    On,
    Again,
}

enum Acted {
    Done,
    Turned,
    Failed(Error),
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod script;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod steps;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
