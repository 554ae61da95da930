//! What may be asked of a cluster, where it stands, and what then changes. Pure: the gateway makes
//! each turn in one transaction under the cluster's lock, the simulation in memory.

use crate::{ClusterStatus, Desired, Goal, Observed, TaskKind, plan};

/// Where a cluster stands, as far as the rules need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub status: ClusterStatus,
    /// The kind of its open task.
    pub open: Option<TaskKind>,
}

/// Something asked of a cluster, by a person or by labyard itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    Start,
    Stop,
    /// By a person, or because its time is up.
    Delete,
    /// Of the open task.
    Cancel,
    /// Of the newest task, which failed and was of this kind.
    Retry(TaskKind),
    /// Its node was found otherwise than it shall be: down though it shall run, or running though
    /// it is stopped.
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

/// All that an intent changes, at once. `desired_rev` grows by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The open task, if there is one, ends as cancelled.
    pub cancels: bool,
    /// The kind of the task that is opened; status and goal follow from it.
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

    pub const fn status(self) -> ClusterStatus {
        self.opens.status_during()
    }

    pub const fn goal(self) -> Goal {
        self.opens.goal()
    }
}

/// The answer to a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    Turn(Turn),
    /// It is so already, or on its way: the newest task towards this goal is the answer.
    Already(Goal),
    Refused(Refusal),
}

/// Why a verb cannot be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Another task is open: wait for it, or cancel it.
    Busy,
    /// There is no open task to cancel.
    NothingOpen,
    /// A stop or a delete is not cancelled: what it ends cannot be brought back half-way.
    NoWayBack,
    /// Only a cluster in ERROR has something to retry.
    NothingFailed,
    /// Not from this status.
    Status,
}

/// What a verb does to a cluster that stands so.
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
    /// Not there yet.
    GoOn,
    /// The goal is reached: the task is completed and the cluster has this status.
    Reached(ClusterStatus),
    /// The task has failed and the cluster is in ERROR.
    GivenUp,
}

/// Judges a report by the same planner that the worker uses. `failed` says of the reported step
/// whether it failed, and then whether another try may help. A delete is never given up.
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
