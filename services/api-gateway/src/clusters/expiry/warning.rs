//! Warnings before the end of a cluster's life, at 30, 10 and 1 minutes; the key is its ID.

use api::event::kind;
use domain::{ClusterId, Code};
use sea_orm::DatabaseTransaction;

use crate::{
    clusters::{
        events,
        expiry::{self, sql::Expiry},
        transition, usage,
    },
    kernel::{
        due::{Outcome, Rule, kind::Kind},
        error::Error,
    },
};

pub(crate) const RULE: Rule = Rule::new(Kind::Warning, |_, txn, key| Box::pin(act(txn, key)));

/// Tells of the end that comes near, and plans the next warning. After an extend it is planned anew.
async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let Ok(id) = key.parse::<ClusterId>() else {
        return Ok(Outcome::Done);
    };
    match expiry::sql::expiry(txn, id).await? {
        Expiry::Gone | Expiry::Over => return Ok(Outcome::Done),
        Expiry::Held => {
            return Err(Error::new(
                Code::Unavailable,
                "Someone else is changing this cluster.",
            ));
        }
        Expiry::Later => {}
    }
    if expiry::sql::expires_soon(txn, id).await? {
        usage::sql::new_version(txn, id).await?;
        let row = transition::locked(txn, id).await?;
        events::cluster(txn, &row, kind::CLUSTER_EXPIRING).await?;
    }
    Ok(if expiry::sql::at_next_warning(txn, id).await? {
        Outcome::Planned
    } else {
        Outcome::Done
    })
}
