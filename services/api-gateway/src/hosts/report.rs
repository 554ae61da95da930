//! Reports: what a worker did and saw, guarded by its fence. Facts come in; the status moves here.

use api::{
    bus::{ReportRequest, StepOutcome, StepReport, Verdict},
    event::kind,
};
use crash::crash_point;
use domain::{
    ClusterId, ClusterStatus, Code, Components, Goal, HostId, Judgement, Reason, Retryable, TaskId,
    TaskStatus, WorkerId, judge, limits,
};
use sea_orm::{DatabaseTransaction, TransactionTrait};

use crate::{
    clusters::{
        cluster::{self, sql::ClusterRow},
        events, expiry, placement, task, transition, usage,
    },
    hosts::lease,
    kernel::{error::Error, sealed, state::App},
};

/// One report, one transaction.
pub(crate) async fn report(
    app: &App,
    host: &HostId,
    request: ReportRequest,
) -> Result<Verdict, Error> {
    let txn = app.machines.begin().await?;
    let Some(row) = cluster::sql::lock(&txn, request.cluster).await? else {
        return Ok(Verdict::Fenced);
    };
    let holds = lease::sql::holds(&txn, request.cluster, host, request.fence).await?;
    if !holds && crash::fences_checked() {
        tracing::info!(cluster = %request.cluster, %host, fence = request.fence, "fenced");
        return Ok(Verdict::Fenced);
    }
    #[cfg(feature = "chaos")]
    lease::sql::say_fence(&txn, request.fence).await?;
    let Some(task) = row.open_task() else {
        lease::sql::release(&txn, request.cluster).await?;
        txn.commit().await?;
        return Ok(Verdict::Done);
    };
    keep_facts(app, &txn, &row, &request).await?;
    // What was seen on the way to an earlier goal says nothing of this one, and its step was another task's.
    let late = request.desired_rev < row.desired_rev;
    if let Some(step) = request.step.as_ref().filter(|_| !late) {
        take_step(&txn, &row, task, &request.worker, step).await?;
    }
    let fresh = transition::locked(&txn, request.cluster).await?;
    let failure = request.step.as_ref().and_then(failure);
    let failed = failure.map(|(_, retryable)| retryable);
    let judgement = if late {
        Judgement::GoOn
    } else {
        judge(
            fresh.standing(),
            &fresh.desired(),
            &request.observed,
            failed,
        )
    };
    let verdict = match judgement {
        Judgement::Reached(status) => {
            complete(&txn, &fresh, task, status).await?;
            Verdict::Done
        }
        Judgement::GivenUp => {
            let reason = failure.map(|(reason, _)| reason);
            fail(&txn, &fresh, task, reason).await?;
            Verdict::Done
        }
        Judgement::GoOn => {
            if let Some((reason, _)) = failure
                && fresh.status() == ClusterStatus::Deleting
            {
                say_why_it_stays(&txn, &fresh, task, reason).await?;
            }
            go_on(&txn, &fresh, host, &request).await?
        }
    };
    about(&request, &verdict, Moment::Before);
    txn.commit().await?;
    about(&request, &verdict, Moment::After);
    app.appended.notify_one();
    Ok(verdict)
}

#[derive(Clone, Copy)]
enum Moment {
    Before,
    After,
}

/// Where a gateway may be told to die around the commit of a report.
fn about(request: &ReportRequest, verdict: &Verdict, moment: Moment) {
    let began = request
        .step
        .as_ref()
        .is_some_and(|step| step.outcome == StepOutcome::Began);
    match (verdict, began, moment) {
        (Verdict::Done, _, Moment::Before) => crash_point!("gateway.report.settled.before_commit"),
        (Verdict::Done, _, Moment::After) => crash_point!("gateway.report.settled.after_commit"),
        (_, true, Moment::Before) => crash_point!("gateway.report.began.before_commit"),
        (_, true, Moment::After) => crash_point!("gateway.report.began.after_commit"),
        (_, false, Moment::Before) => crash_point!("gateway.report.ended.before_commit"),
        (_, false, Moment::After) => crash_point!("gateway.report.ended.after_commit"),
    }
}

/// What stays known when the worker is gone.
async fn keep_facts(
    app: &App,
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    request: &ReportRequest,
) -> Result<(), Error> {
    // Told with the next change of the cluster, which a report that matters brings.
    cluster::sql::set_components(txn, row.id(), Components::seen(&request.observed)).await?;
    if let Some(port) = request.observed.port() {
        cluster::sql::set_api_port(txn, row.id(), port).await?;
    }
    if let Some(sealed) = &request.admin {
        match app.keys.unseal(sealed) {
            Ok(plain) => {
                let closed = app
                    .keys
                    .envelope
                    .close(&sealed::admin_place(row.organization(), row.id()), &plain)
                    .map_err(|error| Error::Internal(error.into()))?;
                sealed::sql::set_admin(txn, row.id(), Some(closed)).await?;
            }
            Err(error) => {
                tracing::warn!(cluster = %row.id(), %error, "an admin credential was not for us")
            }
        }
    }
    Ok(())
}

