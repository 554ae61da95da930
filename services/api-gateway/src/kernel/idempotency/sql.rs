//! Keys of requests that may be repeated, and the answers that were given.

use domain::{UserId, limits};
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::kernel::postgres::sql;

/// What a key was used for.
pub(crate) struct Known {
    pub(crate) request: Vec<u8>,
    /// Absent while it is under way, and for ever if it never ended.
    pub(crate) answer: Option<serde_json::Value>,
    /// The rights it was given by; absent of an answer from before they were kept.
    pub(crate) asked: Option<serde_json::Value>,
}

/// Takes a key; false when it was taken within the last day. Waits for whoever takes it right now.
pub(crate) async fn claim<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    key: &str,
    request: &[u8],
) -> Result<bool, DbErr> {
    let text = "insert into idempotency_key (user_id, key, request) values ($1, $2, $3)
        on conflict (user_id, key) do update set request = excluded.request, answer = null, asked = null, at = now()
            where idempotency_key.at < now() - make_interval(secs => $4)";
    let values: [Value; 4] = [
        user.uuid().into(),
        key.into(),
        request.to_vec().into(),
        f64::from(limits::IDEMPOTENCY_SECS).into(),
    ];
    let done = connection.execute_raw(sql(text, values)).await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn keep<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    key: &str,
    (answer, asked): (serde_json::Value, serde_json::Value),
) -> Result<(), DbErr> {
    let text = "update idempotency_key set answer = $3::text::json, asked = $4 where user_id = $1 and key = $2";
    // As text: a command's output may hold what no jsonb can, and is answered to the letter.
    let answer = answer.to_string();
    let values = [user.uuid().into(), key.into(), answer.into(), asked.into()];
    connection.execute_raw(sql(text, values)).await.map(drop)
}

pub(crate) async fn find<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    key: &str,
) -> Result<Option<Known>, DbErr> {
    let text = "select request, answer, asked from idempotency_key where user_id = $1 and key = $2";
    let row = connection
        .query_one_raw(sql(text, [user.uuid().into(), key.into()]))
        .await?;
    row.map(|row| {
        Ok(Known {
            request: row.try_get("", "request")?,
            answer: row.try_get("", "answer")?,
            asked: row.try_get("", "asked")?,
        })
    })
    .transpose()
}

/// Frees a key whose request was refused.
pub(crate) async fn give_up<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    key: &str,
) -> Result<(), DbErr> {
    let text = "delete from idempotency_key where user_id = $1 and key = $2 and answer is null";
    connection
        .execute_raw(sql(text, [user.uuid().into(), key.into()]))
        .await
        .map(drop)
}

/// Answers to repeated requests.
pub(crate) async fn let_go<C: ConnectionTrait>(txn: &C, batch: u32) -> Result<u64, DbErr> {
    let text = "delete from idempotency_key where ctid in (
        select ctid from idempotency_key where at < now() - make_interval(secs => $1) limit $2)";
    let values = [
        f64::from(limits::IDEMPOTENCY_SECS).into(),
        i64::from(batch).into(),
    ];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected())
}
