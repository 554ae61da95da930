//! The end of a cluster's life and the warnings before it, by the database's clock.

use domain::ClusterId;
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::kernel::{due::kind::Kind, postgres::sql};

/// Plans the end of a cluster's life and the warnings before it; earlier plans are replaced.
pub(crate) async fn at_expiry<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<(), DbErr> {
    let text =
        "insert into due (kind, key, at) select $1, $2, expires_at from cluster where id = $3
        on conflict (kind, key) do update set at = excluded.at, tries = 0";
    let values: [Value; 3] = [
        Kind::Ttl.as_str().into(),
        cluster.to_string().into(),
        cluster.uuid().into(),
    ];
    txn.execute_raw(sql(text, values)).await?;
    at_next_warning(txn, cluster).await.map(drop)
}

/// When before its end a cluster is warned of.
const WARNINGS: &str = "(values (interval '30 minutes'), (interval '10 minutes'), (interval '1 minute')) as w (before)";

/// Plans the next warning of a cluster's end; false when there is none left.
pub(crate) async fn at_next_warning<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<bool, DbErr> {
    let text = format!(
        "insert into due (kind, key, at)
         select $1, $2, min(c.expires_at - w.before) from cluster c, {WARNINGS}
         where c.id = $3 and c.expires_at - w.before > now() having count(*) > 0
         on conflict (kind, key) do update set at = excluded.at, tries = 0"
    );
    let values: [Value; 3] = [
        Kind::Warning.as_str().into(),
        cluster.to_string().into(),
        cluster.uuid().into(),
    ];
    Ok(txn.execute_raw(sql(&text, values)).await?.rows_affected() == 1)
}

/// Whether a cluster's end is as near as the first warning.
pub(crate) async fn expires_soon<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<bool, DbErr> {
    let text = format!(
        "select bool_or(c.expires_at - w.before <= now()) as soon from cluster c, {WARNINGS} where c.id = $1"
    );
    let row = txn
        .query_one_raw(sql(&text, [cluster.uuid().into()]))
        .await?;
    row.map_or(Ok(false), |row| row.try_get("", "soon"))
}

/// Nothing timed happens to a cluster any more.
pub(crate) async fn forget<C: ConnectionTrait>(txn: &C, cluster: ClusterId) -> Result<(), DbErr> {
    let text = "delete from due where key = $1";
    txn.execute_raw(sql(text, [cluster.to_string().into()]))
        .await
        .map(drop)
}

/// What is to be known of the end of a cluster's life.
pub(crate) enum Expiry {
    Gone,
    /// Somebody else changes it right now.
    Held,
    Later,
    Over,
}

/// Looks at the end of a cluster's life and locks it, without ever waiting: the caller holds a due
/// row, and whoever holds the cluster may want that next.
pub(crate) async fn expiry<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<Expiry, DbErr> {
    let id: Value = cluster.uuid().into();
    let text =
        "select expires_at <= now() as over from cluster where id = $1 for update skip locked";
    if let Some(row) = txn.query_one_raw(sql(text, [id.clone()])).await? {
        let over: bool = row.try_get("", "over")?;
        return Ok(if over { Expiry::Over } else { Expiry::Later });
    }
    let there = txn
        .query_one_raw(sql("select 1 as one from cluster where id = $1", [id]))
        .await?;
    Ok(there.map_or(Expiry::Gone, |_| Expiry::Held))
}
