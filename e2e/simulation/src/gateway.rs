//! The gateway in memory: rows, leases with fences from one counter, and the same pure rules that the
//! real one applies in its transactions. Its clock is the database's: the paused one.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use api::bus::{
    AcquireReply, AcquireRequest, InventoryReply, InventoryRequest, Lease, LeasedTask,
    ReleaseReply, ReleaseRequest, RenewReply, RenewRequest, Renewed, ReportRequest, StepOutcome,
    Verdict,
};
use domain::{
    ClusterId, ClusterStatus, Desired, Goal, Judgement, Resources, Retryable, Ruling, Standing,
    TaskId, TaskKind, TaskStatus, Turn, Verb, WorkerId, judge, limits, rule,
};
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

use crate::audit::Audit;

const INSTALLATION: &str = "simulated";
const LEASE: Duration = Duration::from_secs(limits::LEASE_SECS as u64);
/// As in the real gateway: a cluster that changed since is looked at with a later listing.
const SETTLED: Duration = Duration::from_secs(20);
const BRAKE: Duration = Duration::from_secs(60);
const BRAKE_WINDOW: Duration = Duration::from_secs(30);
const BRAKE_LEASES: usize = 5;

pub(crate) struct Task {
    id: TaskId,
    cluster: ClusterId,
    kind: TaskKind,
    ended: Option<TaskStatus>,
    barren: u32,
}

struct Row {
    status: ClusterStatus,
    desired: Desired,
    rev: i64,
    open: Option<usize>,
    newest: usize,
    host: Option<usize>,
    fence: i64,
    lease_until: Option<Instant>,
    held_by: Option<(WorkerId, u64)>,
    changed: Instant,
}

