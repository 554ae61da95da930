//! Clusters: create, list, extend, delete.

use api::{
    FieldError, Page,
    cluster::{Accepted, Cluster, ClusterVersion, CreateCluster, Extend},
    event::kind,
};
use domain::{
    Action, ClusterId, ClusterStatus, Code, Goal, OrganizationId, Reason, Resources, TaskId,
    TaskKind, TaskStatus, UserId, WorkspaceId, limits,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, SqlErr, TransactionTrait};
use uuid::Uuid;

use super::{
    Error,
    authorize::{self, Actor},
    due, events,
};
use crate::{
    db::{self, cluster::ClusterRow},
    state::App,
};

/// Made when a create names no version and no host has named one.
pub(crate) const DEFAULT_VERSION: &str = "v1.34.4";

pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    wanted: CreateCluster,
) -> Result<Accepted, Error> {
    let version = check(app, &wanted).await?;
    let txn = app.people.begin().await?;
    let workspace =
        authorize::workspace(&txn, actor, Action::ClusterCreate, wanted.workspace_id).await?;
    let workspace_id = WorkspaceId::from_uuid(workspace.id);
    let live = db::cluster::lock_and_count(&txn, workspace_id).await?;
    let most = app.options.clusters_per_workspace;
    if live >= most {
        return Err(Error::new(
            Code::QuotaExceeded,
            format!(
                "The workspace {} has {live} live clusters; {most} are allowed.",
                workspace.name
            ),
        ));
    }
    let id = ClusterId::from_uuid(Uuid::now_v7());
    let new = db::cluster::NewCluster {
        id,
        organization: OrganizationId::from_uuid(workspace.organization_id),
        workspace: workspace_id,
        created_by: actor.user,
        name: &wanted.name,
        k8s_version: &version,
        driver: &app.options.driver,
        resources: Resources::default(),
        ttl_secs: wanted.ttl_hours.unwrap_or(limits::TTL_DEFAULT_HOURS) * 3600.0,
    };
    db::cluster::insert(&txn, new)
        .await
        .map_err(|error| name_taken(error, &wanted.name))?;
    db::due::at_expiry(&txn, due::TTL, id).await?;
    let accepted = open_task(
        &txn,
        id,
        TaskKind::Create,
        Some(actor.user),
        kind::CLUSTER_CREATED,
    )
    .await?;
    txn.commit().await?;
    app.appended.notify_one();
    app.bus.ring(&app.options.driver).await;
    tracing::info!(cluster = %id, user = %actor.user, "cluster asked for");
    Ok(accepted)
}

/// What a create wants, field by field; gives the version.
async fn check(app: &App, wanted: &CreateCluster) -> Result<String, Error> {
    let mut errors = Vec::new();
    let mut field = |pointer: &str, result: Result<(), String>| {
        if let Err(detail) = result {
            errors.push(FieldError {
                pointer: pointer.to_owned(),
                detail,
            });
        }
    };
    field("/name", limits::check_name(&wanted.name));
    if let Some(hours) = wanted.ttl_hours {
        field("/ttl_hours", limits::check_ttl_hours(hours));
    }
    let known = known_versions(app).await?;
    let version = wanted
        .k8s_version
        .clone()
        .unwrap_or_else(|| default_version(&known));
    if !known.contains(&version) {
        field("/k8s_version", Err(format!("one of {}", known.join(", "))));
    }
    if errors.is_empty() {
        Ok(version)
    } else {
        Err(Error::Invalid(errors))
    }
}

async fn known_versions(app: &App) -> Result<Vec<String>, Error> {
    let mut versions = db::host::versions(&app.people).await?;
    if versions.is_empty() {
        versions.push(DEFAULT_VERSION.to_owned());
    }
    Ok(versions)
}

fn default_version(known: &[String]) -> String {
    let preferred = known.iter().find(|version| *version == DEFAULT_VERSION);
    preferred.or(known.first()).cloned().unwrap_or_default()
}

pub(crate) async fn versions(app: &App) -> Result<Page<ClusterVersion>, Error> {
    let known = known_versions(app).await?;
    let default = default_version(&known);
    let items = known
        .into_iter()
        .map(|version| ClusterVersion {
            default: version == default,
            version,
        })
        .collect();
    Ok(Page {
        items,
        next_cursor: None,
    })
}

fn name_taken(error: DbErr, name: &str) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::new(
            Code::NameTaken,
            format!("The workspace has a cluster named {name} already."),
        ),
        _ => error.into(),
    }
}

/// Opens a task on a locked or new cluster and writes the events of both.
pub(crate) async fn open_task(
    txn: &DatabaseTransaction,
    cluster: ClusterId,
    task_kind: TaskKind,
    by: Option<UserId>,
    event: &str,
) -> Result<Accepted, Error> {
    let row = locked(txn, cluster).await?;
    let id = TaskId::from_uuid(Uuid::now_v7());
    db::task::insert(txn, id, &row, task_kind, by).await?;
    let row = locked(txn, cluster).await?;
    let task = db::task::get(txn, id).await?;
    events::cluster(txn, &row, event).await?;
    events::task(txn, &row, &task, kind::TASK_CREATED).await?;
    Ok(Accepted {
        cluster: row.public(),
        task: task.public(),
    })
}

