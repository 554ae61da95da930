//! When a cluster was last used and for what, and when it is stopped because nobody does.

use domain::ClusterId;
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::kernel::{due::kind::Kind, postgres::sql};

/// A use that would move the last one by less is not written: nobody waits for the difference.
const GRAIN_SECS: f64 = 60.0;

/// Notes a use that lasts `secs` from now, at most once a minute; true when that can be seen. Waits
/// for whoever holds the row: a use and a stop have one winner.
pub(crate) async fn touch<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    what: &str,
    secs: u32,
) -> Result<bool, DbErr> {
    let text = "with before as (
            select status = 'RUNNING' and auto_stop_minutes is not null as shown
            from cluster where id = $1 for update)
        update cluster c set used_at = now() + make_interval(secs => $3), used_for = $2,
            version = c.version + b.shown::int,
            updated_at = case when b.shown then clock_timestamp() else c.updated_at end
        from before b
        where c.id = $1 and c.used_at <= now() + make_interval(secs => $3) - make_interval(secs => $4)
        returning b.shown";
    let values: [Value; 4] = [
        cluster.uuid().into(),
        what.into(),
        f64::from(secs).into(),
        GRAIN_SECS.into(),
    ];
    let row = txn.query_one_raw(sql(text, values)).await?;
    row.map_or(Ok(false), |row| row.try_get("", "shown"))
}

/// It has just begun to run: its time begins anew. The caller holds the row and tells of it.
pub(crate) async fn begin<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    what: &str,
) -> Result<(), DbErr> {
    let text = "update cluster set used_for = case when used_at <= now() then $2 else used_for end,
            used_at = greatest(used_at, now())
        where id = $1";
    txn.execute_raw(sql(text, [cluster.uuid().into(), what.into()]))
        .await?;
    plan_warning(txn, cluster).await
}

/// A new version in which nothing but the time has changed, to be told of. The caller holds the row.
pub(crate) async fn new_version<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<(), DbErr> {
    let text =
        "update cluster set version = version + 1, updated_at = clock_timestamp() where id = $1";
    txn.execute_raw(sql(text, [cluster.uuid().into()]))
        .await
        .map(drop)
}

/// Lets it run for as long as lies between the warning and the stop. The caller holds the row.
pub(crate) async fn give_grace<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    why: &str,
) -> Result<(), DbErr> {
    let text = format!(
        "update cluster set used_at = now() - auto_stop_minutes * interval '1 minute' + {LEAD}, used_for = $2
         where id = $1"
    );
    txn.execute_raw(sql(&text, [cluster.uuid().into(), why.into()]))
        .await
        .map(drop)
}

/// Sets after how many minutes without use it is stopped; setting it is a use.
pub(crate) async fn set_auto_stop<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    minutes: Option<u32>,
) -> Result<(), DbErr> {
    let text = "update cluster set auto_stop_minutes = $2, used_at = greatest(used_at, now()), version = version + 1,
            used_for = case when used_at <= now() then 'auto-stop' else used_for end, updated_at = clock_timestamp()
        where id = $1";
    let minutes = minutes.and_then(|minutes| i32::try_from(minutes).ok());
    txn.execute_raw(sql(text, [cluster.uuid().into(), minutes.into()]))
        .await?;
    plan_warning(txn, cluster).await
}

/// How long nobody has used a cluster, compared with how long nobody may.
pub(crate) enum Idleness {
    /// It does not stop by itself, or does not run.
    Never,
    /// Somebody else changes it right now.
    Held,
    Used,
    /// It is time to warn.
    Soon,
    Over {
        minutes: i32,
    },
}

/// Minutes before the stop at which it is said: 5, or half of a short time.
const LEAD: &str = "least(5.0, auto_stop_minutes / 2.0) * interval '1 minute'";
const END: &str = "used_at + auto_stop_minutes * interval '1 minute'";

/// Looks at a cluster's use and locks it, without ever waiting.
pub(crate) async fn idleness<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<Idleness, DbErr> {
    let id: Value = cluster.uuid().into();
    let text = format!(
        "select auto_stop_minutes as minutes, status = 'RUNNING' and auto_stop_minutes is not null as stops,
            {END} <= now() as over, {END} - {LEAD} <= now() as soon
         from cluster where id = $1 for update skip locked"
    );
    let Some(row) = txn.query_one_raw(sql(&text, [id.clone()])).await? else {
        let there = sql("select 1 as one from cluster where id = $1", [id]);
        let there = txn.query_one_raw(there).await?;
        return Ok(there.map_or(Idleness::Never, |_| Idleness::Held));
    };
    if !row.try_get::<bool>("", "stops")? {
        return Ok(Idleness::Never);
    }
    Ok(if row.try_get("", "over")? {
        Idleness::Over {
            minutes: row.try_get("", "minutes")?,
        }
    } else if row.try_get("", "soon")? {
        Idleness::Soon
    } else {
        Idleness::Used
    })
}

/// Plans the look at which a cluster that stops by itself is warned of, or is found used.
pub(crate) async fn plan_warning<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<(), DbErr> {
    plan(txn, cluster, &format!("{END} - {LEAD}")).await
}

/// Plans the look at which it is stopped, or is found used.
pub(crate) async fn plan_stop<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<(), DbErr> {
    plan(txn, cluster, END).await
}

async fn plan<C: ConnectionTrait>(txn: &C, cluster: ClusterId, at: &str) -> Result<(), DbErr> {
    let text = format!(
        "insert into due (kind, key, at)
         select $1, $2, {at} from cluster where id = $3 and auto_stop_minutes is not null
         on conflict (kind, key) do update set at = excluded.at, tries = 0"
    );
    let values: [Value; 3] = [
        Kind::Idle.as_str().into(),
        cluster.to_string().into(),
        cluster.uuid().into(),
    ];
    txn.execute_raw(sql(&text, values)).await.map(drop)
}
