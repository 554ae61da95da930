//! The warm pool: clusters made ahead, each claimed by one update inside somebody's create.

use api::{cluster::Accepted, event::kind};
use domain::{ClusterId, HostId, OrganizationId, TaskId, TaskKind, TaskStatus, limits};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    Error, due, events,
    report::admin_place,
    turn::{self, Turned},
};
use crate::{
    db::{self, cluster::NewCluster},
    state::App,
};

/// Answers a create with a warm cluster, if there is one: RUNNING, its task completed.
pub(crate) async fn claim(
    app: &App,
    txn: &DatabaseTransaction,
    new: &NewCluster<'_>,
) -> Result<Option<Accepted>, Error> {
    let Some(claimed) = db::pool::claim(txn, new, limits::HOST_SILENT_SECS)
        .await
        .map_err(|error| super::cluster::name_taken(error, new.name))?
    else {
        return Ok(None);
    };
    if let Some(sealed) = db::sealed::admin(txn, claimed).await? {
        let sealed = rebind(app, claimed, new.organization, &sealed)?;
        db::sealed::set_admin(txn, claimed, sealed).await?;
    }
    db::due::at_expiry(txn, claimed).await?;
    db::usage::plan_warning(txn, claimed).await?;
    let row = turn::locked(txn, claimed).await?;
    if let Some(host) = row
        .host_id
        .as_deref()
        .and_then(|host| host.parse::<HostId>().ok())
    {
        db::due::now(txn, due::POOL, host.as_str()).await?;
    }
    let id = TaskId::from_uuid(Uuid::now_v7());
    db::task::insert(txn, id, &row, TaskKind::Create, Some(new.created_by), None).await?;
    db::task::end(txn, id, TaskStatus::Completed, None).await?;
    let task = db::task::get(txn, id).await?;
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
    match envelope.open(&admin_place(None, cluster), sealed) {
        Ok(plain) => envelope
            .close(&admin_place(Some(organization), cluster), &plain)
            .map(Some)
            .map_err(|error| Error::Internal(error.into())),
        Err(error) => {
            tracing::error!(%cluster, %error, "a warm cluster's credential does not open");
            Ok(None)
        }
    }
}
