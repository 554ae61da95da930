//! One's own account: the logins it has, its name, address and password, its end.

pub(crate) mod http;

use std::net::IpAddr;

use api::{
    Page, Secret,
    auth::{
        User,
        account::{ChangeAccount, ChangePassword, ResetLink, ResetPassword, Session},
    },
};
use domain::{Address, Code, Name, OrganizationId, Role, SessionId, UserId, Verb, limits};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use uuid::Uuid;

use crate::{
    clusters::{
        cluster,
        transition::{self, Cause},
    },
    crypto::link::Link,
    kernel::{
        actor::Actor,
        audit, authorize,
        error::{Error, Fields},
        grants,
        idempotency::{Repeat, once},
        person, session,
        state::App,
        tenant,
    },
    people::login::{self, hashed, public},
    tenancy::{member, share},
};

/// Hours a reset link is good for.
const RESET_HOURS: u32 = 24;
/// Minutes for which a login that has begun stands for a password that somebody does not have.
const JUST_NOW_MINUTES: u32 = 10;

pub(crate) async fn sessions(app: &App, actor: &Actor) -> Result<Page<Session>, Error> {
    let rows = session::list(&app.people, actor.user).await?;
    Ok(Page {
        items: rows.iter().map(|row| row.public(actor.session)).collect(),
        next_cursor: None,
    })
}

/// Ends one login of the actor's.
pub(crate) async fn end_session(app: &App, actor: &Actor, id: SessionId) -> Result<(), Error> {
    once(app, actor, &Repeat::default(), async |txn| {
        if !session::revoke_own(txn, actor.user, id, false).await? {
            return Err(Error::not_found());
        }
        Ok(grants::session_ended(txn, actor.user, id).await?)
    })
    .await
}

/// Ends every login of the actor's, this one too; API tokens go on.
pub(crate) async fn end_sessions(app: &App, actor: &Actor) -> Result<(), Error> {
    once(app, actor, &Repeat::default(), async |txn| {
        end_logins(txn, actor.user, None).await
    })
    .await
}

async fn end_logins(
    txn: &DatabaseTransaction,
    user: UserId,
    keep: Option<SessionId>,
) -> Result<(), Error> {
    for session in session::revoke_logins(txn, user, keep).await? {
        grants::session_ended(txn, user, session).await?;
    }
    Ok(())
}

/// Ends everything a person is known by, API tokens too.
pub(crate) async fn end_everything(txn: &DatabaseTransaction, user: UserId) -> Result<(), Error> {
    for session in session::revoke_all(txn, user).await? {
        grants::session_ended(txn, user, session).await?;
    }
    Ok(())
}

/// The password once more, for what a login that was left open must not do.
async fn again(app: &App, actor: &Actor, password: Secret) -> Result<person::UserRow, Error> {
    let row = person::by_id(&app.people, actor.user)
        .await?
        .ok_or_else(Error::unauthenticated)?;
    app.limits.login(actor.trail.address, &row.email)?;
    if !row.has_password() {
        return just_now(app, actor).await.map(|()| row);
    }
    let hash = Some(row.password_hash.clone());
    let slot = app.passwords.slot().await?;
    match app.passwords.verify(&slot, password, hash).await? {
        true => Ok(row),
        false => Err(Error::invalid("/password", "incorrect password")),
    }
}

/// Whoever has no password shows who they are by a login that has just begun.
async fn just_now(app: &App, actor: &Actor) -> Result<(), Error> {
    match session::began_within(&app.people, actor.session, JUST_NOW_MINUTES).await? {
        true => Ok(()),
        false => Err(Error::with_fix(
            Code::Forbidden,
            format!(
                "You have no password, and you logged in more than {JUST_NOW_MINUTES} minutes ago."
            ),
            "Log out, log in again and retry.",
        )),
    }
}

/// A new password; the actor's other logins end.
pub(crate) async fn change_password(
    app: &App,
    actor: &Actor,
    wanted: ChangePassword,
) -> Result<(), Error> {
    limits::check_password(wanted.new_password.expose())
        .map_err(|detail| Error::invalid("/new_password", detail))?;
    again(app, actor, wanted.password).await?;
    let hash = hashed(app, wanted.new_password).await?;
    once(app, actor, &Repeat::default(), async |txn| {
        person::set_password(txn, actor.user, &hash).await?;
        end_logins(txn, actor.user, Some(actor.session)).await
    })
    .await
}

/// Another name or address; the address wants the password.
pub(crate) async fn change(app: &App, actor: &Actor, wanted: ChangeAccount) -> Result<User, Error> {
    let mut fields = Fields::default();
    let (name, email) = (wanted.name, wanted.email);
    let name = name.and_then(|name| fields.read("/name", Name::read(&name)));
    let email = email.and_then(|email| fields.read("/email", Address::read(&email)));
    let (name, email) = fields.good(Some((name, email)))?;
    if email.is_some() {
        again(app, actor, wanted.password.unwrap_or_default()).await?;
    }
    once(app, actor, &Repeat::default(), async |txn| {
        let changed = person::change(txn, actor.user, name.as_ref(), email.as_ref()).await;
        let row = changed
            .map_err(login::taken)?
            .ok_or_else(Error::not_found)?;
        Ok(public(&row))
    })
    .await
}

