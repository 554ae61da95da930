//! The events of clusters and their tasks: each with the object as its GET returns it.

use api::event::Event;
use domain::{EventId, TaskId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::{
    clusters::{cluster::sql::ClusterRow, task::sql::TaskRow},
    kernel::log::{
        self,
        event::{data, everyone},
    },
};

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
