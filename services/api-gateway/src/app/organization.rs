//! Organizations and who is in them: make, rename, give away, leave, dissolve.

use api::{
    Page,
    organization::{ChangeMember, Member, NameOrganization, Organization, Transfer},
};
use domain::{Action, Code, OrganizationId, Role, UserId, WorkspaceId, limits};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    Error,
    authorize::{self, Actor},
    events,
    once::{Repeat, once},
};
use crate::{
    db::{self, organization::OrganizationRow},
    state::App,
};

pub(crate) async fn list(app: &App, actor: &Actor) -> Result<Page<Organization>, Error> {
    let rows = db::organization::list_for(&app.people, actor.user).await?;
    Ok(Page {
        items: rows
            .iter()
            .filter(|row| actor.reaches(Some(row.id)))
            .filter_map(OrganizationRow::public)
            .collect(),
        next_cursor: None,
    })
}

pub(crate) async fn get(
    app: &App,
    actor: &Actor,
    id: OrganizationId,
) -> Result<Organization, Error> {
    let row =
        authorize::organization(&app.people, actor, Action::OrganizationRead, Some(id)).await?;
    row.public().ok_or_else(Error::not_found)
}

/// A new one, with the actor as its owner and a default workspace.
pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    wanted: NameOrganization,
) -> Result<Organization, Error> {
    let name = title(&wanted.name)?;
    once(app, actor, repeat, async |txn| {
        let mine = db::organization::list_for(txn, actor.user).await?.len();
        if mine >= limits::ORGANIZATIONS_MAX {
            return Err(Error::with_fix(
                Code::QuotaExceeded,
                format!(
                    "You are in {mine} organizations; {} are allowed.",
                    limits::ORGANIZATIONS_MAX
                ),
                "Leave or delete one first.",
            ));
        }
        let id = OrganizationId::from_uuid(Uuid::now_v7());
        db::organization::insert(txn, id, name).await?;
        db::member::put(txn, id, actor.user, Role::Owner).await?;
        let workspace = WorkspaceId::from_uuid(Uuid::now_v7());
        db::workspace::insert(txn, workspace, id, "default").await?;
        events::access_changed(txn, &[actor.user]).await?;
        found(txn, actor, id).await
    })
    .await
}

pub(crate) async fn rename(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: OrganizationId,
    wanted: NameOrganization,
) -> Result<Organization, Error> {
    let name = title(&wanted.name)?;
    once(app, actor, repeat, async |txn| {
        authorize::organization(txn, actor, Action::OrganizationChange, Some(id)).await?;
        db::organization::rename(txn, id, name).await?;
        events::organization(txn, id).await?;
        found(txn, actor, id).await
    })
    .await
}

/// Ends an organization that holds no cluster any more.
pub(crate) async fn delete(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: OrganizationId,
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        let row = authorize::organization(txn, actor, Action::OrganizationOwn, Some(id)).await?;
        if row.personal {
            return Err(personal("deleted", "It goes with your account."));
        }
        db::organization::lock(txn, id).await?;
        let live = db::organization::live_clusters(txn, id).await?;
        if live > 0 {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("The organization {} has {live} clusters.", row.name),
                "Delete them first and wait until they are gone.",
            ));
        }
        let people = db::member::everyone(txn, id).await?;
        events::organization_left(txn, &people).await?;
        db::organization::dissolve(txn, id).await?;
        events::access_changed(txn, &people).await
    })
    .await
}

pub(crate) async fn members(
    app: &App,
    actor: &Actor,
    id: OrganizationId,
    after: Option<UserId>,
    limit: u64,
) -> Result<Page<Member>, Error> {
    authorize::organization(&app.people, actor, Action::OrganizationRead, Some(id)).await?;
    let rows = db::member::list(&app.people, id, after, limit + 1).await?;
    let mut items: Vec<Member> = rows.iter().filter_map(|row| row.public()).collect();
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = items
        .last()
        .filter(|_| more)
        .map(|member| member.user_id.to_string());
    Ok(Page { items, next_cursor })
}

