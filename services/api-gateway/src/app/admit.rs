//! Admission of streams: who is this, what may they see, from which place in the log.

use api::{
    bus::{AdmitReply, AdmitRequest, Credential},
    event::{Grants, OrganizationGrant},
};
use domain::{OrganizationId, SessionId, UserId};
use sea_orm::{AccessMode, IsolationLevel, TransactionTrait};

use super::{Error, installation};
use crate::{
    crypto::token::{self, Purpose},
    db::{self, person},
    state::App,
};

/// Rights and cursor are of one snapshot: what changes later has a later position.
pub(crate) async fn admit(app: &App, request: AdmitRequest) -> Result<AdmitReply, Error> {
    let plain = app
        .keys
        .open
        .open(&request.credential)
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
            db::session::live_by_hash(&txn, token::cookie_hash(&value)).await?
        }
        Credential::Bearer(jwt) => live(app, &txn, Purpose::Access, &jwt).await?,
        Credential::Stream(jwt) => live(app, &txn, Purpose::Stream, &jwt).await?,
    };
    let row = live.ok_or_else(Error::unauthenticated)?;
    let user = UserId::from_uuid(row.user_id);
    let organizations = person::memberships(&txn, user).await?;
    txn.commit().await?;
    if let Some(seen) = request.seen {
        installation::compare_positions(app, seen, at).await?;
    }
    Ok(AdmitReply {
        user_id: user,
        session_id: SessionId::from_uuid(row.id),
        expires_at: row.expires_at.into(),
        grants: Grants {
            organizations: organizations
                .into_iter()
                .filter_map(|row| {
                    let role = person::role(&row.role)?;
                    Some(OrganizationGrant {
                        organization_id: OrganizationId::from_uuid(row.organization_id),
                        role,
                    })
                })
                .collect(),
            clusters: Vec::new(),
        },
        at,
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
