//! What a worker may ask, as the real gateway answers it.

use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};

use api::bus::{
    AcquireReply, AcquireRequest, InventoryReply, InventoryRequest, Lease, LeasedTask,
    ReleaseReply, ReleaseRequest, RenewReply, RenewRequest, Renewed, ReportRequest, StepOutcome,
    Verdict,
};
use domain::{
    ClusterId, ClusterStatus, Goal, Judgement, Retryable, TaskStatus, Verb, judge, limits,
};
use tokio::time::Instant;

use super::{
    Db,
    rows::{BRAKE, LEASE, State},
};

const INSTALLATION: &str = "simulated";
/// As in the real gateway: a cluster that changed since is looked at with a later listing.
const SETTLED: Duration = Duration::from_secs(20);

impl Db {
    pub(crate) fn acquire(&self, host: usize, request: &AcquireRequest) -> AcquireReply {
        let mut state = self.state();
        let now = Instant::now();
        for row in state.rows.values_mut() {
            let earlier = row.held_by.as_ref().is_some_and(|(worker, boot_id)| {
                *worker == request.worker && *boot_id != request.boot_id
            });
            let mine = row.held_by == Some((request.worker.clone(), request.boot_id));
            let unheard =
                mine && row.acquire_seq < request.acquire_seq && !request.held.contains(&row.fence);
            if earlier || unheard {
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
        if state.tasks[open].attempts_without_progress >= limits::ATTEMPTS_WITHOUT_PROGRESS_MAX
            && status != ClusterStatus::Deleting
        {
            self.settle(state, cluster, TaskStatus::Failed, ClusterStatus::Error);
            return None;
        }
        state.tasks[open].attempts_without_progress += 1;
        state.fences += 1;
        let (fence, id, kind) = (state.fences, state.tasks[open].id, state.tasks[open].kind);
        let row = state.rows.get_mut(&cluster)?;
        row.fence = fence;
        row.lease_until = Some(Instant::now() + LEASE);
        row.held_by = Some((request.worker.clone(), request.boot_id));
        row.acquire_seq = request.acquire_seq;
        row.host = Some(host);
        self.audit.say(format!(
            "{cluster} to {} of life {} with fence {fence}",
            request.worker, request.boot_id
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
            if row.held_by.as_ref() == Some(&(request.worker.clone(), request.boot_id))
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
        row.desired.api_port = row.desired.api_port.or(request.observed.port());
        let desired = row.desired.clone();
        let failed = request.step.as_ref().and_then(|step| match step.outcome {
            StepOutcome::Failed { retryable, .. } => Some(Retryable(retryable)),
            StepOutcome::Began | StepOutcome::Ended => None,
        });
        // What was seen towards an earlier goal, and comes late, says nothing about this one.
        let late = request.desired_rev < row.rev;
        if !late
            && request
                .step
                .as_ref()
                .is_some_and(|step| step.outcome == StepOutcome::Ended)
        {
            state.tasks[open].attempts_without_progress = 0;
        }
        let Some(row) = state.rows.get(&cluster) else {
            return Verdict::Fenced;
        };
        let judgement = if late {
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

    /// Nodes that are down are started again, nodes that run and should not are stopped; what is left of the deleted is told. Both only after
    /// two complete listings.
    pub(crate) fn inventory(&self, host: usize, request: &InventoryRequest) -> InventoryReply {
        let mut remove = Vec::new();
        let mut otherwise = Vec::new();
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
                        otherwise.push((*cluster, Goal::Running));
                    }
                    if row.status == ClusterStatus::Stopped && runs(&before) && runs(&listing) {
                        otherwise.push((*cluster, Goal::Stopped));
                    }
                    if row.status == ClusterStatus::Deleted && there(&before) && there(&listing) {
                        remove.push(*cluster);
                    }
                }
            }
        }
        for (cluster, goal) in otherwise {
            self.ask(cluster, Verb::Repair(goal));
        }
        InventoryReply {
            installation: INSTALLATION.into(),
            remove,
        }
    }
}
