//! What can be asked of a cluster, and what that changes, by where the cluster stands. Pure: the gateway makes each change in one
//! transaction under the cluster's lock, the simulation in memory.

use crate::{ClusterStatus, Desired, Goal, Observed, TaskKind, plan};

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
pub struct Turn {
    /// The open task, if there is one, ends as canceled.
    pub cancels: bool,
    /// Kind of the task that it opens; the new status and goal follow from it.
    pub opens: TaskKind,
}

impl Turn {
    const fn to(opens: TaskKind) -> Self {
        Self {
            cancels: false,
            opens,
        }
    }

    const fn instead(opens: TaskKind) -> Self {
        Self {
            cancels: true,
            opens,
        }
    }

    /// The cluster's new status.
    pub const fn status(self) -> ClusterStatus {
        self.opens.status_during()
    }

    /// The cluster's new goal.
    pub const fn goal(self) -> Goal {
        self.opens.goal()
    }
}

/// The answer to a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Allowed: this changes.
    Turn(Turn),
    /// Nothing changes, because it is so already or under way: answer with the newest task towards this goal.
    Already(Goal),
    /// Nothing changes, for this reason.
    Refused(Refusal),
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
            _ => Ruling::Turn(Turn::instead(TaskKind::Delete)),
        },
        Verb::Start => match status {
            Stopped => Ruling::Turn(Turn::to(TaskKind::Start)),
            Running | Starting => Ruling::Already(Goal::Running),
            _ => refuse(Refusal::Status),
        },
        Verb::Stop => match status {
            Running => Ruling::Turn(Turn::to(TaskKind::Stop)),
            Stopped | Stopping => Ruling::Already(Goal::Stopped),
            _ => refuse(Refusal::Status),
        },
        Verb::Cancel => match open {
            Some(TaskKind::Create) => Ruling::Turn(Turn::instead(TaskKind::Delete)),
            Some(TaskKind::Start) => Ruling::Turn(Turn::instead(TaskKind::Stop)),
            Some(_) => Ruling::Refused(Refusal::NoWayBack),
            None => Ruling::Refused(Refusal::NothingOpen),
        },
        Verb::Retry(kind) => match (status, kind) {
            (Error, TaskKind::Create | TaskKind::Start | TaskKind::Stop) => {
                Ruling::Turn(Turn::to(kind))
            }
            _ => refuse(Refusal::NothingFailed),
        },
        Verb::Repair(goal) => match (status, open, goal) {
            (Running, None, Goal::Running) => Ruling::Turn(Turn::to(TaskKind::Start)),
            (Stopped, None, Goal::Stopped) => Ruling::Turn(Turn::to(TaskKind::Stop)),
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
    match (plan(desired, observed), standing.open) {
        (None, Some(kind)) => Judgement::Reached(kind.status_after()),
        _ => Judgement::GoOn,
    }
}

/// Whether another try may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retryable(pub bool);

#[cfg(test)]
mod tests {
    use super::*;

    /// Every standing that can be: a status of work has its open task.
    fn standings() -> impl Iterator<Item = Standing> {
        let settled = ClusterStatus::ALL.map(|status| Standing { status, open: None });
        let at_work = TaskKind::ALL.map(|kind| Standing {
            status: kind.status_during(),
            open: Some(kind),
        });
        settled.into_iter().chain(at_work)
    }

    #[test]
    fn every_turn_is_in_the_state_table() {
        for standing in standings() {
            for verb in Verb::ALL {
                if let Ruling::Turn(turn) = rule(standing, verb) {
                    assert!(
                        standing.status.may_become(turn.status()),
                        "{verb:?} of {standing:?} makes {turn:?}"
                    );
                    assert!(turn.status().may_become(turn.opens.status_after()));
                }
            }
        }
    }

    #[test]
    fn a_turn_leaves_at_most_one_task_open() {
        for standing in standings() {
            for verb in Verb::ALL {
                if let Ruling::Turn(turn) = rule(standing, verb) {
                    assert!(
                        turn.cancels || standing.open.is_none(),
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
                if let Ruling::Turn(turn) = rule(standing, verb) {
                    let during = Standing {
                        status: turn.status(),
                        open: Some(turn.opens),
                    };
                    let after = Standing {
                        status: turn.opens.status_after(),
                        open: None,
                    };
                    for standing in [during, after] {
                        assert_eq!(rule(standing, verb), Ruling::Already(turn.goal()));
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
                matches!(rule(standing, Verb::Delete), Ruling::Turn(_)),
                !going,
                "{standing:?}"
            );
        }
    }

    #[test]
    fn only_what_builds_up_can_be_cancelled() {
        let of = |kind: TaskKind| {
            let standing = Standing {
                status: kind.status_during(),
                open: Some(kind),
            };
            rule(standing, Verb::Cancel)
        };
        assert_eq!(
            of(TaskKind::Create),
            Ruling::Turn(Turn::instead(TaskKind::Delete))
        );
        assert_eq!(
            of(TaskKind::Start),
            Ruling::Turn(Turn::instead(TaskKind::Stop))
        );
        for kind in [TaskKind::Stop, TaskKind::Delete] {
            assert_eq!(of(kind), Ruling::Refused(Refusal::NoWayBack));
        }
    }
}
