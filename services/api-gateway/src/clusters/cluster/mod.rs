//! Clusters: create, list, extend, delete.

pub(crate) mod http;
pub(crate) mod name;
pub(crate) mod sql;

use api::{
    FieldError, Page,
    cluster::{Accepted, Cluster, ClusterVersion, CreateCluster, Extend},
    event::kind,
};
use crash::crash_point;
use domain::{
    Action, ClusterId, ClusterStatus, Code, Resources, Rights, TaskKind, Verb, WorkspaceId, limits,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use crate::{
    clusters::{
        cluster::sql::ClusterRow,
        events, expiry, placement, pool,
        transition::{self, Cause, unexpected, wrong_status},
        workspace::{self, Adds},
    },
    kernel::{
        actor::{Actor, Asked, Object},
        authorize,
        doorbell::ring,
        error::Error,
        idempotency::{Repeat, once},
        installation, page,
        state::App,
    },
};

/// Made when a create names no version and no host has named one.
pub(crate) const DEFAULT_VERSION: &str = "v1.34.4";

pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    wanted: CreateCluster,
) -> Result<Accepted, Error> {
    let version = check(app, &wanted).await?;
    let accepted = once(app, actor, repeat, async |txn| {
        let accepted = create_in(app, txn, actor, &wanted, &version).await?;
        let made = &accepted.cluster;
        let (organization, workspace) = (made.organization_id.uuid(), made.workspace_id.uuid());
        let trail = &actor.trail;
        trail.about(Some(organization), Some(workspace), Some(made.id.uuid()));
        Ok(accepted)
    })
    .await?;
    app.bus.ring(&accepted.cluster.driver).await;
    crash_point!("gateway.ask.after_bell");
    tracing::info!(cluster = %accepted.cluster.id, user = %actor.user, "cluster asked for");
    Ok(accepted)
}

