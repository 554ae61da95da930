//! Timed things: what is due, by the database's clock.

use std::time::Duration;

use domain::{ClusterId, ShareId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use super::sql;

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct DueRow {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) tries: i32,
}

/// Plans the end of a cluster's life and the warnings before it; earlier plans are replaced.
pub(crate) async fn at_expiry<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<(), DbErr> {
    let text =
        "insert into due (kind, key, at) select $1, $2, expires_at from cluster where id = $3
        on conflict (kind, key) do update set at = excluded.at, tries = 0";
    let values: [Value; 3] = [
        crate::app::due::TTL.into(),
        cluster.to_string().into(),
        cluster.uuid().into(),
    ];
    txn.execute_raw(sql(text, values)).await?;
    at_next_warning(txn, cluster).await.map(drop)
}

/// Plans `kind` for `key` now; an earlier plan for it is replaced.
pub(crate) async fn now<C: ConnectionTrait>(txn: &C, kind: &str, key: &str) -> Result<(), DbErr> {
    after(txn, kind, key, 0).await
}

/// Plans `kind` for `key` in so many seconds; an earlier plan for it is replaced.
pub(crate) async fn after<C: ConnectionTrait>(
    txn: &C,
    kind: &str,
    key: &str,
    secs: u32,
) -> Result<(), DbErr> {
    let text = "insert into due (kind, key, at) values ($1, $2, now() + make_interval(secs => $3))
        on conflict (kind, key) do update set at = excluded.at, tries = 0";
    let values = [kind.into(), key.into(), f64::from(secs).into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Plans `kind` for `key` now, unless it is planned already.
pub(crate) async fn at_all<C: ConnectionTrait>(
    txn: &C,
    kind: &str,
    key: &str,
) -> Result<(), DbErr> {
    let text =
        "insert into due (kind, key, at) values ($1, $2, now()) on conflict (kind, key) do nothing";
    let values = [kind.into(), key.into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// At the end that a share has, if it has one.
pub(crate) async fn at_share_end<C: ConnectionTrait>(
    txn: &C,
    kind: &str,
    share: ShareId,
) -> Result<(), DbErr> {
    let text = "insert into due (kind, key, at) select $1, $2, expires_at from share
        where id = $3 and expires_at is not null
        on conflict (kind, key) do update set at = excluded.at, tries = 0";
    let values = [kind.into(), share.to_string().into(), share.uuid().into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Whether a plan is looked at so many seconds after its time.
pub(crate) async fn is_late<C: ConnectionTrait>(
    txn: &C,
    kind: &str,
    key: &str,
    secs: u32,
) -> Result<bool, DbErr> {
    let text = "select 1 as one from due where kind = $1 and key = $2 and at < now() - make_interval(secs => $3)";
    let values = [kind.into(), key.into(), f64::from(secs).into()];
    Ok(txn.query_one_raw(sql(text, values)).await?.is_some())
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
        crate::app::due::WARNING.into(),
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

/// One due row that is not a webhook's, locked until the transaction ends and left alone by everyone else.
pub(crate) async fn take<C: ConnectionTrait>(txn: &C) -> Result<Option<DueRow>, DbErr> {
    let text = "select kind, key, tries from due where at <= now() and kind <> $1 order by at limit 1 for update skip locked";
    let values = [crate::app::due::WEBHOOK.into()];
    DueRow::find_by_statement(sql(text, values)).one(txn).await
}

pub(crate) async fn done<C: ConnectionTrait>(txn: &C, kind: &str, key: &str) -> Result<(), DbErr> {
    take_back(txn, kind, key).await.map(drop)
}

/// It need not be done any more; false when it was not planned.
pub(crate) async fn take_back<C: ConnectionTrait>(
    txn: &C,
    kind: &str,
    key: &str,
) -> Result<bool, DbErr> {
    let text = "delete from due where kind = $1 and key = $2";
    let done = txn
        .execute_raw(sql(text, [kind.into(), key.into()]))
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts it off after a failure; one that was planned anew meanwhile stays where it is.
pub(crate) async fn again<C: ConnectionTrait>(
    connection: &C,
    row: &DueRow,
    wait: Duration,
) -> Result<(), DbErr> {
    let text = "update due set at = now() + make_interval(secs => $3), tries = tries + 1
        where kind = $1 and key = $2 and at <= now()";
    let values = [
        row.kind.as_str().into(),
        row.key.as_str().into(),
        wait.as_secs_f64().into(),
    ];
    connection.execute_raw(sql(text, values)).await.map(drop)
}
