//! Workspaces: make, change, delete, and what they may hold.

pub(crate) mod http;
pub(crate) mod sql;

use api::{
    Page,
    organization::{ChangeWorkspace, CreateWorkspace, Quota, Used, WorkspaceDetail},
};
use domain::{
    Action, Code, OrganizationId, Reason, Resources, WorkspaceId, WorkspaceStatus, limits,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, SqlErr};
use uuid::Uuid;

use crate::{
    clusters::workspace::sql::WorkspaceRow,
    kernel::{
        actor::{Actor, Asked, Object},
        authorize,
        error::Error,
        idempotency::{Repeat, once},
        state::App,
        tenant,
    },
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    organization: Option<OrganizationId>,
) -> Result<Page<WorkspaceDetail>, Error> {
    if let Some(id) = organization {
        tenant::permitted(&app.people, actor, Action::OrganizationRead, Some(id)).await?;
    }
    let organization = organization.or(actor.only());
    let mut items = Vec::new();
    for row in sql::list_for(&app.people, actor.user, organization).await? {
        items.extend(detail(app, &app.people, &row).await?);
    }
    Ok(Page {
        items,
        next_cursor: None,
    })
}

pub(crate) async fn get(
    app: &App,
    actor: &Actor,
    id: WorkspaceId,
) -> Result<WorkspaceDetail, Error> {
    let row = permitted(&app.people, actor, Action::OrganizationRead, Some(id)).await?;
    detail(app, &app.people, &row)
        .await?
        .ok_or_else(Error::not_found)
}

pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    wanted: CreateWorkspace,
) -> Result<WorkspaceDetail, Error> {
    limits::check_name(&wanted.name).map_err(|detail| Error::invalid("/name", detail))?;
    let most = app.options.workspaces_per_organization;
    once(app, actor, repeat, async |txn| {
        let change = Action::OrganizationChange;
        let named = tenant::permitted(txn, actor, change, wanted.organization_id).await?;
        let organization = tenant::permitted_locked(txn, actor, change, named.id()).await?;
        if organization.public().is_some_and(|o| o.workspaces >= most) {
            return Err(Error::with_fix(
                Code::QuotaExceeded,
                format!("An organization can have at most {most} workspaces."),
                "Delete one you no longer need.",
            ));
        }
        let id = WorkspaceId::from_uuid(Uuid::now_v7());
        sql::insert(txn, id, organization.id(), &wanted.name)
            .await
            .map_err(|error| taken(error, &wanted.name))?;
        sql::set_quota(txn, id, wanted.quota).await?;
        tenant::changed(txn, organization.id()).await?;
        found(app, txn, actor, id).await
    })
    .await
}

pub(crate) async fn change(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: WorkspaceId,
    wanted: ChangeWorkspace,
) -> Result<WorkspaceDetail, Error> {
    if let Some(name) = &wanted.name {
        limits::check_name(name).map_err(|detail| Error::invalid("/name", detail))?;
    }
    once(app, actor, repeat, async |txn| {
        let row = permitted(txn, actor, Action::OrganizationChange, Some(id)).await?;
        sql::lock(txn, id).await?;
        if let Some(name) = &wanted.name {
            sql::rename(txn, id, name)
                .await
                .map_err(|error| taken(error, name))?;
        }
        if let Some(quota) = wanted.quota {
            actor.trail.note(serde_json::json!({ "quota": quota }));
            sql::set_quota(txn, id, quota).await?;
        }
        tenant::changed(txn, row.organization()).await?;
        found(app, txn, actor, id).await
    })
    .await
}

/// Ends a workspace that holds no cluster any more.
pub(crate) async fn delete(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: WorkspaceId,
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        let change = Action::OrganizationChange;
        let row = permitted(txn, actor, change, Some(id)).await?;
        tenant::sql::lock(txn, row.organization()).await?;
        let row = permitted(txn, actor, change, Some(id)).await?;
        sql::lock(txn, id).await?;
        if sql::in_use(txn, id).await? {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("Workspace {} still has clusters.", row.name),
                "Delete the clusters first and wait until they are gone.",
            ));
        }
        let all = sql::list_for(txn, actor.user, Some(row.organization())).await?;
        if all.len() < 2 {
            return Err(Error::with_fix(
                Code::WrongStatus,
                "An organization needs at least one workspace.",
                "Create another workspace first, or delete the organization.",
            ));
        }
        sql::delete_webhooks(txn, id).await?;
        sql::delete(txn, id).await?;
        tenant::changed(txn, row.organization()).await
    })
    .await
}

async fn found(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: WorkspaceId,
) -> Result<WorkspaceDetail, Error> {
    let row = permitted(txn, actor, Action::OrganizationRead, Some(id)).await?;
    detail(app, txn, &row).await?.ok_or_else(Error::not_found)
}

/// With what it holds and what that comes to.
async fn detail<C: ConnectionTrait>(
    app: &App,
    connection: &C,
    row: &WorkspaceRow,
) -> Result<Option<WorkspaceDetail>, Error> {
    let used = sql::used(connection, row.id()).await?;
    let status = WorkspaceStatus::of(&sql::statuses(connection, row.id()).await?);
    let full = exceeded(in_force(app, row.quota()), used, ONE_MORE);
    let full = full.map(|what| used_up(&row.name, &what));
    Ok(row.public(used, status, full))
}

/// The least that a new cluster of ordinary size adds.
const ONE_MORE: Adds = Adds {
    clusters: 1,
    running: Some(Resources::ORDINARY),
    hours: limits::TTL_MIN_HOURS,
};

/// A quota with the installation's own limits where it has none.
fn in_force(app: &App, quota: Quota) -> Quota {
    Quota {
        clusters: quota
            .clusters
            .or_else(|| u32::try_from(app.options.clusters_per_workspace).ok()),
        ..quota
    }
}

