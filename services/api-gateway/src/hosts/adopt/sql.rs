//! What hosts told last and what rows say of them, side by side.

use api::bus::Item;
use domain::ClusterId;
use sea_orm::{ConnectionTrait, DbErr};

use crate::kernel::postgres::sql;

/// A host's latest listing.
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) items: Vec<Item>,
    pub(crate) complete: bool,
}

pub(crate) async fn hosts<C: ConnectionTrait>(connection: &C) -> Result<Vec<Listed>, DbErr> {
    let text = "select id, coalesce(facts -> 'items', '[]') as items,
            coalesce((facts -> 'complete')::boolean, false) as complete from host order by id";
    let rows = connection.query_all_raw(sql(text, [])).await?;
    rows.iter()
        .map(|row| {
            let items: serde_json::Value = row.try_get("", "items")?;
            Ok(Listed {
                id: row.try_get("", "id")?,
                items: serde_json::from_value(items).unwrap_or_default(),
                complete: row.try_get("", "complete")?,
            })
        })
        .collect()
}

/// A cluster whose row says that it stands on a host.
pub(crate) struct Placed {
    pub(crate) id: ClusterId,
    pub(crate) name: String,
    pub(crate) status: String,
}

/// Clusters that should have a node on a host, whether it runs or not.
pub(crate) async fn placed<C: ConnectionTrait>(
    connection: &C,
    host: &str,
) -> Result<Vec<Placed>, DbErr> {
    let text = "select id, coalesce(name, '(warm)') as name, status from cluster
        where host_id = $1 and status in ('RUNNING', 'STOPPING', 'STOPPED', 'STARTING') order by id";
    let rows = connection.query_all_raw(sql(text, [host.into()])).await?;
    rows.iter()
        .map(|row| {
            Ok(Placed {
                id: ClusterId::from_uuid(row.try_get("", "id")?),
                name: row.try_get("", "name")?,
                status: row.try_get("", "status")?,
            })
        })
        .collect()
}
