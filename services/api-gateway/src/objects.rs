//! The objects that a right is held on: each noun finds its own for who may act on it.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::{
    clusters::{cluster, task, workspace},
    kernel::{
        actor::{Actor, Asked, Object},
        error::Error,
        tenant,
    },
    notify::webhook,
};

/// Asks for a right once more, as it is now.
pub(crate) fn again<'a>(
    txn: &'a DatabaseTransaction,
    actor: &'a Actor,
    asked: Asked,
) -> BoxFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let Asked { action, on } = asked;
        match on {
            Object::Cluster(id) => cluster::permitted(txn, actor, action, id).await.map(drop),
            Object::Task(id) => task::permitted(txn, actor, action, id).await.map(drop),
            Object::Workspace(id) => workspace::permitted(txn, actor, action, Some(id))
                .await
                .map(drop),
            Object::Organization(id) => tenant::permitted(txn, actor, action, Some(id))
                .await
                .map(drop),
            Object::Webhook(id) => webhook::permitted(txn, actor, action, id).await.map(drop),
        }
    })
}
