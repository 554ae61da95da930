//! Logins of programs without a browser (RFC 8628): they show a code, somebody who is logged in lets them in.

pub(crate) mod http;
pub(crate) mod sql;

use std::net::IpAddr;

use api::{
    Secret,
    auth::{
        Tokens,
        device::{AskingDevice, BeginDevice, BegunDevice, DecideDevice},
    },
};
use domain::{Code, SessionId, text};
use sea_orm::TransactionTrait;
use uuid::Uuid;

use crate::{
    crypto::code,
    kernel::{
        actor::Actor,
        audit,
        error::Error,
        idempotency::{Repeat, once},
        person, session,
        state::App,
    },
    people::{device::sql::NewDevice, login},
};

/// Seconds that a code is good.
const LIFE_SECS: u32 = 600;
/// Seconds between two asks, and how many more after one that came too soon (RFC 8628 §3.5).
const PAUSE_SECS: u32 = 2;
const LONGER_SECS: u32 = 5;
/// Characters kept of what a program says of itself.
const CLIENT_MAX: usize = 80;
const NAMELESS: &str = "a program that did not say its name";

pub(crate) async fn begin(
    app: &App,
    wanted: BeginDevice,
    from: Option<IpAddr>,
) -> Result<BegunDevice, Error> {
    app.limits.login(from, "a device")?;
    let codes = code::mint()?;
    let hash = app.keys.user_code_hash(&codes.user);
    let said = wanted.client.unwrap_or_default();
    let client = text::line(&said, CLIENT_MAX);
    let new = NewDevice {
        device_hash: code::device_hash(&codes.device),
        user_code_hash: hash.ok_or_else(Error::not_found)?,
        client: client.as_deref().unwrap_or(NAMELESS),
        address: from.map(|from| from.to_string()),
        pause_secs: PAUSE_SECS,
        secs: LIFE_SECS,
    };
    sql::insert(&app.people, new).await?;
    Ok(BegunDevice {
        verification_uri: app.options.address("device"),
        verification_uri_complete: app
            .options
            .page("device", &codes.user.as_str().into())
            .expose()
            .to_owned(),
        device_code: codes.device,
        user_code: codes.user,
        expires_in: LIFE_SECS,
        interval: PAUSE_SECS,
    })
}

/// The code that somebody typed; whoever types many is held up.
fn typed(app: &App, actor: &Actor, user_code: &str) -> Result<Vec<u8>, Error> {
    app.limits.guess(actor.user)?;
    app.keys.user_code_hash(user_code).ok_or_else(not_good)
}

/// The same for a code that never was, one that was decided about and one too old.
fn not_good() -> Error {
    Error::with_fix(
        Code::NotFound,
        "This code is invalid or has expired.",
        "Compare the code with the program's, or start the login again there.",
    )
}

/// Who asks by this code.
pub(crate) async fn look(app: &App, actor: &Actor, user_code: &str) -> Result<AskingDevice, Error> {
    let hash = typed(app, actor, user_code)?;
    let row = sql::asking(&app.people, hash).await?;
    row.map(|row| row.public()).ok_or_else(not_good)
}

/// Lets a program in as the actor, or tells it no.
pub(crate) async fn decide(app: &App, actor: &Actor, wanted: DecideDevice) -> Result<(), Error> {
    let hash = typed(app, actor, &wanted.user_code)?;
    once(app, actor, &Repeat::default(), async |txn| {
        let user = wanted.approve.then_some(actor.user);
        let row = sql::decide(txn, hash, user).await?.ok_or_else(not_good)?;
        let device = row.public();
        actor.trail.note(serde_json::json!({
            "approved": wanted.approve, "client": device.client, "address": device.address,
        }));
        Ok(())
    })
    .await
}

fn answered(code: Code, facts: &str) -> Error {
    Error::new(code, facts)
}

/// How it stands with a program that asked: its tokens, once, or why not yet.
pub(crate) async fn poll(
    app: &App,
    device_code: &Secret,
    from: Option<IpAddr>,
) -> Result<Tokens, Error> {
    let hash = code::device_hash(device_code);
    let txn = app.people.begin().await?;
    let over = || {
        answered(
            Code::ExpiredToken,
            "This device code is invalid or has expired.",
        )
    };
    let row = sql::lock(&txn, hash.clone()).await?.ok_or_else(over)?;
    if row.over {
        return Err(over());
    }
    if row.early {
        sql::polled(&txn, hash, LONGER_SECS).await?;
        txn.commit().await?;
        return Err(answered(Code::SlowDown, "This device polls too often."));
    }
    if row.denied() {
        sql::remove(&txn, hash).await?;
        txn.commit().await?;
        return Err(answered(Code::AccessDenied, "The login was denied."));
    }
    let Some(user) = row.approved() else {
        sql::polled(&txn, hash, 0).await?;
        txn.commit().await?;
        return Err(answered(
            Code::AuthorizationPending,
            "The login hasn't been approved yet.",
        ));
    };
    sql::remove(&txn, hash).await?;
    let person = person::by_id(&txn, user).await?.ok_or_else(over)?;
    let session = SessionId::from_uuid(Uuid::now_v7());
    session::insert_machine(&txn, session, user, from).await?;
    audit::outside(
        &txn,
        "login.device",
        (Some(user), &person.email),
        from,
        None,
    )
    .await?;
    txn.commit().await?;
    tracing::info!(%user, %session, "a device was let in");
    login::tokens(app, user, session, 0)
}
