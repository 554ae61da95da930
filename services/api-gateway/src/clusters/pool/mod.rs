//! The warm pool: clusters made ahead, each claimed by one update inside somebody's create.

pub(crate) mod due;
pub(crate) mod sql;

use api::{cluster::Accepted, event::kind};
use domain::{ClusterId, HostId, OrganizationId, TaskId, TaskKind, TaskStatus, limits};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    clusters::{
        cluster::{self, sql::NewCluster},
        events, expiry, task,
        transition::{self, Turned},
        usage,
    },
    kernel::{due::kind::Kind, error::Error, sealed, state::App},
};

/// Answers a create with a warm cluster, if there is one: RUNNING, its task completed.
pub(crate) async fn claim(
    app: &App,
    txn: &DatabaseTransaction,
    new: &NewCluster<'_>,
) -> Result<Option<Accepted>, Error> {
    let Some(claimed) = sql::claim(txn, new, limits::HOST_SILENT_SECS)
        .await
        .map_err(|error| cluster::name::taken(error, new.name))?
    else {
        return Ok(None);
    };
    if let Some(sealed) = sealed::sql::admin(txn, claimed).await? {
        let sealed = rebind(app, claimed, new.organization, &sealed)?;
        sealed::sql::set_admin(txn, claimed, sealed).await?;
    }
    expiry::sql::at_expiry(txn, claimed).await?;
    usage::sql::plan_warning(txn, claimed).await?;
    let row = transition::locked(txn, claimed).await?;
    if let Some(host) = row
        .host_id
        .as_deref()
        .and_then(|host| host.parse::<HostId>().ok())
    {
        crate::kernel::due::sql::now(txn, Kind::Pool, host.as_str()).await?;
    }
    let id = TaskId::from_uuid(Uuid::now_v7());
    task::sql::insert(txn, id, &row, TaskKind::Create, Some(new.created_by), None).await?;
    task::sql::end(txn, id, TaskStatus::Completed, None).await?;
    let task = task::sql::get(txn, id).await?;
    events::cluster(txn, &row, kind::CLUSTER_CREATED).await?;
    events::task(txn, &row, &task, kind::TASK_CREATED).await?;
    tracing::info!(cluster = %claimed, "claimed from the warm pool");
    Ok(Some(Turned { cluster: row, task }.accepted()?))
}

/// The credential was sealed for a warm cluster; it is sealed anew for its owner's. One that does not
/// open is gone for good, and no reason to refuse a cluster that runs.
fn rebind(
    app: &App,
    cluster: ClusterId,
    organization: OrganizationId,
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, Error> {
    let envelope = &app.keys.envelope;
    match envelope.open(&sealed::admin_place(None, cluster), sealed) {
        Ok(plain) => envelope
            .close(&sealed::admin_place(Some(organization), cluster), &plain)
            .map(Some)
            .map_err(|error| Error::Internal(error.into())),
        Err(error) => {
            tracing::error!(%cluster, %error, "a warm cluster's credential does not open");
            Ok(None)
        }
    }
}