#[derive(Default)]
struct State {
    rows: BTreeMap<ClusterId, Row>,
    tasks: Vec<Task>,
    fences: i64,
    /// The last complete listing of each host.
    listings: BTreeMap<usize, BTreeMap<ClusterId, bool>>,
}

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
        let Ruling::Turn(turn) = rule(standing, verb) else {
            return;
        };
        self.audit.say(format!("{verb:?} of {cluster}: {turn:?}"));
        self.turn(&mut state, cluster, turn);
        drop(state);
        self.bell.notify_waiters();
    }

    fn turn(&self, state: &mut State, cluster: ClusterId, turn: Turn) {
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

    pub(crate) fn acquire(&self, host: usize, request: &AcquireRequest) -> AcquireReply {
        let mut state = self.state();
        let now = Instant::now();
        for row in state.rows.values_mut() {
            let earlier = row
                .held_by
                .as_ref()
                .is_some_and(|(worker, life)| *worker == request.worker && *life != request.life);
            if earlier {
                row.lease_until = None;
            }
        }
        let wait = if state.braked(now) {
            BRAKE
        } else {
            Duration::ZERO
        };
        let mut work: Vec<(bool, ClusterId)> = state
            .rows
            .iter()
            .filter(|(_, row)| row.open.is_some() && row.host.is_none_or(|at| at == host))
            .filter(|(_, row)| row.lease_until.is_none_or(|until| until + wait <= now))
            .map(|(cluster, row)| (row.desired.goal == Goal::Running, *cluster))
            .collect();
        work.sort();
        let mut leases = Vec::new();
        for (_, cluster) in work {
            if leases.len() >= usize::try_from(request.free_slots).unwrap_or(0) {
                break;
            }
            leases.extend(self.hand_out(&mut state, host, request, cluster));
        }
        AcquireReply {
            installation: INSTALLATION.into(),
            leases,
        }
    }

    fn hand_out(
        &self,
        state: &mut State,
        host: usize,
        request: &AcquireRequest,
        cluster: ClusterId,
    ) -> Option<Lease> {
        let (open, status) = {
            let row = state.rows.get(&cluster)?;
            (row.open?, row.status)
        };
        if state.tasks[open].barren >= limits::BARREN_MAX && status != ClusterStatus::Deleting {
            self.settle(state, cluster, TaskStatus::Failed, ClusterStatus::Error);
            return None;
        }
        state.tasks[open].barren += 1;
        state.fences += 1;
        let (fence, id, kind) = (state.fences, state.tasks[open].id, state.tasks[open].kind);
        let row = state.rows.get_mut(&cluster)?;
        row.fence = fence;
        row.lease_until = Some(Instant::now() + LEASE);
        row.held_by = Some((request.worker.clone(), request.life));
        row.host = Some(host);
        self.audit.say(format!(
            "{cluster} to {} of life {} with fence {fence}",
            request.worker, request.life
        ));
        Some(Lease {
            cluster,
            fence,
            lease_secs: limits::LEASE_SECS,
            desired: row.desired.clone(),
            desired_rev: row.rev,
            task: LeasedTask { id, kind },
        })
    }

    pub(crate) fn renew(&self, host: usize, request: &RenewRequest) -> RenewReply {
        let mut state = self.state();
        let mut leases = Vec::new();
        for held in &request.leases {
            let verdict = match state.rows.get_mut(&held.cluster) {
                Some(row) if row.holds(host, held.fence) => row.go_on(held.desired_rev),
                _ => Verdict::Fenced,
            };
            leases.push(Renewed {
                cluster: held.cluster,
                verdict,
            });
        }
        RenewReply { leases }
    }

    pub(crate) fn release(&self, _: usize, request: &ReleaseRequest) -> ReleaseReply {
        let mut released = 0;
        for row in self.state().rows.values_mut() {
            if row.held_by.as_ref() == Some(&(request.worker.clone(), request.life))
                && row.lease_until.take().is_some()
            {
                released += 1;
            }
        }
        ReleaseReply { released }
    }

    pub(crate) fn report(&self, host: usize, request: &ReportRequest) -> Verdict {
        let mut state = self.state();
        let cluster = request.cluster;
        let Some(row) = state.rows.get_mut(&cluster) else {
            return Verdict::Fenced;
        };
        if !row.holds(host, request.fence) {
            self.fenced.fetch_add(1, Ordering::Relaxed);
            if self.fences_checked {
                return Verdict::Fenced;
            }
        }
        // I4, looked at apart from the check: who writes holds the newest fence.
        if request.fence != row.fence {
            self.audit.violation(format!(
                "I4: {cluster} is written with fence {} after {}",
                request.fence, row.fence
            ));
        }
        let Some(open) = row.open else {
            row.lease_until = None;
            return Verdict::Done;
        };
        row.desired.api_port = row.desired.api_port.or(request.observed.api_port);
        let desired = row.desired.clone();
        let failed = request.step.as_ref().and_then(|step| match step.outcome {
            StepOutcome::Failed { retryable, .. } => Some(Retryable(retryable)),
            StepOutcome::Began | StepOutcome::Ended => None,
        });
        if request
            .step
            .as_ref()
            .is_some_and(|step| step.outcome == StepOutcome::Ended)
        {
            state.tasks[open].barren = 0;
        }
        let Some(row) = state.rows.get(&cluster) else {
            return Verdict::Fenced;
        };
        // What was seen towards an earlier goal, and comes late, says nothing about this one.
        let judgement = if request.desired_rev < row.rev {
            Judgement::GoOn
        } else {
            judge(state.standing(row), &desired, &request.observed, failed)
        };
        match judgement {
            Judgement::Reached(status) => {
                self.settle(&mut state, cluster, TaskStatus::Completed, status);
                Verdict::Done
            }
            Judgement::GivenUp => {
                self.settle(
                    &mut state,
                    cluster,
                    TaskStatus::Failed,
                    ClusterStatus::Error,
                );
                Verdict::Done
            }
            Judgement::GoOn => state
                .rows
                .get_mut(&cluster)
                .map_or(Verdict::Fenced, |row| row.go_on(request.desired_rev)),
        }
    }

    /// Nodes that are down are started again; what is left of the deleted is told. Both only after
    /// two complete listings.
    pub(crate) fn inventory(&self, host: usize, request: &InventoryRequest) -> InventoryReply {
        let mut remove = Vec::new();
        let mut down = Vec::new();
        if request.complete {
            let mut state = self.state();
            let mut listing: BTreeMap<ClusterId, bool> = BTreeMap::new();
            for item in &request.items {
                *listing.entry(item.cluster).or_default() |= item.role == "node" && item.running;
            }
            let before = state.listings.insert(host, listing.clone());
            if let Some(before) = before {
                for (cluster, row) in &state.rows {
                    let settled = row.open.is_none() && row.changed.elapsed() > SETTLED;
                    let runs = |seen: &BTreeMap<_, bool>| seen.get(cluster) == Some(&true);
                    let there = |seen: &BTreeMap<_, bool>| seen.contains_key(cluster);
                    if !settled || row.host != Some(host) {
                        continue;
                    }
                    if row.status == ClusterStatus::Running && !runs(&before) && !runs(&listing) {
                        down.push(*cluster);
                    }
                    if row.status == ClusterStatus::Deleted && there(&before) && there(&listing) {
                        remove.push(*cluster);
                    }
                }
            }
        }
        for cluster in down {
            self.ask(cluster, Verb::Repair);
        }
        InventoryReply {
            installation: INSTALLATION.into(),
            remove,
        }
    }
}

