//! People: register, log in, refresh, log out.

pub(crate) mod http;

use std::net::IpAddr;

use api::{
    Secret,
    auth::{Login, Me, Membership, Register, StreamToken, Tokens, User, Workspace},
};
use domain::{Action, Address, Code, Name, OrganizationId, SessionId, UserId, WorkspaceId, limits};
use sea_orm::{DatabaseTransaction, SqlErr, TransactionTrait};
use uuid::Uuid;

use crate::{
    clusters::workspace,
    config::Registration,
    crypto::token::{self, ACCESS_SECS, Purpose, STREAM_SECS},
    kernel::{
        actor::Actor,
        audit,
        error::{Error, Fields},
        grants,
        person::{self, UserRow},
        session,
        state::App,
    },
    tenancy::invitation,
};

pub(crate) fn public(row: &UserRow) -> User {
    User {
        id: UserId::from_uuid(row.id),
        email: row.email.clone(),
        name: row.name.clone(),
        is_admin: row.is_admin,
        created_at: row.created_at.into(),
    }
}

pub(crate) async fn register(
    app: &App,
    wanted: Register,
    from: Option<IpAddr>,
) -> Result<User, Error> {
    let invitation = wanted.invitation.as_ref();
    let invitation = invitation
        .map(|token| invitation::read(app, token))
        .transpose()?;
    may_register(app, invitation.is_some(), from).await?;
    let (email, name) = check(&wanted)?;
    let hash = hashed(app, wanted.password).await?;
    let txn = app.people.begin().await?;
    let row = make(&txn, (&email, &name, &hash), from).await?;
    if let Some(id) = invitation {
        invitation::take(app, &txn, id, UserId::from_uuid(row.id)).await?;
    }
    txn.commit().await?;
    app.appended.notify_one();
    Ok(public(&row))
}

/// A new person, with the organization that is theirs alone.
pub(crate) async fn make(
    txn: &DatabaseTransaction,
    (email, name, password_hash): (&Address, &Name, &str),
    from: Option<IpAddr>,
) -> Result<UserRow, Error> {
    let user = UserId::from_uuid(Uuid::now_v7());
    let new = person::NewUser {
        id: user,
        email,
        name,
        password_hash,
    };
    let row = person::insert_user(txn, new).await.map_err(taken)?;
    let organization = OrganizationId::from_uuid(Uuid::now_v7());
    let workspace = WorkspaceId::from_uuid(Uuid::now_v7());
    person::insert_personal(txn, user, organization, workspace, name).await?;
    audit::outside(txn, "register", (Some(user), email.as_str()), from, None).await?;
    tracing::info!(%user, "registers");
    Ok(row)
}

/// Whether somebody may register now. The first of all, who will look after the installation, may from
/// its own machine whatever is set; only who is there has an address of the loopback.
pub(crate) async fn may_register(
    app: &App,
    invited: bool,
    from: Option<IpAddr>,
) -> Result<(), Error> {
    let refused = match app.options.registration() {
        Registration::Open => return Ok(()),
        Registration::Invitation if invited => return Ok(()),
        Registration::Invitation => "You need an invitation to register on this installation.",
        Registration::Closed => "Registration is closed on this installation.",
    };
    if from.is_some_and(|from| from.is_loopback()) && !person::anybody(&app.people).await? {
        return Ok(());
    }
    Err(Error::with_fix(
        Code::Forbidden,
        refused,
        "Ask a member for an invitation and open its link.",
    ))
}

/// The hash of a new password.
pub(crate) async fn hashed(app: &App, password: Secret) -> Result<String, Error> {
    let hash = app.passwords.hash(password).await?;
    hash.map_err(|error| Error::Internal(error.into()))
}

/// The address and the name of who wants to register: the name is made of the address where none is given.
fn check(wanted: &Register) -> Result<(Address, Name), Error> {
    let mut fields = Fields::default();
    let email = fields.read("/email", Address::read(&wanted.email));
    let name = wanted.name.as_deref();
    let name = name.map_or_else(|| Ok(Address::of(&wanted.email).name()), Name::read);
    let name = fields.read("/name", name);
    fields.read(
        "/password",
        limits::check_password(wanted.password.expose()),
    );
    fields.good(email.zip(name))
}

