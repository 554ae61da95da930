//! What is kept for a time only, removed in batches.

use domain::limits;
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::{sql, webhook::KEY};
use crate::app::due::WEBHOOK;

/// Ended logins are kept so long for whoever looks into what happened.
const ENDED_SESSION_DAYS: f64 = 30.0;

/// Answers to repeated requests.
pub(crate) async fn answers<C: ConnectionTrait>(txn: &C, batch: u32) -> Result<u64, DbErr> {
    let text = "delete from idempotency_key where ctid in (
        select ctid from idempotency_key where at < now() - make_interval(secs => $1) limit $2)";
    let values = [
        f64::from(limits::IDEMPOTENCY_SECS).into(),
        i64::from(batch).into(),
    ];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected())
}

/// Logins that ended long ago.
pub(crate) async fn sessions<C: ConnectionTrait>(txn: &C, batch: u32) -> Result<u64, DbErr> {
    let text = "delete from session where ctid in (
        select ctid from session where least(revoked_at, expires_at, absolute_at) < now() - make_interval(days => $1)
        limit $2)";
    let values: [Value; 2] = [(ENDED_SESSION_DAYS as i32).into(), i64::from(batch).into()];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected())
}

/// What webhooks tried, and plans of those that are gone.
pub(crate) async fn deliveries<C: ConnectionTrait>(txn: &C, batch: u32) -> Result<u64, DbErr> {
    let orphans = format!(
        "delete from due d where d.kind = '{WEBHOOK}' and not exists (select 1 from webhook w where d.key = {KEY})"
    );
    txn.execute_raw(sql(&orphans, [])).await?;
    let text = "delete from webhook_delivery where number in (
        select number from webhook_delivery where at < now() - make_interval(days => $1) limit $2)";
    let days = i32::try_from(limits::WEBHOOK_DELIVERY_DAYS).unwrap_or(i32::MAX);
    let values: [Value; 2] = [days.into(), i64::from(batch).into()];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected())
}

/// Events: whole days at once, and of the days before there were partitions a batch.
pub(crate) async fn events<C: ConnectionTrait>(
    txn: &C,
    days: u32,
    batch: u32,
) -> Result<u64, DbErr> {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    txn.execute_raw(sql("select drop_event_partitions($1)", [days.into()]))
        .await?;
    let text = "delete from event_rest where ctid in (
        select ctid from event_rest where at < now() - make_interval(days => $1) limit $2)";
    let values: [Value; 2] = [days.into(), i64::from(batch).into()];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected())
}
