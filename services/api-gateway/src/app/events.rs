//! The events that the rules write: each with the object as its GET returns it.

use api::event::{AccessChanged, Audience, Changed, Event, kind};
use domain::{EventId, HostId, OrganizationId, Role, SessionId, TaskId, UserId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, prelude::DateTimeUtc};
use uuid::Uuid;

use super::{Error, admit};
use crate::{
    db::{self, cluster::ClusterRow, share::ShareRow, task::TaskRow, webhook::WebhookRow},
    log,
};

fn data<T: serde::Serialize>(object: &T) -> Result<Option<serde_json::Value>, DbErr> {
    serde_json::to_value(object)
        .map(Some)
        .map_err(|error| DbErr::Custom(error.to_string()))
}

fn everyone(organization_id: OrganizationId) -> Audience {
    Audience::Organization {
        organization_id,
        least_role: Role::Viewer,
    }
}

fn about(cluster: &ClusterRow, kind: &str, time: DateTimeUtc) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::now_v7()),
        kind: kind.to_owned(),
        time: time.into(),
        organization_id: cluster.organization(),
        workspace_id: cluster.workspace_id.map(WorkspaceId::from_uuid),
        cluster_id: Some(cluster.id()),
        task_id: cluster.open_task(),
        status: Some(cluster.status()),
        version: cluster.version,
        data: None,
    }
}

/// `cluster.created`, `cluster.changed`, `cluster.expiring`, `cluster.idling`. The caller holds the
/// cluster's row as it now is. Of a warm one nobody is told.
pub(crate) async fn cluster<C: ConnectionTrait>(
    txn: &C,
    row: &ClusterRow,
    kind: &str,
) -> Result<(), DbErr> {
    let Some(organization) = row.organization() else {
        return Ok(());
    };
    let mut event = about(row, kind, row.updated_at);
    event.data = data(&row.public())?;
    log::append(txn, everyone(organization), event).await
}

/// `task.created`, `task.changed`, `task.step_began`, `task.step_ended`.
pub(crate) async fn task<C: ConnectionTrait>(
    txn: &C,
    row: &ClusterRow,
    task: &TaskRow,
    kind: &str,
) -> Result<(), DbErr> {
    let Some(organization) = row.organization() else {
        return Ok(());
    };
    let mut event = about(row, kind, task.updated_at);
    event.task_id = Some(TaskId::from_uuid(task.id));
    event.data = data(&task.public())?;
    log::append(txn, everyone(organization), event).await
}

/// An organization, its members or its workspaces changed; who sees it reads it again.
pub(crate) async fn organization<C: ConnectionTrait>(
    txn: &C,
    id: OrganizationId,
) -> Result<(), Error> {
    let event = Event {
        organization_id: Some(id),
        ..bare(kind::ORGANIZATION_CHANGED)
    };
    Ok(log::append(txn, everyone(id), event).await?)
}

/// The same to people who see it no more, each alone: what its members are told does not reach them.
pub(crate) async fn organization_left<C: ConnectionTrait>(
    txn: &C,
    people: &[UserId],
) -> Result<(), Error> {
    for user_id in people.iter().copied() {
        let event = bare(kind::ORGANIZATION_CHANGED);
        log::append(txn, Audience::User { user_id }, event).await?;
    }
    Ok(())
}

/// Locks the rows of these people, in one order; gives those who are there.
pub(crate) async fn lock<C: ConnectionTrait>(
    txn: &C,
    people: &[UserId],
) -> Result<Vec<UserId>, DbErr> {
    let mut wanted = people.to_vec();
    wanted.sort();
    wanted.dedup();
    let mut there = Vec::with_capacity(wanted.len());
    for user in wanted {
        if db::person::lock(txn, user).await? {
            there.push(user);
        }
    }
    Ok(there)
}

/// The shares of a cluster changed: to whoever may list them, and to the people whom it befell.
pub(crate) async fn shares<C: ConnectionTrait>(
    txn: &C,
    share: &ShareRow,
    people: &[UserId],
) -> Result<(), Error> {
    let changed = Changed {
        cluster_id: Some(share.cluster()),
        ..Changed::default()
    };
    let event = signal(kind::SHARE_CHANGED, Some(share.organization()), &changed)?;
    log::append(txn, admins(share.organization()), event).await?;
    // A member who made the cluster shares it too.
    let maker = db::share::member_who_made(txn, share.cluster()).await?;
    let mut people: Vec<UserId> = people.iter().copied().chain(maker).collect();
    people.sort();
    people.dedup();
    for user_id in people {
        let event = signal(kind::SHARE_CHANGED, Some(share.organization()), &changed)?;
        log::append(txn, Audience::User { user_id }, event).await?;
    }
    Ok(())
}

/// A webhook changed, or there is news of what it was sent.
pub(crate) async fn webhook<C: ConnectionTrait>(txn: &C, row: &WebhookRow) -> Result<(), DbErr> {
    let organization = OrganizationId::from_uuid(row.place().0);
    let changed = Changed {
        workspace_id: Some(row.workspace()),
        webhook_id: Some(row.id()),
        ..Changed::default()
    };
    let event = signal(kind::WEBHOOK_CHANGED, Some(organization), &changed)?;
    log::append(txn, admins(organization), event).await
}

/// A host changed, or the installation: to each of its administrators.
pub(crate) async fn host<C: ConnectionTrait>(txn: &C, host: Option<&HostId>) -> Result<(), DbErr> {
    let changed = Changed {
        host: host.cloned(),
        ..Changed::default()
    };
    for user_id in db::person::administrators(txn).await? {
        let event = signal(kind::HOST_CHANGED, None, &changed)?;
        log::append(txn, Audience::User { user_id }, event).await?;
    }
    Ok(())
}

fn admins(organization_id: OrganizationId) -> Audience {
    Audience::Organization {
        organization_id,
        least_role: Role::Admin,
    }
}

/// Says what is to be read again.
fn signal(
    kind: &str,
    organization_id: Option<OrganizationId>,
    changed: &Changed,
) -> Result<Event, DbErr> {
    Ok(Event {
        organization_id,
        data: data(changed)?,
        ..bare(kind)
    })
}

/// What these people may see changed: every hub goes by it from this place in the log on. Their rows
/// are locked first, so that the last one written is complete.
pub(crate) async fn access_changed<C: ConnectionTrait>(
    txn: &C,
    people: &[UserId],
) -> Result<(), Error> {
    for user in lock(txn, people).await? {
        let change = AccessChanged {
            user_id: user,
            session_ended: None,
            grants: Some(admit::grants(txn, user).await?),
        };
        hubs(txn, &change).await?;
    }
    Ok(())
}

/// A login ended: every hub closes its streams at this place in the log.
pub(crate) async fn session_ended<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    session: SessionId,
) -> Result<(), DbErr> {
    let change = AccessChanged {
        user_id: user,
        session_ended: Some(session),
        grants: None,
    };
    hubs(txn, &change).await
}

async fn hubs<C: ConnectionTrait>(txn: &C, change: &AccessChanged) -> Result<(), DbErr> {
    let event = Event {
        data: data(change)?,
        ..bare(kind::ACCESS_CHANGED)
    };
    log::append(txn, Audience::Hub, event).await
}

/// An event about nothing in particular, yet.
fn bare(kind: &str) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::now_v7()),
        kind: kind.to_owned(),
        time: chrono::Utc::now().into(),
        organization_id: None,
        workspace_id: None,
        cluster_id: None,
        task_id: None,
        status: None,
        version: 0,
        data: None,
    }
}
