//! What webhooks are to be sent: which are due, who holds one, where it stands, what was tried.

use api::{
    event::{Event, kind},
    webhook::{Delivery, Outcome},
};
use domain::{EventId, WebhookId, limits};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::{
    kernel::{
        due::{self, kind::Kind},
        log::sql::Place,
        postgres::sql,
    },
    notify::webhook::sql::{COLUMNS, KEY, WebhookRow},
};

/// Whose plans are looked at here.
const WEBHOOK: Kind = Kind::Webhook;

/// Plans those that may have something to deliver: of organizations in which something happened after
/// a position, or all. One that waits for its next try goes on waiting.
pub(crate) async fn wake<C: ConnectionTrait>(
    connection: &C,
    after: Option<u64>,
) -> Result<(), DbErr> {
    // Whoever looks has looked a moment ago: the bound on time leaves two partitions.
    let signals = kind::SIGNALS.join("', '");
    let fresh = format!(
        "select 1 from event e where e.organization_id = w.organization_id and e.position > $1
        and e.at > now() - interval '1 day' and e.event ->> 'type' not in ('{signals}')"
    );
    let condition = if after.is_some() {
        format!("exists ({fresh})")
    } else {
        "$1::bigint is null".to_owned()
    };
    let text = format!(
        "insert into due (kind, key, at) select '{WEBHOOK}', {KEY}, now() from webhook w where w.enabled and {condition}
         on conflict (kind, key) do update set at = excluded.at where due.tries = 0 and due.at > excluded.at"
    );
    let after = after.map(|after| i64::try_from(after).unwrap_or(i64::MAX));
    connection
        .execute_raw(sql(&text, [after.into()]))
        .await
        .map(drop)
}

/// Takes webhooks that are due, each for one holder until its time is up.
pub(crate) async fn take<C: ConnectionTrait>(
    connection: &C,
    hold_secs: u32,
    most: usize,
) -> Result<Vec<WebhookRow>, DbErr> {
    let text = format!(
        "with planned as materialized (
            select key, at, tries from due where kind = '{WEBHOOK}' and at <= now() order by at limit 1000
         ), free as (
            select w.id, p.at, p.tries from planned p join webhook w on p.key = {KEY}
            where w.enabled and coalesce(w.held_until, '-infinity') <= now()
            order by p.at limit $2 for update of w skip locked
         )
         update webhook w set held_until = now() + make_interval(secs => $1), fence = w.fence + 1
         from free d where w.id = d.id returning {COLUMNS}, 'viewer' as role"
    );
    let values = [
        f64::from(hold_secs).into(),
        i64::try_from(most).unwrap_or(i64::MAX).into(),
    ];
    WebhookRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

/// The first event after a position that it is to be sent.
pub(crate) async fn next<C: ConnectionTrait>(
    connection: &C,
    row: &WebhookRow,
    after: i64,
) -> Result<Option<Place>, DbErr> {
    let text = "select position as place, audience, event from event
        where organization_id = $1 and position > $2 and event ->> 'workspace_id' = $3
          and audience ->> 'to' = 'organization' and ($4::jsonb = '[]' or $4 ? (event ->> 'type'))
        order by position limit 1";
    let values = [
        row.organization_id.into(),
        after.into(),
        row.workspace().to_string().into(),
        row.types.clone().into(),
    ];
    let found = connection.query_one_raw(sql(text, values)).await?;
    found.as_ref().map(Place::from_row).transpose()
}

/// Still held by this holder, and for as long again: locked until the transaction ends.
pub(crate) async fn extend_claim<C: ConnectionTrait>(
    txn: &C,
    row: &WebhookRow,
    secs: u32,
) -> Result<bool, DbErr> {
    let text = "update webhook set held_until = now() + make_interval(secs => $3)
        where id = $1 and fence = $2 and enabled";
    let values = [row.id.into(), row.fence.into(), f64::from(secs).into()];
    let done = txn.execute_raw(sql(text, values)).await?;
    Ok(done.rows_affected() == 1)
}

/// Moves its cursor: everything up to here is dealt with.
pub(crate) async fn advance<C: ConnectionTrait>(
    txn: &C,
    row: &WebhookRow,
    position: i64,
) -> Result<(), DbErr> {
    let text = "update webhook set position = greatest(position, $2) where id = $1";
    txn.execute_raw(sql(text, [row.id.into(), position.into()]))
        .await
        .map(drop)
}

/// Nothing goes through, or something did again.
pub(crate) async fn set_failing<C: ConnectionTrait>(
    txn: &C,
    row: &WebhookRow,
    failing: bool,
) -> Result<(), DbErr> {
    let text = "update webhook set failing_since = case when $2 then coalesce(failing_since, now()) end where id = $1";
    txn.execute_raw(sql(text, [row.id.into(), failing.into()]))
        .await
        .map(drop)
}

