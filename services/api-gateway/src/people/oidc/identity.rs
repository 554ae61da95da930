//! The accounts of providers that somebody connected to their own.

use api::{Page, auth::oidc::Identity};
use domain::{Code, IdentityId};

use crate::{
    crypto::flow::Browser,
    kernel::{
        actor::Actor,
        error::Error,
        grants,
        idempotency::{Repeat, once},
        person,
        state::App,
    },
    people::oidc::{
        self,
        flow::{self, Begun, Wish},
    },
};

pub(crate) async fn list(app: &App, actor: &Actor) -> Result<Page<Identity>, Error> {
    let rows = oidc::sql::list(&app.people, actor.user).await?;
    Ok(Page {
        items: rows.iter().map(|row| row.public()).collect(),
        next_cursor: None,
    })
}

/// Sends the actor to a provider; whoever they are there is connected when they come back.
pub(crate) async fn connect(
    app: &App,
    actor: &Actor,
    provider: &str,
    browser: Option<Browser>,
) -> Result<Begun, Error> {
    let wish = Wish {
        link: Some(actor.session),
        ..Wish::default()
    };
    flow::begin(app, provider, wish, browser, actor.trail.address).await
}

/// Takes an identity away, and the logins that it began; the last way in stays.
pub(crate) async fn disconnect(app: &App, actor: &Actor, id: IdentityId) -> Result<(), Error> {
    let issuers = app.providers.login_issuers();
    once(app, actor, &Repeat::default(), async |txn| {
        // Locked, so that two at once do not both leave the other as the last.
        person::lock(txn, actor.user).await?;
        let all = oidc::sql::list(txn, actor.user).await?;
        if !all.iter().any(|row| row.id() == id) {
            return Err(Error::not_found());
        }
        let person = person::by_id(txn, actor.user).await?;
        let password = person.is_some_and(|row| row.has_password());
        let others = all.iter().filter(|row| row.id() != id);
        if !password && !others.into_iter().any(|row| row.is_by(&issuers)) {
            return Err(Error::with_fix(
                Code::WrongStatus,
                "This is your only way to log in.",
                "Set a password or connect another account first.",
            ));
        }
        for session in oidc::sql::end_logins(txn, id).await? {
            grants::session_ended(txn, actor.user, session).await?;
        }
        match oidc::sql::delete(txn, actor.user, id).await? {
            true => Ok(()),
            false => Err(Error::not_found()),
        }
    })
    .await
}
