//! The rows in memory, and what they say by themselves.

use std::{collections::BTreeMap, time::Duration};

use api::bus::Verdict;
use domain::{
    ClusterId, ClusterStatus, Desired, Standing, TaskId, TaskKind, TaskStatus, WorkerId, limits,
};
use tokio::time::Instant;
use uuid::Uuid;

pub(super) const LEASE: Duration = Duration::from_secs(limits::LEASE_SECS as u64);
pub(super) const BRAKE: Duration = Duration::from_secs(60);
const BRAKE_WINDOW: Duration = Duration::from_secs(30);
const BRAKE_LEASES: usize = 5;

pub(super) struct Task {
    pub(super) id: TaskId,
    pub(super) cluster: ClusterId,
    pub(super) kind: TaskKind,
    pub(super) ended: Option<TaskStatus>,
    pub(super) attempts_without_progress: u32,
}

pub(super) struct Row {
    pub(super) status: ClusterStatus,
    pub(super) desired: Desired,
    pub(super) rev: i64,
    pub(super) open: Option<usize>,
    pub(super) newest: usize,
    /// Which ask of its holder's life it was given to.
    pub(super) acquire_seq: u64,
    pub(super) host: Option<usize>,
    pub(super) fence: i64,
    pub(super) lease_until: Option<Instant>,
    pub(super) held_by: Option<(WorkerId, u64)>,
    pub(super) changed: Instant,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) rows: BTreeMap<ClusterId, Row>,
    pub(super) tasks: Vec<Task>,
    pub(super) fences: i64,
    /// The last complete listing of each host.
    pub(super) listings: BTreeMap<usize, BTreeMap<ClusterId, bool>>,
}

impl Row {
    pub(super) fn holds(&self, host: usize, fence: i64) -> bool {
        self.host == Some(host) && self.fence == fence && self.lease_until.is_some()
    }

    pub(super) fn go_on(&mut self, known: i64) -> Verdict {
        self.lease_until = Some(Instant::now() + LEASE);
        Verdict::Continue {
            lease_secs: limits::LEASE_SECS,
            desired_rev: self.rev,
            desired: (self.rev > known).then(|| self.desired.clone()),
        }
    }
}

impl State {
    pub(super) fn open(&mut self, cluster: ClusterId, kind: TaskKind) -> usize {
        let number = self.tasks.len();
        self.tasks.push(Task {
            id: TaskId::from_uuid(Uuid::from_u128(u128::try_from(number).unwrap_or(0))),
            cluster,
            kind,
            ended: None,
            attempts_without_progress: 0,
        });
        number
    }

    pub(super) fn standing(&self, row: &Row) -> Standing {
        Standing {
            status: row.status,
            open: row.open.map(|task| self.tasks[task].kind),
        }
    }

    /// The takeover brake: too many leases ran out together for one worker to be the cause.
    pub(super) fn braked(&self, now: Instant) -> bool {
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