async fn create_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    wanted: &CreateCluster,
    version: &str,
) -> Result<Accepted, Error> {
    let found =
        workspace::permitted(txn, actor, Action::ClusterCreate, wanted.workspace_id).await?;
    installation::check_not_frozen(txn).await?;
    let workspace_id = found.id();
    let resources = Resources::default();
    let hours = wanted.ttl_hours.unwrap_or(limits::TTL_DEFAULT_HOURS);
    let adds = Adds {
        clusters: 1,
        running: Some(resources),
        hours,
    };
    workspace::reserve(app, txn, workspace_id, adds).await?;
    if !placement::sql::any_could_take(txn, &app.options.driver, resources).await? {
        return Err(Error::new(
            Code::NoHost,
            format!(
                "The cluster needs {} MiB of memory. No host has that much.",
                resources.memory_mib
            ),
        ));
    }
    let id = ClusterId::from_uuid(Uuid::now_v7());
    let new = sql::NewCluster {
        id,
        organization: found.organization(),
        workspace: workspace_id,
        created_by: actor.user,
        name: &wanted.name,
        k8s_version: version,
        driver: &app.options.driver,
        resources,
        ttl_secs: hours * 3600.0,
        auto_stop_minutes: wanted.auto_stop_minutes,
    };
    if let Some(accepted) = pool::claim(app, txn, &new).await? {
        return Ok(accepted);
    }
    sql::insert(txn, new)
        .await
        .map_err(|error| name::taken(error, &wanted.name))?;
    expiry::sql::at_expiry(txn, id).await?;
    let nobody = placement::no_host_known(txn, &app.options.driver).await?;
    if let Some(reason) = &nobody {
        sql::set_reason(txn, id, Some(reason)).await?;
    }
    let asked = Cause {
        reason: nobody.as_ref(),
        ..Cause::by(actor.user)
    };
    transition::open(txn, id, TaskKind::Create, asked, kind::CLUSTER_CREATED)
        .await?
        .accepted()
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
    if let Some(minutes) = wanted.auto_stop_minutes {
        field("/auto_stop_minutes", limits::check_auto_stop(minutes));
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
    let mut versions = placement::sql::versions(&app.people).await?;
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

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    mut filter: sql::Filter,
) -> Result<Page<Cluster>, Error> {
    filter.only = actor.only();
    let limit = filter.limit;
    filter.limit = page::rows(limit);
    let rows = sql::list_for(&app.people, actor.user, &filter).await?;
    let place = |row: &ClusterRow| row.id().to_string();
    Ok(page::of(rows, limit, place, |row| row.public()))
}

pub(crate) async fn get(app: &App, actor: &Actor, id: ClusterId) -> Result<Cluster, Error> {
    let (row, _) = permitted(&app.people, actor, Action::ClusterRead, id).await?;
    row.public().ok_or_else(Error::not_found)
}

pub(crate) async fn extend(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: ClusterId,
    wanted: Extend,
) -> Result<Cluster, Error> {
    limits::check_extend_hours(wanted.hours).map_err(|detail| Error::invalid("/hours", detail))?;
    once(app, actor, repeat, async |txn| {
        let row = live(txn, actor, id).await?;
        let adds = Adds {
            hours: wanted.hours,
            ..Adds::default()
        };
        reserve(app, txn, &row, adds).await?;
        let most = limits::TTL_MAX_HOURS;
        if !sql::extend(txn, row.id(), wanted.hours * 3600.0, most * 3600.0).await? {
            return Err(Error::invalid(
                "/hours",
                format!("the end can be at most {most} hours from now"),
            ));
        }
        expiry::sql::at_expiry(txn, id).await?;
        changed(txn, id).await
    })
    .await
}

/// A cluster of the actor's under its lock, to be changed; one that is going cannot be.
pub(crate) async fn live(
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: ClusterId,
) -> Result<ClusterRow, Error> {
    permitted(txn, actor, Action::ClusterChange, id).await?;
    let row = transition::locked(txn, id).await?;
    match row.status() {
        ClusterStatus::Deleting | ClusterStatus::Deleted => Err(wrong_status(&row)),
        _ => Ok(row),
    }
}

/// Tells everyone how a cluster now is.
pub(crate) async fn changed(txn: &DatabaseTransaction, id: ClusterId) -> Result<Cluster, Error> {
    let row = transition::locked(txn, id).await?;
    events::cluster(txn, &row, kind::CLUSTER_CHANGED).await?;
    row.public().ok_or_else(Error::not_found)
}

/// Start, stop or delete, by a person.
pub(crate) async fn ask(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: ClusterId,
    verb: Verb,
    expected: Option<ClusterStatus>,
) -> Result<Accepted, Error> {
    let accepted = once(app, actor, repeat, async |txn| {
        permitted(txn, actor, Action::ClusterChange, id).await?;
        let row = transition::locked(txn, id).await?;
        if let Some(expected) = expected.filter(|expected| *expected != row.status()) {
            return Err(unexpected(&row, expected));
        }
        if verb == Verb::Start && row.status() == ClusterStatus::Stopped {
            let adds = Adds {
                running: Some(row.resources()),
                ..Adds::default()
            };
            reserve(app, txn, &row, adds).await?;
        }
        transition::apply(txn, id, verb, Cause::by(actor.user))
            .await?
            .accepted()
    })
    .await?;
    ring(app, &accepted.cluster).await;
    crash_point!("gateway.ask.after_bell");
    tracing::info!(cluster = %id, user = %actor.user, ?verb, "asked");
    Ok(accepted)
}

/// Reserves what an intent adds to the workspace of a cluster whose row the caller holds.
async fn reserve(
    app: &App,
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    adds: Adds,
) -> Result<(), Error> {
    let id = row.workspace_id.map(WorkspaceId::from_uuid);
    workspace::reserve(app, txn, id.ok_or_else(Error::not_found)?, adds).await
}

/// The cluster, if the actor may do this with it, and what they hold on it.
pub(crate) async fn permitted<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: ClusterId,
) -> Result<(ClusterRow, Rights), Error> {
    let row = sql::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(row.organization_id))
        .ok_or_else(Error::not_found)?;
    let rights = row.rights()?;
    actor
        .trail
        .about(row.organization_id, row.workspace_id, Some(row.id));
    authorize::authorize(actor, action, &rights)?;
    actor.trail.goes_by(Asked::of(action, Object::Cluster(id)));
    Ok((row, rights))
}
