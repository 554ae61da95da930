//! Somebody came from a provider of identities: who they are here. Known by issuer and subject alone; an
//! address never makes anybody somebody who is here already.

use std::net::IpAddr;

use api::auth::oidc::RefusedLogin;
use domain::{Address, Code, InvitationId, OrganizationId, SessionId, UserId};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use uuid::Uuid;

use crate::{
    crypto::token,
    kernel::{
        audit,
        error::Error,
        person,
        session::{self, Kind},
        state::App,
    },
    openid::provider::{Client, Provider},
    people::{
        login,
        oidc::{
            self,
            ended::{Back, Ended},
            exchange::Who,
            sql::{FlowRow, Somebody},
        },
    },
    tenancy::invitation,
};

/// Accounts of providers that one person may connect.
const IDENTITIES_MAX: usize = 10;

fn somebody<'a>(provider: &'a Provider, who: &'a Who) -> Somebody<'a> {
    Somebody {
        provider: &provider.id,
        issuer: &provider.issuer,
        subject: &who.subject,
        email: who.email.as_ref(),
    }
}

/// The provider's rule, at each login: whoever left the domain comes in no more.
fn lets_in(client: &Client, who: &Who) -> Result<(), RefusedLogin> {
    match (
        client.lets_in(who.email.as_ref().map(Address::as_str)),
        &who.email,
    ) {
        (true, _) => Ok(()),
        (false, Some(_)) => Err(RefusedLogin::OtherDomain),
        (false, None) => Err(RefusedLogin::Unverified),
    }
}

/// A login of a browser.
pub(crate) async fn log_in(
    app: &App,
    (provider, client): (&Provider, &Client),
    who: &Who,
    flow: &FlowRow,
    from: Option<IpAddr>,
) -> Result<Back, Ended> {
    let done = enter(app, (provider, client), who, flow, from).await;
    if let Err(Ended::Refused(_)) = &done {
        let email = who.email.as_ref().map_or("", Address::as_str);
        let refused = Some(Code::Forbidden);
        audit::outside(&app.people, &action(provider), (None, email), from, refused).await?;
    }
    done
}

/// The provider is named by the action: `login.acme`.
fn action(provider: &Provider) -> String {
    format!("login.{}", provider.id)
}

async fn enter(
    app: &App,
    (provider, client): (&Provider, &Client),
    who: &Who,
    flow: &FlowRow,
    from: Option<IpAddr>,
) -> Result<Back, Ended> {
    lets_in(client, who)?;
    // Asked before the transaction, so that nobody holds one connection and waits for another.
    let may = login::may_register(app, flow.invitation().is_some(), from).await;
    let txn = app.people.begin().await?;
    oidc::sql::lock(&txn, &provider.issuer, &who.subject).await?;
    let somebody = somebody(provider, who);
    let mut page = flow.next.clone();
    let (user, identity) = match oidc::sql::used(&txn, &somebody).await? {
        Some(row) => (row.user(), row.id()),
        None => {
            let user = newcomer(&txn, who, may, from).await?;
            if let Some(invitation) = flow.invitation() {
                // Taken: there is nothing left to do on its own page.
                page = format!(
                    "/organizations/{}",
                    joined(app, &txn, invitation, user).await?
                );
            }
            (user, oidc::sql::insert(&txn, user, &somebody).await?)
        }
    };
    let (value, hash) = token::cookie().map_err(Error::from)?;
    let session = SessionId::from_uuid(Uuid::now_v7());
    session::insert_browser(&txn, session, user, hash, from).await?;
    oidc::sql::began(&txn, identity, session).await?;
    let email = who.email.as_ref().map_or("", Address::as_str);
    audit::outside(&txn, &action(provider), (Some(user), email), from, None).await?;
    txn.commit().await?;
    app.appended.notify_one();
    tracing::info!(%user, %session, provider = provider.id, "logged in by a provider");
    Ok(Back {
        page,
        cookie: Some(value),
    })
}

/// Somebody whom nobody here knows: they register, if they may.
async fn newcomer(
    txn: &DatabaseTransaction,
    who: &Who,
    may: Result<(), Error>,
    from: Option<IpAddr>,
) -> Result<UserId, Ended> {
    match may {
        Err(Error::Refused(reason)) if reason.code == Code::Forbidden => {
            return Err(RefusedLogin::Closed.into());
        }
        other => other?,
    }
    let email = who.email.as_ref().ok_or(RefusedLogin::Unverified)?;
    if person::by_email(txn, email).await?.is_some() {
        return Err(RefusedLogin::EmailTaken.into());
    }
    let name = who.name.clone().unwrap_or_else(|| email.name());
    let row = match login::make(txn, (email, &name, ""), from).await {
        Err(Error::Refused(reason)) if reason.code == Code::NameTaken => {
            return Err(RefusedLogin::EmailTaken.into());
        }
        other => other?,
    };
    Ok(UserId::from_uuid(row.id))
}

/// A newcomer is a member at once, by the invitation they came with.
async fn joined(
    app: &App,
    txn: &DatabaseTransaction,
    invitation: InvitationId,
    user: UserId,
) -> Result<OrganizationId, Ended> {
    match invitation::take(app, txn, invitation, user).await {
        Err(Error::Refused(_)) => Err(RefusedLogin::Invitation.into()),
        other => Ok(other?),
    }
}

/// Connects an identity to the login that asked for it, in the browser that holds that login.
pub(crate) async fn connect(
    app: &App,
    (provider, client): (&Provider, &Client),
    who: &Who,
    (session, cookie): (SessionId, Option<&str>),
    from: Option<IpAddr>,
) -> Result<Back, Ended> {
    lets_in(client, who)?;
    let hash = cookie.map(token::cookie_hash).ok_or(RefusedLogin::Stale)?;
    let live = session::live_by_hash(&app.people, Kind::Browser, hash).await?;
    let live = live.filter(|row| row.id == session.uuid());
    let user = live
        .map(|row| UserId::from_uuid(row.user_id))
        .ok_or(RefusedLogin::Stale)?;
    let txn = app.people.begin().await?;
    let somebody = somebody(provider, who);
    oidc::sql::lock(&txn, somebody.issuer, somebody.subject).await?;
    match oidc::sql::used(&txn, &somebody).await? {
        Some(row) if row.user() != user => return Err(RefusedLogin::IdentityTaken.into()),
        Some(_) => {}
        None => {
            person::lock(&txn, user).await?;
            if oidc::sql::list(&txn, user).await?.len() >= IDENTITIES_MAX {
                return Err(Error::with_fix(
                    Code::QuotaExceeded,
                    format!("You have connected {IDENTITIES_MAX} accounts, the maximum."),
                    "Disconnect one you no longer use.",
                )
                .into());
            }
            oidc::sql::insert(&txn, user, &somebody).await?;
        }
    }
    let email = who.email.as_ref().map_or("", Address::as_str);
    audit::outside(&txn, "connect_identity", (Some(user), email), from, None).await?;
    txn.commit().await?;
    app.appended.notify_one();
    Ok(Back {
        page: format!("/profile?connected={}", provider.id),
        cookie: None,
    })
}