/// Lets go of it, with the next look at a time of its own.
pub(crate) async fn let_go<C: ConnectionTrait>(
    txn: &C,
    row: &WebhookRow,
    next: Next,
) -> Result<(), DbErr> {
    let text = "update webhook set held_until = null where id = $1";
    txn.execute_raw(sql(text, [row.id.into()])).await?;
    let key = row.id().to_string();
    match next {
        Next::Nothing => due::sql::done(txn, Kind::Webhook, &key).await,
        Next::Now => due::sql::now(txn, Kind::Webhook, &key).await,
        Next::Retry { secs, tries } => {
            let text = "insert into due (kind, key, at, tries) values ($1, $2, now() + make_interval(secs => $3), $4)
                on conflict (kind, key) do update set at = excluded.at, tries = excluded.tries";
            let values = [
                WEBHOOK.as_str().into(),
                key.into(),
                secs.into(),
                tries.into(),
            ];
            txn.execute_raw(sql(text, values)).await.map(drop)
        }
    }
}

/// When a webhook is looked at again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Next {
    /// When something happens.
    Nothing,
    Now,
    Retry {
        secs: f64,
        tries: i32,
    },
}

/// Locks its line in `due`: what happens from here on finds it, or is found by who holds it.
pub(crate) async fn lock_plan<C: ConnectionTrait>(txn: &C, row: &WebhookRow) -> Result<(), DbErr> {
    let text = "select 1 from due where kind = $1 and key = $2 for update";
    let values = [WEBHOOK.as_str().into(), row.id().to_string().into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// labyard turns it off.
pub(crate) async fn turn_off<C: ConnectionTrait>(
    txn: &C,
    row: &WebhookRow,
    because: &str,
) -> Result<(), DbErr> {
    let text = "update webhook set enabled = false, off_because = $2 where id = $1";
    txn.execute_raw(sql(text, [row.id.into(), because.into()]))
        .await
        .map(drop)
}

#[derive(FromQueryResult)]
struct DeliveryRow {
    number: i64,
    at: DateTimeUtc,
    event_id: Uuid,
    r#type: String,
    attempt: i32,
    outcome: String,
    status: Option<i32>,
    detail: Option<String>,
    took_millis: i32,
}

/// What one try came to.
pub(crate) struct Tried<'a> {
    pub(crate) event: &'a Event,
    pub(crate) attempt: i32,
    pub(crate) outcome: Outcome,
    pub(crate) status: Option<u16>,
    pub(crate) detail: Option<&'a str>,
    pub(crate) took_millis: i32,
}

/// Keeps what one try came to.
pub(crate) async fn tried<C: ConnectionTrait>(
    txn: &C,
    id: WebhookId,
    tried: &Tried<'_>,
) -> Result<Delivery, DbErr> {
    let text = "insert into webhook_delivery (webhook_id, event_id, type, attempt, outcome, status, detail, took_millis)
        values ($1, $2, $3, $4, $5, $6, $7, $8) returning *";
    let values: [Value; 8] = [
        id.uuid().into(),
        tried.event.id.uuid().into(),
        tried.event.kind.as_str().into(),
        tried.attempt.into(),
        tried.outcome.as_str().into(),
        tried.status.map(i32::from).into(),
        tried.detail.map(str::to_owned).into(),
        tried.took_millis.into(),
    ];
    let row = DeliveryRow::find_by_statement(sql(text, values))
        .one(txn)
        .await?;
    row.map(|row| row.public().1)
        .ok_or_else(|| DbErr::RecordNotInserted)
}

impl DeliveryRow {
    fn public(&self) -> (i64, Delivery) {
        let outcomes = Outcome::ALL.into_iter();
        let delivery = Delivery {
            at: self.at.into(),
            event_id: EventId::from_uuid(self.event_id),
            kind: self.r#type.clone(),
            attempt: self.attempt.unsigned_abs(),
            outcome: outcomes
                .rev()
                .find(|outcome| outcome.as_str() == self.outcome)
                .unwrap_or(Outcome::Unknown),
            status: self.status.and_then(|status| u16::try_from(status).ok()),
            detail: self.detail.clone(),
            took_millis: self.took_millis.unsigned_abs(),
        };
        (self.number, delivery)
    }
}

/// Which of the tries.
pub(crate) struct Wanted {
    /// All if absent; what failed may be given up too.
    pub(crate) outcome: Option<Outcome>,
    /// Only those with a lower number.
    pub(crate) before: Option<i64>,
    pub(crate) limit: u64,
}

/// What was tried, newest first, each with its number.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    id: WebhookId,
    wanted: Wanted,
) -> Result<Vec<(i64, Delivery)>, DbErr> {
    let text = "select * from webhook_delivery where webhook_id = $1 and number < $2
          and ($3::text is null or outcome = $3 or ($3 = 'failed' and outcome = 'given_up'))
        order by number desc limit $4";
    let values: [Value; 4] = [
        id.uuid().into(),
        wanted.before.unwrap_or(i64::MAX).into(),
        wanted.outcome.map(Outcome::as_str).into(),
        i64::try_from(wanted.limit).unwrap_or(i64::MAX).into(),
    ];
    let rows = DeliveryRow::find_by_statement(sql(text, values))
        .all(connection)
        .await?;
    Ok(rows.iter().map(DeliveryRow::public).collect())
}

/// What webhooks tried, and plans of those that are gone.
pub(crate) async fn let_go_of_old<C: ConnectionTrait>(txn: &C, batch: u32) -> Result<u64, DbErr> {
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
