//! Who is in an organization, in which role, and what ends with a role.

pub(crate) mod http;
pub(crate) mod sql;

use api::{
    Page,
    organization::{ChangeMember, Member, Organization, Transfer},
};
use domain::{Action, Code, OrganizationId, Rights, Role, UserId};
use sea_orm::DatabaseTransaction;

use crate::{
    kernel::{
        actor::Actor,
        error::Error,
        grants,
        idempotency::{Repeat, once},
        page,
        state::App,
        tenant,
    },
    tenancy::{
        invitation,
        member::sql::MemberRow,
        organization::{self, Hears},
        share,
    },
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    id: OrganizationId,
    after: Option<UserId>,
    limit: u64,
) -> Result<Page<Member>, Error> {
    tenant::permitted(&app.people, actor, Action::OrganizationRead, Some(id)).await?;
    let rows = sql::list(&app.people, id, after, page::rows(limit)).await?;
    let place = |row: &MemberRow| row.id().to_string();
    Ok(page::of(rows, limit, place, |row| row.public()))
}

/// Gives a member another role.
pub(crate) async fn change(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    (id, user): (OrganizationId, UserId),
    wanted: ChangeMember,
) -> Result<Member, Error> {
    once(app, actor, repeat, async |txn| {
        actor.trail.note(serde_json::json!({ "role": wanted.role }));
        place(app, txn, actor, (id, user), Some(wanted.role)).await?;
        let member = sql::find(txn, id, user).await?;
        member
            .and_then(|row| row.public())
            .ok_or_else(Error::not_found)
    })
    .await
}

/// Takes a member out; everyone may take themselves out.
pub(crate) async fn remove(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    (id, user): (OrganizationId, UserId),
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        place(app, txn, actor, (id, user), None).await
    })
    .await
}

/// Makes another member the owner and the actor an admin.
pub(crate) async fn transfer(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: OrganizationId,
    wanted: Transfer,
) -> Result<Organization, Error> {
    once(app, actor, repeat, async |txn| {
        let row = tenant::permitted_locked(txn, actor, Action::OrganizationOwn, id).await?;
        if row.personal {
            return Err(organization::personal(
                "transferred",
                "Create another organization to share.",
            ));
        }
        actor
            .trail
            .note(serde_json::json!({ "to": wanted.user_id }));
        if wanted.user_id != actor.user {
            let to = sql::find(txn, id, wanted.user_id).await?;
            let to = to.ok_or_else(|| {
                let detail = "not a member of this organization; invite them first";
                Error::invalid("/user_id", detail)
            })?;
            check_service(&to, Some(Role::Owner), "/user_id")?;
            if to.role() != Role::Owner {
                // Both before one alone: people are locked in one order.
                grants::lock(txn, &[wanted.user_id, actor.user]).await?;
                organization::check_may_own(app, txn, wanted.user_id, Hears::Another).await?;
            }
            sql::put(txn, id, wanted.user_id, Role::Owner).await?;
            sql::put(txn, id, actor.user, Role::Admin).await?;
            withdraw(txn, id, actor.user, Some(Role::Admin)).await?;
            tenant::changed(txn, id).await?;
            grants::changed(txn, &[wanted.user_id, actor.user]).await?;
        }
        organization::found(txn, actor, id).await
    })
    .await
}

/// Moves a member to a role or out, one change of an organization at a time; there is always an owner.
async fn place(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    (id, user): (OrganizationId, UserId),
    to: Option<Role>,
) -> Result<(), Error> {
    let leaves = user == actor.user && to.is_none();
    let action = if leaves {
        Action::OrganizationRead
    } else {
        Action::OrganizationChange
    };
    let row = tenant::permitted_locked(txn, actor, action, id).await?;
    if row.personal {
        return Err(organization::personal(
            "left or changed",
            "Create another organization to share.",
        ));
    }
    let member = sql::find(txn, id, user)
        .await?
        .ok_or_else(Error::not_found)?;
    let may = row.role().may_place(Some(member.role()), to);
    if !leaves && !may {
        return Err(Error::with_fix(
            Code::Forbidden,
            "Only owners can add or remove owners.",
            "Ask an owner of the organization.",
        ));
    }
    check_service(&member, to, "/role")?;
    let owner = member.role() == Role::Owner && !member.service;
    let unmakes_owner = owner && to != Some(Role::Owner);
    if unmakes_owner && sql::owners(txn, id).await? < 2 {
        return Err(Error::with_fix(
            Code::WrongStatus,
            "An organization needs at least one owner.",
            "Transfer ownership first, or delete the organization.",
        ));
    }
    if to == Some(Role::Owner) && !owner {
        organization::check_may_own(app, txn, user, Hears::Another).await?;
    }
    match to {
        Some(role) => sql::put(txn, id, user, role).await?,
        None => {
            sql::remove(txn, id, user).await?;
            tenant::left(txn, &[user]).await?;
        }
    }
    withdraw(txn, id, user, to).await?;
    tenant::changed(txn, id).await?;
    grants::changed(txn, &[user]).await
}

/// Takes back what a person might no longer give: their invitations, the links of theirs that can still be
/// taken and what they gave to themselves, as far as their role allows it no more. Whoever leaves
/// loses what was shared with them here too. What others already came by stays.
async fn withdraw(
    txn: &DatabaseTransaction,
    id: OrganizationId,
    user: UserId,
    role: Option<Role>,
) -> Result<(), Error> {
    let may_invite = |wanted: &Role| {
        role.is_some_and(|mine| {
            Action::OrganizationChange.allowed_to(mine) && mine.may_place(None, Some(*wanted))
        })
    };
    let roles: Vec<Role> = Role::ALL.into_iter().filter(may_invite).collect();
    invitation::sql::withdraw(txn, id, user, &roles).await?;
    let shares = |made_it| {
        let rights = Rights {
            role,
            made_it,
            shares: Vec::new(),
        };
        rights.allow(Action::ClusterShare)
    };
    if !shares(false) {
        share::sql::withdraw(txn, id, user, shares(true)).await?;
    }
    if role.is_none() {
        share::sql::end_of(txn, id, user).await?;
    }
    Ok(())
}

/// A pipeline works in an organization and never governs it.
fn check_service(member: &MemberRow, to: Option<Role>, pointer: &str) -> Result<(), Error> {
    match member.service && to > Some(Role::Member) {
        true => Err(Error::invalid(
            pointer,
            "a pipeline's member can only be `viewer` or `member`",
        )),
        false => Ok(()),
    }
}