async fn locked<C: ConnectionTrait>(txn: &C, cluster: ClusterId) -> Result<ClusterRow, Error> {
    db::cluster::lock(txn, cluster)
        .await?
        .ok_or_else(Error::not_found)
}

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    mut filter: db::cluster::Filter,
) -> Result<Page<Cluster>, Error> {
    let limit = filter.limit;
    filter.limit = limit + 1;
    let mut rows = db::cluster::list_for(&app.people, actor.user, &filter).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id().to_string());
    Ok(Page {
        items: rows.iter().map(ClusterRow::public).collect(),
        next_cursor,
    })
}

pub(crate) async fn get(app: &App, actor: &Actor, id: ClusterId) -> Result<Cluster, Error> {
    let (row, _) = authorize::cluster(&app.people, actor, Action::ClusterRead, id).await?;
    Ok(row.public())
}

pub(crate) async fn extend(
    app: &App,
    actor: &Actor,
    id: ClusterId,
    wanted: Extend,
) -> Result<Cluster, Error> {
    limits::check_extend_hours(wanted.hours).map_err(|detail| Error::invalid("/hours", detail))?;
    let txn = app.people.begin().await?;
    authorize::cluster(&txn, actor, Action::ClusterChange, id).await?;
    let row = locked(&txn, id).await?;
    if matches!(
        row.status(),
        ClusterStatus::Deleting | ClusterStatus::Deleted
    ) {
        return Err(wrong_status(&row));
    }
    let most = limits::TTL_MAX_HOURS;
    if !db::cluster::extend(&txn, id, wanted.hours * 3600.0, most * 3600.0).await? {
        return Err(Error::invalid(
            "/hours",
            format!("the end may be at most {most} hours from now"),
        ));
    }
    db::due::at_expiry(&txn, due::TTL, id).await?;
    let row = locked(&txn, id).await?;
    events::cluster(&txn, &row, kind::CLUSTER_CHANGED).await?;
    txn.commit().await?;
    app.appended.notify_one();
    Ok(row.public())
}

pub(crate) async fn delete(app: &App, actor: &Actor, id: ClusterId) -> Result<Accepted, Error> {
    let txn = app.people.begin().await?;
    authorize::cluster(&txn, actor, Action::ClusterChange, id).await?;
    let accepted = delete_in(&txn, id, Some(actor.user), None).await?;
    txn.commit().await?;
    app.appended.notify_one();
    ring(app, &accepted.cluster).await;
    tracing::info!(cluster = %id, user = %actor.user, "cluster deleted");
    Ok(accepted)
}

/// Wakes whoever can work on it.
pub(crate) async fn ring(app: &App, cluster: &Cluster) {
    match &cluster.host {
        Some(host) => app.bus.ring_host(host).await,
        None => app.bus.ring(&cluster.driver).await,
    }
}

/// One transaction: the open task is cancelled, the cluster is DELETING, a delete task is open. On a
/// cluster that is going or gone nothing changes and the existing task is the answer.
pub(crate) async fn delete_in(
    txn: &DatabaseTransaction,
    id: ClusterId,
    by: Option<UserId>,
    reason: Option<&Reason>,
) -> Result<Accepted, Error> {
    let row = locked(txn, id).await?;
    if !row.status().may_become(ClusterStatus::Deleting) {
        let task = db::task::newest(txn, id, TaskKind::Delete)
            .await?
            .ok_or_else(Error::not_found)?;
        return Ok(Accepted {
            cluster: row.public(),
            task: db::task::get(txn, task).await?.public(),
        });
    }
    if let Some(open) = row.open_task() {
        let cancelled = Reason::new(Code::Cancelled, "The cluster is being deleted.");
        db::task::end(txn, open, TaskStatus::Cancelled, Some(&cancelled)).await?;
        events::task(
            txn,
            &row,
            &db::task::get(txn, open).await?,
            kind::TASK_CHANGED,
        )
        .await?;
    }
    db::due::done(txn, due::TTL, &id.to_string()).await?;
    db::cluster::set_status(txn, id, ClusterStatus::Deleting, reason).await?;
    db::cluster::set_goal(txn, id, Goal::Deleted).await?;
    let accepted = open_task(txn, id, TaskKind::Delete, by, kind::CLUSTER_CHANGED).await?;
    // No host ever took it: there is nothing to remove.
    if row.host_id.is_none() {
        return finish_unplaced(txn, accepted).await;
    }
    Ok(accepted)
}

async fn finish_unplaced(txn: &DatabaseTransaction, accepted: Accepted) -> Result<Accepted, Error> {
    let (cluster, task) = (accepted.cluster.id, accepted.task.id);
    db::task::end(txn, task, TaskStatus::Completed, None).await?;
    db::cluster::set_status(
        txn,
        cluster,
        ClusterStatus::Deleted,
        accepted.cluster.reason.as_ref(),
    )
    .await?;
    let row = locked(txn, cluster).await?;
    let task = db::task::get(txn, task).await?;
    events::task(txn, &row, &task, kind::TASK_CHANGED).await?;
    events::cluster(txn, &row, kind::CLUSTER_CHANGED).await?;
    Ok(Accepted {
        cluster: row.public(),
        task: task.public(),
    })
}

/// Not possible now, and what to do about it.
pub(crate) fn wrong_status(row: &ClusterRow) -> Error {
    let status = row.status().as_str();
    match row.open_task() {
        Some(task) => Error::new(
            Code::WrongStatus,
            format!(
                "The cluster {} is {status}; its task {task} is under way.",
                row.name
            ),
        ),
        None => Error::with_fix(
            Code::WrongStatus,
            format!("The cluster {} is {status}.", row.name),
            "This needs a cluster that is RUNNING.",
        ),
    }
}
