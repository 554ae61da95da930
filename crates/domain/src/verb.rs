//! What may be asked of a cluster, where it stands, and what then changes. Pure: the gateway makes
//! each transition in one transaction under the cluster's lock, the simulation in memory.

use crate::{
    cluster::{ClusterStatus, Desired, Goal},
    plan::{Observed, plan},
    task::TaskKind,
};

/// Where a cluster stands, as far as the rules need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Status before the verb.
    pub status: ClusterStatus,
    /// Kind of the open task; `None` when no task is open.
    pub open: Option<TaskKind>,
}

/// Something asked of a cluster, by a person or by labyard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Start a stopped cluster.
    Start,
    /// Stop a running cluster and keep what is in it.
    Stop,
    /// Delete the cluster: a person asked, or its time is up.
    Delete,
    /// Cancel the open task: a create becomes a delete, a start becomes a stop.
    Cancel,
    /// Try the newest task again, which was of this kind and failed.
    Retry(TaskKind),
    /// The node's state contradicts the goal: it is down in a running cluster, or runs in a stopped one.
    Repair(Goal),
}

impl Verb {
    /// Every verb, for tests and simulations.
    pub const ALL: [Self; 10] = [
        Self::Start,
        Self::Stop,
        Self::Delete,
        Self::Cancel,
        Self::Retry(TaskKind::Create),
        Self::Retry(TaskKind::Start),
        Self::Retry(TaskKind::Stop),
        Self::Retry(TaskKind::Delete),
        Self::Repair(Goal::Running),
        Self::Repair(Goal::Stopped),
    ];
}

/// Everything that a verb changes, in one transaction; `desired_rev` grows by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The open task, if there is one, ends as canceled.
    pub cancels: bool,
    /// Kind of the task that it opens; the new status and goal follow from it.
    pub opens: TaskKind,
    goal: Goal,
}

impl Transition {
    /// The cluster's new status.
    pub const fn status(self) -> ClusterStatus {
        self.opens.status_during()
    }

    /// The cluster's new goal.
    pub const fn goal(self) -> Goal {
        self.goal
    }
}

/// The answer to a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Allowed: this changes.
    Transition(Transition),
    /// Nothing changes, because it is so already or under way: answer with the newest task towards this goal.
    Already(Goal),
    /// Nothing changes, for this reason.
    Refused(Refusal),
}

impl Ruling {
    /// Opens a task. What a kind of a later version leads to is not known, so nothing is opened.
    const fn open(opens: TaskKind, cancels: bool) -> Self {
        match opens.goal() {
            Some(goal) => Self::Transition(Transition {
                cancels,
                opens,
                goal,
            }),
            None => Self::Refused(Refusal::Status),
        }
    }

    const fn to(opens: TaskKind) -> Self {
        Self::open(opens, false)
    }

    const fn instead(opens: TaskKind) -> Self {
        Self::open(opens, true)
    }
}

/// Why a verb is refused now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Another task is open: wait for it or cancel it.
    Busy,
    /// No task is open that could be canceled.
    NothingOpen,
    /// A stop or a delete can't be canceled: what it has ended can't be brought back halfway.
    NoWayBack,
    /// Only a cluster in ERROR has something to retry.
    NothingFailed,
    /// The cluster's status doesn't allow it.
    Status,
}

/// What a verb does to a cluster with this standing.
pub fn rule(standing: Standing, verb: Verb) -> Ruling {
    use ClusterStatus::{Deleted, Deleting, Error, Running, Starting, Stopped, Stopping};
    let Standing { status, open } = standing;
    let refuse = |otherwise| {
        Ruling::Refused(if open.is_some() {
            Refusal::Busy
        } else {
            otherwise
        })
    };
    match verb {
        Verb::Delete => match status {
            Deleting | Deleted => Ruling::Already(Goal::Deleted),
            _ => Ruling::instead(TaskKind::Delete),
        },
        Verb::Start => match status {
            Stopped => Ruling::to(TaskKind::Start),
            Running | Starting => Ruling::Already(Goal::Running),
            _ => refuse(Refusal::Status),
        },
        Verb::Stop => match status {
            Running => Ruling::to(TaskKind::Stop),
            Stopped | Stopping => Ruling::Already(Goal::Stopped),
            _ => refuse(Refusal::Status),
        },
        Verb::Cancel => match open {
            Some(TaskKind::Create) => Ruling::instead(TaskKind::Delete),
            Some(TaskKind::Start) => Ruling::instead(TaskKind::Stop),
            Some(_) => Ruling::Refused(Refusal::NoWayBack),
            None => Ruling::Refused(Refusal::NothingOpen),
        },
        Verb::Retry(kind) => match (status, kind) {
            (Error, TaskKind::Create | TaskKind::Start | TaskKind::Stop) => Ruling::to(kind),
            _ => refuse(Refusal::NothingFailed),
        },
        Verb::Repair(goal) => match (status, open, goal) {
            (Running, None, Goal::Running) => Ruling::to(TaskKind::Start),
            (Stopped, None, Goal::Stopped) => Ruling::to(TaskKind::Stop),
            _ => refuse(Refusal::Status),
        },
    }
}

