//! The gateway in memory: rows, leases with fences from one counter, and the same pure rules that the
//! real one applies in its transactions. Its clock is the database's: the paused one.

mod calls;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicUsize};

use domain::{
    ClusterId, ClusterStatus, Desired, Goal, Resources, Ruling, TaskKind, TaskStatus, Transition,
    Verb, rule,
};
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

use self::rows::{Row, State};
use crate::audit::Audit;

pub(crate) struct Db {
    state: Mutex<State>,
    pub(crate) bell: Notify,
    audit: Audit,
    /// False plants a bug: anyone may report on anything.
    fences_checked: bool,
    /// How often something was refused by its fence.
    pub(crate) fenced: AtomicUsize,
}

/// A cluster as the checks after a run see it.
pub(crate) struct Seen {
    pub(crate) cluster: ClusterId,
    pub(crate) status: ClusterStatus,
    pub(crate) open: Option<TaskKind>,
    pub(crate) host: Option<usize>,
}

impl Db {
    pub(crate) fn new(audit: Audit, fences_checked: bool) -> Self {
        Self {
            state: Mutex::default(),
            bell: Notify::new(),
            audit,
            fences_checked,
            fenced: AtomicUsize::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clusters(&self) -> Vec<Seen> {
        let state = self.state();
        let seen = |(cluster, row): (&ClusterId, &Row)| Seen {
            cluster: *cluster,
            status: row.status,
            open: row.open.map(|task| state.tasks[task].kind),
            host: row.host,
        };
        state.rows.iter().map(seen).collect()
    }

    /// How every task ended; `None` is one that is open.
    pub(crate) fn tasks(&self) -> Vec<Option<TaskStatus>> {
        self.state().tasks.iter().map(|task| task.ended).collect()
    }

    pub(crate) fn create(&self, number: u128) {
        let cluster = ClusterId::from_uuid(Uuid::from_u128(number));
        let mut state = self.state();
        let task = state.open(cluster, TaskKind::Create);
        let row = Row {
            status: ClusterStatus::Provisioning,
            desired: Desired {
                goal: Goal::Running,
                generation: 1,
                data_generation: 1,
                k8s_version: "v1.34.4".into(),
                resources: Resources::default(),
                api_port: None,
            },
            rev: 1,
            open: Some(task),
            newest: task,
            acquire_seq: 0,
            host: None,
            fence: 0,
            lease_until: None,
            held_by: None,
            changed: Instant::now(),
        };
        state.rows.insert(cluster, row);
        drop(state);
        self.audit.say(format!("asked to create {cluster}"));
        self.bell.notify_waiters();
    }

    /// Applies a verb as a person or labyard itself would; a retry is of the newest task.
    pub(crate) fn ask(&self, cluster: ClusterId, verb: Verb) {
        let mut state = self.state();
        let Some(row) = state.rows.get(&cluster) else {
            return;
        };
        let verb = match verb {
            Verb::Retry(_) => Verb::Retry(state.tasks[row.newest].kind),
            verb => verb,
        };
        let standing = state.standing(row);
        let Ruling::Transition(turn) = rule(standing, verb) else {
            return;
        };
        self.audit.say(format!("{verb:?} of {cluster}: {turn:?}"));
        self.turn(&mut state, cluster, turn);
        drop(state);
        self.bell.notify_waiters();
    }

    fn turn(&self, state: &mut State, cluster: ClusterId, turn: Transition) {
        let task = state.open(cluster, turn.opens);
        let Some(row) = state.rows.get_mut(&cluster) else {
            return;
        };
        let earlier = row.open.replace(task);
        row.newest = task;
        row.rev += 1;
        row.desired.goal = turn.goal();
        row.changed = Instant::now();
        self.become_(cluster, row, turn.status());
        match (earlier, turn.cancels) {
            (Some(earlier), true) => self.end(state, earlier, TaskStatus::Cancelled),
            (Some(_), false) => self
                .audit
                .violation(format!("{cluster} has two open tasks")),
            (None, _) => {}
        }
    }

    fn become_(&self, cluster: ClusterId, row: &mut Row, status: ClusterStatus) {
        if !row.status.may_become(status) {
            let from = row.status;
            self.audit
                .violation(format!("{cluster} went from {from:?} to {status:?}"));
        }
        row.status = status;
        row.changed = Instant::now();
    }

    /// I1: a task ends once.
    fn end(&self, state: &mut State, task: usize, status: TaskStatus) {
        let task = &mut state.tasks[task];
        if let Some(before) = task.ended.replace(status) {
            let (cluster, kind) = (task.cluster, task.kind);
            self.audit.violation(format!(
                "I1: {kind:?} of {cluster} ended as {before:?} and as {status:?}"
            ));
        }
    }

    fn settle(&self, state: &mut State, cluster: ClusterId, how: TaskStatus, to: ClusterStatus) {
        let Some(row) = state.rows.get_mut(&cluster) else {
            return;
        };
        row.lease_until = None;
        row.held_by = None;
        let task = row.open.take();
        self.become_(cluster, row, to);
        self.audit.say(format!("{cluster} is {to:?}, {how:?}"));
        if let Some(task) = task {
            self.end(state, task, how);
        }
    }
}
