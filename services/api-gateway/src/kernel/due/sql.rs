//! Timed things: what is due, by the database's clock.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};

use crate::kernel::{due::kind::Kind, postgres::sql};

#[derive(Debug, Clone)]
pub(crate) struct DueRow {
    pub(crate) kind: Kind,
    pub(crate) key: String,
    pub(crate) tries: i32,
}

/// Plans `kind` for `key` now; an earlier plan for it is replaced.
pub(crate) async fn now<C: ConnectionTrait>(txn: &C, kind: Kind, key: &str) -> Result<(), DbErr> {
    after(txn, kind, key, 0).await
}

/// Plans `kind` for `key` in so many seconds; an earlier plan for it is replaced.
pub(crate) async fn after<C: ConnectionTrait>(
    txn: &C,
    kind: Kind,
    key: &str,
    secs: u32,
) -> Result<(), DbErr> {
    let text = "insert into due (kind, key, at) values ($1, $2, now() + make_interval(secs => $3))
        on conflict (kind, key) do update set at = excluded.at, tries = 0";
    let values = [kind.as_str().into(), key.into(), f64::from(secs).into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Plans `kind` for `key` now, unless it is planned already.
pub(crate) async fn at_all<C: ConnectionTrait>(
    txn: &C,
    kind: Kind,
    key: &str,
) -> Result<(), DbErr> {
    let text =
        "insert into due (kind, key, at) values ($1, $2, now()) on conflict (kind, key) do nothing";
    let values = [kind.as_str().into(), key.into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Whether a plan is looked at so many seconds after its time.
pub(crate) async fn is_late<C: ConnectionTrait>(
    txn: &C,
    kind: Kind,
    key: &str,
    secs: u32,
) -> Result<bool, DbErr> {
    let text = "select 1 as one from due where kind = $1 and key = $2 and at < now() - make_interval(secs => $3)";
    let values = [kind.as_str().into(), key.into(), f64::from(secs).into()];
    Ok(txn.query_one_raw(sql(text, values)).await?.is_some())
}

/// One due row of one of these kinds, locked until the transaction ends and left alone by everyone else. What a newer
/// gateway plans waits for it.
pub(crate) async fn take<C: ConnectionTrait>(
    txn: &C,
    kinds: &[Kind],
) -> Result<Option<DueRow>, DbErr> {
    let kinds: Vec<String> = kinds.iter().map(|kind| format!("'{kind}'")).collect();
    let text = format!(
        "select kind, key, tries from due where at <= now() and kind in ({}) order by at limit 1 for update skip locked",
        kinds.join(", ")
    );
    let Some(row) = txn.query_one_raw(sql(&text, [])).await? else {
        return Ok(None);
    };
    let word: String = row.try_get("", "kind")?;
    Ok(Some(DueRow {
        kind: Kind::from_word(&word)
            .ok_or_else(|| DbErr::Custom(format!("the kind {word} is not known")))?,
        key: row.try_get("", "key")?,
        tries: row.try_get("", "tries")?,
    }))
}

pub(crate) async fn done<C: ConnectionTrait>(txn: &C, kind: Kind, key: &str) -> Result<(), DbErr> {
    take_back(txn, kind, key).await.map(drop)
}

/// It need not be done any more; false when it was not planned.
pub(crate) async fn take_back<C: ConnectionTrait>(
    txn: &C,
    kind: Kind,
    key: &str,
) -> Result<bool, DbErr> {
    let text = "delete from due where kind = $1 and key = $2";
    let done = txn
        .execute_raw(sql(text, [kind.as_str().into(), key.into()]))
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
