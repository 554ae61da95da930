//! Where a cluster may stand: what hosts there are for it, and what it takes of one.

pub(crate) mod sql;

use domain::{Code, Reason};
use sea_orm::DatabaseTransaction;

use crate::kernel::error::Error;

/// Why a new cluster waits when there never was a host that could take it.
pub(crate) async fn no_host_known(
    txn: &DatabaseTransaction,
    driver: &str,
) -> Result<Option<Reason>, Error> {
    if sql::any_known(txn, driver).await? {
        return Ok(None);
    }
    let facts = format!("No host with driver {driver} has ever connected.");
    let fix = "Ask your administrator to start a provisioner-worker on a host. The cluster starts when one connects.";
    Ok(Some(Reason::with_fix(Code::NoHost, facts, fix)))
}
