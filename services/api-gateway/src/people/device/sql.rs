//! Devices that ask to be let in.

use api::auth::device::AskingDevice;
use domain::UserId;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::sql;

pub(crate) struct NewDevice<'a> {
    pub(crate) device_hash: Vec<u8>,
    pub(crate) user_code_hash: Vec<u8>,
    pub(crate) client: &'a str,
    pub(crate) address: Option<String>,
    pub(crate) pause_secs: u32,
    pub(crate) secs: u32,
}

fn whole(number: u32) -> sea_orm::Value {
    i32::try_from(number).unwrap_or(i32::MAX).into()
}

pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    new: NewDevice<'_>,
) -> Result<(), DbErr> {
    let text = "insert into device_login (device_hash, user_code_hash, client, address, pause_secs, expires_at)
        values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))";
    let values = [
        new.device_hash.into(),
        new.user_code_hash.into(),
        new.client.into(),
        new.address.into(),
        whole(new.pause_secs),
        f64::from(new.secs).into(),
    ];
    connection.execute_raw(sql(text, values)).await.map(drop)
}

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct AskingRow {
    client: String,
    address: Option<String>,
    created_at: DateTimeUtc,
    expires_at: DateTimeUtc,
}

impl AskingRow {
    pub(crate) fn public(self) -> AskingDevice {
        AskingDevice {
            client: self.client,
            address: self.address,
            created_at: self.created_at.into(),
            expires_at: self.expires_at.into(),
        }
    }
}

/// A device that nobody has decided about, by the code that it shows.
pub(crate) async fn asking<C: ConnectionTrait>(
    connection: &C,
    user_code_hash: Vec<u8>,
) -> Result<Option<AskingRow>, DbErr> {
    let text = "select * from device_login
        where user_code_hash = $1 and status = 'pending' and expires_at > now()";
    AskingRow::find_by_statement(sql(text, [user_code_hash.into()]))
        .one(connection)
        .await
}

/// Decides about it: in as this person, or not at all. Gives it if nobody had decided before.
pub(crate) async fn decide<C: ConnectionTrait>(
    txn: &C,
    user_code_hash: Vec<u8>,
    user: Option<UserId>,
) -> Result<Option<AskingRow>, DbErr> {
    let text = "update device_login set user_id = $2, status = case when $2::uuid is null then 'denied' else 'approved' end
        where user_code_hash = $1 and status = 'pending' and expires_at > now() returning *";
    let values = [user_code_hash.into(), user.map(UserId::uuid).into()];
    AskingRow::find_by_statement(sql(text, values))
        .one(txn)
        .await
}

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct PolledRow {
    status: String,
    user_id: Option<Uuid>,
    /// It asked less than its pause ago.
    pub(crate) early: bool,
    pub(crate) over: bool,
}

impl PolledRow {
    pub(crate) fn approved(&self) -> Option<UserId> {
        self.user_id.map(UserId::from_uuid)
    }

    pub(crate) fn denied(&self) -> bool {
        self.status == "denied"
    }
}

/// A device that asks how it stands, locked until the transaction ends.
pub(crate) async fn lock<C: ConnectionTrait>(
    txn: &C,
    device_hash: Vec<u8>,
) -> Result<Option<PolledRow>, DbErr> {
    let text = "select status, user_id, expires_at <= now() as over,
            coalesce(polled_at > now() - make_interval(secs => pause_secs), false) as early
        from device_login where device_hash = $1 for update";
    PolledRow::find_by_statement(sql(text, [device_hash.into()]))
        .one(txn)
        .await
}

/// Writes down that it asked; its pause grows by this.
pub(crate) async fn polled<C: ConnectionTrait>(
    txn: &C,
    device_hash: Vec<u8>,
    longer_secs: u32,
) -> Result<(), DbErr> {
    let text = "update device_login set polled_at = now(), pause_secs = pause_secs + $2 where device_hash = $1";
    let values = [device_hash.into(), whole(longer_secs)];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// It was answered: its codes are good no more.
pub(crate) async fn remove<C: ConnectionTrait>(txn: &C, device_hash: Vec<u8>) -> Result<(), DbErr> {
    let text = "delete from device_login where device_hash = $1";
    txn.execute_raw(sql(text, [device_hash.into()]))
        .await
        .map(drop)
}

/// Devices that nobody let in.
pub(crate) async fn let_go<C: ConnectionTrait>(txn: &C, batch: u32) -> Result<u64, DbErr> {
    let text = "delete from device_login where ctid in (select ctid from device_login where expires_at < now() limit $1)";
    let done = txn
        .execute_raw(sql(text, [i64::from(batch).into()]))
        .await?;
    Ok(done.rows_affected())
}