/// What a report means for the open task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The goal isn't reached yet.
    GoOn,
    /// The goal is reached: the task has completed and the cluster gets this status.
    Reached(ClusterStatus),
    /// The task has failed and the cluster goes to ERROR.
    GivenUp,
}

/// Judges a report with the planner that the worker uses too. `failed` is set if the reported step failed, and says
/// whether another try may help. A delete is never given up.
pub fn judge(
    standing: Standing,
    desired: &Desired,
    observed: &Observed,
    failed: Option<Retryable>,
) -> Judgement {
    let given_up = failed == Some(Retryable(false)) && standing.status != ClusterStatus::Deleting;
    if given_up {
        return Judgement::GivenUp;
    }
    match (
        plan(desired, observed),
        standing.open.and_then(TaskKind::goal),
    ) {
        (None, Some(goal)) => Judgement::Reached(goal.reached()),
        _ => Judgement::GoOn,
    }
}

/// Whether another try may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retryable(pub bool);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Resources;

    /// Every standing that can be: a status of work has its open task.
    fn standings() -> impl Iterator<Item = Standing> {
        let settled = ClusterStatus::ALL.map(|status| Standing { status, open: None });
        settled.into_iter().chain(TaskKind::ALL.map(at_work))
    }

    /// A cluster with an open task of this kind.
    fn at_work(kind: TaskKind) -> Standing {
        Standing {
            status: kind.status_during(),
            open: Some(kind),
        }
    }

    #[test]
    fn every_transition_is_in_the_state_table() {
        for standing in standings() {
            for verb in Verb::ALL {
                if let Ruling::Transition(made) = rule(standing, verb) {
                    assert!(
                        standing.status.may_become(made.status()),
                        "{verb:?} of {standing:?} makes {made:?}"
                    );
                    assert!(made.status().may_become(made.goal().reached()));
                }
            }
        }
    }

    #[test]
    fn a_transition_leaves_at_most_one_task_open() {
        for standing in standings() {
            for verb in Verb::ALL {
                if let Ruling::Transition(made) = rule(standing, verb) {
                    assert!(
                        made.cancels || standing.open.is_none(),
                        "{verb:?} of {standing:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn saying_it_twice_changes_nothing_more() {
        for standing in standings() {
            for verb in [Verb::Start, Verb::Stop, Verb::Delete] {
                if let Ruling::Transition(made) = rule(standing, verb) {
                    let during = Standing {
                        status: made.status(),
                        open: Some(made.opens),
                    };
                    let after = Standing {
                        status: made.goal().reached(),
                        open: None,
                    };
                    for standing in [during, after] {
                        assert_eq!(rule(standing, verb), Ruling::Already(made.goal()));
                    }
                }
            }
        }
    }

    #[test]
    fn everything_but_what_is_going_can_be_deleted() {
        for standing in standings() {
            let going = matches!(
                standing.status,
                ClusterStatus::Deleting | ClusterStatus::Deleted
            );
            assert_eq!(
                matches!(rule(standing, Verb::Delete), Ruling::Transition(_)),
                !going,
                "{standing:?}"
            );
        }
    }

    #[test]
    fn only_what_builds_up_can_be_cancelled() {
        let of = |kind| rule(at_work(kind), Verb::Cancel);
        assert_eq!(of(TaskKind::Create), Ruling::instead(TaskKind::Delete));
        assert_eq!(of(TaskKind::Start), Ruling::instead(TaskKind::Stop));
        for kind in [TaskKind::Stop, TaskKind::Delete] {
            assert_eq!(of(kind), Ruling::Refused(Refusal::NoWayBack));
        }
    }

    #[test]
    fn what_a_later_version_opened_is_neither_tried_again_nor_taken_for_done() {
        let failed = Standing {
            status: ClusterStatus::Error,
            open: None,
        };
        let retry = rule(failed, Verb::Retry(TaskKind::Unknown));
        assert_eq!(retry, Ruling::Refused(Refusal::NothingFailed));
        assert_eq!(
            Ruling::to(TaskKind::Unknown),
            Ruling::Refused(Refusal::Status)
        );
        let standing = Standing {
            status: ClusterStatus::Running,
            open: Some(TaskKind::Unknown),
        };
        let desired = Desired {
            goal: Goal::Deleted,
            generation: 1,
            data_generation: 1,
            k8s_version: "v1.34.4".into(),
            resources: Resources::default(),
            api_port: None,
        };
        let judgement = judge(standing, &desired, &Observed::default(), None);
        assert_eq!(judgement, Judgement::GoOn);
    }
}
