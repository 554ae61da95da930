//! Reports: what a worker did and saw, guarded by its fence. Facts come in; the status moves here.

use api::{
    bus::{ReportRequest, StepOutcome, StepReport, Verdict},
    event::kind,
};
use domain::{ClusterId, ClusterStatus, HostId, Reason, TaskId, TaskStatus, limits, plan};
use sea_orm::{DatabaseTransaction, TransactionTrait};

use super::{Error, due, events, lease};
use crate::{
    db::{self, cluster::ClusterRow},
    state::App,
};

/// One report, one transaction.
pub(crate) async fn report(
    app: &App,
    host: &HostId,
    request: ReportRequest,
) -> Result<Verdict, Error> {
    let txn = app.machines.begin().await?;
    let Some(row) = db::cluster::lock(&txn, request.cluster).await? else {
        return Ok(Verdict::Fenced);
    };
    if !db::lease::holds(&txn, request.cluster, host, request.fence).await? {
        tracing::info!(cluster = %request.cluster, %host, fence = request.fence, "fenced");
        return Ok(Verdict::Fenced);
    }
    let Some(task) = row.open_task() else {
        db::lease::release(&txn, request.cluster).await?;
        txn.commit().await?;
        return Ok(Verdict::Done);
    };
    keep_facts(app, &txn, &row, &request).await?;
    let failed = match &request.step {
        Some(step) => take_step(&txn, &row, task, step).await?,
        None => None,
    };
    let verdict = match failed {
        Some(failed) if row.status() == ClusterStatus::Deleting => {
            say_why_it_stays(&txn, &row, task, failed.reason).await?;
            judge(&txn, &row, task, &request).await?
        }
        Some(failed) if !failed.retryable => {
            fail(&txn, &row, task, failed.reason).await?;
            Verdict::Done
        }
        _ => judge(&txn, &row, task, &request).await?,
    };
    txn.commit().await?;
    app.appended.notify_one();
    Ok(verdict)
}

/// What stays known when the worker is gone.
async fn keep_facts(
    app: &App,
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    request: &ReportRequest,
) -> Result<(), Error> {
    if let Some(port) = request.observed.api_port {
        db::cluster::set_api_port(txn, row.id(), port).await?;
    }
    if let Some(sealed) = &request.admin {
        match app.keys.open.open(sealed) {
            Ok(plain) => {
                let place = format!("{}|{}|admin", row.organization(), row.id());
                let closed = app
                    .keys
                    .envelope
                    .close(&place, &plain)
                    .map_err(|error| Error::Internal(error.into()))?;
                db::cluster::set_admin(txn, row.id(), closed).await?;
            }
            Err(error) => {
                tracing::warn!(cluster = %row.id(), %error, "an admin credential was not for us")
            }
        }
    }
    Ok(())
}

/// A step that did not work.
struct FailedStep<'a> {
    reason: &'a Reason,
    retryable: bool,
}

/// Writes a step down; says when it failed.
async fn take_step<'a>(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    task: TaskId,
    report: &'a StepReport,
) -> Result<Option<FailedStep<'a>>, Error> {
    let (event, failed) = match &report.outcome {
        StepOutcome::Began => {
            db::task::begin_step(txn, task, report.step).await?;
            (kind::TASK_STEP_BEGAN, None)
        }
        StepOutcome::Ended => {
            db::task::end_step(txn, task, report.step, None).await?;
            (kind::TASK_STEP_ENDED, None)
        }
        StepOutcome::Failed { reason, retryable } => {
            db::task::end_step(txn, task, report.step, Some(reason)).await?;
            tracing::warn!(cluster = %row.id(), step = report.step.as_str(), reason = reason.message, retryable, "step failed");
            let retryable = *retryable;
            (
                kind::TASK_STEP_ENDED,
                Some(FailedStep { reason, retryable }),
            )
        }
    };
    events::task(txn, row, &db::task::get(txn, task).await?, event).await?;
    Ok(failed)
}

/// A delete is tried until it is done; meanwhile the cluster shows what is in its way.
async fn say_why_it_stays(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    task: TaskId,
    reason: &Reason,
) -> Result<(), Error> {
    if row.reason().as_ref() == Some(reason) {
        return Ok(());
    }
    db::task::set_reason(txn, task, reason).await?;
    db::cluster::set_reason(txn, row.id(), Some(reason)).await?;
    say(txn, row.id(), task).await
}

/// Go on, or done: by the same planner that the worker uses.
async fn judge(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    task: TaskId,
    request: &ReportRequest,
) -> Result<Verdict, Error> {
    let fresh = db::cluster::lock(txn, row.id())
        .await?
        .ok_or_else(Error::not_found)?;
    if plan(&fresh.desired(), &request.observed).is_none() {
        complete(txn, &fresh, task).await?;
        return Ok(Verdict::Done);
    }
    let secs = limits::LEASE_SECS;
    let host: HostId = fresh
        .host_id
        .as_deref()
        .unwrap_or_default()
        .parse()
        .map_err(|_| Error::not_found())?;
    db::lease::renew(txn, row.id(), &host, request.fence, secs).await?;
    let desired = (fresh.desired_rev > request.desired_rev).then(|| fresh.desired());
    Ok(Verdict::Continue {
        lease_secs: secs,
        desired_rev: fresh.desired_rev,
        desired,
    })
}

/// The goal is reached: task, status, lease and reservation in one.
async fn complete(txn: &DatabaseTransaction, row: &ClusterRow, task: TaskId) -> Result<(), Error> {
    let done = db::task::get(txn, task).await?;
    let next = done.kind().status_after();
    db::task::end(txn, task, TaskStatus::Completed, None).await?;
    db::lease::release(txn, row.id()).await?;
    if row.status().may_become(next) {
        // What nobody asked to delete was at the end of its life.
        let expired = next == ClusterStatus::Deleted && done.by_itself();
        let reason = expired.then(due::expired);
        db::cluster::set_status(txn, row.id(), next, reason.as_ref()).await?;
    } else {
        tracing::error!(cluster = %row.id(), from = row.status().as_str(), to = next.as_str(), "not in the state table");
    }
    if next == ClusterStatus::Deleted
        && let Some(host) = &row.host_id
    {
        db::host::free(txn, host, row.resources()).await?;
    }
    say(txn, row.id(), task).await?;
    tracing::info!(cluster = %row.id(), status = next.as_str(), "goal reached");
    Ok(())
}

/// A task that will not reach its goal. A delete never ends so: it is tried until it is done.
pub(crate) async fn fail(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    task: TaskId,
    reason: &Reason,
) -> Result<(), Error> {
    lease::end_failed(txn, row.id(), task, reason).await?;
    if row.status().may_become(ClusterStatus::Error) {
        db::cluster::set_status(txn, row.id(), ClusterStatus::Error, Some(reason)).await?;
    }
    say(txn, row.id(), task).await?;
    tracing::warn!(cluster = %row.id(), reason = reason.message, "task failed");
    Ok(())
}

/// Tells both as they now are.
pub(crate) async fn say(
    txn: &DatabaseTransaction,
    cluster: ClusterId,
    task: TaskId,
) -> Result<(), Error> {
    let after = db::cluster::lock(txn, cluster)
        .await?
        .ok_or_else(Error::not_found)?;
    events::task(
        txn,
        &after,
        &db::task::get(txn, task).await?,
        kind::TASK_CHANGED,
    )
    .await?;
    events::cluster(txn, &after, kind::CLUSTER_CHANGED).await?;
    Ok(())
}
