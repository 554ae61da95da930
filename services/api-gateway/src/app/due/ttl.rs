//! The end of a cluster's life: the same delete that a person asks for, with the reason.

use domain::{ClusterId, Code, Reason};
use sea_orm::DatabaseTransaction;

use crate::{
    app::{Error, cluster},
    state::App,
};

pub(crate) async fn act(app: &App, txn: &DatabaseTransaction, key: &str) -> Result<(), Error> {
    let Ok(id) = key.parse::<ClusterId>() else {
        return Ok(());
    };
    let reason = Reason::new(
        Code::Expired,
        "The cluster reached the end of its life and was deleted.",
    );
    let accepted = cluster::delete_in(txn, id, None, Some(&reason)).await?;
    cluster::ring(app, &accepted.cluster).await;
    tracing::info!(cluster = %id, "expired");
    Ok(())
}
