//! People: register, log in, refresh, log out.

use std::net::IpAddr;

use api::{
    FieldError,
    auth::{Login, Me, Membership, Register, StreamToken, Tokens, User, Workspace},
};
use domain::{Action, Code, OrganizationId, Role, SessionId, UserId, WorkspaceId, limits};
use sea_orm::{DatabaseTransaction, SqlErr, TransactionTrait};
use uuid::Uuid;

use super::{Error, audit, authorize::Actor, events};
use crate::{
    config::Registration,
    crypto::token::{self, ACCESS_SECS, Purpose, STREAM_SECS},
    db::{
        self,
        person::{self, UserRow},
    },
    state::App,
};

fn public(row: &UserRow) -> User {
    User {
        id: UserId::from_uuid(row.id),
        email: row.email.clone(),
        name: row.name.clone(),
        is_admin: row.is_admin,
        created_at: row.created_at.into(),
    }
}

pub(crate) async fn register(app: &App, wanted: Register) -> Result<User, Error> {
    if app.options.registration() != Registration::Open {
        return Err(Error::with_fix(
            Code::Forbidden,
            "Registration is not open on this installation.",
            "Ask its administrator for an invitation.",
        ));
    }
    let email = wanted.email.trim().to_lowercase();
    let name = wanted
        .name
        .unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    check(&email, &name, &wanted.password)?;
    let hash = app
        .passwords
        .hash(wanted.password)
        .await?
        .map_err(|error| Error::Internal(error.into()))?;
    let txn = app.people.begin().await?;
    let user = UserId::from_uuid(Uuid::now_v7());
    let new = person::NewUser {
        id: user,
        email: &email,
        name: name.trim(),
        password_hash: &hash,
    };
    let row = person::insert_user(&txn, new)
        .await
        .map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Error::with_fix(
                Code::NameTaken,
                "This e-mail address is registered already.",
                "Log in, or use another address.",
            ),
            _ => error.into(),
        })?;
    let organization = OrganizationId::from_uuid(Uuid::now_v7());
    let workspace = WorkspaceId::from_uuid(Uuid::now_v7());
    person::insert_personal(&txn, user, organization, workspace, name.trim()).await?;
    txn.commit().await?;
    tracing::info!(%user, "registered");
    Ok(public(&row))
}

