//! Leases: which worker acts on which cluster, and until when. Acquiring is placing.

use api::{
    bus::{
        AcquireReply, AcquireRequest, Lease, LeasedTask, RenewReply, RenewRequest, Renewed, Verdict,
    },
    event::kind,
};
use domain::{ClusterStatus, Code, HostId, Reason, TaskStatus, limits};
use sea_orm::{DatabaseTransaction, TransactionTrait};

use super::{Error, events, report};
use crate::{
    db::{self, host::HostRow, lease::Work},
    state::App,
};

/// A create waits while a host has less than this.
const MEMORY_FREE_MIN_MIB: i64 = 1024;
const DISK_FREE_MIN_PERCENT: i64 = 15;
/// Acquires without a finished step after which a task is given up.
const BARREN_MAX: i32 = 8;
/// Clusters handed out by one request.
const LEASES_MAX: u32 = 64;

pub(crate) async fn acquire(
    app: &App,
    host: &HostId,
    request: AcquireRequest,
) -> Result<AcquireReply, Error> {
    let txn = app.machines.begin().await?;
    db::host::ensure(&txn, host, &request.driver).await?;
    let row = db::host::lock(&txn, host)
        .await?
        .ok_or_else(Error::not_found)?;
    let ended = db::lease::end_earlier_lives(&txn, host, &request.worker, request.life).await?;
    if ended > 0 {
        tracing::info!(%host, worker = %request.worker, ended, "leases of an earlier life ended");
    }
    let full = shortage(host, &row);
    let free = request.free_slots.min(LEASES_MAX);
    let mut leases = Vec::new();
    for work in db::lease::next_work(&txn, host, &request.driver, full.is_none(), free).await? {
        if let Some(lease) = hand_out(&txn, host, &request, work).await? {
            leases.push(lease);
        }
    }
    txn.commit().await?;
    app.appended.notify_one();
    Ok(AcquireReply {
        installation: app.installation.clone(),
        leases,
    })
}

/// Why a host takes no new clusters right now. A host that has not reported yet takes them.
fn shortage(host: &HostId, row: &HostRow) -> Option<Reason> {
    if row.disk_mib == 0 {
        return None;
    }
    let disk = 100 * row.disk_free_mib / row.disk_mib;
    let facts = if row.memory_free_mib < MEMORY_FREE_MIN_MIB {
        format!(
            "{host} has {} MiB of memory free and keeps {MEMORY_FREE_MIN_MIB}.",
            row.memory_free_mib
        )
    } else if disk < DISK_FREE_MIN_PERCENT {
        format!("{host} has {disk} % of its disk free and keeps {DISK_FREE_MIN_PERCENT}.")
    } else {
        return None;
    };
    tracing::info!(%host, facts, "no new clusters");
    Some(Reason::new(Code::Queued, facts))
}

async fn hand_out(
    txn: &DatabaseTransaction,
    host: &HostId,
    request: &AcquireRequest,
    work: Work,
) -> Result<Option<Lease>, Error> {
    let before = db::cluster::lock(txn, work.cluster)
        .await?
        .ok_or_else(Error::not_found)?;
    let task = db::task::get(txn, work.task).await?;
    if task.barren >= BARREN_MAX && before.status() != ClusterStatus::Deleting {
        let reason = Reason::new(
            Code::StepFailed,
            format!("It was taken up {BARREN_MAX} times and no step was ever finished."),
        );
        report::fail(txn, &before, work.task, &reason).await?;
        return Ok(None);
    }
    let secs = limits::LEASE_SECS;
    let fence =
        db::lease::grant(txn, work.cluster, host, &request.worker, request.life, secs).await?;
    if before.host_id.is_none() {
        db::host::reserve(txn, host, before.resources()).await?;
    }
    db::task::begin(txn, work.task).await?;
    // The host and the end of the waiting are public facts of the cluster.
    db::cluster::set_reason(txn, work.cluster, None).await?;
    let row = db::cluster::lock(txn, work.cluster)
        .await?
        .ok_or_else(Error::not_found)?;
    let task = db::task::get(txn, work.task).await?;
    events::task(txn, &row, &task, kind::TASK_CHANGED).await?;
    events::cluster(txn, &row, kind::CLUSTER_CHANGED).await?;
    tracing::info!(cluster = %work.cluster, %host, fence, kind = task.kind().as_str(), "handed out");
    Ok(Some(Lease {
        cluster: work.cluster,
        fence,
        lease_secs: secs,
        desired: row.desired(),
        desired_rev: row.desired_rev,
        task: LeasedTask {
            id: work.task,
            kind: task.kind(),
        },
    }))
}

pub(crate) async fn renew(
    app: &App,
    host: &HostId,
    request: RenewRequest,
) -> Result<RenewReply, Error> {
    let mut leases = Vec::with_capacity(request.leases.len());
    for held in request.leases {
        let secs = limits::LEASE_SECS;
        let verdict =
            match db::lease::renew(&app.machines, held.cluster, host, held.fence, secs).await? {
                None => Verdict::Fenced,
                Some(desired_rev) if desired_rev > held.desired_rev => {
                    let row = db::cluster::lock(&app.machines, held.cluster)
                        .await?
                        .ok_or_else(Error::not_found)?;
                    Verdict::Continue {
                        lease_secs: secs,
                        desired_rev: row.desired_rev,
                        desired: Some(row.desired()),
                    }
                }
                Some(desired_rev) => Verdict::Continue {
                    lease_secs: secs,
                    desired_rev,
                    desired: None,
                },
            };
        leases.push(Renewed {
            cluster: held.cluster,
            verdict,
        });
    }
    Ok(RenewReply { leases })
}

/// The end of a task that is not the goal's: the lease goes, the cluster shows why.
pub(crate) async fn end_failed(
    txn: &DatabaseTransaction,
    cluster: domain::ClusterId,
    task: domain::TaskId,
    reason: &Reason,
) -> Result<(), Error> {
    db::task::end(txn, task, TaskStatus::Failed, Some(reason)).await?;
    db::lease::release(txn, cluster).await?;
    Ok(())
}
