//! The events that the rules write: each with the object as its GET returns it.

use api::event::{AccessChanged, Audience, Event, kind};
use domain::{EventId, OrganizationId, Role, SessionId, TaskId, UserId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::{
    db::{cluster::ClusterRow, task::TaskRow},
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
    let event = Event {
        id: EventId::from_uuid(Uuid::now_v7()),
        kind: kind::ACCESS_CHANGED.to_owned(),
        time: chrono::Utc::now().into(),
        organization_id: None,
        workspace_id: None,
        cluster_id: None,
        task_id: None,
        status: None,
        version: 0,
        data: data(&change)?,
    };
    log::append(txn, Audience::Hub, event).await
}
