//! Leases: which worker acts on which cluster, and until when. Acquiring is placing.

pub(crate) mod sql;

use api::bus::{
    AcquireReply, AcquireRequest, Lease, LeasedTask, ReleaseReply, ReleaseRequest, RenewReply,
    RenewRequest, Renewed, Verdict,
};
use crash::crash_point;
use domain::{ClusterId, ClusterStatus, Code, HostId, Reason, limits};
use sea_orm::{DatabaseTransaction, TransactionTrait};

use crate::{
    clusters::{cluster, placement, task, transition::locked},
    hosts::{
        host::{self, room},
        report,
    },
    kernel::{error::Error, installation, state::App},
};

/// Clusters handed out by one request.
const LEASES_MAX: u32 = 64;
/// Clusters told by one request why they wait.
const TOLD_MAX: u32 = 64;

pub(crate) async fn acquire(
    app: &App,
    host: &HostId,
    request: AcquireRequest,
) -> Result<AcquireReply, Error> {
    let txn = app.machines.begin().await?;
    // Clusters before their host, as a report locks them.
    let ended = sql::end_earlier_lives(&txn, host, &request.worker, request.boot_id).await?;
    if ended > 0 {
        tracing::info!(%host, worker = %request.worker, ended, "leases of an earlier life ended");
    }
    let unheard = sql::end_unheard(&txn, host, &request).await?;
    if unheard > 0 {
        tracing::info!(%host, worker = %request.worker, unheard, "leases never arrived");
    }
    host::sql::ensure(&txn, host, &request.driver).await?;
    let row = host::sql::lock(&txn, host)
        .await?
        .ok_or_else(Error::not_found)?;
    let doubted = installation::frozen(&txn).await?;
    let full = room::shortage(host, &row);
    if let Some(reason) = &full {
        tracing::info!(%host, facts = reason.message, "no new clusters");
    }
    // What it has seen is compared with this database before it is given anything.
    let silent =
        installation::sql::owes_a_word(&txn, host.as_str(), limits::HOST_SILENT_SECS).await?;
    let free = match silent {
        true => 0,
        false => request.free_slots.min(LEASES_MAX),
    };
    let mut leases = Vec::new();
    let wanted = sql::Wanted {
        builds: doubted.is_none(),
        room: if full.is_some() {
            0
        } else {
            room::for_new(&row, LEASES_MAX)
        },
        limit: free,
    };
    for cluster in sql::next_work(&txn, host, &request.driver, wanted).await? {
        if let Some(lease) = hand_out(&txn, host, &request, cluster).await? {
            leases.push(lease);
        }
    }
    if let Some(reason) = doubted {
        let reason = Reason::with_fix(Code::Queued, reason.message, reason.fix);
        say_why_they_wait(&txn, &request.driver, &reason).await?;
    } else if let Some(reason) = full
        && !host::sql::room_elsewhere(&txn, host, &request.driver, room::KEPT).await?
    {
        say_why_they_wait(&txn, &request.driver, &reason).await?;
    }
    if !leases.is_empty() {
        crash_point!("gateway.acquire.before_commit");
    }
    txn.commit().await?;
    if !leases.is_empty() {
        crash_point!("gateway.acquire.after_commit");
    }
    app.appended.notify_one();
    Ok(AcquireReply {
        installation: app.installation.clone(),
        leases,
    })
}

/// Tells those that no host can take now, once: the numbers change with every inventory.
pub(crate) async fn say_why_they_wait(
    txn: &DatabaseTransaction,
    driver: &str,
    reason: &Reason,
) -> Result<(), Error> {
    for cluster in sql::waiting(txn, driver, TOLD_MAX).await? {
        let Some(task) = locked(txn, cluster).await?.open_task() else {
            continue;
        };
        task::sql::set_reason(txn, task, reason).await?;
        cluster::sql::set_reason(txn, cluster, Some(reason)).await?;
        report::say(txn, cluster, task).await?;
    }
    Ok(())
}

async fn hand_out(
    txn: &DatabaseTransaction,
    host: &HostId,
    request: &AcquireRequest,
    cluster: ClusterId,
) -> Result<Option<Lease>, Error> {
    let before = locked(txn, cluster).await?;
    let Some(open) = before.open_task() else {
        return Ok(None);
    };
    let task = task::sql::get(txn, open).await?;
    if task.attempts_without_progress.unsigned_abs() >= limits::ATTEMPTS_WITHOUT_PROGRESS_MAX
        && before.status() != ClusterStatus::Deleting
    {
        let reason = Reason::new(
            Code::StepFailed,
            format!(
                "labyard tried {} times without finishing a step.",
                limits::ATTEMPTS_WITHOUT_PROGRESS_MAX
            ),
        );
        report::fail(txn, &before, open, Some(&reason)).await?;
        return Ok(None);
    }
    let secs = limits::LEASE_SECS;
    let fence = sql::grant(txn, cluster, host, request, secs).await?;
    if before.host_id.is_none() {
        placement::sql::reserve(txn, host, before.resources()).await?;
    }
    task::sql::begin(txn, open).await?;
    // The host and the end of the waiting are public facts of the cluster; why it goes stays one.
    let waited = |reason: &Reason| matches!(reason.code, Code::Queued | Code::NoHost);
    let reason = before.reason().filter(|reason| !waited(reason));
    cluster::sql::set_reason(txn, cluster, reason.as_ref()).await?;
    report::say(txn, cluster, open).await?;
    let row = locked(txn, cluster).await?;
    tracing::info!(%cluster, %host, fence, kind = task.kind().as_str(), "handed out");
    Ok(Some(Lease {
        cluster,
        fence,
        lease_secs: secs,
        desired: row.desired(),
        desired_rev: row.desired_rev,
        task: LeasedTask {
            id: open,
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
    crash_point!("gateway.renew.before_commit");
    for held in request.leases {
        let secs = limits::LEASE_SECS;
        let verdict = match sql::renew(&app.machines, held.cluster, host, held.fence, secs).await? {
            None => Verdict::Fenced,
            Some(desired_rev) if desired_rev > held.desired_rev => {
                let row = cluster::sql::lock(&app.machines, held.cluster)
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
    crash_point!("gateway.renew.after_commit");
    Ok(RenewReply { leases })
}

/// A worker that ends hands over what it holds: whoever asks next may have it at once.
pub(crate) async fn release(
    app: &App,
    host: &HostId,
    request: ReleaseRequest,
) -> Result<ReleaseReply, Error> {
    let released = sql::end_life(&app.machines, host, &request.worker, request.boot_id).await?;
    tracing::info!(%host, worker = %request.worker, released, "a worker handed over");
    app.bus.ring_host(host).await;
    Ok(ReleaseReply { released })
}