fn used_up(name: &str, what: &str) -> Reason {
    Reason::with_fix(
        Code::QuotaExceeded,
        format!("Workspace {name} {what}."),
        "Delete or stop a cluster you no longer need, or ask an admin of the organization for a larger quota.",
    )
}

fn taken(error: DbErr, name: &str) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::new(
            Code::NameTaken,
            format!("A workspace named {name} already exists in this organization."),
        ),
        _ => error.into(),
    }
}

/// What an intent adds to what a workspace holds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Adds {
    pub(crate) clusters: u32,
    pub(crate) running: Option<Resources>,
    pub(crate) hours: f64,
}

/// Reserves what an intent adds, in its transaction: the workspace is locked until that ends, so the
/// last unit has one winner.
///
/// # Errors
/// `quota_exceeded`, naming what is used up.
pub(crate) async fn reserve(
    app: &App,
    txn: &DatabaseTransaction,
    id: WorkspaceId,
    adds: Adds,
) -> Result<(), Error> {
    sql::lock(txn, id).await?;
    let Some((name, quota)) = sql::quota(txn, id).await? else {
        return Err(Error::not_found());
    };
    let used = sql::used(txn, id).await?;
    let quota = in_force(app, quota);
    let Some(what) = exceeded(quota, used, adds) else {
        return Ok(());
    };
    let reason = used_up(&name, &what);
    // Whether the next month, or a cluster's end, brings what is missing.
    let without_hours = Quota {
        cluster_hours: None,
        ..quota
    };
    let by_hours = exceeded(without_hours, used, adds).is_none();
    Err(match sql::more_in_secs(txn, id, by_hours).await? {
        Some(retry_after_secs) => Error::Later {
            reason,
            retry_after_secs,
        },
        None => Error::Refused(reason),
    })
}

/// What an intent would go beyond, in words.
fn exceeded(quota: Quota, used: Used, adds: Adds) -> Option<String> {
    let running = adds.running;
    let over = |most: Option<u32>, used: u32, adds: u32| {
        adds > 0 && most.is_some_and(|most| used.saturating_add(adds) > most)
    };
    let (cpu, memory) = running.map_or((0, 0), |r| (r.cpu_millis, r.memory_mib));
    let (has, most) = if over(quota.clusters, used.clusters, adds.clusters) {
        (
            format!("{} live clusters", used.clusters),
            format!("{}", quota.clusters?),
        )
    } else if over(quota.cpu_millis, used.cpu_millis, cpu) {
        let whole = |millis: u32| f64::from(millis) / 1000.0;
        (
            format!("{} CPUs in use", whole(used.cpu_millis)),
            format!("{}", whole(quota.cpu_millis?)),
        )
    } else if over(quota.memory_mib, used.memory_mib, memory) {
        (
            format!("{} MiB of memory in use", used.memory_mib),
            format!("{}", quota.memory_mib?),
        )
    } else if adds.hours > 0.0
        && quota
            .cluster_hours
            .is_some_and(|most| used.cluster_hours + adds.hours > f64::from(most))
    {
        (
            format!(
                "{:.1} cluster-hours of this month in use",
                used.cluster_hours
            ),
            format!("{}", quota.cluster_hours?),
        )
    } else {
        return None;
    };
    Some(format!("has {has}; {most} are allowed"))
}

/// The named workspace, or the actor's own, if they may do this in it.
pub(crate) async fn permitted<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: Option<WorkspaceId>,
) -> Result<WorkspaceRow, Error> {
    let row = sql::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(Some(row.organization_id)))
        .ok_or_else(Error::not_found)?;
    actor
        .trail
        .about(Some(row.organization_id), Some(row.id), None);
    authorize::authorize(actor, action, &authorize::in_role(Some(row.role())))?;
    actor
        .trail
        .goes_by(Asked::of(action, Object::Workspace(row.id())));
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Adds = Adds {
        clusters: 1,
        running: Some(Resources {
            cpu_millis: 2000,
            memory_mib: 2048,
            pids: 100,
        }),
        hours: 4.0,
    };

    fn used(clusters: u32, cpu_millis: u32, memory_mib: u32, cluster_hours: f64) -> Used {
        Used {
            clusters,
            cpu_millis,
            memory_mib,
            cluster_hours,
        }
    }

    #[test]
    fn without_a_quota_nothing_is_exceeded() {
        assert_eq!(
            exceeded(Quota::default(), used(1000, 1_000_000, 1_000_000, 1e6), ONE),
            None
        );
    }

    #[test]
    fn the_last_unit_fits_and_one_more_does_not() {
        let quota = Quota {
            clusters: Some(2),
            cpu_millis: Some(4000),
            memory_mib: Some(4096),
            cluster_hours: Some(8),
        };
        assert_eq!(exceeded(quota, used(1, 2000, 2048, 4.0), ONE), None);
        for (used, word) in [
            (used(2, 0, 0, 0.0), "live clusters"),
            (used(0, 2001, 0, 0.0), "CPUs"),
            (used(0, 0, 2049, 0.0), "memory"),
            (used(0, 0, 0, 4.1), "cluster-hours"),
        ] {
            let said = exceeded(quota, used, ONE).unwrap_or_default();
            assert!(said.contains(word), "{word}: {said}");
        }
    }

    #[test]
    fn what_adds_nothing_is_never_refused() {
        let quota = Quota {
            clusters: Some(0),
            cpu_millis: Some(0),
            memory_mib: Some(0),
            cluster_hours: Some(0),
        };
        assert_eq!(
            exceeded(quota, used(5, 5000, 5000, 50.0), Adds::default()),
            None
        );
    }
}
