//! What an administrator decides at the keyboard: that the database as it is shall be the truth again,
//! or that a host's ledger may go however much it is.

pub(crate) mod sql;

use std::collections::BTreeMap;

use api::bus::Item;
use domain::{ClusterId, HostId};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use serde_json::json;

use crate::{
    hosts::{adopt::sql::Placed, ledger},
    kernel::{audit, error::Error, installation},
};

/// How long the brake is off.
const REAP_SECS: u32 = 3600;
/// Lines about one host.
const LINES_MAX: usize = 200;

/// Unlocks the installation; gives what was found, in lines for an administrator.
pub(crate) async fn adopt(database: &DatabaseConnection) -> Result<Vec<String>, Error> {
    let txn = database.begin().await?;
    let locked = installation::sql::switches(&txn).await?.locked;
    let mut lines = differences(&txn).await?;
    let Some(reason) = locked else {
        lines.push("The installation is not locked: nothing was changed.".to_owned());
        return Ok(lines);
    };
    let highest = installation::sql::highest_fence_seen(&txn).await?;
    installation::sql::lift_fence(&txn, highest).await?;
    // What was counted while the database was doubted does not count.
    ledger::sql::forget(&txn).await?;
    installation::sql::unlock(&txn).await?;
    installation::changed(&txn, None).await?;
    let detail = json!({ "locked": reason.message, "fence": highest });
    audit::operator(&txn, "adopt", None, Some(detail)).await?;
    txn.commit().await?;
    lines.push(format!("It was locked because: {}", reason.message));
    lines.push(format!(
        "The installation is unlocked and every fence from now on is above {highest}. What has no row is removed in \
         5 minutes, ten clusters at a time; of a host that would lose more than a fifth nothing is, until \
         `api-gateway admin reap HOST`."
    ));
    Ok(lines)
}

/// Lets all of a host's ledger go for an hour.
pub(crate) async fn reap(
    database: &DatabaseConnection,
    host: &HostId,
) -> Result<Vec<String>, Error> {
    let txn = database.begin().await?;
    if !ledger::sql::let_reap(&txn, host, REAP_SECS).await? {
        return Err(Error::not_found());
    }
    audit::operator(&txn, "reap", Some(host.as_str()), None).await?;
    txn.commit().await?;
    Ok(vec![format!(
        "For an hour everything on {host} that belongs to no cluster that lives is removed, however much it is."
    )])
}

/// Where hosts and rows do not agree.
async fn differences<C: ConnectionTrait>(connection: &C) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    for host in sql::hosts(connection).await? {
        let known = ledger::sql::known(connection, &host.items).await?;
        let mut without_row: BTreeMap<ClusterId, usize> = BTreeMap::new();
        for item in &host.items {
            if !known.contains_key(&item.cluster) {
                *without_row.entry(item.cluster).or_default() += 1;
            }
        }
        let stray = without_row
            .iter()
            .map(|(cluster, things)| format!("{cluster}: {things} things on {}, no row", host.id));
        let placed = sql::placed(connection, &host.id).await?;
        let missing = placed
            .iter()
            .filter(|placed| host.complete && !is_there(placed, &host.items))
            .map(|placed| {
                let Placed { id, name, status } = placed;
                format!(
                    "{id}: {name} is {status} here, and {} has no node of it",
                    host.id
                )
            });
        let found: Vec<String> = stray.chain(missing).collect();
        let more = found.len().saturating_sub(LINES_MAX);
        lines.extend(found.into_iter().take(LINES_MAX));
        if more > 0 {
            lines.push(format!("{more} more on {}", host.id));
        }
        if !host.complete {
            lines.push(format!("The last listing of {} was not complete.", host.id));
        }
    }
    if lines.is_empty() {
        lines.push("Hosts and rows agree.".to_owned());
    }
    Ok(lines)
}

fn is_there(placed: &Placed, items: &[Item]) -> bool {
    items
        .iter()
        .any(|item| item.cluster == placed.id && item.role == "node")
}
