//! Warnings before the end of a cluster's life, at 30, 10 and 1 minutes; the key is its ID.

use api::event::kind;
use domain::{ClusterId, Code};
use sea_orm::DatabaseTransaction;

use super::Outcome;
use crate::{
    app::{Error, events, turn},
    db::{self, due::Expiry},
};

/// Tells of the end that comes near, and plans the next warning. After an extend it is planned anew.
pub(super) async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let Ok(id) = key.parse::<ClusterId>() else {
        return Ok(Outcome::Done);
    };
    match db::due::expiry(txn, id).await? {
        Expiry::Gone | Expiry::Over => return Ok(Outcome::Done),
        Expiry::Held => {
            return Err(Error::new(
                Code::Unavailable,
                "Someone else is changing this cluster.",
            ));
        }
        Expiry::Later => {}
    }
    if db::due::expires_soon(txn, id).await? {
        db::usage::new_version(txn, id).await?;
        let row = turn::locked(txn, id).await?;
        events::cluster(txn, &row, kind::CLUSTER_EXPIRING).await?;
    }
    Ok(if db::due::at_next_warning(txn, id).await? {
        Outcome::Planned
    } else {
        Outcome::Done
    })
}
