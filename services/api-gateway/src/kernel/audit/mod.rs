//! The audit: who did what, from where, and whether it was allowed. What is allowed is written by the
//! transaction that does it, what is refused after it was refused.

pub(crate) mod command;
pub(crate) mod sql;

use std::net::IpAddr;

use domain::{Code, UserId, limits, text};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::kernel::{
    actor::Actor,
    audit::sql::NewEntry,
    due::{self, kind::Kind},
    error::Error,
    state::App,
};

/// Writes that it was allowed, in the transaction that does it.
pub(crate) async fn allowed<C: ConnectionTrait>(txn: &C, actor: &Actor) -> Result<(), Error> {
    write(txn, actor, &actor.trail.action, None).await.map(drop)
}

/// Seconds after which whoever ran a command must be gone: more than it may take, to begin and to end.
const COMMAND_SECS: u32 = 90;

/// What the audit says has begun; it gets one end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Began(i64);

impl Began {
    fn key(self) -> String {
        self.0.to_string()
    }

    /// As [`Kind::Command`] names it.
    pub(crate) fn of(key: &str) -> Option<Self> {
        key.parse().ok().map(Self)
    }
}

/// Writes that something was allowed that goes on for a while, and plans its end for when whoever runs it
/// is gone and can't say how it ended.
pub(crate) async fn began<C: ConnectionTrait>(txn: &C, actor: &Actor) -> Result<Began, Error> {
    let began = Began(write(txn, actor, &actor.trail.action, None).await?);
    due::sql::after(txn, Kind::Command, &began.key(), COMMAND_SECS).await?;
    Ok(began)
}

/// Writes how it ended, unless an end is written already.
pub(crate) async fn ended<C: ConnectionTrait>(
    txn: &C,
    began: Began,
    detail: Value,
) -> Result<(), Error> {
    if due::sql::take_back(txn, Kind::Command, &began.key()).await? {
        sql::insert_end(txn, began.0, detail).await?;
    }
    Ok(())
}

/// Writes that it was refused. That it could not be written harms less than an answer that is lost.
/// Whoever is refused all the time fills no table: the last line of a burst says that more were left out.
pub(crate) async fn refused(app: &App, actor: &Actor, code: &str) {
    let Ok(left) = app.limits.refusal(actor.user) else {
        metrics::counter!("labyard_audit_left_out_total").increment(1);
        return;
    };
    if left.remaining == 0 {
        actor.trail.note(json!({ "more": "left out" }));
    }
    if let Err(error) = write(&app.people, actor, &actor.trail.action, Some(code)).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            user = %actor.user,
            action = actor.trail.action,
            "a refusal is missing in the audit"
        );
    }
}

async fn write<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: &str,
    code: Option<&str>,
) -> Result<i64, Error> {
    let about = actor.trail.found();
    let entry = NewEntry {
        organization: about.organization,
        workspace: about.workspace,
        cluster: about.cluster,
        user: Some(actor.user),
        email: about.email.as_deref(),
        action,
        object: actor.trail.object.as_deref(),
        code,
        address: actor.trail.address,
        detail: about.detail,
    };
    Ok(sql::insert(connection, entry).await?)
}

/// What somebody without a login, or before it, did: a login that worked or did not, a registration. The address is a
/// stranger's word: it is kept as it was sent, with what cannot be shown written out.
pub(crate) async fn outside<C: ConnectionTrait>(
    connection: &C,
    action: &str,
    (user, email): (Option<UserId>, &str),
    address: Option<IpAddr>,
    code: Option<Code>,
) -> Result<(), Error> {
    let tried: String = text::escaped(email)
        .chars()
        .take(limits::EMAIL_MAX)
        .collect();
    let entry = NewEntry {
        organization: None,
        workspace: None,
        cluster: None,
        user,
        email: Some(&tried),
        action,
        object: None,
        code: code.map(Code::as_str),
        address,
        detail: None,
    };
    sql::insert(connection, entry).await?;
    Ok(())
}

/// What an operator did at the keyboard of the installation: by no login, with its keys and its database.
pub(crate) async fn operator<C: ConnectionTrait>(
    connection: &C,
    verb: &str,
    object: Option<&str>,
    detail: Option<Value>,
) -> Result<(), Error> {
    let action = format!("operator.{verb}");
    let entry = NewEntry {
        organization: None,
        workspace: None,
        cluster: None,
        user: None,
        email: None,
        action: &action,
        object,
        code: None,
        address: None,
        detail,
    };
    sql::insert(connection, entry).await?;
    Ok(())
}
