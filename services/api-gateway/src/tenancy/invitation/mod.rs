//! Invitations: a link that lets somebody into an organization.

pub(crate) mod http;
pub(crate) mod sql;

use api::{
    Page, Secret,
    organization::{CreateInvitation, Invitation, InvitationFor, NewInvitation, Organization},
};
use domain::{Action, Address, Code, InvitationId, OrganizationId, Role, UserId, limits};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    crypto::link::Link,
    kernel::{
        actor::Actor,
        error::{Error, Fields},
        grants,
        idempotency::{Repeat, once},
        page, person,
        state::App,
        tenant,
    },
    tenancy::{
        invitation::sql::InvitationRow,
        member,
        organization::{Hears, check_may_own},
    },
};

const DAYS_DEFAULT: u32 = 7;

pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    organization: OrganizationId,
    wanted: CreateInvitation,
) -> Result<NewInvitation, Error> {
    let (uses, days) = (
        wanted.uses.unwrap_or(1),
        wanted.days.unwrap_or(DAYS_DEFAULT),
    );
    let email = check(wanted.email.as_deref(), uses, days)?;
    let invitation: Invitation = once(app, actor, repeat, async |txn| {
        let change = Action::OrganizationChange;
        let row = tenant::permitted_locked(txn, actor, change, organization).await?;
        if row.personal {
            return Err(Error::with_fix(
                Code::WrongStatus,
                "You can't invite people to a personal organization.",
                "Create another organization, or share individual clusters.",
            ));
        }
        if !row.role().may_place(None, Some(wanted.role)) {
            return Err(Error::new(Code::Forbidden, "Only owners can add owners."));
        }
        let id = InvitationId::from_uuid(Uuid::now_v7());
        let new = sql::NewInvitation {
            id,
            organization,
            role: wanted.role,
            email: email.as_ref(),
            uses,
            days,
            created_by: actor.user,
        };
        sql::insert(txn, new).await?;
        actor
            .trail
            .note(serde_json::json!({ "invitation": id, "role": wanted.role }));
        shown(sql::good(txn, id).await?)
    })
    .await?;
    // The secret follows from the ID: it is in no table, and a repeat gets it too.
    let token = app.keys.link(Link::Invitation, invitation.id.uuid());
    Ok(NewInvitation {
        url: app.options.page("invitation", &token),
        invitation,
        token,
    })
}

fn shown(row: Option<InvitationRow>) -> Result<Invitation, Error> {
    row.and_then(|row| row.public()).ok_or_else(not_good)
}

fn check(email: Option<&str>, uses: u32, days: u32) -> Result<Option<Address>, Error> {
    let mut fields = Fields::default();
    let email = email.and_then(|email| fields.read("/email", Address::read(email)));
    let uses_fit = limits::check_range(uses, 1, limits::LINK_USES_MAX);
    fields.read("/uses", uses_fit);
    let days_fit = limits::check_range(days, 1, limits::INVITATION_DAYS_MAX);
    fields.read("/days", days_fit);
    if email.is_some() && uses > 1 {
        let several = "an invitation for one address has one use";
        fields.read::<()>("/uses", Err(several.into()));
    }
    fields.good(Some(email))
}

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    organization: OrganizationId,
    before: Option<InvitationId>,
    limit: u64,
) -> Result<Page<Invitation>, Error> {
    tenant::permitted(
        &app.people,
        actor,
        Action::OrganizationChange,
        Some(organization),
    )
    .await?;
    let rows = sql::list(&app.people, organization, before, page::rows(limit)).await?;
    let place = |row: &InvitationRow| row.id().to_string();
    Ok(page::of(rows, limit, place, |row| row.public()))
}

pub(crate) async fn revoke(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    (organization, id): (OrganizationId, InvitationId),
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        tenant::permitted(txn, actor, Action::OrganizationChange, Some(organization)).await?;
        match sql::revoke(txn, organization, id).await? {
            true => Ok(()),
            false => Err(Error::not_found()),
        }
    })
    .await
}

/// What the holder of a token is invited to.
pub(crate) async fn look(app: &App, token: &Secret) -> Result<InvitationFor, Error> {
    let id = read(app, token)?;
    sql::good(&app.people, id)
        .await?
        .and_then(|row| row.shown())
        .ok_or_else(not_good)
}

/// Lets the actor in, once by each invitation. Who is in already in that role or a higher one stays so, and takes no use.
pub(crate) async fn accept(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    token: &Secret,
) -> Result<Organization, Error> {
    let id = read(app, token)?;
    once(app, actor, repeat, async |txn| {
        let organization = take(app, txn, id, actor.user).await?;
        let row =
            tenant::permitted(txn, actor, Action::OrganizationRead, Some(organization)).await?;
        row.public().ok_or_else(Error::not_found)
    })
    .await
}

/// The invitation that a token is the secret of.
pub(crate) fn read(app: &App, token: &Secret) -> Result<InvitationId, Error> {
    app.keys
        .read_link(Link::Invitation, token)
        .map(InvitationId::from_uuid)
        .ok_or_else(not_good)
}

/// Makes a person a member by an invitation, in their transaction.
pub(crate) async fn take(
    app: &App,
    txn: &DatabaseTransaction,
    id: InvitationId,
    user: UserId,
) -> Result<OrganizationId, Error> {
    let row = sql::good(txn, id).await?.ok_or_else(not_good)?;
    let (organization, role) = (row.organization(), row.role());
    let person = person::by_id(txn, user).await?.ok_or_else(not_good)?;
    if row
        .email
        .as_ref()
        .is_some_and(|email| *email != person.email)
    {
        return Err(Error::with_fix(
            Code::Forbidden,
            "This invitation is for another email address.",
            "Log in with the invited address, or ask for your own invitation.",
        ));
    }
    tenant::sql::lock(txn, organization).await?;
    let now = member::sql::find(txn, organization, user).await?;
    if now.is_some_and(|member| member.role() >= role) {
        return Ok(organization);
    }
    if role == Role::Owner {
        check_may_own(app, txn, user, Hears::Themselves).await?;
    }
    if !sql::take(txn, id, user).await? {
        return Err(not_good());
    }
    member::sql::put(txn, organization, user, role).await?;
    tenant::changed(txn, organization).await?;
    grants::changed(txn, &[user]).await?;
    Ok(organization)
}

/// The same for a token that never was, one that was taken, one that was taken back and one too old; and for who was let in by it
/// before.
fn not_good() -> Error {
    Error::with_fix(
        Code::NotFound,
        "This invitation is invalid or has expired.",
        "Ask the person who sent it for a new one.",
    )
}