impl Row {
    fn holds(&self, host: usize, fence: i64) -> bool {
        self.host == Some(host) && self.fence == fence && self.lease_until.is_some()
    }

    fn go_on(&mut self, known: i64) -> Verdict {
        self.lease_until = Some(Instant::now() + LEASE);
        Verdict::Continue {
            lease_secs: limits::LEASE_SECS,
            desired_rev: self.rev,
            desired: (self.rev > known).then(|| self.desired.clone()),
        }
    }
}

impl State {
    fn open(&mut self, cluster: ClusterId, kind: TaskKind) -> usize {
        let number = self.tasks.len();
        self.tasks.push(Task {
            id: TaskId::from_uuid(Uuid::from_u128(u128::try_from(number).unwrap_or(0))),
            cluster,
            kind,
            ended: None,
            barren: 0,
        });
        number
    }

    fn standing(&self, row: &Row) -> Standing {
        Standing {
            status: row.status,
            open: row.open.map(|task| self.tasks[task].kind),
        }
    }

    /// The takeover brake: too many leases ran out together for one worker to be the cause.
    fn braked(&self, now: Instant) -> bool {
        let until: Vec<Instant> = self
            .rows
            .values()
            .filter_map(|row| row.lease_until)
            .collect();
        let live = until.iter().filter(|until| **until > now).count();
        let out: Vec<Instant> = until.into_iter().filter(|until| *until <= now).collect();
        out.iter().any(|last| {
            let together = out
                .iter()
                .filter(|other| **other <= *last && **other + BRAKE_WINDOW >= *last)
                .count();
            *last + BRAKE > now && together >= BRAKE_LEASES && together * 3 > together + live
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use api::bus::StepReport;
    use domain::{NodeState, Observed, Step};

    use super::*;

    /// A start that began, cancelled before the report of it came: the node may run by now.
    #[tokio::test(start_paused = true)]
    async fn a_report_made_towards_an_earlier_goal_settles_nothing() {
        let db = Db::new(Audit::new(), true);
        db.create(1);
        let worker: WorkerId = "w0".parse().unwrap();
        let take = || {
            let request = AcquireRequest {
                worker: worker.clone(),
                life: 1,
                driver: "simulated".into(),
                free_slots: 1,
            };
            db.acquire(0, &request).leases.remove(0)
        };
        let say = |lease: &Lease, rev, node, ready, step: Option<StepReport>| {
            let request = ReportRequest {
                worker: worker.clone(),
                life: 1,
                cluster: lease.cluster,
                fence: lease.fence,
                desired_rev: rev,
                step,
                observed: Observed {
                    prepared: true,
                    node,
                    ready,
                    api_port: Some(20_000),
                    resources: 6,
                },
                admin: None,
            };
            db.report(0, &request)
        };
        let create = take();
        assert_eq!(
            say(&create, 1, NodeState::Running, true, None),
            Verdict::Done
        );
        db.ask(create.cluster, Verb::Stop);
        let stop = take();
        assert_eq!(
            say(&stop, 2, NodeState::Stopped, false, None),
            Verdict::Done
        );
        db.ask(create.cluster, Verb::Start);
        let start = take();
        db.ask(create.cluster, Verb::Cancel);
        let began = StepReport {
            step: Step::Start,
            outcome: StepOutcome::Began,
            log: vec![],
        };
        let late = say(&start, 3, NodeState::Stopped, false, Some(began));
        assert!(matches!(
            late,
            Verdict::Continue {
                desired: Some(_),
                ..
            }
        ));
        assert_eq!(db.clusters()[0].status, ClusterStatus::Stopping);
        assert_eq!(
            say(&start, 4, NodeState::Stopped, false, None),
            Verdict::Done
        );
    }
}
