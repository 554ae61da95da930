//! One step of the plan, done: for so long as its story allows, and left when it must not go on.

use std::time::Duration;

use crash::crash_point;
use domain::Step;
use drivers::{Error, Provision, Reach, Spec, notes};

use super::holding::{Holding, OnGoalChange, within};
use crate::gateway::Gateway;

pub(super) enum Acted {
    Done,
    /// Left in the middle: something else is wanted, or the lease is over.
    Left,
    Failed(Error),
}

impl<G: Gateway, D: Provision + Reach> Holding<'_, G, D> {
    /// Does a step, for so long as it may take. It is left at once when the lease is over; a mere
    /// wait also when the goal changes or the worker ends.
    pub(super) async fn act(&self, spec: &Spec, step: Step) -> Acted {
        let story = step.story();
        let doing = async {
            about(step, Moment::Before);
            let acted = self.context.driver.act(spec, step).await;
            about(step, Moment::After);
            acted
        };
        let doing = within(story.word, Duration::from_secs(story.secs_max), doing);
        let on_goal_change = match story.waits {
            true => OnGoalChange::Leave,
            false => OnGoalChange::Finish,
        };
        let doing = self.interrupted(notes::gather(&self.notes, doing), on_goal_change);
        match doing.await {
            Some(Ok(chosen)) => {
                if let Some(endpoint) = &chosen {
                    self.lease.keep_endpoint(endpoint);
                }
                Acted::Done
            }
            Some(Err(error)) => Acted::Failed(error),
            None => Acted::Left,
        }
    }
}

#[derive(Clone, Copy)]
enum Moment {
    Before,
    After,
}

/// Where a worker may be told to die around a step.
fn about(step: Step, moment: Moment) {
    match (step, moment) {
        (Step::Prepare, Moment::Before) => crash_point!("worker.prepare.before"),
        (Step::Prepare, Moment::After) => crash_point!("worker.prepare.after"),
        (Step::Create, Moment::Before) => crash_point!("worker.create.before"),
        (Step::Create, Moment::After) => crash_point!("worker.create.after"),
        (Step::Start, Moment::Before) => crash_point!("worker.start.before"),
        (Step::Start, Moment::After) => crash_point!("worker.start.after"),
        (Step::Ready, Moment::Before) => crash_point!("worker.ready.before"),
        (Step::Ready, Moment::After) => crash_point!("worker.ready.after"),
        (Step::Stop, Moment::Before) => crash_point!("worker.stop.before"),
        (Step::Stop, Moment::After) => crash_point!("worker.stop.after"),
        (Step::Remove, Moment::Before) => crash_point!("worker.remove.before"),
        (Step::Remove, Moment::After) => crash_point!("worker.remove.after"),
    }
}