/// Why a reported step failed, if it did, and whether another try may help.
fn failure(step: &StepReport) -> Option<(&Reason, Retryable)> {
    match &step.outcome {
        StepOutcome::Failed { reason, retryable } => Some((reason, Retryable(*retryable))),
        StepOutcome::Began | StepOutcome::Ended => None,
    }
}

/// Writes a step down.
async fn take_step(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    task: TaskId,
    worker: &WorkerId,
    report: &StepReport,
) -> Result<(), Error> {
    let generation = report.generation.unwrap_or(row.generation.unsigned_abs());
    let step = (report.step, generation);
    let event = match &report.outcome {
        StepOutcome::Began => {
            task::sql::begin_step(txn, task, step, worker).await?;
            kind::TASK_STEP_BEGAN
        }
        StepOutcome::Ended => {
            task::sql::end_step(txn, task, step, worker, None).await?;
            kind::TASK_STEP_ENDED
        }
        StepOutcome::Failed { reason, retryable } => {
            task::sql::end_step(txn, task, step, worker, Some(reason)).await?;
            tracing::warn!(cluster = %row.id(), step = report.step.as_str(), reason = reason.message, retryable, "step failed");
            kind::TASK_STEP_ENDED
        }
    };
    if !report.log.is_empty() {
        task::sql::log_step(txn, task, report.step, &report.log).await?;
    }
    events::task(txn, row, &task::sql::get(txn, task).await?, event).await?;
    Ok(())
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
    task::sql::set_reason(txn, task, reason).await?;
    cluster::sql::set_reason(txn, row.id(), Some(reason)).await?;
    say(txn, row.id(), task).await
}

/// Not there yet: the lease stands for as long again.
async fn go_on(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    host: &HostId,
    request: &ReportRequest,
) -> Result<Verdict, Error> {
    let secs = limits::LEASE_SECS;
    lease::sql::renew(txn, row.id(), host, request.fence, secs).await?;
    Ok(Verdict::Continue {
        lease_secs: secs,
        desired_rev: row.desired_rev,
        desired: (row.desired_rev > request.desired_rev).then(|| row.desired()),
    })
}

/// The goal is reached: task, status, lease and reservation in one.
async fn complete(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    task: TaskId,
    status: ClusterStatus,
) -> Result<(), Error> {
    let done = task::sql::get(txn, task).await?;
    task::sql::end(txn, task, TaskStatus::Completed, None).await?;
    lease::sql::release(txn, row.id()).await?;
    if row.status().may_become(status) {
        let reason = match done.kind().goal() {
            Some(Goal::Running) | None => None,
            // Why labyard stopped it stays to be read until it is started again.
            Some(Goal::Stopped) => row.reason().filter(|reason| reason.code == Code::Idle),
            // What nobody asked to delete was at the end of its life.
            Some(Goal::Deleted) => done.by_itself().then(expiry::ttl::reason),
        };
        cluster::sql::set_status(txn, row.id(), status, reason.as_ref()).await?;
        if status == ClusterStatus::Running {
            usage::sql::begin(txn, row.id(), done.kind().as_str()).await?;
        }
    } else {
        tracing::error!(cluster = %row.id(), from = row.status().as_str(), to = status.as_str(), "not in the state table");
    }
    if status == ClusterStatus::Deleted
        && let Some(host) = &row.host_id
    {
        placement::sql::free(txn, host, row.resources()).await?;
    }
    say(txn, row.id(), task).await?;
    tracing::info!(cluster = %row.id(), status = status.as_str(), "goal reached");
    Ok(())
}

/// A task that will not reach its goal. A delete never ends so: it is tried until it is done.
pub(crate) async fn fail(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    task: TaskId,
    reason: Option<&Reason>,
) -> Result<(), Error> {
    task::sql::end(txn, task, TaskStatus::Failed, reason).await?;
    lease::sql::release(txn, row.id()).await?;
    if row.status().may_become(ClusterStatus::Error) {
        cluster::sql::set_status(txn, row.id(), ClusterStatus::Error, reason).await?;
    }
    say(txn, row.id(), task).await?;
    tracing::warn!(cluster = %row.id(), reason = reason.map(|reason| &reason.message), "task failed");
    Ok(())
}

/// Tells both as they now are.
pub(crate) async fn say(
    txn: &DatabaseTransaction,
    cluster: ClusterId,
    task: TaskId,
) -> Result<(), Error> {
    let after = cluster::sql::lock(txn, cluster)
        .await?
        .ok_or_else(Error::not_found)?;
    events::task(
        txn,
        &after,
        &task::sql::get(txn, task).await?,
        kind::TASK_CHANGED,
    )
    .await?;
    events::cluster(txn, &after, kind::CLUSTER_CHANGED).await?;
    Ok(())
}
