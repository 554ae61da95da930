//! Admission of streams: who is this, what may they see, from which place in the log.

use api::{
    bus::{AdmitReply, AdmitRequest, Credential},
    event::{ClusterGrant, Grants, OrganizationGrant},
};
use domain::{Code, OrganizationId, Role, SessionId, UserId};
use sea_orm::{AccessMode, ConnectionTrait, IsolationLevel, TransactionTrait};

use super::{Error, installation};
use crate::{
    crypto::{
        secret,
        token::{self, Purpose},
    },
    db::{self, person, session::Kind},
    state::App,
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
    let at = db::event::head(&txn).await?;
    let live = match credential {
        Credential::Cookie(value) => {
            let hash = token::cookie_hash(value.expose());
            db::session::live_by_hash(&txn, Kind::Browser, hash).await?
        }
        Credential::Bearer(text) if secret::is_token(text.expose()) => {
            match secret::read(text.expose()) {
                Some(hash) => db::session::live_by_hash(&txn, Kind::Token, hash).await?,
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
    let grants = grants(&txn, user).await?;
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

/// All that a person may see, as it now is.
pub(crate) async fn grants<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Grants, Error> {
    let organizations = person::memberships(connection, user).await?;
    let shared = db::share::of_user(connection, user).await?;
    Ok(Grants {
        organizations: organizations
            .into_iter()
            .filter_map(|row| {
                Some(OrganizationGrant {
                    organization_id: OrganizationId::from_uuid(row.organization_id),
                    role: Role::from_word(&row.role)?,
                })
            })
            .collect(),
        clusters: shared
            .into_iter()
            .map(|(cluster_id, until)| ClusterGrant {
                cluster_id,
                until: until.map(Into::into),
            })
            .collect(),
    })
}

async fn live(
    app: &App,
    txn: &sea_orm::DatabaseTransaction,
    purpose: Purpose,
    jwt: &str,
) -> Result<Option<db::session::LiveRow>, Error> {
    let Some((user, session)) = app.keys.read_jwt(purpose, jwt) else {
        return Ok(None);
    };
    let row = db::session::live_by_id(txn, session).await?;
    Ok(row.filter(|row| row.user_id == user.uuid()))
}