/// The end of an account. Personal clusters are deleted like any others; what was done stays in the
/// audit with the address it was done under, as an audit that names nobody proves nothing.
pub(crate) async fn delete(app: &App, actor: &Actor, password: Secret) -> Result<(), Error> {
    let row = again(app, actor, password).await?;
    actor.trail.known_as(row.email);
    once(app, actor, &Repeat::default(), async |txn| {
        leave_shared(txn, actor).await?;
        let own = tenant::sql::find_for(txn, actor.user, None).await?;
        let own = own.map(|row| row.id());
        let mut guests = Vec::new();
        if let Some(own) = own {
            tenant::sql::lock(txn, own).await?;
            guests = share::end_all(txn, own).await?;
        }
        grants::lock(txn, &[&[actor.user], guests.as_slice()].concat()).await?;
        alone(txn, actor).await?;
        if actor.is_admin && !person::another_admin(txn, actor.user).await? {
            return Err(Error::with_fix(
                Code::WrongStatus,
                "You are the only administrator of this installation.",
                "Promote another administrator first: `api-gateway admin promote EMAIL`.",
            ));
        }
        // From here on in the log they see nothing of it: not even how its clusters go.
        grants::changed(txn, &guests).await?;
        for cluster in cluster::sql::live_in_personal(txn, actor.user).await? {
            transition::apply(txn, cluster, Verb::Delete, Cause::by(actor.user)).await?;
        }
        if let Some(own) = own {
            tenant::sql::dissolve(txn, own).await?;
        }
        end_everything(txn, actor.user).await?;
        person::forget(txn, actor.user).await?;
        grants::changed(txn, &[actor.user]).await
    })
    .await
}

/// Leaves every organization but one's own; refused where nobody would be its owner.
async fn leave_shared(txn: &DatabaseTransaction, actor: &Actor) -> Result<(), Error> {
    let all = person::memberships(txn, actor.user).await?;
    for row in all.iter().filter(|row| !row.personal) {
        let id = OrganizationId::from_uuid(row.organization_id);
        tenant::sql::lock(txn, id).await?;
        let owner = row.role.0 == Role::Owner;
        if owner && member::sql::owners(txn, id).await? < 2 {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("You are the last owner of organization {}.", row.name),
                "Transfer ownership or delete the organization, then try again.",
            ));
        }
        member::sql::remove(txn, id, actor.user).await?;
        tenant::changed(txn, id).await?;
    }
    Ok(())
}

/// Nobody came to be let in somewhere between: what holds organizations is locked before people.
async fn alone(txn: &DatabaseTransaction, actor: &Actor) -> Result<(), Error> {
    let all = person::memberships(txn, actor.user).await?;
    match all.iter().all(|row| row.personal) {
        true => Ok(()),
        false => Err(Error::new(
            Code::Unavailable,
            "You have just joined another organization.",
        )),
    }
}

/// A link with which somebody chooses a new password; the ones before it are good no more.
pub(crate) async fn reset_link(app: &App, actor: &Actor, email: &str) -> Result<ResetLink, Error> {
    authorize::installation(actor)?;
    let email = Address::of(email);
    let id = Uuid::now_v7();
    let expires_at = once(app, actor, &Repeat::default(), async |txn| {
        let row = person::by_email(txn, &email).await?.ok_or_else(nobody)?;
        let user = UserId::from_uuid(row.id);
        actor.trail.note(serde_json::json!({ "user": user }));
        let expires_at = person::insert_reset(txn, id, user, actor.user, RESET_HOURS).await?;
        Ok(api::Timestamp::from(expires_at))
    })
    .await?;
    let token = app.keys.link(Link::Reset, id);
    Ok(ResetLink {
        url: app.options.page("reset", &token),
        token,
        expires_at,
    })
}

/// A new password by a reset link. Whoever had the account may not have been its owner: everything it
/// is known by ends.
pub(crate) async fn reset(
    app: &App,
    wanted: ResetPassword,
    from: Option<IpAddr>,
) -> Result<(), Error> {
    limits::check_password(wanted.new_password.expose())
        .map_err(|detail| Error::invalid("/new_password", detail))?;
    let id = app
        .keys
        .read_link(Link::Reset, &wanted.token)
        .ok_or_else(not_good)?;
    let hash = hashed(app, wanted.new_password).await?;
    let txn = app.people.begin().await?;
    let user = person::use_reset(&txn, id).await?.ok_or_else(not_good)?;
    let row = person::by_id(&txn, user).await?.ok_or_else(not_good)?;
    person::set_password(&txn, user, &hash).await?;
    end_everything(&txn, user).await?;
    let who = (Some(user), row.email.as_str());
    audit::outside(&txn, "reset_password", who, from, None).await?;
    txn.commit().await?;
    app.appended.notify_one();
    Ok(())
}

/// For an address that an administrator or an operator names.
pub(crate) fn nobody() -> Error {
    Error::with_fix(
        Code::NotFound,
        "No one is registered with this address.",
        "Check the address.",
    )
}

/// The same for a token that never was, one that was used and one too old.
fn not_good() -> Error {
    Error::with_fix(
        Code::NotFound,
        "This link is invalid or has expired.",
        "Ask your administrator for a new link.",
    )
}