fn check(email: &str, name: &str, password: &str) -> Result<(), Error> {
    let errors: Vec<FieldError> = [
        ("/email", limits::check_email(email)),
        ("/name", limits::check_person_name(name)),
        ("/password", limits::check_password(password)),
    ]
    .into_iter()
    .filter_map(|(pointer, result)| {
        Some(FieldError {
            pointer: pointer.into(),
            detail: result.err()?,
        })
    })
    .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// The person these credentials belong to; one wording for every way to be wrong.
async fn verify(app: &App, login: Login, from: Option<IpAddr>) -> Result<UserRow, Error> {
    let email = login.email.trim().to_lowercase();
    app.limits.login(from, &email)?;
    let known = person::by_email(&app.people, &email).await?;
    let hash = known.as_ref().map(|row| row.password_hash.clone());
    // An over-long password is never anybody's, and is not worth hashing.
    let long = login.password.chars().count() > limits::PASSWORD_MAX;
    let password = if long { String::new() } else { login.password };
    let known = match (app.passwords.verify(password, hash).await?, known) {
        (true, Some(row)) => Ok(row),
        (false, Some(row)) => Err(Some(UserId::from_uuid(row.id))),
        (_, None) => Err(None),
    };
    let (user, code) = match &known {
        Ok(row) => (Some(UserId::from_uuid(row.id)), None),
        Err(user) => (*user, Some(Code::Unauthenticated)),
    };
    let tried: String = email.chars().take(limits::EMAIL_MAX).collect();
    audit::outside(&app.people, "login", (user, &tried), from, code).await?;
    known.map_err(|_| {
        Error::with_fix(
            Code::Unauthenticated,
            "E-mail address and password do not belong together.",
            "Check both, or register first.",
        )
    })
}

/// A browser's login: the user, and the value of its cookie.
pub(crate) async fn browser(
    app: &App,
    login: Login,
    from: Option<IpAddr>,
) -> Result<(User, String), Error> {
    let row = verify(app, login, from).await?;
    let (value, hash) = token::cookie()?;
    let session = SessionId::from_uuid(Uuid::now_v7());
    db::session::insert_browser(&app.people, session, UserId::from_uuid(row.id), hash).await?;
    tracing::info!(user = %UserId::from_uuid(row.id), %session, "logged in");
    Ok((public(&row), value))
}

/// A machine's login.
pub(crate) async fn machine(
    app: &App,
    login: Login,
    from: Option<IpAddr>,
) -> Result<Tokens, Error> {
    let row = verify(app, login, from).await?;
    let session = SessionId::from_uuid(Uuid::now_v7());
    let user = UserId::from_uuid(row.id);
    db::session::insert_machine(&app.people, session, user).await?;
    tracing::info!(%user, %session, "logged in");
    tokens(app, user, session, 0)
}

fn tokens(app: &App, user: UserId, session: SessionId, n: u64) -> Result<Tokens, Error> {
    Ok(Tokens {
        access_token: app.keys.jwt(Purpose::Access, user, session)?,
        token_type: "bearer".into(),
        expires_in: ACCESS_SECS,
        refresh_token: app.keys.refresh_token(session, n),
    })
}

/// The next tokens of a family. The one before the current is answered the same again for 10 s (its
/// answer may have been lost); anything older was stolen or copied, and ends the family.
pub(crate) async fn refresh(app: &App, refresh_token: &str) -> Result<Tokens, Error> {
    let (family, n) = app
        .keys
        .read_refresh_token(refresh_token)
        .ok_or_else(Error::unauthenticated)?;
    let txn = app.people.begin().await?;
    let row = db::session::lock_family(&txn, family)
        .await?
        .filter(|row| row.live)
        .ok_or_else(Error::unauthenticated)?;
    let user = UserId::from_uuid(row.user_id);
    let current = row.refresh_n.unsigned_abs();
    if n == current {
        db::session::rotate(&txn, family).await?;
        txn.commit().await?;
        return tokens(app, user, family, current + 1);
    }
    if n + 1 == current && row.just_rotated {
        return tokens(app, user, family, current);
    }
    end_session(&txn, user, family).await?;
    txn.commit().await?;
    app.appended.notify_one();
    tracing::warn!(%user, session = %family, "a refresh token was used twice: its login is ended");
    Err(Error::unauthenticated())
}

async fn end_session(
    txn: &DatabaseTransaction,
    user: UserId,
    session: SessionId,
) -> Result<(), Error> {
    if db::session::revoke(txn, session).await? {
        events::session_ended(txn, user, session).await?;
    }
    Ok(())
}

pub(crate) async fn logout(app: &App, actor: &Actor) -> Result<(), Error> {
    let txn = app.people.begin().await?;
    end_session(&txn, actor.user, actor.session).await?;
    txn.commit().await?;
    app.appended.notify_one();
    tracing::info!(user = %actor.user, session = %actor.session, "logged out");
    Ok(())
}

pub(crate) fn stream_token(app: &App, actor: &Actor) -> Result<StreamToken, Error> {
    let token = app.keys.jwt(Purpose::Stream, actor.user, actor.session)?;
    Ok(StreamToken {
        token,
        expires_in: STREAM_SECS,
    })
}

pub(crate) async fn me(app: &App, actor: &Actor) -> Result<Me, Error> {
    let user = person::by_id(&app.people, actor.user)
        .await?
        .ok_or_else(Error::unauthenticated)?;
    let organizations = person::memberships(&app.people, actor.user).await?;
    let workspaces = db::workspace::list_for(&app.people, actor.user, None).await?;
    Ok(Me {
        user: public(&user),
        session_id: actor.session,
        organizations: organizations
            .into_iter()
            .filter_map(|row| {
                let role = Role::from_word(&row.role)?;
                Some(Membership {
                    organization_id: OrganizationId::from_uuid(row.organization_id),
                    role,
                    actions: Action::of(role),
                    name: row.name,
                    personal: row.personal,
                })
            })
            .collect(),
        workspaces: workspaces
            .into_iter()
            .map(|row| Workspace {
                id: row.id(),
                organization_id: row.organization(),
                name: row.name,
            })
            .collect(),
        isolation: app.options.isolation.clone(),
    })
}

/// A new password; every login of that person ends.
pub(crate) async fn reset_password(app: &App, email: &str, password: String) -> Result<(), Error> {
    limits::check_password(&password).map_err(|detail| Error::invalid("/password", detail))?;
    let hash = app
        .passwords
        .hash(password)
        .await?
        .map_err(|error| Error::Internal(error.into()))?;
    let txn = app.people.begin().await?;
    let row = person::by_email(&txn, &email.to_lowercase())
        .await?
        .ok_or_else(Error::not_found)?;
    let user = UserId::from_uuid(row.id);
    person::set_password(&txn, user, &hash).await?;
    for session in db::session::revoke_all(&txn, user).await? {
        events::session_ended(&txn, user, session).await?;
    }
    txn.commit().await?;
    Ok(())
}
