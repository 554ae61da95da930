//! Admission of streams: who is this, what may they see, from which place in the log.

use api::bus::{AdmitReply, AdmitRequest, Credential};
use domain::{Code, SessionId, UserId};
use sea_orm::{AccessMode, IsolationLevel, TransactionTrait};

use crate::{
    crypto::{
        secret,
        token::{self, Purpose},
    },
    kernel::{
        error::Error,
        grants, installation, log,
        session::{self, Kind},
        state::App,
    },
};

/// Rights and cursor are of one snapshot: what changes later has a later position.
pub(crate) async fn admit(app: &App, request: AdmitRequest) -> Result<AdmitReply, Error> {
    let plain = app
        .keys
        .unseal(&request.credential)
        .map_err(|_| Error::unauthenticated())?;
    let credential: Credential =
        serde_json::from_slice(&plain).map_err(|_| Error::unauthenticated())?;
    let txn = app
        .people
        .begin_with_config(
            Some(IsolationLevel::RepeatableRead),
            Some(AccessMode::ReadOnly),
        )
        .await?;
    let at = log::sql::head(&txn).await?;
    let live = match credential {
        Credential::Cookie(value) => {
            let hash = token::cookie_hash(value.expose());
            session::live_by_hash(&txn, Kind::Browser, hash).await?
        }
        Credential::Bearer(text) if secret::is_token(text.expose()) => {
            match secret::read(text.expose()) {
                Some(hash) => session::live_by_hash(&txn, Kind::Token, hash).await?,
                None => None,
            }
        }
        Credential::Bearer(jwt) => live(app, &txn, Purpose::Access, jwt.expose()).await?,
        Credential::Stream(jwt) => live(app, &txn, Purpose::Stream, jwt.expose()).await?,
    };
    let row = live.ok_or_else(Error::unauthenticated)?;
    let only = row.scope().and_then(|scope| scope.organization_id);
    if only.is_some() && !request.heeds_only {
        return Err(Error::with_fix(
            Code::Forbidden,
            "A token for one organization can't open this stream yet.",
            "Try again when this labyard's update is done, or use a token for all organizations.",
        ));
    }
    let user = UserId::from_uuid(row.user_id);
    let grants = grants::of(&txn, user).await?;
    txn.commit().await?;
    if let Some(seen) = request.seen {
        installation::compare_positions(app, seen, at).await?;
    }
    Ok(AdmitReply {
        user_id: user,
        session_id: SessionId::from_uuid(row.id),
        expires_at: row.expires_at.into(),
        grants,
        only,
        at,
    })
}

async fn live(
    app: &App,
    txn: &sea_orm::DatabaseTransaction,
    purpose: Purpose,
    jwt: &str,
) -> Result<Option<session::LiveRow>, Error> {
    let Some((user, session)) = app.keys.read_jwt(purpose, jwt) else {
        return Ok(None);
    };
    let row = session::live_by_id(txn, session).await?;
    Ok(row.filter(|row| row.user_id == user.uuid()))
}
