//! The outbox and the log.

use api::event::{Audience, Event};
use domain::{Cursor, Incarnation};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::kernel::postgres::sql;

/// A row of the log.
pub(crate) struct Place {
    pub(crate) position: u64,
    pub(crate) audience: Audience,
    pub(crate) event: Event,
    /// The span it was written in, where that is asked for.
    pub(crate) trace: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    place: i64,
    audience: serde_json::Value,
    event: serde_json::Value,
}

/// Appends to the outbox. The caller's transaction holds the lock of the row the event is about.
pub(crate) async fn append<C: ConnectionTrait>(
    txn: &C,
    audience: &Audience,
    event: &Event,
) -> Result<(), DbErr> {
    let json = |value: Result<serde_json::Value, serde_json::Error>| {
        value.map_err(|error| DbErr::Custom(format!("an event could not be written: {error}")))
    };
    let values = [
        event.organization_id.map(|id| id.uuid()).into(),
        event.cluster_id.map(|id| id.uuid()).into(),
        json(serde_json::to_value(audience))?.into(),
        json(serde_json::to_value(event))?.into(),
        bus::trace::current().into(),
    ];
    let text = "insert into outbox (organization_id, cluster_id, audience, event, trace) values ($1, $2, $3, $4::json, $5)";
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Gives positions to what waits in the outbox, at most `batch`, and returns it in order.
pub(crate) async fn sequence<C: ConnectionTrait>(
    connection: &C,
    batch: i32,
) -> Result<(Option<Incarnation>, Vec<Place>), DbErr> {
    let statement = sql(
        "select place, life, audience, event, trace from sequence($1)",
        [batch.into()],
    );
    let mut life = None;
    let mut places = Vec::new();
    for row in connection.query_all_raw(statement).await? {
        life = Some(incarnation(row.try_get("", "life")?));
        places.push(Place::traced(&row)?);
    }
    Ok((life, places))
}

/// Where the log ends.
pub(crate) async fn head<C: ConnectionTrait>(connection: &C) -> Result<Cursor, DbErr> {
    let row = connection
        .query_one_raw(sql("select position, incarnation from log_head", []))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("log_head".into()))?;
    let position: i64 = row.try_get("", "position")?;
    Ok(Cursor {
        incarnation: incarnation(row.try_get("", "incarnation")?),
        position: position.unsigned_abs(),
    })
}

/// The earliest position still kept; one above the head when there is none.
pub(crate) async fn first<C: ConnectionTrait>(connection: &C) -> Result<u64, DbErr> {
    let text = "select coalesce((select min(position) from event), (select position + 1 from log_head)) as first";
    let row = connection.query_one_raw(sql(text, [])).await?;
    let first: i64 = row
        .ok_or_else(|| DbErr::RecordNotFound("log_head".into()))?
        .try_get("", "first")?;
    Ok(first.unsigned_abs())
}

/// Events after a position, in order.
pub(crate) async fn range<C: ConnectionTrait>(
    connection: &C,
    after: u64,
    limit: u64,
) -> Result<Vec<Place>, DbErr> {
    let values = [
        i64::try_from(after).unwrap_or(i64::MAX).into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    let text = "select position as place, audience, event, trace from event where position > $1 order by position limit $2";
    let rows = connection.query_all_raw(sql(text, values)).await?;
    rows.iter().map(Place::traced).collect()
}

pub(crate) async fn ensure_partitions<C: ConnectionTrait>(connection: &C) -> Result<(), DbErr> {
    connection
        .execute_raw(sql("select ensure_event_partitions(3)", []))
        .await
        .map(drop)
}

impl Place {
    /// A row with `place`, `audience` and `event`.
    pub(crate) fn from_row(row: &sea_orm::QueryResult) -> Result<Self, DbErr> {
        read(Row::from_query_result(row, "")?)
    }

    /// The same with `trace` besides.
    fn traced(row: &sea_orm::QueryResult) -> Result<Self, DbErr> {
        let trace = row.try_get("", "trace")?;
        Ok(Self {
            trace,
            ..Self::from_row(row)?
        })
    }
}

fn read(row: Row) -> Result<Place, DbErr> {
    let broken = |error: serde_json::Error| {
        DbErr::Custom(format!("the log holds an unreadable event: {error}"))
    };
    Ok(Place {
        position: row.place.unsigned_abs(),
        audience: serde_json::from_value(row.audience).map_err(broken)?,
        event: serde_json::from_value(row.event).map_err(broken)?,
        trace: None,
    })
}

fn incarnation(column: i64) -> Incarnation {
    Incarnation(u32::try_from(column).unwrap_or_default())
}

/// Events: whole days at once, and of the days before there were partitions a batch.
pub(crate) async fn let_go<C: ConnectionTrait>(
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
