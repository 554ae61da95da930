//! What is sealed in the database, and the heads of it, which name the keys.

use domain::ClusterId;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use crate::{crypto::envelope::HEAD_LEN, kernel::postgres::sql};

/// Where sealed values are: a table (`k` below), its key, the column that begins with the head, and
/// the place a value is bound to, as SQL.
pub(crate) struct Kept {
    table: &'static str,
    id: &'static str,
    column: &'static str,
    place: &'static str,
}

/// All of them: what is not here keeps its key for ever.
pub(crate) const KEPT: &[Kept] = &[Kept {
    table: "cluster_key",
    id: "cluster_id",
    column: "head",
    // `admin_place` of hosts/report.rs.
    place:
        "(select coalesce('org_' || replace(c.organization_id::text, '-', ''), 'warm') || '|clu_'
        || replace(c.id::text, '-', '') || '|admin' from cluster c where c.id = k.cluster_id)",
}];

/// The head of one sealed value.
#[derive(FromQueryResult)]
pub(crate) struct Head {
    pub(crate) id: Uuid,
    pub(crate) head: Vec<u8>,
    pub(crate) place: String,
}

/// The first heads after `after` that are not under `key` (as hex), locked.
pub(crate) async fn not_under<C: ConnectionTrait>(
    txn: &C,
    kept: &Kept,
    key: &str,
    after: Uuid,
    limit: u32,
) -> Result<Vec<Head>, DbErr> {
    let Kept {
        table,
        id,
        column,
        place,
    } = kept;
    let text = format!(
        "select k.{id} as id, substring(k.{column} from 1 for {HEAD_LEN}) as head, {place} as place from {table} k
         where k.{id} > $1 and encode(substring(k.{column} from 2 for 4), 'hex') <> $2
         order by k.{id} limit $3 for update of k"
    );
    let values: [Value; 3] = [after.into(), key.into(), i64::from(limit).into()];
    Head::find_by_statement(sql(&text, values)).all(txn).await
}

/// Puts another head on a sealed value. The caller holds the row.
pub(crate) async fn set_head<C: ConnectionTrait>(
    txn: &C,
    kept: &Kept,
    id: Uuid,
    head: Vec<u8>,
) -> Result<(), DbErr> {
    let Kept {
        table,
        id: key,
        column,
        ..
    } = kept;
    let text = format!(
        "update {table} set {column} = $2 || substring({column} from {}) where {key} = $1",
        HEAD_LEN + 1
    );
    txn.execute_raw(sql(&text, [id.into(), head.into()]))
        .await
        .map(drop)
}

#[derive(FromQueryResult)]
pub(crate) struct InUse {
    pub(crate) head: Vec<u8>,
    pub(crate) values: i64,
}

/// How many values are under each key; of each key one head, which names it.
pub(crate) async fn in_use<C: ConnectionTrait>(connection: &C) -> Result<Vec<InUse>, DbErr> {
    let all: Vec<String> = KEPT
        .iter()
        .map(|kept| {
            let Kept { table, column, .. } = kept;
            format!("select substring({column} from 1 for 5) as head from {table} where {column} is not null")
        })
        .collect();
    let text = format!(
        "select head, count(*) as values from ({}) as heads group by head order by head",
        all.join(" union all ")
    );
    InUse::find_by_statement(sql(&text, []))
        .all(connection)
        .await
}

/// A cluster's sealed credential, put together again.
pub(crate) async fn admin<C: ConnectionTrait>(
    connection: &C,
    cluster: ClusterId,
) -> Result<Option<Vec<u8>>, DbErr> {
    let text = "select k.head || c.admin_sealed as sealed from cluster c join cluster_key k on k.cluster_id = c.id
        where c.id = $1 and c.admin_sealed is not null";
    let row = connection
        .query_one_raw(sql(text, [cluster.uuid().into()]))
        .await?;
    row.map(|row| row.try_get("", "sealed")).transpose()
}

/// Keeps a cluster's sealed credential, its head apart, or forgets it. Of a deleted cluster nothing is
/// kept. The caller holds the cluster's row.
pub(crate) async fn set_admin<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    sealed: Option<Vec<u8>>,
) -> Result<(), DbErr> {
    let id: Value = cluster.uuid().into();
    let parts = sealed
        .as_deref()
        .and_then(|sealed| sealed.split_at_checked(HEAD_LEN));
    let Some((head, body)) = parts else {
        let text = "with forgotten as (delete from cluster_key where cluster_id = $1)
            update cluster set admin_sealed = null where id = $1";
        return txn.execute_raw(sql(text, [id])).await.map(drop);
    };
    let text = "with kept as (
            update cluster set admin_sealed = $3 where id = $1 and status <> 'DELETED' returning id)
        insert into cluster_key (cluster_id, head) select id, $2 from kept
        on conflict (cluster_id) do update set head = excluded.head";
    let values: [Value; 3] = [id, head.to_vec().into(), body.to_vec().into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}
