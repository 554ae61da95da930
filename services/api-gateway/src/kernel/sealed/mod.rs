//! Which keys sealed values are under, and how they come under the current one.

pub(crate) mod sql;

use domain::{ClusterId, Code, OrganizationId};
use sea_orm::{DatabaseConnection, TransactionTrait};
use uuid::Uuid;

use crate::{
    crypto::envelope::{Envelope, KeyId},
    kernel::{
        error::Error,
        sealed::sql::{KEPT, Kept},
    },
};

/// Values of one transaction: others wait for no more than these.
const BATCH: u32 = 50;

/// Brings every sealed value under the current key, a few in each transaction; what a run that was
/// interrupted has done stays done. Gives how many it moved.
pub(crate) async fn rotate(
    database: &DatabaseConnection,
    envelope: &Envelope,
) -> Result<u64, Error> {
    let mut moved = 0;
    for kept in KEPT {
        let mut after = Some(Uuid::nil());
        while let Some(place) = after {
            let (count, last) = batch(database, envelope, kept, place).await?;
            moved += count;
            after = last;
        }
    }
    Ok(moved)
}

/// One transaction: how many it moved, and the last it looked at, if there may be more.
async fn batch(
    database: &DatabaseConnection,
    envelope: &Envelope,
    kept: &Kept,
    after: Uuid,
) -> Result<(u64, Option<Uuid>), Error> {
    let txn = database.begin().await?;
    let key = envelope.current().to_string();
    let heads = sql::not_under(&txn, kept, &key, after, BATCH).await?;
    let last = heads.last().map(|head| head.id);
    let mut moved = 0;
    for head in heads {
        match envelope.rewrap(&head.place, &head.head) {
            Ok(None) => {}
            Ok(Some(new)) => {
                sql::set_head(&txn, kept, head.id, new).await?;
                moved += 1;
            }
            Err(error) => tracing::error!(%error, id = %head.id, "a sealed value stays as it is"),
        }
    }
    txn.commit().await?;
    Ok((moved, last))
}

/// Which keys sealed values are under.
pub(crate) struct InUse {
    /// One of each key.
    pub(crate) lines: Vec<String>,
    /// How many values are under older keys.
    pub(crate) old: u64,
}

/// Refused when a key is not here.
pub(crate) async fn in_use(
    database: &DatabaseConnection,
    envelope: &Envelope,
) -> Result<InUse, Error> {
    let mut old = 0;
    let mut lines = Vec::new();
    let mut unknown = Vec::new();
    for row in sql::in_use(database).await? {
        let Some(id) = KeyId::of_head(&row.head) else {
            continue;
        };
        let which = match (id == envelope.current(), envelope.knows(id)) {
            (true, _) => "ENCRYPTION_KEY",
            (false, true) => {
                old += row.values.unsigned_abs();
                "of ENCRYPTION_KEYS_OLD: `make admin DO=rotate-keys` frees it"
            }
            (false, false) => {
                unknown.push(format!("{} values with the key {id}", row.values));
                continue;
            }
        };
        lines.push(format!(
            "{} values under the key {id} ({which})",
            row.values
        ));
    }
    if lines.is_empty() && unknown.is_empty() {
        lines.push("Nothing is sealed.".into());
    }
    match unknown.is_empty() {
        true => Ok(InUse { lines, old }),
        false => Err(Error::with_fix(
            Code::Internal,
            format!("Sealed, and not to be opened here: {}.", unknown.join(", ")),
            "Put the key back into ENCRYPTION_KEYS_OLD.",
        )),
    }
}

/// What a cluster's sealed admin credential is bound to: it opens nowhere else.
pub(crate) fn admin_place(organization: Option<OrganizationId>, cluster: ClusterId) -> String {
    match organization {
        Some(organization) => format!("{organization}|{cluster}|admin"),
        None => format!("warm|{cluster}|admin"),
    }
}
