//! Makes the log's partitions of the next days; there is one such thing.

use sea_orm::DatabaseTransaction;

use crate::kernel::{
    due::{self, Outcome, Rule, kind::Kind},
    error::Error,
    log,
};

const AGAIN_SECS: u32 = 3600;

pub(crate) const RULE: Rule =
    Rule::new(Kind::Partitions, |_, txn, key| Box::pin(act(txn, key))).standing();

async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    log::sql::ensure_partitions(txn).await?;
    due::sql::after(txn, Kind::Partitions, key, AGAIN_SECS).await?;
    Ok(Outcome::Planned)
}