/// The person these credentials belong to; one wording for every way to be wrong.
async fn verify(app: &App, login: Login, from: Option<IpAddr>) -> Result<UserRow, Error> {
    let email = Address::of(&login.email);
    app.limits.login(from, email.as_str())?;
    // Before the database is asked: a flood of logins holds none of its connections.
    let slot = app.passwords.slot().await?;
    let known = person::by_email(&app.people, &email).await?;
    // Whoever has no password takes as long as whoever is not known.
    let hash = known.as_ref().filter(|row| row.has_password());
    let hash = hash.map(|row| row.password_hash.clone());
    let good = app.passwords.verify(&slot, login.password, hash).await?;
    let known = match (good, known) {
        (true, Some(row)) => Ok(row),
        (false, Some(row)) => Err(Some(UserId::from_uuid(row.id))),
        (_, None) => Err(None),
    };
    let (user, code) = match &known {
        Ok(row) => (Some(UserId::from_uuid(row.id)), None),
        Err(user) => (*user, Some(Code::Unauthenticated)),
    };
    audit::outside(&app.people, "login", (user, email.as_str()), from, code).await?;
    known.map_err(|_| {
        Error::with_fix(
            Code::Unauthenticated,
            "Incorrect email or password.",
            "Check both, or register first.",
        )
    })
}

/// A browser's login: the user, and the value of its cookie.
pub(crate) async fn browser(
    app: &App,
    login: Login,
    from: Option<IpAddr>,
) -> Result<(User, Secret), Error> {
    let row = verify(app, login, from).await?;
    let (value, hash) = token::cookie()?;
    let session = SessionId::from_uuid(Uuid::now_v7());
    session::insert_browser(&app.people, session, UserId::from_uuid(row.id), hash, from).await?;
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
    session::insert_machine(&app.people, session, user, from).await?;
    tracing::info!(%user, %session, "logged in");
    tokens(app, user, session, 0)
}

pub(crate) fn tokens(app: &App, user: UserId, session: SessionId, n: u64) -> Result<Tokens, Error> {
    Ok(Tokens {
        access_token: app.keys.jwt(Purpose::Access, user, session)?,
        token_type: "bearer".into(),
        expires_in: ACCESS_SECS,
        refresh_token: Some(app.keys.refresh_token(session, n)),
        issued_token_type: None,
    })
}

/// The next tokens of a family. The one before the current is answered the same again for 10 s (its
/// answer may have been lost); anything older was stolen or copied, and ends the family.
pub(crate) async fn refresh(
    app: &App,
    refresh_token: &Secret,
    from: Option<IpAddr>,
) -> Result<Tokens, Error> {
    let (family, n) = app
        .keys
        .read_refresh_token(refresh_token.expose())
        .ok_or_else(Error::unauthenticated)?;
    let txn = app.people.begin().await?;
    let row = session::lock_family(&txn, family)
        .await?
        .filter(|row| row.live)
        .ok_or_else(Error::unauthenticated)?;
    let user = UserId::from_uuid(row.user_id);
    let current = row.refresh_n.unsigned_abs();
    if n == current {
        session::rotate(&txn, family).await?;
        txn.commit().await?;
        return tokens(app, user, family, current + 1);
    }
    if n + 1 == current && row.just_rotated {
        return tokens(app, user, family, current);
    }
    end_session(&txn, user, family).await?;
    let known = person::by_id(&txn, user).await?;
    let email = known.map(|row| row.email).unwrap_or_default();
    let code = Some(Code::Unauthenticated);
    audit::outside(
        &txn,
        "refresh_token.reused",
        (Some(user), &email),
        from,
        code,
    )
    .await?;
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
    if session::revoke(txn, session).await? {
        grants::session_ended(txn, user, session).await?;
    }
    Ok(())
}

/// Ends the login that asks. Programs share an API token: none of them ends it for the others.
pub(crate) async fn logout(app: &App, actor: &Actor) -> Result<(), Error> {
    let txn = app.people.begin().await?;
    if session::is_api_token(&txn, actor.session).await? {
        return Err(Error::with_fix(
            Code::Forbidden,
            "An API token can't log out, and stays as it is.",
            "To end it for every program that uses it, revoke it: labyard token revoke",
        ));
    }
    end_session(&txn, actor.user, actor.session).await?;
    audit::allowed(&txn, actor).await?;
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
    let workspaces = workspace::sql::list_for(&app.people, actor.user, None).await?;
    Ok(Me {
        user: public(&user),
        session_id: actor.session,
        organizations: organizations
            .into_iter()
            .filter(|row| actor.reaches(Some(row.organization_id)))
            .map(|row| {
                let role = row.role.0;
                Membership {
                    organization_id: OrganizationId::from_uuid(row.organization_id),
                    role,
                    actions: Action::of(role),
                    name: row.name,
                    personal: row.personal,
                }
            })
            .collect(),
        workspaces: workspaces
            .into_iter()
            .filter(|row| actor.reaches(Some(row.organization_id)))
            .map(|row| Workspace {
                id: row.id(),
                organization_id: row.organization(),
                name: row.name,
            })
            .collect(),
        scope: actor.scope,
        has_password: user.has_password(),
        isolation: app.options.isolation.clone(),
    })
}

/// An address that is somebody's already.
pub(crate) fn taken(error: sea_orm::DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::with_fix(
            Code::NameTaken,
            "This email address is already registered.",
            "Log in, or use another address.",
        ),
        _ => error.into(),
    }
}