/// Gives a member another role.
pub(crate) async fn change_member(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    (id, user): (OrganizationId, UserId),
    wanted: ChangeMember,
) -> Result<Member, Error> {
    once(app, actor, repeat, async |txn| {
        actor.trail.note(serde_json::json!({ "role": wanted.role }));
        place(txn, actor, id, user, Some(wanted.role)).await?;
        let member = db::member::find(txn, id, user).await?;
        member
            .and_then(|row| row.public())
            .ok_or_else(Error::not_found)
    })
    .await
}

/// Takes a member out; everyone may take themselves out.
pub(crate) async fn remove_member(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    (id, user): (OrganizationId, UserId),
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        place(txn, actor, id, user, None).await
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
        let row = authorize::organization(txn, actor, Action::OrganizationOwn, Some(id)).await?;
        if row.personal {
            return Err(personal(
                "given away",
                "Make another organization for what is shared.",
            ));
        }
        db::organization::lock(txn, id).await?;
        actor
            .trail
            .note(serde_json::json!({ "to": wanted.user_id }));
        if wanted.user_id != actor.user {
            if db::member::find(txn, id, wanted.user_id).await?.is_none() {
                return Err(Error::invalid(
                    "/user_id",
                    "not a member of this organization; invite them first",
                ));
            }
            db::member::put(txn, id, wanted.user_id, Role::Owner).await?;
            db::member::put(txn, id, actor.user, Role::Admin).await?;
            events::organization(txn, id).await?;
            events::access_changed(txn, &[wanted.user_id, actor.user]).await?;
        }
        found(txn, actor, id).await
    })
    .await
}

/// Moves a member to a role or out, one change of an organization at a time; there is always an owner.
async fn place(
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: OrganizationId,
    user: UserId,
    to: Option<Role>,
) -> Result<(), Error> {
    let leaves = user == actor.user && to.is_none();
    let action = if leaves {
        Action::OrganizationRead
    } else {
        Action::OrganizationChange
    };
    authorize::organization(txn, actor, action, Some(id)).await?;
    db::organization::lock(txn, id).await?;
    // Under the lock, as they now are: both may have changed since.
    let row = authorize::organization(txn, actor, action, Some(id)).await?;
    if row.personal {
        return Err(personal(
            "left or changed",
            "It is yours alone; make another organization for what is shared.",
        ));
    }
    let member = db::member::find(txn, id, user)
        .await?
        .ok_or_else(Error::not_found)?;
    let may = row
        .role()
        .is_some_and(|mine| mine.may_place(member.role(), to));
    if !leaves && !may {
        return Err(Error::with_fix(
            Code::Forbidden,
            "Only an owner makes or unmakes an owner.",
            "Ask an owner of the organization.",
        ));
    }
    let unmakes_owner = member.role() == Some(Role::Owner) && to != Some(Role::Owner);
    if unmakes_owner && db::member::owners(txn, id).await? < 2 {
        return Err(Error::with_fix(
            Code::WrongStatus,
            "An organization has at least one owner.",
            "Make somebody else an owner first, or delete the organization.",
        ));
    }
    match to {
        Some(role) => db::member::put(txn, id, user, role).await?,
        None => {
            db::member::remove(txn, id, user).await?;
            events::organization_left(txn, &[user]).await?;
        }
    }
    events::organization(txn, id).await?;
    events::access_changed(txn, &[user]).await
}

async fn found(
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: OrganizationId,
) -> Result<Organization, Error> {
    let row = authorize::organization(txn, actor, Action::OrganizationRead, Some(id)).await?;
    row.public().ok_or_else(Error::not_found)
}

fn title(name: &str) -> Result<&str, Error> {
    limits::check_title(name).map_err(|detail| Error::invalid("/name", detail))?;
    Ok(name.trim())
}

fn personal(what: &str, fix: &str) -> Error {
    Error::with_fix(
        Code::WrongStatus,
        format!("A personal organization cannot be {what}."),
        fix,
    )
}
