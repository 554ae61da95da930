//! API tokens: what a person hands to a program instead of their login. A token may what its user may
//! now, as far as its scope goes; it makes no token and changes no account.

pub(crate) mod http;
pub(crate) mod sql;

use api::{
    Page,
    auth::account::{ApiToken, CreateApiToken, NewApiToken},
};
use domain::{Action, Code, Name, SessionId, limits};
use uuid::Uuid;

use crate::{
    crypto::secret,
    kernel::{
        actor::Actor,
        error::{Error, Fields},
        grants,
        idempotency::{Repeat, once},
        person, session,
        state::App,
        tenant,
    },
    people::token::sql::NewToken,
};

const DAYS_DEFAULT: u32 = 90;
const DAY_SECS: f64 = 86_400.0;

/// A repeat makes another token: the secret of the first is kept nowhere, so it cannot be told again.
pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    wanted: CreateApiToken,
) -> Result<NewApiToken, Error> {
    let days = wanted.days.unwrap_or(DAYS_DEFAULT);
    let name = check(&wanted, days)?;
    let minted = secret::mint()?;
    let api_token = once(app, actor, &Repeat::default(), async |txn| {
        if let Some(id) = wanted.scope.organization_id {
            tenant::permitted(txn, actor, Action::OrganizationRead, Some(id)).await?;
        }
        // Locked, so that two at once do not both take the last place.
        person::lock(txn, actor.user).await?;
        if sql::list(txn, actor.user).await?.len() >= limits::API_TOKENS_MAX {
            return Err(Error::with_fix(
                Code::QuotaExceeded,
                format!(
                    "You have {} API tokens, the maximum.",
                    limits::API_TOKENS_MAX
                ),
                "Revoke tokens you no longer need.",
            ));
        }
        let id = SessionId::from_uuid(Uuid::now_v7());
        actor
            .trail
            .note(serde_json::json!({ "token": id, "scope": wanted.scope }));
        let new = NewToken {
            user: actor.user,
            name: &name,
            prefix: &minted.prefix,
            hash: minted.hash,
            scope: wanted.scope,
            secs: f64::from(days) * DAY_SECS,
        };
        let row = sql::insert(txn, id, new).await?;
        Ok(row.public())
    })
    .await?;
    Ok(NewApiToken {
        api_token,
        token: minted.token,
    })
}

fn check(wanted: &CreateApiToken, days: u32) -> Result<Name, Error> {
    let mut fields = Fields::default();
    let name = fields.read("/name", Name::read(&wanted.name));
    let days = limits::check_range(days, 1, limits::API_TOKEN_DAYS_MAX);
    fields.read("/days", days);
    fields.good(name)
}

pub(crate) async fn list(app: &App, actor: &Actor) -> Result<Page<ApiToken>, Error> {
    let rows = sql::list(&app.people, actor.user).await?;
    Ok(Page {
        items: rows.iter().map(|row| row.public()).collect(),
        next_cursor: None,
    })
}

/// Ends a token of the actor's, and every stream it has open.
pub(crate) async fn revoke(app: &App, actor: &Actor, id: SessionId) -> Result<(), Error> {
    once(app, actor, &Repeat::default(), async |txn| {
        if !session::revoke_own(txn, actor.user, id, true).await? {
            return Err(Error::not_found());
        }
        Ok(grants::session_ended(txn, actor.user, id).await?)
    })
    .await
}
