//! Makes the log's partitions of the next days; there is one such thing.

use sea_orm::DatabaseTransaction;

use super::{Outcome, PARTITIONS};
use crate::{app::Error, db};

const AGAIN_SECS: u32 = 3600;

pub(super) async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    db::event::ensure_partitions(txn).await?;
    db::due::after(txn, PARTITIONS, key, AGAIN_SECS).await?;
    Ok(Outcome::Planned)
}
