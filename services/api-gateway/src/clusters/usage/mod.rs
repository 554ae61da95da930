//! What counts as using a cluster: commands, kubeconfigs, a page that is looked at.

pub(crate) mod due;
pub(crate) mod http;
pub(crate) mod sql;

use api::{
    cluster::{AutoStop, Cluster},
    event::kind,
};
use domain::{Action, ClusterId, limits};
use sea_orm::{DatabaseTransaction, TransactionTrait};

use crate::{
    clusters::{cluster, events, transition},
    kernel::{
        actor::Actor,
        error::Error,
        idempotency::{Repeat, once},
        state::App,
    },
};

/// Sets after how long without use a cluster is stopped.
pub(crate) async fn auto_stop(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: ClusterId,
    wanted: AutoStop,
) -> Result<Cluster, Error> {
    if let Some(minutes) = wanted.minutes {
        limits::check_auto_stop(minutes).map_err(|detail| Error::invalid("/minutes", detail))?;
    }
    once(app, actor, repeat, async |txn| {
        cluster::live(txn, actor, id).await?;
        sql::set_auto_stop(txn, id, wanted.minutes).await?;
        cluster::changed(txn, id).await
    })
    .await
}

/// Somebody looks at a cluster's page.
pub(crate) async fn active(app: &App, actor: &Actor, id: ClusterId) -> Result<(), Error> {
    let txn = app.people.begin().await?;
    cluster::permitted(&txn, actor, Action::ClusterUse, id).await?;
    used(&txn, id, "page", 0).await?;
    txn.commit().await?;
    app.appended.notify_one();
    Ok(())
}

/// Notes a use that lasts `secs` from now, and tells of it where that matters.
pub(crate) async fn used(
    txn: &DatabaseTransaction,
    id: ClusterId,
    what: &str,
    secs: u32,
) -> Result<(), Error> {
    if sql::touch(txn, id, what, secs).await? {
        let row = transition::locked(txn, id).await?;
        events::cluster(txn, &row, kind::CLUSTER_CHANGED).await?;
    }
    Ok(())
}
