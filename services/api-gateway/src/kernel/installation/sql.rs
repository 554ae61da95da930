//! The installation's one row, the sequence of fences, and the views that must be empty.

use domain::{ClusterId, HostId, Reason};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use crate::kernel::postgres::{read_reason, reason_value, sql};

/// The installation's two switches.
#[derive(Debug, Clone)]
pub(crate) struct Switches {
    pub(crate) pool_paused: bool,
    pub(crate) locked: Option<Reason>,
}

pub(crate) async fn switches<C: ConnectionTrait>(connection: &C) -> Result<Switches, DbErr> {
    let row = connection
        .query_one_raw(sql("select pool_paused, locked from installation", []))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("installation".into()))?;
    Ok(Switches {
        pool_paused: row.try_get("", "pool_paused")?,
        locked: read_reason(row.try_get("", "locked")?),
    })
}

pub(crate) async fn pause_pool<C: ConnectionTrait>(txn: &C, paused: bool) -> Result<(), DbErr> {
    let text = "update installation set pool_paused = $1";
    txn.execute_raw(sql(text, [paused.into()])).await.map(drop)
}

/// Locks the installation unless it is locked already; tells whether this did it. Then the log has
/// begun a new life: nobody's cursor of before is good any more.
pub(crate) async fn lock<C: ConnectionTrait>(txn: &C, reason: &Reason) -> Result<bool, DbErr> {
    let text = "update installation set locked = $1 where locked is null";
    let locked = txn
        .execute_raw(sql(text, [reason_value(Some(reason))]))
        .await?
        .rows_affected()
        == 1;
    if locked {
        // Another one than before, as migration 3 made the first.
        let text = "update log_head set incarnation = case when n.life = incarnation
                then (n.life + 1) % (1::bigint << 32) else n.life end
            from (select ('x' || substr(md5(gen_random_uuid()::text), 1, 8))::bit(32)::bigint as life) as n";
        txn.execute_raw(sql(text, [])).await?;
    }
    Ok(locked)
}

pub(crate) async fn unlock<C: ConnectionTrait>(txn: &C) -> Result<(), DbErr> {
    txn.execute_raw(sql("update installation set locked = null", []))
        .await
        .map(drop)
}

/// The last fence that was given; 0 before the first.
pub(crate) async fn last_fence<C: ConnectionTrait>(connection: &C) -> Result<i64, DbErr> {
    let text = "select case when is_called then last_value else 0 end as last from fence";
    let row = connection
        .query_one_raw(sql(text, []))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("fence".into()))?;
    row.try_get("", "last")
}

/// From here on every fence is above this one; it never goes back.
pub(crate) async fn lift_fence<C: ConnectionTrait>(txn: &C, above: i64) -> Result<(), DbErr> {
    let text = "select setval('fence', greatest($1, last_value)) from fence where $1 > 0";
    txn.query_one_raw(sql(text, [above.into()])).await.map(drop)
}

/// The highest fence that any host has told of.
pub(crate) async fn highest_fence_seen<C: ConnectionTrait>(connection: &C) -> Result<i64, DbErr> {
    let text = "select coalesce(max(highest_fence), 0) as highest from host";
    let row = connection.query_one_raw(sql(text, [])).await?;
    row.map_or(Ok(0), |row| row.try_get("", "highest"))
}

/// A view that must be empty, and what holds when it is.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) what: String,
}

/// Views looked at; there are far fewer.
const VIEWS_MAX: i64 = 200;

pub(crate) async fn views<C: ConnectionTrait>(connection: &C) -> Result<Vec<View>, DbErr> {
    let text = r"select c.relname::text as name, coalesce(obj_description(c.oid, 'pg_class'), '') as what
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind = 'v' and c.relname like 'broken\_%'
        order by c.relname limit $1";
    let rows = connection
        .query_all_raw(sql(text, [VIEWS_MAX.into()]))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(View {
                name: row.try_get("", "name")?,
                what: row.try_get("", "what")?,
            })
        })
        .collect()
}

/// How many rows a view has, and the first few of them in words.
pub(crate) async fn violations<C: ConnectionTrait>(
    connection: &C,
    view: &View,
    examples: u32,
) -> Result<(u64, Vec<String>), DbErr> {
    // The name comes from the catalogue and is quoted as an identifier.
    let name = view.name.replace('"', "\"\"");
    let text = format!(
        "with v as (select detail::text as detail from public.\"{name}\")
        select (select count(*) from v) as violations,
            coalesce((select jsonb_agg(e.detail) from (select detail from v order by detail limit $1) as e), '[]')
                as examples"
    );
    let values: [Value; 1] = [i64::from(examples).into()];
    let row = connection
        .query_one_raw(sql(&text, values))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(view.name.clone()))?;
    let violations: i64 = row.try_get("", "violations")?;
    let examples: serde_json::Value = row.try_get("", "examples")?;
    Ok((
        violations.unsigned_abs(),
        serde_json::from_value(examples).unwrap_or_default(),
    ))
}

/// The installation's ID as hex.
pub(crate) async fn id<C: ConnectionTrait>(connection: &C) -> Result<String, DbErr> {
    let row = connection
        .query_one_raw(sql("select id from installation", []))
        .await?;
    let id: Uuid = row
        .ok_or_else(|| DbErr::RecordNotFound("installation".into()))?
        .try_get("", "id")?;
    Ok(id.simple().to_string())
}

/// The highest fence that this database knows a host to have seen: told by it or given to it.
pub(crate) async fn known_fence<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
) -> Result<i64, DbErr> {
    let text = "select greatest(h.highest_fence, (select max(c.fence) from cluster c where c.host_id = h.id)) as known
        from host h where h.id = $1";
    let row = connection
        .query_one_raw(sql(text, [host.as_str().into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "known"))
}

/// Whether a host, or the host of a cluster, has told of itself before and not for so long.
pub(crate) async fn owes_a_word<C: ConnectionTrait>(
    connection: &C,
    host_or_cluster: &str,
    secs: u32,
) -> Result<bool, DbErr> {
    let cluster: Option<ClusterId> = host_or_cluster.parse().ok();
    let text = "select 1 as one from host h
        where h.facts <> '{}' and h.last_seen_at <= now() - make_interval(secs => $3)
          and h.id = coalesce((select c.host_id from cluster c where c.id = $2), $1)";
    let values: [Value; 3] = [
        host_or_cluster.into(),
        cluster.map(ClusterId::uuid).into(),
        f64::from(secs).into(),
    ];
    Ok(connection.query_one_raw(sql(text, values)).await?.is_some())
}
